//! The README of the plugin, which is also its crate documentation: what it shows is what the example contains, and no
//! dependency, status or command is missing.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::Path};

const README: &str = "crates/tauri-plugin-scalekit/README.md";

/// The files of the example, each where the README shows it, and whether it shows all of it.
const SHOWN: &[(&str, bool)] = &[
    ("examples/minimal/src/main.rs", true),
    ("examples/minimal/tauri.conf.json", false),
    ("examples/minimal/tauri.conf.json", false),
    ("examples/minimal/capabilities/main.json", true),
    ("examples/minimal/tauri.conf.json", false),
    ("examples/minimal/minimal.desktop", true),
    ("examples/minimal/README.md", false),
];

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap()
}

/// The lines of each code block below a comment that names a file, and that file.
fn shown(readme: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let comment = line.trim().strip_prefix("<!-- ");
        let Some(file) = comment.and_then(|comment| comment.strip_suffix(" -->")) else { continue };
        assert!(lines.next().unwrap().trim().starts_with("```"), "no block below {file}");
        let block: Vec<_> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        blocks.push((file, without_indent(&block)));
    }
    blocks
}

fn without_indent<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let least = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    lines.iter().map(|line| line.get(least..).unwrap_or_default()).collect()
}

/// Whether these lines are in the file one after the other. A member of an object may have a comma behind it.
fn contains(file: &[&str], part: &[&str]) -> bool {
    file.windows(part.len()).any(|window| {
        let window = without_indent(window);
        let (Some((end, before)), Some((part_end, part_before))) =
            (window.split_last(), part.split_last())
        else {
            return false;
        };
        before == part_before && end.trim_end_matches(',') == *part_end
    })
}

#[test]
fn plugin_readme_shows_the_files_of_the_minimal_example() {
    let readme = text(README);
    let blocks = shown(&readme);
    let files: Vec<_> = blocks.iter().map(|(file, _)| *file).collect();
    assert_eq!(files, SHOWN.iter().map(|(file, _)| *file).collect::<Vec<_>>());
    for ((file, block), (_, is_all)) in blocks.iter().zip(SHOWN) {
        let content = text(file);
        let lines: Vec<_> = content.lines().collect();
        let is_same = if *is_all { lines == *block } else { contains(&lines, block) };
        assert!(is_same, "{README} does not show what {file} contains:\n{}", block.join("\n"));
    }
}

#[test]
fn plugin_readme_names_the_dependencies_of_the_example() {
    let readme = text(README);
    let block = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown: toml::Table = block.unwrap().parse().unwrap();
    let example: toml::Table = text("examples/minimal/Cargo.toml").parse().unwrap();
    let workspace: toml::Table = text("Cargo.toml").parse().unwrap();
    let versions = &workspace["workspace"]["dependencies"];
    for section in ["dependencies", "build-dependencies"] {
        let names = |manifest: &toml::Table| -> Vec<String> {
            manifest[section].as_table().unwrap().keys().cloned().collect()
        };
        assert_eq!(names(&shown), names(&example), "{section}");
        for (name, version) in shown[section].as_table().unwrap() {
            let Some(version) = version.as_str() else { continue };
            let used = &versions[name];
            let used = used.get("version").unwrap_or(used);
            assert_eq!(used.as_str(), Some(version), "{name}");
        }
    }
    let rust = workspace["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert!(readme.contains(&format!("Rust {rust}")), "Rust {rust}");
}

#[test]
fn plugin_readme_names_each_command_and_status() {
    let readme = text(README);
    let permissions: toml::Table =
        text("crates/tauri-plugin-scalekit/permissions/default.toml").parse().unwrap();
    let permissions = permissions["default"]["permissions"].as_array().unwrap();
    let commands = permissions.iter().map(|one| {
        let words = one.as_str().unwrap().trim_start_matches("allow-").split('-');
        words.enumerate().map(|(at, word)| capitalized(word, at > 0)).collect::<String>()
    });
    let views = text("crates/tauri-plugin-scalekit/guest-js/views.ts");
    let statuses = views.split("\"status\": \"").skip(1);
    let statuses = statuses.filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    let words = readme.split(|c: char| !c.is_alphanumeric());
    let words: BTreeSet<_> = words.collect();
    let missing: Vec<_> =
        commands.chain(statuses).filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{README} does not name {missing:?}");
}

fn capitalized(word: &str, is_capitalized: bool) -> String {
    let (first, rest) = word.split_at(1);
    if is_capitalized { first.to_uppercase() + rest } else { word.to_owned() }
}
