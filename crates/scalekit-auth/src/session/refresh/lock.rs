//! Turns: of several processes, one at a time may spend the refresh token and write the session.
//!
//! The lock is the operating system's and dies with its holder. Whoever gets it reads what is kept
//! once more before doing anything: another process may have refreshed the session meanwhile, or
//! signed out.

use zeroize::Zeroizing;

use crate::{
    problem::{Problem, ProblemCode},
    storage::{
        journal::{EndReason, EndedSessions, Journal},
        record::{DecodeError, RecordKind, SessionRecord},
    },
    time::Monotonic,
    view::SignedOutReason,
};

use crate::session::{
    Effect, KeychainError, LockError, Operation,
    account::{Account, has_bug},
    problems::{busy_and_not_saved, ended, interrupted},
    refresh::{backoff::MAX_WAIT, persistence::Persistence, schedule::Refresh},
    startup::newer,
    state::{Session, SignedIn},
};

/// Whose turn it is.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Lock {
    /// Not ours.
    Free,
    /// It has been asked for. Another process may keep it long.
    Asked(Operation),
    /// Ours.
    Held(Operation),
    /// There is none to be had here, as in a home folder that cannot be written: this process goes
    /// on as if it were alone.
    Missing,
}

/// What a refresh waits for before it begins.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum WaitingFor {
    /// The present record is to be kept first: no second token while the first may be lost.
    Storage,
    /// Another process may have the lock. Since then it is waited for.
    Lock(Monotonic),
    /// What is kept is being read once more.
    Reading(Readings),
}

/// What reading an entry came to.
pub(crate) type ReadOutcome = Result<Option<Zeroizing<Vec<u8>>>, KeychainError>;

/// Entries that are being read.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Readings(Vec<(RecordKind, Reading)>);

#[cfg_attr(feature = "testing", derive(Clone))]
enum Reading {
    Asked(Operation),
    Read(ReadOutcome),
}

impl Readings {
    /// Takes the outcome in if it is of one of these.
    pub(crate) fn take_in(&mut self, operation: Operation, outcome: ReadOutcome) {
        let asked = |reading: &Reading| matches!(reading, Reading::Asked(one) if *one == operation);
        if let Some((_, reading)) = self.0.iter_mut().find(|(_, reading)| asked(reading)) {
            *reading = Reading::Read(outcome);
        }
    }

    pub(crate) fn are_complete(&self) -> bool {
        self.0.iter().all(|(_, reading)| matches!(reading, Reading::Read(_)))
    }

    /// What this entry held; nothing where it was not read.
    pub(crate) fn take(&mut self, kind: RecordKind) -> ReadOutcome {
        let read = self.0.iter_mut().find(|(one, _)| *one == kind);
        match read.map(|(_, reading)| std::mem::replace(reading, Reading::Read(Ok(None)))) {
            Some(Reading::Read(outcome)) => outcome,
            Some(Reading::Asked(_)) | None => Ok(None),
        }
    }

    /// A journal that cannot be read says nothing: what this process itself has lost, it knows.
    pub(crate) fn journal(&mut self) -> Journal {
        let bytes = self.take(RecordKind::Journal).ok().flatten();
        Journal::read(bytes.as_ref().map(|bytes| bytes.as_slice()))
    }

    /// A list that is not there is empty. One that cannot be read is not.
    pub(crate) fn ended(&mut self) -> Result<EndedSessions, KeychainError> {
        let bytes = self.take(RecordKind::Ended)?;
        Ok(EndedSessions::read(bytes.as_ref().map(|bytes| bytes.as_slice())))
    }
}

