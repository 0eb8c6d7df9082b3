//! A schedule: a storm in which anything may happen, then a calm in which everything must come right.

#[cfg(feature = "broken")]
use scalekit_auth::machine::Breakage;
use scalekit_auth::machine::Machine;

use crate::{tokens::Tokens, world::World};

/// Sooner than this after the storm nothing has to have come right, in milliseconds: that is the
/// longest wait between two tries, and a renewal after it.
const CALM: u64 = 20 * 60 * 1000;

/// More steps than this and it will never come to rest.
const MOST_STEPS: u64 = 20_000;

/// What schedules are played with.
pub struct Machines {
    pub(crate) tokens: Tokens,
    #[cfg(feature = "broken")]
    breakage: Option<Breakage>,
}

/// How a schedule ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How often the machine was driven or something else happened.
    pub steps: u64,
    /// How much went wrong: crashes, lost answers, refusals of the keychain, changed clocks.
    pub faults: u64,
    /// The rule that was broken, if one was.
    pub violation: Option<String>,
    /// What happened, step by step, where that was asked for.
    pub trace: Vec<String>,
}

impl Machines {
    /// The machine as it ships. Nothing where no signing key can be made.
    #[must_use]
    pub fn sound() -> Option<Self> {
        Some(Self {
            tokens: Tokens::new()?,
            #[cfg(feature = "broken")]
            breakage: None,
        })
    }

    /// The machine, broken on purpose.
    #[cfg(feature = "broken")]
    #[must_use]
    pub fn broken(breakage: Breakage) -> Option<Self> {
        Some(Self { breakage: Some(breakage), ..Self::sound()? })
    }

    pub(crate) fn machine(&self, seed: u64) -> Machine {
        #[cfg(feature = "broken")]
        if let Some(breakage) = self.breakage {
            return Machine::broken(seed, breakage);
        }
        Machine::new(seed)
    }
}

/// Plays one schedule.
#[must_use]
pub fn run(machines: &Machines, seed: u64, traced: bool) -> Outcome {
    let mut world = World::new(machines, seed, traced);
    let storm = world.chance.u64(40..160);
    while world.steps < storm && world.rules.broken.is_none() {
        world.storm();
    }
    world.calm_down();
    let until = world.now + CALM;
    while world.rules.broken.is_none() && world.calm(until) {
        if world.steps > MOST_STEPS {
            world.rules.breaks("it does not come to rest");
        }
    }
    world.comes_to_rest();
    Outcome {
        steps: world.steps,
        faults: world.faults,
        violation: world.rules.broken.take(),
        trace: world.trace.take().unwrap_or_default(),
    }
}
