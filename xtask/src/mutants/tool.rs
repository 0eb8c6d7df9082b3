//! Runs cargo-mutants in the copy.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use serde::Deserialize;

use super::{
    list::Mutant,
    results::Outcome,
    stages::{PACKAGES, Stage},
};
use crate::{
    steps::{cargo, step, target},
    written_mutants::copy::Copy,
};

pub struct Tool {
    program: PathBuf,
    copy: Copy,
    /// The tool's output directory.
    work: PathBuf,
    /// The lock of the copy. Child processes inherit the file and with it the lock: no other run changes the copy
    /// before the last of them has ended.
    alone: File,
}

impl Tool {
    pub fn new(program: PathBuf, copy: Copy, work: PathBuf, alone: File) -> Self {
        Self { program, copy, work, alone }
    }

    /// The copy of the checkout.
    pub fn tree(&self) -> PathBuf {
        self.copy.tree()
    }

    /// All mutants, or those in the lines that this file in the format of `git diff` adds.
    pub fn list(&self, in_diff: Option<&Path>) -> Result<Vec<Mutant>> {
        let mut list = self.mutants();
        list.args(["--list", "--json"]);
        if let Some(diff) = in_diff {
            list.arg("--in-diff").arg(std::path::absolute(diff)?);
        }
        let output = list.stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "cargo-mutants does not list its mutants.");
        // The tool prints nothing when the lines have no mutants.
        let none = output.stdout.trim_ascii().is_empty();
        if none { Ok(Vec::new()) } else { Ok(serde_json::from_slice(&output.stdout)?) }
    }

    /// Runs the tests of this stage without a mutant: they must pass.
    pub fn unchanged(&self, stage: &Stage) -> Result<()> {
        let mut tests = cargo(&["test", "--quiet", "--locked"]);
        tests.args(SETTINGS.iter().flat_map(|setting| ["--config", setting]));
        tests.args(stage.packages.iter().flat_map(|package| ["--package", package]));
        tests.args(stage.targets).arg("--").args(stage.filter());
        tests.current_dir(self.tree()).stdout(Stdio::null());
        surroundings(&mut tests);
        step(&format!("The tests as they are: {}", stage.name), &mut tests)
    }

    /// Tests these mutants, and reports each outcome as soon as it is available.
    pub fn run(
        &self,
        stage: &Stage,
        some: &[&Mutant],
        mut report: impl FnMut(&str, Outcome) -> Result<()>,
    ) -> Result<()> {
        fs::create_dir_all(&self.work)?;
        let outcomes = self.work.join("mutants.out/outcomes.json");
        let _ = fs::remove_file(&outcomes);
        let mut process = self.command(stage, some)?.spawn()?;
        let mut reported = BTreeSet::new();
        loop {
            // Before the file is read, so that the last outcomes are read too.
            let ended = process.try_wait()?;
            for (name, outcome) in read(&outcomes) {
                if reported.insert(name.clone()) {
                    report(&name, outcome)?;
                }
            }
            match ended.map(|status| status.code()) {
                None => thread::sleep(Duration::from_millis(200)),
                // All killed, some survived, some timed out.
                Some(Some(0 | 2 | 3)) => return Ok(()),
                Some(_) => bail!("cargo-mutants did not come to its end."),
            }
        }
    }

    fn command(&self, stage: &Stage, some: &[&Mutant]) -> Result<Command> {
        let mut command = self.mutants();
        let longest = stage.longest.to_string();
        command.args(["--in-place", "--baseline", "skip", "--timeout", &longest]);
        command.arg("--output").arg(&self.work);
        let files: BTreeSet<_> = some.iter().map(|one| &*one.file).collect();
        command.args(files.into_iter().flat_map(|file| ["--file", file]));
        for one in some {
            command.arg("--re").arg(format!("^{}$", escaped(&one.name)));
        }
        for package in stage.packages {
            command.args(["--test-package", package]);
        }
        let settings = SETTINGS.iter().map(|setting| format!("--config={setting}"));
        for word in settings.chain(["--locked".to_owned()]) {
            command.arg(format!("--cargo-arg={word}"));
        }
        for word in stage.targets {
            command.arg(format!("--cargo-arg={word}"));
        }
        command.args(["--", "--"]).args(stage.filter()).stdout(Stdio::null());
        command.stdin(self.alone.try_clone()?);
        Ok(command)
    }

    fn mutants(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["mutants", "--colors", "never"]).current_dir(self.tree());
        command.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
        surroundings(&mut command);
        command
    }
}

/// Cargo settings that no other build uses, for the mutated packages and so for all that depend on them: a mutant's
/// build must never be taken for the real one, beside which it is stored.
const SETTINGS: &[&str] = &[
    "profile.dev.package.scalekit-auth.codegen-units=127",
    "profile.dev.package.scalekit-auth-native.codegen-units=127",
];

/// Sets the environment. The target folder is that of the checkout, where the dependencies are built already.
fn surroundings(command: &mut Command) {
    let target = std::path::absolute(target()).unwrap_or_else(|_| target());
    command
        .env("CARGO_TARGET_DIR", target)
        // No debug information: every mutant is built again.
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("CARGO_INCREMENTAL", "1")
        .env("RUST_BACKTRACE", "0");
}

/// The outcomes so far. The file may be incomplete while it is being written.
fn read(outcomes: &Path) -> Vec<(String, Outcome)> {
    let text = fs::read(outcomes).unwrap_or_default();
    let outcomes: Outcomes = serde_json::from_slice(&text).unwrap_or_default();
    let known = outcomes.outcomes.into_iter().filter_map(|one| {
        let outcome = match &*one.summary {
            "CaughtMutant" => Outcome::Caught,
            "MissedMutant" => Outcome::Missed,
            "Timeout" => Outcome::Timeout,
            "Unviable" => Outcome::Unviable,
            _ => return None,
        };
        Some((one.scenario.mutant?.name, outcome))
    });
    known.collect()
}

#[derive(Default, Deserialize)]
struct Outcomes {
    outcomes: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    scenario: Scenario,
    summary: String,
}

#[derive(Deserialize)]
struct Scenario {
    #[serde(rename = "Mutant")]
    mutant: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A regular expression for exactly this text.
fn escaped(text: &str) -> String {
    // No other characters are escaped: `\<` would match the beginning of a word.
    let is_special = |c| r"\.+*?()|[]{}^$#&-~".contains(c);
    let escape = |c| if is_special(c) { format!("\\{c}") } else { String::from(c) };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutant_outcomes_of_a_truncated_file_are_empty() {
        let path = target().join("mutants-outcomes-of-a-test.json");
        let text = r#"{"outcomes": [
            {"scenario": {"Mutant": {"name": "a"}}, "summary": "CaughtMutant", "more": 1},
            {"scenario": {"Mutant": {"name": "b"}}, "summary": "MissedMutant"}
        ], "missed": 1}"#;
        fs::write(&path, text).unwrap();
        let expected = [("a".to_owned(), Outcome::Caught), ("b".to_owned(), Outcome::Missed)];
        assert_eq!(read(&path), expected);
        fs::write(&path, &text[..70]).unwrap();
        assert!(read(&path).is_empty());
        fs::remove_file(&path).unwrap();
        assert!(read(&path).is_empty());
    }

    #[test]
    fn mutant_name_is_escaped_for_a_regex() {
        assert_eq!(escaped("a.rs:1: f -> (x) | *"), r"a\.rs:1: f \-> \(x\) \| \*");
    }
}
