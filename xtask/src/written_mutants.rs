//! `cargo xtask written-mutants`: the mutants that are written by hand, one after the other in a copy of the checkout.
//!
//! The lists in `tests/mutants/written` have the mutants that `cargo xtask mutants` does not generate, each with the
//! tests that must fail (`killed_by`) or the requirement of whose tests one must fail (`requirement`).

pub mod copy;
mod list;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::{
    requirements,
    setup::{For, set_up},
    steps::{cargo, root, target},
    test::{BACKTRACES_OF_ERRORS, build_ui},
};
use copy::Copy;
use list::{Mutant, Test};

/// Tests every entry of the lists, or those of which a test or the sentence contains one of these words.
pub fn run(wanted: &[String]) -> Result<()> {
    let mut list = list::read(&root().join("tests/mutants/written"), &requirements::marked()?)?;
    list.retain(|one| wanted.is_empty() || wanted.iter().any(|word| one.mentions(word)));
    ensure!(!list.is_empty(), "No mutant in tests/mutants/written mentions that.");
    let mut purposes = vec![For::Building];
    if list.iter().any(Mutant::needs_desktop) {
        purposes.push(For::VirtualDesktop);
    }
    set_up(&purposes)?;
    build_ui()?;

    let began = Instant::now();
    let copy = Copy::of(root(), &target().join("written-mutants"))?;
    let (mut killers, mut survived) = (BTreeSet::new(), Vec::new());
    for (number, one) in list.iter().enumerate() {
        println!("\n» {} of {}: {}", number + 1, list.len(), one.description);
        let failed = copy.mutated(one, || failing(&copy, one))?;
        for test in &one.killed_by {
            let killed = failed.contains(test);
            println!("  {} {test}", if killed { "killed" } else { "SURVIVED" });
            if killed {
                killers.insert(test.to_string());
            }
        }
        survived.extend(one.survived(&failed));
        report(&list[..=number], &killers, &survived, began)?;
    }
    ensure!(
        survived.is_empty(),
        "These survived these tests, or could not be built:\n  {}",
        survived.join("\n  ")
    );
    println!("\n{} mutants, {} tests killed them.", list.len(), killers.len());
    Ok(())
}

fn report(
    mutants: &[Mutant],
    killers: &BTreeSet<String>,
    survived: &[String],
    began: Instant,
) -> Result<()> {
    let report = json!({
        "mutants": mutants.len(),
        "killedBy": killers,
        "survived": survived,
        "seconds": began.elapsed().as_secs(),
    });
    Ok(fs::write(target().join("written-mutants/report.json"), format!("{report:#}\n"))?)
}

/// The expected tests that fail in the current copy.
fn failing<'a>(copy: &Copy, one: &'a Mutant) -> Result<BTreeSet<&'a Test>> {
    let mut failed = BTreeSet::new();
    if one.application {
        let exclude = ["--exclude", "latchkey-bench-*"];
        let mut build = in_copy(copy, &["build", "--workspace", "--locked", "--quiet"]);
        build.args(exclude);
        if !build.status()?.success() {
            return Ok(failed);
        }
    }
    let mut programs: BTreeMap<_, Vec<&Test>> = BTreeMap::new();
    for test in &one.killed_by {
        programs.entry((&test.package, &test.target)).or_default().push(test);
    }
    for ((package, target), tests) in programs {
        let mut command = in_copy(copy, &["test", "--locked", "--package", package]);
        match target {
            Some(target) => command.args(["--test", target]),
            None => command.arg("--lib"),
        };
        command.args(["--", "--exact"]).args(tests.iter().map(|test| &test.name));
        let output = command.stderr(Stdio::piped()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !text.contains("test result:") {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        }
        let names: BTreeSet<&str> = failed_tests(&text).collect();
        failed.extend(tests.into_iter().filter(|test| names.contains(&*test.name)));
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
        .env("LATCHKEY_TEST_SHORT_TIMEOUTS", "1")
        // No debug information: every mutant is built again.
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        // A mutant may leave something unused.
        .env("RUSTFLAGS", "--cap-lints=warn")
        .env("RUST_BACKTRACE", "0");
    command
}

/// The failed tests in the output of a test program: `    name`, below the last `failures:`.
fn failed_tests(output: &str) -> impl Iterator<Item = &str> {
    let list = output.rsplit_once("\nfailures:\n").map_or("", |(_, list)| list);
    list.lines().map_while(|line| line.strip_prefix("    "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_are_read_from_the_last_failures_list() {
        let output = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nfailures:\n    b\n\n\nfailures:\n    a\n    c::d\n\ntest result: FAILED.";
        assert_eq!(failed_tests(output).collect::<Vec<_>>(), ["a", "c::d"]);
        assert_eq!(failed_tests("test a ... ok\n\ntest result: ok.").count(), 0);
    }

    #[test]
    fn written_mutants_name_tests_that_exist() {
        let tests = requirements::markers::tests(root()).unwrap();
        let tests: BTreeSet<_> = tests.into_iter().map(|test| test.name).collect();
        let marked = requirements::marked().unwrap();
        for one in list::read(&root().join("tests/mutants/written"), &marked).unwrap() {
            for test in &one.killed_by {
                assert!(
                    tests.contains(&test.to_string()),
                    "{}: there is no {test}",
                    one.description
                );
            }
        }
    }

    #[test]
    fn written_mutants_all_apply_to_the_current_source() {
        let marked = requirements::marked().unwrap();
        for one in list::read(&root().join("tests/mutants/written"), &marked).unwrap() {
            let text = fs::read_to_string(root().join(&one.file)).unwrap();
            one.applied_to(&text).unwrap();
        }
    }
}
