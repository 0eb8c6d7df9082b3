//! The states of a session.

use std::time::Duration;

use crate::session::{
    event::Operation,
    state::{
        announced_end::AnnouncedEnd,
        backoff::Backoff,
        lock::Readings,
        page_visit::PageVisit,
        persistence::Persistence,
        refresh::{Refresh, RefreshConditions},
        refresh_history::RefreshHistory,
        token_request::Refusals,
    },
};
use crate::{
    fingerprint::SessionId,
    problem::{Problem, ProblemCode},
    protocol::token_response::TokenResponse,
    secret::Secret,
    storage::record::SessionRecord,
    time::Monotonic,
    view::{SignOutScope, SignedOutReason},
};

/// The state of the session.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Session {
    /// The first configuration is not known yet.
    AwaitingSettings,
    /// There is no configuration.
    NotConfigured,
    /// The keychain is being read.
    Starting(Readings),
    /// The stored entries could not be read, so it is unknown whether a user is signed in.
    Unavailable {
        problem: Problem,
        /// The automatic retry, if reading does not prompt the user.
        retry: Option<(Monotonic, Backoff)>,
    },
    /// No user is signed in.
    SignedOut(SignedOut),
    /// A user is signed in.
    SignedIn(Box<SignedIn>),
    /// The session is being deleted from the keychain.
    SigningOut { clearing: Operation, scope: SignOutScope, id_token: Secret, state: Secret },
}

/// The signed-out state.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct SignedOut {
    pub(crate) reason: SignedOutReason,
    pub(crate) problem: Option<Problem>,
    /// The e-mail address of the user whose session ended, for the next sign-in.
    pub(crate) login_hint: Option<String>,
    /// The sign-out in the browser, until its redirect.
    pub(crate) returning: Option<PendingPostLogout>,
    /// The keychain still holds the ended session.
    pub(crate) uncleared: Option<PendingDeletion>,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct PendingPostLogout {
    pub(crate) opening: Operation,
    pub(crate) state: Secret,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum PendingDeletion {
    Clearing(Operation, Backoff),
    RetryAt(Monotonic, Backoff),
}

/// The signed-in state.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct SignedIn {
    pub(crate) record: SessionRecord,
    /// By the monotonic clock.
    pub(crate) access_token_ends: Monotonic,
    pub(crate) refresh: Refresh,
    pub(crate) announced_end: Option<AnnouncedEnd>,
    pub(crate) saved: Persistence,
    pub(crate) problem: Option<Problem>,
    pub(crate) fetching_picture: Option<Operation>,
    pub(crate) refreshes: RefreshHistory,
    /// The refreshes that rejected access tokens have caused.
    pub(crate) refusals: Refusals,
    pub(crate) page: PageVisit,
}

impl Session {
    /// Whether the stored entries have not been read yet, so that a link cannot be processed.
    pub(crate) fn is_unread(&self) -> bool {
        match self {
            Self::AwaitingSettings | Self::Starting(_) | Self::Unavailable { .. } => true,
            Self::NotConfigured
            | Self::SignedOut(_)
            | Self::SignedIn(_)
            | Self::SigningOut { .. } => false,
        }
    }

    /// Whether the state allows a sign-in to begin.
    pub(crate) fn may_begin_sign_in(&self) -> bool {
        match self {
            Self::SignedOut(_) | Self::SignedIn(_) => true,
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => false,
        }
    }

    /// Whether no token is in flight or unsaved.
    pub(crate) fn is_quiescent(&self) -> bool {
        match self {
            Self::SignedIn(signed_in) => signed_in.is_quiescent(),
            Self::SigningOut { .. } => false,
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SignedOut(_) => true,
        }
    }

    pub(crate) fn announced_end(&self) -> Option<AnnouncedEnd> {
        if let Self::SignedIn(signed_in) = self { signed_in.announced_end } else { None }
    }

    pub(crate) fn record(&self) -> Option<&SessionRecord> {
        if let Self::SignedIn(signed_in) = self { Some(&signed_in.record) } else { None }
    }

    /// The e-mail address of the user whose session was lost, or who has to sign in again.
    pub(crate) fn login_hint(&self) -> Option<String> {
        match self {
            Self::SignedOut(signed_out) => signed_out.login_hint.clone(),
            Self::SignedIn(signed_in) if signed_in.is_known_to_end() => {
                signed_in.record.profile.email.clone()
            }
            Self::SignedIn(_)
            | Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => None,
        }
    }

