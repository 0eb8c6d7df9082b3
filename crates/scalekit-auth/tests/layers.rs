//! The layers of the session's files: types below, transitions above.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

type Module = Vec<String>;

/// Each file under `src/session` by its module path. Tests are excluded.
fn sources() -> BTreeMap<Module, String> {
    let mut sources = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session");
    read_folder(&root, &Vec::new(), &mut sources);
    sources
}

/// The modules that each file uses.
fn imports(sources: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let modules: BTreeSet<Module> = sources.keys().cloned().collect();
    let named = |(module, text): (&Module, &String)| {
        let paths = paths(text).into_iter();
        let found = paths.filter_map(|path| resolve(module, &path, &modules));
        (module.clone(), found.filter(|other| other != module).collect())
    };
    sources.iter().map(named).collect()
}

/// The modules whose methods of `Account` each file calls: these need no import.
fn calls(sources: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
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

fn read_folder(folder: &Path, module: &Module, sources: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut inner = module.clone();
        if name == "tests" {
            continue;
        }
        if name != "mod" {
            inner.push(name);
        }
        if path.is_dir() {
            read_folder(&path, &inner, sources);
        } else {
            sources.insert(inner, fs::read_to_string(&path).unwrap());
        }
    }
}

/// The paths that `use` declarations import, and the full paths elsewhere.
fn paths(text: &str) -> Vec<Module> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: Vec<&str> = lines.collect();
    let code = code.join("\n");
    let mut paths = Vec::new();
    for statement in code.split(';') {
        let declared = ["use ", "pub use ", "pub(super) use ", "pub(crate) use "];
        let after = |start: &str| {
            let at = statement.rfind(&format!("\n{start}")).map(|at| at + 1 + start.len());
            at.or(statement.starts_with(start).then_some(start.len()))
        };
        match declared.into_iter().find_map(after) {
            Some(at) => expand(&statement[at..], &Vec::new(), &mut paths),
            None => {
                for start in ["crate::session::", "super::"] {
                    for (at, _) in statement.match_indices(start) {
                        let ends = |one: char| !(one.is_alphanumeric() || one == '_' || one == ':');
                        let path = statement[at..].split(ends).next().unwrap_or_default();
                        expand(path, &Vec::new(), &mut paths);
                    }
                }
            }
        }
    }
    paths
}

/// `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str, before: &Module, paths: &mut Vec<Module>) {
    let parts = |path: &str| {
        let parts = path.split("::").map(str::trim).filter(|part| !part.is_empty());
        before.iter().cloned().chain(parts.map(str::to_owned)).collect::<Module>()
    };
    let Some((path, list)) = tree.split_once('{') else {
        paths.push(parts(tree));
        return;
    };
    let before = parts(path);
    let (mut depth, mut start) = (0, 0);
    let list = list.trim();
    let list = format!("{},", list.strip_suffix('}').unwrap_or(list));
    for (at, one) in list.char_indices() {
        match one {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !list[start..at].trim().is_empty() {
                    expand(list[start..at].trim(), &before, paths);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The file of `path`, if it is one of these.
fn resolve(module: &Module, path: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let absolute: Module = match parts.as_slice() {
        ["crate", "session", rest @ ..] => rest.iter().map(|part| (*part).to_owned()).collect(),
        ["super", ..] => {
            let up = parts.iter().take_while(|part| **part == "super").count();
            let base = module.iter().take(module.len().checked_sub(up)?).cloned();
            base.chain(path[up..].iter().cloned()).collect()
        }
        ["crate" | "std", ..] | [] => return None,
        ["self", ..] => module.iter().chain(&path[1..]).cloned().collect(),
        // A module beside its `mod` declaration.
        [first, ..] => {
            let inner: Module = module.iter().cloned().chain([(*first).to_owned()]).collect();
            return modules.contains(&inner).then_some(inner);
        }
    };
    let prefixes = (0..=absolute.len()).rev().map(|length| absolute[..length].to_vec());
    prefixes.into_iter().find(|prefix| modules.contains(prefix))
}

/// Repeatedly removes the files that import none of the others, or that none of the others imports.
fn circle(mut imports: BTreeMap<Module, BTreeSet<Module>>) -> Vec<String> {
    loop {
        let left: BTreeSet<Module> = imports.keys().cloned().collect();
        let imported: BTreeSet<Module> = imports.values().flatten().cloned().collect();
        imports.retain(|module, of| {
            imported.contains(module) && of.iter().any(|one| left.contains(one))
        });
        if imports.len() == left.len() {
            return left.iter().map(|module| module.join("::")).collect();
        }
    }
}

#[test]
fn session_files_use_each_other_in_no_circle() {
    let sources = sources();
    let (mut used, calls) = (imports(&sources), calls(&sources));
    assert!(calls.values().map(BTreeSet::len).sum::<usize>() > 100, "calls are found");
    for (module, of) in calls {
        used.entry(module).or_default().extend(of);
    }
    let none: Vec<String> = Vec::new();
    assert_eq!(circle(used), none, "these files import or call each other");
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
    let read = paths("use crate::session::{a::{B, c::D}, e::F};\nfn g() { crate::session::h::I }");
    let read: Vec<String> = read.iter().map(|path| path.join("::")).collect();
    let expected =
        ["a::B", "a::c::D", "e::F", "h::I"].map(|path| format!("crate::session::{path}"));
    assert_eq!(read, expected);
}
