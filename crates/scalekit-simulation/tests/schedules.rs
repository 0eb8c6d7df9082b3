//! A small simulation. `cargo xtask simulate` runs any number of schedules.
#![allow(clippy::unwrap_used, clippy::panic)]

use scalekit_simulation::{Machines, run};

// req: E17, F5, M8, M20, X6, X21, X26
#[test]
fn simulation_of_3000_schedules_violates_no_invariant() {
    let machines = Machines::sound().unwrap();
    for seed in 0..3000 {
        let outcome = run(&machines, seed, false);
        if let Some(rule) = outcome.violation {
            panic!("cargo xtask simulate --seed {seed}: {rule}");
        }
    }
}

#[test]
fn simulation_schedule_is_deterministic_per_seed() {
    let play = |seed| run(&Machines::sound().unwrap(), seed, true).trace;
    for seed in [1, 7, 4711] {
        assert_eq!(play(seed), play(seed), "{seed}");
    }
    assert_ne!(play(1), play(2));
}

#[cfg(feature = "seeded-bugs")]
mod broken {
    use std::{sync::Mutex, thread};

    use super::*;
    use scalekit_auth::session::SeededBug;

    /// The seed of the first schedule that detects it.
    fn caught(seeded_bug: SeededBug) -> Option<(u64, String)> {
        let machines = Machines::broken(seeded_bug).unwrap();
        (0..20_000).find_map(|seed| Some((seed, run(&machines, seed, false).violation?)))
    }

    #[test]
    fn simulation_catches_every_seeded_bug() {
        let left = Mutex::new(SeededBug::ALL.iter());
        let missed = Mutex::new(Vec::new());
        let search = || {
            let next = || left.lock().unwrap().next();
            while let Some(seeded_bug) = next() {
                match caught(*seeded_bug) {
                    Some((seed, rule)) => {
                        println!("{seeded_bug:?} is caught by seed {seed}: {rule}");
                    }
                    None => missed.lock().unwrap().push(*seeded_bug),
                }
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(search))));
        let missed = missed.into_inner().unwrap();
        assert!(missed.is_empty(), "{missed:?}");
    }
}
