//! The report at the end of a run.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Result, bail};
use serde_json::json;

use super::{Verdict, list::Mutant};

#[derive(Debug, Default)]
pub struct Report {
    /// By package: the number of tested and of killed mutants.
    packages: BTreeMap<String, (usize, usize)>,
    caught: usize,
    /// Mutants that survived, each with an instruction.
    survived: Vec<(String, String)>,
    equivalent: Vec<String>,
    /// Entries of the list that a test kills.
    noticed: Vec<String>,
    timeouts: Vec<String>,
    unviable: Vec<String>,
    open: usize,
    seed: u64,
    seconds: u64,
}

impl Report {
    pub fn new<'a>(
        verdicts: impl Iterator<Item = (&'a Mutant, Verdict)>,
        excused: &BTreeMap<String, String>,
        seed: u64,
        took: Duration,
    ) -> Self {
        let mut report = Self { seed, seconds: took.as_secs(), ..Self::default() };
        for (one, verdict) in verdicts {
            let name = one.name.clone();
            let is_excused = excused.contains_key(&name);
            let mut noticed = false;
            match verdict {
                Verdict::Open(_) => report.open += 1,
                Verdict::Unviable => report.unviable.push(name.clone()),
                Verdict::Survived if is_excused => report.equivalent.push(name.clone()),
                Verdict::Survived => report.survived.push((name.clone(), what_to_do(one))),
                Verdict::Caught => noticed = true,
                Verdict::Timeout => {
                    report.timeouts.push(name.clone());
                    noticed = true;
                }
            }
            report.caught += usize::from(noticed);
            // On a busy computer, tests may reach their timeout without the mutant as the cause.
            if verdict == Verdict::Caught && is_excused {
                report.noticed.push(name);
            }
            if !matches!(verdict, Verdict::Open(_) | Verdict::Unviable) {
                let (tried, caught) = report.packages.entry(one.package.clone()).or_default();
                (*tried, *caught) = (*tried + 1, *caught + usize::from(noticed));
            }
        }
        report
    }

    fn tried(&self) -> usize {
        self.packages.values().map(|(tried, _)| tried).sum()
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let packages = self.packages.iter().map(|(package, (tried, caught))| {
            (package.clone(), json!({ "tried": tried, "caught": caught }))
        });
        let survivors: Vec<_> = self.survived.iter().map(|(name, _)| name).collect();
        let report = json!({
            "tried": self.tried(),
            "caught": self.caught,
            "survived": self.survived.len(),
            "equivalent": self.equivalent.len(),
            "open": self.open,
            "seed": self.seed,
            "seconds": self.seconds,
            "packages": packages.collect::<serde_json::Map<_, _>>(),
            "survivors": survivors,
            "equivalents": self.equivalent,
            "timeouts": self.timeouts,
            "unviable": self.unviable,
        });
        Ok(fs::write(path, format!("{report:#}\n"))?)
    }

    /// Fails if a mutant survived that is not listed as equivalent.
    pub fn check(&self) -> Result<()> {
        println!(
            "\n{} mutants tried in {} s: {} caught ({} by coming to no end), {} equivalent, {} survived. {} cannot be compiled, {} are left.",
            self.tried(),
            self.seconds,
            self.caught,
            self.timeouts.len(),
            self.equivalent.len(),
            self.survived.len(),
            self.unviable.len(),
            self.open
        );
        for (package, (tried, caught)) in &self.packages {
            println!("  {package}: {caught} of {tried}");
        }
        if !self.survived.is_empty() {
            let each: Vec<_> = self.survived.iter().map(|(_, what)| &**what).collect();
            bail!(
                "No test fails with these changes. For each, write a test that fails with it; or, if no test can ever distinguish them, put it into tests/mutants/equivalent.toml with the reason:\n\n{}",
                each.join("\n")
            );
        }
        if !self.noticed.is_empty() {
            bail!(
                "tests/mutants/equivalent.toml lists these, and a test fails with them. Remove them from the list:\n  {}",
                self.noticed.join("\n  ")
            );
        }
        Ok(())
    }
}

/// The mutant's position and description, in the format of an entry of the list.
fn what_to_do(one: &Mutant) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    format!(
        "# alone: cargo xtask mutants {}\n[[equivalent]]\nfile = {}\nmutation = {}\nbecomes = {}\nreason = \"\"\n",
        one.place(),
        quoted(&one.file),
        quoted(one.mutation()),
        quoted(&one.becomes())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_report_fails_on_survivors_and_stale_entries() {
        let names = ["a.rs:1:1: caught", "a.rs:2:1: excused", "a.rs:3:1: survived"];
        let mutants = names.map(|name| Mutant::named("a", name));
        let excused = BTreeMap::from([(names[1].to_owned(), "no test can fail".to_owned())]);
        let report = |verdicts: [Verdict; 3]| {
            Report::new(mutants.iter().zip(verdicts), &excused, 7, Duration::ZERO)
        };
        let bad = report([Verdict::Caught, Verdict::Survived, Verdict::Survived]);
        assert_eq!((bad.tried(), bad.caught, bad.equivalent.len()), (3, 1, 1));
        let why = bad.check().unwrap_err().to_string();
        assert!(
            why.contains("mutants a.rs:3:1\n") && why.contains("mutation = \"survived\""),
            "{why}"
        );
        let good = report([Verdict::Timeout, Verdict::Survived, Verdict::Open("own")]);
        assert_eq!((good.tried(), good.caught, good.open), (2, 1, 1));
        good.check().unwrap();
        let stale = report([Verdict::Unviable, Verdict::Caught, Verdict::Caught]);
        assert_eq!(stale.unviable, [names[0]]);
        assert!(stale.check().unwrap_err().to_string().contains("Remove them"));
    }
}
