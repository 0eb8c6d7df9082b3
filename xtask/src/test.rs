//! `cargo xtask test`: every test there is.

use std::str::FromStr;

use anyhow::Result;

use crate::{
    gallery, mutants, requirements,
    setup::{For, foreign_clients, second_provider, set_up, third_provider},
    steps::{built, cargo, npm, step},
    supply,
};

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The source's form.
    Format,
    /// The window.
    Ui,
    /// What the compiler and clippy would rather see.
    Lint,
    /// Everything in Rust that needs no desktop.
    Rust,
    /// Licences, advisories and sources of what we build on, and the workflows.
    Supply,
    /// Whether each view looks as in its stored picture, and is accessible in a browser.
    Gallery,
    /// The whole application on a virtual desktop, processes that are killed, in a small dose, and foreign
    /// clients at `scalekit-dev`.
    Application,
    /// Whether each requirement has its proof.
    Requirements,
    /// Whether the tests notice what cargo-mutants changes, in a sample.
    Mutants,
    /// Killed processes in the full dose. Only when it is asked for.
    Chaos,
}

/// In the order in which a mistake shows soonest.
const ALL: &[Part] = &[
    Part::Format,
    Part::Ui,
    Part::Lint,
    Part::Rust,
    Part::Supply,
    Part::Gallery,
    Part::Application,
    Part::Requirements,
    Part::Mutants,
];

/// How many mutants a run of the tests tries. They are the same until the code of one of them changes, so that a run
/// fails for what was changed and not by the draw; `cargo xtask mutants` tries all.
const MUTANTS: usize = 10;
const MUTANTS_SEED: u64 = 1;

/// The packages whose tests need no desktop, as Cargo wants to be told.
/// The windows of `bench/` have no tests.
pub const WITHOUT_DESKTOP: &[&str] = &[
    "--workspace",
    "--exclude",
    "latchkey-tests",
    "--exclude",
    "latchkey-bench-bare-*",
    "--exclude",
    "latchkey-bench-closed-*",
];

/// Set to `0`, a test that fails says why and not by which way through the runtime: in the logs of
/// hosted runs, which are cut, the ways are all that is left.
pub const BACKTRACES_OF_ERRORS: &str = "RUST_LIB_BACKTRACE";

/// The package whose tests need one.
pub const WITH_DESKTOP: &[&str] = &["--package", "latchkey-tests"];

impl FromStr for Part {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "format" => Ok(Self::Format),
            "ui" => Ok(Self::Ui),
            "lint" => Ok(Self::Lint),
            "rust" => Ok(Self::Rust),
            "supply" => Ok(Self::Supply),
            "gallery" => Ok(Self::Gallery),
            "application" => Ok(Self::Application),
            "requirements" => Ok(Self::Requirements),
            "mutants" => Ok(Self::Mutants),
            "chaos" => Ok(Self::Chaos),
            other => Err(format!("there is no part {other:?} of the tests")),
        }
    }
}

/// Runs these parts; all of them when none is named.
pub fn run(parts: &[Part]) -> Result<()> {
    let parts = if parts.is_empty() { ALL } else { parts };
    let mut purposes = vec![For::Building, For::Linting];
    let on_desktop = [Part::Application, Part::Chaos];
    if on_desktop.iter().any(|part| parts.contains(part)) && cfg!(target_os = "linux") {
        purposes.push(For::VirtualDesktop);
    }
    if parts.contains(&Part::Gallery) && cfg!(target_os = "linux") {
        purposes.push(For::Gallery);
    }
    set_up(&purposes)?;
    parts.iter().try_for_each(|part| match part {
        Part::Format => step("Form of the source", &mut cargo(&["fmt", "--all", "--check"])),
        Part::Ui => ui(),
        Part::Lint => lint(),
        Part::Rust => rust(),
        Part::Supply => supply::run(),
        Part::Gallery => gallery::run(gallery::Mode::Check),
        Part::Application => application(),
        Part::Requirements => requirements::check(),
        Part::Mutants => mutants(),
        Part::Chaos => chaos(),
    })?;
    println!("\nAll of it passed.");
    Ok(())
}

/// Builds the window, which the application carries inside it.
pub fn build_ui() -> Result<()> {
    step("Building the window", &mut npm(&["run", "--silent", "build"]))
}

/// Builds the programs. All of the workspace at once: what it depends on is then built once.
pub fn build_programs() -> Result<()> {
    build_ui()?;
    let build = &["build", "--workspace", "--exclude", "latchkey-bench-*", "--locked"];
    step("Building the application", &mut cargo(build))
}

fn ui() -> Result<()> {
    step("Types of the window", &mut npm(&["run", "--silent", "check"]))?;
    step("Form of the window's source", &mut npm(&["run", "--silent", "lint"]))?;
    step("Tests of the window", &mut npm(&["run", "--silent", "test"]))
}

fn lint() -> Result<()> {
    build_ui()?;
    let clippy =
        &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
    step("Lints", &mut cargo(clippy))?;
    // As an application takes them: what tests and other members of the workspace turn on is off.
    let published = &["scalekit-auth", "scalekit-auth-native", "tauri-plugin-scalekit"];
    let packages: Vec<_> = published.iter().flat_map(|package| ["--package", package]).collect();
    let mut check = cargo(&["check", "--locked"]);
    step("The crates without the features of tests", check.args(&packages))?;
    let mut documents = cargo(&["doc", "--no-deps", "--locked"]);
    documents.args(&packages).env("RUSTDOCFLAGS", "--deny warnings");
    step("The crates' documents", &mut documents)
}

fn rust() -> Result<()> {
    build_ui()?;
    let mut tests = cargo(&["test", "--locked"]);
    step("Tests in Rust", tests.args(WITHOUT_DESKTOP))?;
    let broken =
        &["test", "--package", "scalekit-simulation", "--features", "seeded-bugs", "--locked"];
    step("The simulation, with machines that are broken on purpose", &mut cargo(broken))
}

fn application() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!(
            "\n» The whole application: left out. Its tests need a virtual desktop, which only Linux has."
        );
        return Ok(());
    }
    second_provider()?;
    third_provider()?;
    foreign_clients()?;
    build_programs()?;
    let mut tests = cargo(&["test", "--locked"]);
    tests.args(WITH_DESKTOP).env("LATCHKEY_PROGRAM", built("latchkey"));
    tests.env(BACKTRACES_OF_ERRORS, "0");
    step("The whole application", &mut tests)
}

fn mutants() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("\n» Mutants: left out. The list of those that nothing can notice is for Linux.");
        return Ok(());
    }
    mutants::run(&mutants::Wanted {
        sample: Some(MUTANTS),
        seed: Some(MUTANTS_SEED),
        ..mutants::Wanted::default()
    })
}

/// Leaves what it measured in `target/chaos`.
fn chaos() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("\n» Chaos: left out. It needs a keychain of its own, which only Linux has.");
        return Ok(());
    }
    build_programs()?;
    let mut tests = cargo(&["test", "--package", "latchkey-tests", "--test", "chaos", "--locked"]);
    tests.env("LATCHKEY_PROGRAM", built("latchkey")).env(BACKTRACES_OF_ERRORS, "0");
    // One after the other: what is measured is not to be disturbed.
    tests.args(["--", "--test-threads", "1", "--nocapture"]).env("LATCHKEY_TEST_SCALE", "full");
    step("Chaos, the full dose", &mut tests)
}
