//! Notes of sessions that are over, until they are written.
//!
//! Another process believes that a session goes on until it reads that it does not, so one that a full disk
//! has not taken is written again.

use crate::{
    journal::{EndedBy, SessionId},
    problem::{Problem, ProblemCode},
    record::Slot,
    time::Monotonic,
};

use super::{
    Effect, KeychainFailure, Operation,
    account::{Account, broken},
    backoff::Backoff,
};

/// The note of one session's end.
pub(super) struct Note {
    line: Vec<u8>,
    state: Writing,
    backoff: Backoff,
    /// Why it could not be written.
    detail: String,
}

enum Writing {
    Asked(Operation),
    RetryAt(Monotonic),
}

impl Note {
    pub(super) fn deadline(&self) -> Option<Monotonic> {
        match self.state {
            Writing::RetryAt(at) => Some(at),
            Writing::Asked(_) => None,
        }
    }
}

impl Account {
    pub(super) fn note_end(&mut self, session: SessionId, by: EndedBy) {
        if broken!(self, NoNoteOfTheEnd) {
            return;
        }
        let line = self.ended.add(session, by);
        let operation = self.append(line.clone());
        let state = Writing::Asked(operation);
        self.notes.push(Note { line, state, backoff: Backoff::default(), detail: String::new() });
    }

    pub(super) fn note_stored(
        &mut self,
        operation: Operation,
        outcome: &Result<(), KeychainFailure>,
    ) {
        let asked = |note: &Note| matches!(note.state, Writing::Asked(one) if one == operation);
        let Some(at) = self.notes.iter().position(asked) else { return };
        match outcome {
            Ok(()) => {
                self.notes.remove(at);
                if self.notes.is_empty() {
                    self.session.forget_problem_of(ProblemCode::EndNotWritten);
                }
            }
            Err(failure) => {
                let (now, chance) = (self.now.monotonic, self.draw());
                let note = &mut self.notes[at];
                note.state = Writing::RetryAt(now.after(note.backoff.next(chance)));
                note.detail = failure.detail().to_owned();
                self.tell_of_notes();
            }
        }
    }

    /// Says what could not be written.
    pub(super) fn tell_of_notes(&mut self) {
        let failed = |note: &&Note| matches!(note.state, Writing::RetryAt(_));
        if let Some(note) = self.notes.iter().find(failed) {
            self.session.tell_beside(not_written().with_detail(&note.detail));
        }
    }

    pub(super) fn note_deadlines(&mut self) {
        for at in 0..self.notes.len() {
            if self.notes[at].deadline().is_some_and(|due| due <= self.now.monotonic) {
                let line = self.notes[at].line.clone();
                self.notes[at].state = Writing::Asked(self.append(line));
            }
        }
    }

    fn append(&mut self, line: Vec<u8>) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Append(operation, self.entry(Slot::Ended), line));
        operation
    }
}

fn not_written() -> Problem {
    Problem::new(
        ProblemCode::EndNotWritten,
        "You are signed out here, but that could not be written down, so another running copy of this program may not know it. Make sure that the disk is not full; it is tried again. Close the other copies if this stays.",
    )
}
