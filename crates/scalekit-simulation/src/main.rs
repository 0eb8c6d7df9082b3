//! The program that runs one schedule or many.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode, time::Instant};

use lexopt::prelude::*;
use scalekit_simulation::{
    Hour, Judged, Machines, Outcome, Rule,
    exhaustive::{Bounds, Exhaustive, SCENARIOS, report},
    run,
};
use serde_json::{Value as Json, json};

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

/// The number of schedules from which on an uncovered combination, or a rule that was never checked, counts as
/// a failure; fewer are not conclusive.
const ENOUGH: u64 = 1_000_000;

struct Options {
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

/// The results of all schedules.
#[derive(Default)]
struct Figures {
    steps: u64,
    faults: u64,
    violations: Vec<Json>,
    judged: Judged,
    /// The maximum number of token requests of one process in an hour, by mode and fault.
    hours: BTreeMap<String, (u64, u64)>,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
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
    match &options.exhaustive {
        Some(limits) => exhaust(limits, options.report.as_ref(), &machines),
        None => play(&options, &machines),
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

fn play(options: &Options, machines: &Machines) -> ExitCode {
    let began = Instant::now();
    let mut figures = Figures::default();
    for seed in options.first..options.first + options.seeds {
        figures.take_in(seed, run(machines, seed, options.traced));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} schedules, {} steps, {} faults, {} violations, {seconds:.1} s",
        options.seeds,
        figures.steps,
        figures.faults,
        figures.violations.len()
    );
    let coverage = machines.coverage();
    let never = figures.never_judged();
    let report = json!({
        "schedules": options.seeds, "steps": figures.steps, "faults": figures.faults,
        "violations": figures.violations, "seconds": seconds,
        "judged": figures.judged(), "requestsInAnHour": figures.hours(),
        "coverage": coverage.report(),
    });
    let written = write(options.report.as_ref(), &report);
    let mut fails = !figures.violations.is_empty() || !written;
    if options.seeds >= ENOUGH {
        let missing = coverage.missing();
        missing.iter().for_each(|one| println!("Never met: {one}"));
        coverage.surprises().iter().for_each(|one| println!("Met after all: {one}"));
        never.iter().for_each(|one| println!("Never judged: {one}"));
        fails |= !missing.is_empty() || !never.is_empty() || !coverage.surprises().is_empty();
    }
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Figures {
    fn take_in(&mut self, seed: u64, outcome: Outcome) {
        self.steps += outcome.steps;
        self.faults += outcome.faults;
        for (sum, one) in self.judged.iter_mut().zip(outcome.judged) {
            *sum += one;
        }
        if let Some(hour) = outcome.hour {
            self.take_hour_in(hour);
        }
        outcome.trace.iter().for_each(|line| println!("{line}"));
        if let Some(rule) = outcome.violation {
            println!("Seed {seed} breaks a rule: {rule}");
            println!("  cargo xtask simulate --seed {seed}");
            self.violations.push(json!({ "seed": seed, "rule": rule }));
        }
    }

    fn take_hour_in(&mut self, hour: Hour) {
        let name = format!("{:?}, {:?}", hour.mode, hour.disturbance);
        let (hours, most) = self.hours.entry(name).or_default();
        *hours += 1;
        *most = (*most).max(hour.refreshes.div_ceil(hour.processes));
    }

    fn judged(&self) -> Json {
        let named = Rule::ALL.iter().map(|rule| format!("{rule:?}"));
        named.zip(self.judged).map(|(name, count)| (name, json!(count))).collect()
    }

    fn hours(&self) -> Json {
        let hours = self.hours.iter();
        hours
            .map(|(name, (hours, most))| (name.clone(), json!({"hours": hours, "most": most})))
            .collect()
    }

    fn never_judged(&self) -> Vec<String> {
        let all = Rule::ALL.iter().zip(self.judged);
        all.filter(|(_, count)| *count == 0).map(|(rule, _)| format!("{rule:?}")).collect()
    }
}

fn options() -> Result<Option<Options>, lexopt::Error> {
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
    Ok(Some(Options {
        seeds,
        first: seed.unwrap_or(0),
        traced,
        report,
        exhaustive: exhaustive.then_some(limits),
    }))
}
