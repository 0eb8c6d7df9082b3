//! What can happen next, and the choice among it.

use scalekit_auth::{
    machine::{Event, KeychainFailure},
    record::{SessionRecord, Slot},
    time::Monotonic,
    view::SessionView,
};

use super::{Mood, Network, World};
use crate::{
    desk::{Desk, Work, kept_token},
    server::RefreshToken,
};

/// Something that is ready to happen.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The next thing in a process's queue of the keychain.
    Work(usize),
    /// A request or its answer moves on.
    Request(usize),
    /// A page in the browser does.
    Page(usize),
    /// A process gets the lock.
    Grant(usize),
    /// A deadline has passed.
    Wake(usize),
}

impl World<'_> {
    /// One step in which anything may happen.
    pub fn storm(&mut self) {
        self.steps += 1;
        let acts = self.acts();
        if !acts.is_empty() && self.chance.u8(..100) < 70 {
            let act = acts[self.chance.usize(..acts.len())];
            self.act(act);
            return;
        }
        let desk = self.chance.usize(..self.desks.len());
        match self.chance.u8(..100) {
            0..45 if self.desks[desk].process.is_some() => self.wishes(desk),
            0..45 if self.chance.u8(..3) == 0 => self.start(desk),
            45..70 => self.time_passes(),
            70..74 => self.crash(desk),
            74..84 => self.network_changes(),
            84..91 => self.mood_changes(),
            91..94 => self.clock_changes(),
            94..96 => self.administrator_ends_a_session(),
            _ => self.wishes(desk),
        }
    }

    /// Nothing goes wrong from now on.
    pub fn calm_down(&mut self) {
        self.note(|| "the storm is over".to_owned());
        self.calm = true;
        self.network = Network::Good;
        self.mood = Mood::Good;
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
        // The keychain is well again, and the person presses "Try again".
        let waits = |desk: &Desk| {
            let view = desk.process.as_ref().map(|process| &process.view);
            matches!(view, Some(SessionView::KeychainUnavailable { .. }))
        };
        if let Some(desk) = self.desks.iter().position(waits) {
            self.happens(desk, Event::Retry);
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
        acts.extend((0..self.requests.len()).map(Act::Request));
        acts.extend((0..self.pages.len()).map(Act::Page));
        if self.lock.is_none() {
            acts.extend((0..self.waiters.len()).map(Act::Grant));
        }
        acts
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Work(desk) => self.work(desk),
            Act::Request(number) => self.request_moves_on(number),
            Act::Page(number) => self.page_moves_on(number),
            Act::Grant(waiter) => {
                let (desk, operation) = self.waiters.remove(waiter);
                self.lock = Some((desk, operation));
                self.happens(desk, Event::Locked(operation, Ok(())));
            }
            Act::Wake(desk) => self.happens(desk, Event::Woke),
        }
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(std::time::Duration::from_millis(self.now))
    }

    fn next_wake(&self) -> Option<u64> {
        let wakes = self.desks.iter().filter_map(|desk| desk.process.as_ref()?.wakes_at);
        // A millisecond later, as a timer comes never early.
        wakes.min().map(|at| u64::try_from(at.0.as_millis()).unwrap_or(u64::MAX) + 1)
    }

    fn time_passes(&mut self) {
        let longest = if self.chance.u8(..10) == 0 { 1_200_000 } else { 20_000 };
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
                self.happens(desk, Event::Nudged);
            }
        }
    }

    fn mood_changes(&mut self) {
        let all = [Mood::Good, Mood::Good, Mood::Locked, Mood::Slow];
        self.mood = all[self.chance.usize(..all.len())];
        let mood = self.mood;
        self.note(|| format!("the keychain is {mood:?}"));
    }

    fn clock_changes(&mut self) {
        self.faults += 1;
        // Minutes, which go unnoticed, as often as a day, which is said.
        let most = if self.chance.bool() { 1_500_000 } else { 90_000_000 };
        let skew = self.chance.i64(-most..most);
        self.desks.iter_mut().for_each(|desk| desk.skew = skew);
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

    /// The next thing in the queue of a process is done, and the process hears of it, or crashes.
    fn work(&mut self, desk: usize) {
        let Some(work) =
            self.desks[desk].process.as_mut().and_then(|process| process.work.pop_front())
        else {
            return;
        };
        let event = match work {
            Work::Release(operation) => {
                if self.lock == Some((desk, operation)) {
                    self.lock = None;
                } else {
                    self.rules.breaks("a lock was given back that nobody had");
                }
                return;
            }
            Work::Load(operation, slot) => {
                let failure = self.failure(slot);
                let outcome = failure.map_or_else(|| Ok(self.kept.read(slot)), Err);
                if let (Slot::Session, Ok(Some(bytes))) = (slot, &outcome) {
                    self.read(desk, kept_token(bytes));
                }
                Event::Loaded(operation, outcome)
            }
            Work::Store(operation, slot, bytes) => {
                let failure = self.failure(slot);
                let token = if slot == Slot::Session { kept_token(&bytes) } else { None };
                if !matches!(failure, Some(KeychainFailure::Locked(_))) {
                    *self.kept.entry(slot) = Some(bytes.to_vec());
                    if let Some(token) = token {
                        self.rules.kept(token);
                    }
                }
                if slot == Slot::Session
                    && let Some(process) = &mut self.desks[desk].process
                {
                    process.unsaved = failure.is_some();
                }
                Event::Stored(operation, failure.map_or(Ok(()), Err))
            }
            Work::Append(operation, slot, line) => {
                self.kept.entry(slot).get_or_insert_default().extend(line);
                Event::Stored(operation, Ok(()))
            }
            Work::Clear(operation, slot, session) => {
                let failure = self.failure(slot);
                let kept = self.kept.read(slot);
                let may_be_removed =
                    kept.is_none_or(|kept| SessionRecord::may_be_removed(&kept, session.as_ref()));
                if !matches!(failure, Some(KeychainFailure::Locked(_))) && may_be_removed {
                    *self.kept.entry(slot) = None;
                }
                if slot == Slot::Session
                    && failure.is_none()
                    && let Some(process) = &mut self.desks[desk].process
                {
                    process.refused = None;
                }
                Event::Cleared(operation, failure.map_or(Ok(()), Err))
            }
        };
        if !self.calm && self.chance.u16(..300) == 0 {
            self.crash(desk);
        } else {
            self.happens(desk, event);
        }
    }

    /// Files do not sulk; the keychain does.
    fn failure(&mut self, slot: Slot) -> Option<KeychainFailure> {
        let failure = match self.mood {
            Mood::Locked if slot.is_secret() => Some(KeychainFailure::Locked(String::new())),
            Mood::Slow if slot.is_secret() => Some(KeychainFailure::Slow),
            Mood::Good | Mood::Locked | Mood::Slow => None,
        };
        self.faults += u64::from(failure.is_some());
        failure
    }

    /// A process has read what is kept.
    fn read(&mut self, desk: usize, token: Option<RefreshToken>) {
        let session = token.map(|token| token.session);
        let over = session.filter(|session| self.rules.over.contains(session));
        if let Some(process) = &mut self.desks[desk].process {
            process.read_after_its_end = over;
        }
    }
}
