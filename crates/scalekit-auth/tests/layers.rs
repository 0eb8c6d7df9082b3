//! The layers of the session's files: types below, transitions above.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "layers/modules.rs"]
mod modules;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use modules::{Module, Uses, circle, imports, paths, sources};

const SESSION: &str = "crate::session";

/// The modules whose methods of `Account` each file calls: these need no import.
fn calls(sources: &BTreeMap<Module, String>) -> Uses {
    let mut defined = BTreeMap::new();
    for (module, text) in sources {
        for method in methods(text).iter().flat_map(|block| names_after(block, "fn ")) {
            assert!(defined.insert(method, module).is_none(), "a method has two definitions");
        }
    }
    let called = |(module, text): (&Module, &String)| {
        let names = methods(text).into_iter().flat_map(|block| names_after(&block, "self."));
        let found = names.filter_map(|name| defined.get(&name).map(|module| (*module).clone()));
        (module.clone(), found.filter(|other| other != module).collect())
    };
    sources.iter().map(called).collect()
}

/// The methods of `Account` in a file, without line breaks before a call.
fn methods(text: &str) -> Vec<String> {
    let blocks = text.split("\nimpl Account {\n").skip(1);
    let block = |block: &str| block.split("\n}\n").next().unwrap_or_default().to_owned();
    let lines = |block: String| block.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    blocks.map(block).map(|text| lines(text).replace("\n.", ".")).collect()
}

/// The names of functions that follow `start`.
fn names_after(text: &str, start: &str) -> BTreeSet<String> {
    let is_name = |one: char| one.is_alphanumeric() || one == '_';
    let name = |(at, _): (usize, &str)| {
        let rest = &text[at + start.len()..];
        let name: String = rest.chars().take_while(|one| is_name(*one)).collect();
        rest[name.len()..].starts_with(['(', '<']).then_some(name)
    };
    text.match_indices(start).filter_map(name).collect()
}

/// The modules that each file of the session imports, or calls methods of.
fn session_uses() -> Uses {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session"));
    let (mut used, calls) = (imports(&sources, SESSION), calls(&sources));
    assert!(calls.values().map(BTreeSet::len).sum::<usize>() > 100, "calls are found");
    for (module, of) in calls {
        used.entry(module).or_default().extend(of);
    }
    used
}

/// The folders that the files of each folder use.
fn folders(used: &Uses) -> Uses {
    let names: BTreeSet<&String> =
        used.keys().filter(|module| module.len() > 1).map(|module| &module[0]).collect();
    let folder = |module: &Module| {
        module.first().filter(|first| names.contains(first)).map(|first| vec![first.clone()])
    };
    let mut folders = Uses::new();
    for (module, of) in used {
        if let Some(name) = folder(module) {
            let others = of.iter().filter_map(folder).filter(|other| *other != name);
            folders.entry(name.clone()).or_default().extend(others);
        }
    }
    folders
}

#[test]
fn session_files_use_each_other_in_no_circle() {
    let none: Vec<String> = Vec::new();
    assert_eq!(circle(session_uses()), none, "these files import or call each other");
}

#[test]
fn session_folders_use_each_other_in_no_circle() {
    let none: Vec<String> = Vec::new();
    assert_eq!(circle(folders(&session_uses())), none, "these folders use each other");
}

#[test]
fn session_sign_in_and_refresh_do_not_use_each_other() {
    let used = folders(&session_uses());
    let [sign_in, refresh] = ["sign_in", "refresh"].map(|name| vec![name.to_owned()]);
    assert!(!used[&sign_in].contains(&refresh), "what both need belongs below them");
    assert!(!used[&refresh].contains(&sign_in), "what both need belongs below them");
}

#[test]
fn account_calls_are_read_across_lines() {
    let text = "\nimpl Account {\n    fn a(&self) {\n        self\n            .b();\n        self.c;\n    }\n}\n";
    let blocks = methods(text);
    assert_eq!(names_after(&blocks[0], "fn "), BTreeSet::from(["a".to_owned()]));
    assert_eq!(names_after(&blocks[0], "self."), BTreeSet::from(["b".to_owned()]));
}

#[test]
fn session_imports_are_read_from_nested_use_lists() {
    let read = paths(
        "use crate::session::{a::{B, c::D}, e::F};\nfn g() { crate::session::h::I }",
        SESSION,
    );
    let read: Vec<String> = read.iter().map(|path| path.join("::")).collect();
    let expected =
        ["a::B", "a::c::D", "e::F", "h::I"].map(|path| format!("crate::session::{path}"));
    assert_eq!(read, expected);
}
