//! The markers `// req: B5, X3` above the tests, which name the requirements that each test proves.
//!
//! A test's full name is derived from its file and the modules around it, without a build.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use toml::Table;

use crate::steps::{program, stdout_of};

/// The start of a marker.
const MARKER: &str = "// req:";

/// The tests of each requirement, by their full names.
pub type Marked = BTreeMap<String, BTreeSet<String>>;

/// Reads the markers of the checkout, and the tests with the official name of one of these cases.
///
/// # Errors
/// When a file cannot be read, or a marker is above no test.
pub fn of_checkout(root: &Path, cases: &[String]) -> Result<Marked> {
    let mut marked = Marked::new();
    for test in tests(root)? {
        let case = cases.iter().find(|case| case.replace('-', "_") == test.function);
        for id in test.ids.iter().chain(case) {
            marked.entry(id.clone()).or_default().insert(test.name.clone());
        }
    }
    Ok(marked)
}

/// All tests in Rust, and those of the window that have a marker.
///
/// # Errors
/// When a file cannot be read, or a marker is above no test.
pub fn tests(root: &Path) -> Result<Vec<Test>> {
    let mut list = program("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    let list = stdout_of(list.current_dir(root)).context("git does not list the files")?;
    let files: Vec<_> = list.lines().filter(|file| root.join(file).is_file()).collect();
    let places = Places::of(root, &files)?;
    let mut all = Vec::new();
    for file in files {
        let text = || fs::read_to_string(root.join(file)).with_context(|| file.to_owned());
        let tests = if file.ends_with(".rs") {
            let Some(place) = places.of_file(file) else { continue };
            tests_of_rust(&text()?, &place)
        } else if file.starts_with("ui/tests/") && file.ends_with(".test.ts") {
            tests_of_typescript(&text()?, file.trim_start_matches("ui/"))
        } else {
            continue;
        };
        all.extend(tests.with_context(|| file.to_owned())?);
    }
    Ok(all)
}

/// A test with its markers.
#[derive(Debug, PartialEq, Eq)]
pub struct Test {
    /// `package: path::test` or `package/target: path::test`.
    pub name: String,
    /// The last segment of the name.
    pub function: String,
    ids: Vec<String>,
}

/// The package or test target of each source file.
struct Places {
    /// A folder or file, and Cargo's name of the target.
    roots: Vec<(String, String)>,
}

/// A file's target, and its module in the target.
struct Place {
    target: String,
    modules: Vec<String>,
}

impl Places {
    fn of(root: &Path, files: &[&str]) -> Result<Self> {
        let mut roots = Vec::new();
        for file in files.iter().filter(|file| file.ends_with("Cargo.toml")) {
            let text = fs::read_to_string(root.join(file)).with_context(|| (*file).to_owned())?;
            let manifest: Table = toml::from_str(&text).with_context(|| (*file).to_owned())?;
            roots.extend(roots_of(&manifest, file.trim_end_matches("Cargo.toml"), files));
        }
        Ok(Self { roots })
    }

    /// The place of the longest root that the file is below.
    fn of_file(&self, file: &str) -> Option<Place> {
        let roots = self.roots.iter().filter(|(path, _)| file.starts_with(path.as_str()));
        let (path, target) = roots.max_by_key(|(path, _)| path.len())?;
        let module = file[path.len()..].trim_end_matches(".rs");
        let mut modules: Vec<_> = module.split('/').map(str::to_owned).collect();
        modules.pop_if(|last| ["", "lib", "main", "mod"].contains(&last.as_str()));
        Some(Place { target: target.clone(), modules })
    }
}

/// The library's folder, and the folder or file of each test target.
fn roots_of(manifest: &Table, folder: &str, files: &[&str]) -> Vec<(String, String)> {
    let text =
        |table: &Table, key: &str| table.get(key).and_then(|one| one.as_str().map(str::to_owned));
    let package = manifest.get("package").and_then(|package| package.as_table());
    let Some((package, name)) = package.and_then(|one| Some((one, text(one, "name")?))) else {
        return Vec::new();
    };
    let below = |path: &str| {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        format!("{folder}{parent}/")
    };
    let library = manifest.get("lib").and_then(|library| library.as_table());
    let library = library.and_then(|library| text(library, "path"));
    let mut roots = vec![(below(library.as_deref().unwrap_or("src/lib.rs")), name.clone())];
    let found = package.get("autotests").and_then(|one| one.as_bool()).unwrap_or(true);
    for file in files.iter().filter(|_| found) {
        let Some(test) = file.strip_prefix(&format!("{folder}tests/")) else { continue };
        let Some(test) = test.strip_suffix(".rs") else { continue };
        match test.split_once('/') {
            None => roots.push(((*file).to_owned(), format!("{name}/{test}"))),
            Some((target, "main")) => {
                roots.push((format!("{folder}tests/{target}/"), format!("{name}/{target}")));
            }
            Some(_) => {}
        }
    }
    let tests = manifest.get("test").and_then(|tests| tests.as_array());
    for test in tests.into_iter().flatten().filter_map(|test| test.as_table()) {
        if let (Some(target), Some(path)) = (text(test, "name"), text(test, "path")) {
            roots.push((below(&path), format!("{name}/{target}")));
        }
    }
    roots
}

/// The tests of a formatted Rust file: a module ends with a bracket in the column of its first line.
fn tests_of_rust(text: &str, place: &Place) -> Result<Vec<Test>> {
    let (mut tests, mut modules) = (Vec::new(), Vec::new());
    let (mut ids, mut is_test) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if let Some(list) = code.strip_prefix(MARKER) {
            ensure!(ids.is_empty(), "line {}: two markers above one test", number + 1);
            ids = ids_in(list);
        } else if code.starts_with("#[test]") || code.starts_with("#[tokio::test") {
            is_test = true;
        } else if code.starts_with("#[") && code.contains("ignore") && is_test {
            // A build in the profile of the tests does not run it; found here, it costs no run of all tests.
            ensure!(ids.is_empty(), "line {}: a marker above a test that is ignored", number + 1);
        } else if let Some(function) = function(code).filter(|_| is_test) {
            let inner = modules.iter().map(|(_, module): &(usize, String)| module);
            let path: Vec<_> = place.modules.iter().chain(inner).cloned().collect();
            let path = path.iter().map(|module| format!("{module}::")).collect::<String>();
            tests.push(Test {
                name: format!("{}: {path}{function}", place.target),
                function: function.to_owned(),
                ids: std::mem::take(&mut ids),
            });
            is_test = false;
        } else if !ids.is_empty() && !is_test {
            bail!("line {}: the marker above it is not directly above a test", number + 1);
        } else if let Some(module) = module(code) {
            modules.push((indent, module.to_owned()));
        } else if code == "}" {
            modules.pop_if(|(begin, _)| *begin == indent);
        }
    }
    Ok(tests)
}

