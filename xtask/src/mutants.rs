//! `cargo xtask mutants`: mutation testing with cargo-mutants, in a copy of the checkout.
//!
//! cargo-mutants generates the mutants. Equivalent ones, which no test can kill, are listed in `tests/mutants`
//! with the reason.

mod choice;
mod equivalent;
mod list;
mod report;
mod results;
mod stages;
mod tool;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    setup::{For, cargo_mutants, set_up},
    steps::{root, target},
    written_mutants::copy::Copy,
};
pub use choice::Shard;
use list::Mutant;
use report::Report;
use results::{Outcome, Results};
use stages::Stage;
use tool::Tool;

/// The number of mutants in one run of the tool. Results are stored after each mutant.
const AT_ONCE: usize = 20;

/// The selection of mutants; all by default.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only a random sample of this size.
    pub sample: Option<usize>,
    /// The seed of the sample. By default it is derived from the sources.
    pub seed: Option<u64>,
    /// Only a shard.
    pub shard: Option<Shard>,
    /// Only mutants of the lines that this file in the format of `git diff` changes.
    pub in_diff: Option<PathBuf>,
    /// No further mutant is begun after this many minutes.
    pub minutes: Option<u64>,
    /// Only mutants whose name, including file and function, contains one of these words.
    pub words: Vec<String>,
}

/// Tests the selected mutants that have no result for the current sources.
pub fn run(wanted: &Wanted) -> Result<()> {
    set_up(&[For::Building])?;
    let began = Instant::now();
    let folder = target().join("mutants");
    fs::create_dir_all(&folder)?;
    let alone = File::create(folder.join("lock"))?;
    alone.try_lock().context(
        "Another `cargo xtask mutants` is at work in this checkout, or what it has started still is",
    )?;
    let tool = Tool::new(cargo_mutants()?, Copy::of(root(), &folder)?, folder.join("work"), alone);

    let all = tool.list(None)?;
    let equivalent = equivalent::read(&root().join("tests/mutants/equivalent.toml"))?;
    let excused = equivalent::among(&equivalent, &all)?;
    let stages = stages::digests(&tool.tree())?;
    let seed = wanted.seed.unwrap_or_else(|| choice::seed(&stages));
    let chosen = chosen(wanted, seed, &tool, all)?;
    if let Some(number) = wanted.sample {
        println!("\n» A sample of {number}; the same again with --sample {number} --seed {seed}");
        chosen.iter().for_each(|one| println!("  {}", one.name));
    }

    let mut run = Run {
        results: Results::open(&folder.join("results.jsonl"))?,
        until: wanted.minutes.map(|minutes| began + Duration::from_secs(60 * minutes)),
        tool,
        stages,
    };
    run.try_all(&chosen)?;
    let verdicts = chosen.iter().map(|one| (one, run.verdict(one)));
    let report = Report::new(verdicts, &excused, seed, began.elapsed());
    report.write(&folder.join("report.json"))?;
    report.check()
}

fn chosen(wanted: &Wanted, seed: u64, tool: &Tool, all: Vec<Mutant>) -> Result<Vec<Mutant>> {
    let mut chosen = match &wanted.in_diff {
        Some(diff) => tool.list(Some(diff))?,
        None => all,
    };
    let there = chosen.len();
    if !wanted.words.is_empty() {
        chosen.retain(|one| wanted.words.iter().any(|word| one.name.contains(word)));
        ensure!(!chosen.is_empty(), "None of the {there} mutants has that in its name.");
    }
    if let Some(shard) = wanted.shard {
        chosen = shard.of(chosen);
    }
    if let Some(number) = wanted.sample {
        chosen = choice::sample(chosen, number, seed);
    }
    let mut packages = BTreeMap::<_, usize>::new();
    for one in &chosen {
        *packages.entry(&*one.package).or_default() += 1;
    }
    println!("\n» {} mutants of {there}: {packages:?}", chosen.len());
    Ok(chosen)
}

struct Run {
    tool: Tool,
    stages: BTreeMap<&'static str, String>,
    results: Results,
    until: Option<Instant>,
}

impl Run {
    /// Runs stage by stage, so that only one stage's tests are rebuilt for each mutant.
    fn try_all(&mut self, chosen: &[Mutant]) -> Result<()> {
        for stage in stages::ALL {
            let open = |one: &&Mutant| self.verdict(one) == Verdict::Open(stage.name);
            let open: Vec<_> = chosen.iter().filter(open).collect();
            for (number, some) in open.chunks(AT_ONCE).enumerate() {
                if self.until.is_some_and(|until| Instant::now() >= until) {
                    println!("  The time limit is reached.");
                    return Ok(());
                }
                if number == 0 {
                    self.sound(stage)?;
                }
                println!("\n» {}, {} of {}", stage.name, number * AT_ONCE + some.len(), open.len());
                self.try_some(stage, some)?;
            }
        }
        Ok(())
    }

    /// Checks that the tests pass without a mutant; otherwise their failures prove nothing.
    fn sound(&mut self, stage: &Stage) -> Result<()> {
        let key = results::key(&["sound", stage.name, &self.stages[stage.name]]);
        if self.results.of(&key).is_none() {
            self.tool.unchanged(stage)?;
            self.results.record(&key, stage.name, "unchanged", Outcome::Missed)?;
        }
        Ok(())
    }

    fn try_some(&mut self, stage: &Stage, some: &[&Mutant]) -> Result<()> {
        let keys: BTreeMap<_, _> =
            some.iter().map(|one| (one.name.clone(), self.key(stage, one))).collect();
        let results = &mut self.results;
        self.tool.run(stage, some, |name, outcome| {
            // The tool also tests every omitted field of these files, even if it is not selected.
            let Some(key) = keys.get(name) else { return Ok(()) };
            println!("  {outcome:<8} {name}");
            results.record(key, stage.name, name, outcome)
        })?;
        if let Some(missing) = keys.iter().find(|(_, key)| results.of(key).is_none()) {
            bail!("cargo-mutants reports nothing about {}.", missing.0);
        }
        Ok(())
    }

    /// The key of a result. It changes with the mutated lines and with the tests.
    fn key(&self, stage: &Stage, one: &Mutant) -> String {
        results::key(&[stage.name, &self.stages[stage.name], &one.name, &one.diff])
    }

    /// The stored result. Open at the first stage without one.
    fn verdict(&self, one: &Mutant) -> Verdict {
        for stage in stages::ALL.iter().filter(|stage| stage.is_for(&one.package)) {
            match self.results.of(&self.key(stage, one)) {
                None => return Verdict::Open(stage.name),
                Some(Outcome::Missed) => {}
                Some(Outcome::Caught) => return Verdict::Caught,
                Some(Outcome::Timeout) => return Verdict::Timeout,
                Some(Outcome::Unviable) => return Verdict::Unviable,
            }
        }
        Verdict::Survived
    }
}

/// The outcome of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// A test fails with it.
    Caught,
    /// The tests reach their timeout, which counts as killed.
    Timeout,
    /// It cannot be compiled.
    Unviable,
    /// No test fails with it.
    Survived,
    /// This stage has no result yet.
    Open(&'static str),
}
