//! The possible next actions, and the choice of one.

use scalekit_auth::{
    session::{Event, LockError, Network as Reported},
    time::Monotonic,
    view::SessionView,
};

use super::{Impairment, Network, Simulation};
use crate::{device::Device, world::StorageState};

const PASSING: [&str; 8] = [
    "Unavailable",
    "SigningOut",
    "SignedIn.AwaitingMetadata",
    "SignedIn.AwaitingLock.Storage",
    "SignedIn.AwaitingLock.Reading",
    "SignedIn.Journaling",
    "SignedIn.Requested",
    "SignedIn.AwaitingKeys",
];

/// An action that is ready.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The next operation in a process's queue.
    Work(usize),
    /// A request or its response progresses.
    Request(usize),
    /// A page in the browser progresses.
    Page(usize),
    /// A picture was fetched, or the fetch has failed.
    Picture(usize),
    /// A listener at the loopback redirect URI starts.
    Listen(usize),
    /// A process acquires the lock.
    Grant(usize),
    /// A deadline has elapsed.
    Wake(usize),
}

impl Simulation<'_> {
    /// One step of the fault phase.
    pub fn fault_phase(&mut self) {
        self.steps += 1;
        if self.rng.u8(..6) == 0
            && let Some(device) = self.in_passing()
        {
            self.in_between(device);
            return;
        }
        let acts = self.acts();
        if !acts.is_empty() && self.rng.u8(..100) < self.haste {
            let act = acts[self.rng.usize(..acts.len())];
            self.act(act);
            return;
        }
        let devices = if self.standing == Impairment::NoLock { 1 } else { self.devices.len() };
        let device = self.rng.usize(..devices);
        match self.rng.u8(..100) {
            0..45 if self.devices[device].process.is_some() => self.user_actions(device),
            0..45 if self.rng.u8(..3) == 0 => self.start(device),
            45..68 => self.time_passes(),
            68..71 => self.crash(device),
            71 => self.close(device),
            72..80 => self.network_changes(),
            80..82 => self.service_changes(),
            82..91 => self.moods_change(),
            91..93 => self.clock_changes(),
            93..95 => self.administrator_ends_a_session(),
            _ => self.user_actions(device),
        }
    }

    /// A process in a transient state, which would rarely be chosen at random.
    fn in_passing(&self) -> Option<usize> {
        self.devices.iter().position(|device| {
            device
                .process
                .as_ref()
                .is_some_and(|process| PASSING.contains(&process.machine.state_name()))
        })
    }

    fn in_between(&mut self, device: usize) {
        if self.is_closed(device) {
            return self.close(device);
        }
        match self.rng.u8(..8) {
            0 => self.settings_change(device),
            1 | 2 => self.moods_change(),
            3 => self.time_passes(),
            _ => self.anything(device),
        }
    }

    /// Ends the injection of faults.
    pub fn calm_down(&mut self) {
        self.note(|| "the fault_phase is over".to_owned());
        self.drain_phase = true;
        self.network = Network::Good;
        self.services_recover();
        self.refuses = false;
        self.storage_state = StorageState::of(self.standing);
        for device in 0..self.devices.len() {
            if self.is_closed(device) {
                self.crash(device);
            }
        }
        if self.devices.iter().all(|device| device.process.is_none()) {
            self.start(0);
        }
        (0..self.devices.len()).for_each(|device| self.report_network(device, true));
        // The user returns to the window, or does not.
        if self.rng.bool() {
            for device in 0..self.devices.len() {
                self.happens(device, Event::InUse(true));
            }
        }
    }

    /// One step of the drain phase. `false` when nothing is left to do until then.
    pub fn drain_phase(&mut self, until: u64) -> bool {
        self.steps += 1;
        if let Some(act) = self.acts().first() {
            self.act(*act);
            return true;
        }
        // The keychain has recovered, and the user presses "Try again"; or there is none.
        let waits = |device: &Device| {
            let view = device.process.as_ref().map(|process| &process.view);
            matches!(view, Some(SessionView::KeychainUnavailable { .. }))
        };
        if let Some(device) = self.devices.iter().position(waits) {
            if matches!(self.standing, Impairment::NoKeychain | Impairment::NoKeyring) {
                self.goes_on_without_keychain(device);
            } else {
                self.happens(device, Event::Retry);
            }
            return true;
        }
        // A keyring will not be created, and the user agrees to a session in memory beside the session too.
        if self.standing == Impairment::NoKeyring
            && let Some(device) = self.devices.iter().position(Device::wants_a_keyring)
        {
            self.goes_on_without_keychain(device);
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
        for (device, process) in self.devices.iter().enumerate() {
            let Some(process) = &process.process else { continue };
            if !process.work.is_empty() {
                acts.push(Act::Work(device));
            }
            if process.wakes_at.is_some_and(|at| at <= self.monotonic()) {
                acts.push(Act::Wake(device));
            }
        }
        acts.extend((0..self.requests_on_their_way()).map(Act::Request));
        acts.extend((0..self.pages.len()).map(Act::Page));
        acts.extend((0..self.pictures.len()).map(Act::Picture));
        acts.extend(self.starting_listener().map(Act::Listen));
        for (number, (_, _, account)) in self.waiters.iter().enumerate() {
            if self.locks[account.0].is_none() {
                acts.push(Act::Grant(number));
            }
        }
        acts
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Work(device) => self.work(device),
            Act::Request(number) => self.request_moves_on(number),
            Act::Page(number) => self.page_moves_on(number),
            Act::Picture(number) => {
                let (device, start, operation) = self.pictures.swap_remove(number);
                if self.devices[device].starts == start {
                    let picture = self.rng.bool().then(|| "data:image/png;base64,AA".to_owned());
                    self.happens(device, Event::PictureFetched(operation, picture));
                }
            }
            Act::Listen(number) => self.listens(number),
            Act::Grant(waiter) => {
                let (device, operation, account) = self.waiters.remove(waiter);
                let outcome = if self.standing == Impairment::NoLock {
                    Err(LockError::Unsupported("EROFS".to_owned()))
                } else if !self.drain_phase && self.rng.u8(..12) == 0 {
                    Err(LockError::Failed("EMFILE".to_owned()))
                } else {
                    self.locks[account.0] = Some((device, operation));
                    Ok(())
                };
                self.happens(device, Event::Locked(operation, outcome));
            }
            Act::Wake(device) => self.happens(device, Event::TimerFired),
        }
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(std::time::Duration::from_millis(self.now))
    }

    pub fn next_wake(&self) -> Option<u64> {
        let wakes = self.devices.iter().filter_map(|device| device.process.as_ref()?.wakes_at);
        // A millisecond later, as a timer is never early.
        wakes.min().map(|at| u64::try_from(at.0.as_millis()).unwrap_or(u64::MAX) + 1)
    }

    /// Whether an action is possible without the passage of time.
    pub fn is_busy(&self) -> bool {
        !self.acts().is_empty()
    }

    fn time_passes(&mut self) {
        let longest = match self.rng.u8(..40) {
            0 => 7_200_000,
            1..4 => 1_200_000,
            _ => 20_000,
        };
        let jump = self.rng.u64(..longest);
        if self.rng.u8(..20) == 0 {
            self.pause(jump);
            return;
        }
        // Mostly to the next deadline, and sometimes past it: a computer that slept.
        let due = self.next_wake().filter(|_| self.rng.bool());
        self.now = due.map_or(self.now + jump, |at| self.now.max(at));
        self.note(|| "time passes".to_owned());
    }

    /// A virtual machine is paused for so many milliseconds: its monotonic clock, which counts sleep, stands still.
    pub fn pause(&mut self, milliseconds: u64) {
        self.paused += milliseconds;
        self.note(|| format!("the computer is paused for {milliseconds} ms"));
        for device in &mut self.devices {
            if let Some(process) = &mut device.process {
                process.rates.allow();
            }
        }
    }

    fn network_changes(&mut self) {
        let all = [Network::Good, Network::Good, Network::Down, Network::Flaky, Network::Portal];
        self.network = all[self.rng.usize(..all.len())];
        let network = self.network;
        self.note(|| format!("the network is {network:?}"));
        let present = network != Network::Down;
        for device in 0..self.devices.len() {
            // A present interface need not have a route.
            if present || self.rng.bool() {
                self.report_network(device, present);
            }
        }
    }

    /// Reports a network state to the process.
    pub fn report_network(&mut self, device: usize, present: bool) {
        if let Some(process) = &mut self.devices[device].process {
            process.rates.network_changed(present);
        }
        let reported = if present { Reported::Present } else { Reported::Absent };
        self.happens(device, Event::NetworkChanged(reported));
    }

    /// The wall clock is changed: by seconds as a time server does, or by any amount as a user can.
    fn clock_changes(&mut self) {
        self.faults += 1;
        self.clock_was_wrong = true;
        let most = [5_000, 180_000, 1_500_000, 90_000_000][self.rng.usize(..4)];
        let step = self.rng.i64(-most..most);
        let skew = match self.rng.u8(..3) {
            0 => step,
            _ => (self.devices[0].skew + step).clamp(-90_000_000, 90_000_000),
        };
        for device in &mut self.devices {
            device.skew = skew;
            if let Some(process) = &mut device.process {
                process.rates.allow();
            }
        }
        self.note(|| format!("the clock is off by {skew} ms"));
    }

    fn administrator_ends_a_session(&mut self) {
        if !self.server.sessions.is_empty() {
            let session = self.rng.usize(..self.server.sessions.len());
            self.server.sessions[session].ended = true;
            self.server.sessions[session].ended_at_environment = true;
            self.note(|| format!("an administrator ends session {session}"));
        }
    }
}
