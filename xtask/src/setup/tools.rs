//! Rust components, Node, npm packages, and tools of a fixed version.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::steps::{cargo, npm, program, root, stdout_of, step, target};

/// The oldest version of Node that Vite supports, as major and minor number.
const MIN_NODE: (u32, u32) = (20, 19);

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// The version of cargo-fuzz that builds `fuzz/`.
const CARGO_FUZZ: &str = "0.13.2";

/// The version of cargo-mutants whose descriptions `tests/mutants` quotes.
const CARGO_MUTANTS: &str = "27.1.0";

/// Checks that Node is installed.
pub fn node() -> Result<()> {
    let there = stdout_of(&mut program("node", &["--version"]));
    match there.as_deref().map(|version| (version, numbers(version))) {
        Some((_, Some(numbers))) if numbers >= MIN_NODE => Ok(()),
        Some((version, _)) => bail!(
            "Node {version} is too old: the window is built with Vite, which needs {}.{} or later. Install a newer one from https://nodejs.org and start again.",
            MIN_NODE.0,
            MIN_NODE.1
        ),
        None => bail!(
            "There is no Node here, and the window is built with it. Install Node {} or later from https://nodejs.org and start again.",
            MIN_NODE.0
        ),
    }
}

/// `rustfmt` and `clippy`, which rustup's minimal profile does not include.
pub fn rust_components() -> Result<()> {
    let there = |name| stdout_of(&mut cargo(&[name, "--version"])).is_some();
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    let mut add = program("rustup", &["component", "add", "rustfmt", "clippy"]);
    step("Adding rustfmt and clippy", &mut add)
        .context("Without rustup, install rustfmt and clippy the way this Rust was installed.")
}

/// cargo-deny, which checks the dependencies.
pub fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", CARGO_DENY)
}

/// cargo-fuzz, which builds the fuzz targets.
pub fn cargo_fuzz() -> Result<PathBuf> {
    cargo_tool("cargo-fuzz", CARGO_FUZZ)
}

/// cargo-mutants. Another version generates other mutants and describes them differently, so only this one is used.
/// It is built without optimization, which takes a third of the time: most of its run time is spent in Cargo.
pub fn cargo_mutants() -> Result<PathBuf> {
    let (tools, ours) = in_target("cargo-mutants");
    let version = stdout_of(&mut program(&ours, &["mutants", "--version"]));
    if version.is_none_or(|version| version != format!("cargo-mutants {CARGO_MUTANTS}")) {
        let mut install = cargo(&["install", "cargo-mutants", "--locked", "--quiet", "--debug"]);
        install.args(["--version", CARGO_MUTANTS, "--force", "--root"]).arg(tools);
        step("Installing cargo-mutants", install.env("CARGO_PROFILE_DEV_DEBUG", "false"))?;
    }
    Ok(ours)
}

/// The installed tool, or one in the target folder.
fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let installed = PathBuf::from(name);
    if stdout_of(&mut program(&installed, &["--version"])).is_some() {
        return Ok(installed);
    }
    let (tools, ours) = in_target(name);
    if stdout_of(&mut program(&ours, &["--version"])).is_none() {
        let mut install = cargo(&["install", name, "--version", version, "--locked", "--quiet"]);
        step(&format!("Installing {name}"), install.arg("--root").arg(tools))?;
    }
    Ok(ours)
}

/// The folder for tools in the target folder, and the path of this one in it.
fn in_target(name: &str) -> (PathBuf, PathBuf) {
    let tools = std::path::absolute(target()).unwrap_or_else(|_| target()).join("tools");
    let ours = tools.join("bin").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    (tools, ours)
}

/// zizmor, which checks the workflows; none where Python cannot install it.
pub fn zizmor() -> Result<Option<PathBuf>> {
    let folder = target().join("tools/zizmor");
    match python_packages("zizmor", &root().join("supply-chain/zizmor.txt"), &folder)? {
        Some(programs) => {
            Ok(Some(programs.join("zizmor").with_extension(std::env::consts::EXE_EXTENSION)))
        }
        None => Ok(None),
    }
}

/// Creates a virtual environment of Python in this folder with exactly these packages; returns the folder of its
/// programs, or none where that fails. Packages must have the recorded hashes.
fn python_packages(what: &str, wanted: &Path, folder: &Path) -> Result<Option<PathBuf>> {
    let list = fs::read(wanted)?;
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let stamp = folder.join("installed-for");
    if fs::read(&stamp).is_ok_and(|installed| installed == list) {
        return Ok(Some(programs));
    }
    let python = if cfg!(windows) { "python" } else { "python3" };
    let mut environment = program(python, &["-m", "venv", "--clear"]);
    if step(&format!("Making room for {what}"), environment.arg(folder)).is_err() {
        return Ok(None);
    }
    let mut install = program(programs.join("python"), &["-m", "pip", "install", "--quiet"]);
    install.args(["--disable-pip-version-check", "--no-deps", "--no-compile"]);
    install.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(wanted);
    if step(&format!("Installing {what}"), &mut install).is_err() {
        return Ok(None);
    }
    fs::write(stamp, list)?;
    Ok(Some(programs))
}

/// The window's packages.
pub fn ui_packages() -> Result<()> {
    packages("ui", "Installing the window's packages")
}

/// The second OpenID provider, which the whole-application tests use besides `scalekit-dev`.
pub fn second_provider() -> Result<()> {
    packages("tests/second_provider", "Installing the second OpenID provider")
}

/// The third OpenID provider, in Python.
pub fn third_provider() -> Result<()> {
    let folder = root().join("tests/third_provider");
    let wanted = folder.join("requirements.txt");
    python_packages("the third OpenID provider", &wanted, &folder.join(".venv"))?
        .context("The third OpenID provider needs Python with venv and pip.")?;
    Ok(())
}

/// Other vendors' clients in two versions, which the tests run against `scalekit-dev`.
pub fn foreign_clients() -> Result<()> {
    for version in ["current", "older"] {
        let folder = format!("tests/foreign_clients/{version}");
        packages(&folder, "Installing the foreign clients for Node")?;
        let folder = root().join(folder);
        python_packages(
            "the foreign clients for Python",
            &folder.join("requirements.txt"),
            &folder.join(".venv"),
        )?
        .context("The foreign clients need Python with venv and pip.")?;
    }
    Ok(())
}

/// Installs the locked packages of this folder, unless they are installed already.
fn packages(folder: &str, why: &str) -> Result<()> {
    let folder = root().join(folder);
    let lock = fs::read(folder.join("package-lock.json"))?;
    // In the folder that npm clears first, so that it never outlives the packages.
    let stamp = folder.join("node_modules/.installed-for");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step(why, npm(&["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    Ok(fs::write(stamp, lock)?)
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_numerically() {
        assert_eq!(numbers("v20.19.2"), Some((20, 19)));
        assert!(numbers("v20.9.0").unwrap() < MIN_NODE);
        assert!(numbers("v100.0.0").unwrap() > MIN_NODE);
        assert_eq!(numbers("20"), None);
        assert_eq!(numbers(""), None);
    }
}
