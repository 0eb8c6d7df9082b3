//! `cargo xtask demo`: the application against an environment on this machine.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    setup::{For, set_up},
    steps::{built, cargo, program, step, target},
    test::build_ui,
};

/// The package and the name of a program.
type Program = (&'static str, &'static str);

/// What the demo runs.
const PROGRAMS: &[Program] = &[("latchkey", "latchkey"), ("scalekit-dev", "scalekit-dev")];

/// The script that acts as the user. It starts `scalekit-dev` inside itself.
const SCRIPT: Program = ("latchkey-tests", "latchkey-demo");

/// Runs it for a user, or on a virtual desktop for nobody.
pub fn run(unattended: bool) -> Result<()> {
    if unattended || !has_display() {
        return alone(unattended);
    }
    set_up(&[For::Building])?;
    build(PROGRAMS)?;
    let environment = Environment::start(&[])?;
    println!("\nThe application is open. The demo ends when you close its window.");
    let mut application = program(built("latchkey"), &[]);
    application
        .env("SCALEKIT_ENVIRONMENT_URL", &environment.url)
        .env("SCALEKIT_CLIENT_ID", &environment.client_id)
        // For trying it in a container, which often has no other user.
        .env("LATCHKEY_ALLOW_ROOT", "1");
    step("The application", &mut application)
}

fn alone(asked_for: bool) -> Result<()> {
    anyhow::ensure!(
        cfg!(target_os = "linux"),
        "The unattended demo needs a virtual desktop, which only Linux has. `cargo xtask demo` runs the application for you to try."
    );
    if !asked_for {
        println!(
            "There is no display here: a script plays the user on a virtual desktop, and leaves pictures in {}.",
            target().join("demo").display()
        );
    }
    set_up(&[For::Building, For::VirtualDesktop])?;
    build(&[PROGRAMS[0], SCRIPT])?;
    let mut demo = program(built("latchkey-demo"), &[]);
    demo.env("LATCHKEY_PROGRAM", built("latchkey")).arg(target().join("demo"));
    step("The demo", &mut demo)
}

/// Builds the window and these programs. Nobody who only looks at the demo waits for the tests and the simulation.
fn build(programs: &[Program]) -> Result<()> {
    build_ui()?;
    step("Building the application", &mut build_command(programs))
}

fn build_command(programs: &[Program]) -> Command {
    let mut build = cargo(&["build", "--locked"]);
    for (package, program) in programs {
        build.args(["--package", package, "--bin", program]);
    }
    build
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// `scalekit-dev`, running beside the application.
pub struct Environment {
    process: Child,
    /// Its address.
    pub url: String,
    /// The application it knows.
    pub client_id: String,
}

impl Environment {
    /// Starts it, and shows what it says: who can sign in.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let mut command = program(built("scalekit-dev"), &["--port", "0"]);
        command.args(arguments).stdout(Stdio::piped());
        let mut process = command.spawn().context("scalekit-dev could not be started")?;
        let output = process.stdout.take().context("scalekit-dev has no output")?;
        let mut environment = Self { process, url: String::new(), client_id: String::new() };
        println!();
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            if let Some(url) = line.strip_prefix("Environment URL") {
                url.trim().clone_into(&mut environment.url);
            }
            if let Some(client_id) = line.strip_prefix("Client ID") {
                client_id.trim().clone_into(&mut environment.client_id);
            }
            if line.starts_with("More") {
                return Ok(environment);
            }
        }
        anyhow::bail!("scalekit-dev ended before it could be used")
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_builds_only_the_programs_it_runs() {
        let command = build_command(PROGRAMS);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let expected = "build --locked --package latchkey --bin latchkey --package scalekit-dev --bin scalekit-dev";
        assert_eq!(words.join(" "), expected);
    }
}
