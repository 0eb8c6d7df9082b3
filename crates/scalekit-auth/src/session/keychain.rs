//! The user's actions for a keychain that is locked, not set up or missing.

use crate::{
    problem::{Problem, ProblemCode},
    storage::tombstones::EndReason,
    view::SignedOutReason,
};

use crate::session::{
    account::Account,
    event::KeychainError,
    state::{
        persistence::is_about_saving,
        session::{Session, SignedOut},
    },
};

impl Account {
    /// The user asks for another access to the keychain.
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

    /// Tokens are stored in a keychain only. A session that no keychain takes stays in this process, if the user
    /// agrees. Before a session is read, only a keychain that is missing or not set up is given up: one that is
    /// locked or slow may hold a session, which a sign-out in this process would leave there.
    pub(super) fn continue_without_keychain(&mut self) {
        if self.is_signed_in_unsaved() {
            self.continue_in_memory();
            return;
        }
        let Session::Unavailable { problem, .. } = &self.session else { return };
        if !matches!(problem.code, ProblemCode::KeychainMissing | ProblemCode::KeychainNotSetUp) {
            return;
        }
        self.in_memory = true;
        self.session = Session::SignedOut(SignedOut::because(SignedOutReason::Fresh, None));
        if self.has_queued_callback() {
            self.session.sign_in_failed(KeychainError::Missing(String::new()).sign_in_problem());
        }
        self.take_queued_links();
    }

    /// Whether the keychain has refused the session. The user may agree while another write is under way, whose
    /// prompt may be the reason.
    fn is_signed_in_unsaved(&mut self) -> bool {
        let Some(signed_in) = self.session.signed_in() else { return false };
        let is_reported = |problem: &Problem| {
            problem.code != ProblemCode::SaveBlocked && is_about_saving(problem.code)
        };
        signed_in.saved.is_refused()
            || signed_in.saved.is_being_stored()
                && signed_in.problem.as_ref().is_some_and(is_reported)
    }

    /// From now on the session is refreshed without being stored, as the user has agreed.
    fn continue_in_memory(&mut self) {
        self.in_memory = true;
        // The keychain may hold an earlier state of this session (RFC 9700 §4.14.2), whose refresh token will
        // be spent and which may be signed out here. The tombstone prevents other processes from using it.
        self.record_replaced();
        if let Some(session) = self.session.record().map(|record| record.session.clone()) {
            self.record_session_end(session, EndReason::User);
        }
        self.save();
        let Some(signed_in) = self.session.signed_in() else { return };
        signed_in.problem.take_if(|problem| is_about_saving(problem.code));
        self.continue_after_saving();
    }
}
