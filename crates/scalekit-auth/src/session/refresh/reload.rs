//! The reload of the stored session before the refresh token is sent: another process may have refreshed the
//! session meanwhile, or signed out.

use crate::{
    problem::{Problem, ProblemCode},
    storage::{
        journal::EndReason,
        record::{DecodeError, RecordKind, SessionRecord},
    },
    view::SignedOutReason,
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, Operation},
    startup::newer,
    state::{
        backoff::MAX_WAIT,
        lock::{Lock, ReadOutcome, Readings, WaitingFor},
        refresh::Refresh,
        session::Session,
    },
};

impl Account {
    /// Reads the stored entries under the lock, so that no other process changes them.
    pub(crate) fn reload_before_refresh(&mut self) {
        if has_bug!(self, NoSecondReading) {
            self.refresh_without_reload();
            return;
        }
        let readings = self.read(&[RecordKind::Session, RecordKind::Journal, RecordKind::Ended]);
        self.session.set_refresh(Refresh::AwaitingLock(WaitingFor::Reading(readings)));
    }

    /// For a seeded bug only.
    fn refresh_without_reload(&mut self) {
        let kept = self.session.signed_in().map(|signed_in| signed_in.record.encode());
        self.on_reloaded(Readings::known(RecordKind::Session, Ok(kept)));
    }

    pub(crate) fn read(&mut self, slots: &[RecordKind]) -> Readings {
        let mut readings = Vec::with_capacity(slots.len());
        for kind in slots {
            let operation = self.operation();
            self.effects.push(Effect::Load(operation, self.entry(*kind)));
            readings.push((*kind, operation));
        }
        Readings::asked(readings)
    }

    pub(crate) fn loaded(&mut self, operation: Operation, outcome: ReadOutcome) {
        if let Session::Starting(readings) = &mut self.session {
            readings.take_in(operation, outcome);
            if let Some(readings) = readings.take_complete() {
                self.on_startup_loaded(readings);
            }
        } else if let Some(signed_in) = self.session.signed_in()
            && let Refresh::AwaitingLock(WaitingFor::Reading(readings)) = &mut signed_in.refresh
        {
            readings.take_in(operation, outcome);
            if let Some(readings) = readings.take_complete() {
                self.on_reloaded(readings);
            }
        }
    }

    /// Continues after the stored entries have been read again under the lock.
    fn on_reloaded(&mut self, mut readings: Readings) {
        self.journal = readings.journal();
        let read_ended = readings.ended();
        let kept = readings.take(RecordKind::Session);
        let holds_lock = matches!(self.lock, Lock::Held(_));
        let Some(signed_in) = self.session.signed_in() else { return };
        match read_ended {
            Ok(ended) => self.ended.add_all(ended),
            Err(_) if has_bug!(self, UnreadableEndedIsEmpty) => {}
            // The environment has ended the session in any case.
            Err(_) if signed_in.refused.is_some() => {}
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, failure.tombstones_problem());
                return;
            }
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        let ended_by = self.ended.by(&signed_in.record.session);
        let kept = match kept {
            Ok(Some(bytes)) => SessionRecord::decode(&bytes).map(Some),
            // The entry was not deleted by a sign-out, which would have left a tombstone. It is written again.
            Ok(None) => Ok(None),
            // The session has ended regardless of the entry. The lock was held since it was last read, and no
            // other process has changed it.
            Err(_) if ended_by.is_some() || (signed_in.refused.is_some() && holds_lock) => Ok(None),
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, failure.refresh_problem());
                return;
            }
        };
        match (kept, ended_by) {
            (Ok(Some(kept)), _)
                if kept.is_newer_than(&signed_in.record)
                    && self.ended.by(&kept.session).is_none() =>
            {
                self.adopt_stored(kept);
            }
            (Err(DecodeError::UnsupportedVersion), None) => self.delay_refresh(MAX_WAIT, newer()),
            (kept, Some(by)) => {
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
                if let Ok(Some(kept)) = kept {
                    self.delete_leftover(kept.session);
                }
            }
            (kept @ (Ok(_) | Err(DecodeError::Corrupt)), None) => match signed_in.refused.take() {
                Some(problem) => {
                    let kept = kept.ok().flatten().map(|kept| kept.session);
                    let leftover = kept.filter(|session| self.ended.by(session).is_some());
                    self.end_session_beside(problem, leftover);
                }
                None => self.journal_request(),
            },
        }
    }
}
