//! An hour with one persistent fault and without user actions: the number of requests to the environment is counted.
//!
//! Other schedules are too short to show the effect of a persistent fault.

use scalekit_auth::{session::Event, view::SessionView};

use crate::{
    invariants::Invariant,
    plan::MAX_STEPS,
    rates::{WINDOWS_OF_A_RETRY_HINT, windows},
    settings::WHILE_IN_USE,
    world::{Fate, FileState, Impairment, KeychainState, Network, Simulation, StorageState},
};

const HOUR: u64 = 3_600_000;

/// The refreshes at 65 to 85 % of 299 seconds, and some for the beginning.
const REFRESHES: u64 = 20;

/// The refreshes for rejected access tokens, and the scheduled ones between them.
const REFUSED: u64 = 60;

/// The retry hints that are accepted: five in a row, and then one per minute.
const HINTS: u64 = 65;

/// The lifetime in seconds below which access tokens are refreshed by an interval of this length.
const MIN_PLAUSIBLE_LIFETIME: u64 = 30;

/// The refreshes of short-lived access tokens: ten in a row, one per interval, and some for the beginning.
const SHORT_LIVED: u64 = 15 + HOUR / 1000 / MIN_PLAUSIBLE_LIFETIME;

/// The mode of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything can be stored.
    Keychain,
    /// There is no keychain, and the user has agreed to that.
    InMemory,
    /// The journal cannot be read.
    JournalCannotBeRead,
    /// The journal cannot be written.
    JournalCannotBeWritten,
    /// No file can be written.
    FullDisk,
    /// The tombstones cannot be read.
    EndedCannotBeRead,
    /// No lock is available.
    NoLock,
}

/// The persistent fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// Every token request has this fate.
    Environment(Fate),
    /// Protected resources reject every access token, and the applications request another one.
    Services,
    /// No token request reaches the environment, and the window is focused every second.
    Hints,
    /// None.
    Nothing,
    /// None, and the application is not in use; its settings determine the effect.
    NobodyThere,
    /// There is no network, and the system reports it.
    NoNetwork,
    /// Access tokens live a few seconds, and the applications request them all the time.
    ShortLifetime,
}

/// The result of an hour.
#[derive(Debug, Clone, Copy)]
pub struct Hour {
    /// The mode of storage.
    pub mode: Mode,
    /// The persistent fault.
    pub disturbance: Disturbance,
    /// The number of token requests of all processes.
    pub refreshes: u64,
    /// The number of processes that ran.
    pub processes: u64,
}

impl Mode {
    /// All modes.
    pub const ALL: &[Self] = &[
        Self::Keychain,
        Self::InMemory,
        Self::JournalCannotBeRead,
        Self::JournalCannotBeWritten,
        Self::FullDisk,
        Self::EndedCannotBeRead,
        Self::NoLock,
    ];

    fn standing(self) -> Impairment {
        match self {
            Self::Keychain | Self::EndedCannotBeRead => Impairment::Good,
            Self::InMemory => Impairment::NoKeychain,
            Self::JournalCannotBeRead => Impairment::JournalCannotBeRead,
            Self::JournalCannotBeWritten => Impairment::JournalCannotBeWritten,
            Self::FullDisk => Impairment::FullDisk,
            Self::NoLock => Impairment::NoLock,
        }
    }
}

/// Runs one.
pub fn play(world: &mut Simulation<'_>) -> Hour {
    let mode = Mode::ALL[world.rng.usize(..Mode::ALL.len())];
    let disturbance = some_disturbance(world);
    let processes = if mode == Mode::NoLock { 1 } else { world.rng.usize(1..3) };
    world.note(|| format!("an hour: {mode:?}, {disturbance:?}, {processes} processes"));
    world.drain_phase = true;
    world.refuses = false;
    world.standing = mode.standing();
    world.storage_state = StorageState::of(world.standing);
    // A sign-in fails if the clock is a day off.
    world.devices.iter_mut().for_each(|device| device.skew %= 1_000_000);
    world.server.manners.iter_mut().for_each(|manner| manner.refreshable = true);
    if let Some(settings) = &mut world.settings {
        settings.preference =
            if disturbance == Disturbance::NobodyThere { WHILE_IN_USE } else { 0 };
    }
    if disturbance == Disturbance::ShortLifetime {
        world.server.access_token_lifetime = world.rng.u64(0..MIN_PLAUSIBLE_LIFETIME);
    }
    for device in 0..processes {
        world.start(device);
        if disturbance == Disturbance::ShortLifetime
            && let Some(process) = &mut world.devices[device].process
        {
            process.rates.short_lived();
        }
        sign_in(world, device);
        let view = world.devices[device].process.as_ref().map(|process| process.view.clone());
        let signed_in = matches!(view, Some(SessionView::SignedIn { .. }));
        world
            .invariants
            .check(Invariant::RecoversAfterFaults, signed_in, || "nobody can sign in".to_owned());
    }
    if mode == Mode::EndedCannotBeRead {
        world.storage_state.ended = FileState { cannot_be_read: true, ..FileState::default() };
    }
    match disturbance {
        Disturbance::Environment(fate) => world.network = Network::Failing(fate),
        Disturbance::Hints => world.network = Network::Failing(Fate::NeverLeaves),
        Disturbance::NoNetwork => {
            world.network = Network::Down;
            (0..processes).for_each(|device| world.report_network(device, false));
        }
        Disturbance::Services
        | Disturbance::Nothing
        | Disturbance::NobodyThere
        | Disturbance::ShortLifetime => {}
    }
    let before = world.refreshes;
    let served = pass(world, disturbance);
    let refreshes = world.refreshes - before;
    let hour = Hour {
        mode,
        disturbance,
        refreshes,
        processes: u64::try_from(processes).unwrap_or(u64::MAX),
    };
    check(world, hour, served);
    if disturbance == Disturbance::Environment(Fate::Denies) {
        world.network = Network::Good;
        world.refuses = true;
        (0..processes).for_each(|device| signs_in_again(world, device));
    }
    world.storage_state.keychain = KeychainState::Good;
    hour
}

