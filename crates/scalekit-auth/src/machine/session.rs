//! The session: from what the keychain holds to signing out. How it is kept fresh is [`super::renewal`].

use crate::{
    authorization::{Binding, Entropy},
    callback::{self, Link},
    journal::{EndedBy, SessionId},
    logout::end_session_url,
    metadata::{self, Metadata},
    problem::{Problem, ProblemCode},
    record::{SessionRecord, SignInRecord, Slot, Unreadable},
    secret::Secret,
    time::Monotonic,
    view::SignedOutReason,
};

use super::{
    Effect, KeychainFailure, Machine, Operation,
    backoff::Backoff,
    broken,
    keeping::Saved,
    renewal::Renewal,
    turn::{ReadOutcome, Readings},
};

/// Who is signed in, if anybody.
pub(super) enum Session {
    /// Nobody has said yet whether there are settings.
    AwaitingSettings,
    /// There are no settings yet.
    NotConfigured,
    /// The keychain is being read.
    Starting(Readings),
    /// The keychain could not be read, so nobody knows.
    Unavailable(Problem),
    /// Nobody.
    SignedOut(SignedOut),
    /// Somebody.
    SignedIn(Box<SignedIn>),
    /// The session is being removed from the keychain.
    SigningOut { clearing: Operation, id_token: Secret, state: Secret },
}

/// Nobody is signed in.
pub(super) struct SignedOut {
    pub(super) reason: SignedOutReason,
    pub(super) problem: Option<Problem>,
    /// Whose session ended, so that the environment need not ask who they are.
    login_hint: Option<String>,
    /// The browser's part of signing out, until it comes back.
    returning: Option<Returning>,
    /// The keychain still holds the session that ended.
    uncleared: Option<Uncleared>,
}

struct Returning {
    opening: Operation,
    state: Secret,
}

enum Uncleared {
    Clearing(Operation, Backoff),
    RetryAt(Monotonic, Backoff),
}

/// Somebody is signed in.
pub(super) struct SignedIn {
    pub(super) record: SessionRecord,
    /// By the clock that nobody can set.
    pub(super) access_token_ends: Monotonic,
    pub(super) renewal: Renewal,
    pub(super) saved: Saved,
    pub(super) problem: Option<Problem>,
    pub(super) fetching_picture: Option<Operation>,
    /// Failures of renewing and of saving in a row.
    pub(super) renewing: Backoff,
    pub(super) saving: Backoff,
    /// The journal is being put right after a request that certainly came to nothing.
    pub(super) journaling: Option<Operation>,
    /// The environment's refusal, until what is kept has been read once more.
    pub(super) refused: Option<Problem>,
    /// When a renewal was last begun.
    pub(super) last_renewal: Option<Monotonic>,
}

impl Session {
    /// Whether it is still open what the keychain holds, so that a link cannot be judged.
    pub(super) fn is_unread(&self) -> bool {
        match self {
            Self::AwaitingSettings | Self::Starting(_) | Self::Unavailable(_) => true,
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
            | Self::Unavailable(_)
            | Self::SigningOut { .. } => false,
        }
    }

    /// Whether nothing is between being sent and being kept.
    pub(super) fn is_at_rest(&self) -> bool {
        match self {
            Self::SignedIn(signed_in) => signed_in.is_at_rest(),
            Self::SigningOut { .. } => false,
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable(_)
            | Self::SignedOut(_) => true,
        }
    }

    pub(super) fn record(&self) -> Option<&SessionRecord> {
        if let Self::SignedIn(signed_in) = self { Some(&signed_in.record) } else { None }
    }

    /// The address of whoever was signed in until the session was lost.
    pub(super) fn login_hint(&self) -> Option<String> {
        if let Self::SignedOut(signed_out) = self { signed_out.login_hint.clone() } else { None }
    }

    pub(super) fn deadline(&self) -> Option<Monotonic> {
        match self {
            Self::SignedIn(signed_in) => signed_in.deadline(),
            Self::SignedOut(signed_out) => match &signed_out.uncleared {
                Some(Uncleared::RetryAt(at, _)) => Some(*at),
                Some(Uncleared::Clearing(..)) | None => None,
            },
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable(_)
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
            | Self::Unavailable(_)
            | Self::SigningOut { .. } => {}
        }
    }

    /// What the person is shown beside the session and has not read yet.
    pub(super) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Unavailable(problem) => Some(problem),
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
            | Self::Unavailable(_)
            | Self::SigningOut { .. } => {}
        }
    }

    pub(super) fn signed_in(&mut self) -> Option<&mut SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::AwaitingSettings
            | Self::NotConfigured
            | Self::Starting(_)
            | Self::Unavailable(_)
            | Self::SignedOut(_)
            | Self::SigningOut { .. } => None,
        }
    }
}

