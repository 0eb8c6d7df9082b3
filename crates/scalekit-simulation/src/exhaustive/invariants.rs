//! The rules that no order of events may violate.

use std::collections::{BTreeMap, BTreeSet};

use scalekit_auth::{
    problem::ProblemCode,
    secret::Secret,
    session::IssuedToken,
    storage::{
        journal::Journal,
        record::{AccountKey, RecordKind, SessionRecord, StorageKey},
    },
    view::{RefreshView, SessionView, SignedOutReason, Stored},
};

use super::{
    bench::{Bench, Settings, Token},
    model::{Holder, Kind, Model, Process, Reply, Waiting, Work, stored_token},
};

/// The maximum waiting time of a caller, in milliseconds.
const CALLER_TIMEOUT: u64 = 60_000;

/// The minimum delay before the next refresh when a refreshed access token is rejected as well, in
/// milliseconds.
const REFUSED_AGAIN: u64 = 29_000;

/// The state that the rules are checked with.
#[derive(Debug, Clone, Default)]
pub struct Invariants {
    /// The first violation.
    pub broken: Option<String>,
    uses: BTreeMap<Token, Uses>,
    /// Sessions that a user has signed out of or replaced by another sign-in.
    pub signed_out: BTreeSet<u8>,
    /// Those of them whose end was shown.
    over: BTreeSet<u8>,
    newest_stored: BTreeMap<u8, u8>,
    /// The journal failed once: a process may not know of lost responses.
    journal_failed: bool,
    /// A tombstone was not written at once: until then another process does not know of the end.
    end_delayed: bool,
    /// A process crashed before it wrote the tombstone: another process will not know of the end.
    end_lost: bool,
}

/// The uses of a refresh token at the environment.
#[derive(Debug, Default, Clone, Copy)]
struct Uses {
    processed: u8,
    /// The number of those whose response was lost.
    lost: u8,
    /// The number of requests with an outcome that the machine cannot know.
    unclear: u8,
}

/// The time at which this caller must have been served.
pub fn bound(waiting: &Waiting) -> u64 {
    waiting.since + CALLER_TIMEOUT
}

impl Invariants {
    pub fn breaks(&mut self, rule: impl Into<String>) {
        self.broken.get_or_insert(rule.into());
    }

    /// A refresh token is used once, and once more for each lost response.
    pub fn processed(&mut self, token: Token) {
        let uses = self.uses.entry(token).or_default();
        uses.processed += 1;
        // A process that does not know of the end continues with the session, as old as it is.
        let unheard = self.end_delayed && self.signed_out.contains(&token.session);
        if uses.processed > 1 + uses.lost && !unheard {
            let Uses { processed, lost, .. } = *uses;
            self.breaks(format!("{token} was spent {processed} times, with {lost} responses lost"));
        }
    }

    pub fn lost(&mut self, token: Token, was_processed: bool) {
        let uses = self.uses.entry(token).or_default();
        uses.unclear += 1;
        uses.lost += u8::from(was_processed);
    }

    pub fn file_failed(&mut self, kind: RecordKind) {
        self.journal_failed |= kind == RecordKind::Journal;
    }

    pub fn end_not_written(&mut self) {
        self.end_delayed = true;
    }

    /// Records what a crash loses.
    pub fn crashed(&mut self, stored: Option<Token>, process: &Process, journal: Journal) {
        self.end_lost |= process.unwritten;
        if let Some(token) = process.refused {
            self.lost(token, true);
        }
        for token in process.newest.values() {
            if let Some(stored) = stored.filter(|stored| stored.session == token.session)
                && stored.number < token.number
            {
                self.lost(stored, true);
            }
            // The journal entry was written, and the token was not sent.
            if journal.lost_responses(&Secret::new(token.to_string())) > 0 {
                self.uses.entry(*token).or_default().unclear += 1;
            }
        }
    }

    fn may_have_lost_response(&self, session: u8) -> bool {
        self.uses.iter().any(|(token, uses)| token.session == session && uses.unclear > 0)
    }
}