    /// Whether the environment has announced the end of its own session, which a sign-in without authentication would
    /// continue only until then.
    pub(crate) fn ends_with_the_environments(&self) -> bool {
        self.announced_end().is_some_and(|end| end.notice().is_some())
    }

    /// The organization of a session that only another sign-in can continue: that sign-in is for the same one.
    pub(crate) fn ending_organization(&self) -> Option<&str> {
        match self {
            Self::SignedIn(signed_in) if signed_in.is_known_to_end() => {
                signed_in.record.profile.organization.as_ref().map(|one| one.id.as_str())
            }
            Self::SignedIn(_)
            | Self::SignedOut(_)
            | Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => None,
        }
    }

    pub(crate) fn deadline(&self, conditions: RefreshConditions) -> Option<Monotonic> {
        match self {
            Self::SignedIn(signed_in) => signed_in.deadline(conditions),
            Self::SignedOut(signed_out) => match &signed_out.uncleared {
                Some(PendingDeletion::RetryAt(at, _)) => Some(*at),
                Some(PendingDeletion::Clearing(..)) | None => None,
            },
            Self::Unavailable { retry, .. } => retry.map(|(at, _)| at),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::SigningOut { .. } => None,
        }
    }

    /// Reports a failed sign-in, in place of an earlier problem.
    pub(crate) fn sign_in_failed(&mut self, problem: Problem) {
        match self {
            // The session ended while the sign-in was pending, which was not shown yet.
            Self::SignedOut(signed_out)
                if problem.code == ProblemCode::SignInTimedOut
                    && signed_out.reports_session_ended() => {}
            Self::SignedOut(signed_out) => {
                signed_out.reason = SignedOutReason::SignInFailed;
                signed_out.problem = Some(problem);
            }
            Self::SignedIn(signed_in) => signed_in.problem = Some(problem),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => {}
        }
    }

    /// Whether the keychain still holds a session that has ended.
    pub(crate) fn has_pending_deletion(&self) -> bool {
        matches!(self, Self::SignedOut(SignedOut { uncleared: Some(_), .. }))
    }

    /// An environment with another issuer explains why its tokens were rejected.
    pub(crate) fn explain_rejected_sign_in(&mut self, problem: &Problem) {
        let shown = self.problem().map(|shown| shown.code);
        if problem.code == ProblemCode::EnvironmentRenamed
            && shown == Some(ProblemCode::AnswerRejected)
        {
            self.sign_in_failed(problem.clone());
        }
    }

    /// The problem that is shown beside the session.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Unavailable { problem, .. } => Some(problem),
            Self::SignedOut(signed_out) => signed_out.problem.as_ref(),
            Self::SignedIn(signed_in) => signed_in.problem.as_ref(),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::SigningOut { .. } => None,
        }
    }

    /// Reports a problem unless another one is shown.
    pub(crate) fn report(&mut self, problem: Problem) {
        if self.problem().is_none() {
            self.sign_in_failed(problem);
        }
    }

    /// Reports a problem without changing the rest of the view.
    pub(crate) fn report_beside(&mut self, problem: Problem) {
        match self {
            Self::SignedOut(signed_out) => drop(signed_out.problem.get_or_insert(problem)),
            Self::SignedIn(signed_in) => drop(signed_in.problem.get_or_insert(problem)),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => {}
        }
    }

    /// Removes a problem that no longer applies.
    pub(crate) fn forget_problem_of(&mut self, code: ProblemCode) {
        match self {
            Self::SignedOut(signed_out) => drop(signed_out.problem.take_if(|one| one.code == code)),
            Self::SignedIn(signed_in) => drop(signed_in.problem.take_if(|one| one.code == code)),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => {}
        }
    }

    pub(crate) fn sign_in_cancelled(&mut self) {
        if let Self::SignedOut(signed_out) = self
            && !signed_out.reports_session_ended()
        {
            signed_out.reason = SignedOutReason::Cancelled;
        }
    }

    pub(crate) fn forget_problem(&mut self) {
        match self {
            Self::SignedOut(signed_out) => {
                if signed_out.problem.take().is_some() {
                    signed_out.reason = SignedOutReason::Fresh;
                }
            }
            Self::SignedIn(signed_in) => signed_in.problem = None,
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => {}
        }
    }

    /// Sets the state of the refresh, if a user is signed in.
    pub(crate) fn set_refresh(&mut self, refresh: Refresh) {
        if let Some(signed_in) = self.signed_in() {
            signed_in.refresh = refresh;
        }
    }

    pub(crate) fn signed_in(&mut self) -> Option<&mut SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SignedOut(_)
            | Self::SigningOut { .. } => None,
        }
    }
}

