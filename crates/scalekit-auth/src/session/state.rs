//! The session. How it begins is [`crate::session::start`], how it is kept fresh [`crate::session::refresh`], and how it ends
//! [`crate::session::sign_out`].

use crate::{
    configuration::EnvironmentUrl,
    problem::{Problem, ProblemCode},
    secret::Secret,
    storage::{journal::EndReason, record::SessionRecord},
    time::Monotonic,
    view::SignedOutReason,
};

use crate::session::{
    Effect, KeychainError, Operation,
    account::Account,
    refresh::{
        access_tokens::Refusals,
        backoff::Backoff,
        lock::Readings,
        persistence::{Persistence, is_about_saving},
        schedule::Refresh,
    },
};

/// Who is signed in, if anybody.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) enum Session {
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
    SigningOut { clearing: Operation, id_token: Secret, state: Secret },
}

/// Nobody is signed in.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct SignedOut {
    pub(super) reason: SignedOutReason,
    pub(super) problem: Option<Problem>,
    /// Whose session ended, so that the environment need not ask who they are.
    pub(super) login_hint: Option<String>,
    /// The browser's part of signing out, until it comes back.
    pub(super) returning: Option<Returning>,
    /// The keychain still holds the session that ended.
    pub(super) uncleared: Option<PendingDeletion>,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Returning {
    pub(super) opening: Operation,
    pub(super) state: Secret,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) enum PendingDeletion {
    Clearing(Operation, Backoff),
    RetryAt(Monotonic, Backoff),
}

/// Somebody is signed in.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct SignedIn {
    pub(super) record: SessionRecord,
    /// By the clock that nobody can set.
    pub(super) access_token_ends: Monotonic,
    pub(super) refresh: Refresh,
    pub(super) saved: Persistence,
    pub(super) problem: Option<Problem>,
    pub(super) fetching_picture: Option<Operation>,
    /// Failures of refreshing and of saving in a row.
    pub(super) refreshing: Backoff,
    pub(super) saving: Backoff,
    /// The journal is being put right after a request that certainly came to nothing.
    pub(super) journaling: Option<Operation>,
    /// The environment's refusal, until what is kept has been read once more.
    pub(super) refused: Option<Problem>,
    /// When a refresh was last begun.
    pub(super) last_refresh: Option<Monotonic>,
    /// How many answers to the present refresh token were lost in this process.
    pub(super) lost: u32,
    /// How many answers to refreshing it in a row were of no use.
    pub(super) refused_in_a_row: u32,
    /// Refreshes because a service has refused the access token.
    pub(super) refusals: Refusals,
}

impl Session {
    /// Whether it is still open what the keychain holds, so that a link cannot be judged.
    pub(super) fn is_unread(&self) -> bool {
        match self {
            Self::AwaitingSettings | Self::Starting(_) | Self::Unavailable { .. } => true,
            Self::NotConfigured
            | Self::SignedOut(_)
            | Self::SignedIn(_)
            | Self::SigningOut { .. } => false,
        }
    }

    /// Whether there is something for a sign-in to take the place of.
    pub(super) fn may_begin_sign_in(&self) -> bool {
        match self {
            Self::SignedOut(_) | Self::SignedIn(_) => true,
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable { .. }
            | Self::SigningOut { .. } => false,
        }
    }

