//! Fuzz targets: properties that must hold for any untrusted input.
//!
//! Each function here is a target: it passes bytes to the code under test and asserts properties that are
//! computed in another way than the code does. `fuzz/` runs them under libFuzzer, `tests/` with the committed
//! corpus and some random bytes.
//!
//! Inputs are text where possible, so that a corpus file can be read, written and named by hand: an HTTP
//! response is a status and a type, headers, an empty line and the body; a token is its header and its claims,
//! and the target signs them.
// A target reports a violation by a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod deep_link;
mod harness;
mod http_response;
mod id_token;
mod initiate_login;
mod journal;
mod json;
mod jwks;
mod link_during_sign_in;
mod metadata;
mod record;
mod refresh;
mod retry_after_and_date;
mod settings;
mod signing;
mod token_response;

pub use deep_link::deep_link;
pub use id_token::{id_token, id_token_claims};
pub use initiate_login::initiate_login_claims;
pub use journal::{ended_sessions, journal};
pub use jwks::jwks;
pub use link_during_sign_in::link_during_sign_in;
pub use metadata::metadata;
pub use record::{session_record, sign_in_record};
pub use refresh::refresh;
pub use retry_after_and_date::retry_after_and_date;
pub use settings::settings;
pub use token_response::token_response;

/// A target: it returns, or panics with the violated property.
pub type Target = fn(&[u8]);

/// All targets, by the name of the fuzzer and of the corpus folder.
pub const TARGETS: &[(&str, Target)] = &[
    ("deep_link", deep_link),
    ("ended_sessions", ended_sessions),
    ("id_token", id_token),
    ("id_token_claims", id_token_claims),
    ("initiate_login_claims", initiate_login_claims),
    ("journal", journal),
    ("jwks", jwks),
    ("link_during_sign_in", link_during_sign_in),
    ("metadata", metadata),
    ("refresh", refresh),
    ("retry_after_and_date", retry_after_and_date),
    ("session_record", session_record),
    ("settings", settings),
    ("sign_in_record", sign_in_record),
    ("token_response", token_response),
];