impl SignedOut {
    pub(crate) fn because(reason: SignedOutReason, problem: Option<Problem>) -> Self {
        Self { reason, problem, login_hint: None, returning: None, uncleared: None }
    }

    fn reports_session_ended(&self) -> bool {
        self.reason == SignedOutReason::SessionEnded && self.problem.is_some()
    }
}

impl SignedIn {
    /// The sessions whose record the keychain may hold, this one first.
    pub(crate) fn stored_sessions(&self) -> Vec<SessionId> {
        std::iter::once(&self.record.session).chain(self.saved.replaced()).cloned().collect()
    }

    /// The time since the access token was issued.
    pub(crate) fn access_token_age(&self, now: Monotonic) -> Duration {
        self.record.lifetime.saturating_sub(self.access_token_ends.since(now))
    }

    /// Whether the session will end without another sign-in.
    pub(crate) fn is_known_to_end(&self) -> bool {
        self.refreshes.wants_another_sign_in()
            || matches!(self.refresh, Refresh::Impossible { .. })
            || self.announced_end.is_some_and(|end| end.notice().is_some())
    }

    pub(crate) fn deadline(&self, conditions: RefreshConditions) -> Option<Monotonic> {
        let end = self.announced_end.map(AnnouncedEnd::deadline);
        let deadlines = [self.refresh.deadline(conditions), self.saved.deadline(), end];
        deadlines.into_iter().flatten().min()
    }

    /// Whether the stored refresh token was sent, or a store is under way: what is stored may be spent.
    pub(crate) fn is_replacing_stored_tokens(&self) -> bool {
        !self.saved.is_in_memory()
            && (self.saved.is_being_stored() || matches!(self.refresh, Refresh::Requested(..)))
    }

    /// A session in memory is always quiescent, as it ends with the process. New tokens whose refresh token is
    /// stored can be verified later.
    pub(crate) fn is_quiescent(&self) -> bool {
        if self.saved.is_in_memory() {
            return true;
        }
        // A write that waits for another process has been reported to the user.
        !self.refresh.is_sending() && !self.saved.is_pending()
    }
}

impl Session {
    /// The tokens that a refresh has received and whose keys are being fetched, and whether that is for an unknown
    /// `kid`. The state is left for the next one only.
    pub(crate) fn unverified_tokens(&self) -> Option<(&TokenResponse, bool)> {
        let Self::SignedIn(signed_in) = self else { return None };
        let Refresh::AwaitingKeys(response, refetched) = &signed_in.refresh else { return None };
        Some((response, *refetched))
    }

    /// Leaves this state for the next one.
    #[must_use]
    pub(crate) fn enter(&mut self, next: Self) -> Self {
        std::mem::replace(self, next)
    }

    pub(crate) fn refreshes_with(&self, operation: Operation) -> bool {
        self.refresh_sent(operation).is_some()
    }

    /// When the refresh of this operation was sent.
    pub(crate) fn refresh_sent(&self, operation: Operation) -> Option<Monotonic> {
        let Self::SignedIn(signed_in) = self else { return None };
        let is_pending =
            matches!(signed_in.refresh, Refresh::Requested(sent, _) if sent == operation);
        is_pending.then_some(signed_in.refreshes.sent_at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_out_reports_an_ended_session_with_its_problem_only() {
        let ended = |reason, problem: Option<ProblemCode>| {
            SignedOut::because(reason, problem.map(Problem::new)).reports_session_ended()
        };
        assert!(ended(SignedOutReason::SessionEnded, Some(ProblemCode::SessionEnded)));
        assert!(!ended(SignedOutReason::SessionEnded, None));
        assert!(!ended(SignedOutReason::SignInFailed, Some(ProblemCode::Offline)));
    }
}
