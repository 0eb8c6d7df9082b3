//! The project's own commands.

use crate::files::{File, all, named, none};

/// Every `cargo(&["build", …])` and the like in xtask, as the text between its brackets. Debian's
/// packages have words of their own.
fn calls() -> Vec<(String, String)> {
    let mut calls = Vec::new();
    let ours =
        |file: &&File| file.path.starts_with("xtask/src/") && !file.path.ends_with("/apt.rs");
    for file in all().iter().filter(ours) {
        let text = file.text();
        for (at, _) in text.match_indices("&[\"") {
            let call = text[at + 2..].split(']').next().unwrap_or_default();
            calls.push((file.path.clone(), call.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    calls
}

#[test]
fn xtask_cargo_commands_use_locked() {
    let resolving =
        ["build", "test", "clippy", "fetch", "install", "run", "check", "metadata", "vet"];
    let of_cargo = |call: &str| {
        let first = call.trim_start_matches('"').split('"').next().unwrap_or_default();
        resolving.contains(&first)
    };
    // npm's scripts, cargo-deny's database, and what takes no `--locked` and is checked where it is called.
    let other = |call: &str| {
        call.contains("--silent") || call == "\"fetch\", \"db\"" || call.contains("--fuzz-dir")
    };
    let calls = calls();
    assert!(calls.iter().filter(|(_, call)| of_cargo(call)).count() > 8);
    let unlocked = calls.iter().filter(|(_, call)| of_cargo(call) && !other(call));
    let unlocked = unlocked.filter(|(_, call)| !call.contains("\"--locked\""));
    none("without --locked", unlocked.map(|(path, call)| format!("{path}: {call}")).collect());
    let alias = named(".cargo/config.toml").next().unwrap();
    assert!(alias.text().contains("run --quiet --locked "));
}

#[test]
fn xtask_npm_installs_only_by_npm_ci() {
    let installs = calls().into_iter().filter(|(_, call)| {
        ["\"install\", \"--no", "\"i\"", "\"add\"", "\"update\""]
            .iter()
            .any(|word| call.starts_with(word))
    });
    none("npm install", installs.map(|(path, call)| format!("{path}: {call}")).collect());
    assert!(calls().iter().any(|(_, call)| call.starts_with("\"ci\"")));
}
