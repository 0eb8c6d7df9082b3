//! The end of a session that no user of this application has requested, and the deletion of its record.

use crate::{
    fingerprint::SessionId,
    problem::{Problem, ProblemCode},
    storage::{delete_only::DeleteOnly, record::RecordKind, tombstones::EndReason},
    view::SignedOutReason,
};

use crate::session::{
    account::Account,
    event::{Effect, Operation},
    state::{
        backoff::Backoff,
        session::{PendingDeletion, Session, SignedOut},
    },
};

impl Account {
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
    pub(crate) fn delete_session(&mut self, sessions: Vec<SessionId>, by: EndReason) -> Operation {
        if let Some(session) = sessions.first() {
            self.record_session_end(session.clone(), by);
        }
        self.delete_session_record(sessions)
    }

    /// A write of a session that continues in memory took longer than its timeout.
    pub(crate) fn delete_late_record(&mut self) {
        let present = self.session.signed_in().map(|signed_in| signed_in.stored_sessions());
        let sessions = present.unwrap_or_else(|| self.clearing.clone());
        self.delete_session_record(sessions);
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

    /// Deletes these sessions only: another process may have signed in since.
    pub(crate) fn delete_session_record(&mut self, sessions: Vec<SessionId>) -> Operation {
        let operation = self.operation();
        let entry = self.entry(RecordKind::Session);
        self.effects.push(Effect::Delete(operation, entry, DeleteOnly::Sessions(sessions.clone())));
        self.clearing = sessions;
        operation
    }
}
