//! Turns: of several processes, one at a time may spend the refresh token and write the session.
//!
//! The lock is the operating system's and dies with its holder. Whoever gets it reads what is kept
//! once more before doing anything: another process may have refreshed the session meanwhile, or
//! signed out.

use zeroize::Zeroizing;

use crate::{
    journal::{Ended, EndedBy, Journal},
    problem::{Problem, ProblemCode},
    record::{SessionRecord, Slot, Unreadable},
    time::Monotonic,
    view::SignedOutReason,
};

use super::{
    Effect, KeychainFailure, Operation,
    account::{Account, broken},
    backoff::LONGEST_WAIT,
    keeping::Saved,
    reasons::{busy_and_not_saved, ended, interrupted},
    refresh::Refresh,
    session::{Session, SignedIn},
    start::newer,
};

/// Whose turn it is.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) enum Lock {
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
pub(super) enum Turn {
    /// The present record is to be kept first: no second token while the first may be lost.
    Saved,
    /// Another process may have the lock. Since then it is waited for.
    Lock(Monotonic),
    /// What is kept is being read once more.
    Reading(Readings),
}

/// What reading an entry came to.
pub(super) type ReadOutcome = Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure>;

/// Entries that are being read.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Readings(Vec<(Slot, Reading)>);

#[cfg_attr(feature = "testing", derive(Clone))]
enum Reading {
    Asked(Operation),
    Read(ReadOutcome),
}

impl Readings {
    /// Takes the outcome in if it is of one of these.
    pub(super) fn take_in(&mut self, operation: Operation, outcome: ReadOutcome) {
        let asked = |reading: &Reading| matches!(reading, Reading::Asked(one) if *one == operation);
        if let Some((_, reading)) = self.0.iter_mut().find(|(_, reading)| asked(reading)) {
            *reading = Reading::Read(outcome);
        }
    }

    pub(super) fn are_complete(&self) -> bool {
        self.0.iter().all(|(_, reading)| matches!(reading, Reading::Read(_)))
    }

    /// What this entry held; nothing where it was not read.
    pub(super) fn take(&mut self, slot: Slot) -> ReadOutcome {
        let read = self.0.iter_mut().find(|(one, _)| *one == slot);
        match read.map(|(_, reading)| std::mem::replace(reading, Reading::Read(Ok(None)))) {
            Some(Reading::Read(outcome)) => outcome,
            Some(Reading::Asked(_)) | None => Ok(None),
        }
    }

    /// A journal that cannot be read says nothing: what this process itself has lost, it knows.
    pub(super) fn journal(&mut self) -> Journal {
        let bytes = self.take(Slot::Journal).ok().flatten();
        Journal::read(bytes.as_ref().map(|bytes| bytes.as_slice()))
    }

    /// A list that is not there is empty. One that cannot be read is not.
    pub(super) fn ended(&mut self) -> Result<Ended, KeychainFailure> {
        let bytes = self.take(Slot::Ended)?;
        Ok(Ended::read(bytes.as_ref().map(|bytes| bytes.as_slice())))
    }
}

