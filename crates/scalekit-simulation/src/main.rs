//! Plays schedules, many or one.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use lexopt::prelude::*;
use scalekit_simulation::{
    Machines,
    exhaustive::{Bounds, Exhaustive, SCENARIOS, report},
    run,
};
use serde_json::json;

const HELP: &str = "\
Plays seeded schedules of faults and crashes around the session machine.

  --seeds <number>   how many schedules to play (100000)
  --seed <number>    which to begin with (0); alone, plays this one and prints its steps
  --report <file>    where to write the figures, as JSON

  --exhaustive       instead, try all orders of events in small worlds
  --only <words>     only those worlds whose names have these words in them
  --depth <number>   go no further than so many events
  --states <number>  stop a world after so many states
  --faults <number>  allow so many faults in each world
";

struct Wish {
    seeds: u64,
    first: u64,
    traced: bool,
    report: Option<PathBuf>,
    exhaustive: Option<Limits>,
}

#[derive(Default)]
struct Limits {
    only: Option<String>,
    depth: Option<u32>,
    states: Option<usize>,
    faults: Option<u8>,
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
    match &wish.exhaustive {
        Some(limits) => exhaust(limits, wish.report.as_ref(), &machines),
        None => play(&wish, &machines),
    }
}

fn exhaust(limits: &Limits, file: Option<&PathBuf>, machines: &Machines) -> ExitCode {
    let Some(exhaustive) = Exhaustive::new(machines) else {
        eprintln!("A configuration of the model is not well-formed.");
        return ExitCode::FAILURE;
    };
    let mut all = Vec::new();
    for scenario in SCENARIOS {
        if limits.only.as_ref().is_some_and(|only| !scenario.name.contains(only.as_str())) {
            continue;
        }
        let scenario = limits.faults.map_or(*scenario, |faults| scenario.with_faults(faults));
        let bounds = Bounds {
            depth: limits.depth.unwrap_or(scenario.bounds.depth),
            states: limits.states.unwrap_or(scenario.bounds.states),
        };
        let found = exhaustive.search(&scenario, bounds);
        println!("{found}");
        all.push(found);
    }
    let count = exhaustive.coverage();
    println!("{count}");
    let sound = all.iter().all(|found| found.violation.is_none()) && count.refuted.is_empty();
    let written = write(file, &report(&all, &count));
    if sound && written { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn write(file: Option<&PathBuf>, report: &serde_json::Value) -> bool {
    let Some(file) = file else { return true };
    let written = fs::write(file, report.to_string());
    if let Err(why) = &written {
        eprintln!("The report could not be written to {}: {why}", file.display());
    }
    written.is_ok()
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
    let written = write(wish.report.as_ref(), &report);
    if violations.is_empty() && written { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wish() -> Result<Option<Wish>, lexopt::Error> {
    let (mut seeds, mut seed, mut report) = (None, None, None);
    let (mut exhaustive, mut limits) = (false, Limits::default());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seeds") => seeds = Some(arguments.value()?.parse()?),
            Long("seed") => seed = Some(arguments.value()?.parse()?),
            Long("report") => report = Some(arguments.value()?.into()),
            Long("exhaustive") => exhaustive = true,
            Long("only") => limits.only = Some(arguments.value()?.string()?),
            Long("depth") => limits.depth = Some(arguments.value()?.parse()?),
            Long("states") => limits.states = Some(arguments.value()?.parse()?),
            Long("faults") => limits.faults = Some(arguments.value()?.parse()?),
            Long("help") | Short('h') => return Ok(None),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected()),
        }
    }
    let traced = seed.is_some() && seeds.is_none();
    let seeds = seeds.unwrap_or(if traced { 1 } else { 100_000 });
    Ok(Some(Wish {
        seeds,
        first: seed.unwrap_or(0),
        traced,
        report,
        exhaustive: exhaustive.then_some(limits),
    }))
}