/// The name of the function that begins in this line.
fn function(code: &str) -> Option<&str> {
    let code = ["pub ", "async "].iter().fold(code, |code, word| code.trim_start_matches(word));
    code.strip_prefix("fn ")?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// The name of the module that begins in this line.
fn module(code: &str) -> Option<&str> {
    code.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(" {")
}

/// The tests of the window's file that have a marker.
fn tests_of_typescript(text: &str, file: &str) -> Result<Vec<Test>> {
    let mut lines = text.lines().enumerate();
    let mut tests = Vec::new();
    while let Some((number, line)) = lines.next() {
        let Some(list) = line.trim_start().strip_prefix(MARKER) else { continue };
        let title = lines.next().and_then(|(_, line)| {
            line.trim_start().strip_prefix("test(\"")?.split_once("\", ").map(|(title, _)| title)
        });
        let title = title.with_context(|| format!("line {}: no test is below it", number + 1))?;
        let name = format!("ui: {file} > {title}");
        tests.push(Test { name, function: title.to_owned(), ids: ids_in(list) });
    }
    Ok(tests)
}

fn ids_in(list: &str) -> Vec<String> {
    list.split(',').map(|id| id.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> Result<Vec<Test>> {
        let place = Place { target: "a/b".to_owned(), modules: vec!["c".to_owned()] };
        tests_of_rust(text, &place)
    }

    #[test]
    fn requirement_marker_belongs_to_the_test_below_it() {
        let text = "mod tests {\n    // req: B5, X3\n    #[tokio::test(flavor = \"x\")]\n    \
            #[cfg(unix)]\n    async fn one() {\n    }\n\n    #[test]\n    fn two() {}\n}\n\n\
            #[test]\nfn three() {}\n";
        let tests = rust(text).unwrap();
        let found: Vec<_> = tests.iter().map(|one| (&*one.name, one.ids.join(" "))).collect();
        let none = String::new;
        let expected = [
            ("a/b: c::tests::one", "B5 X3".to_owned()),
            ("a/b: c::tests::two", none()),
            ("a/b: c::three", none()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn requirement_marker_above_no_test_is_rejected() {
        assert!(rust("// req: B5\nfn one() {}\n").is_err());
        assert!(rust("// req: B5\n\n#[test]\nfn one() {}\n").is_err());
        assert!(rust("// req: B5\n// req: B6\n#[test]\nfn one() {}\n").is_err());
        assert!(rust("// req: B5\n#[test]\n#[ignore]\nfn one() {}\n").is_err());
        assert!(tests_of_typescript("// req: B5\nconst a = 1;\n", "tests/a.test.ts").is_err());
    }

    #[test]
    fn requirement_marker_of_the_window_names_file_and_title() {
        let text = "// req: I9\ntest(\"a is b\", () => {});\ntest(\"c\", () => {});\n";
        let tests = tests_of_typescript(text, "tests/a.test.ts").unwrap();
        assert_eq!(tests.len(), 1);
        assert_eq!(tests[0].name, "ui: tests/a.test.ts > a is b");
    }

    #[test]
    fn requirement_test_is_named_by_its_target_and_modules() {
        let files = ["p/src/lib.rs", "p/tests/one.rs", "p/tests/two/main.rs"];
        let manifest = |text| toml::from_str::<Table>(text).unwrap();
        let mut roots = roots_of(&manifest("package.name = \"p\""), "p/", &files);
        let all = "package = { name = \"q\", autotests = false }\nlib.path = \"s/src/lib.rs\"\n\
            [[test]]\nname = \"chaos\"\npath = \"chaos/main.rs\"\n";
        roots.extend(roots_of(&manifest(all), "", &files));
        let places = Places { roots };
        let name = |file| {
            let place = places.of_file(file).unwrap();
            format!("{} {}", place.target, place.modules.join("::"))
        };
        assert_eq!(name("p/src/a/mod.rs"), "p a");
        assert_eq!(name("p/src/a/b.rs"), "p a::b");
        assert_eq!(name("p/tests/one.rs"), "p/one ");
        assert_eq!(name("p/tests/two/c.rs"), "p/two c");
        assert_eq!(name("s/src/main.rs"), "q ");
        assert_eq!(name("chaos/d.rs"), "q/chaos d");
        assert!(places.of_file("other/e.rs").is_none());
    }
}
