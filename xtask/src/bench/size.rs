//! The sizes of the packages and of the code in the program.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use latchkey_bench_row::{Goal, Row};

use super::{
    RELEASED,
    crates::{FILE, Reasons, sizes},
};
use crate::steps::{cargo, program, root, stdout_of, step, target};

/// The goal of the package's size, as a multiple of the bare window's.
const MAX_RATIO: f64 = 1.8;

/// The rows for the packages, which must have been built.
pub fn rows() -> Result<Vec<Row>> {
    let [latchkey, bare] = [package("Latchkey_")?, package("Bare window_")?];
    let [latchkey, bare] = [kilobytes(&latchkey)?, kilobytes(&bare)?];
    let program = |name: &str| kilobytes(&target().join("release").join(name));
    let [in_latchkey, in_bare] = [program("latchkey")?, program("latchkey-bench-bare-window")?];
    let package = row("package (deb)", latchkey, bare).with_goal(Goal::TimesAtMost(MAX_RATIO));
    Ok(vec![package, row("program", in_latchkey, in_bare)])
}

/// Writes the code's size by crate to `target/bench/crates.md`. The program is linked again with its symbols for
/// that, so it has to be rebuilt afterwards.
pub fn by_crate() -> Result<()> {
    let mut link = cargo(&["rustc", "--release", "--locked", "--package", "latchkey", "--bin"]);
    link.args(["latchkey", "--features", RELEASED, "--", "-C", "strip=none"]);
    step("Linking Latchkey with its symbols", &mut link)?;
    let mut list = program("nm", &["--print-size", "--demangle", "--defined-only"]);
    let symbols = stdout_of(list.arg(target().join("release/latchkey"))).context("nm failed")?;
    let sizes = sizes(&symbols);
    let reasons = Reasons::parse(&fs::read_to_string(root().join(FILE))?)?;
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    let table = reasons.table(&sizes);
    println!("\n{table}");
    fs::write(folder.join("crates.md"), table)?;
    let missing = reasons.missing(&sizes);
    ensure!(missing.is_empty(), "Large crates without a reason in {FILE}: {}", missing.join("; "));
    Ok(())
}

fn row(name: &str, value: f64, baseline: f64) -> Row {
    Row::new(name, "KB", value, 1).beside("bare window", baseline)
}

/// The package whose file name begins with `begin`.
fn package(begin: &str) -> Result<PathBuf> {
    let folder = target().join("release/bundle/deb");
    let files = fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut named = files.filter(|path| {
        path.extension().is_some_and(|ending| ending == "deb")
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begin))
    });
    match (named.next(), named.next()) {
        (Some(file), None) => Ok(file),
        _ => bail!("{} does not hold one package {begin}…", folder.display()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no program is so large")]
fn kilobytes(file: &std::path::Path) -> Result<f64> {
    let size = fs::metadata(file).with_context(|| format!("{} is not there", file.display()))?;
    Ok(size.len() as f64 / 1000.0)
}
