//! What can happen next, and the choice among it.

use scalekit_auth::{machine::Event, time::Monotonic, view::SessionView};

use super::{Network, Standing, World};
use crate::{desk::Desk, world::Moods};

const PASSING: [&str; 8] = [
    "Unavailable",
    "SigningOut",
    "AwaitingMetadata",
    "AwaitingSaved",
    "Reading",
    "Journaling",
    "Requested",
    "AwaitingKeys",
];

/// Something that is ready to happen.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The next thing in a process's queue of the keychain.
    Work(usize),
    /// A request or its answer moves on.
    Request(usize),
    /// A page in the browser does.
    Page(usize),
    /// A picture has come, or has not.
    Picture(usize),
    /// A process gets the lock.
    Grant(usize),
    /// A deadline has passed.
    Wake(usize),
}

impl World<'_> {
    /// One step in which anything may happen.
    pub fn storm(&mut self) {
        self.steps += 1;
        if self.chance.u8(..6) == 0
            && let Some(desk) = self.in_passing()
        {
            self.in_between(desk);
            return;
        }
        let acts = self.acts();
        if !acts.is_empty() && self.chance.u8(..100) < self.haste {
            let act = acts[self.chance.usize(..acts.len())];
            self.act(act);
            return;
        }
        let desks = if self.standing == Standing::NoLock { 1 } else { self.desks.len() };
        let desk = self.chance.usize(..desks);
        match self.chance.u8(..100) {
            0..45 if self.desks[desk].process.is_some() => self.wishes(desk),
            0..45 if self.chance.u8(..3) == 0 => self.start(desk),
            45..68 => self.time_passes(),
            68..72 => self.crash(desk),
            72..81 => self.network_changes(),
            81..90 => self.moods_change(),
            90..93 => self.clock_changes(),
            93..95 => self.administrator_ends_a_session(),
            _ => self.wishes(desk),
        }
    }

    /// A process in a state that passes quickly: little would happen in it by chance.
    fn in_passing(&self) -> Option<usize> {
        self.desks.iter().position(|desk| {
            desk.process
                .as_ref()
                .is_some_and(|process| PASSING.contains(&process.machine.state_name()))
        })
    }

    fn in_between(&mut self, desk: usize) {
        match self.chance.u8(..8) {
            0 => self.settings_change(desk),
            1 | 2 => self.moods_change(),
            3 => self.time_passes(),
            _ => self.anything(desk),
        }
    }

    /// Nothing goes wrong from now on.
    pub fn calm_down(&mut self) {
        self.note(|| "the storm is over".to_owned());
        self.calm = true;
        self.network = Network::Good;
        self.moods = Moods::of(self.standing);
        if self.desks.iter().all(|desk| desk.process.is_none()) {
            self.start(0);
        }
    }

    /// One step in which everything goes its way. `false` when there is nothing left to do until then.
    pub fn calm(&mut self, until: u64) -> bool {
        self.steps += 1;
        if let Some(act) = self.acts().first() {
            self.act(*act);
            return true;
        }
        // The keychain is well again, and the user presses "Try again"; or there is none.
        let waits = |desk: &Desk| {
            let view = desk.process.as_ref().map(|process| &process.view);
            matches!(view, Some(SessionView::KeychainUnavailable { .. }))
        };
        if let Some(desk) = self.desks.iter().position(waits) {
            if self.standing == Standing::NoKeychain {
                self.goes_on_without_keychain(desk);
            } else {
                self.happens(desk, Event::Retry);
            }
            return true;
        }
        match self.next_wake().filter(|at| *at <= until) {
            Some(at) => self.now = self.now.max(at),
            None => return false,
        }
        true
    }

    fn acts(&self) -> Vec<Act> {
        let mut acts = Vec::with_capacity(8);
        for (desk, process) in self.desks.iter().enumerate() {
            let Some(process) = &process.process else { continue };
            if !process.work.is_empty() {
                acts.push(Act::Work(desk));
            }
            if process.wakes_at.is_some_and(|at| at <= self.monotonic()) {
                acts.push(Act::Wake(desk));
            }
        }
        acts.extend((0..self.requests_on_their_way()).map(Act::Request));
        acts.extend((0..self.pages.len()).map(Act::Page));
        acts.extend((0..self.pictures.len()).map(Act::Picture));
        for (number, (_, _, account)) in self.waiters.iter().enumerate() {
            if self.locks[account.0].is_none() {
                acts.push(Act::Grant(number));
            }
        }
        acts
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Work(desk) => self.work(desk),
            Act::Request(number) => self.request_moves_on(number),
            Act::Page(number) => self.page_moves_on(number),
            Act::Picture(number) => {
                let (desk, start, operation) = self.pictures.swap_remove(number);
                if self.desks[desk].starts == start {
                    let picture = self.chance.bool().then(|| "data:image/png;base64,AA".to_owned());
                    self.happens(desk, Event::PictureFetched(operation, picture));
                }
            }
            Act::Grant(waiter) => {
                let (desk, operation, account) = self.waiters.remove(waiter);
                let outcome = if self.standing == Standing::NoLock {
                    Err("EROFS".to_owned())
                } else {
                    self.locks[account.0] = Some((desk, operation));
                    Ok(())
                };
                self.happens(desk, Event::Locked(operation, outcome));
            }
            Act::Wake(desk) => self.happens(desk, Event::TimerFired),
        }
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(std::time::Duration::from_millis(self.now))
    }

    pub fn next_wake(&self) -> Option<u64> {
        let wakes = self.desks.iter().filter_map(|desk| desk.process.as_ref()?.wakes_at);
        // A millisecond later, as a timer comes never early.
        wakes.min().map(|at| u64::try_from(at.0.as_millis()).unwrap_or(u64::MAX) + 1)
    }

    /// Whether something can happen without time passing.
    pub fn is_busy(&self) -> bool {
        !self.acts().is_empty()
    }

    fn time_passes(&mut self) {
        let longest = match self.chance.u8(..40) {
            0 => 7_200_000,
            1..4 => 1_200_000,
            _ => 20_000,
        };
        let jump = self.chance.u64(..longest);
        // Mostly to where something is due, and sometimes past it: a computer that slept.
        let due = self.next_wake().filter(|_| self.chance.bool());
        self.now = due.map_or(self.now + jump, |at| self.now.max(at));
        self.note(|| "time passes".to_owned());
    }

    fn network_changes(&mut self) {
        let all = [Network::Good, Network::Good, Network::Down, Network::Flaky, Network::Portal];
        self.network = all[self.chance.usize(..all.len())];
        let network = self.network;
        self.note(|| format!("the network is {network:?}"));
        if network == Network::Good {
            for desk in 0..self.desks.len() {
                if let Some(process) = &mut self.desks[desk].process {
                    process.rates.nudged();
                }
                self.happens(desk, Event::RetryHint);
            }
        }
    }

    /// The wall clock is set, or steps: by seconds as a time server does, or by as much as a user can.
    fn clock_changes(&mut self) {
        self.faults += 1;
        let most = [5_000, 180_000, 1_500_000, 90_000_000][self.chance.usize(..4)];
        let step = self.chance.i64(-most..most);
        let skew = match self.chance.u8(..3) {
            0 => step,
            _ => (self.desks[0].skew + step).clamp(-90_000_000, 90_000_000),
        };
        for desk in &mut self.desks {
            desk.skew = skew;
            if let Some(process) = &mut desk.process {
                process.rates.allow();
            }
        }
        self.note(|| format!("the clock is off by {skew} ms"));
    }

    fn administrator_ends_a_session(&mut self) {
        if !self.server.sessions.is_empty() {
            let session = self.chance.usize(..self.server.sessions.len());
            self.server.sessions[session].ended = true;
            self.server.sessions[session].ended_by_administrator = true;
            self.note(|| format!("an administrator ends session {session}"));
        }
    }
}
