//! The steps of the plugin's README, done in a fresh application outside of the workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::steps::{cargo, program, root, step, target};

const README: &str = "crates/tauri-plugin-scalekit/README.md";
const BINDINGS: &str = "crates/tauri-plugin-scalekit/guest-js";

/// The profile `dev` of the workspace.
const PROFILE: &[&str] = &[
    "profile.dev.debug = 'line-tables-only'",
    "profile.dev.split-debuginfo = 'unpacked'",
    "profile.dev.package.'*'.debug = false",
];

/// A code block.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    /// The text after the fence, such as `rust,no_run`.
    kind: String,
    /// The file of the example in the comment above it.
    file: Option<String>,
    code: String,
}

/// Builds both sides of an application that has each code block of the README.
pub fn walk() -> Result<()> {
    let readme = fs::read_to_string(root().join(README))?;
    let blocks = blocks(&readme);
    let folder = target().join("plugin-readme");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    write_core(&folder.join("src-tauri"), &readme, &blocks)?;
    write_page(&folder, &blocks)?;
    // Adds the application to the copied file, and leaves each version as it is.
    let mut lock = cargo(&["--offline", "--quiet", "update", "--workspace"]);
    step("Its versions", lock.current_dir(folder.join("src-tauri")))?;
    // With the profile of the workspace, so that dependencies are not built once more.
    let mut check = cargo(&["check", "--locked", "--offline"]);
    for setting in PROFILE {
        check.args(["--config", setting]);
    }
    check.current_dir(folder.join("src-tauri")).env("CARGO_TARGET_DIR", target());
    step("An application by the plugin's README", &mut check)?;
    let tsc = root().join("ui/node_modules/typescript/bin/tsc");
    let mut types = program("node", &[]);
    types.arg(tsc).args(["--project", "."]).current_dir(&folder);
    step("The page of that application", &mut types)
}

/// The blocks in the order of the page, without their indentation.
fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut file, mut open): (Option<String>, Option<Block>) = (None, None);
    for line in readme.lines() {
        let text = line.trim_start();
        if let Some(mut block) = open.take() {
            if text.trim_end() == "```" {
                blocks.push(block);
            } else {
                // rustdoc hides these from the reader, and they are no part of an application.
                if !block.kind.starts_with("rust") || !text.starts_with("# ") {
                    block.code += text;
                    block.code.push('\n');
                }
                open = Some(block);
            }
        } else if let Some(kind) = text.strip_prefix("```") {
            open = Some(Block { kind: kind.to_owned(), file: file.take(), code: String::new() });
        } else if let Some(comment) = text.strip_prefix("<!-- ") {
            file = comment.strip_suffix(" -->").map(str::to_owned);
        }
    }
    blocks
}

fn write_core(folder: &Path, readme: &str, blocks: &[Block]) -> Result<()> {
    let of_file = |name: &str| {
        let file = format!("examples/minimal/{name}");
        let found: Vec<_> =
            blocks.iter().filter(|block| block.file.as_ref() == Some(&file)).collect();
        ensure!(!found.is_empty(), "the README has no block of {file}");
        Ok(found)
    };
    let manifest = blocks.iter().find(|block| block.kind == "toml").context("no Cargo.toml")?;
    write(&folder.join("Cargo.toml"), &manifest_of(&manifest.code, readme)?)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    write(&folder.join("build.rs"), "fn main() {\n    tauri_build::build()\n}\n")?;
    fs::create_dir_all(folder.join("icons"))?;
    fs::copy(root().join("src-tauri/icons/icon.png"), folder.join("icons/icon.png"))?;

    let mut main = of_file("src/main.rs")?.iter().map(|block| &*block.code).collect::<String>();
    let others = blocks.iter().filter(|block| block.kind.starts_with("rust"));
    for (at, block) in others.filter(|block| block.file.is_none()).enumerate() {
        // Each is a part of the application's code, which nothing else calls here.
        let name = format!("block_{at}");
        main += &format!("\n#[allow(unused)]\nmod {name};\n");
        let code = format!("pub fn example() {{\n{}}}\n", block.code);
        write(&folder.join(format!("src/{name}.rs")), &code)?;
    }
    write(&folder.join("src/main.rs"), &main)?;

    let mut config = json!({
        "productName": "Walk",
        "identifier": "com.example.minimal",
        "build": { "frontendDist": "../src" },
        "app": { "windows": [{ "label": "main", "title": "Walk" }] },
        "bundle": { "icon": ["icons/icon.png"] },
    });
    for block in of_file("tauri.conf.json")? {
        let part: Value = serde_json::from_str(&format!("{{{}}}", block.code))?;
        for (key, value) in part.as_object().into_iter().flatten() {
            let place = match key.as_str() {
                "security" => &mut config["app"],
                "linux" => &mut config["bundle"],
                _ => &mut config,
            };
            place[key] = value.clone();
        }
    }
    write(&folder.join("tauri.conf.json"), &serde_json::to_string_pretty(&config)?)?;
    for name in ["capabilities/main.json", "minimal.desktop"] {
        for block in of_file(name)? {
            write(&folder.join(name), &block.code)?;
        }
    }
    Ok(())
}

