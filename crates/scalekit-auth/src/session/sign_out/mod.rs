//! The end of a session: by the user, by the environment, or in another process.

pub(crate) mod end;
pub(crate) mod tombstones;

use crate::{
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::{AuthorizationSecrets, Entropy},
        logout::end_session_url,
    },
    secret::Secret,
    storage::tombstones::EndReason,
    time::Monotonic,
    view::{SignOutScope, SignedOutReason},
};

use crate::session::{
    account::Account,
    event::{Effect, KeychainError, OpenBrowserError, Operation},
    state::{
        backoff::Backoff,
        session::{PendingDeletion, PendingPostLogout, Session, SignedOut},
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
            // An earlier state of it, or a write that took longer than its timeout.
            self.delete_session_record(sessions);
            let mut signed_out = SignedOut::because(SignedOutReason::SignedOut, None);
            signed_out.returning = self.end_shared_session(scope, &id_token, state);
            self.session = Session::SignedOut(signed_out);
            return;
        }
        let clearing = self.delete_session(sessions, EndReason::User);
        self.session = Session::SigningOut { clearing, scope, id_token, state };
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

    /// All applications of an environment share the browser's session.
    fn end_shared_session(
        &mut self,
        scope: SignOutScope,
        id_token: &Secret,
        state: Secret,
    ) -> Option<PendingPostLogout> {
        match scope {
            SignOutScope::SharedSession => {}
            SignOutScope::ThisComputer => return None,
        }
        let configuration = self.configuration.as_ref()?;
        let url =
            end_session_url(configuration, self.provider.last_good_metadata(), id_token, &state);
        let opening = self.open_browser(url);
        Some(PendingPostLogout { opening, state })
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