fn some_disturbance(world: &mut Simulation<'_>) -> Disturbance {
    let all = [
        Disturbance::Environment(Fate::FailsBefore),
        Disturbance::Environment(Fate::LostOnTheWayThere),
        Disturbance::Environment(Fate::NeverLeaves),
        Disturbance::Environment(Fate::TooMany),
        Disturbance::Environment(Fate::Denies),
        Disturbance::Environment(Fate::Portal),
        Disturbance::Environment(Fate::NotHttp),
        Disturbance::Environment(Fate::ForAnotherClient),
        Disturbance::Services,
        Disturbance::Services,
        Disturbance::Services,
        Disturbance::Hints,
        Disturbance::Nothing,
        Disturbance::NobodyThere,
        Disturbance::NoNetwork,
        Disturbance::ShortLifetime,
        Disturbance::ShortLifetime,
    ];
    all[world.rng.usize(..all.len())]
}

/// A user signs in, unless the other process has.
fn sign_in(world: &mut Simulation<'_>, device: usize) {
    // A browser that is closed takes ten minutes, in which another process may refresh its session twenty times.
    for _ in 0..600 {
        world.settle();
        let Some(process) = &world.devices[device].process else { return };
        match &process.view {
            SessionView::SignedIn { .. } => return,
            SessionView::SignedOut { .. } => {
                let event = world.wants_to_sign_in(device);
                world.happens(device, event);
            }
            // The browser was closed: the sign-in times out.
            _ => {
                let until = world.now + 700_000;
                if !world.drain_phase(until) {
                    world.now = until;
                }
            }
        }
    }
}

/// A caller receives the reason there is no access token, and the user signs in beside the session.
fn signs_in_again(world: &mut Simulation<'_>, device: usize) {
    world.call(device, false);
    let event = world.wants_to_sign_in(device);
    world.happens(device, event);
    world.settle();
}

/// Simulates an hour. Returns the number of callers that were served.
fn pass(world: &mut Simulation<'_>, disturbance: Disturbance) -> u64 {
    let (end, served) = (world.now + HOUR, world.served);
    let every = match disturbance {
        Disturbance::Services => Some(world.rng.u64(2_000..20_000)),
        Disturbance::Hints => Some(1000),
        Disturbance::ShortLifetime => Some(world.rng.u64(500..5_000)),
        Disturbance::Environment(_)
        | Disturbance::Nothing
        | Disturbance::NobodyThere
        | Disturbance::NoNetwork => None,
    };
    let mut poll = every.map(|_| world.now);
    while world.invariants.broken.is_none() && world.steps < MAX_STEPS {
        if world.is_busy() {
            world.drain_phase(end);
            continue;
        }
        let wake = world.next_wake().unwrap_or(u64::MAX);
        let next = poll.map_or(wake, |poll| wake.min(poll));
        if next > end {
            break;
        }
        world.now = world.now.max(next);
        if poll == Some(next) {
            poll = every.map(|every| next + every);
            for device in 0..world.devices.len() {
                if disturbance == Disturbance::Hints {
                    world.user_action(device, Event::RetryHint);
                } else {
                    world.steps += 1;
                    world.call(device, disturbance == Disturbance::Services);
                }
            }
        }
    }
    world.served - served
}

fn check(world: &mut Simulation<'_>, hour: Hour, served: u64) {
    let Hour { mode, disturbance, refreshes, processes } = hour;
    let most = processes
        * match disturbance {
            // The first request, its quick retry, and a rotation before.
            Disturbance::Environment(_) => 3 + windows(HOUR / 1000),
            Disturbance::Hints => 3 + windows(HOUR / 1000) + WINDOWS_OF_A_RETRY_HINT * HINTS,
            Disturbance::Services => REFUSED,
            Disturbance::Nothing => REFRESHES,
            Disturbance::ShortLifetime => SHORT_LIVED,
            Disturbance::NobodyThere | Disturbance::NoNetwork => 0,
        };
    world.invariants.check(Invariant::RequestsAreBounded, refreshes <= most, || {
        format!(
            "{refreshes} token requests in an hour of {mode:?} and {disturbance:?}, {most} at most"
        )
    });
    let calls = matches!(disturbance, Disturbance::Services | Disturbance::ShortLifetime);
    if calls && mode != Mode::EndedCannotBeRead {
        world.invariants.check(Invariant::CallersGetResponses, served > 100, || {
            format!("{served} callers were served in an hour of {mode:?}")
        });
    }
}