impl Model {
    pub fn journal(&self, bench: &Bench<'_>) -> Journal {
        let entry =
            StorageKey { account: bench.account(Settings::First), kind: RecordKind::Journal };
        Journal::read(self.stored.get(&entry).map(|stored| &*stored.bytes))
    }

    /// Records that a process has read the stored session.
    pub fn read(&mut self, process: usize, token: Option<Token>) {
        let session = token.map(|token| token.session);
        let invariants = &self.invariants;
        let over =
            session.filter(|session| invariants.over.contains(session) && !invariants.end_lost);
        if let Some(one) = &mut self.processes[process] {
            one.read_after_its_end = over;
        }
    }

    /// A newer refresh token is never replaced by an older one, and no access token is of another user.
    pub fn check_stored(&mut self, bench: &Bench<'_>, entry: &StorageKey, bytes: &[u8]) {
        let Some(token) = stored_token(bytes).filter(|_| entry.kind == RecordKind::Session) else {
            return;
        };
        let newest = self.invariants.newest_stored.entry(token.session).or_default();
        if token.number < *newest {
            let newest = *newest;
            self.invariants.breaks(format!("{token} was stored over number {newest}"));
        } else {
            *newest = token.number;
        }
        if let Ok(record) = SessionRecord::decode(bytes)
            && record.access_token.matches(&bench.another)
        {
            self.invariants.breaks("an access token of another user was taken");
        }
    }

    /// The requester uses a response with new tokens, unless the session has ended.
    pub fn check_taken(&mut self, process: usize, token: Token, reply: Option<Reply>) {
        let Some(one) = &self.processes[process] else { return };
        if one.sessions.contains(&token.session) {
            return;
        }
        self.invariants.lost(token, true);
        let ended = self.server.sessions[usize::from(token.session)].ended;
        let over = ended || self.invariants.signed_out.contains(&token.session);
        if !over && matches!(reply, Some(Reply::Tokens(..))) {
            self.invariants
                .breaks(format!("the response to {token} came, and nobody was there for it"));
        }
    }

    /// The lock is held while the refresh token is in flight or unsaved.
    pub fn check_released(&mut self, bench: &Bench<'_>, process: usize, account: &AccountKey) {
        // No other process can use a session in memory.
        if *account != bench.account(Settings::First) || !self.computer.keychain {
            return;
        }
        let life = self.lives[process];
        let over = |session: u8| {
            self.invariants.signed_out.contains(&session)
                || self.server.sessions[usize::from(session)].ended
        };
        let on_its_way = self.requests.iter().find_map(|request| match request.kind {
            Kind::Refresh(token)
                if request.process == process && request.life == life && !over(token.session) =>
            {
                Some(token)
            }
            _ => None,
        });
        if let Some(token) = on_its_way {
            self.invariants.breaks(format!("the lock was given back with {token} on its way"));
            return;
        }
        let Some(one) = &self.processes[process] else { return };
        let stored = self.stored_token(bench, Settings::First);
        let unstored = one.newest.values().find(|token| {
            one.sessions.contains(&token.session)
                && !over(token.session)
                && stored.is_some_and(|stored| {
                    stored.session == token.session && stored.number < token.number
                })
        });
        if let Some(token) = unstored {
            let token = *token;
            self.invariants.breaks(format!("the lock was given back before {token} was stored"));
        }
    }

    /// No caller gets an access token whose refresh token could be lost without the machine's knowledge, or one
    /// with the configuration of another account.
    pub fn check_given(&mut self, bench: &Bench<'_>, process: usize, given: &IssuedToken) {
        if AccountKey::of(&given.configuration) != bench.account(Settings::First) {
            self.invariants
                .breaks("an access token was given with another account's configuration");
        }
        let text = given.token.expose();
        if text == bench.another {
            self.invariants.breaks("an access token of another user was given to a caller");
        }
        let Some(token) = Token::parse(&text.replacen("at-", "rt-", 1)) else { return };
        let Some(one) = &self.processes[process] else { return };
        let settings = bench.configuration(one.settings);
        if *settings != *given.configuration {
            self.invariants.breaks("an access token was given with a configuration of before");
        }
        let stored = self.stored_token(bench, Settings::First);
        let is_stored = stored
            .is_none_or(|stored| stored.session != token.session || stored.number >= token.number);
        if self.server.refreshes && !is_stored && !self.unsaved(process) {
            self.invariants.breaks(format!("{text} was given away before {token} was stored"));
        }
    }

