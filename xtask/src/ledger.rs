//! `cargo xtask ledger`: whether each requirement in `docs/requirements.md` has its proof.
//!
//! A requirement is proved by tests that exist and are run, or excused by a fact about this platform or
//! about the live service. One that is neither is missing, and that is a failure.

mod page;
mod proofs;

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::{
    setup::{For, set_up},
    steps::{root, target},
    test::build_ui,
};
use page::{Entry, Standing};
use proofs::Proofs;

/// The requirements of each section, from 1 to this number.
const SECTIONS: [(char, u32); 14] = [
    ('A', 8),
    ('B', 16),
    ('C', 11),
    ('D', 30),
    ('E', 21),
    ('F', 6),
    ('G', 7),
    ('H', 9),
    ('I', 11),
    ('J', 7),
    ('K', 5),
    ('L', 8),
    ('M', 24),
    ('X', 40),
];

/// The cases of the OpenID Foundation's conformance suite that apply to a native client
/// (its relying-party plans and what of FAPI 2.0 is worth having), by their official names.
const CONFORMANCE: &str = include_str!("ledger/conformance.txt");

/// Checks the page against the tests there are, and leaves the count in `target/ledger`.
pub fn run() -> Result<()> {
    set_up(&[For::Building])?;
    build_ui()?;
    check()
}

/// The same where everything has been set up and built already.
pub fn check() -> Result<()> {
    let text = fs::read_to_string(root().join("docs/requirements.md"))
        .context("docs/requirements.md cannot be read")?;
    let entries = page::read(&text)?;
    let proofs = Proofs::gather()?;
    let ledger = Ledger::of(&entries, &proofs);
    let folder = target().join("ledger");
    fs::create_dir_all(&folder)?;
    let report = json!({
        "total": ledger.total,
        "covered": ledger.covered,
        "excused": ledger.excused,
        "missing": ledger.missing,
    });
    fs::write(folder.join("report.json"), format!("{report:#}\n"))?;
    println!(
        "covered {} of {}, {} not testable here",
        ledger.covered, ledger.total, ledger.excused
    );
    ensure!(
        ledger.missing.is_empty(),
        "These requirements have no proof:\n  {}",
        ledger.missing.join("\n  ")
    );
    Ok(())
}

/// The count.
#[derive(Debug, PartialEq, Eq)]
struct Ledger {
    total: usize,
    covered: usize,
    excused: usize,
    /// Each with what is wrong.
    missing: Vec<String>,
}

impl Ledger {
    fn of(entries: &[Entry], proofs: &Proofs) -> Self {
        let mut ledger = Self { total: 0, covered: 0, excused: 0, missing: Vec::new() };
        let mut seen = BTreeSet::new();
        let wanted = ids();
        for entry in entries {
            if !wanted.contains(&entry.id) {
                ledger.missing.push(format!("{}: nobody knows this requirement", entry.id));
            } else if !seen.insert(entry.id.clone()) {
                ledger.missing.push(format!("{}: it stands there twice", entry.id));
            }
        }
        for id in wanted {
            ledger.total += 1;
            let entry = entries.iter().find(|entry| entry.id == id);
            match entry.map(|entry| &entry.standing) {
                None => ledger.missing.push(format!("{id}: it is not on the page")),
                Some(Standing::Open) => ledger.missing.push(format!("{id}: it names no test")),
                Some(Standing::Excused) => ledger.excused += 1,
                Some(Standing::Proved(tests)) => {
                    let absent: Vec<_> =
                        tests.iter().filter_map(|test| proofs.fault(test)).collect();
                    if absent.is_empty() {
                        ledger.covered += 1;
                    } else {
                        ledger.missing.push(format!("{id}: {}", absent.join("; ")));
                    }
                }
            }
        }
        ledger
    }
}

fn ids() -> Vec<String> {
    let numbered = SECTIONS
        .iter()
        .flat_map(|(section, last)| (1..=*last).map(move |number| format!("{section}{number}")));
    numbered.chain(CONFORMANCE.lines().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[(&str, Standing)]) -> Vec<Entry> {
        let entry = |(id, standing): &(&str, Standing)| Entry {
            id: (*id).to_owned(),
            standing: standing.clone(),
        };
        rows.iter().map(entry).collect()
    }

    fn proved(test: &str) -> Standing {
        Standing::Proved(vec![test.to_owned()])
    }

    fn faults_of(rows: &[(&str, Standing)], id: &str) -> Vec<String> {
        let proofs = Proofs::of(&["a: runs"], &["a: is_ignored"]);
        let mut missing = Ledger::of(&page(rows), &proofs).missing;
        missing.retain(|line| line.starts_with(&format!("{id}:")));
        missing
    }

    #[test]
    fn ledger_counts_every_requirement_once() {
        let wanted = ids();
        assert_eq!(wanted.iter().collect::<BTreeSet<_>>().len(), wanted.len());
        let ledger = Ledger::of(&[], &Proofs::of(&[], &[]));
        assert_eq!((ledger.total, ledger.missing.len()), (wanted.len(), wanted.len()));
    }

    #[test]
    fn ledger_accepts_a_running_test_or_an_exemption() {
        assert!(faults_of(&[("A1", proved("a: runs"))], "A1").is_empty());
        assert!(faults_of(&[("A1", Standing::Excused)], "A1").is_empty());
    }

    #[test]
    fn ledger_rejects_missing_and_ignored_tests() {
        assert_eq!(faults_of(&[("A1", proved("a: renamed"))], "A1").len(), 1);
        assert_eq!(faults_of(&[("A1", proved("a: is_ignored"))], "A1").len(), 1);
        assert_eq!(faults_of(&[("A1", Standing::Open)], "A1").len(), 1);
    }

    #[test]
    fn ledger_rejects_unknown_and_duplicate_requirements() {
        assert_eq!(faults_of(&[("A99", proved("a: runs"))], "A99").len(), 1);
        let twice = [("A1", proved("a: runs")), ("A1", Standing::Excused)];
        assert_eq!(faults_of(&twice, "A1").len(), 1);
    }
}