impl SignedOut {
    fn because(reason: SignedOutReason, problem: Option<Problem>) -> Self {
        Self { reason, problem, login_hint: None, returning: None, uncleared: None }
    }
}

impl Machine {
    /// Reads what the keychain holds for the present settings.
    pub(super) fn load_session(&mut self) {
        if self.configuration.is_none() {
            self.early_links.clear();
            self.session = Session::NotConfigured;
            return;
        }
        let slots = [Slot::Session, Slot::SignIn, Slot::Journal, Slot::Ended, Slot::Endpoints];
        self.session = Session::Starting(self.read(&slots));
    }

    pub(super) fn stored(&mut self, operation: Operation, outcome: Result<(), KeychainFailure>) {
        self.attempt_stored(operation);
        self.journal_stored(operation);
        self.session_stored(operation, outcome);
    }

    pub(super) fn cleared(&mut self, operation: Operation, outcome: Result<(), KeychainFailure>) {
        let (now, chance) = (self.now.monotonic, self.draw());
        match &mut self.session {
            Session::SigningOut { clearing, id_token, state } if *clearing == operation => {
                let (id_token, state) = (id_token.clone(), state.clone());
                let mut signed_out = SignedOut::because(SignedOutReason::SignedOut, None);
                let retry_at = |mut backoff: Backoff| (now.after(backoff.next(chance)), backoff);
                signed_out.clearing_ended(outcome, || retry_at(Backoff::default()));
                signed_out.returning = self.end_session_in_browser(&id_token, state);
                self.session = Session::SignedOut(signed_out);
            }
            Session::SignedOut(signed_out) => {
                if let Some(Uncleared::Clearing(clearing, backoff)) = signed_out.uncleared
                    && clearing == operation
                {
                    let mut backoff = backoff;
                    signed_out
                        .clearing_ended(outcome, || (now.after(backoff.next(chance)), backoff));
                }
            }
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::Unavailable(_)
            | Session::SignedIn(_)
            | Session::SigningOut { .. } => {}
        }
    }