impl Session {
    /// Whether something is under way that no other process may do at the same time. Nothing writes
    /// the session's entry without the lock, and it is kept until what was written is safe.
    fn needs_lock(&self, gives_back_early: bool) -> bool {
        let Self::SignedIn(signed_in) = self else { return false };
        let kept = matches!(signed_in.saved, Persistence::Stored | Persistence::InMemory)
            || (gives_back_early && matches!(signed_in.saved, Persistence::Storing(_)));
        let refreshing = match &signed_in.refresh {
            Refresh::AwaitingLock(WaitingFor::Lock(_) | WaitingFor::Reading(_))
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..) => true,
            Refresh::AwaitingLock(WaitingFor::Storage)
            | Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => false,
        };
        refreshing || signed_in.journaling.is_some() || !kept
    }
}

impl Account {
    pub(crate) fn holds_lock(&self) -> bool {
        matches!(self.lock, Lock::Held(_) | Lock::Missing)
    }

    /// Asks for the lock when something needs it, and gives it back when nothing does any more.
    pub(crate) fn update_lock(&mut self) {
        let early = has_bug!(self, LockGivenBackEarly);
        let wanted = self.session.needs_lock(early);
        if wanted && has_bug!(self, NoLock) && matches!(self.lock, Lock::Free) {
            self.lock = Lock::Missing;
            self.on_lock_acquired();
        }
        match self.lock {
            Lock::Free if wanted => {
                let operation = self.operation();
                let account = self.entry(RecordKind::Session).account;
                self.effects.push(Effect::Lock(operation, account));
                self.lock = Lock::Asked(operation);
            }
            Lock::Held(_) | Lock::Missing if !wanted => self.release_lock(),
            Lock::Free | Lock::Asked(_) | Lock::Held(_) | Lock::Missing => {}
        }
    }

    pub(crate) fn release_lock(&mut self) {
        if let Lock::Held(operation) = std::mem::replace(&mut self.lock, Lock::Free) {
            self.effects.push(Effect::Unlock(operation));
        }
    }

    pub(crate) fn locked(&mut self, operation: Operation, outcome: Result<(), LockError>) {
        if !matches!(self.lock, Lock::Asked(asked) if asked == operation) {
            if outcome.is_ok() {
                self.effects.push(Effect::Unlock(operation));
            }
            return;
        }
        self.lock = match outcome {
            Ok(()) => Lock::Held(operation),
            Err(_) => Lock::Missing,
        };
        self.on_lock_acquired();
    }

