//! The steps of a process: its events, effects and crashes.

use std::{collections::BTreeSet, rc::Rc};

use scalekit_auth::session::{Effect, Event, Operation, TokenRequestId};

use super::{
    bench::{Bench, Settings, now},
    model::{Holder, Listener, Model, Process, Work},
};

impl Model {
    /// Passes an event to a process and begins its effects. A crash between two effects is modelled as one
    /// after all of them that drops the queue and the requests.
    pub fn happens(&mut self, bench: &Bench<'_>, process: usize, event: Event) {
        let at = now(self.now);
        let Some(one) = &mut self.processes[process] else { return };
        let before = one.view.clone();
        let configured = matches!(event, Event::Configured(_));
        let wished = configured || matches!(event, Event::TimerFired | Event::Refresh);
        let was_idle = one.is_idle();
        let by_clock = matches!(event, Event::TimerFired);
        let was_waiting = one.waits_for_network_or_time();
        bench.coverage.borrow_mut().reaches(&one.machine, &event, false);
        let effects = Rc::make_mut(&mut one.machine).step(event, at);
        let begun = was_idle && one.is_refreshing();
        let begun_by_clock = by_clock && was_waiting && one.is_refreshing();
        if begun && !wished {
            self.check_rate(process);
        }
        if begun_by_clock && self.absent {
            self.invariants.breaks("a refresh was begun without a network");
        }
        for effect in effects {
            self.perform(bench, process, effect);
        }
        if !configured {
            self.check_view(bench, process, &before);
        }
        self.check_listeners(process);
        self.observe_held(bench, process, configured);
        self.check_shown_as_stored(bench, process);
        // The access token that callers get from the runtime's cache is subject to the same rules.
        let cached = |one: &Process| one.machine.cached_access_token().map(|one| one.issue());
        if let Some(given) = self.processes[process].as_ref().and_then(cached) {
            self.check_given(bench, process, &given);
        }
    }

    fn perform(&mut self, bench: &Bench<'_>, process: usize, effect: Effect) {
        let since = self.now;
        let Some(one) = &mut self.processes[process] else { return };
        let mut work = |work| one.work.push_back((since, work));
        match effect {
            Effect::Send(operation, _, request) => self.send(bench, process, operation, &request),
            Effect::OpenBrowser(operation, url) => self.open_page(bench, process, operation, &url),
            Effect::Lock(operation, account) => self.waiters.push((process, operation, account)),
            Effect::Unlock(operation) => self.unlock(process, operation),
            Effect::Load(operation, entry) => work(Work::Load(operation, entry)),
            Effect::Store(operation, entry, bytes) => {
                work(Work::Store(operation, entry, bytes.as_slice().into()));
            }
            Effect::Append(operation, entry, line) => {
                work(Work::Append(operation, entry, line.into()));
            }
            Effect::Delete(operation, entry, only) => work(Work::Clear(operation, entry, only)),
            Effect::CompleteTokenRequest(TokenRequestId(caller), response) => {
                one.callers.retain(|waiting| waiting.caller != caller);
                if let Ok(given) = response {
                    self.check_given(bench, process, &given);
                }
            }
            Effect::Listen(operation, ..) => {
                self.listeners.push(Listener { process, operation, listens: false });
            }
            Effect::StopListening(operation) => {
                self.listeners.retain(|one| (one.process, one.operation) != (process, operation));
            }
            Effect::FetchPicture(..) | Effect::BringToFront => {}
            Effect::SetTimer(at) => one.wakes_at = at,
            Effect::PublishView(view) => {
                one.view = view;
                self.check_shown(process);
            }
        }
    }

    /// After the operations in the queue.
    fn unlock(&mut self, process: usize, operation: Operation) {
        let held = |holder: &Holder| *holder == Holder::Process(process, operation);
        let Some(account) = self.locks.iter().find(|(_, holder)| held(holder)).map(|one| one.0)
        else {
            self.invariants.breaks("a lock was given back that nobody had");
            return;
        };
        let work = Work::Release(operation, account.clone());
        if let Some(one) = &mut self.processes[process] {
            one.work.push_back((self.now, work));
        }
    }

    fn observe_held(&mut self, bench: &Bench<'_>, process: usize, configured: bool) {
        let Some(one) = &mut self.processes[process] else { return };
        let of = |fingerprint| bench.token_of(&fingerprint);
        let holding = one.machine.debug_ids().and_then(|(_, token)| token).and_then(of);
        let left: Vec<_> =
            one.machine.left_debug_ids().filter_map(|(_, token)| of(token?)).collect();
        let session = holding.map(|token| token.session);
        if holding != one.holding {
            one.unsaved = false;
        }
        one.session = session;
        one.holding = holding;
        let sessions: BTreeSet<_> =
            session.into_iter().chain(left.iter().map(|token| token.session)).collect();
        // A new sign-in ends the session before.
        if !configured && sessions.difference(&one.sessions).next().is_some() {
            self.invariants.signed_out.extend(one.sessions.difference(&sessions));
        }
        one.sessions = sessions;
        one.newest.extend(holding.into_iter().chain(left).map(|token| (token.session, token)));
    }

    /// Crashes the process: its pending operations are lost.
    pub fn crash(&mut self, bench: &Bench<'_>, process: usize) {
        let Some(one) = self.processes[process].take() else { return };
        self.locks.retain(|_, holder| !matches!(holder, Holder::Process(of, _) if *of == process));
        self.waiters.retain(|(of, ..)| *of != process);
        self.invariants.crashed(
            self.stored_token(bench, Settings::First),
            &one,
            self.journal(bench),
        );
        self.requests_lost(process);
        self.lives[process] += 1;
        self.pages.retain(|page| page.process != process || page.sign_in.is_some());
        self.listeners.retain(|one| one.process != process);
    }
}