    fn unsaved(&self, process: usize) -> bool {
        self.processes[process].as_ref().is_some_and(|one| {
            let reported = matches!(one.view, SessionView::SignedIn { stored: Stored::No, .. });
            one.unsaved || reported
        })
    }

    /// A refreshed access token that is rejected as well does not cause an immediate refresh, without a user
    /// action or a schedule.
    pub fn check_rate(&mut self, process: usize) {
        let now = self.now;
        let Some(one) = &mut self.processes[process] else { return };
        if !one.callers.iter().any(|waiting| waiting.refused) {
            return;
        }
        if one.refreshed_for_refused.is_some_and(|at| now - at < REFUSED_AGAIN) {
            self.invariants.breaks("the session was refreshed at once for another refused token");
        } else {
            one.refreshed_for_refused = Some(now);
        }
    }

    /// No secret is in a view.
    pub fn check_shown(&mut self, process: usize) {
        let Some(one) = &self.processes[process] else { return };
        let text = serde_json::to_string(&one.view).unwrap_or_default();
        if ["rt-", "at-", "code-", "eyJ"].iter().any(|secret| text.contains(secret)) {
            self.invariants.breaks("a secret is in a view");
        }
    }

    /// `Stored` is shown only for a stored session.
    pub fn check_shown_as_stored(&mut self, bench: &Bench<'_>, process: usize) {
        let Some(one) = &self.processes[process] else { return };
        let (SessionView::SignedIn { stored: shown, .. }, Some(token)) = (&one.view, one.holding)
        else {
            return;
        };
        let over = self.invariants.signed_out.contains(&token.session)
            || self.server.sessions[usize::from(token.session)].ended;
        let is_stored = self
            .stored_token(bench, Settings::First)
            .is_some_and(|stored| stored.session != token.session || stored.number >= token.number);
        if *shown == Stored::Yes
            && !over
            && !is_stored
            && !self.invariants.may_have_lost_response(token.session)
        {
            self.invariants.breaks(format!("{token} is shown as stored, and is not"));
        }
    }

    /// Each caller is served in time.
    pub fn check_callers(&mut self) {
        let now = self.now;
        let waiting = self.processes.iter().flatten().flat_map(|one| &one.callers);
        if waiting.into_iter().any(|one| now > bound(one)) {
            self.invariants.breaks("a caller has waited longer than a minute");
        }
    }

    /// Checks the change of the view in a step.
    pub fn check_view(&mut self, bench: &Bench<'_>, process: usize, before: &SessionView) {
        let Some(one) = &self.processes[process] else { return };
        // The session before the step; that after it is checked below.
        let session = one.session;
        match (before, &one.view) {
            (SessionView::SignedIn { .. }, SessionView::SignedOut { reason, problem, .. }) => {
                let (reason, code) = (*reason, problem.as_ref().map(|problem| problem.code));
                match (reason, session) {
                    (SignedOutReason::SignedOut, Some(session)) => {
                        if !self.invariants.signed_out.contains(&session) {
                            self.invariants
                                .breaks("no user signed out, and the view is signed out");
                        }
                    }
                    (SignedOutReason::SessionEnded, Some(session)) => {
                        self.check_end(bench, process, session, code);
                    }
                    (SignedOutReason::SignedOut | SignedOutReason::SessionEnded, None)
                        if !self.server.refreshes => {}
                    _ => {
                        self.invariants.breaks(format!("a session ended for no reason: {reason:?}"))
                    }
                }
            }
            (SessionView::SigningOut, SessionView::SignedOut { problem, .. }) => {
                self.invariants.over.extend(one.leaving);
                // Either it is being written, or the user is informed.
                let writing = one.work.iter().any(|(_, work)| matches!(work, Work::Append(..)));
                if one.unwritten && !writing && problem.is_none() {
                    self.invariants
                        .breaks("the end of a session was not written, and is not reported");
                }
            }
            (SessionView::Starting, SessionView::SignedIn { .. }) => {
                let holding = one.machine.debug_ids().and_then(|(_, token)| token);
                let session = holding.and_then(|token| bench.token_of(&token));
                if session.is_some() && session.map(|one| one.session) == one.read_after_its_end {
                    self.invariants.breaks("a session rose from the dead");
                }
            }
            _ => {}
        }
    }

