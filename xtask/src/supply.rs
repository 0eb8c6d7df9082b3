//! `cargo xtask test supply`: checks of the dependencies.
//!
//! Checks that need neither network nor tools are in `tests/supply_chain/` and run with all other tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{
    setup::{cargo_deny, zizmor},
    steps::{cargo, npm, program, root, step},
};

/// Runs every check. One that is not possible here is reported and left out.
pub fn run() -> Result<()> {
    let deny = cargo_deny()?;
    let deny = |arguments| program(&deny, arguments);
    // The dependencies of all platforms are checked, not only those of this one.
    step("Fetching the sources of all platforms", &mut cargo(&["fetch", "--locked", "--quiet"]))?;
    // An unused exception is an error; deny.toml configures that for the other kinds.
    let unused = ["--deny", "unmatched-skip", "--deny", "unnecessary-skip"];
    if step("Fetching the advisories", &mut deny(&["fetch", "db"])).is_ok() {
        let mut all = deny(&["--offline", "check"]);
        step("Advisories, bans, licences, sources", all.args(unused))?;
    } else {
        println!("Advisories are left out, as they cannot be fetched. The rest is checked.");
        let mut rest = deny(&["--offline", "check"]);
        rest.args(unused).args(["bans", "licenses", "sources"]);
        step("Bans, licences, sources", &mut rest)?;
    }
    advisories_about("ui")?;
    advisories_about("tests/second_provider")?;
    workflows()
}

/// Runs `npm audit`. Its exit code is 1 both for findings and without a response of the registry; only in the latter
/// case its JSON has no summary.
fn advisories_about(folder: &str) -> Result<()> {
    println!("\n» Advisories about the packages in {folder}");
    let audit = |more: &[&str]| {
        let mut audit = npm(&["audit", "--package-lock-only"]);
        audit.args(more).current_dir(root().join(folder));
        audit
    };
    let output = audit(&["--json"]).output();
    let output = output.context("npm could not be started")?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    match report.pointer("/metadata/vulnerabilities/total").and_then(serde_json::Value::as_u64) {
        Some(0) => println!("  none"),
        Some(number) => {
            let _ = audit(&[]).status();
            anyhow::bail!("There are {number} advisories about the packages in {folder}.");
        }
        None => println!("  Left out: this registry returns no advisories."),
    }
    Ok(())
}

fn workflows() -> Result<()> {
    match zizmor()? {
        Some(zizmor) => step("Workflows", &mut zizmor_command(&zizmor)),
        None => {
            println!(
                "\n» Workflows: left out. Their checker is a Python package, and there is no Python here that can install one."
            );
            Ok(())
        }
    }
}

fn zizmor_command(zizmor: &PathBuf) -> std::process::Command {
    program(zizmor, &["--offline", "--persona", "pedantic", "--no-progress", "--quiet", "."])
}
