//! `cargo xtask demo`: the application with an environment on this computer.

use std::process::Command;

use anyhow::Result;

use crate::{
    environment::{Choice, VARIABLES},
    setup::{For, set_up},
    steps::{built, cargo, program, step, target},
    test::build_ui,
};

/// The package and the name of a program.
pub type Program = (&'static str, &'static str);

/// The application.
pub const LATCHKEY: Program = ("latchkey", "latchkey");

/// The environment.
const SCALEKIT_DEV: Program = ("scalekit-dev", "scalekit-dev");

/// The script that acts as the user. It starts `scalekit-dev` inside itself.
const SCRIPT: Program = ("latchkey-tests", "latchkey-demo");

/// Runs the demo for a user, or unattended on a virtual desktop.
pub fn run(unattended: bool) -> Result<()> {
    let choice = Choice::of_variables()?;
    if unattended || !has_display() {
        return run_unattended(unattended, choice);
    }
    set_up(&[For::Building])?;
    build(match choice {
        Choice::Callers => &[LATCHKEY],
        Choice::ScalekitDev => &[LATCHKEY, SCALEKIT_DEV],
    })?;
    let environment = choice.start()?;
    println!("\nThe application is open. The demo ends when you close its window.");
    let mut application = program(built("latchkey"), &[]);
    environment.set_for(&mut application);
    // A container often has no other user.
    application.env("LATCHKEY_ALLOW_ROOT", "1");
    step("The application", &mut application)
}

fn run_unattended(is_requested: bool, choice: Choice) -> Result<()> {
    anyhow::ensure!(
        cfg!(target_os = "linux"),
        "The unattended demo needs a virtual desktop, which only Linux has. `cargo xtask demo` runs the application for you to try."
    );
    let [url, client_id] = VARIABLES;
    anyhow::ensure!(
        choice == Choice::ScalekitDev,
        "The unattended demo signs in at scalekit-dev and nowhere else. Unset {url} and {client_id}, or run `cargo xtask run` on a desktop."
    );
    if !is_requested {
        println!(
            "There is no display here: a script plays the user on a virtual desktop, and leaves pictures in {}.",
            target().join("demo").display()
        );
    }
    set_up(&[For::Building, For::VirtualDesktop])?;
    build(&[LATCHKEY, SCRIPT])?;
    let mut demo = program(built("latchkey-demo"), &[]);
    demo.env("LATCHKEY_PROGRAM", built("latchkey")).arg(target().join("demo"));
    step("The demo", &mut demo)
}

/// Builds the window and these programs only, as the demo needs neither the tests nor the simulation.
pub fn build(programs: &[Program]) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_builds_only_the_programs_it_runs() {
        let command = build_command(&[LATCHKEY, SCALEKIT_DEV]);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let expected = "build --locked --package latchkey --bin latchkey --package scalekit-dev --bin scalekit-dev";
        assert_eq!(words.join(" "), expected);
    }
}
