//! The built program with options: what it prints and how it ends. None of these starts has a window.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output, Stdio};

/// Starts the program where it has no display, in an empty home that stays empty.
fn started(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    program.args(arguments).stdin(Stdio::null());
    for folder in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
        program.env(folder, home.path());
    }
    program.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let output = program.output().unwrap();
    assert_eq!(home.path().read_dir().unwrap().count(), 0, "it wrote something");
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn version_option_prints_the_version_and_exits_with_0() {
    let output = started(&["--version"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), concat!("Latchkey ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn help_option_lists_options_and_exits_with_0() {
    let output = started(&["-h"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("-V, --version  print the version"));
}

#[test]
fn unknown_arguments_are_reported_and_exit_with_2() {
    for (argument, why) in [
        ("--nonsense", "there is no option --nonsense"),
        ("nonsense", "links of the scheme io.latchkey.desktop, and nothing else"),
    ] {
        let output = started(&[argument]);
        assert_eq!(output.status.code(), Some(2), "{argument}");
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
    }
}
