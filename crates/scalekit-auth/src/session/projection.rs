//! The projection of a machine: equal for machines that behave alike, so that the exhaustive search recognizes
//! visited states. Secrets are projected to fingerprints, times to the remaining time in coarse steps, and
//! operations to numbers in the order of their occurrence.

use std::fmt::{Arguments, Write};

use crate::{
    fingerprint::Fingerprint,
    secret::Secret,
    storage::{
        journal::Journal,
        record::{RecordKind, SessionRecord, SignInRecord},
        tombstones::EndedSessions,
    },
    time::{Monotonic, Now},
};

use crate::session::{event::Operation, state::backoff::Backoff};

/// The projection of a machine.
pub struct Projection<'a> {
    /// The time that all other times are relative to.
    pub now: Now,
    text: String,
    name: &'a mut dyn FnMut(Operation) -> usize,
}

impl<'a> Projection<'a> {
    /// An empty projection. `name` numbers the operations.
    pub fn new(now: Now, name: &'a mut dyn FnMut(Operation) -> usize) -> Self {
        Self { now, text: String::with_capacity(512), name }
    }

    /// The whole projection.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    pub(super) fn word(&mut self, word: Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(word);
        self.text.push(' ');
    }

    pub(super) fn operation(&mut self, operation: Operation) {
        let name = (self.name)(operation);
        self.word(format_args!("#{name}"));
    }

    pub(super) fn maybe(&mut self, operation: Option<Operation>) {
        match operation {
            Some(operation) => self.operation(operation),
            None => self.text.push_str("- "),
        }
    }

    pub(super) fn moment(&mut self, at: Monotonic) {
        let left = coarse(at.since(self.now.monotonic).as_millis());
        self.word(format_args!("+{left}"));
    }

    pub(super) fn past(&mut self, since: Monotonic) {
        let ago = coarse(self.now.monotonic.since(since).as_millis());
        self.word(format_args!("-{ago}"));
    }

    pub(super) fn secret(&mut self, secret: Option<&Secret>) {
        match secret {
            Some(secret) => self.word(format_args!("{:?}", Fingerprint::of(secret))),
            None => self.text.push_str("- "),
        }
    }

    pub(super) fn backoff(&mut self, backoff: Backoff) {
        self.word(format_args!("x{}", backoff.tries().min(3)));
    }
}

/// A duration in milliseconds, in steps that separate the durations the machine uses.
#[must_use]
pub fn coarse(milliseconds: u128) -> usize {
    let steps = [0, 1_000, 5_000, 16_000, 30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000];
    steps.iter().take_while(|step| milliseconds > **step).count()
}

/// The content of an entry, as far as it affects the machine's behavior.
#[must_use]
pub fn describe_stored(kind: RecordKind, bytes: Option<&[u8]>, now: Now) -> String {
    let Some(bytes) = bytes else { return "nothing".to_owned() };
    match kind {
        RecordKind::Session => match SessionRecord::decode(bytes) {
            Ok(record) => {
                let refresh = record.refresh_token.as_ref().map(Fingerprint::of);
                let access = Fingerprint::of(&record.access_token);
                let left = coarse(record.access_token_ends.since(now.wall).as_millis());
                format!("{:?} {} {refresh:?} {access:?} {left}", record.session, record.generation)
            }
            Err(why) => format!("{why:?}"),
        },
        RecordKind::SignIn => match SignInRecord::decode(bytes) {
            Ok(record) => {
                let age = coarse(now.wall.since(record.began).as_millis());
                format!("{:?} {age}", Fingerprint::of_nonce(&record.binding.nonce))
            }
            Err(why) => format!("{why:?}"),
        },
        RecordKind::Journal => journal(&Journal::read(Some(bytes))),
        RecordKind::Ended => format!("{:?}", EndedSessions::read(Some(bytes))),
        RecordKind::Endpoints => bytes.len().to_string(),
    }
}

/// The time of a request does not affect the behavior.
pub(super) fn journal(journal: &Journal) -> String {
    let mut value = serde_json::to_value(journal).unwrap_or_default();
    for entry in value.as_array_mut().into_iter().flatten() {
        entry.as_object_mut().map(|entry| entry.remove("since"));
    }
    value.to_string()
}
