//! The recovery that is required after the fault phase.

use scalekit_auth::{
    problem::ProblemCode,
    session::Event,
    view::{RefreshView, SessionView, SignInIntent, Stored},
};

use super::Simulation;
use crate::{
    device::Device,
    invariants::Invariant,
    plan::MAX_STEPS,
    server::HeldSession,
    settings::{Account, PREFERENCES, Settings},
    tokens::entropy,
};

/// The error of a wall clock with which a sign-in succeeds, in milliseconds.
const MAX_SKEW_MILLIS: i64 = 1_000_000;

impl Simulation<'_> {
    /// In a quiescent world the views are true, and nothing is lost.
    pub fn check_quiescent(&mut self) {
        for account in Account::all() {
            let held = self.locks[account.0].is_some();
            self.recovers(!held, || format!("the lock of {account} is held for nothing"));
        }
        self.check_noted();
        for device in 0..self.devices.len() {
            self.check_rest(device);
            self.check_left_at_rest(device);
            self.check_shown(device);
        }
    }

    /// A full disk stays full.
    fn check_noted(&mut self) {
        if self.storage_state.ended.cannot_be_written {
            return;
        }
        let owed = self.invariants.owed.iter().find(|(_, by)| self.runs(**by));
        let owed = owed.map(|(session, _)| *session);
        self.invariants.check(Invariant::TombstoneIsWritten, owed.is_none(), || {
            format!("nothing reports that session {owed:?} is over")
        });
    }

    /// A caller gets an access token now.
    pub fn ask_everywhere(&mut self) {
        for device in 0..self.devices.len() {
            let before = self.served;
            let Some(process) = &self.devices[device].process else { continue };
            let shown = matches!(
                process.view,
                SessionView::SignedIn { refresh: RefreshView::Scheduled { .. }, .. }
            );
            if !shown {
                continue;
            }
            self.call(device, false);
            let until = self.now + 60_000;
            while self.served == before
                && self.invariants.broken.is_none()
                && self.drain_phase(until)
            {}
            let served = self.served > before;
            let view = self.devices[device].process.as_ref().map(|process| process.view.clone());
            // A session that is refreshed for it may turn out to have ended.
            let over = !matches!(view, Some(SessionView::SignedIn { .. }));
            self.recovers(served || over, || "nobody gets an access token".to_owned());
        }
    }

    /// A user who agrees to everything signs in at the first attempt, also on a computer that was paused.
    pub fn sign_in_at_once(&mut self) {
        let signed_out = |device: &Device| {
            device.process.as_ref().is_some_and(|process| {
                matches!(process.view, SessionView::SignedOut { .. }) && process.settings.is_some()
            })
        };
        let Some(device) = self.devices.iter().position(signed_out) else { return };
        let is_off = self.devices[device].skew.abs() > MAX_SKEW_MILLIS;
        if is_off || self.clock_was_wrong {
            // The time may have been requested last while one of the clocks was wrong.
            self.now += 120_000;
        } else if self.rng.bool() {
            self.pause(7_200_000);
        }
        // With a clock that is further off, the user is asked to set it.
        self.devices.iter_mut().for_each(|device| device.skew %= MAX_SKEW_MILLIS);
        self.agrees = true;
        let draw = self.draw_at(device);
        let request = SignInIntent::SignIn.into();
        self.happens(device, Event::SignIn { request, entropy: entropy(draw) });
        self.settle();
        let view = self.devices[device].process.as_ref().map(|process| process.view.clone());
        let signed_in = matches!(view, Some(SessionView::SignedIn { .. }));
        self.recovers(signed_in, || format!("the sign-in ends with {view:?}"));
    }

    /// Everything that is possible without the passage of time.
    pub fn settle(&mut self) {
        while self.is_busy() && self.invariants.broken.is_none() {
            self.drain_phase(self.now);
            if self.steps > MAX_STEPS {
                self.invariants.breaks("it does not come to rest");
            }
        }
    }

    fn recovers(&mut self, holds: bool, why: impl FnOnce() -> String) {
        self.invariants.check(Invariant::RecoversAfterFaults, holds, why);
    }

    fn check_rest(&mut self, device: usize) {
        let Some(process) = &self.devices[device].process else { return };
        let (waiting, at_rest) = (process.callers.len(), process.machine.is_quiescent());
        let signing_out = process.signing_out.clone();
        self.recovers(waiting == 0, || format!("{waiting} callers still wait"));
        self.recovers(at_rest, || "something is between sent and stored".to_owned());
        self.invariants.check(Invariant::BrowserPartOfSigningOut, signing_out.is_empty(), || {
            format!("the browser was not opened to sign out of {signing_out:?}")
        });
    }

    fn check_left_at_rest(&mut self, device: usize) {
        let Some(process) = &self.devices[device].process else { return };
        let current = process.account();
        let left: Vec<_> = process.held.iter().map(|(account, held)| (*account, *held)).collect();
        for (account, HeldSession { session, token }) in left {
            let Some(process) = &self.devices[device].process else { return };
            if Some(account) == current || process.of_account[account.0].in_memory {
                continue;
            }
            let stored = self.stored.token(account);
            let holds = self.invariants.is_done(session)
                || token.is_none_or(|token| !self.server.is_live(token))
                || stored.is_some_and(|stored| Some(stored) >= token || stored.session != session);
            self.invariants.check(Invariant::LeftIsStored, holds, || {
                format!("{token:?} is held for {account}, and {stored:?} is stored")
            });
        }
    }

    fn check_shown(&mut self, device: usize) {
        let Some(process) = &self.devices[device].process else { return };
        let (view, held) = (process.view.clone(), process.held());
        let stored = process.account().and_then(|account| self.stored.token(account));
        // The actions of another process or an administrator take effect at the next refresh.
        let idle = process.is_idle();
        let in_memory = process.machine.is_in_memory();
        let (session, unset) = (held.map(|held| held.session), process.settings.is_none());
        match view {
            SessionView::SignedIn {
                stored: Stored::InMemory,
                refresh: RefreshView::Scheduled { .. },
                ..
            } => {
                let token = held.and_then(|held| held.token);
                let live = token.is_some_and(|token| self.server.is_live(token));
                self.recovers(live || idle, || format!("{token:?} is held and is not the newest"));
            }
            SessionView::SignedIn { refresh: RefreshView::Scheduled { .. }, problem, .. }
                if !idle
                    && problem.as_ref().is_none_or(|one| one.code != ProblemCode::NotSaved) =>
            {
                let over = session.is_some_and(|session| self.invariants.over.contains(&session));
                self.invariants.check(Invariant::EndedStaysEnded, !over, || {
                    "a user who signed out is still shown".to_owned()
                });
                let same = stored.is_some() && stored.map(|stored| stored.session) == session;
                self.recovers(same, || "what is shown is not what is stored".to_owned());
                let live = stored.is_some_and(|stored| self.server.is_live(stored));
                self.recovers(live, || format!("{stored:?} is stored and is not the newest"));
            }
            SessionView::SignedIn {
                refresh: RefreshView::Scheduled { .. } | RefreshView::Delayed { .. },
                ..
            } if idle => {}
            // Without a keychain nothing can be deleted from it.
            SessionView::SignedOut { problem, .. } if !in_memory => {
                let reported = problem.is_some_and(|one| one.code == ProblemCode::NotCleared);
                let left =
                    stored.filter(|stored| !reported && self.is_removed_by_now(stored.session));
                self.recovers(left.is_none(), || format!("{left:?} stays after the sign-out"));
            }
            SessionView::SignedOut { .. } => {}
            SessionView::NotConfigured if unset => {}
            other => self.recovers(false, || format!("it still shows {other:?}")),
        }
    }

    /// Whether a process that runs had to remove the record of this session: the one that signed out, or one that has
    /// read it since. Any other removes it when it reads next. Without a keychain nothing is removed from it.
    fn is_removed_by_now(&self, session: usize) -> bool {
        let Some(account) = self.server.account(session) else { return false };
        let of_account = |device: &Device| {
            let process = device.process.as_ref()?;
            Some(process.of_account[account.0].clone()).filter(|one| !one.in_memory)
        };
        let by = self.invariants.signed_out_by.get(&session).filter(|by| self.runs(**by));
        let signed_out = by.is_some_and(|(device, _)| of_account(&self.devices[*device]).is_some())
            && !self.invariants.stored_after_end.contains(&session);
        let mut running = self.devices.iter().filter_map(of_account);
        let reads_it = running.any(|one| one.read_after_its_end == Some(session));
        self.invariants.over.contains(&session) && (signed_out || reads_it)
    }

    fn runs(&self, (device, start): (usize, u32)) -> bool {
        self.devices[device].starts == start && self.devices[device].process.is_some()
    }

    /// The settings change at any time: to another account, back, a preference, to none.
    pub fn settings_change(&mut self, device: usize) {
        let present = self.devices[device].process.as_ref().and_then(|process| process.settings);
        let next = match (self.rng.u8(..12), present) {
            (0, _) => None,
            (1..5, Some(present)) => {
                Some(Settings { preference: self.rng.u8(..PREFERENCES), ..present })
            }
            _ => {
                let account = Account(self.rng.usize(..crate::settings::ACCOUNTS));
                Some(Settings::some(account, &mut self.rng))
            }
        };
        self.settings = next;
        self.configure(device, next);
        // The other process is configured too, or has the old settings until its next start.
        if self.rng.bool() {
            self.configure(1 - device, next);
        }
    }
}
