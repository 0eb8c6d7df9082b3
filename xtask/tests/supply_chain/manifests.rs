//! Manifests, locks and exceptions.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use toml::Value;

use crate::files::{all, named, none, root, toml};

/// The packages of the workspace. The fuzzers are a workspace of their own.
fn manifests() -> Vec<(String, toml::Table)> {
    let ours = named("Cargo.toml").filter(|file| file.path != "fuzz/Cargo.toml");
    ours.map(|file| (file.path.clone(), file.text().parse().unwrap())).collect()
}

// req: L7
#[test]
fn cargo_packages_all_inherit_workspace_lints() {
    let manifests = manifests();
    assert!(manifests.len() > 5);
    let without = manifests.iter().filter(|(_, manifest)| {
        manifest.get("lints").and_then(|lints| lints.get("workspace"))
            != Some(&Value::Boolean(true))
    });
    none("without the workspace's lints", without.map(|(path, _)| path.clone()).collect());
}

// req: L7
#[test]
fn lints_forbid_unsafe_code_and_flag_panics_and_prints() {
    let lints = &toml("Cargo.toml")["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
    assert_eq!(lints["rust"]["unused_must_use"].as_str(), Some("deny"));
    for name in [
        "unwrap_used",
        "expect_used",
        "panic",
        "print_stdout",
        "print_stderr",
        "dbg_macro",
        "todo",
        "unimplemented",
        "wildcard_enum_match_arm",
    ] {
        // `cargo xtask test lint` denies warnings.
        assert_eq!(lints["clippy"][name].as_str(), Some("warn"), "{name}");
    }
}

// req: L8
#[test]
fn release_profile_checks_integer_overflow() {
    let profiles = toml("Cargo.toml")["profile"].as_table().unwrap().clone();
    assert_eq!(profiles["release"]["overflow-checks"].as_bool(), Some(true));
    let off = |profile: &&str| disables_checks(&profiles[*profile]);
    let off: Vec<_> = profiles.keys().map(String::as_str).filter(off).collect();
    assert!(off.is_empty(), "{off:?}");
}

/// Whether a profile, or its entry for a package, turns the checks off.
fn disables_checks(profile: &Value) -> bool {
    let here = profile.get("overflow-checks").and_then(Value::as_bool) == Some(false);
    let packages = profile.get("package").and_then(Value::as_table);
    here || packages.is_some_and(|packages| packages.iter().any(|(_, one)| disables_checks(one)))
}

// req: L6
#[test]
fn lockfiles_have_hashes_and_only_public_registries() {
    let mut found = Vec::new();
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        for package in toml(lock)["package"].as_array().unwrap() {
            let Some(source) = package.get("source").and_then(Value::as_str) else { continue };
            let sum = package.get("checksum").and_then(Value::as_str);
            if source != "registry+https://github.com/rust-lang/crates.io-index" || sum.is_none() {
                found.push(format!("{lock}: {} from {source}", package["name"]));
            }
        }
    }
    let foreign = ["tests/foreign_clients/current", "tests/foreign_clients/older"];
    for folder in ["ui", "tests/second_provider"].into_iter().chain(foreign) {
        let lock = format!("{folder}/package-lock.json");
        let bytes = std::fs::read(root().join(&lock)).unwrap();
        let packages: Json = serde_json::from_slice(&bytes).unwrap();
        for (path, package) in packages["packages"].as_object().unwrap() {
            let linked = package.get("link").is_some() || package["inBundle"] == true;
            if !path.is_empty() && !linked && package.get("integrity").is_none() {
                found.push(format!("{lock}: {path} has no hash"));
            }
            if !linked && package.get("resolved").is_some() {
                found.push(format!("{lock}: {path} names a registry"));
            }
            if package.get("hasInstallScript").is_some() {
                found.push(format!("{lock}: {path} would run a program of its own"));
            }
        }
        let npmrc = std::fs::read_to_string(root().join(folder).join(".npmrc")).unwrap();
        assert!(npmrc.lines().any(|line| line == "ignore-scripts=true"), "{folder}");
    }
    none("locks", found);
}

