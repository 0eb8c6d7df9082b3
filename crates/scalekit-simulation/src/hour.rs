//! An hour of one disturbance, with nobody who asks for anything: how often is the environment asked?
//!
//! Schedules that are storms are short, so what comes of a disturbance that stays does not show in them.

use scalekit_auth::view::SessionView;

use crate::{
    plan::MAX_STEPS,
    rates::windows,
    rules::Rule,
    settings::WHILE_IN_USE,
    world::{Fate, FileState, Impairment, KeychainState, Network, Simulation, StorageState},
};

const HOUR: u64 = 3_600_000;

/// Refreshes at 65 to 85 % of 299 seconds, and some for the beginning.
const REFRESHES: u64 = 20;

/// Refreshes for access tokens that are refused, and those between.
const REFUSED: u64 = 60;

/// How what is kept fares in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything can be kept.
    Keychain,
    /// There is no keychain, and the user has agreed to that.
    InMemory,
    /// Nobody knows what was sent before.
    JournalCannotBeRead,
    /// Nobody will know what is sent.
    JournalCannotBeWritten,
    /// No file can be written.
    FullDisk,
    /// Nobody knows which sessions are over.
    EndedCannotBeRead,
    /// There is no lock to be had.
    NoLock,
}

/// What is the disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// Every token request comes to this.
    Environment(Fate),
    /// Services refuse every access token, and the applications ask again.
    Services,
    /// None.
    Nothing,
    /// None, and nobody uses the program, whose settings say what that means.
    NobodyThere,
    /// There is no network, and the system says so.
    NoNetwork,
}

/// What an hour came to.
#[derive(Debug, Clone, Copy)]
pub struct Hour {
    /// What could not be kept.
    pub mode: Mode,
    /// What went wrong all the time.
    pub disturbance: Disturbance,
    /// How many token requests there were, of all processes.
    pub refreshes: u64,
    /// How many processes ran.
    pub processes: u64,
}

impl Mode {
    /// All of them.
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

/// Plays one.
pub fn play(world: &mut Simulation<'_>) -> Hour {
    let mode = Mode::ALL[world.rng.usize(..Mode::ALL.len())];
    let disturbance = some_disturbance(world);
    let processes = if mode == Mode::NoLock { 1 } else { world.rng.usize(1..3) };
    world.note(|| format!("an hour: {mode:?}, {disturbance:?}, {processes} processes"));
    world.drain_phase = true;
    world.refuses = false;
    world.standing = mode.standing();
    world.storage_state = StorageState::of(world.standing);
    // Nobody signs in by a clock that is a day off.
    world.devices.iter_mut().for_each(|device| device.skew %= 1_000_000);
    world.server.manners.iter_mut().for_each(|manner| manner.refreshable = true);
    if let Some(settings) = &mut world.settings {
        settings.preference =
            if disturbance == Disturbance::NobodyThere { WHILE_IN_USE } else { 0 };
    }
    for device in 0..processes {
        world.start(device);
        sign_in(world, device);
        let view = world.devices[device].process.as_ref().map(|process| process.view.clone());
        let signed_in = matches!(view, Some(SessionView::SignedIn { .. }));
        world.rules.judge(Rule::ComesRight, signed_in, || "nobody can sign in".to_owned());
    }
    if mode == Mode::EndedCannotBeRead {
        world.storage_state.ended = FileState { cannot_be_read: true, ..FileState::default() };
    }
    if let Disturbance::Environment(fate) = disturbance {
        world.network = Network::Failing(fate);
    }
    if disturbance == Disturbance::NoNetwork {
        world.network = Network::Down;
        (0..processes).for_each(|device| world.tell_network(device, false));
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
    judge(world, hour, served);
    if disturbance == Disturbance::Environment(Fate::SaysNo) {
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
        Disturbance::Environment(Fate::SaysNo),
        Disturbance::Environment(Fate::Portal),
        Disturbance::Services,
        Disturbance::Services,
        Disturbance::Services,
        Disturbance::Nothing,
        Disturbance::NobodyThere,
        Disturbance::NoNetwork,
    ];
    all[world.rng.usize(..all.len())]
}

/// Somebody signs in, unless the other process has done so.
fn sign_in(world: &mut Simulation<'_>, device: usize) {
    for _ in 0..60 {
        while world.is_busy() && world.rules.broken.is_none() {
            world.drain_phase(world.now);
        }
        let Some(process) = &world.devices[device].process else { return };
        match &process.view {
            SessionView::SignedIn { .. } => return,
            SessionView::SignedOut { .. } => {
                let event = world.wants_to_sign_in(device);
                world.happens(device, event);
            }
            // The browser was closed: time passes.
            _ => {
                let until = world.now + 700_000;
                if !world.drain_phase(until) {
                    world.now = until;
                }
            }
        }
    }
}

/// Whoever wants an access token is told why there is none, and the user signs in beside the session.
fn signs_in_again(world: &mut Simulation<'_>, device: usize) {
    world.call(device, false);
    let event = world.wants_to_sign_in(device);
    world.happens(device, event);
    while world.is_busy() && world.rules.broken.is_none() {
        world.drain_phase(world.now);
    }
}

/// An hour passes. How many callers were served in it.
fn pass(world: &mut Simulation<'_>, disturbance: Disturbance) -> u64 {
    let (end, served) = (world.now + HOUR, world.served);
    let every = world.rng.u64(2_000..20_000);
    let mut poll = world.now;
    while world.rules.broken.is_none() && world.steps < MAX_STEPS {
        if world.is_busy() {
            world.drain_phase(end);
            continue;
        }
        let wake = world.next_wake().unwrap_or(u64::MAX);
        let next = if disturbance == Disturbance::Services { wake.min(poll) } else { wake };
        if next > end {
            break;
        }
        world.now = world.now.max(next);
        if disturbance == Disturbance::Services && next == poll {
            poll += every;
            world.steps += 1;
            for device in 0..world.devices.len() {
                world.call(device, true);
            }
        }
    }
    world.served - served
}

fn judge(world: &mut Simulation<'_>, hour: Hour, served: u64) {
    let Hour { mode, disturbance, refreshes, processes } = hour;
    let most = processes
        * match disturbance {
            // The first, the quick repetition of it, and a rotation before.
            Disturbance::Environment(_) => 3 + windows(HOUR / 1000),
            Disturbance::Services => REFUSED,
            Disturbance::Nothing => REFRESHES,
            Disturbance::NobodyThere | Disturbance::NoNetwork => 0,
        };
    world.rules.judge(Rule::AskedSeldom, refreshes <= most, || {
        format!(
            "{refreshes} token requests in an hour of {mode:?} and {disturbance:?}, {most} at most"
        )
    });
    if disturbance == Disturbance::Services && mode != Mode::EndedCannotBeRead {
        world.rules.judge(Rule::CallersAreAnswered, served > 100, || {
            format!("{served} callers were served in an hour of {mode:?}")
        });
    }
}
