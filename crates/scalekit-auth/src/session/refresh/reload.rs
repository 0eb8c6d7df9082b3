//! The reload of the stored session before the refresh token is sent: another process may have refreshed the
//! session meanwhile, or signed out.

use crate::{
    problem::{Problem, ProblemCode},
    storage::{
        record::{DecodeError, RecordKind, SessionRecord},
        tombstones::EndReason,
    },
    view::SignedOutReason,
};

use crate::session::{
    account::{Account, has_bug},
    state::{
        backoff::MAX_WAIT,
        lock::{Lock, Readings},
    },
};

impl Account {
    /// Continues after the stored entries have been read again under the lock.
    pub(crate) fn on_reloaded(&mut self, mut readings: Readings) {
        if has_bug!(self, NoSecondReading) {
            let known = self.session.record().map(SessionRecord::encode);
            readings = Readings::known(RecordKind::Session, Ok(known));
        }
        self.journal = readings.journal();
        let read_ended = readings.ended();
        let stored = readings.take(RecordKind::Session);
        let holds_lock = matches!(self.lock, Lock::Held(_));
        let Some(signed_in) = self.session.signed_in() else { return };
        match read_ended {
            Ok(ended) => self.ended.add_all(ended),
            Err(_) if has_bug!(self, UnreadableEndedIsEmpty) => {}
            // The environment has ended the session in any case.
            Err(_) if signed_in.refreshes.is_rejected() => {}
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, failure.tombstones_problem());
                return;
            }
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        let ended_by = self.ended.by(&signed_in.record.session);
        let stored = match stored {
            Ok(Some(bytes)) => SessionRecord::decode(&bytes).map(Some),
            // The entry was not deleted by a sign-out, which would have left a tombstone. It is written again.
            Ok(None) => Ok(None),
            // The session has ended regardless of the entry. The lock was held since it was last read, and no
            // other process has changed it.
            Err(_) if ended_by.is_some() || (signed_in.refreshes.is_rejected() && holds_lock) => {
                Ok(None)
            }
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, failure.refresh_problem());
                return;
            }
        };
        match (stored, ended_by) {
            (Ok(Some(stored)), _)
                if stored.is_newer_than(&signed_in.record)
                    && self.ended.by(&stored.session).is_none() =>
            {
                self.adopt_stored(stored);
            }
            (Err(DecodeError::UnsupportedVersion), None) => self.delay_refresh(MAX_WAIT, newer()),
            (stored, Some(by)) => {
                match by {
                    EndReason::User => self.signed_out_elsewhere(SignedOutReason::SignedOut, None),
                    EndReason::Environment => {
                        self.signed_out_elsewhere(
                            SignedOutReason::SessionEnded,
                            Some(Problem::new(ProblemCode::SessionEnded)),
                        );
                    }
                    EndReason::Interruption => {
                        self.signed_out_elsewhere(
                            SignedOutReason::SessionEnded,
                            Some(Problem::new(ProblemCode::SessionInterrupted)),
                        );
                    }
                }
                if let Ok(Some(stored)) = stored {
                    self.delete_leftover(stored.session);
                }
            }
            (stored @ (Ok(_) | Err(DecodeError::Corrupt)), None) => {
                match signed_in.refreshes.take_rejection() {
                    Some(problem) => {
                        let stored = stored.ok().flatten().map(|stored| stored.session);
                        let leftover = stored.filter(|session| self.ended.by(session).is_some());
                        self.end_session_beside(problem, leftover);
                    }
                    None => self.journal_request(),
                }
            }
        }
    }
}

pub(crate) fn newer() -> Problem {
    Problem::new(ProblemCode::StoredByNewerVersion)
}
