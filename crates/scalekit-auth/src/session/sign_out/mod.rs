//! The end of a session: by the user, by the environment, or in another process.

pub(crate) mod tombstones;

use crate::{
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::{AuthorizationSecrets, Entropy},
        http_response::HttpOutcome,
        logout::end_session_url,
        revocation,
        token_response::{self, TokenResult},
    },
    secret::Secret,
    storage::{
        delete_only::DeleteOnly,
        journal::{EndReason, SessionId},
        record::RecordKind,
    },
    time::Monotonic,
    view::{SignOutScope, SignedOutReason},
};

use crate::session::{
    account::Account,
    event::{Effect, KeychainError, OpenBrowserError, Operation, RequestPurpose},
    state::{
        backoff::Backoff,
        refresh::Refresh,
        session::{PendingDeletion, Returning, Session, SignedOut},
        sign_in::{Dropped, SignInAttempt},
    },
};

impl Account {
    /// Deletes the local session first: the user is signed out even if the browser fails.
    pub(crate) fn sign_out(&mut self, scope: SignOutScope, entropy: &Entropy) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let id_token = signed_in.record.id_token.clone();
        let sessions = signed_in.stored_sessions();
        self.revoke_all();
        self.record_replaced();
        if self.attempt.pending().is_some() {
            self.cancel_sign_in();
        }
        self.withdraw_invitation();
        let state = AuthorizationSecrets::from_entropy(entropy).state;
        if self.in_memory {
            let mut signed_out = SignedOut::because(SignedOutReason::SignedOut, None);
            signed_out.returning = self.end_shared_session(scope, &id_token, state);
            self.session = Session::SignedOut(signed_out);
            return;
        }
        let clearing = self.delete_session(sessions, EndReason::User);
        self.session = Session::SigningOut { clearing, scope, id_token, state };
    }

    /// Revokes the present tokens, and those of pending requests on receipt.
    pub(crate) fn revoke_all(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let refresh_token = match signed_in.refresh {
            Refresh::Requested(operation, _) => {
                let sent = signed_in.record.refresh_token.clone();
                self.dropped.push(Dropped::Refresh(operation, sent));
                None
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => signed_in.record.refresh_token.clone(),
        };
        self.revoke(refresh_token.as_ref());
        self.revoke_attempt(Dropped::SignedOut);
    }

    /// Revokes the tokens of a sign-in that is dropped, unless a user is signed in: both may belong to one session of
    /// the environment.
    pub(crate) fn revoke_dropped_attempt(&mut self) {
        if self.session.record().is_none() {
            self.revoke_attempt(Dropped::SignIn);
        }
    }

    /// The same for tokens that such a sign-in has received.
    pub(crate) fn revoke_dropped(&mut self, refresh_token: Option<&Secret>) {
        if self.session.record().is_none() {
            self.revoke(refresh_token);
        }
    }

    fn revoke_attempt(&mut self, dropped: fn(Operation) -> Dropped) {
        match &self.attempt {
            SignInAttempt::Exchanging(_, operation) => self.dropped.push(dropped(*operation)),
            SignInAttempt::Verifying(_, response, _) => {
                let refresh_token = response.refresh_token.clone();
                self.revoke(refresh_token.as_ref());
            }
            SignInAttempt::None
            | SignInAttempt::Discovering(_)
            | SignInAttempt::Saving(..)
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::CallbackReceived(..) => {}
        }
    }

    /// Revokes tokens that were received after they were dropped, from an otherwise unusable response too, and the
    /// one that was sent where the response has none.
    pub(crate) fn revoke_response(&mut self, dropped: Dropped, outcome: HttpOutcome) {
        let received = match token_response::read(outcome, self.now.wall) {
            TokenResult::Success(response) => response.refresh_token,
            TokenResult::Transient { salvaged, .. } => salvaged,
            TokenResult::Rejected { .. } => None,
        };
        match dropped {
            Dropped::Refresh(_, sent) => self.revoke(received.or(sent).as_ref()),
            Dropped::SignedOut(_) => self.revoke(received.as_ref()),
            Dropped::SignIn(_) => self.revoke_dropped(received.as_ref()),
        }
    }

    /// Best effort: the sign-out does not wait for the response. Tokens that another sign-in replaces are not
    /// revoked, as both may belong to one session of the environment.
    fn revoke(&mut self, refresh_token: Option<&Secret>) {
        let Some((configuration, metadata)) =
            self.configuration.as_ref().zip(self.provider.last_good_metadata())
        else {
            return;
        };
        let request =
            refresh_token.and_then(|token| revocation::request(configuration, metadata, token));
        if let Some(request) = request {
            let operation = self.operation();
            self.effects.push(Effect::Send(operation, RequestPurpose::Revocation, request));
        }
    }

    pub(crate) fn deleted(&mut self, operation: Operation, outcome: Result<(), KeychainError>) {
        let (now, rng) = (self.now.monotonic, self.draw());
        match &mut self.session {
            Session::SigningOut { clearing, scope, id_token, state } if *clearing == operation => {
                let (scope, id_token, state) = (*scope, id_token.clone(), state.clone());
                let mut signed_out = SignedOut::because(SignedOutReason::SignedOut, None);
                let retry_at = |mut backoff: Backoff| (now.after(backoff.next(rng)), backoff);
                signed_out.deletion_ended(outcome, || retry_at(Backoff::default()));
                signed_out.returning = self.end_shared_session(scope, &id_token, state);
                self.session = Session::SignedOut(signed_out);
                self.report_tombstones();
            }
            Session::SignedOut(signed_out) => {
                if let Some(PendingDeletion::Clearing(clearing, backoff)) = signed_out.uncleared
                    && clearing == operation
                {
                    let mut backoff = backoff;
                    signed_out.deletion_ended(outcome, || (now.after(backoff.next(rng)), backoff));
                }
            }
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::Unavailable { .. }
            | Session::SignedIn(_)
            | Session::SigningOut { .. } => {}
        }
    }

    /// OpenID Connect RP-Initiated Logout 1.0 §3. The window is brought to the front, and only for a sign-out
    /// of this application.
    pub(crate) fn returned_from_signing_out(&mut self, state: Option<Secret>) {
        if let Session::SignedOut(signed_out) = &mut self.session
            && let (Some(expected), Some(state)) = (&signed_out.returning, state)
            && expected.state.matches(state.expose())
        {
            signed_out.returning = None;
            self.effects.push(Effect::BringToFront);
        }
    }

    pub(crate) fn sign_out_opened(
        &mut self,
        operation: Operation,
        outcome: &Result<(), OpenBrowserError>,
    ) {
        if let (Session::SignedOut(signed_out), Err(OpenBrowserError(detail))) =
            (&mut self.session, outcome)
            && signed_out.returning.as_ref().is_some_and(|one| one.opening == operation)
        {
            signed_out.returning = None;
            signed_out.problem.get_or_insert_with(|| {
                Problem::new(ProblemCode::SignOutBrowserUnavailable).with_detail(detail)
            });
        }
    }

    /// The environment or an expiry ended the session: it is reported once and deleted from the keychain.
    pub(crate) fn end_session(&mut self, problem: Problem) {
        self.end_session_beside(problem, None);
    }

    /// The same, beside the record of another session that has ended and was not deleted.
    pub(crate) fn end_session_beside(&mut self, problem: Problem, leftover: Option<SessionId>) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let mut sessions = signed_in.stored_sessions();
        sessions.extend(leftover);
        let login_hint = signed_in.record.profile.email.clone();
        let by = if problem.code == ProblemCode::SessionInterrupted {
            EndReason::Interruption
        } else {
            EndReason::Environment
        };
        self.record_replaced();
        let mut signed_out = SignedOut::because(SignedOutReason::SessionEnded, Some(problem));
        signed_out.login_hint = login_hint;
        if !self.in_memory {
            let clearing = self.delete_session(sessions, by);
            signed_out.uncleared = Some(PendingDeletion::Clearing(clearing, Backoff::default()));
        }
        self.session = Session::SignedOut(signed_out);
    }

    /// The session was ended in another process, or in this one before a restart.
    pub(crate) fn signed_out_elsewhere(
        &mut self,
        reason: SignedOutReason,
        problem: Option<Problem>,
    ) {
        self.session = Session::SignedOut(SignedOut::because(reason, problem));
    }

    /// Deletes an entry of an ended session.
    pub(crate) fn delete_leftover(&mut self, session: SessionId) {
        let clearing = self.delete_session_record(vec![session]);
        if let Session::SignedOut(signed_out) = &mut self.session {
            signed_out.uncleared = Some(PendingDeletion::Clearing(clearing, Backoff::default()));
        }
    }

    /// Deletes the sessions and writes a tombstone of the first one, for a keychain that fails to delete it and for a
    /// process that is refreshing it at present: the session must not be restored.
    fn delete_session(&mut self, sessions: Vec<SessionId>, by: EndReason) -> Operation {
        if let Some(session) = sessions.first() {
            self.record_session_end(session.clone(), by);
        }
        self.delete_session_record(sessions)
    }

    /// Deletes these sessions only: another process may have signed in since.
    fn delete_session_record(&mut self, sessions: Vec<SessionId>) -> Operation {
        let operation = self.operation();
        let entry = self.entry(RecordKind::Session);
        self.effects.push(Effect::Delete(operation, entry, DeleteOnly::Sessions(sessions.clone())));
        self.clearing = sessions;
        operation
    }

    /// All applications of an environment share the browser's session.
    fn end_shared_session(
        &mut self,
        scope: SignOutScope,
        id_token: &Secret,
        state: Secret,
    ) -> Option<Returning> {
        match scope {
            SignOutScope::SharedSession => {}
            SignOutScope::ThisComputer => return None,
        }
        let configuration = self.configuration.as_ref()?;
        let url =
            end_session_url(configuration, self.provider.last_good_metadata(), id_token, &state);
        let opening = self.open_browser(url);
        Some(Returning { opening, state })
    }

    pub(crate) fn retry_deletion(&mut self) {
        let Session::SignedOut(SignedOut { uncleared: Some(uncleared), .. }) = &self.session else {
            return;
        };
        let PendingDeletion::RetryAt(_, backoff) = *uncleared else { return };
        let clearing = self.delete_session_record(self.clearing.clone());
        if let Session::SignedOut(signed_out) = &mut self.session {
            signed_out.uncleared = Some(PendingDeletion::Clearing(clearing, backoff));
        }
    }
}

impl SignedOut {
    /// The keychain has deleted the session or failed to.
    fn deletion_ended(
        &mut self,
        outcome: Result<(), KeychainError>,
        retry: impl FnOnce() -> (Monotonic, Backoff),
    ) {
        match outcome {
            Ok(()) => {
                self.uncleared = None;
                self.problem.take_if(|problem| problem.code == ProblemCode::NotCleared);
            }
            Err(failure) => {
                let (at, backoff) = retry();
                self.uncleared = Some(PendingDeletion::RetryAt(at, backoff));
                self.problem.get_or_insert_with(|| not_deleted().with_detail(failure.detail()));
            }
        }
    }
}

fn not_deleted() -> Problem {
    Problem::new(ProblemCode::NotCleared)
}
