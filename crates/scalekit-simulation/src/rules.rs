//! What no schedule may break.

use std::collections::{BTreeMap, BTreeSet};

use scalekit_auth::{
    problem::ProblemCode,
    view::{RenewalView, SessionView, SignedOutReason},
};

use crate::{desk::kept_token, server::RefreshToken, world::World};

/// The rules, and what must be remembered to judge by them.
#[derive(Default)]
pub struct Rules {
    /// The first that was broken.
    pub broken: Option<String>,
    uses: BTreeMap<RefreshToken, Uses>,
    /// Sessions that a person has signed out of.
    pub signed_out: BTreeSet<usize>,
    /// Those of them whose end was shown.
    pub over: BTreeSet<usize>,
    newest_kept: BTreeMap<usize, u64>,
}

/// How often the environment has seen a refresh token.
#[derive(Debug, Default, Clone, Copy)]
struct Uses {
    processed: u32,
    /// Of those, how many answers nobody read.
    lost: u32,
    /// How many sends ended so that the machine cannot know.
    unclear: u32,
}

impl Rules {
    pub fn breaks(&mut self, rule: impl Into<String>) {
        self.broken.get_or_insert(rule.into());
    }

    /// No token is spent twice, except once more for each answer that was lost.
    pub fn processed(&mut self, token: RefreshToken) {
        let uses = self.uses.entry(token).or_default();
        uses.processed += 1;
        if uses.processed > 1 + uses.lost {
            let Uses { processed, lost, .. } = *uses;
            self.breaks(format!("{token} was spent {processed} times, with {lost} answers lost"));
        }
    }

    pub fn lost(&mut self, token: RefreshToken, was_processed: bool) {
        let uses = self.uses.entry(token).or_default();
        uses.unclear += 1;
        uses.lost += u32::from(was_processed);
    }

    /// Whether some answer to a token of this session was lost, as far as a process can know.
    fn was_unclear(&self, session: usize) -> bool {
        self.uses.iter().any(|(token, uses)| token.session == session && uses.unclear > 0)
    }

    /// It was written down that the token is about to be sent, and that was the last of it.
    pub fn noted(&mut self, token: RefreshToken) {
        self.uses.entry(token).or_default().unclear += 1;
    }

    /// A newer token never gives way to an older one.
    pub fn kept(&mut self, token: RefreshToken) {
        let newest = self.newest_kept.entry(token.session).or_default();
        if token.number < *newest {
            let newest = *newest;
            self.breaks(format!("{token} was kept over number {newest}"));
        } else {
            *newest = token.number;
        }
    }

    /// No secret is in a view.
    pub fn shown(&mut self, view: &SessionView) {
        let text = serde_json::to_string(view).unwrap_or_default();
        if ["rt-", "at-", "code-", "eyJ"].iter().any(|secret| text.contains(secret)) {
            self.breaks("a secret is in a view");
        }
    }
}

impl World<'_> {
    /// Checks what a step has changed in what a person sees.
    pub fn check_view(&mut self, desk: usize, before: &SessionView) {
        let Some(process) = &self.desks[desk].process else { return };
        // What was in hand before the step; what it left there is looked at after this.
        let session = process.session;
        match (before, &process.view) {
            (SessionView::SignedIn { .. }, SessionView::SignedOut { reason, problem }) => {
                let (reason, code) = (*reason, problem.as_ref().map(|problem| problem.code));
                match (reason, session) {
                    (SignedOutReason::SignedOut, Some(session)) => {
                        if !self.rules.signed_out.contains(&session) {
                            self.rules.breaks("nobody signed out, and somebody is signed out");
                        }
                    }
                    (SignedOutReason::SessionEnded, Some(session)) => {
                        self.check_end(session, code);
                    }
                    _ => self.rules.breaks(format!("a session ended for no reason: {reason:?}")),
                }
            }
            (SessionView::SigningOut, SessionView::SignedOut { .. }) => {
                self.rules.over.extend(process.leaving);
            }
            (SessionView::Starting, SessionView::SignedIn { .. }) => {
                let (session, _) = self.server.named(process.machine.in_hand());
                if session.is_some() && session == process.read_after_its_end {
                    self.rules.breaks("a session rose from the dead");
                }
            }
            _ => {}
        }
    }

    /// A session ends only when nothing is left to renew it with.
    fn check_end(&mut self, session: usize, code: Option<ProblemCode>) {
        let kept = self.kept.session.as_deref().and_then(kept_token);
        let held = self.desks.iter().filter_map(|desk| desk.process.as_ref()?.holding);
        let known: Vec<_> =
            kept.into_iter().chain(held).filter(|one| one.session == session).collect();
        if let Some(live) = known.iter().find(|token| self.server.is_live(**token)) {
            self.rules.breaks(format!("the session ended, and {live} would have renewed it"));
        }
        let Some(last) = known.iter().max() else { return };
        let uses = self.rules.uses.get(last).copied().unwrap_or_default();
        let ended = self.server.sessions[session].ended_by_administrator;
        match code {
            Some(ProblemCode::SessionInterrupted) if !self.rules.was_unclear(session) => {
                self.rules.breaks(format!("no answer to {last} was lost, and it says so"));
            }
            Some(ProblemCode::SessionEnded) if uses.lost > 0 && !ended => {
                self.rules.breaks("an answer was lost, and it does not say so");
            }
            _ => {}
        }
    }

    /// When the storm is over and time has passed, everything is as it should be.
    pub fn comes_to_rest(&mut self) {
        if self.rules.broken.is_some() {
            return;
        }
        if self.lock.is_some() || !self.waiters.is_empty() {
            self.rules.breaks("the lock is not given back");
        }
        let kept = self.kept.session.as_deref().and_then(kept_token);
        for desk in 0..self.desks.len() {
            let Some(process) = &self.desks[desk].process else { continue };
            if !process.callers_waiting.is_empty() {
                self.rules.breaks("a caller still waits for an access token");
            }
            let (view, session) = (process.view.clone(), process.session);
            match view {
                SessionView::SignedIn {
                    renewal: RenewalView::Scheduled { .. }, problem, ..
                } if problem.as_ref().is_none_or(|one| one.code != ProblemCode::NotSaved) => {
                    if session.is_some_and(|session| self.rules.over.contains(&session)) {
                        self.rules.breaks("somebody who signed out is still shown");
                    }
                    match kept {
                        Some(kept) if Some(kept.session) == session => {
                            if !self.server.is_live(kept) {
                                self.rules.breaks(format!("{kept} is kept and is not the newest"));
                            }
                        }
                        _ => self.rules.breaks("what is shown is not what is kept"),
                    }
                }
                SessionView::SignedOut { .. } => {}
                other => self.rules.breaks(format!("it still shows {other:?}")),
            }
        }
    }
}
