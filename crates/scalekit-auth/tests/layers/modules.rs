//! The modules of a crate, and which of them each one uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

pub type Module = Vec<String>;

/// The modules that each module uses.
pub type Uses = BTreeMap<Module, BTreeSet<Module>>;

/// Each file under `root` by its module path, the crate's root with an empty one. Tests are excluded.
pub fn sources(root: &Path) -> BTreeMap<Module, String> {
    let mut sources = BTreeMap::new();
    read_folder(root, &Vec::new(), &mut sources);
    for (module, file, name) in renamed(&sources) {
        let named = |last: String| module.iter().cloned().chain([last]).collect::<Module>();
        let text = sources.remove(&named(file)).unwrap();
        sources.entry(named(name)).or_default().push_str(&text);
    }
    sources
}

/// The modules that have another name than their file: the module around each, the file's name, and its own.
fn renamed(sources: &BTreeMap<Module, String>) -> Vec<(Module, String, String)> {
    let mut renamed = Vec::new();
    for (module, text) in sources {
        for declared in text.split("#[path = \"").skip(1) {
            let (file, rest) = declared.split_once(".rs\"]\nmod ").unwrap();
            let (name, _) = rest.split_once(';').unwrap();
            renamed.push((module.clone(), file.to_owned(), name.to_owned()));
        }
    }
    renamed
}

/// The modules that each file uses; `root` is the path of the topmost one, such as `crate::session`.
pub fn imports(sources: &BTreeMap<Module, String>, root: &str) -> Uses {
    let modules: BTreeSet<Module> = sources.keys().cloned().collect();
    let named = |(module, text): (&Module, &String)| {
        let paths = paths(text, root).into_iter();
        let found = paths.filter_map(|path| resolve(module, &path, root, &modules));
        (module.clone(), found.filter(|other| other != module).collect())
    };
    sources.iter().map(named).collect()
}

fn read_folder(folder: &Path, module: &Module, sources: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut inner = module.clone();
        if name == "tests" {
            continue;
        }
        if name != "mod" && name != "lib" {
            inner.push(name);
        }
        if path.is_dir() {
            read_folder(&path, &inner, sources);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("\nmod tests {").next().unwrap_or_default();
            sources.insert(inner, code.to_owned());
        }
    }
}

/// The paths that `use` declarations import, and the full paths elsewhere.
pub fn paths(text: &str, root: &str) -> Vec<Module> {
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
                for start in [&format!("{root}::"), "super::"] {
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
fn resolve(
    module: &Module,
    path: &[String],
    root: &str,
    modules: &BTreeSet<Module>,
) -> Option<Module> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let of_root: Vec<&str> = root.split("::").collect();
    let absolute: Module = match parts.as_slice() {
        parts if parts.starts_with(&of_root) => path[of_root.len()..].to_vec(),
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
pub fn circle(mut imports: Uses) -> Vec<String> {
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
