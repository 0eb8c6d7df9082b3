//! Tombstones of ended sessions, until they are written.
//!
//! Another process considers a session valid until it reads the tombstone, so a write that failed, such as on a
//! full disk, is retried.

use crate::{
    fingerprint::SessionId,
    problem::{Problem, ProblemCode},
    storage::{record::RecordKind, tombstones::EndReason},
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, KeychainError, Operation},
    state::{
        backoff::Backoff,
        session::Session,
        tombstone::{TombstoneWrite, WriteState},
    },
};

impl Account {
    pub(crate) fn record_session_end(&mut self, session: SessionId, by: EndReason) {
        if has_bug!(self, NoTombstone) {
            return;
        }
        let line = self.ended.add(session, by);
        let operation = self.append(line.clone());
        let state = WriteState::Requested(operation);
        self.tombstone_writes.push(TombstoneWrite {
            line,
            state,
            backoff: Backoff::default(),
            detail: String::new(),
        });
    }

    pub(crate) fn tombstone_stored(
        &mut self,
        operation: Operation,
        outcome: &Result<(), KeychainError>,
    ) {
        let requested = |note: &TombstoneWrite| matches!(note.state, WriteState::Requested(one) if one == operation);
        let Some(at) = self.tombstone_writes.iter().position(requested) else { return };
        match outcome {
            Ok(()) => {
                self.tombstone_writes.remove(at);
                if self.tombstone_writes.is_empty() {
                    self.session.forget_problem_of(ProblemCode::EndNotWritten);
                    self.session.forget_problem_of(ProblemCode::EarlierEndNotWritten);
                }
            }
            Err(failure) => {
                let (now, rng) = (self.now.monotonic, self.draw());
                let note = &mut self.tombstone_writes[at];
                note.state = WriteState::RetryAt(now.after(note.backoff.next(rng)));
                note.detail = failure.detail().to_owned();
                self.report_tombstones();
            }
        }
    }

    /// Reports a failed write.
    pub(crate) fn report_tombstones(&mut self) {
        let failed = |note: &&TombstoneWrite| matches!(note.state, WriteState::RetryAt(_));
        if let Some(note) = self.tombstone_writes.iter().find(failed) {
            let problem = match self.session {
                Session::SignedIn(_) => not_written_beside_another(),
                Session::AwaitingSettings
                | Session::NotConfigured
                | Session::Starting(_)
                | Session::Unavailable { .. }
                | Session::SignedOut(_)
                | Session::SigningOut { .. } => not_written(),
            };
            self.session.report_beside(problem.with_detail(&note.detail));
        }
    }

    pub(crate) fn tombstone_deadlines(&mut self) {
        for at in 0..self.tombstone_writes.len() {
            if self.tombstone_writes[at].deadline().is_some_and(|due| due <= self.now.monotonic) {
                let line = self.tombstone_writes[at].line.clone();
                self.tombstone_writes[at].state = WriteState::Requested(self.append(line));
            }
        }
    }

    fn append(&mut self, line: Vec<u8>) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Append(operation, self.entry(RecordKind::Ended), line));
        operation
    }

    /// Writes tombstones for the replaced sessions, which another process may still hold.
    pub(crate) fn record_replaced(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        for session in signed_in.saved.take_replaced() {
            if self.ended.by(&session).is_none() {
                self.record_session_end(session, EndReason::User);
            }
        }
    }
}

fn not_written() -> Problem {
    Problem::new(ProblemCode::EndNotWritten)
}

fn not_written_beside_another() -> Problem {
    Problem::new(ProblemCode::EarlierEndNotWritten)
}