/// The manifest with the README's dependencies, and `serde`, which its text names. The checkout beside the application is
/// this one. Tauri has the features of the workspace: those that it has by default need crates that `Cargo.lock` does not
/// have.
fn manifest_of(dependencies: &str, readme: &str) -> Result<String> {
    const TAURI: &str = "tauri = \"2.12\"\n";
    const CHECKOUT: &str = "\"../../latchkey/";
    let workspace = fs::read_to_string(root().join("Cargo.toml"))?;
    let tauri = workspace.lines().find(|line| line.starts_with("tauri = ")).context("no tauri")?;
    ensure!(dependencies.contains(TAURI), "the README has no line {TAURI}");
    ensure!(dependencies.contains(CHECKOUT), "the README has no path {CHECKOUT}");
    let checkout = format!("\"{}/", root().display().to_string().replace('\\', "/"));
    let dependencies =
        dependencies.replace(TAURI, &format!("{tauri}\n")).replace(CHECKOUT, &checkout);
    let serde = readme
        .split('`')
        .find(|code| code.starts_with("serde = "))
        .context("the README does not name serde")?;
    Ok(format!(
        "[package]\nname = \"walk\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{}",
        dependencies.replace("[dependencies]\n", &format!("[dependencies]\n{serde}\n"))
    ))
}

/// The page as `create-tauri-app` has it with TypeScript, and each block as a module of its own.
fn write_page(app: &Path, blocks: &[Block]) -> Result<()> {
    for (at, block) in blocks.iter().filter(|block| block.kind == "ts").enumerate() {
        write(&app.join(format!("src/block-{at}.ts")), &block.code)?;
    }
    let options = json!({
        "target": "ES2022", "module": "ESNext", "moduleResolution": "bundler",
        "lib": ["ES2022", "DOM", "DOM.Iterable"], "types": [], "strict": true, "noEmit": true, "skipLibCheck": true,
        "allowImportingTsExtensions": true, "resolveJsonModule": true, "isolatedModules": true,
    });
    let project = json!({ "compilerOptions": options, "include": ["src"] });
    write(&app.join("tsconfig.json"), &serde_json::to_string_pretty(&project)?)?;
    // As `npm install --install-links` leaves them.
    let modules = app.join("node_modules");
    let bindings = root().join(BINDINGS);
    let package: Value = serde_json::from_str(&fs::read_to_string(bindings.join("package.json"))?)?;
    let files = package["files"].as_array().context("the package lists no files")?;
    for name in files.iter().filter_map(Value::as_str).chain(["package.json"]) {
        let text = fs::read_to_string(bindings.join(name))?;
        write(&modules.join("tauri-plugin-scalekit-api").join(name), &text)?;
    }
    copy(&root().join("ui/node_modules/@tauri-apps/api"), &modules.join("@tauri-apps/api"))
}

fn write(file: &PathBuf, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text).with_context(|| file.display().to_string())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_blocks_have_their_file_and_no_hidden_line() {
        let page = "1. Text\n\n   <!-- examples/minimal/a.rs -->\n   ```rust,ignore\n   fn a() {}\n   # hidden\n   ```\n\n```ts\nlet b;\n```\n";
        let block = |kind: &str, file: Option<&str>, code: &str| Block {
            kind: kind.to_owned(),
            file: file.map(str::to_owned),
            code: code.to_owned(),
        };
        let expected = [
            block("rust,ignore", Some("examples/minimal/a.rs"), "fn a() {}\n"),
            block("ts", None, "let b;\n"),
        ];
        assert_eq!(blocks(page), expected);
    }
}
