//! Sign-in with Scalekit: protocol and session, without I/O of any kind.
//!
//! [`machine::Machine`] is the whole of it: one function that takes what happened and says what to
//! do about it. Everything else here is what that function is made of: what is sent
//! ([`authorization`], [`token`], [`logout`]), what comes back and whether to believe it
//! ([`callback`], [`metadata`], [`keys`], [`id_token`], [`initiate_login`]), what is kept ([`record`], [`journal`]) and what may be
//! shown ([`view`], [`problem`]). [`pace`] says how often what costs may be done, and [`growing`] holds
//! secrets that come piece by piece.

pub mod answer;
pub mod authorization;
pub mod authorization_error;
pub mod callback;
mod claims;
pub mod configuration;
pub mod custom_claims;
pub mod forwarded;
pub mod growing;
pub mod id_token;
pub mod initiate_login;
pub mod journal;
mod json;
mod jws;
pub mod keys;
pub mod logout;
pub mod machine;
pub mod metadata;
pub mod pace;
pub mod problem;
pub mod profile;
pub mod record;
pub mod secret;
pub mod services;
#[cfg(test)]
mod signing;
pub mod time;
pub mod token;
pub mod view;