    /// Whether nothing is between being sent and being kept.
    pub(super) fn is_quiescent(&self) -> bool {
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

    pub(super) fn record(&self) -> Option<&SessionRecord> {
        if let Self::SignedIn(signed_in) = self { Some(&signed_in.record) } else { None }
    }

    /// The address of whoever was signed in until the session was lost, or is and has to sign in again.
    pub(super) fn login_hint(&self) -> Option<String> {
        match self {
            Self::SignedOut(signed_out) => signed_out.login_hint.clone(),
            Self::SignedIn(signed_in) if signed_in.wants_another_sign_in() => {
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

    pub(super) fn deadline(&self, refreshes_by_itself: bool) -> Option<Monotonic> {
        match self {
            Self::SignedIn(signed_in) => signed_in.deadline(refreshes_by_itself),
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
    pub(super) fn sign_in_failed(&mut self, problem: Problem) {
        match self {
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
    pub(super) fn problem(&self) -> Option<&Problem> {
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
    pub(super) fn tell(&mut self, problem: Problem) {
        if self.problem().is_none() {
            self.sign_in_failed(problem);
        }
    }

    /// Says something that changes nothing of what is shown beside it.
    pub(super) fn report_beside(&mut self, problem: Problem) {
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
    pub(super) fn forget_problem_of(&mut self, code: ProblemCode) {
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

    pub(super) fn sign_in_cancelled(&mut self) {
        if let Self::SignedOut(signed_out) = self {
            signed_out.reason = SignedOutReason::Cancelled;
        }
    }

    pub(super) fn forget_problem(&mut self) {
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

    pub(super) fn signed_in(&mut self) -> Option<&mut SignedIn> {
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
    pub(super) fn because(reason: SignedOutReason, problem: Option<Problem>) -> Self {
        Self { reason, problem, login_hint: None, returning: None, uncleared: None }
    }
}

impl Account {
    pub(super) fn stored(&mut self, operation: Operation, outcome: Result<(), KeychainError>) {
        self.attempt_stored(operation);
        self.journal_stored(operation);
        self.tombstone_stored(operation, &outcome);
        self.session_stored(operation, outcome);
    }

    /// The user has done something about the keychain.
    pub(super) fn retry(&mut self) {
        match &self.session {
            Session::Unavailable { .. } => self.load_session(),
            Session::SignedIn(_) => self.save_again(),
            Session::SignedOut(_) => self.retry_deletion(),
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::SigningOut { .. } => {}
        }
    }

    /// Tokens are written nowhere but into a keychain. Where there is none at all, or nothing in it to keep
    /// them in, they stay in this process; one that is locked or slow is there, and waited for.
    pub(super) fn continue_without_keychain(&mut self) {
        if self.is_signed_in_without_keyring() {
            self.continue_in_memory();
            return;
        }
        let Session::Unavailable { problem, .. } = &self.session else { return };
        if !matches!(problem.code, ProblemCode::KeychainMissing | ProblemCode::KeychainNotSetUp) {
            return;
        }
        self.in_memory = true;
        self.session = Session::SignedOut(SignedOut::because(SignedOutReason::Fresh, None));
        if self.came_back() {
            self.session.sign_in_failed(KeychainError::Missing(String::new()).loses_sign_in());
        }
        self.take_queued_links();
    }

    fn is_signed_in_without_keyring(&mut self) -> bool {
        let Some(signed_in) = self.session.signed_in() else { return false };
        matches!(&signed_in.saved, Persistence::Failed { problem, .. } if problem.code == ProblemCode::KeychainNotSetUp)
    }

    /// From now on the session is refreshed without being kept, as the user has agreed.
    fn continue_in_memory(&mut self) {
        self.in_memory = true;
        // The keychain may hold this session as it was before (RFC 9700 §4.14.2): a refresh token that is spent
        // here, and somebody who may sign out of it here. Nobody else goes on with that.
        if let Some(session) = self.session.record().map(|record| record.session.clone()) {
            self.record_session_end(session, EndReason::User);
        }
        self.save();
        let Some(signed_in) = self.session.signed_in() else { return };
        signed_in.problem.take_if(|problem| is_about_saving(problem.code));
        if matches!(&signed_in.refresh, Refresh::Delayed { problem, .. } if is_about_saving(problem.code))
        {
            self.begin_refresh();
        }
    }

    pub(super) fn dismiss(&mut self) {
        self.links_taken = None;
        self.session.forget_problem();
    }

    /// A verified sign-in takes the place of whatever was there before.
    pub(super) fn signed_in(&mut self, record: SessionRecord) {
        // Another process may still hold the one before.
        if let Some(before) = self.session.record().map(|before| before.session.clone()) {
            self.record_session_end(before, EndReason::User);
        }
        let remaining = record.lifetime;
        self.adopt(record, remaining);
        self.save();
    }

    pub(super) fn picture_fetched(&mut self, operation: Operation, picture: Option<String>) {
        if let Some(signed_in) = self.session.signed_in()
            && signed_in.fetching_picture == Some(operation)
        {
            signed_in.fetching_picture = None;
            signed_in.record.profile.picture = picture;
        }
    }

    pub(super) fn session_deadlines(&mut self) {
        let now = self.now.monotonic;
        match &self.session {
            Session::SignedIn(_) => self.refresh_deadlines(),
            Session::Unavailable { retry: Some((at, backoff)), .. } if *at <= now => {
                self.reading = *backoff;
                self.load_session();
            }
            Session::SignedOut(SignedOut {
                uncleared: Some(PendingDeletion::RetryAt(at, _)),
                ..
            }) if *at <= now => self.retry_deletion(),
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::Unavailable { .. }
            | Session::SignedOut(_)
            | Session::SigningOut { .. } => {}
        }
    }

    /// Shows the session and keeps it fresh from now on.
    pub(super) fn adopt(&mut self, record: SessionRecord, remaining: std::time::Duration) {
        let picture = record.picture_url.clone();
        let refresh = self.scheduled(&record, remaining);
        // Two processes that refresh for the same refused tokens are paced as one is.
        let same =
            self.session.signed_in().filter(|before| before.record.session == record.session);
        let refusals = same.map(|before| before.refusals).unwrap_or_default();
        self.session = Session::SignedIn(Box::new(SignedIn {
            record,
            access_token_ends: self.now.monotonic.after(remaining),
            refresh,
            saved: Persistence::Stored,
            problem: None,
            fetching_picture: None,
            refreshing: Backoff::default(),
            saving: Backoff::default(),
            journaling: None,
            refused: None,
            last_refresh: None,
            lost: 0,
            refused_in_a_row: 0,
            refusals,
        }));
        self.fetch_picture(picture);
    }

    pub(super) fn fetch_picture(&mut self, address: Option<String>) {
        let Some(address) = address else { return };
        let operation = self.operation();
        let environment = self.configuration.as_ref().map(|one| &one.environment);
        let is_local = environment.is_some_and(EnvironmentUrl::is_loopback);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.fetching_picture = Some(operation);
            self.effects.push(Effect::FetchPicture(operation, address, is_local));
        }
    }

    /// Adopts what was kept, by this process or another.
    pub(super) fn adopt_stored(&mut self, record: SessionRecord) {
        // The wall clock may have been set back meanwhile: never longer than was given.
        let remaining = record.access_token_ends.since(self.now.wall).min(record.lifetime);
        self.adopt(record, remaining);
    }
}