    /// The local session goes first, whatever becomes of the browser: whoever signs out is signed out.
    pub(super) fn sign_out(&mut self, entropy: &Entropy) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let id_token = signed_in.record.id_token.clone();
        let session = signed_in.record.session.clone();
        if self.attempt.pending().is_some() {
            self.cancel_sign_in();
        }
        self.withdraw_invitation();
        let state = Binding::from_entropy(entropy).state;
        if self.in_memory {
            let mut signed_out = SignedOut::because(SignedOutReason::SignedOut, None);
            signed_out.returning = self.end_session_in_browser(&id_token, state);
            self.session = Session::SignedOut(signed_out);
            return;
        }
        let clearing = self.forget(session, EndedBy::Person);
        self.session = Session::SigningOut { clearing, id_token, state };
    }

    /// The person has done something about the keychain.
    pub(super) fn retry(&mut self) {
        match &self.session {
            Session::Unavailable(_) => self.load_session(),
            Session::SignedIn(_) => self.save_again(),
            Session::SignedOut(_) => self.clear_again(),
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::SigningOut { .. } => {}
        }
    }

    /// Tokens are written nowhere but into a keychain. Where there is none at all they stay in this
    /// process; one that is locked or slow is there, and waited for.
    pub(super) fn go_on_without_keychain(&mut self) {
        let Session::Unavailable(problem) = &self.session else { return };
        if problem.code != ProblemCode::KeychainMissing {
            return;
        }
        self.in_memory = true;
        self.session = Session::SignedOut(SignedOut::because(SignedOutReason::Fresh, None));
        for link in std::mem::take(&mut self.early_links) {
            self.link(link);
        }
    }

    pub(super) fn dismiss(&mut self) {
        self.links_taken = None;
        self.session.forget_problem();
    }

    /// OpenID Connect RP-Initiated Logout 1.0 §3. Nothing is left to be done but to come to the front,
    /// and that only for the sign-out this program began.
    pub(super) fn returned_from_signing_out(&mut self, state: Option<Secret>) {
        if let Session::SignedOut(signed_out) = &mut self.session
            && let (Some(expected), Some(state)) = (&signed_out.returning, state)
            && expected.state.matches(state.expose())
        {
            signed_out.returning = None;
            self.effects.push(Effect::BringToFront);
        }
    }

    pub(super) fn sign_out_opened(&mut self, operation: Operation, outcome: &Result<(), String>) {
        if let (Session::SignedOut(signed_out), Err(detail)) = (&mut self.session, outcome)
            && signed_out.returning.as_ref().is_some_and(|one| one.opening == operation)
        {
            signed_out.returning = None;
            signed_out.problem.get_or_insert_with(|| {
                Problem::new(
                    ProblemCode::BrowserUnavailable,
                    "You are signed out here, but no browser could be opened to sign you out of the environment. Sign out there too if others use this computer.",
                )
                .with_detail(detail)
            });
        }
    }

    /// A verified sign-in takes the place of whatever was there before.
    pub(super) fn signed_in(&mut self, record: SessionRecord) {
        // Another process may still hold the one before.
        if let Some(before) = self.session.record().map(|before| before.session.clone()) {
            self.note_end(before, EndedBy::Person);
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
            Session::SignedIn(_) => self.renewal_deadlines(),
            Session::SignedOut(SignedOut {
                uncleared: Some(Uncleared::RetryAt(at, _)), ..
            }) if *at <= now => self.clear_again(),
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::Unavailable(_)
            | Session::SignedOut(_)
            | Session::SigningOut { .. } => {}
        }
    }

    /// The environment or the rules ended the session: it says so once, and the keychain forgets it.
    pub(super) fn end_session(&mut self, problem: Problem) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let session = signed_in.record.session.clone();
        let login_hint = signed_in.record.profile.email.clone();
        let by = if problem.code == ProblemCode::SessionInterrupted {
            EndedBy::Interruption
        } else {
            EndedBy::Environment
        };
        let mut signed_out = SignedOut::because(SignedOutReason::SessionEnded, Some(problem));
        signed_out.login_hint = login_hint;
        if !self.in_memory {
            let clearing = self.forget(session, by);
            signed_out.uncleared = Some(Uncleared::Clearing(clearing, Backoff::default()));
        }
        self.session = Session::SignedOut(signed_out);
    }

    /// The session was ended in another process, or in this one before a restart.
    pub(super) fn ended_elsewhere(&mut self, reason: SignedOutReason, problem: Option<Problem>) {
        self.session = Session::SignedOut(SignedOut::because(reason, problem));
    }

    /// Removes what should not be kept any more.
    pub(super) fn clear_leftover(&mut self) {
        let clearing = self.clear(Slot::Session);
        if let Session::SignedOut(signed_out) = &mut self.session {
            signed_out.uncleared = Some(Uncleared::Clearing(clearing, Backoff::default()));
        }
    }

    /// Removes the session, and notes that it is over, for a keychain that does not let go of it and
    /// for a process that is renewing it at this moment: it must not rise from the dead.
    fn forget(&mut self, session: SessionId, by: EndedBy) -> Operation {
        self.note_end(session, by);
        self.clear(Slot::Session)
    }

    fn note_end(&mut self, session: SessionId, by: EndedBy) {
        if broken!(self, NoNoteOfTheEnd) {
            return;
        }
        let line = self.ended.add(session, by);
        let operation = self.operation();
        self.effects.push(Effect::Append(operation, Slot::Ended, line));
    }

    /// Shows the session and keeps it fresh from now on.
    pub(super) fn adopt(&mut self, record: SessionRecord, remaining: std::time::Duration) {
        let picture = record.picture_url.clone();
        let renewal = self.scheduled(&record, remaining);
        self.session = Session::SignedIn(Box::new(SignedIn {
            record,
            access_token_ends: self.now.monotonic.after(remaining),
            renewal,
            saved: Saved::Yes,
            problem: None,
            fetching_picture: None,
            renewing: Backoff::default(),
            saving: Backoff::default(),
            journaling: None,
            refused: None,
            last_renewal: None,
        }));
        self.fetch_picture(picture);
    }

    pub(super) fn fetch_picture(&mut self, address: Option<String>) {
        let Some(address) = address else { return };
        let operation = self.operation();
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.fetching_picture = Some(operation);
            self.effects.push(Effect::FetchPicture(operation, address));
        }
    }

    /// Everything has been read, well or not.
    pub(super) fn settle(&mut self, mut readings: Readings) {
        let journal = readings.journal();
        self.ended = readings.ended();
        self.environment.kept = self.kept_endpoints(readings.take(Slot::Endpoints));
        match readings.take(Slot::Session) {
            Err(failure) => {
                self.session = Session::Unavailable(failure.problem());
                return;
            }
            Ok(None) => {
                self.session = Session::SignedOut(SignedOut::because(SignedOutReason::Fresh, None));
            }
            Ok(Some(bytes)) => match SessionRecord::decode(&bytes) {
                // It was said at the time; now there is nothing to say but that nobody is signed in.
                Ok(record) if self.ended.by(&record.session).is_some() => {
                    self.ended_elsewhere(SignedOutReason::SignedOut, None);
                    self.clear_leftover();
                }
                Ok(record) => {
                    let lost =
                        record.refresh_token.as_ref().is_some_and(|token| journal.lost(token) > 0);
                    self.adopt_kept(record);
                    if lost && !broken!(self, NoJournal) {
                        self.renew();
                    }
                }
                Err(Unreadable::Newer) => {
                    self.session = Session::Unavailable(newer());
                    return;
                }
                Err(Unreadable::Damaged) => {
                    self.session = Session::SignedOut(SignedOut::because(
                        SignedOutReason::SessionEnded,
                        Some(damaged()),
                    ));
                }
            },
        }
        if let Ok(Some(bytes)) = readings.take(Slot::SignIn) {
            self.settle_sign_in(&bytes);
        }
        for link in std::mem::take(&mut self.early_links) {
            self.link(link);
        }
    }

    fn kept_endpoints(&self, read: ReadOutcome) -> Option<Metadata> {
        let environment = &self.configuration.as_ref()?.environment;
        metadata::kept(environment, &read.ok().flatten()?)
    }

    /// A sign-in from before a restart goes on; one whose time is over says so if the browser
    /// came back for it, and is forgotten quietly if not.
    fn settle_sign_in(&mut self, bytes: &[u8]) {
        let record = match SignInRecord::decode(bytes) {
            Ok(record) => record,
            Err(Unreadable::Newer) => return,
            Err(Unreadable::Damaged) => {
                self.clear(Slot::SignIn);
                return;
            }
        };
        let came_back = self.early_links.iter().any(|link| self.answers(link, &record));
        if self.resume_attempt(record) {
            return;
        }
        if came_back {
            self.sign_in_failed(super::attempt::took_too_long());
        } else {
            self.clear(Slot::SignIn);
        }
    }

    fn answers(&self, link: &[u8], record: &SignInRecord) -> bool {
        let Some(configuration) = &self.configuration else { return false };
        match callback::read(link, &configuration.addresses) {
            Ok(Link::Callback(callback)) => record.binding.state.matches(callback.state.expose()),
            Ok(Link::SignedOut { .. } | Link::InitiateLogin(_)) | Err(_) => false,
        }
    }

    fn end_session_in_browser(&mut self, id_token: &Secret, state: Secret) -> Option<Returning> {
        let configuration = self.configuration.as_ref()?;
        let url =
            end_session_url(configuration, self.environment.last_good_metadata(), id_token, &state);
        let opening = self.open_browser(url);
        Some(Returning { opening, state })
    }

    fn clear_again(&mut self) {
        let Session::SignedOut(SignedOut { uncleared: Some(uncleared), .. }) = &self.session else {
            return;
        };
        let Uncleared::RetryAt(_, backoff) = *uncleared else { return };
        let clearing = self.clear(Slot::Session);
        if let Session::SignedOut(signed_out) = &mut self.session {
            signed_out.uncleared = Some(Uncleared::Clearing(clearing, backoff));
        }
    }

    /// Adopts what was kept, by this process or another.
    pub(super) fn adopt_kept(&mut self, record: SessionRecord) {
        // The wall clock may have been set back meanwhile: never longer than was given.
        let remaining = record.access_token_ends.since(self.now.wall).min(record.lifetime);
        self.adopt(record, remaining);
    }
}

