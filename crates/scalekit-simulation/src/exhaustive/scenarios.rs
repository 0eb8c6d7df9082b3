//! The scenarios: the initial states and the budgets of the searches.

use super::{
    actions::Act,
    bench::Bench,
    model::{Budget, Computer, Model},
    search::Bounds,
    server::{ReusePolicy, Server},
};

/// The initial state of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// A new computer.
    Nothing,
    /// A user has signed in in the first process; this number of processes run.
    SignedIn(u8),
}

/// A scenario.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    pub(super) before: Before,
    pub(super) policy: ReusePolicy,
    pub(super) computer: Computer,
    pub(super) refreshes: bool,
    pub(super) repeats: bool,
    pub(super) budget: Budget,
    /// The default limits of the search.
    pub bounds: Bounds,
}

const COMPUTER: Computer = Computer { keychain: true, locks: true };

const NOTHING: Budget = Budget {
    sign_ins: 0,
    sign_outs: 0,
    refreshes: 0,
    callers: 0,
    refused: 0,
    settings: 0,
    crashes: 0,
    faults: 0,
    times: 0,
    sleeps: 0,
    administrators: 0,
    another: 0,
    loopbacks: 0,
    absences: 0,
};

const TWO: Scenario = Scenario {
    name: "two processes refresh",
    before: Before::SignedIn(2),
    policy: ReusePolicy::Strict,
    computer: COMPUTER,
    refreshes: true,
    repeats: false,
    budget: Budget { refreshes: 2, ..NOTHING },
    bounds: Bounds { depth: 100, states: 60_000 },
};

