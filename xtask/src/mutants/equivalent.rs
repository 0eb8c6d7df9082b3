//! Equivalent mutants, which no test can kill, each with the reason.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::list::Mutant;

/// An entry of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    file: String,
    /// The mutation and the function, as cargo-mutants prints them.
    mutation: String,
    /// The mutated line. Needed where several mutants have the same text.
    becomes: Option<String>,
    /// A text within a few lines of it. Needed where that matches several too.
    near: Option<String>,
    /// The reason why no test can kill it.
    pub reason: String,
}

impl Equivalent {
    fn is(&self, one: &Mutant) -> bool {
        let line = self.becomes.as_ref().is_none_or(|line| *line == one.becomes());
        let near = self.near.as_ref().is_none_or(|text| one.diff.contains(text));
        self.file == one.file && self.mutation == one.mutation() && line && near
    }
}

/// The whole list.
pub fn read(path: &Path) -> Result<Vec<Equivalent>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        #[serde(default)]
        equivalent: Vec<Equivalent>,
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let list: List = toml::from_str(&text)?;
    for one in &list.equivalent {
        ensure!(one.reason.len() > 20, "{}: {}: why is it so?", one.file, one.mutation);
    }
    Ok(list.equivalent)
}

/// The reasons by the current names of these mutants. Each entry must match exactly one of them.
pub fn among(list: &[Equivalent], all: &[Mutant]) -> Result<BTreeMap<String, String>> {
    let mut excused = BTreeMap::new();
    let mut wrong = Vec::new();
    for entry in list {
        let fits: Vec<_> = all.iter().filter(|one| entry.is(one)).collect();
        match *fits {
            [one] => _ = excused.insert(one.name.clone(), entry.reason.clone()),
            [] => {
                wrong.push(format!("{}: {}: there is no such mutant", entry.file, entry.mutation))
            }
            _ => {
                let lines = fits.iter().map(|one| format!("\n    becomes = '{}'", one.becomes()));
                let lines: String = lines.collect();
                wrong.push(format!("{}: {}: which?{lines}", entry.file, entry.mutation));
            }
        }
    }
    ensure!(
        wrong.is_empty(),
        "Entries of tests/mutants/equivalent.toml that are not about one mutant:\n  {}",
        wrong.join("\n  ")
    );
    Ok(excused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mutation: &str, becomes: Option<&str>) -> Equivalent {
        Equivalent {
            file: "a.rs".to_owned(),
            mutation: mutation.to_owned(),
            becomes: becomes.map(str::to_owned),
            near: None,
            reason: "no test can fail".to_owned(),
        }
    }

    #[test]
    fn equivalent_mutant_entry_matches_exactly_one_mutant() {
        let all = [
            Mutant::named("a", "a.rs:3:7: replace && with || in f"),
            Mutant::named("a", "a.rs:4:7: replace f -> bool with true"),
        ];
        let excused =
            among(&[entry("replace && with || in f", Some("a || b && c"))], &all).unwrap();
        assert_eq!(excused.keys().collect::<Vec<_>>(), ["a.rs:3:7: replace && with || in f"]);
        let gone = [
            entry("replace && with || in g", None),
            entry("replace f -> bool with true", Some("x")),
        ];
        for one in gone {
            assert!(among(&[one], &all).unwrap_err().to_string().contains("no such mutant"));
        }
        let beside = |near: &str| {
            let near = Some(near.to_owned());
            among(&[Equivalent { near, ..entry("replace && with || in f", None) }], &all)
        };
        assert!(beside("old").is_ok() && beside("new").is_err());
        let twice = [all[0].clone(), all[0].clone()];
        let why = among(&[entry("replace && with || in f", None)], &twice).unwrap_err();
        assert!(why.to_string().contains("which?"));
    }

    #[test]
    fn equivalent_mutants_list_gives_reasons() {
        read(&crate::steps::root().join("tests/mutants/equivalent.toml")).unwrap();
    }
}
