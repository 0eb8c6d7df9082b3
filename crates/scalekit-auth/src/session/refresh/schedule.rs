//! Keeping a session fresh, and kept.

use std::time::Duration;

use crate::{
    configuration::RefreshPolicy,
    problem::{Problem, ProblemCode},
    protocol::token_response::{self, TokenResponse},
    storage::record::SessionRecord,
    time::{Monotonic, Wall},
};

use crate::session::{
    Effect, Operation, RequestPurpose,
    account::Account,
    problems::busy,
    refresh::{
        access_tokens::Refusals,
        backoff::{Backoff, MAX_WAIT},
        lock::WaitingFor,
        persistence::Persistence,
    },
    sign_in,
    state::{Session, SignedIn},
};

/// A lifetime below this says nothing useful; such a token is refreshed every [`MIN_PERIOD`].
pub(crate) const MIN_LIFETIME: Duration = Duration::from_secs(2);
const MIN_PERIOD: Duration = Duration::from_secs(30);

/// How soon a refresh token is sent once more when its answer was lost: environments that forgive
/// a repeated one do so for seconds only.
pub(crate) const QUICK_RETRY: Duration = Duration::from_secs(1);

/// How long another process may keep the lock before the user is told.
pub(crate) const LONG_TURN: Duration = Duration::from_secs(15);

/// A nudge is taken at most this often: windows are clicked at, and networks flap.
const NUDGES: Duration = Duration::from_secs(5);

/// So many nudges are taken in a row, and after that one in every minute, whatever waits for better times.
pub(crate) const NUDGES_IN_A_ROW: u32 = 5;
pub(crate) const NUDGE_AGAIN: Duration = Duration::from_secs(60);

/// Where a refresh is.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Refresh {
    /// It begins then. The wall-clock time is fixed once, so that it does not flicker.
    Scheduled { at: Monotonic, shown: Wall },
    /// The endpoints are being asked for.
    AwaitingMetadata,
    /// It may begin when it is this process's turn.
    AwaitingLock(WaitingFor),
    /// It is being written down that the refresh token is about to be sent. The number says how
    /// many answers to it were lost before.
    Journaling(Operation, u32),
    /// The refresh token has been sent, after so many answers to it were lost.
    Requested(Operation, u32),
    /// New tokens are here and saved; the keys to verify them are on their way. `true` once an
    /// unknown key was the reason.
    AwaitingKeys(TokenResponse, bool),
    /// It did not work and will be tried again.
    Delayed {
        at: Monotonic,
        shown: Wall,
        problem: Problem,
        /// `false` where the environment itself has said how long to wait.
        may_be_nudged: bool,
    },
    /// The environment gave no refresh token.
    Impossible { at: Monotonic, shown: Wall },
    /// Another account is current; see [`crate::session::leaving`]. What the refresh was waiting for still holds
    /// when this one comes back.
    Paused(Option<Delay>),
}

/// A refresh that did not work, and when it is tried again.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Delay {
    pub(crate) at: Monotonic,
    pub(crate) problem: Problem,
    pub(crate) may_be_nudged: bool,
}

/// After so many useless answers in a row, another sign-in is offered beside the session.
const REFUSALS: u32 = 3;

impl SignedIn {
    /// Whether refreshing has been refused too often for the next time to be expected to work.
    pub(crate) fn wants_another_sign_in(&self) -> bool {
        self.refused_in_a_row >= REFUSALS
    }

    pub(crate) fn deadline(&self, refreshes_by_itself: bool) -> Option<Monotonic> {
        let refresh = match &self.refresh {
            Refresh::Scheduled { .. } if !refreshes_by_itself => None,
            Refresh::Scheduled { at, .. }
            | Refresh::Delayed { at, .. }
            | Refresh::Impossible { at, .. } => Some(*at),
            // Whoever waits long for the lock says so.
            Refresh::AwaitingLock(WaitingFor::Lock(since)) => Some(since.after(LONG_TURN)),
            Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(WaitingFor::Storage | WaitingFor::Reading(_))
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Paused(_) => None,
        };
        let saving = match self.saved {
            Persistence::Failed { retry_at, .. } => Some(retry_at),
            Persistence::Unsaved(since) => Some(since.after(LONG_TURN)),
            Persistence::Stored
            | Persistence::InMemory
            | Persistence::Overdue
            | Persistence::Storing(_) => None,
        };
        [refresh, saving].into_iter().flatten().min()
    }

