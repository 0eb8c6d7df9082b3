//! Simulates fleets, prints their figures as rows, and plots requests per second over the day.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{fs, io::Write, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use latchkey_bench_fleet::{
    day::{Plan, policy_name},
    figures::{cost, rows},
    plot::{Panel, svg},
    shards::Store,
    simulation::Outcome,
};
use lexopt::prelude::*;
use scalekit_auth::RefreshPolicy;

/// Counts the allocated bytes of the state machines.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

const HELP: &str = "\
Simulates fleets of desktops over a working day, and prints a row for each figure, as JSON.

  --quick               one fleet of 1,000
  --desktops <number>   a fleet of this size; may be repeated (1,000, 10,000 and 100,000)
  --refresh <policy>    always or whileInUse alone
  --seed <number>       draws everything that is random (1)
  --folder <folder>     where the plot fleet.svg and the finished parts of large fleets are (target/bench)
";

struct Options {
    sizes: Vec<u32>,
    policies: Vec<RefreshPolicy>,
    seed: u64,
    folder: PathBuf,
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
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let store = Store::new(&options.folder.join("fleet"))?;
    let mut largest: Vec<(Plan, Outcome)> = Vec::new();
    for policy in &options.policies {
        let mut smallest = None;
        let mut last = None;
        for desktops in &options.sizes {
            let plan = Plan { desktops: *desktops, policy: *policy, seed: options.seed };
            let outcome = store.simulate(plan, live_bytes, |done, all| {
                eprintln!("{desktops} desktops, {}: part {done} of {all}", policy_name(*policy));
            })?;
            let mut out = std::io::stdout().lock();
            for row in rows(plan, &outcome, smallest) {
                writeln!(out, "{}", serde_json::to_string(&row)?)?;
            }
            smallest = smallest.or(Some(cost(&outcome)));
            last = Some((plan, outcome));
        }
        largest.extend(last);
    }
    let panels: Vec<_> = largest
        .iter()
        .map(|(plan, outcome)| Panel {
            title: format!("{} desktops, refresh = {}", plan.desktops, policy_name(plan.policy)),
            counts: &outcome.counts,
        })
        .collect();
    let file = options.folder.join("fleet.svg");
    fs::write(&file, svg(&panels)).with_context(|| format!("{} cannot be written", file.display()))
}

fn live_bytes() -> usize {
    MEMORY.current_usage()
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    let (mut sizes, mut policies) =
        (Vec::new(), vec![RefreshPolicy::Always, RefreshPolicy::WhileInUse]);
    let (mut seed, mut folder) = (1, PathBuf::from("target/bench"));
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => sizes = vec![1_000],
            Long("desktops") => sizes.push(arguments.value()?.parse()?),
            Long("refresh") => policies = vec![policy(&arguments.value()?.string()?)?],
            Long("seed") => seed = arguments.value()?.parse()?,
            Long("folder") => folder = arguments.value()?.into(),
            Long("help") | Short('h') => return Ok(None),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected()),
        }
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000];
    }
    Ok(Some(Options { sizes, policies, seed, folder }))
}

fn policy(name: &str) -> Result<RefreshPolicy, lexopt::Error> {
    [RefreshPolicy::Always, RefreshPolicy::WhileInUse]
        .into_iter()
        .find(|policy| policy_name(*policy) == name)
        .ok_or_else(|| {
            format!("there is no policy {name:?}; there are always and whileInUse").into()
        })
}
