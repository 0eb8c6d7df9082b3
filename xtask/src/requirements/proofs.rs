//! The existing tests, as the built test programs list them, so that only tests count that are run.

use std::{collections::BTreeSet, process::Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    steps::{cargo, npm, program, stdout_of},
    test::{WITH_DESKTOP, WITHOUT_DESKTOP},
};

/// Names of tests, each as `package: test`, `package/target: test` or `ui: file > test`.
pub struct Proofs {
    run: BTreeSet<String>,
    ignored: BTreeSet<String>,
}

impl Proofs {
    /// Builds the tests if necessary, and lists them.
    ///
    /// # Errors
    /// When they cannot be built, or do not list their tests.
    pub fn gather() -> Result<Self> {
        let mut proofs = Self { run: BTreeSet::new(), ignored: BTreeSet::new() };
        // With the arguments of a test run, so that nothing is built twice.
        let mut programs = test_programs(WITHOUT_DESKTOP)?;
        programs.extend(test_programs(WITH_DESKTOP)?);
        for (place, executable) in programs {
            let named = |arguments: &[&str]| -> Result<BTreeSet<String>> {
                let list = stdout_of(&mut program(&executable, arguments))
                    .with_context(|| format!("{executable} does not list its tests"))?;
                let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
                Ok(tests.map(|test| format!("{place}: {test}")).collect())
            };
            let ignored = named(&["--list", "--ignored"])?;
            proofs.run.extend(named(&["--list"])?.difference(&ignored).cloned());
            proofs.ignored.extend(ignored);
        }
        proofs.run.extend(tests_of_the_window()?);
        Ok(proofs)
    }

    /// Why this test is no proof; none if it is one.
    pub fn fault(&self, test: &str) -> Option<String> {
        if self.run.contains(test) {
            None
        } else if self.ignored.contains(test) {
            Some(format!("`{test}` is not run"))
        } else {
            Some(format!("there is no `{test}`"))
        }
    }

    #[cfg(test)]
    pub fn of(run: &[&str], ignored: &[&str]) -> Self {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self { run: set(run), ignored: set(ignored) }
    }
}

/// The test programs, each with its package and the name of its target, unless that is the package's own.
fn test_programs(packages: &[&str]) -> Result<Vec<(String, String)>> {
    let mut build = cargo(&["test", "--no-run", "--locked", "--quiet", "--message-format=json"]);
    let output = build.args(packages).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the tests cannot be built");
    let messages = output.stdout.split(|byte| *byte == b'\n');
    Ok(messages
        .filter_map(|line| serde_json::from_slice(line).ok())
        .filter_map(|one| test_program(&one))
        .collect())
}

fn test_program(message: &Value) -> Option<(String, String)> {
    let executable = message.get("executable")?.as_str()?;
    if message.pointer("/profile/test")? != &Value::Bool(true) {
        return None;
    }
    let package = package(message.get("package_id")?.as_str()?)?;
    let target = message.pointer("/target/name")?.as_str()?;
    let is_own = message.pointer("/target/kind/0")?.as_str()? != "test";
    let place = if is_own { package.to_owned() } else { format!("{package}/{target}") };
    Some((place, executable.to_owned()))
}

/// The package name of an id that ends with `folder#version`, or `#name@version` where folder and name differ.
fn package(id: &str) -> Option<&str> {
    let (path, version) = id.rsplit_once('#')?;
    version.split_once('@').map(|(name, _)| name).or_else(|| path.rsplit('/').next())
}

fn tests_of_the_window() -> Result<BTreeSet<String>> {
    let list = stdout_of(&mut npm(&["exec", "--", "vitest", "list"]))
        .context("the window's tests cannot be listed")?;
    Ok(list.lines().map(|line| format!("ui: {line}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_program_is_named_by_package_and_target() {
        let message = |id: &str, kind: &str, test: bool| {
            serde_json::json!({
                "package_id": id, "executable": "x", "profile": {"test": test},
                "target": {"name": "session", "kind": [kind]},
            })
        };
        let place = |id, kind, test| test_program(&message(id, kind, test)).map(|(place, _)| place);
        let named = "path+file:///checkout/tests#latchkey-tests@0.1.0";
        let unnamed = "path+file:///checkout/crates/scalekit-auth#0.1.0";
        assert_eq!(place(named, "test", true).unwrap(), "latchkey-tests/session");
        assert_eq!(place(unnamed, "lib", true).unwrap(), "scalekit-auth");
        assert_eq!(place(unnamed, "lib", false), None);
    }
}
