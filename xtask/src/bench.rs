//! `cargo xtask bench`: the costs of Latchkey and of its baselines, measured in one run on one computer.
//!
//! Absolute values depend on the computer; ratios of values that were measured alternately hardly do. So a row has
//! a baseline, a goal is a ratio where possible, and a regression is a ratio above that in `bench/limits.toml`.

mod crates;
mod limits;
mod report;
mod size;
mod table;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use latchkey_bench_row::Row;

use crate::{
    setup::{For, foreign_clients, set_up},
    steps::{cargo, program, root, step, target},
    test::build_ui,
};
use limits::Limits;
pub use table::figure;

/// The options of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Fewer measurements, for a check within minutes.
    pub quick: bool,
    /// The groups of rows; none for all.
    pub groups: Vec<String>,
}

/// The groups that are measured on a virtual desktop, by `bench/desktop`.
const DESKTOP: &[&str] = &["start", "unresponsive", "idle", "page", "second", CLOSED];

/// The groups that a program of their own measures, without a desktop.
const PROGRAMS: &[(&str, &str)] =
    &[("core", "latchkey-bench-core"), ("fleet", "latchkey-bench-fleet")];

/// The sizes of the packages.
const SIZE: &str = "size";

/// The prototypes of a closed window. They take long to build, so a quick run omits them unless it names them.
const CLOSED: &str = "closed";

/// The application and the bare window.
const WINDOWS: &[&str] = &["latchkey", "latchkey-bench-bare-window"];

/// Further programs that are built for [`CLOSED`].
const PROTOTYPES: &[&str] = &[
    "latchkey-bench-bare-resident",
    "latchkey-bench-closed-destroyed",
    "latchkey-bench-closed-process",
];

/// Without this feature a program loads its pages from a development server.
const RELEASED: &str = "tauri/custom-protocol";

/// Measures these groups.
pub fn run(options: &Options) -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "The bench needs a virtual desktop, which only Linux has.");
    let chosen = chosen(options)?;
    let wanted = |group: &str| chosen.contains(&group);
    let on_desktop: Vec<_> = DESKTOP.iter().copied().filter(|group| wanted(group)).collect();
    let mut rows = Vec::new();
    set_up(&[For::Building, For::Bundling, For::VirtualDesktop])?;
    if wanted(SIZE) || !on_desktop.is_empty() {
        build_ui()?;
        if wanted(SIZE) && !options.quick {
            size::by_crate()?;
        }
        build_windows(wanted(CLOSED))?;
    }
    if wanted(SIZE) {
        bundle()?;
        rows.extend(size::rows()?);
    }
    if !on_desktop.is_empty() {
        // The measuring program is not measured; in this profile it shares dependencies with the tests.
        let build = &["build", "--locked", "--package", "latchkey-bench-desktop"];
        step("Building what measures", &mut cargo(build))?;
        let mut desktop = program(target().join("debug/latchkey-bench-desktop"), &on_desktop);
        desktop.env("LATCHKEY_PROGRAM", target().join("release/latchkey"));
        rows.extend(measured("the window", &mut desktop, options.quick)?);
    }
    for (group, package) in PROGRAMS.iter().filter(|(group, _)| wanted(group)) {
        if *group == "core" {
            // One of the baselines is a Node client.
            foreign_clients()?;
        }
        let build = &["build", "--release", "--locked", "--package", package];
        step(&format!("Building {package}"), &mut cargo(build))?;
        let mut program = program(target().join("release").join(package), &[]);
        rows.extend(measured(group, &mut program, options.quick)?);
    }
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("report.json");
    // Rows that this run has not measured keep the values of an earlier one.
    let earlier = fs::read_to_string(&file).ok();
    fs::write(&file, report::merged(earlier.as_deref(), &rows)?)?;
    let limits = Limits::parse(&fs::read_to_string(root().join(limits::FILE))?)?;
    println!("\n{}", table::table(&rows));
    println!("{}", file.display());
    let above = limits.above(&rows);
    ensure!(
        above.is_empty(),
        "Slower or larger than {} allows:\n{}",
        limits::FILE,
        above.join("\n")
    );
    Ok(())
}

