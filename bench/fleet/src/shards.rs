//! Large fleets are simulated in shards with stored results, so that an interrupted run can be resumed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    day::{Plan, policy_name},
    environment::{COUNTED, Counts},
    simulation::{Outcome, simulate},
};

/// The number of desktops in a shard: some minutes of work, and 250 MB with the stored entries beside the state
/// machines.
pub const SHARD: u32 = 25_000;

/// The shards of a fleet. Each has its part of the environment's capacity.
#[must_use]
pub fn shards(plan: Plan) -> Vec<Plan> {
    let parts = plan.desktops.div_ceil(SHARD);
    let seed =
        |part: u32| plan.seed.wrapping_add(u64::from(part).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let desktops = |part: u32| SHARD.min(plan.desktops - part * SHARD);
    (0..parts).map(|part| Plan { desktops: desktops(part), seed: seed(part), ..plan }).collect()
}

/// The stored results of shards.
pub struct Store {
    folder: PathBuf,
    program: String,
}

impl Store {
    /// The results in this folder. Those of another build of this program are not used.
    ///
    /// # Errors
    /// When this program cannot be read, or the folder cannot be created.
    pub fn new(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let program = fs::read(std::env::current_exe()?)?;
        let digest = Sha256::digest(&program);
        let program = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { folder: folder.to_owned(), program })
    }

    /// Simulates all shards of a fleet without a stored result. `progress` is called for each.
    ///
    /// # Errors
    /// When a shard cannot be simulated or its result not be stored.
    pub fn simulate(
        &self,
        plan: Plan,
        live_bytes: impl Fn() -> usize,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Outcome> {
        let mut all = Outcome::default();
        let shards = shards(plan);
        for (number, shard) in shards.iter().enumerate() {
            let file = self.file(*shard);
            let known =
                fs::read(&file).ok().and_then(|text| read(&serde_json::from_slice(&text).ok()?));
            let outcome = match known {
                Some(outcome) => outcome,
                None => {
                    let outcome = simulate(*shard, &live_bytes)?;
                    let part = file.with_extension("part");
                    fs::write(&part, written(&outcome).to_string())?;
                    fs::rename(&part, &file)?;
                    outcome
                }
            };
            all.add(&outcome);
            progress(number + 1, shards.len());
        }
        Ok(all)
    }

    fn file(&self, shard: Plan) -> PathBuf {
        let (policy, desktops, seed) = (policy_name(shard.policy), shard.desktops, shard.seed);
        self.folder.join(format!("{}-{policy}-{desktops}-{seed:016x}.json", self.program))
    }
}

impl Outcome {
    /// Adds the result of another shard.
    pub fn add(&mut self, other: &Self) {
        self.desktops += other.desktops;
        for column in COUNTED {
            self.counts.add(column, other.counts.of(column));
        }
        self.lost += other.lost;
        self.interrupted += other.interrupted;
        self.unrecovered += other.unrecovered;
        self.never_signed_in += other.never_signed_in;
        self.callers[0] += other.callers[0];
        self.callers[1] += other.callers[1];
        self.bytes += other.bytes;
        self.seconds += other.seconds;
    }
}

fn written(outcome: &Outcome) -> Value {
    json!({
        "desktops": outcome.desktops,
        "counts": COUNTED.map(|column| outcome.counts.of(column).to_vec()),
        "lost": outcome.lost,
        "interrupted": outcome.interrupted,
        "unrecovered": outcome.unrecovered,
        "never_signed_in": outcome.never_signed_in,
        "callers": outcome.callers,
        "bytes": outcome.bytes,
        "seconds": outcome.seconds,
    })
}

fn read(value: &Value) -> Option<Outcome> {
    let number = |name: &str| value[name].as_u64();
    let mut counts = Counts::default();
    let columns = value["counts"].as_array()?;
    for (column, numbers) in COUNTED.into_iter().zip(columns) {
        let numbers: Option<Vec<u32>> = numbers
            .as_array()?
            .iter()
            .map(|one| one.as_u64().and_then(|one| one.try_into().ok()))
            .collect();
        counts.add(column, &numbers?);
    }
    let callers = value["callers"].as_array()?;
    Some(Outcome {
        desktops: number("desktops")?,
        counts,
        lost: number("lost")?,
        interrupted: number("interrupted")?,
        unrecovered: number("unrecovered")?,
        never_signed_in: number("never_signed_in")?,
        callers: [callers.first()?.as_u64()?, callers.get(1)?.as_u64()?],
        bytes: number("bytes")?,
        seconds: value["seconds"].as_f64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scalekit_auth::RefreshPolicy;

    fn plan(desktops: u32) -> Plan {
        Plan { desktops, policy: RefreshPolicy::Always, seed: 7 }
    }

    #[test]
    fn shards_have_all_desktops_and_seeds_of_their_own() {
        let shards = shards(plan(60_000));
        let desktops: Vec<_> = shards.iter().map(|shard| shard.desktops).collect();
        assert_eq!(desktops, [25_000, 25_000, 10_000]);
        assert!(shards[0].seed != shards[1].seed && shards[1].seed != shards[2].seed);
    }

    #[test]
    fn outcome_is_the_same_after_it_was_written() {
        let mut outcome =
            Outcome { desktops: 3, callers: [4, 5], seconds: 1.5, ..Outcome::default() };
        outcome.counts.add(COUNTED[1], &[0, 7]);
        let again = read(&written(&outcome)).unwrap();
        assert_eq!(written(&again), written(&outcome));
        assert!(read(&json!({})).is_none());
    }

    #[test]
    fn simulation_of_a_shard_is_the_same_each_time() {
        let simulated = || simulate(plan(40), || 0).unwrap();
        let (one, other) = (simulated(), simulated());
        assert_eq!(one.counts.reached(), other.counts.reached());
        assert_eq!((one.lost, one.never_signed_in, one.unrecovered), (0, 0, 0));
        assert!(one.counts.reached().iter().sum::<u32>() > 40 * 100);
    }
}
