//! Plays schedules, many or one.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use lexopt::prelude::*;
use scalekit_simulation::{Machines, run};
use serde_json::json;

const HELP: &str = "\
Plays seeded schedules of faults and crashes around the session machine.

  --seeds <number>   how many schedules to play (100000)
  --seed <number>    which to begin with (0); alone, plays this one and prints its steps
  --report <file>    where to write the figures, as JSON
";

struct Wish {
    seeds: u64,
    first: u64,
    traced: bool,
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    let wish = match wish() {
        Ok(Some(wish)) => wish,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let Some(machines) = Machines::sound() else {
        eprintln!("No signing key could be made.");
        return ExitCode::FAILURE;
    };
    play(&wish, &machines)
}

fn play(wish: &Wish, machines: &Machines) -> ExitCode {
    let began = Instant::now();
    let (mut steps, mut faults, mut violations) = (0, 0, Vec::new());
    for seed in wish.first..wish.first + wish.seeds {
        let outcome = run(machines, seed, wish.traced);
        steps += outcome.steps;
        faults += outcome.faults;
        outcome.trace.iter().for_each(|line| println!("{line}"));
        if let Some(rule) = outcome.violation {
            println!("Seed {seed} breaks a rule: {rule}");
            println!("  cargo xtask simulate --seed {seed}");
            violations.push(json!({ "seed": seed, "rule": rule }));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} schedules, {steps} steps, {faults} faults, {} violations, {seconds:.1} s",
        wish.seeds,
        violations.len()
    );
    let report = json!({
        "schedules": wish.seeds, "steps": steps, "faults": faults,
        "violations": violations, "seconds": seconds,
    });
    if let Some(file) = &wish.report
        && let Err(why) = fs::write(file, report.to_string())
    {
        eprintln!("The report could not be written to {}: {why}", file.display());
        return ExitCode::FAILURE;
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wish() -> Result<Option<Wish>, lexopt::Error> {
    let (mut seeds, mut seed, mut report) = (None, None, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seeds") => seeds = Some(arguments.value()?.parse()?),
            Long("seed") => seed = Some(arguments.value()?.parse()?),
            Long("report") => report = Some(arguments.value()?.into()),
            Long("help") | Short('h') => return Ok(None),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected()),
        }
    }
    let traced = seed.is_some() && seeds.is_none();
    let seeds = seeds.unwrap_or(if traced { 1 } else { 100_000 });
    Ok(Some(Wish { seeds, first: seed.unwrap_or(0), traced, report }))
}
