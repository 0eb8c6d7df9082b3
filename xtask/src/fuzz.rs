//! `cargo xtask fuzz`: libFuzzer for every parser of untrusted bytes.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    setup::{For, cargo_fuzz, set_up},
    steps::{program, root, stdout_of, step, target},
};

/// The default duration for each target, in seconds.
const SECONDS: u64 = 60;

/// Runs these targets, or all of them, for this many seconds each.
pub fn run(seconds: Option<u64>, wanted: &[String]) -> Result<()> {
    ensure!(
        cfg!(unix),
        "The fuzzers are built for Linux and macOS. Their corpus is tried by `cargo xtask test` everywhere."
    );
    let all = targets()?;
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        bail!("There is no fuzz target {unknown:?}. There are: {}", all.join(", "));
    }
    let targets = if wanted.is_empty() { all } else { wanted.to_vec() };
    let seconds = seconds.unwrap_or(SECONDS);
    set_up(&[For::Building])?;
    let programs = build()?;
    let folder = target().join("fuzz");
    let mut report = Vec::new();
    for name in &targets {
        println!("\n» Fuzzing {name} for {seconds} s");
        let figures = fuzz(name, seconds, &programs, &folder)?;
        println!(
            "  {} executions, {} edges covered, {} inputs that add coverage",
            figures["executions"], figures["edges"], figures["corpus"]
        );
        report.push(figures);
        // Written after each target, so that a failing one leaves the results of the previous ones.
        let text = serde_json::to_string_pretty(&json!({ "targets": report }))?;
        fs::write(folder.join("report.json"), text + "\n")?;
    }
    let executions: u64 = report.iter().filter_map(|one| one["executions"].as_u64()).sum();
    println!("\n{executions} executions broke nothing.");
    Ok(())
}

/// The names of the targets, each a file in this folder.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Builds the fuzz targets; returns their folder.
///
/// Coverage and the address sanitizer are unstable options. The stable compiler contains both and accepts
/// them with `RUSTC_BOOTSTRAP`.
fn build() -> Result<PathBuf> {
    let folder = target().join("fuzz/build");
    let mut build = program(cargo_fuzz()?, &["build", "--fuzz-dir", "fuzz"]);
    // cargo-fuzz does not pass `--locked` to Cargo.
    let lock = root().join("fuzz/Cargo.lock");
    let locked = fs::read(&lock).context("fuzz/Cargo.lock is missing")?;
    build.arg("--target-dir").arg(&folder).env("RUSTC_BOOTSTRAP", "1");
    step("Building the fuzzers", &mut build)?;
    if fs::read(&lock)? != locked {
        bail!("fuzz/Cargo.lock was not up to date. It is now: review the change, and commit it.");
    }
    let rustc = stdout_of(&mut program("rustc", &["-vV"])).context("rustc failed")?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(folder.join(host.context("rustc does not name its host")?).join("release"))
}

/// Runs a target. New inputs are stored in the target folder. The committed corpus is only read.
fn fuzz(name: &str, seconds: u64, programs: &Path, folder: &Path) -> Result<Value> {
    let found = folder.join("corpus").join(name);
    let broken = folder.join("seeded-bugs");
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&broken)?;
    let mut fuzzer = Command::new(programs.join(name));
    fuzzer
        .arg(&found)
        .arg(root().join("fuzz/corpus").join(name))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/{name}-", broken.display()))
        .args(["-print_final_stats=1", "-timeout=10", "-verbosity=1"])
        .stderr(Stdio::piped());
    let mut process = fuzzer.spawn().with_context(|| format!("{name} could not be started"))?;
    let output = process.stderr.take().context("it has no output")?;
    let mut figures = Figures::default();
    let mut last = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        figures.parse_line(&line);
        if last.len() == 60 {
            last.remove(0);
        }
        last.push(line);
    }
    if !process.wait()?.success() {
        eprintln!("{}", last.join("\n"));
        bail!(
            "{name} was broken. The input is in {}. When it is fixed, put the input into fuzz/corpus/{name} under a name that describes it.",
            broken.display()
        );
    }
    Ok(json!({
        "target": name, "seconds": seconds, "executions": figures.executions,
        "edges": figures.edges, "corpus": figures.corpus,
    }))
}

/// The statistics that libFuzzer prints.
#[derive(Debug, Default, PartialEq)]
struct Figures {
    executions: u64,
    edges: u64,
    corpus: u64,
}

impl Figures {
    fn parse_line(&mut self, line: &str) {
        let words: Vec<_> = line.split_whitespace().collect();
        if let ["stat::number_of_executed_units:", number] = *words {
            self.executions = number.parse().unwrap_or(self.executions);
        }
        for pair in words.windows(2) {
            match *pair {
                ["cov:", edges] => self.edges = edges.parse().unwrap_or(self.edges),
                ["corp:", corpus] => {
                    let inputs = corpus.split('/').next().and_then(|inputs| inputs.parse().ok());
                    self.corpus = inputs.unwrap_or(self.corpus);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libfuzzer_output_is_parsed_into_figures() {
        let mut figures = Figures::default();
        for line in [
            "INFO: Running with entropic power schedule (0xFF, 100).",
            "#1048576\tpulse  cov: 901 ft: 3 corp: 12/3Kb lim: 4096 exec/s: 524288 rss: 45Mb",
            "#2097152\tDONE   cov: 913 ft: 3 corp: 17/4Kb lim: 4096 exec/s: 524288 rss: 45Mb",
            "stat::number_of_executed_units: 2097152",
            "stat::average_exec_per_sec:     524288",
        ] {
            figures.parse_line(line);
        }
        assert_eq!(figures, Figures { executions: 2_097_152, edges: 913, corpus: 17 });
    }

    #[test]
    fn fuzz_target_list_is_sorted_and_contains_deep_link() {
        let targets = targets().unwrap();
        assert!(targets.contains(&"deep_link".to_owned()) && targets.is_sorted());
    }
}
