//! The selection of mutants: shards and samples.

use std::{collections::BTreeMap, str::FromStr};

use anyhow::{Context, Error, ensure};

use super::{list::Mutant, results};

/// One of several shards of about the same size, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    which: usize,
    of: usize,
}

impl Shard {
    /// The mutants of this shard. They are neighbours, as those in one file build faster one after the other.
    pub fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let border = |number: usize| all.len() * number / self.of;
        let (from, to) = (border(self.which - 1), border(self.which));
        all.into_iter().take(to).skip(from).collect()
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (which, of) = text.split_once('/').context("A shard is written like 1/4.")?;
        let shard = Self { which: which.parse()?, of: of.parse()? };
        ensure!((1..=shard.of).contains(&shard.which), "There is no shard {text}.");
        Ok(shard)
    }
}

/// A seed that is derived from the sources.
pub fn seed(stages: &BTreeMap<&str, String>) -> u64 {
    let parts: Vec<_> = stages.values().map(String::as_str).collect();
    // Short enough to be typed.
    u64::from_str_radix(&results::key(&parts)[..6], 16).unwrap_or_default()
}

/// A sample of this size, with each package in proportion, in the order of the list. Line numbers do not affect it: a
/// change elsewhere in the file, or in another one, leaves the sample unchanged.
pub fn sample(all: Vec<Mutant>, number: usize, seed: u64) -> Vec<Mutant> {
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    for (at, one) in all.iter().enumerate() {
        let lot = results::key(&[&seed.to_string(), &one.file, one.mutation(), &one.diff]);
        packages.entry(one.package.clone()).or_default().push((lot, at));
    }
    let (mut drawn, mut left, mut rest) = (Vec::new(), number.min(all.len()), all.len());
    for mut lots in packages.into_values() {
        let share = (left * lots.len() + rest / 2) / rest;
        (left, rest) = (left - share, rest - lots.len());
        lots.sort();
        drawn.extend(lots.into_iter().take(share).map(|(_, at)| at));
    }
    let chosen = all.into_iter().enumerate().filter(|(at, _)| drawn.contains(at));
    chosen.map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutants(packages: &[(&str, usize)]) -> Vec<Mutant> {
        let of = |&(package, number): &(&str, usize)| {
            let one = move |at| {
                Mutant::named(package, &format!("{package}/lib.rs:{at}:1: replace f{at} with ()"))
            };
            (0..number).map(one).collect::<Vec<_>>()
        };
        packages.iter().flat_map(of).collect()
    }

    #[test]
    fn mutant_sample_is_deterministic_and_proportional() {
        let draw = |seed| {
            let drawn = sample(mutants(&[("big", 70), ("small", 30)]), 10, seed);
            drawn.into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        for seed in 0..20 {
            let drawn = draw(seed);
            assert_eq!(drawn.iter().filter(|name| name.starts_with("big")).count(), 7);
            assert_eq!(drawn.len(), 10);
            assert_eq!(drawn, draw(seed));
        }
        assert_ne!(draw(1), draw(2));
        assert_eq!(sample(mutants(&[("big", 3)]), 10, 0).len(), 3);
        assert!(sample(Vec::new(), 10, 0).is_empty());
    }

    #[test]
    fn mutant_sample_stays_when_lines_move() {
        let draw = |moved: usize| {
            let named = |at| {
                let line = at + moved;
                Mutant::named("a", &format!("a/lib.rs:{line}:1: replace f{at} with ()"))
            };
            let drawn = sample((0..100).map(named).collect(), 10, 1);
            drawn.iter().map(|one| one.mutation().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(draw(0), draw(1));
    }

    #[test]
    fn mutant_shards_together_cover_every_mutant_once() {
        let shards = (1..=4).map(|which| Shard { which, of: 4 }.of((0..10).collect()));
        assert_eq!(shards.flatten().collect::<Vec<i32>>(), (0..10).collect::<Vec<_>>());
        assert_eq!("2/4".parse::<Shard>().unwrap(), Shard { which: 2, of: 4 });
        for none in ["0/4", "5/4", "1", "a/b", "1/0"] {
            assert!(none.parse::<Shard>().is_err(), "{none}");
        }
    }
}
