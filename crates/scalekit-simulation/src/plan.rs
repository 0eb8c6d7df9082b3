//! A schedule: a fault phase with any faults, then a drain phase in which the system must recover.

use std::cell::RefCell;

use scalekit_auth::session::Machine;
#[cfg(feature = "seeded-bugs")]
use scalekit_auth::session::SeededBug;

use crate::{
    coverage::Coverage,
    invariants::Checks,
    persistent_fault::{self, Hour},
    settings::{Account, Choices, Settings},
    tokens::Tokens,
    world::{Impairment, Simulation},
};

/// The duration after the fault phase within which recovery is not required, in milliseconds: the longest wait
/// between two retries, and a refresh after it.
const CALM: u64 = 20 * 60 * 1000;

/// The maximum number of steps; a schedule with more does not terminate. An hour in which two processes are each asked for
/// a token twice a second takes 20,000.
pub const MAX_STEPS: u64 = 60_000;

/// One schedule in this number is an hour with one persistent fault.
const HOURS: u64 = 16;

/// The machine and the data that schedules share.
pub struct Machines {
    pub(crate) tokens: Tokens,
    pub(crate) choices: Choices,
    pub(crate) coverage: RefCell<Coverage>,
    #[cfg(feature = "seeded-bugs")]
    seeded_bug: Option<SeededBug>,
}

/// The result of a schedule.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The number of events and other steps.
    pub steps: u64,
    /// The number of injected faults: crashes, lost responses, keychain errors, changed clocks.
    pub faults: u64,
    /// The violated rule, if any.
    pub violation: Option<String>,
    /// The trace of the schedule, if it was requested.
    pub trace: Vec<String>,
    /// The number of checks of each rule.
    pub checks: Checks,
    /// The result of an hour with one persistent fault, if it was one.
    pub hour: Option<Hour>,
}

impl Machines {
    /// The machine without a seeded bug. `None` where no signing key can be generated.
    #[must_use]
    pub fn sound() -> Option<Self> {
        Some(Self {
            tokens: Tokens::new()?,
            choices: Choices::new()?,
            coverage: RefCell::default(),
            #[cfg(feature = "seeded-bugs")]
            seeded_bug: None,
        })
    }

    /// The machine with a seeded bug.
    #[cfg(feature = "seeded-bugs")]
    #[must_use]
    pub fn broken(seeded_bug: SeededBug) -> Option<Self> {
        Some(Self { seeded_bug: Some(seeded_bug), ..Self::sound()? })
    }

    /// The coverage of all schedules so far.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.coverage.take()
    }

    pub(crate) fn machine(&self, seed: u64) -> Machine {
        #[cfg(feature = "seeded-bugs")]
        if let Some(seeded_bug) = self.seeded_bug {
            return Machine::with_bug(seed, seeded_bug);
        }
        Machine::new(seed)
    }
}

/// Runs one schedule.
#[must_use]
pub fn run(machines: &Machines, seed: u64, traced: bool) -> Outcome {
    let mut world = Simulation::new(machines, seed, traced);
    let hour = if seed.is_multiple_of(HOURS) {
        Some(persistent_fault::play(&mut world))
    } else {
        fault_phase(&mut world);
        None
    };
    world.calm_down();
    rest(&mut world);
    if world.invariants.broken.is_none() && world.rng.u8(..4) == 0 {
        visit_every_account(&mut world);
    }
    if world.invariants.broken.is_none() {
        world.sign_in_at_once();
    }
    Outcome {
        steps: world.steps,
        faults: world.faults,
        violation: world.invariants.broken.take(),
        trace: world.trace.take().unwrap_or_default(),
        checks: world.invariants.checks,
        hour,
    }
}

fn fault_phase(world: &mut Simulation<'_>) {
    world.start(0);
    let longest = if world.restless > 10 { 400 } else { 160 };
    let fault_phase = world.rng.u64(40..longest);
    while world.steps < fault_phase && world.invariants.broken.is_none() {
        world.fault_phase();
    }
}

fn rest(world: &mut Simulation<'_>) {
    let begin = world.now;
    // A response that asks to wait may still be on its way.
    while world.invariants.broken.is_none()
        && world.drain_phase(begin.max(world.must_wait_until) + CALM)
    {
        if world.steps > MAX_STEPS {
            world.invariants.breaks("it does not come to rest");
        }
    }
    if world.invariants.broken.is_none() {
        world.check_quiescent();
        world.ask_everywhere();
    }
}

/// Changes the settings to each account in turn: the session that was left must be there.
fn visit_every_account(world: &mut Simulation<'_>) {
    for account in Account::all() {
        let settings = Some(Settings { account, preference: 0 });
        world.settings = settings;
        let devices = if world.standing == Impairment::NoLock { 1 } else { 2 };
        for device in 0..devices {
            world.configure(device, settings);
        }
        rest(world);
    }
}
