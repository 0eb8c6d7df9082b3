//! The session: a state machine without I/O.
//!
//! [`Machine::step`] maps an event and the time to effects. It performs no effect, reads no clock and generates
//! no random number, so the application, the tests and the simulation, with many processes and with a crash at
//! any step, run the same function.
//!
//! The machine has an account for each configuration. One is current: it is shown, and user actions apply to
//! it. When the configuration changes, the previous account completes its operations in its own storage entries
//! until no token is in flight or unsaved, and holds its lock as long as it needs it; it begins nothing new. A
//! configuration for the same session changes the account in place.
//!
//! The files form layers: events and effects, then the types of the state (`state`), then `account`, then its
//! transitions, in one file for each subject, then `step`, which dispatches an event to them, then `machine`. A file
//! uses only files below it, also where it calls a method of `Account`, and so do folders; `sign_in` and `refresh` do
//! not use each other. `tests/layers.rs` verifies this.

mod access_token;
mod account;
mod account_switch;
mod adopt;
mod deep_link;
mod event;
mod hosted_pages;
mod keychain;
mod machine;
#[cfg(feature = "testing")]
mod names;
mod picture;
#[cfg(feature = "testing")]
mod projection;
mod provider;
mod refresh;
mod revocation;
mod scheme_handler;
#[cfg(feature = "seeded-bugs")]
mod seeded_bug;
mod sign_in;
mod sign_out;
mod startup;
mod state;
#[cfg(feature = "testing")]
mod state_coverage;
mod step;
#[cfg(feature = "testing")]
mod testing;
#[cfg(test)]
mod tests;
mod view_of_state;

pub use access_token::{CachedAccessToken, IssuedToken, TokenRequestId, TokenUnavailable};
pub use event::{
    Effect, Event, KeychainError, ListenError, LockError, Network, OpenBrowserError, Operation,
    RequestPurpose,
};
pub use machine::Machine;
#[cfg(feature = "testing")]
pub use names::{ATTEMPTS, SESSIONS};
#[cfg(feature = "testing")]
pub use projection::{Projection, coarse, describe_stored};
pub(crate) use provider::clock::MAX_CLOCKS_APART;
pub use scheme_handler::SchemeHandler;
#[cfg(feature = "seeded-bugs")]
pub use seeded_bug::SeededBug;
#[cfg(feature = "testing")]
pub use state_coverage::{MODES, Situation};
