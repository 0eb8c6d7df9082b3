//! Each command of the webview is in the permissions and the isolation hook, and of the application in its handler.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The text between the first `from` and the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("there is no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("there is no {to} after {from}")).0
}

/// The elements of a list, each without its quotation marks and the module.
fn elements(list: &str) -> BTreeSet<String> {
    let elements = list.split(',').map(str::trim).filter(|one| !one.is_empty());
    elements.map(|one| one.trim_matches('"').trim_start_matches("commands::").to_owned()).collect()
}

fn of_permissions(list: &str) -> BTreeSet<String> {
    let allowed = elements(list).into_iter();
    allowed.filter_map(|one| Some(one.strip_prefix("allow-")?.replace('-', "_"))).collect()
}

/// The keys of the hook's list. A command that is too long for a line takes several, with arguments deeper inside.
fn of_hook() -> BTreeSet<String> {
    let hook = read("ui/isolation/hook.js");
    let list = between(&hook, "Object.entries({\n", "\n    }),");
    let key = |line: &str| {
        let line = line.strip_prefix("      ")?;
        let starts = line.starts_with(|first: char| first.is_alphabetic() || first == '"');
        let (key, _) = line.split_once(": {").filter(|_| starts)?;
        Some(key.trim_matches('"').to_owned())
    };
    list.lines().filter_map(key).collect()
}

/// The list from which the plugin's build script and its handler are made.
fn of_plugin() -> BTreeSet<String> {
    let list = read("crates/tauri-plugin-scalekit/src/command_names.rs");
    elements(between(&list, "$then! {", "}"))
}

#[test]
fn plugin_commands_are_the_same_in_each_list() {
    let commands = of_plugin();
    assert!(commands.len() > 10, "{commands:?}");
    let permissions = read("crates/tauri-plugin-scalekit/permissions/default.toml");
    assert_eq!(of_permissions(between(&permissions, "permissions = [", "]")), commands);
    let hook = of_hook();
    let of_hook = hook.iter().filter_map(|one| one.strip_prefix("plugin:scalekit|"));
    assert_eq!(of_hook.map(str::to_owned).collect::<BTreeSet<_>>(), commands);
}

#[test]
fn application_commands_are_the_same_in_each_list() {
    let build = read("src-tauri/build.rs");
    let commands = elements(between(&build, ".commands(&[", "]"));
    assert!(commands.len() > 5, "{commands:?}");
    let handler = read("src-tauri/src/lib.rs");
    assert_eq!(elements(between(&handler, "generate_handler![", "]")), commands);
    let capability = read("src-tauri/capabilities/main.json");
    assert_eq!(of_permissions(between(&capability, "\"permissions\": [", "]")), commands);
    let hook = of_hook().into_iter();
    let own: BTreeSet<_> = hook.filter(|one| !one.starts_with("plugin:")).collect();
    assert_eq!(own, commands);
}

/// The arguments of a command of the plugin that must be there, as the hook checks them.
fn required_arguments(command: &str) -> Vec<String> {
    let hook = read("ui/isolation/hook.js");
    let list = between(&hook, &format!("\"plugin:scalekit|{command}\": {{"), "}");
    let arguments = list.split(',').filter_map(|argument| argument.trim().split_once(": "));
    arguments.filter(|(_, check)| *check != "isHint").map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn example_page_calls_commands_with_their_arguments() {
    let page = read("examples/minimal/web/main.js");
    let commands = of_plugin();
    let mut called = 0;
    for command in commands.iter().filter(|command| *command != "watch") {
        for (_, rest) in
            page.match_indices(&format!("\"{command}\"")).map(|(at, _)| page.split_at(at))
        {
            called += 1;
            let (call, _) = rest.split_once(']').unwrap();
            for argument in required_arguments(command) {
                assert!(call.contains(&argument), "{command} is called without {argument}");
            }
        }
    }
    assert!(called >= 9, "{called} calls");
}
