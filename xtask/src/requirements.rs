//! `cargo xtask requirements`: checks that each requirement in `docs/requirements.md` has a proof.
//!
//! The proof is a test that is marked with the requirement (`// req: B5`) and is run, or an exemption with a reason
//! about this platform or the live service. A requirement with neither is a failure. The page's column of proofs is
//! generated from the markers.

pub mod markers;
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
use markers::Marked;
use page::Entry;
use proofs::Proofs;

const PAGE: &str = "docs/requirements.md";

/// The requirements of each section, from 1 to this number.
const SECTIONS: [(char, u32); 15] = [
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
    ('N', 21),
    ('X', 40),
];

/// The official names of the OpenID conformance suite's cases that apply to a native client (relying-party plans
/// and applicable cases of FAPI 2.0). A test with such a name proves the case.
const CONFORMANCE: &str = include_str!("requirements/conformance.txt");

/// Checks the page against the tests, and writes the counts to `target/requirements`.
pub fn run() -> Result<()> {
    set_up(&[For::Building])?;
    build_ui()?;
    check()
}

/// The check alone, after everything has been installed and built.
pub fn check() -> Result<()> {
    let (text, marked) = (read()?, marked()?);
    let entries = page::read(&text)?;
    let proofs = Proofs::gather()?;
    let count = Count::of(&entries, &marked, &proofs);
    let folder = target().join("requirements");
    fs::create_dir_all(&folder)?;
    let report = json!({
        "total": count.total,
        "covered": count.covered,
        "excused": count.excused,
        "missing": count.missing,
    });
    fs::write(folder.join("report.json"), format!("{report:#}\n"))?;
    println!("covered {} of {}, {} not testable here", count.covered, count.total, count.excused);
    ensure!(
        count.missing.is_empty(),
        "These requirements have no proof:\n  {}",
        count.missing.join("\n  ")
    );
    ensure!(
        page::written(&text, &marked)? == text,
        "{PAGE} does not name the tests that are marked. `cargo xtask requirements --write` writes them."
    );
    Ok(())
}

/// Writes the proofs into the page.
pub fn write() -> Result<()> {
    Ok(fs::write(root().join(PAGE), page::written(&read()?, &marked()?)?)?)
}

/// The tests of each requirement, by the markers.
pub fn marked() -> Result<Marked> {
    markers::of_checkout(root(), &cases().map(str::to_owned).collect::<Vec<_>>())
}

/// The official names of the conformance cases.
pub fn cases() -> impl Iterator<Item = &'static str> {
    CONFORMANCE.lines()
}

fn read() -> Result<String> {
    fs::read_to_string(root().join(PAGE)).with_context(|| format!("{PAGE} cannot be read"))
}

/// The number of requirements with a proof.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    total: usize,
    covered: usize,
    excused: usize,
    /// The failing requirements, each with the reason.
    missing: Vec<String>,
}

impl Count {
    fn of(entries: &[Entry], marked: &Marked, proofs: &Proofs) -> Self {
        let mut count = Self { total: 0, covered: 0, excused: 0, missing: Vec::new() };
        let mut seen = BTreeSet::new();
        let wanted = ids();
        for entry in entries {
            if !wanted.contains(&entry.id) {
                count.missing.push(format!("{}: no section has this requirement", entry.id));
            } else if !seen.insert(&entry.id) {
                count.missing.push(format!("{}: it occurs twice", entry.id));
            }
        }
        for (id, tests) in marked.iter().filter(|(id, _)| !wanted.contains(id)) {
            let tests: Vec<_> = tests.iter().map(String::as_str).collect();
            count.missing.push(format!("{id}: no such requirement, at {}", tests.join(", ")));
        }
        for id in wanted {
            count.total += 1;
            let entry = entries.iter().find(|entry| entry.id == id);
            match (entry.map(|entry| entry.is_excused), marked.get(&id)) {
                (None, _) => count.missing.push(format!("{id}: it is not on the page")),
                (Some(false), None) => count.missing.push(format!("{id}: no test is marked")),
                (Some(true), None) => count.excused += 1,
                (Some(true), Some(_)) => count.missing.push(format!("{id}: excused and marked")),
                (Some(false), Some(tests)) => {
                    let absent: Vec<_> =
                        tests.iter().filter_map(|test| proofs.fault(test)).collect();
                    if absent.is_empty() {
                        count.covered += 1;
                    } else {
                        count.missing.push(format!("{id}: {}", absent.join("; ")));
                    }
                }
            }
        }
        count
    }
}

fn ids() -> Vec<String> {
    let numbered = SECTIONS
        .iter()
        .flat_map(|(section, last)| (1..=*last).map(move |number| format!("{section}{number}")));
    numbered.chain(cases().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of errors for this requirement, with these rows in the page and these markers of tests.
    fn faults(id: &str, rows: &[(&str, bool)], markers: &[(&str, &str)]) -> usize {
        let row = |(id, is_excused): &(&str, bool)| Entry {
            id: (*id).to_owned(),
            is_excused: *is_excused,
        };
        let marker =
            |(id, test): &(&str, &str)| ((*id).to_owned(), BTreeSet::from([(*test).to_owned()]));
        let (rows, marked) = (rows.iter().map(row).collect::<Vec<_>>(), markers.iter().map(marker));
        let proofs = Proofs::of(&["a: runs"], &["a: is_ignored"]);
        let missing = Count::of(&rows, &marked.collect(), &proofs).missing;
        missing.iter().filter(|line| line.starts_with(&format!("{id}:"))).count()
    }

    #[test]
    fn requirements_are_each_counted_once() {
        let wanted = ids();
        assert_eq!(wanted.iter().collect::<BTreeSet<_>>().len(), wanted.len());
        let count = Count::of(&[], &Marked::new(), &Proofs::of(&[], &[]));
        assert_eq!((count.total, count.missing.len()), (wanted.len(), wanted.len()));
    }

    #[test]
    fn requirement_with_running_test_or_exemption_is_accepted() {
        assert_eq!(faults("A1", &[("A1", false)], &[("A1", "a: runs")]), 0);
        assert_eq!(faults("A1", &[("A1", true)], &[]), 0);
    }

    #[test]
    fn requirement_without_running_test_is_rejected() {
        for markers in [&[("A1", "a: renamed")][..], &[("A1", "a: is_ignored")], &[]] {
            assert_eq!(faults("A1", &[("A1", false)], markers), 1);
        }
        assert_eq!(faults("A1", &[("A1", true)], &[("A1", "a: runs")]), 1);
    }

    #[test]
    fn requirement_that_is_unknown_or_duplicate_is_rejected() {
        assert_eq!(faults("A99", &[("A99", false)], &[]), 1);
        assert_eq!(faults("A99", &[], &[("A99", "a: runs")]), 1);
        assert_eq!(faults("A1", &[("A1", false), ("A1", true)], &[("A1", "a: runs")]), 1);
    }

    #[test]
    fn requirements_page_names_the_marked_tests() {
        let (text, marked) = (read().unwrap(), marked().unwrap());
        let is_current = page::written(&text, &marked).unwrap() == text;
        assert!(is_current, "run `cargo xtask requirements --write`");
        let ids = ids();
        let unknown: Vec<_> = marked.iter().filter(|(id, _)| !ids.contains(id)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
