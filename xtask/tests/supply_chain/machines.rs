//! The files contain no path of a machine and no secret.

use crate::files::{File, all, none};

/// Keys that were made for tests and sign nothing that is trusted.
const TEST_KEYS: &[&str] = &["crates/scalekit-fuzz/src/test-key.pem"];

/// What an example may call a user.
const EXAMPLES: &[&str] = &["ada", "you", "user", "someone", "name"];

/// This file names what it searches for.
fn others() -> impl Iterator<Item = &'static File> {
    all().iter().filter(|file| !file.path.starts_with("xtask/tests/supply_chain/"))
}

/// Everything after `before` on a line, for each occurrence.
fn after<'a>(line: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(before).map(move |(at, _)| &line[at + before.len()..])
}

#[test]
fn repository_contains_no_home_directory_paths() {
    let mut found = Vec::new();
    for file in others() {
        for (number, line) in file.lines() {
            let root = after(line, "/root/").next().is_some();
            let homes = ["/home/", "/Users/", "C:\\Users\\", "C:/Users/"].iter();
            let home = homes.flat_map(|home| after(line, home)).any(|rest| {
                let name: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
                    .collect();
                !name.is_empty() && !EXAMPLES.contains(&&*name.to_lowercase())
            });
            if root || home {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    none("folders of a machine", found);
}

// req: J7
#[test]
fn repository_contains_no_private_keys_or_tokens() {
    let mut found = Vec::new();
    let begins = [
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "npm_",
        "AKIA",
        "xoxb-",
        "sk_live_",
        "cio",
    ];
    for file in others() {
        for (number, line) in file.lines() {
            let key = line.contains("PRIVATE KEY-----") && !TEST_KEYS.contains(&&*file.path);
            let token = begins.iter().any(|begin| {
                after(line, begin).any(|rest| {
                    rest.len() >= 20
                        && rest.bytes().take(20).all(|b| b.is_ascii_alphanumeric() || b == b'_')
                        && rest.bytes().take(20).any(|b| b.is_ascii_digit())
                })
            });
            if key || token {
                found.push(format!("{}:{number}", file.path));
            }
        }
    }
    none("keys and tokens", found);
    for key in TEST_KEYS {
        assert!(all().iter().any(|file| file.path == *key), "{key} is no longer needed");
    }
}

#[test]
fn repository_configures_no_custom_registry() {
    let known = ["registry.npmjs.org", "github.com/rust-lang/crates.io-index"];
    let mut found = Vec::new();
    for file in others() {
        for (number, line) in file.lines() {
            let settings = ["registry=", "registry =", "index-url", "extra-index", "index ="];
            let npm = file.path.ends_with(".npmrc") || file.path.ends_with("pip.conf");
            let cargo = file.path.ends_with(".cargo/config.toml");
            let own = (npm || cargo) && settings.iter().any(|word| line.contains(word));
            let source =
                after(line, "registry+").any(|rest| !known.iter().any(|one| rest.contains(one)));
            if own || source {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    none("registries", found);
}

/// CVE-2023-46115: the key that signs updates was in the environment of the window's build, and so in the window.
// req: J7
#[test]
fn signing_keys_are_not_exposed_to_the_webview_build() {
    let mut found = Vec::new();
    for file in all().iter().filter(|file| file.path.starts_with("ui/")) {
        for (number, line) in file.lines() {
            if [
                "TAURI_SIGNING",
                "TAURI_PRIVATE",
                "TAURI_KEY",
                "PRIVATE_KEY",
                "PRIVATE KEY",
                "envPrefix",
            ]
            .iter()
            .any(|word| line.contains(word))
            {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    for file in all().iter().filter(|file| file.path.starts_with(".github/")) {
        for (number, line) in file.lines() {
            if line.contains("TAURI_SIGNING") || line.contains("PRIVATE_KEY") {
                found.push(format!("{}:{number}: a key is where the window is built", file.path));
            }
        }
    }
    none("within reach of the window", found);
}
