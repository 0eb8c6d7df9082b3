//! `cargo xtask test`: all tests, in parts.

use std::str::FromStr;

use anyhow::Result;

use crate::{
    gallery, mutants, plugin_readme, requirements,
    setup::{For, foreign_clients, second_provider, set_up, third_provider},
    steps::{built, cargo, npm, step},
    supply,
};

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The format of the source.
    Format,
    /// The window.
    Ui,
    /// The warnings of the compiler and clippy.
    Lint,
    /// The Rust tests that need no desktop.
    Rust,
    /// Licences, advisories and sources of the dependencies, and the workflows.
    Supply,
    /// Comparison of each view with its stored picture, and accessibility checks in a browser.
    Gallery,
    /// End-to-end tests on a virtual desktop, crash tests at small scale, and other vendors' clients against
    /// `scalekit-dev`.
    Application,
    /// The check that each requirement has a proof.
    Requirements,
    /// A sample of cargo-mutants' mutants.
    Mutants,
    /// Crash tests at full scale. Only when named.
    Chaos,
}

/// In the order in which errors are found soonest.
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

/// The number of mutants in a test run. The sample is stable until one of their functions changes, so that a run does
/// not fail by chance; `cargo xtask mutants` tests all.
const MUTANTS: usize = 10;
const MUTANTS_SEED: u64 = 1;

/// Cargo's arguments for the packages whose tests need no desktop. The windows of `bench/` have no tests.
pub const WITHOUT_DESKTOP: &[&str] = &[
    "--workspace",
    "--exclude",
    "latchkey-tests",
    "--exclude",
    "latchkey-bench-bare-*",
    "--exclude",
    "latchkey-bench-closed-*",
];

/// The variable that, set to `0`, omits backtraces from errors of failing tests: the logs of hosted runs are
/// truncated, and would contain nothing else.
pub const BACKTRACES_OF_ERRORS: &str = "RUST_LIB_BACKTRACE";

/// Cargo's arguments for the package whose tests need a desktop.
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

/// Runs these parts; all if none is named.
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

/// Builds the window, which is embedded in the application.
pub fn build_ui() -> Result<()> {
    step("Building the window", &mut npm(&["run", "--silent", "build"]))
}

/// Builds the programs, with the whole workspace in one command, so that dependencies are built once.
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
    // As dependencies of an application: without features that only tests and other members turn on.
    let published = &["scalekit-auth", "scalekit-auth-native", "tauri-plugin-scalekit"];
    let packages: Vec<_> = published.iter().flat_map(|package| ["--package", package]).collect();
    let mut check = cargo(&["check", "--locked"]);
    step("The crates without the features of tests", check.args(&packages))?;
    let mut documents = cargo(&["doc", "--no-deps", "--locked"]);
    documents.args(&packages).env("RUSTDOCFLAGS", "--deny warnings");
    step("The crates' documents", &mut documents)?;
    plugin_readme::walk()
}

fn rust() -> Result<()> {
    build_ui()?;
    let mut tests = cargo(&["test", "--locked"]);
    step("Tests in Rust", tests.args(WITHOUT_DESKTOP))?;
    // Thousands of schedules for each seeded bug: optimised, they take a fourth of the time, with the build.
    let broken = &[
        "test",
        "--package",
        "scalekit-simulation",
        "--features",
        "seeded-bugs",
        "--profile",
        "simulate",
        "--locked",
    ];
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
        println!("\n» Mutants: left out. The list of equivalent mutants is for Linux.");
        return Ok(());
    }
    mutants::run(&mutants::Wanted {
        sample: Some(MUTANTS),
        seed: Some(MUTANTS_SEED),
        ..mutants::Wanted::default()
    })
}

/// Writes the measured values to `target/chaos`.
fn chaos() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("\n» Chaos: left out. It needs a keychain of its own, which only Linux has.");
        return Ok(());
    }
    build_programs()?;
    let mut tests = cargo(&["test", "--package", "latchkey-tests", "--test", "chaos", "--locked"]);
    tests.env("LATCHKEY_PROGRAM", built("latchkey")).env(BACKTRACES_OF_ERRORS, "0");
    // One test at a time, as the measurements would disturb each other.
    tests.args(["--", "--test-threads", "1", "--nocapture"]).env("LATCHKEY_TEST_SCALE", "full");
    step("Chaos, the full dose", &mut tests)
}
