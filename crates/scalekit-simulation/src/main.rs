//! The program that runs one schedule or many.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use lexopt::prelude::*;
use scalekit_simulation::{
    Checks, Coverage, Hour, Invariant, Machines, Outcome,
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

impl Options {
    /// The seed after the last.
    fn end(&self) -> u64 {
        self.first.saturating_add(self.seeds)
    }
}

/// The results of all schedules.
#[derive(Default)]
struct Figures {
    steps: u64,
    faults: u64,
    violations: Vec<Json>,
    checks: Checks,
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
    match &options.exhaustive {
        Some(limits) => exhaust(limits, options.report.as_ref()),
        None => play(&options),
    }
}

fn exhaust(limits: &Limits, file: Option<&PathBuf>) -> ExitCode {
    let Some(machines) = sound_machines() else { return ExitCode::FAILURE };
    let Some(exhaustive) = Exhaustive::new(&machines) else {
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

fn sound_machines() -> Option<Machines> {
    let machines = Machines::sound();
    if machines.is_none() {
        eprintln!("No signing key could be made.");
    }
    machines
}

fn play(options: &Options) -> ExitCode {
    let began = Instant::now();
    let Some((mut figures, coverage)) = play_on_each_core(options) else {
        return ExitCode::FAILURE;
    };
    figures.violations.sort_by_key(|one| one["seed"].as_u64());
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} schedules, {} steps, {} faults, {} violations, {seconds:.1} s",
        options.seeds,
        figures.steps,
        figures.faults,
        figures.violations.len()
    );
    let never = figures.never_checked();
    let report = json!({
        "schedules": options.seeds, "steps": figures.steps, "faults": figures.faults,
        "violations": figures.violations, "seconds": seconds,
        "checked": figures.checks(), "requestsInAnHour": figures.hours(),
        "coverage": coverage.report(),
    });
    let written = write(options.report.as_ref(), &report);
    let mut fails = !figures.violations.is_empty() || !written;
    if options.seeds >= ENOUGH {
        let missing = coverage.missing();
        missing.iter().for_each(|one| println!("Never met: {one}"));
        coverage.surprises().iter().for_each(|one| println!("Met after all: {one}"));
        never.iter().for_each(|one| println!("Never checked: {one}"));
        fails |= !missing.is_empty() || !never.is_empty() || !coverage.surprises().is_empty();
    }
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A schedule depends on its seed only, so any thread can play any of them.
fn play_on_each_core(options: &Options) -> Option<(Figures, Coverage)> {
    let next = AtomicU64::new(options.first);
    let worker = || {
        let machines = sound_machines()?;
        let mut figures = Figures::default();
        let seeds = || Some(next.fetch_add(1, Ordering::Relaxed));
        for seed in std::iter::from_fn(seeds).take_while(|seed| *seed < options.end()) {
            figures.take_in(seed, run(&machines, seed, options.traced));
        }
        let mut coverage = Coverage::default();
        coverage.merge(&machines.coverage());
        Some((figures, coverage))
    };
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    thread::scope(|scope| {
        let workers = cores.min(options.seeds).max(1);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let mut all = (Figures::default(), Coverage::default());
        for worker in workers {
            let (figures, coverage) = worker.join().ok().flatten()?;
            all.0.merge(figures);
            all.1.merge(&coverage);
        }
        Some(all)
    })
}

impl Figures {
    fn merge(&mut self, other: Self) {
        self.steps += other.steps;
        self.faults += other.faults;
        self.violations.extend(other.violations);
        for (sum, one) in self.checks.0.iter_mut().zip(other.checks.0) {
            *sum += one;
        }
        for (name, (hours, most)) in other.hours {
            let of_name = self.hours.entry(name).or_default();
            *of_name = (of_name.0 + hours, of_name.1.max(most));
        }
    }

    fn take_in(&mut self, seed: u64, outcome: Outcome) {
        self.steps += outcome.steps;
        self.faults += outcome.faults;
        for (sum, one) in self.checks.0.iter_mut().zip(outcome.checks.0) {
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

    fn checks(&self) -> Json {
        let named = Invariant::ALL.iter().map(|rule| format!("{rule:?}"));
        named.zip(self.checks.0).map(|(name, count)| (name, json!(count))).collect()
    }

    fn hours(&self) -> Json {
        let hours = self.hours.iter();
        hours
            .map(|(name, (hours, most))| (name.clone(), json!({"hours": hours, "most": most})))
            .collect()
    }

    fn never_checked(&self) -> Vec<String> {
        let all = Invariant::ALL.iter().zip(self.checks.0);
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
