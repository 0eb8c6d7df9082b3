//! The lists of mutants that are written by hand, with the tests that must fail.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use anyhow::{Context, Error, Result, ensure};
use serde::Deserialize;

use crate::requirements::markers::Marked;

/// A mutant that is written by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// The behaviour of the mutant, in a sentence.
    pub description: String,
    /// The file that is mutated, relative to the checkout.
    pub file: String,
    /// The text that is replaced, which occurs exactly once.
    original: String,
    /// The text that replaces it.
    replacement: String,
    /// The tests that must fail, every one of them.
    #[serde(default)]
    pub killed_by: Vec<Test>,
    /// The requirement of whose marked tests one must fail. An alternative to `killed_by`.
    pub requirement: Option<String>,
    /// Whether the tests start the application, which is then rebuilt.
    #[serde(default)]
    pub application: bool,
}

/// A test in the format `package: name`, or `package/target: name` where it has a target of its own.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Test {
    pub package: String,
    pub target: Option<String>,
    pub name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

/// Reads every list in the folder. `killed_by` contains the marked tests of an entry with a requirement.
///
/// # Errors
/// When a list is malformed, or an entry names both a requirement and tests, neither, or one without a test.
pub fn read(folder: &Path, marked: &Marked) -> Result<Vec<Mutant>> {
    let mut files = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let named = || format!("{} is not as it should be", file.display());
        let list: List = toml::from_str(&fs::read_to_string(&file)?).with_context(named)?;
        all.extend(list.mutant);
    }
    all.iter_mut().try_for_each(|one| one.find_tests(marked))?;
    Ok(all)
}

impl Mutant {
    fn find_tests(&mut self, marked: &Marked) -> Result<()> {
        let is_one = self.killed_by.is_empty() == self.requirement.is_some();
        ensure!(is_one, "{}: it needs either `killed_by` or `requirement`", self.description);
        let Some(id) = &self.requirement else { return Ok(()) };
        // Only Rust tests are run here.
        let tests = marked.get(id).into_iter().flatten().filter(|test| !test.starts_with("ui: "));
        let tests = tests.map(|test| Test::try_from(test.clone()).map_err(Error::msg));
        self.killed_by = tests.collect::<Result<_>>()?;
        ensure!(!self.killed_by.is_empty(), "{}: no test is marked with {id}", self.description);
        Ok(())
    }

    /// A line for each test that did not fail and should have.
    pub fn survived(&self, failed: &BTreeSet<&Test>) -> Vec<String> {
        match &self.requirement {
            Some(_) if self.killed_by.iter().any(|test| failed.contains(test)) => Vec::new(),
            Some(id) => vec![format!("{}: a test of {id}", self.description)],
            None => {
                let left = self.killed_by.iter().filter(|test| !failed.contains(test));
                left.map(|test| format!("{}: {test}", self.description)).collect()
            }
        }
    }

    /// The file's text with the mutant.
    ///
    /// # Errors
    /// When the original does not occur exactly once, or the replacement is equal.
    pub fn applied_to(&self, text: &str) -> Result<String> {
        let found = text.matches(&self.original).count();
        ensure!(found == 1, "{}: in {} it occurs {found} times", self.description, self.file);
        ensure!(self.original != self.replacement, "{}: nothing is replaced", self.description);
        Ok(text.replacen(&self.original, &self.replacement, 1))
    }

    /// Whether the sentence, the file, the requirement or a test contains this word.
    pub fn mentions(&self, word: &str) -> bool {
        self.description.contains(word)
            || self.requirement.as_deref() == Some(word)
            || self.file.contains(word)
            || self.killed_by.iter().any(|test| test.to_string().contains(word))
    }

    /// Whether one of the tests needs a desktop.
    pub fn needs_desktop(&self) -> bool {
        self.killed_by.iter().any(|test| test.package == "latchkey-tests")
    }
}

impl TryFrom<String> for Test {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not `package: test` or `package/target: test`");
        let (place, name) = text.split_once(": ").ok_or_else(wrong)?;
        let (package, target) = match place.split_once('/') {
            Some((package, target)) => (package, Some(target.to_owned())),
            None => (place, None),
        };
        Ok(Self { package: package.to_owned(), target, name: name.to_owned() })
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { package, target, name } = self;
        match target {
            Some(target) => write!(f, "{package}/{target}: {name}"),
            None => write!(f, "{package}: {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(original: &str, replacement: &str) -> Mutant {
        let test = Test::try_from("a/b: c::d".to_owned()).unwrap();
        Mutant {
            description: "It is accepted".to_owned(),
            file: "door.rs".to_owned(),
            original: original.to_owned(),
            replacement: replacement.to_owned(),
            killed_by: vec![test],
            requirement: None,
            application: false,
        }
    }

    #[test]
    fn mutant_original_must_occur_exactly_once() {
        assert_eq!(mutant("locked", "open").applied_to("a locked door").unwrap(), "a open door");
        for (original, text) in [("locked", "a door"), ("o", "door, o door")] {
            assert!(mutant(original, "").applied_to(text).is_err(), "{text}");
        }
        assert!(mutant("locked", "locked").applied_to("locked").is_err());
    }

    #[test]
    fn mutant_names_either_tests_or_a_requirement() {
        let tests = ["a: two", "ui: tests/x.test.ts > y", "a: one"].map(str::to_owned);
        let marked = Marked::from([("B5".to_owned(), tests.into())]);
        let of = |requirement: Option<&str>, red: &[&str]| {
            let red = red.iter().map(|test| Test::try_from((*test).to_owned()).unwrap());
            let requirement = requirement.map(str::to_owned);
            let mut one =
                Mutant { requirement, killed_by: red.collect(), ..mutant("locked", "open") };
            one.find_tests(&marked).map(|()| one)
        };
        let found = of(Some("B5"), &[]).unwrap().killed_by;
        assert_eq!(found.iter().map(Test::to_string).collect::<Vec<_>>(), ["a: one", "a: two"]);
        assert_eq!(of(None, &["a: one"]).unwrap().killed_by.len(), 1);
        assert!(of(None, &[]).is_err());
        assert!(of(Some("B5"), &["a: one"]).is_err());
        assert!(of(Some("B6"), &[]).is_err());
    }

    #[test]
    fn mutant_of_a_requirement_is_killed_by_one_test() {
        let [one, two] = ["a: one", "a: two"].map(|test| Test::try_from(test.to_owned()).unwrap());
        let killers = || ["a: one", "a: two"].map(|test| Test::try_from(test.to_owned()).unwrap());
        let named = Mutant { killed_by: killers().into(), ..mutant("locked", "open") };
        let marked = Mutant {
            killed_by: killers().into(),
            requirement: Some("B5".to_owned()),
            ..mutant("locked", "open")
        };
        let count =
            |of: &Mutant, failed: &[&Test]| of.survived(&failed.iter().copied().collect()).len();
        assert_eq!((count(&named, &[]), count(&marked, &[])), (2, 1));
        assert_eq!((count(&named, &[&one]), count(&marked, &[&one])), (1, 0));
        assert_eq!((count(&named, &[&one, &two]), count(&marked, &[&two])), (0, 0));
    }

    #[test]
    fn mutant_test_name_must_include_its_package() {
        for text in ["a: b", "a/b: c::d"] {
            assert_eq!(Test::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        assert!(Test::try_from("a::b".to_owned()).is_err());
    }
}
