//! `cargo xtask weaken`: every check is weakened once, in a copy, and its tests must notice.
//!
//! A test that never failed proves nothing. The lists in `tests/weakened` say what to weaken, one check at a
//! time, and which tests are to turn red.

mod copy;
mod list;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    setup::{For, set_up},
    steps::{cargo, root, target},
    test::{BACKTRACES_OF_ERRORS, build_ui},
};
use copy::Copy;
use list::{Test, Weakened};

/// Weakens every check of the lists, or those of which a test or the sentence has one of these words in it.
pub fn run(wanted: &[String]) -> Result<()> {
    let mut list = list::read(&root().join("tests/weakened"))?;
    list.retain(|one| wanted.is_empty() || wanted.iter().any(|word| one.speaks_of(word)));
    ensure!(!list.is_empty(), "No check in tests/weakened speaks of that.");
    let mut purposes = vec![For::Building];
    if list.iter().any(Weakened::needs_desktop) {
        purposes.push(For::VirtualDesktop);
    }
    set_up(&purposes)?;
    build_ui()?;

    let began = Instant::now();
    let copy = Copy::of(root(), &target().join("weaken"))?;
    let own = own_targets()?;
    let (mut red, mut unnoticed) = (BTreeSet::new(), Vec::new());
    for (number, one) in list.iter().enumerate() {
        println!("\n» {} of {}: {}", number + 1, list.len(), one.says);
        let failed = copy.weakened(one, || failing(&copy, one, &own))?;
        for test in &one.red {
            let noticed = failed.contains(&test.to_string());
            println!("  {} {test}", if noticed { "red" } else { "GREEN" });
            if noticed {
                red.insert(test.to_string());
            } else {
                unnoticed.push(format!("{}: {test}", one.says));
            }
        }
        report(&list[..=number], &red, &unnoticed, began)?;
    }
    ensure!(
        unnoticed.is_empty(),
        "These tests did not notice, or could not be built:\n  {}",
        unnoticed.join("\n  ")
    );
    println!("\n{} checks weakened, {} tests noticed.", list.len(), red.len());
    Ok(())
}

fn report(
    weakened: &[Weakened],
    red: &BTreeSet<String>,
    unnoticed: &[String],
    began: Instant,
) -> Result<()> {
    let report = json!({
        "weakened": weakened.len(),
        "red": red,
        "unnoticed": unnoticed,
        "seconds": began.elapsed().as_secs(),
    });
    Ok(fs::write(target().join("weaken/report.json"), format!("{report:#}\n"))?)
}

/// The tests that fail in the copy as it is now, of those that should.
fn failing(copy: &Copy, one: &Weakened, own: &BTreeMap<String, &str>) -> Result<BTreeSet<String>> {
    let mut failed = BTreeSet::new();
    let mut places: BTreeMap<(&str, Option<&str>), Vec<&Test>> = BTreeMap::new();
    for test in &one.red {
        places.entry((&test.package, test.target.as_deref())).or_default().push(test);
    }
    if one.application {
        let mut build = in_copy(copy, &["build", "--workspace", "--locked", "--quiet"]);
        if !build.status()?.success() {
            return Ok(failed);
        }
    }
    for ((package, target), tests) in places {
        let mut command = in_copy(copy, &["test", "--locked", "--package", package]);
        match target {
            Some(target) => command.args(["--test", target]),
            None => command.arg(own.get(package).copied().unwrap_or("--lib")),
        };
        command.args(["--", "--exact"]).args(tests.iter().map(|test| &test.name));
        let output = command.stderr(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let names: BTreeSet<&str> = failed_tests(&said).collect();
        if !said.contains("test result:") {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        }
        failed.extend(
            tests.iter().filter(|test| names.contains(&*test.name)).map(ToString::to_string),
        );
    }
    Ok(failed)
}

fn in_copy(copy: &Copy, arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command
        .current_dir(copy.tree())
        .env("CARGO_TARGET_DIR", copy.build())
        .env("LATCHKEY_PROGRAM", copy.build().join("debug/latchkey"))
        .env(BACKTRACES_OF_ERRORS, "0")
        .env("LATCHKEY_IN_A_HURRY", "1")
        // Nobody debugs what is built here, and it is built again for every check.
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("RUSTFLAGS", "--cap-lints=warn")
        .env("RUST_BACKTRACE", "0");
    command
}

/// What a test program says of tests that failed, at its end: `    name`, below `failures:`.
fn failed_tests(said: &str) -> impl Iterator<Item = &str> {
    let list = said.rsplit_once("\nfailures:\n").map_or("", |(_, list)| list);
    list.lines().map_while(|line| line.strip_prefix("    "))
}

/// Where the tests of each package are that are no programs of their own.
fn own_targets() -> Result<BTreeMap<String, &'static str>> {
    let output = cargo(&["metadata", "--no-deps", "--locked", "--format-version=1"]).output()?;
    let told: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let packages = told["packages"].as_array().context("there are no packages")?;
    Ok(packages
        .iter()
        .filter_map(|package| {
            let targets = package["targets"].as_array()?;
            let is_library = |target: &Value| target["kind"][0].as_str() != Some("bin");
            let main = |target: &&Value| {
                let path = Path::new(target["src_path"].as_str().unwrap_or_default());
                path.ends_with("src/lib.rs")
            };
            let has = targets.iter().filter(main).any(is_library);
            Some((package["name"].as_str()?.to_owned(), if has { "--lib" } else { "--bins" }))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_that_failed_are_those_listed_last() {
        let said = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nfailures:\n    b\n\n\nfailures:\n    a\n    c::d\n\ntest result: FAILED.";
        assert_eq!(failed_tests(said).collect::<Vec<_>>(), ["a", "c::d"]);
        assert_eq!(failed_tests("test a ... ok\n\ntest result: ok.").count(), 0);
    }

    #[test]
    fn every_check_that_can_be_weakened_is_still_where_the_lists_say() {
        for one in list::read(&root().join("tests/weakened")).unwrap() {
            let text = fs::read_to_string(root().join(&one.file)).unwrap();
            one.applied_to(&text).unwrap();
        }
    }
}
