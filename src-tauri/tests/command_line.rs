//! The built program with options: its output and exit code. None of these starts opens a window.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output, Stdio};

/// Runs the program without a display, in an empty home directory that has to stay empty.
fn started(arguments: &[&str]) -> Output {
    started_with(arguments, &[])
}

/// Like [`started`], with these variables, and without others that name an environment or a bus.
fn started_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    program.args(arguments).stdin(Stdio::null());
    for folder in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
        program.env(folder, home.path());
    }
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "SCALEKIT_ENVIRONMENT_URL", "SCALEKIT_CLIENT_ID"] {
        program.env_remove(name);
    }
    let bus = format!("unix:path={}/bus", home.path().display());
    program.env("DBUS_SESSION_BUS_ADDRESS", bus).env("XDG_DATA_DIRS", home.path());
    program.env("XDG_CONFIG_DIRS", home.path()).env("LATCHKEY_ALLOW_ROOT", "1");
    program.envs(variables.iter().copied());
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

#[cfg(target_os = "linux")]
#[test]
fn self_check_reports_a_bare_computer_and_exits_with_4() {
    let output = started(&["self-check"]);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{report}{}", text(&output.stderr));
    for line in [
        "alarm        Links from the browser: Nothing on this computer opens the links",
        "information  Second start: This application is not running",
        "caution      Keychain: No keychain service is running",
        "caution      Sign-in service: This application is not set up",
        "Latchkey sets its links up when it starts, and when you choose Set up links again",
    ] {
        assert!(report.contains(line), "{report}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn self_check_json_has_codes_and_levels_for_programs() {
    // Port 9 of this computer: no process listens there.
    let variables =
        [("SCALEKIT_ENVIRONMENT_URL", "http://127.0.0.1:9"), ("SCALEKIT_CLIENT_ID", "skc_1")];
    let output = started_with(&["self-check", "--json"], &variables);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(report["level"], "alarm");
    let findings = report["findings"].as_array().unwrap();
    let code_of = |check: &str| {
        let found = findings.iter().find(|finding| finding["check"] == check).unwrap();
        found["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code_of("scheme"), "schemeNobody");
    assert_eq!(code_of("instance"), "instanceNotRunning");
    assert_eq!(code_of("keychain"), "keychainMissing");
    assert_eq!(code_of("discovery"), "discoveryUnreached");
    assert_eq!(code_of("redirectUri"), "notChecked");
    let discovery = findings.iter().find(|finding| finding["check"] == "discovery").unwrap();
    assert_eq!(discovery["problem"]["code"], "offline");
    assert_eq!(discovery["parameters"]["environment"], "http://127.0.0.1:9");
}

#[cfg(target_os = "linux")]
#[test]
fn self_check_with_invalid_settings_shows_the_error() {
    let variables =
        [("SCALEKIT_ENVIRONMENT_URL", "http://acme.example"), ("SCALEKIT_CLIENT_ID", "skc_1")];
    let output = started_with(&["self-check"], &variables);
    let report = text(&output.stdout);
    assert!(report.contains("The environment URL must start with https://"), "{report}");
}
