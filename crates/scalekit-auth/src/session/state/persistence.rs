//! Whether the session is stored.

use crate::session::event::Operation;
use crate::{problem::Problem, time::Monotonic};

/// Whether the keychain holds the present record.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Persistence {
    Stored,
    /// Nothing is kept, and the user knows.
    InMemory,
    /// It will be written when it is this process's turn, which is waited for since then.
    Unsaved(Monotonic),
    /// The same, for so long that the user has been told.
    Overdue,
    /// It was changed in this step, which ends with one store, however often it was changed.
    Dirty,
    Storing(Operation),
    Failed {
        retry_at: Monotonic,
        /// Why, as the user is told.
        problem: Problem,
    },
}
