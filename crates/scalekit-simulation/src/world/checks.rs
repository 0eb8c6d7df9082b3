//! The checks after every step.

use std::collections::BTreeMap;

use scalekit_auth::{
    problem::ProblemCode,
    session::{Event, IssuedToken, TokenUnavailable},
    storage::record::{AccountKey, RecordKind},
    view::{RefreshView, SessionView, SignInStep, SignedOutReason, Stored},
};

use super::Simulation;
use crate::{
    device::{End, Process, Work, stored_token},
    invariants::Invariant,
    server::{HeldSession, RefreshToken},
    settings::{Account, Settings},
};

/// The maximum waiting time of a caller, in milliseconds.
const MAX_CALL_MILLIS: u64 = 60_000;

/// The state before a step.
pub struct Before {
    view: SessionView,
    settings: Option<Settings>,
    held: BTreeMap<Account, HeldSession>,
    configured: bool,
    woke: bool,
}

impl Before {
    pub fn of(process: &Process, event: &Event) -> Self {
        Self {
            view: process.view.clone(),
            settings: process.settings,
            held: process.held.clone(),
            configured: matches!(event, Event::Configured(_)),
            woke: matches!(event, Event::TimerFired),
        }
    }

    fn account(&self) -> Option<Account> {
        self.settings.map(|settings| settings.account)
    }
}

