//! The session: whether a user is signed in, and what belongs to it.

use crate::session::{
    event::Operation,
    refresh::backoff::Backoff,
    state::{
        lock::Readings,
        persistence::Persistence,
        refresh::{Refresh, RefreshConditions},
        token_request::Refusals,
    },
};
use crate::{
    problem::{Problem, ProblemCode},
    secret::Secret,
    storage::{journal::SessionId, record::SessionRecord},
    time::Monotonic,
    view::{SignOutScope, SignedOutReason},
};

/// After so many useless answers in a row, another sign-in is offered beside the session.
const REFUSALS: u32 = 3;

/// Who is signed in, if anybody.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Session {
    /// Nobody has said yet whether there are settings.
    AwaitingSettings,
    /// There are no settings yet.
    NotConfigured,
    /// The keychain is being read.
    Starting(Readings),
    /// What is kept could not be read, so nobody knows.
    Unavailable {
        problem: Problem,
        /// When it is read again without anybody's doing: what asks the user for nothing.
        retry: Option<(Monotonic, Backoff)>,
    },
    /// Nobody.
    SignedOut(SignedOut),
    /// Somebody.
    SignedIn(Box<SignedIn>),
    /// The session is being removed from the keychain.
    SigningOut { clearing: Operation, scope: SignOutScope, id_token: Secret, state: Secret },
}

/// Nobody is signed in.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct SignedOut {
    pub(crate) reason: SignedOutReason,
    pub(crate) problem: Option<Problem>,
    /// Whose session ended, so that the environment need not ask who they are.
    pub(crate) login_hint: Option<String>,
    /// The browser's part of signing out, until it comes back.
    pub(crate) returning: Option<Returning>,
    /// The keychain still holds the session that ended.
    pub(crate) uncleared: Option<PendingDeletion>,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Returning {
    pub(crate) opening: Operation,
    pub(crate) state: Secret,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum PendingDeletion {
    Clearing(Operation, Backoff),
    RetryAt(Monotonic, Backoff),
}

/// Somebody is signed in.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct SignedIn {
    pub(crate) record: SessionRecord,
    /// By the clock that nobody can set.
    pub(crate) access_token_ends: Monotonic,
    pub(crate) refresh: Refresh,
    pub(crate) saved: Persistence,
    pub(crate) problem: Option<Problem>,
    pub(crate) fetching_picture: Option<Operation>,
    /// Failures of refreshing and of saving in a row.
    pub(crate) refreshing: Backoff,
    pub(crate) saving: Backoff,
    /// The journal is being put right after a request that certainly came to nothing.
    pub(crate) journaling: Option<Operation>,
    /// The environment's refusal, until what is kept has been read once more.
    pub(crate) refused: Option<Problem>,
    /// When a refresh was last begun.
    pub(crate) last_refresh: Option<Monotonic>,
    /// Whether a retry hint has come since then.
    pub(crate) hinted: bool,
    /// How many answers to the present refresh token were lost in this process.
    pub(crate) lost: u32,
    /// How many answers to refreshing it in a row were of no use.
    pub(crate) refused_in_a_row: u32,
    /// Refreshes because a service has refused the access token.
    pub(crate) refusals: Refusals,
    /// The page of the environment that is being opened, and whether the user is at one.
    pub(crate) opening_page: Option<Operation>,
    pub(crate) visit: Visit,
    /// Sessions that this one takes the place of. They are over once it is stored: until then they are all that a
    /// crash would leave.
    pub(crate) replaced: Vec<SessionId>,
}

/// Whether the user is at one of the environment's pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Visit {
    #[default]
    None,
    /// They are there, as far as is known.
    Away,
    /// They are back, and what they have changed stands in tokens that have not been asked for yet.
    Back,
}

impl Session {
    /// Whether it is still open what the keychain holds, so that a link cannot be judged.
    pub(crate) fn is_unread(&self) -> bool {
        match self {
            Self::AwaitingSettings | Self::Starting(_) | Self::Unavailable { .. } => true,
            Self::NotConfigured
            | Self::SignedOut(_)
            | Self::SignedIn(_)
            | Self::SigningOut { .. } => false,
        }
    }

    /// Whether there is something for a sign-in to take the place of.
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

    pub(crate) fn record(&self) -> Option<&SessionRecord> {
        if let Self::SignedIn(signed_in) = self { Some(&signed_in.record) } else { None }
    }

    /// The address of whoever was signed in until the session was lost, or is and has to sign in again.
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

    /// The organization of a session that only another sign-in will keep: that one is to go on.
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

    /// Where a sign-in went wrong is shown over whatever was there before.
    pub(crate) fn sign_in_failed(&mut self, problem: Problem) {
        match self {
            // The session ended while the browser was waited for, and that was not shown.
            Self::SignedOut(signed_out)
                if problem.code == ProblemCode::SignInTimedOut
                    && signed_out.says_session_ended() => {}
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

    /// What the user is shown beside the session and has not read yet.
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

    /// Says something beside the session. What is shown already is more important.
    pub(crate) fn tell(&mut self, problem: Problem) {
        if self.problem().is_none() {
            self.sign_in_failed(problem);
        }
    }

    /// Says something that changes nothing of what is shown beside it.
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

    /// What was said is true no longer.
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
            && !signed_out.says_session_ended()
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

    /// Moves the refresh on, where a user is signed in.
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

    fn says_session_ended(&self) -> bool {
        self.reason == SignedOutReason::SessionEnded && self.problem.is_some()
    }
}

impl SignedIn {
    /// Whether refreshing has been refused too often for the next time to be expected to work.
    pub(crate) fn wants_another_sign_in(&self) -> bool {
        self.refused_in_a_row >= REFUSALS
    }

    /// Whether only another sign-in will keep the user signed in.
    pub(crate) fn is_known_to_end(&self) -> bool {
        self.wants_another_sign_in() || matches!(self.refresh, Refresh::Impossible { .. })
    }

    pub(crate) fn deadline(&self, conditions: RefreshConditions) -> Option<Monotonic> {
        let deadlines = [self.refresh.deadline(conditions), self.saved.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// What is kept nowhere is at rest in any case: it ends with the program. And a refresh token that is
    /// kept can be verified another time.
    pub(crate) fn is_quiescent(&self) -> bool {
        if matches!(self.saved, Persistence::InMemory) {
            return true;
        }
        // What another process keeps from being saved, the user has been told of.
        !self.refresh.is_sending() && !self.saved.is_pending()
    }
}

impl Session {
    pub(crate) fn refreshes_with(&self, operation: Operation) -> bool {
        matches!(self, Self::SignedIn(signed_in)
            if matches!(signed_in.refresh, Refresh::Requested(sent, _) if sent == operation))
    }
}
