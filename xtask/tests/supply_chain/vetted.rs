//! Reviewed crates: `supply-chain/` in the form of cargo-vet.
//!
//! cargo-vet itself runs in the workflows. Here is the one thing that must not wait for it: that a
//! crate, or another version of one, does not come in unnoticed.

use std::collections::BTreeSet;

use toml::Value;

use crate::files::{none, toml};

// req: L5
#[test]
fn crates_are_all_audited_or_exempted() {
    let config = toml("supply-chain/config.toml");
    let audits = toml("supply-chain/audits.toml");
    let entries = |table: &toml::Table, section: &str| -> BTreeSet<(String, String)> {
        let crates = table.get(section).and_then(Value::as_table).cloned().unwrap_or_default();
        let of = |(name, list): (String, Value)| {
            let list = list.as_array().cloned().unwrap_or_default();
            list.into_iter().filter_map(move |one| {
                Some((name.clone(), one.get("version")?.as_str()?.to_owned()))
            })
        };
        crates.into_iter().flat_map(of).collect()
    };
    let known: BTreeSet<_> =
        entries(&config, "exemptions").union(&entries(&audits, "audits")).cloned().collect();
    let locked: BTreeSet<_> = toml("Cargo.lock")["package"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package.get("source").is_some())
        .map(|package| {
            let text = |name: &str| package[name].as_str().unwrap().to_owned();
            (text("name"), text("version"))
        })
        .collect();
    assert!(locked.len() > 100);
    let line = |(name, version): &(String, String)| format!("{name} {version}");
    none(
        "crates without a review (see docs/security.md)",
        locked.difference(&known).map(line).collect(),
    );
    none("exceptions that nothing needs", known.difference(&locked).map(line).collect());
}
