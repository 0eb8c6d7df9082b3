//! A tombstone that is not written yet.

use crate::session::{event::Operation, state::backoff::Backoff};
use crate::time::Monotonic;

/// The pending tombstone of one session.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct TombstoneWrite {
    pub(crate) line: Vec<u8>,
    pub(crate) state: WriteState,
    pub(crate) backoff: Backoff,
    /// The reason the write failed.
    pub(crate) detail: String,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum WriteState {
    Requested(Operation),
    RetryAt(Monotonic),
}

impl TombstoneWrite {
    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        match self.state {
            WriteState::RetryAt(at) => Some(at),
            WriteState::Requested(_) => None,
        }
    }
}

#[cfg(feature = "testing")]
impl TombstoneWrite {
    pub(crate) fn project(&self, onto: &mut crate::session::projection::Projection<'_>) {
        onto.word(format_args!("note {} x{}", self.line.len(), self.backoff.tries().min(3)));
        match self.state {
            WriteState::Requested(operation) => onto.operation(operation),
            WriteState::RetryAt(at) => onto.moment(at),
        }
    }
}
