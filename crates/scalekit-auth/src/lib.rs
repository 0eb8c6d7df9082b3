//! Sign-in with Scalekit: protocol and session, without I/O of any kind.
//!
//! [`machine::Machine`] is the whole of it: one function that takes what happened and says what to
//! do about it. Everything else here is what that function is made of: what is sent
//! ([`authorization_request`], [`token_response`], [`logout`]), what comes back and whether to believe it
//! ([`authorization_response`], [`metadata`], [`jwks`], [`id_token`], [`initiate_login`]), what is kept ([`record`], [`journal`]) and what may be
//! shown ([`view`], [`problem`]). [`pace`] says how often what costs may be done, and [`secret_buffer`] holds
//! secrets that come piece by piece.

pub mod configuration;
mod json;
pub mod problem;
pub mod protocol;
pub mod rate_limit;
pub mod resource_origin;
pub mod secret;
pub mod secret_buffer;
pub mod session;
pub mod storage;
pub mod time;
pub mod view;