/// pip accepts a package without a hash only where no package has one, and is called with `--require-hashes`.
#[test]
fn python_requirements_are_pinned_with_hashes() {
    let lists: Vec<_> = named("requirements.txt").chain(named("zizmor.txt")).collect();
    assert_eq!(lists.len(), 4);
    let mut found = Vec::new();
    for list in lists {
        let mut lines = list.lines().peekable();
        while let Some((at, line)) = lines.next() {
            let place = format!("{}:{at}: {line}", list.path);
            if line.contains("://") || line.starts_with('-') {
                found.push(format!("{place} names a registry"));
            }
            let is_package = line.starts_with(|first: char| first.is_ascii_alphanumeric());
            let is_hashed =
                lines.peek().is_some_and(|(_, next)| next.trim().starts_with("--hash=sha256:"));
            if is_package && !(line.contains("==") && is_hashed) {
                found.push(format!("{place} has no version or no hash"));
            }
        }
    }
    none("requirements", found);
}

/// Every folder with packages of its own is one of those that are checked.
#[test]
fn lockfiles_are_exactly_those_that_are_checked() {
    let locks: BTreeSet<_> = all()
        .iter()
        .map(|file| &*file.path)
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            name.ends_with(".lock") || name.contains("-lock.") || name == "npm-shrinkwrap.json"
        })
        .collect();
    assert_eq!(
        locks,
        [
            "Cargo.lock",
            "fuzz/Cargo.lock",
            "supply-chain/imports.lock",
            "tests/foreign_clients/current/package-lock.json",
            "tests/foreign_clients/older/package-lock.json",
            "tests/second_provider/package-lock.json",
            "ui/package-lock.json",
        ]
        .into()
    );
}

// req: L4
#[test]
fn advisory_exceptions_have_id_reason_and_review_date() {
    let deny = toml("deny.toml");
    let ignored = deny["advisories"]["ignore"].as_array().unwrap();
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for one in ignored {
        let reason = one.get("reason").and_then(Value::as_str).unwrap_or_default();
        match one.get("id").and_then(Value::as_str) {
            Some(id) if has_review_day(reason) => _ = ids.insert(id.to_owned()),
            _ => found.push(one.to_string()),
        }
    }
    for list in ["skip", "skip-tree"] {
        let entries = deny["bans"].get(list).and_then(Value::as_array);
        for one in entries.into_iter().flatten() {
            let reason = one.get("reason").and_then(Value::as_str).unwrap_or_default();
            if !has_review_day(reason) {
                found.push(one.to_string());
            }
        }
    }
    for one in deny["bans"]["deny"].as_array().unwrap() {
        if one.get("reason").and_then(Value::as_str).is_none_or(str::is_empty) {
            found.push(one.to_string());
        }
    }
    none("exceptions without a reason and `Review <year>-<month>-<day>`", found);
    let osv = toml("supply-chain/osv-scanner.toml");
    let osv: BTreeSet<_> = osv["IgnoredVulns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert!(one["ignoreUntil"].as_datetime().is_some(), "{one}");
            one["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(osv, ids, "cargo-deny and OSV have the same exceptions");
}

fn has_review_day(reason: &str) -> bool {
    reason.split_once("Review ").is_some_and(|(why, day)| {
        let day: Vec<_> = day.chars().take(10).collect();
        let fits = |(at, c): (usize, &char)| {
            if at == 4 || at == 7 { *c == '-' } else { c.is_ascii_digit() }
        };
        why.len() > 10 && day.len() == 10 && day.iter().enumerate().all(fits)
    })
}

// req: L3
#[test]
fn cargo_deny_rejects_unknown_sources_and_unused_exceptions() {
    let deny = toml("deny.toml");
    assert_eq!(deny["sources"]["unknown-registry"].as_str(), Some("deny"));
    assert_eq!(deny["sources"]["unknown-git"].as_str(), Some("deny"));
    assert_eq!(deny["advisories"]["yanked"].as_str(), Some("deny"));
    assert_eq!(deny["advisories"]["unused-ignored-advisory"].as_str(), Some("deny"));
    assert_eq!(deny["licenses"]["unused-allowed-license"].as_str(), Some("deny"));
    assert!(deny["bans"]["build"]["allow-build-scripts"].as_array().unwrap().len() > 10);
    assert!(deny["sources"].get("allow-git").is_none());
}
