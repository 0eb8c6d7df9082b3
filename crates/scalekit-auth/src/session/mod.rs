//! The session: one owner, one pure function.
//!
//! [`Machine::step`] takes what happened and the time, and says what to do about it. It performs
//! nothing, reads no clock and draws no random number, so the window, a test, a simulated fleet
//! and a crash at any step all drive the same function.
//!
//! The machine has an account for each configuration it knows. One is current: it is shown, and the
//! user's commands go to it. When the configuration changes, the account before goes on under its own
//! names until nothing of it is between being sent and being kept, with its lock held as long as it needs
//! it; it begins nothing new. A configuration that names the same session changes the account in place.
//!
//! Files stand in layers, which `tests/layers.rs` verifies: events and effects, then the types of the state
//! (`state`), then `account`, whose transitions stand in the files of their subject, then `machine`.

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
mod present;
#[cfg(feature = "testing")]
mod projection;
mod provider;
mod refresh;
mod scheme_handler;
#[cfg(feature = "seeded-bugs")]
mod seeded_bug;
mod sign_in;
mod sign_out;
#[cfg(feature = "testing")]
mod situation;
mod startup;
mod state;
mod step;
#[cfg(feature = "testing")]
mod testing;
#[cfg(test)]
mod tests;

pub use access_token::{AccessTokenAtHand, IssuedToken, TokenRequestId, TokenUnavailable};
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
pub use situation::{MODES, Situation};