    /// What is kept nowhere is at rest in any case: it ends with the program. And a refresh token that is
    /// kept can be verified another time.
    pub(crate) fn is_quiescent(&self) -> bool {
        if matches!(self.saved, Persistence::InMemory) {
            return true;
        }
        let refreshing = match &self.refresh {
            Refresh::Journaling(..) | Refresh::Requested(..) => true,
            Refresh::AwaitingKeys(..)
            | Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => false,
        };
        // What another process keeps from being saved, the user has been told of.
        !refreshing && !matches!(self.saved, Persistence::Unsaved(_) | Persistence::Storing(_))
    }
}

impl Session {
    pub(crate) fn refreshes_with(&self, operation: Operation) -> bool {
        matches!(self, Self::SignedIn(signed_in)
            if matches!(signed_in.refresh, Refresh::Requested(sent, _) if sent == operation))
    }
}

impl Account {
    /// Now, unless it is under way or cannot be done.
    pub(crate) fn refresh(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::Scheduled { .. } | Refresh::Delayed { .. } => self.begin_refresh(),
            Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => {}
        }
    }

    /// Times may be better. A refresh that waits for them is tried again.
    pub(crate) fn nudged(&mut self) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        let Refresh::Delayed { at, shown, problem, may_be_nudged: true } = &mut signed_in.refresh
        else {
            return;
        };
        // A network that is back has no names and no routes yet for a second or two.
        if problem.code == ProblemCode::Offline {
            signed_in.refreshing = Backoff::default();
        }
        // One that comes too soon after a try is not lost: it brings the next one forward.
        let soonest = signed_in.last_refresh.map_or(now, |begun| begun.after(NUDGES).max(now));
        if soonest < *at && self.nudges.take(now).is_ok() {
            *at = soonest;
            *shown = self.now.wall_at(soonest);
        }
    }

    /// Whether a refresh that is due begins without anybody's asking for a token.
    pub(crate) fn refreshes_by_itself(&self) -> bool {
        let policy = self.configuration.as_ref().map(|one| one.refresh).unwrap_or_default();
        match policy {
            RefreshPolicy::Always => true,
            RefreshPolicy::WhileInUse => self.in_use,
        }
    }

    pub(crate) fn refresh_deadlines(&mut self) {
        let (now, by_itself) = (self.now.monotonic, self.refreshes_by_itself());
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.saved, Persistence::Failed { retry_at, .. } if retry_at <= now) {
            self.save();
        }
        self.saving_is_overdue();
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::Scheduled { at, .. } if *at <= now && by_itself => {
                // A token that served its time was not refused.
                signed_in.refusals = Refusals::default();
                self.begin_refresh();
            }
            Refresh::Delayed { at, .. } if *at <= now => self.begin_refresh(),
            Refresh::Impossible { at, .. } if *at <= now => self.end_session(Problem::new(
                ProblemCode::SessionEnded,
                "Your session has run its time, and the environment gives this application no means to refresh it. Sign in again.",
            )),
            Refresh::AwaitingLock(WaitingFor::Lock(since)) if since.after(LONG_TURN) <= now => {
                self.delay_refresh(LONG_TURN * 4, busy());
            }
            Refresh::Scheduled { .. }
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Paused(_) => {}
        }
    }

    pub(crate) fn refresh_discovered(&mut self) {
        if let Some(SignedIn { refresh: Refresh::AwaitingMetadata, .. }) = self.session.signed_in()
        {
            self.wait_for_lock();
        }
    }

    /// Endpoints that were good an hour ago, or in another run of this program, are better than none.
    pub(crate) fn refresh_not_discovered(
        &mut self,
        problem: Problem,
        retry_after: Option<Duration>,
    ) {
        let known = self.provider.last_good_metadata().is_some();
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.refresh, Refresh::AwaitingMetadata) {
            if known {
                self.wait_for_lock();
            } else {
                let wait = self.wait_before_retry(retry_after);
                self.delay_refresh(wait, problem);
                self.may_be_nudged(retry_after.is_none());
            }
        }
    }

    /// When the access token of `record` is to be refreshed, `remaining` before it ends.
    pub(crate) fn scheduled(&mut self, record: &SessionRecord, remaining: Duration) -> Refresh {
        if self.leaving {
            return Refresh::Paused(None);
        }
        if record.refresh_token.is_none() {
            let at = self.now.monotonic.after(remaining);
            return Refresh::Impossible { at, shown: self.now.wall_at(at) };
        }
        // At 80 % of its life, so that a slow answer still comes in time, and spread so that a
        // thousand desktops started at nine do not all come back in the same second.
        let wait = remaining.saturating_sub(record.lifetime / 5);
        let wait = if remaining.is_zero() && record.lifetime >= MIN_LIFETIME {
            Duration::ZERO
        } else if record.lifetime < MIN_LIFETIME {
            MIN_PERIOD
        } else {
            self.spread(wait)
        };
        let at = self.now.monotonic.after(wait);
        Refresh::Scheduled { at, shown: self.now.wall_at(at) }
    }

    pub(crate) fn begin_refresh(&mut self) {
        let now = self.now.monotonic;
        let leaving = self.leaving;
        if let Some(signed_in) = self.session.signed_in() {
            if leaving && signed_in.refused.is_none() {
                return;
            }
            signed_in.last_refresh = Some(now);
        }
        if self.provider.recent_metadata(now).is_some() || self.provider.is_left_alone(now) {
            self.wait_for_lock();
        } else if let Some(signed_in) = self.session.signed_in() {
            signed_in.refresh = Refresh::AwaitingMetadata;
            self.discover();
        }
    }

    pub(crate) fn send_refresh_token(&mut self, lost: u32) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let Some(refresh_token) = signed_in.record.refresh_token.clone() else { return };
        let request = self.configuration.as_ref().zip(self.provider.last_good_metadata()).and_then(
            |(configuration, metadata)| {
                token_response::refresh_request(configuration, metadata, &refresh_token)
            },
        );
        let Some(request) = request else {
            let problem = sign_in::rejected("The token endpoint cannot be used");
            self.delay_refresh(MAX_WAIT, problem);
            return;
        };
        let operation = self.operation();
        self.effects.push(Effect::Send(operation, RequestPurpose::Refresh, request));
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.refresh = Refresh::Requested(operation, lost);
        }
    }

    pub(crate) fn wait_before_retry(&mut self, retry_after: Option<Duration>) -> Duration {
        let rng = self.draw();
        let Some(signed_in) = self.session.signed_in() else { return MAX_WAIT };
        let wait = signed_in.refreshing.next(rng);
        retry_after.map_or(wait, |asked| asked.clamp(wait, Duration::from_secs(3600)))
    }

    /// RFC 9110 §10.2.3: where the environment itself has said how long to wait, nothing brings it forward.
    pub(crate) fn may_be_nudged(&mut self, may: bool) {
        if let Some(SignedIn { refresh: Refresh::Delayed { may_be_nudged, .. }, .. }) =
            self.session.signed_in()
        {
            *may_be_nudged = may;
        }
    }

    pub(crate) fn delay_refresh(&mut self, wait: Duration, problem: Problem) {
        let at = self.now.monotonic.after(wait);
        let shown = self.now.wall_at(at);
        let leaving = self.leaving;
        if let Some(signed_in) = self.session.signed_in() {
            // A refusal is looked into also where nobody looks on.
            signed_in.refresh = if leaving && signed_in.refused.is_none() {
                Refresh::Paused(Some(Delay { at, problem, may_be_nudged: true }))
            } else {
                Refresh::Delayed { at, shown, problem, may_be_nudged: true }
            };
        }
    }
}
