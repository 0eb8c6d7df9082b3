//! The program `scalekit-dev`.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

#[test]
fn scalekit_dev_ends_when_its_stdin_closes() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scalekit-dev"));
    command.args(["--port", "0", "--until-stdin-closes"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(process.stdout.take().unwrap());
    let mut lines = stdout.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("More")), "it has started");
    assert_eq!(process.try_wait().unwrap(), None);
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
}
