//! What to weaken, and who is to notice.

use std::{fmt, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A check that is weakened.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weakened {
    /// What the program then does, in a sentence.
    pub says: String,
    /// Where the check is, from the checkout.
    pub file: String,
    /// The check. It stands there once.
    is: String,
    /// What is there instead.
    becomes: String,
    /// The tests that must fail.
    pub red: Vec<Test>,
    /// Whether they start the application itself, which is then built anew.
    #[serde(default)]
    pub application: bool,
}

/// A test, written `package: name`, or `package/target: name` where it is in a program of its own.
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
    weakened: Vec<Weakened>,
}

/// Reads every list in the folder.
///
/// # Errors
/// When one of them is no list.
pub fn read(folder: &Path) -> Result<Vec<Weakened>> {
    let mut files = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let named = || format!("{} is not as it should be", file.display());
        let list: List = toml::from_str(&fs::read_to_string(&file)?).with_context(named)?;
        all.extend(list.weakened);
    }
    Ok(all)
}

impl Weakened {
    /// The file's text, weakened.
    ///
    /// # Errors
    /// When the check is not there, or not once, or nothing is weakened.
    pub fn applied_to(&self, text: &str) -> Result<String> {
        let found = text.matches(&self.is).count();
        ensure!(found == 1, "{}: in {} it stands {found} times", self.says, self.file);
        ensure!(self.is != self.becomes, "{}: nothing is weakened", self.says);
        ensure!(!self.red.is_empty(), "{}: nobody is to notice", self.says);
        Ok(text.replacen(&self.is, &self.becomes, 1))
    }

    /// Whether the sentence, the file or a test has this in it.
    pub fn speaks_of(&self, word: &str) -> bool {
        self.says.contains(word)
            || self.file.contains(word)
            || self.red.iter().any(|test| test.to_string().contains(word))
    }

    /// Whether a test is to notice that needs a desktop.
    pub fn needs_desktop(&self) -> bool {
        self.red.iter().any(|test| test.package == "latchkey-tests")
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

    fn weakened(is: &str, becomes: &str) -> Weakened {
        let test = Test::try_from("a/b: c::d".to_owned()).unwrap();
        Weakened {
            says: "It is let in".to_owned(),
            file: "door.rs".to_owned(),
            is: is.to_owned(),
            becomes: becomes.to_owned(),
            red: vec![test],
            application: false,
        }
    }

    #[test]
    fn weakened_check_must_occur_exactly_once() {
        assert_eq!(weakened("locked", "open").applied_to("a locked door").unwrap(), "a open door");
        for (is, text) in [("locked", "a door"), ("o", "door, o door")] {
            assert!(weakened(is, "").applied_to(text).is_err(), "{text}");
        }
        assert!(weakened("locked", "locked").applied_to("locked").is_err());
    }

    #[test]
    fn weakened_test_name_must_include_its_package() {
        for text in ["a: b", "a/b: c::d"] {
            assert_eq!(Test::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        assert!(Test::try_from("a::b".to_owned()).is_err());
    }
}
