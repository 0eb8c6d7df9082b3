//! Sign-in with Scalekit: protocol and session, without I/O of any kind.
//!
//! [`session::Machine`] is the whole of it: one function that takes an event and returns the effects to
//! perform. It is made of
//!
//! - [`protocol`]: what is sent, what is received, and whether it is accepted (OAuth 2.0, OpenID Connect,
//!   Scalekit's additions);
//! - [`session`]: the state of a session and its transitions;
//! - [`storage`]: the records in the keychain, and the files without a secret beside them.
//!
//! [`view`] and [`problem`] are what may be shown, [`configuration`] and [`resource_origin`] what an
//! application decides. [`rate_limit`] bounds what costs something, [`secret`] and [`secret_buffer`] hold
//! what must not be printed or left in memory, and [`time`] is handed in by the caller.

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
