//! The layers of the application's files: none uses another that uses it, nor the crate's root, which names them all.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/scalekit-auth/tests/layers/modules.rs"]
mod modules;

use std::{collections::BTreeSet, path::Path};

use modules::{circle, imports, sources};

#[test]
fn application_files_use_each_other_in_no_circle() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/src"));
    let used = imports(&sources, "crate");
    assert!(used.values().map(BTreeSet::len).sum::<usize>() > 30, "{used:?}");
    let none: Vec<String> = Vec::new();
    assert_eq!(circle(used), none, "these files import each other");
}