impl Simulation<'_> {
    pub fn check_step(&mut self, device: usize, before: &Before) {
        self.check_held(device);
        if before.configured {
            self.check_preference(device, before);
        } else {
            self.check_view(device, before);
            self.check_unseen_end(device, before);
        }
        self.check_listeners(device);
        self.check_announced(device, before);
        self.check_announced_end(device, before);
        self.check_cached(device);
        self.check_left(device, before);
        self.check_replaced(device, before);
        self.check_unlocked(device);
        self.check_callers(device, before.woke);
        self.check_at_rest(device);
        self.check_shown_as_stored(device);
    }

    /// A process that ends shows nothing any more.
    fn check_shown_as_stored(&mut self, device: usize) {
        let Some(process) =
            self.devices[device].process.as_ref().filter(|one| one.end == End::None)
        else {
            return;
        };
        let (SessionView::SignedIn { stored, .. }, Some(account)) =
            (&process.view, process.account())
        else {
            return;
        };
        let is_shown = *stored != Stored::Yes || !process.of_account[account.0].unsaved;
        self.invariants.check(Invariant::UnsavedIsShown, is_shown, || {
            "a session that could not be stored is shown as stored".to_owned()
        });
    }

    /// A process that reports to be quiescent loses nothing by its exit.
    fn check_at_rest(&mut self, device: usize) {
        let Some(process) = &self.devices[device].process else { return };
        if !process.machine.is_quiescent() {
            return;
        }
        // A session in memory ends with the process in any case, also if an earlier write of it is under way.
        let lasts = |account: &Account| !process.of_account[account.0].in_memory;
        let stored = process.work.iter().find_map(|work| match work {
            Work::Store(_, account, RecordKind::Session, bytes) if lasts(account) => {
                let held = process.held.get(account)?;
                // The record of a session before it may still be written.
                let is_of_held = stored_token(bytes).is_none_or(|one| one.session == held.session);
                (is_of_held && !self.invariants.is_done(held.session)).then_some(*held)
            }
            _ => None,
        });
        let sent =
            Account::all().filter(lasts).find_map(|account| self.on_its_way(device, account));
        let sent = sent.filter(|token| !self.invariants.is_done(token.session));
        self.invariants.check(Invariant::RestIsRest, stored.is_none() && sent.is_none(), || {
            format!("it would end with {sent:?} on its way and {stored:?} not stored")
        });
    }

    /// RFC 8252 §7.3: the listener runs for one sign-in only.
    fn check_listeners(&mut self, device: usize) {
        let start = self.devices[device].starts;
        if !self.listeners.iter().any(|one| (one.device, one.start) == (device, start)) {
            return;
        }
        let Some(process) = &self.devices[device].process else { return };
        let step = match &process.view {
            SessionView::SigningIn { step, .. } => Some(*step),
            _ => None,
        };
        let waits = step == Some(SignInStep::WaitingForBrowser);
        self.invariants.check(Invariant::ListensForItsSignInOnly, waits, || {
            format!("a listener is at the loopback redirect URI in {step:?}")
        });
    }

    fn check_announced(&mut self, device: usize, before: &Before) {
        let soon = |view: &SessionView| {
            matches!(view, SessionView::SignedIn { refresh, .. }
                if matches!(refresh, RefreshView::Impossible { soon: true, .. }))
        };
        let Some(process) = &mut self.devices[device].process else { return };
        // The announcement of a session that is read again after other settings is unknown, and a clock that
        // was set back meanwhile delays its end.
        if before.account() != process.account() {
            process.announced = None;
        }
        let Some(held) = process.held().filter(|_| soon(&process.view)) else { return };
        let again = process.announced == Some(held.session) && !soon(&before.view);
        // It is announced again after another view was shown.
        let over = matches!(before.view, SessionView::SignedIn { .. })
            && before.account() == process.account();
        process.announced = Some(held.session);
        self.invariants.check(Invariant::EndIsAnnouncedOnce, !(again && over), || {
            format!("the end of session {} was announced twice", held.session)
        });
    }

    /// The end that the environment has announced: the same end of the same user is announced once, also after another
    /// sign-in, which the environment's own session may have answered.
    fn check_announced_end(&mut self, device: usize, before: &Before) {
        let shown = |view: &SessionView| match view {
            SessionView::SignedIn { profile, announced_end: Some(end), .. } => {
                Some((profile.subject.clone(), *end))
            }
            _ => None,
        };
        let choices = &self.machines.choices;
        let Some(process) = &mut self.devices[device].process else { return };
        let configuration = process.settings.and_then(|one| choices.configuration(one));
        // The announcement of a session that is read again after other settings is unknown.
        if before.account() != process.account()
            || configuration.is_none_or(|configuration| !configuration.announced_end)
        {
            process.announced_end = None;
        }
        let Some((user, end)) = shown(&process.view) else { return };
        let appears = matches!(before.view, SessionView::SignedIn { .. })
            && shown(&before.view).is_none()
            && before.account() == process.account();
        // A clock that was set since shows another time.
        let again = process
            .announced_end
            .as_ref()
            .is_some_and(|(of, at)| *of == user && (at - end).abs() < 30_000.0);
        process.announced_end = Some((user, end));
        self.invariants.check(Invariant::EndIsAnnouncedOnce, !(appears && again), || {
            format!("the end at {end} was announced twice")
        });
    }

    /// The current session is of the account in the settings.
    fn check_held(&mut self, device: usize) {
        let Some(process) = &self.devices[device].process else { return };
        let Some(debug_ids) = process.machine.debug_ids() else { return };
        let Some(held) = self.server.named(&debug_ids) else { return };
        let (owner, shown) = (self.server.account(held.session), process.account());
        self.invariants.check(Invariant::NothingOfAnotherAccount, owner == shown, || {
            format!("session {} is shown for {shown:?}", held.session)
        });
    }

    fn check_view(&mut self, device: usize, before: &Before) {
        let Some(process) = &self.devices[device].process else { return };
        let Some(account) = process.account() else { return };
        let session = before.held.get(&account).map(|held| held.session);
        match (&before.view, &process.view) {
            (SessionView::SignedIn { .. }, SessionView::SignedOut { reason, problem, .. }) => {
                let (reason, code) = (*reason, problem.as_ref().map(|problem| problem.code));
                match (reason, session) {
                    (SignedOutReason::SignedOut, Some(session)) => {
                        let wanted = self.invariants.signed_out.contains(&session)
                            || self.invariants.in_memory.contains(&session);
                        self.invariants.check(Invariant::EndsForAReason, wanted, || {
                            "no user signed out, and the view is signed out".to_owned()
                        });
                    }
                    (SignedOutReason::SessionEnded, Some(session)) => {
                        self.check_end(device, before, session, code);
                    }
                    _ => self.invariants.check(Invariant::EndsForAReason, false, || {
                        format!("a session ended for no reason: {reason:?}")
                    }),
                }
            }
            (SessionView::Starting, SessionView::SignedIn { .. }) => {
                let session = process.held().map(|held| held.session);
                let over = process.of_account[account.0].read_after_its_end;
                self.invariants.check(
                    Invariant::EndedStaysEnded,
                    session.is_none() || session != over,
                    || "a session rose from the dead".to_owned(),
                );
            }
            _ => {}
        }
    }

    /// The end of a session while another view is shown, such as a sign-in.
    fn check_unseen_end(&mut self, device: usize, before: &Before) {
        let Some(process) = &self.devices[device].process else { return };
        let Some(account) = process.account() else { return };
        let Some(held) = before.held.get(&account).copied() else { return };
        let gone = !process.held.contains_key(&account);
        // A session that continues in the memory of another process has ended here, as the view shows.
        let elsewhere = self.invariants.in_memory.contains(&held.session);
        if gone && !elsewhere && !self.invariants.is_done(held.session) {
            self.check_end(device, before, held.session, None);
        }
    }

    /// A session ends only when it cannot be refreshed any more.
    fn check_end(
        &mut self,
        device: usize,
        before: &Before,
        session: usize,
        code: Option<ProblemCode>,
    ) {
        let Some(account) = self.server.account(session) else { return };
        let known_to_be_over = !self.invariants.ended.insert(session);
        let known = self.known_tokens(device, before, session, account);
        let live = known.iter().copied().find(|token| self.server.is_live(*token));
        // It continues in memory here, and as no tombstone could be written, from the keychain in another process.
        let is_split = self.invariants.in_memory.contains(&session)
            && self.invariants.unnoted.contains(&session);
        let holds = live.is_none() || known_to_be_over || is_split;
        self.invariants.check(Invariant::EndsForAReason, holds, || {
            format!("the session ended, and {live:?} would have refreshed it")
        });
        let Some(last) = known.iter().max().copied() else { return };
        if self.invariants.without_journal[account.0] || self.invariants.unnoted.contains(&session)
        {
            return;
        }
        let uses = self.invariants.uses(last);
        let ended = self.server.sessions[session].ended_at_environment;
        let unclear = self.invariants.may_have_lost_response(session);
        match code {
            Some(ProblemCode::SessionInterrupted) => {
                self.invariants.check(Invariant::EndsForAReason, unclear, || {
                    format!("no response to {last} was lost, and it reports one")
                });
            }
            Some(
                ProblemCode::SessionEnded
                | ProblemCode::SessionExpired
                | ProblemCode::StoredSessionDamaged,
            ) => {
                self.invariants.check(Invariant::EndsForAReason, uses.lost == 0 || ended, || {
                    "a response was lost, and it does not report it".to_owned()
                });
            }
            _ => {}
        }
    }

    /// All tokens of a session that are stored or in use by a process.
    fn known_tokens(
        &self,
        device: usize,
        before: &Before,
        session: usize,
        account: Account,
    ) -> Vec<RefreshToken> {
        let others = self.devices.iter().enumerate().filter(|(other, _)| *other != device);
        // A session in the memory of another process only is not available here.
        let elsewhere = others.filter_map(|(_, other)| {
            let process = other.process.as_ref()?;
            process.held.get(&account).filter(|_| !process.of_account[account.0].in_memory)
        });
        let held = before.held.get(&account).into_iter().chain(elsewhere);
        let held = held.filter_map(|held| held.token);
        let all = self.stored.token(account).into_iter().chain(held);
        all.filter(|one| one.session == session).collect()
    }

    /// A configuration for the same session changes it in place.
    fn check_preference(&mut self, device: usize, before: &Before) {
        let Some(process) = &self.devices[device].process else { return };
        let Some(account) = process.account().filter(|one| before.account() == Some(*one)) else {
            return;
        };
        // A session without a refresh token expires at any time.
        let Some(held) = before.held.get(&account).filter(|held| held.token.is_some()) else {
            return;
        };
        // A refresh that is due in the same step also reads the stored entries and shows the session.
        let read = process.step.read_session && matches!(process.view, SessionView::Starting);
        let stays = process.held.get(&account) == Some(held) && !read;
        self.invariants.check(Invariant::PreferencesChangeNothing, stays, || {
            format!("session {} was dropped for a preference", held.session)
        });
    }

    /// A session that is not in use any more is stored, or has ended.
    /// If the new session is not stored, a crash leaves the stored one, whose refresh token must not be spent.
    fn check_replaced(&mut self, device: usize, before: &Before) {
        let Some(process) = &self.devices[device].process else { return };
        let replaced = before.held.iter().filter(|(account, held)| {
            let now = process.held.get(*account);
            now.is_some_and(|now| now.session != held.session)
                && !process.of_account[account.0].in_memory
        });
        let replaced: Vec<_> = replaced.map(|(account, held)| (*account, *held)).collect();
        for (account, held) in replaced {
            let sent = self.on_its_way(device, account);
            let sent = sent.filter(|token| token.session == held.session);
            self.invariants.check(Invariant::ReplacedWhenResponded, sent.is_none(), || {
                format!("session {} was replaced with {sent:?} on its way", held.session)
            });
        }
    }

    fn check_left(&mut self, device: usize, before: &Before) {
        let Some(process) = &self.devices[device].process else { return };
        let current = process.account();
        let gone = before.held.iter().filter(|(account, held)| {
            let stays = process.held.get(*account).is_some_and(|now| now.session == held.session);
            !stays && (Some(**account) != current || before.configured)
        });
        let gone: Vec<_> = gone.map(|(account, held)| (*account, *held)).collect();
        for (account, HeldSession { session, token }) in gone {
            let Some(process) = &self.devices[device].process else { return };
            let Some(token) = token else { continue };
            let in_memory = process.of_account[account.0].in_memory;
            let is_stored = self
                .stored
                .token(account)
                .is_some_and(|stored| stored.session != session || stored.number >= token.number);
            let holds = (is_stored && !in_memory)
                || self.invariants.is_done(session)
                || !self.server.is_live(token);
            self.invariants.check(Invariant::LeftIsStored, holds, || {
                format!("{token} was held for {account}, and is not stored")
            });
        }
    }

    /// RFC 9700 §4.14.2: the purpose of the lock.
    fn check_unlocked(&mut self, device: usize) {
        let Some(process) = &mut self.devices[device].process else { return };
        for account in std::mem::take(&mut process.step.unlocked) {
            let sent = self.on_its_way(device, account);
            let sent = sent.filter(|token| !self.invariants.is_done(token.session));
            self.invariants.check(Invariant::LockIsHeld, sent.is_none(), || {
                format!("the lock of {account} was given back with {sent:?} on its way")
            });
            let Some(process) = &self.devices[device].process else { return };
            let held = process.held.get(&account).and_then(|held| held.token);
            let stored = self.stored.token(account);
            let unsaved = held.zip(stored).is_some_and(|(held, stored)| {
                held.session == stored.session && held.number > stored.number
            });
            let in_memory = process.of_account[account.0].in_memory;
            self.invariants.check(Invariant::LockIsHeld, !unsaved || in_memory, || {
                format!("the lock of {account} was given back before {held:?} was stored")
            });
        }
    }

    fn check_callers(&mut self, device: usize, woke: bool) {
        let now = self.now;
        let Some(process) = &self.devices[device].process else { return };
        let Some(first) = process.callers.values().min().copied() else { return };
        let until = first + MAX_CALL_MILLIS;
        let wakes_at = process.wakes_at.map(|at| at.0.as_millis());
        let requested = wakes_at.is_some_and(|at| at <= u128::from(until));
        self.invariants.check(Invariant::CallersGetResponses, requested, || {
            format!("a caller waits since {first}, and nothing is to happen before {wakes_at:?}")
        });
        if woke {
            self.invariants.check(Invariant::CallersGetResponses, until > now, || {
                format!("a caller waits since {first}")
            });
        }
    }

    pub fn given(
        &mut self,
        device: usize,
        caller: u64,
        response: Result<IssuedToken, TokenUnavailable>,
    ) {
        let Some(process) = &mut self.devices[device].process else { return };
        if process.callers.remove(&caller).is_none() {
            self.invariants.breaks("a caller got two responses");
        }
        match response {
            Ok(given) => {
                self.served += 1;
                self.check_given(device, &given);
            }
            Err(TokenUnavailable::SignInAgain(_)) => {
                let refused = process.account().map(|one| process.of(one).useless_responses);
                self.invariants.check(Invariant::SignInAgainForAReason, refused >= Some(3), || {
                    format!("another sign-in is asked for after {refused:?} useless responses")
                });
            }
            Err(TokenUnavailable::NotSignedIn | TokenUnavailable::Retryable(_)) => {}
        }
    }

    /// The access token that callers get from the runtime's cache is subject to the same rules.
    fn check_cached(&mut self, device: usize) {
        let Some(process) = &mut self.devices[device].process else { return };
        let Some(cached) = process.machine.cached_access_token() else { return };
        let checked = (cached.token.expose().to_owned(), process.settings);
        if process.checked_cached.as_ref() != Some(&checked) {
            let given = cached.issue();
            process.checked_cached = Some(checked);
            self.check_given(device, &given);
        }
    }

    fn check_given(&mut self, device: usize, given: &IssuedToken) {
        if let Some(process) = &mut self.devices[device].process {
            process.last_given = Some(given.token.expose().to_owned());
        }
        self.check_given_token(device, given);
    }

    fn check_given_token(&mut self, device: usize, given: &IssuedToken) {
        let access_token = given.token.expose();
        let Some(process) = &self.devices[device].process else { return };
        let choices = &self.machines.choices;
        let configuration = process.settings.and_then(|one| choices.configuration(one));
        let present = configuration == Some(&*given.configuration);
        let Some(account) = choices.named(&AccountKey::of(&given.configuration)) else {
            self.invariants.breaks("a configuration is nobody's");
            return;
        };
        let tokens: Vec<_> = self.server.given_with(access_token).to_vec();
        let of_account = tokens.iter().any(|one| self.server.account(one.session) == Some(account));
        self.invariants.check(Invariant::GivenWithItsConfiguration, present && of_account, || {
            format!("an access token of {tokens:?} was given with {account}")
        });
        let of_user = !self.invariants.foreign.contains(access_token);
        self.invariants.check(Invariant::GivenAboutTheUser, of_user, || {
            format!("an access token about another user was given for {account}")
        });
        let of = &process.of_account[account.0];
        let stored = self.stored.token(account);
        let is_stored = |given: &RefreshToken| {
            stored.is_none_or(|stored| {
                stored.session != given.session || stored.number >= given.number
            })
        };
        let holds = of.unsaved || of.in_memory || tokens.iter().any(is_stored);
        self.invariants.check(Invariant::GivenWhenStored, holds, || {
            format!("an access token was given before one of {tokens:?} was stored")
        });
    }
}
