//! `cargo xtask test supply`: what this is built on.
//!
//! What needs neither network nor tools is in `tests/supply_chain/` and runs with all other tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{
    setup::{cargo_deny, zizmor},
    steps::{cargo, npm, program, root, step},
};

/// Runs every check. One that cannot be made here says so and is left out.
pub fn run() -> Result<()> {
    let deny = cargo_deny()?;
    let deny = |arguments| program(&deny, arguments);
    // It looks at what every platform is built with, this one and the others.
    step("Fetching the sources of all platforms", &mut cargo(&["fetch", "--locked", "--quiet"]))?;
    // An exception that nothing needs any more is an error; deny.toml says so of the other kinds.
    let unused = ["--deny", "unmatched-skip", "--deny", "unnecessary-skip"];
    if step("Fetching the advisories", &mut deny(&["fetch", "db"])).is_ok() {
        let mut all = deny(&["--offline", "check"]);
        step("Advisories, bans, licences, sources", all.args(unused))?;
    } else {
        println!("Nothing is known of advisories, as they cannot be fetched. The rest is checked.");
        let mut rest = deny(&["--offline", "check"]);
        rest.args(unused).args(["bans", "licenses", "sources"]);
        step("Bans, licences, sources", &mut rest)?;
    }
    advisories_about("ui")?;
    advisories_about("tests/second_provider")?;
    workflows()
}

/// npm ends with 1 both when it finds something and when nobody answers; only then it prints JSON
/// without a summary.
fn advisories_about(folder: &str) -> Result<()> {
    println!("\n» Advisories about the packages in {folder}");
    let audit = |more: &[&str]| {
        let mut audit = npm(&["audit", "--package-lock-only"]);
        audit.args(more).current_dir(root().join(folder));
        audit
    };
    let output = audit(&["--json"]).output();
    let output = output.context("npm could not be started")?;
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    match said.pointer("/metadata/vulnerabilities/total").and_then(serde_json::Value::as_u64) {
        Some(0) => println!("  none"),
        Some(number) => {
            let _ = audit(&[]).status();
            anyhow::bail!("There are {number} advisories about the packages in {folder}.");
        }
        None => println!("  Left out: this registry does not tell."),
    }
    Ok(())
}

fn workflows() -> Result<()> {
    match zizmor()? {
        Some(zizmor) => step("Workflows", &mut look_at_workflows(&zizmor)),
        None => {
            println!(
                "\n» Workflows: left out. What looks at them is a Python package, and there is no Python here that can install one."
            );
            Ok(())
        }
    }
}

fn look_at_workflows(zizmor: &PathBuf) -> std::process::Command {
    program(zizmor, &["--offline", "--persona", "pedantic", "--no-progress", "--quiet", "."])
}