    /// OAuth 2.1 §4.3.2: no second token is asked for before the first is kept, or a crash loses both.
    pub(crate) fn wait_for_lock(&mut self) {
        let (holds_lock, now) = (self.holds_lock(), self.now.monotonic);
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.saved {
            // No other process can have what only this one has.
            Persistence::InMemory => {
                let lost = self.lost_answers();
                self.send_refresh_token(lost);
            }
            Persistence::Stored if holds_lock => self.reload_before_refresh(),
            Persistence::Stored => signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Lock(now)),
            Persistence::Unsaved(_) | Persistence::Storing(_) => {
                signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Storage);
            }
            Persistence::Overdue => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, busy_and_not_saved());
            }
            Persistence::Failed { problem, .. } => {
                let problem = Problem { detail: None, ..problem.clone() };
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, problem);
            }
        }
    }

    /// Does what had to wait for the lock.
    pub(crate) fn on_lock_acquired(&mut self) {
        if let Some(SignedIn { saved: Persistence::Unsaved(_) | Persistence::Overdue, .. }) =
            self.session.signed_in()
        {
            self.save();
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::AwaitingLock(WaitingFor::Lock(_)) => self.reload_before_refresh(),
            Refresh::Delayed { problem, .. } if problem.code == ProblemCode::OtherProcess => {
                self.begin_refresh();
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(WaitingFor::Storage | WaitingFor::Reading(_))
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => {}
        }
    }

    /// Reads what is kept, now that nobody else may change it.
    pub(crate) fn reload_before_refresh(&mut self) {
        if has_bug!(self, NoSecondReading) {
            self.refresh_without_reload();
            return;
        }
        let readings = self.read(&[RecordKind::Session, RecordKind::Journal, RecordKind::Ended]);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Reading(readings));
        }
    }

    /// As a broken machine does.
    fn refresh_without_reload(&mut self) {
        let kept = self.session.signed_in().map(|signed_in| signed_in.record.encode());
        let session = (RecordKind::Session, Reading::Read(Ok(kept)));
        self.on_reloaded(Readings(vec![session]));
    }

    pub(crate) fn read(&mut self, slots: &[RecordKind]) -> Readings {
        let mut readings = Vec::with_capacity(slots.len());
        for kind in slots {
            let operation = self.operation();
            self.effects.push(Effect::Load(operation, self.entry(*kind)));
            readings.push((*kind, Reading::Asked(operation)));
        }
        Readings(readings)
    }

    pub(crate) fn loaded(&mut self, operation: Operation, outcome: ReadOutcome) {
        if let Session::Starting(readings) = &mut self.session {
            readings.take_in(operation, outcome);
            if readings.are_complete() {
                let readings = std::mem::replace(readings, Readings(Vec::new()));
                self.on_startup_loaded(readings);
            }
        } else if let Some(signed_in) = self.session.signed_in()
            && let Refresh::AwaitingLock(WaitingFor::Reading(readings)) = &mut signed_in.refresh
        {
            readings.take_in(operation, outcome);
            if readings.are_complete() {
                let readings = std::mem::replace(readings, Readings(Vec::new()));
                self.on_reloaded(readings);
            }
        }
    }

    /// What is kept has been read once more, and the lock is held.
    fn on_reloaded(&mut self, mut readings: Readings) {
        self.journal = readings.journal();
        let read_ended = readings.ended();
        let kept = readings.take(RecordKind::Session);
        let holds_lock = matches!(self.lock, Lock::Held(_));
        let Some(signed_in) = self.session.signed_in() else { return };
        match read_ended {
            Ok(ended) => self.ended.add_all(ended),
            Err(_) if has_bug!(self, UnreadableEndedIsEmpty) => {}
            // The environment has ended it in any case.
            Err(_) if signed_in.refused.is_some() => {}
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, failure.keeps_ended_from_being_read());
                return;
            }
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        let ended_by = self.ended.by(&signed_in.record.session);
        let kept = match kept {
            Ok(Some(bytes)) => SessionRecord::decode(&bytes).map(Some),
            // Whatever took it away was no sign-out, which would have said so. It is written again.
            Ok(None) => Ok(None),
            // Nothing in it would save a session that is over. The lock was held when it was read
            // before, and nobody has changed it since.
            Err(_) if ended_by.is_some() || (signed_in.refused.is_some() && holds_lock) => Ok(None),
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, failure.delays_refresh());
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
                        self.signed_out_elsewhere(SignedOutReason::SessionEnded, Some(ended()));
                    }
                    EndReason::Interruption => {
                        self.signed_out_elsewhere(
                            SignedOutReason::SessionEnded,
                            Some(interrupted()),
                        );
                    }
                }
                if let Ok(Some(kept)) = kept {
                    self.delete_leftover(kept.session);
                }
            }
            (Ok(_) | Err(DecodeError::Corrupt), None) => match signed_in.refused.take() {
                Some(problem) => self.end_session(problem),
                None => self.journal_attempt(),
            },
        }
    }
}

#[cfg(feature = "testing")]
impl Readings {
    pub(crate) fn project(&self, onto: &mut crate::session::Projection<'_>) {
        for (kind, reading) in &self.0 {
            match reading {
                Reading::Asked(operation) => onto.operation(*operation),
                Reading::Read(Err(failure)) => onto.word(format_args!("{:?}", failure.code())),
                Reading::Read(Ok(read)) => {
                    let (now, bytes) = (onto.now, read.as_ref().map(|bytes| bytes.as_slice()));
                    onto.word(format_args!("{}", crate::session::kept(*kind, bytes, now)));
                }
            }
        }
    }
}
