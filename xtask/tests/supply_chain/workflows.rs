//! The workflows, line by line. zizmor checks them too where it can be installed; these tests need no tool.

use crate::files::{File, all, none};

fn workflows() -> Vec<&'static File> {
    let found: Vec<_> =
        all().iter().filter(|file| file.path.starts_with(".github/workflows/")).collect();
    assert!(found.len() >= 2);
    found
}

fn wrong_lines(what: &str, wrong: impl Fn(&str) -> bool) {
    let mut found = Vec::new();
    for file in workflows() {
        let lines = file.lines().filter(|(_, line)| wrong(line.trim_start_matches([' ', '-'])));
        found
            .extend(lines.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim())));
    }
    none(what, found);
}

// req: L6
#[test]
fn workflow_actions_are_pinned_to_a_commit_and_version() {
    wrong_lines("not pinned", |line| {
        line.strip_prefix("uses: ").is_some_and(|action| {
            let (commit, version) = action
                .split_once('@')
                .and_then(|(_, rest)| rest.split_once(" # v"))
                .unwrap_or_default();
            let hex = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            !hex || !version.starts_with(|c: char| c.is_ascii_digit())
        })
    });
}

// req: L6
#[test]
fn workflow_permissions_are_empty_and_jobs_only_read() {
    for file in workflows() {
        let text = file.text();
        assert!(text.contains("\npermissions: {}\n"), "{}", file.path);
        assert_eq!(text.matches("runs-on:").count(), text.matches("    permissions:\n").count());
    }
    wrong_lines("may write", |line| line.contains(": write") || line.contains("write-all"));
}

#[test]
fn workflow_checkouts_persist_no_credentials() {
    for file in workflows() {
        let text = file.text();
        let checkouts = text.matches("actions/checkout@").count();
        assert_eq!(checkouts, text.matches("persist-credentials: false").count(), "{}", file.path);
    }
}

#[test]
fn workflows_give_untrusted_input_no_secrets_and_no_shell() {
    wrong_lines("another's code with rights", |line| {
        line.contains("pull_request_target")
            || line.contains("workflow_run")
            || line.contains("secrets.")
    });
    // Expressions are in the keys around a command, never in it: every command here is one line, or
    // an indented block of lines that begin no key.
    wrong_lines("put into a command", |line| {
        let keys = [
            "group: ",
            "cancel-in-progress: ",
            "name: ",
            "runs-on: ",
            "if: ",
            "key: ",
            "restore-keys: ",
            // In the environment of a command it is one word, whatever its value.
            "PART: ",
        ];
        let key = keys.iter().any(|key| line.starts_with(key));
        line.contains("${{") && !key
    });
}

#[test]
fn workflow_installs_are_versioned_and_locked() {
    wrong_lines("newest", |line| {
        line.contains("@latest") || line.contains("@main") || line.contains("| sh")
    });
    wrong_lines("without --locked", |line| {
        let line = line.trim_start_matches("run: ");
        let of_cargo = ["cargo install", "cargo build", "cargo test", "cargo vet"];
        of_cargo.iter().any(|start| line.starts_with(start)) && !line.contains("--locked")
    });
}