/// All scenarios, those with the fewest states first.
pub const SCENARIOS: &[Scenario] = &[
    TWO,
    Scenario {
        name: "signing out goes wrong",
        budget: Budget { sign_outs: 1, crashes: 1, faults: 2, times: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "a response is for another user",
        budget: Budget { refreshes: 1, another: 1, crashes: 1, times: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "a sign-in can come back two ways",
        budget: Budget { sign_ins: 1, loopbacks: 1, faults: 1, times: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "a sign-in can come back two ways, and a crash",
        budget: Budget { sign_ins: 2, loopbacks: 2, crashes: 1, ..NOTHING },
        before: Before::Nothing,
        ..TWO
    },
    Scenario {
        name: "the network goes and comes",
        budget: Budget { refreshes: 1, absences: 2, faults: 2, times: 3, callers: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "the settings change",
        budget: Budget { refreshes: 1, settings: 2, faults: 1, callers: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "the settings change, and a crash",
        budget: Budget { refreshes: 1, settings: 2, crashes: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "callers",
        budget: Budget { refreshes: 1, callers: 1, refused: 2, faults: 1, times: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "files fail while responses are lost",
        budget: Budget { refreshes: 1, crashes: 1, faults: 3, times: 2, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "another program has the lock, and a token is refused",
        budget: Budget { sign_ins: 1, refused: 1, faults: 1, times: 2, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "another program has the lock",
        budget: Budget { sign_ins: 1, callers: 1, refused: 1, faults: 1, times: 2, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "an environment that gives an access token twice",
        budget: Budget { refreshes: 1, sign_outs: 1, sign_ins: 1, ..NOTHING },
        before: Before::SignedIn(1),
        repeats: true,
        ..TWO
    },
    Scenario {
        name: "no keychain",
        budget: Budget { refreshes: 2, callers: 1, refused: 1, faults: 2, times: 2, ..NOTHING },
        before: Before::SignedIn(1),
        computer: Computer { keychain: false, locks: true },
        ..TWO
    },
    Scenario {
        name: "no keychain, and the user comes and goes",
        budget: Budget {
            refreshes: 1,
            sign_outs: 1,
            sign_ins: 1,
            settings: 2,
            faults: 1,
            ..NOTHING
        },
        before: Before::SignedIn(1),
        computer: Computer { keychain: false, locks: true },
        ..TWO
    },
    Scenario {
        name: "no lock",
        budget: Budget {
            refreshes: 1,
            sign_outs: 1,
            sign_ins: 1,
            callers: 1,
            crashes: 1,
            faults: 1,
            times: 1,
            ..NOTHING
        },
        before: Before::SignedIn(1),
        computer: Computer { keychain: true, locks: false },
        ..TWO
    },
    Scenario {
        name: "no refresh token",
        budget: Budget {
            refreshes: 1,
            sign_outs: 1,
            sign_ins: 1,
            callers: 1,
            settings: 1,
            times: 1,
            ..NOTHING
        },
        before: Before::SignedIn(1),
        refreshes: false,
        ..TWO
    },
    Scenario {
        name: "a sleep",
        budget: Budget { sleeps: 1, sign_ins: 1, refreshes: 1, faults: 1, ..NOTHING },
        before: Before::SignedIn(1),
        ..TWO
    },
    Scenario {
        name: "a sleep without a keychain",
        budget: Budget { sleeps: 1, sign_ins: 1, refreshes: 1, faults: 1, callers: 1, ..NOTHING },
        before: Before::SignedIn(1),
        computer: Computer { keychain: false, locks: true },
        ..TWO
    },
    Scenario {
        name: "a sleep without a lock",
        budget: Budget { sleeps: 1, sign_ins: 1, refreshes: 2, faults: 1, ..NOTHING },
        before: Before::SignedIn(1),
        computer: Computer { keychain: true, locks: false },
        ..TWO
    },
    Scenario {
        name: "no lock, and a restart during a sign-in",
        budget: Budget { sign_ins: 1, refreshes: 1, faults: 1, crashes: 1, ..NOTHING },
        before: Before::SignedIn(1),
        computer: Computer { keychain: true, locks: false },
        ..TWO
    },
    Scenario {
        name: "no refresh token and no keychain",
        budget: Budget { sign_outs: 1, sign_ins: 1, callers: 1, settings: 1, times: 1, ..NOTHING },
        before: Before::SignedIn(1),
        computer: Computer { keychain: false, locks: true },
        refreshes: false,
        ..TWO
    },
    Scenario {
        name: "no refresh token and no lock",
        budget: Budget { sign_outs: 1, sign_ins: 1, callers: 1, faults: 1, times: 1, ..NOTHING },
        before: Before::SignedIn(1),
        computer: Computer { keychain: true, locks: false },
        refreshes: false,
        ..TWO
    },
    Scenario {
        name: "two processes refresh, and one crashes",
        budget: Budget { refreshes: 2, crashes: 1, times: 1, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "two processes refresh, and something fails",
        budget: Budget { refreshes: 2, faults: 1, times: 1, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "two processes, and an environment that ends the session",
        budget: Budget { refreshes: 2, faults: 1, times: 1, ..NOTHING },
        policy: ReusePolicy::EndsTheSession,
        ..TWO
    },
    Scenario {
        name: "two processes, and an environment that forgives",
        budget: Budget { refreshes: 2, faults: 2, crashes: 1, ..NOTHING },
        policy: ReusePolicy::Forgives(0),
        ..TWO
    },
    Scenario {
        name: "an administrator ends the session",
        budget: Budget { refreshes: 2, administrators: 1, times: 1, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "signing out beside a refresh",
        budget: Budget { refreshes: 1, sign_outs: 1, crashes: 1, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "signing out beside a refresh, and something fails",
        budget: Budget { refreshes: 1, sign_outs: 1, faults: 1, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "signing out and in beside a refresh",
        budget: Budget { refreshes: 1, sign_outs: 1, sign_ins: 1, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "the settings change beside a refresh",
        budget: Budget { refreshes: 1, settings: 2, ..NOTHING },
        ..TWO
    },
    Scenario {
        name: "two sign-ins from nothing",
        budget: Budget { sign_ins: 2, ..NOTHING },
        before: Before::Nothing,
        ..TWO
    },
    Scenario {
        name: "two sign-ins, a settings change, a fault and a crash",
        budget: Budget {
            sign_ins: 2,
            refreshes: 1,
            settings: 2,
            faults: 1,
            crashes: 1,
            times: 1,
            ..NOTHING
        },
        before: Before::Nothing,
        ..TWO
    },
];

impl Scenario {
    /// The scenario with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name).copied()
    }

    /// The same with this number of faults.
    #[must_use]
    pub fn with_faults(self, faults: u8) -> Self {
        Self { budget: Budget { faults, ..self.budget }, ..self }
    }

    pub(super) fn begin(&self, bench: &Bench<'_>) -> Model {
        let mut server = Server::new(self.policy);
        server.refreshes = self.refreshes;
        server.repeats = self.repeats;
        let mut world = Model::new(server, self.computer);
        world.act(bench, Act::Start(0));
        let mut settled = world.drain_phase(bench);
        if self.before != Before::Nothing {
            world.act(bench, Act::SignIn(0));
            settled = settled.and_then(|()| world.drain_phase(bench));
        }
        if matches!(self.before, Before::Nothing | Before::SignedIn(2)) {
            world.act(bench, Act::Start(1));
            settled = settled.and_then(|()| world.drain_phase(bench));
        }
        if let Err(rule) = settled {
            world.invariants.breaks(rule);
        }
        world.drain_phase = false;
        world.budget = self.budget;
        world
    }
}
