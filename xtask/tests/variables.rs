//! The environment variables that the shipped code reads are in the README's table.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What is shipped.
const SOURCES: [&str; 4] = [
    "crates/scalekit-auth/src",
    "crates/scalekit-auth-native/src",
    "crates/tauri-plugin-scalekit/src",
    "src-tauri/src",
];

/// Capital words in the code that are no variable of a release build.
const OTHERS: &[&str] = &[
    // Set for the compiler.
    "CARGO_MANIFEST_DIR",
    // Debug builds only.
    "LATCHKEY_FAILPOINT_KILL",
    "LATCHKEY_FAILPOINT_PANIC",
    "LATCHKEY_HARDENED",
    "LATCHKEY_POLICY_FOLDER",
    // Set for GTK where the accessibility bus hangs, and never read.
    "AT_SPI_BUS_ADDRESS",
    "NO_AT_BRIDGE",
    // An error code of Scalekit.
    "RATE_LIMITED",
];

/// Variables without an underscore.
const SHORT: [&str; 4] = ["APPIMAGE", "HOME", "PATH", "SNAP"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() && name != "tests" {
            sources(&entry, all);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            all.push(fs::read_to_string(&entry).unwrap());
        }
    }
}

/// The string literals that have the form of a variable's name.
fn named_in(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').filter(|word| {
        let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let begins = word.starts_with(|c: char| c.is_ascii_uppercase());
        begins && word.chars().all(is_capital) && (word.contains('_') || SHORT.contains(word))
    })
}

#[test]
fn readme_names_each_variable_that_a_release_reads() {
    let mut all = Vec::new();
    SOURCES.iter().for_each(|folder| sources(&root().join(folder), &mut all));
    let read: BTreeSet<&str> =
        all.iter().flat_map(|code| named_in(code)).filter(|name| !OTHERS.contains(name)).collect();
    assert!(read.contains("LATCHKEY_LOG") && read.contains("SNAP"), "{read:?}");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let table: BTreeSet<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| Environment variable"))
        .take_while(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect();
    let missing: Vec<_> = read.difference(&table).collect();
    assert!(missing.is_empty(), "README.md does not name {missing:?}");
}