    /// A session ends only when it cannot be refreshed any more, and the correct reason is shown.
    fn check_end(
        &mut self,
        bench: &Bench<'_>,
        process: usize,
        session: u8,
        code: Option<ProblemCode>,
    ) {
        let held = self.processes.iter().flatten().filter_map(|one| one.holding);
        let known = self.stored_token(bench, Settings::First).into_iter().chain(held);
        let known: Vec<_> = known.filter(|one| one.session == session).collect();
        if let Some(live) = known.iter().find(|token| self.server.is_live(**token)) {
            self.invariants
                .breaks(format!("the session ended, and {live} would have refreshed it"));
        }
        let Some(last) = known.iter().max() else { return };
        let uses = self.invariants.uses.get(last).copied().unwrap_or_default();
        let ended = self.server.sessions[usize::from(session)].ended_by_administrator;
        let saw_it =
            self.processes[process].as_ref().is_some_and(|one| one.saw_lost.contains(last));
        let knows = saw_it || !self.invariants.journal_failed;
        match code {
            Some(ProblemCode::SessionInterrupted)
                if !self.invariants.may_have_lost_response(session)
                    && !self.invariants.journal_failed =>
            {
                self.invariants
                    .breaks(format!("no response to {last} was lost, and it reports one"));
            }
            Some(
                ProblemCode::SessionEnded
                | ProblemCode::SessionExpired
                | ProblemCode::StoredSessionDamaged,
            ) if uses.lost > 0 && !ended && knows => {
                self.invariants.breaks("a response was lost, and it does not report it");
            }
            _ => {}
        }
    }

    /// A listener at a loopback redirect URI stops with its sign-in.
    pub fn check_listeners(&mut self, process: usize) {
        let Some(one) = &self.processes[process] else { return };
        let signing_in = matches!(one.view, SessionView::SigningIn { .. });
        if !signing_in && self.listeners.iter().any(|listener| listener.process == process) {
            self.invariants.breaks("a loopback redirect URI is listened at after its sign-in");
        }
    }

    /// The first violation of an idle state, if any.
    pub fn at_rest(&self, bench: &Bench<'_>) -> Result<(), String> {
        if self.locks.values().any(|holder| matches!(holder, Holder::Process(..))) {
            return Err("the lock is not given back".to_owned());
        }
        let stored = self.stored_token(bench, Settings::First);
        for one in self.processes.iter().flatten() {
            if !one.callers.is_empty() {
                return Err("a caller still waits for an access token".to_owned());
            }
            let SessionView::SignedIn { refresh, stored: shown, .. } = &one.view else {
                match one.view {
                    SessionView::SignedOut { .. } => continue,
                    SessionView::Starting if one.settings == Settings::Other => continue,
                    _ => return Err(format!("it still shows {:?}", one.view)),
                }
            };
            let Some(token) = one.holding else { continue };
            if self.invariants.over.contains(&token.session) && !self.invariants.end_lost {
                return Err("a user who signed out is still shown".to_owned());
            }
            if !matches!(refresh, RefreshView::Scheduled { .. }) {
                return Err(format!("it still shows {refresh:?}"));
            }
            match (shown, stored) {
                (Stored::InMemory, _) => {}
                (_, Some(stored))
                    if stored.session == token.session && self.server.is_live(stored) => {}
                // The administrator has ended it, and no request was sent since.
                (_, Some(stored)) if stored.session == token.session && self.was_ended(stored) => {}
                _ => return Err("what is shown is not what is stored and lives".to_owned()),
            }
        }
        Ok(())
    }

    fn was_ended(&self, token: Token) -> bool {
        self.server.sessions[usize::from(token.session)].ended_by_administrator
    }
}