impl Session {
    /// Whether something is under way that no other process may do at the same time. Nothing writes
    /// the session's entry without the lock, and it is kept until what was written is safe.
    fn wants_turn(&self, gives_back_early: bool) -> bool {
        let Self::SignedIn(signed_in) = self else { return false };
        let kept = matches!(signed_in.saved, Saved::Yes | Saved::InMemory)
            || (gives_back_early && matches!(signed_in.saved, Saved::Storing(_)));
        let refreshing = match &signed_in.refresh {
            Refresh::AwaitingTurn(Turn::Lock(_) | Turn::Reading(_))
            | Refresh::Noting(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..) => true,
            Refresh::AwaitingTurn(Turn::Saved)
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
    pub(super) fn has_turn(&self) -> bool {
        matches!(self.lock, Lock::Held(_) | Lock::Missing)
    }

    /// Asks for the lock when something needs it, and gives it back when nothing does any more.
    pub(super) fn keep_turn(&mut self) {
        let early = broken!(self, LockGivenBackEarly);
        let wanted = self.session.wants_turn(early);
        if wanted && broken!(self, NoLock) && matches!(self.lock, Lock::Free) {
            self.lock = Lock::Missing;
            self.use_turn();
        }
        match self.lock {
            Lock::Free if wanted => {
                let operation = self.operation();
                let account = self.entry(Slot::Session).account;
                self.effects.push(Effect::Lock(operation, account));
                self.lock = Lock::Asked(operation);
            }
            Lock::Held(_) | Lock::Missing if !wanted => self.give_turn_back(),
            Lock::Free | Lock::Asked(_) | Lock::Held(_) | Lock::Missing => {}
        }
    }

    pub(super) fn give_turn_back(&mut self) {
        if let Lock::Held(operation) = std::mem::replace(&mut self.lock, Lock::Free) {
            self.effects.push(Effect::Unlock(operation));
        }
    }

    pub(super) fn locked(&mut self, operation: Operation, outcome: Result<(), String>) {
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
        self.use_turn();
    }

    /// OAuth 2.1 §4.3.2: no second token is asked for before the first is kept, or a crash loses both.
    pub(super) fn await_turn(&mut self) {
        let (has_turn, now) = (self.has_turn(), self.now.monotonic);
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.saved {
            // No other process can have what only this one has.
            Saved::InMemory => {
                let lost = self.lost_answers();
                self.send_refresh_token(lost);
            }
            Saved::Yes if has_turn => self.read_again(),
            Saved::Yes => signed_in.refresh = Refresh::AwaitingTurn(Turn::Lock(now)),
            Saved::Unsaved(_) | Saved::Storing(_) => {
                signed_in.refresh = Refresh::AwaitingTurn(Turn::Saved);
            }
            Saved::Overdue => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, busy_and_not_saved());
            }
            Saved::No { problem, .. } => {
                let problem = Problem { detail: None, ..problem.clone() };
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, problem);
            }
        }
    }

    /// Does what had to wait for the lock.
    pub(super) fn use_turn(&mut self) {
        if let Some(SignedIn { saved: Saved::Unsaved(_) | Saved::Overdue, .. }) =
            self.session.signed_in()
        {
            self.save();
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::AwaitingTurn(Turn::Lock(_)) => self.read_again(),
            Refresh::Delayed { problem, .. } if problem.code == ProblemCode::OtherProcess => {
                self.begin_refresh();
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingTurn(Turn::Saved | Turn::Reading(_))
            | Refresh::Noting(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => {}
        }
    }

    /// Reads what is kept, now that nobody else may change it.
    pub(super) fn read_again(&mut self) {
        if broken!(self, NoSecondReading) {
            self.go_on_without_reading();
            return;
        }
        let readings = self.read(&[Slot::Session, Slot::Journal, Slot::Ended]);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.refresh = Refresh::AwaitingTurn(Turn::Reading(readings));
        }
    }

    /// As a broken machine does.
    fn go_on_without_reading(&mut self) {
        let kept = self.session.signed_in().map(|signed_in| signed_in.record.encode());
        let session = (Slot::Session, Reading::Read(Ok(kept)));
        self.go_on_with(Readings(vec![session]));
    }

    pub(super) fn read(&mut self, slots: &[Slot]) -> Readings {
        let mut readings = Vec::with_capacity(slots.len());
        for slot in slots {
            let operation = self.operation();
            self.effects.push(Effect::Load(operation, self.entry(*slot)));
            readings.push((*slot, Reading::Asked(operation)));
        }
        Readings(readings)
    }

    pub(super) fn loaded(&mut self, operation: Operation, outcome: ReadOutcome) {
        if let Session::Starting(readings) = &mut self.session {
            readings.take_in(operation, outcome);
            if readings.are_complete() {
                let readings = std::mem::replace(readings, Readings(Vec::new()));
                self.settle(readings);
            }
        } else if let Some(signed_in) = self.session.signed_in()
            && let Refresh::AwaitingTurn(Turn::Reading(readings)) = &mut signed_in.refresh
        {
            readings.take_in(operation, outcome);
            if readings.are_complete() {
                let readings = std::mem::replace(readings, Readings(Vec::new()));
                self.go_on_with(readings);
            }
        }
    }

    /// What is kept has been read once more, and the lock is held.
    fn go_on_with(&mut self, mut readings: Readings) {
        self.journal = readings.journal();
        let read_ended = readings.ended();
        let kept = readings.take(Slot::Session);
        let holds_lock = matches!(self.lock, Lock::Held(_));
        let Some(signed_in) = self.session.signed_in() else { return };
        match read_ended {
            Ok(ended) => self.ended.add_all(ended),
            Err(_) if broken!(self, UnreadableEndedIsEmpty) => {}
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
                self.adopt_kept(kept);
            }
            (Err(Unreadable::Newer), None) => self.delay_refresh(LONGEST_WAIT, newer()),
            (kept, Some(by)) => {
                match by {
                    EndedBy::User => self.ended_elsewhere(SignedOutReason::SignedOut, None),
                    EndedBy::Environment => {
                        self.ended_elsewhere(SignedOutReason::SessionEnded, Some(ended()));
                    }
                    EndedBy::Interruption => {
                        self.ended_elsewhere(SignedOutReason::SessionEnded, Some(interrupted()));
                    }
                }
                if let Ok(Some(kept)) = kept {
                    self.clear_leftover(kept.session);
                }
            }
            (Ok(_) | Err(Unreadable::Damaged), None) => match signed_in.refused.take() {
                Some(problem) => self.end_session(problem),
                None => self.note(),
            },
        }
    }
}

#[cfg(feature = "testing")]
impl Readings {
    pub(super) fn project(&self, onto: &mut super::Projection<'_>) {
        for (slot, reading) in &self.0 {
            match reading {
                Reading::Asked(operation) => onto.operation(*operation),
                Reading::Read(Err(failure)) => onto.word(format_args!("{:?}", failure.code())),
                Reading::Read(Ok(read)) => {
                    let (now, bytes) = (onto.now, read.as_ref().map(|bytes| bytes.as_slice()));
                    onto.word(format_args!("{}", super::kept(*slot, bytes, now)));
                }
            }
        }
    }
}