impl SignedOut {
    /// The keychain has answered, well or not, to being told to forget the session.
    fn clearing_ended(
        &mut self,
        outcome: Result<(), KeychainFailure>,
        retry: impl FnOnce() -> (Monotonic, Backoff),
    ) {
        match outcome {
            Ok(()) => {
                self.uncleared = None;
                self.problem.take_if(|problem| problem.code == ProblemCode::NotCleared);
            }
            Err(failure) => {
                let (at, backoff) = retry();
                self.uncleared = Some(Uncleared::RetryAt(at, backoff));
                self.problem.get_or_insert_with(|| not_cleared().with_detail(failure.detail()));
            }
        }
    }
}

fn not_cleared() -> Problem {
    Problem::new(
        ProblemCode::NotCleared,
        "You are signed out here, but the keychain would not remove the saved session. Latchkey keeps trying; unlock the keychain, and do not leave this computer to others until this message is gone.",
    )
}

fn damaged() -> Problem {
    Problem::new(
        ProblemCode::SessionEnded,
        "The session saved in the keychain is damaged and cannot be used. Sign in again.",
    )
}

pub(super) fn newer() -> Problem {
    Problem::new(
        ProblemCode::StoredByNewerVersion,
        "The saved session was written by a newer version of this program. It was left as it is. Open the newer version, or update this one.",
    )
}