/// The named groups, or all.
fn chosen(options: &Options) -> Result<Vec<&'static str>> {
    let names = &options.groups;
    let of_programs = PROGRAMS.iter().map(|(group, _)| group);
    let all: Vec<_> = [&SIZE].into_iter().chain(DESKTOP).chain(of_programs).copied().collect();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|group| group != *name)) {
        bail!("There is no group of rows {unknown:?}. There are: {}", all.join(", "));
    }
    let is_chosen = |group: &&str| match &**names {
        [] => !(options.quick && *group == CLOSED),
        names => names.iter().any(|name| name == group),
    };
    Ok(all.into_iter().filter(is_chosen).collect())
}

/// Builds the programs with a window in one command, so that their dependencies are equal and built once.
fn build_windows(with_prototypes: bool) -> Result<()> {
    let prototypes = if with_prototypes { PROTOTYPES } else { &[] };
    let mut build = cargo(&["build", "--release", "--locked", "--bins", "--features", RELEASED]);
    for package in WINDOWS.iter().chain(prototypes) {
        build.args(["--package", package]);
    }
    step("Building the windows", &mut build)
}

/// Builds the packages of the application and of the bare window.
fn bundle() -> Result<()> {
    let tauri = root().join("ui/node_modules/.bin/tauri");
    for folder in [root().to_owned(), root().join("bench/bare-window")] {
        let mut bundle = program(&tauri, &["bundle", "--ci", "--bundles", "deb"]);
        step("Making a package", bundle.current_dir(folder))?;
    }
    Ok(())
}

/// Runs the program and parses the rows that it prints, one per line.
fn measured(what: &str, program: &mut Command, quick: bool) -> Result<Vec<Row>> {
    println!("\n» Measuring {what}");
    let began = Instant::now();
    if quick {
        program.arg("--quick");
    }
    let name = Path::new(program.get_program()).display().to_string();
    let mut child = program
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name} could not be started"))?;
    let output = child.stdout.take().context("no output")?;
    let mut rows = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        let row: Row =
            serde_json::from_str(&line).with_context(|| format!("{name} printed: {line}"))?;
        println!("  {}", table::line(&row));
        rows.push(row);
    }
    let ended = child.wait()?;
    ensure!(ended.success(), "{name} ended with {ended}");
    println!("  {:.1} s", began.elapsed().as_secs_f64());
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row with this name and this ratio to a baseline of 100 ms.
    pub fn row(name: &str, ratio: f64, goal: Option<(&str, bool)>) -> Row {
        let row = Row::new(name, "ms", 100.0 * ratio, 15).beside("bare window", 100.0);
        let (text, ok) = goal.map(|(text, ok)| (text.to_owned(), ok)).unzip();
        Row { goal: text, ok, ..row }
    }

    fn named(quick: bool, names: &[&str]) -> Result<Vec<&'static str>> {
        let groups = names.iter().map(|name| (*name).to_owned()).collect();
        chosen(&Options { quick, groups })
    }

    #[test]
    fn bench_groups_unnamed_are_all_and_unknown_are_rejected() {
        assert!(named(false, &[]).unwrap().starts_with(&[SIZE, "start"]));
        assert_eq!(named(false, &["idle"]).unwrap(), ["idle"]);
        let why = named(false, &["moon"]).unwrap_err().to_string();
        assert!(why.starts_with("There is no group of rows \"moon\". There are: size"), "{why}");
    }

    #[test]
    fn bench_quick_leaves_the_prototypes_out_unless_named() {
        assert!(named(false, &[]).unwrap().contains(&CLOSED));
        assert!(!named(true, &[]).unwrap().contains(&CLOSED));
        assert_eq!(named(true, &[CLOSED]).unwrap(), [CLOSED]);
    }
}
