//! What must hold for any bytes from outside.
//!
//! Each function here is a target: it hands bytes to the code that reads them and asserts what no
//! bytes may change, worked out anew and in another way than the code does. `fuzz/` runs them under
//! libFuzzer, `tests/` over the committed corpus and a dose of random bytes.
//!
//! Inputs are text where that is possible, so that a corpus file can be read, written and named by
//! hand: an HTTP answer is a status and a type, headers, an empty line and the body; a token is its
//! header and its claims, and the target signs them.
// A target says what broke by ending the process; there is nobody to return an error to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answer;
mod callback;
mod harness;
mod headers;
mod id_token;
mod initiate_login;
mod journal;
mod json;
mod keys;
mod link;
mod metadata;
mod record;
mod refresh;
mod settings;
mod signing;
mod token_response;

pub use callback::callback;
pub use headers::headers;
pub use id_token::{id_token, id_token_claims};
pub use initiate_login::initiate_login_claims;
pub use journal::{ended, journal};
pub use keys::keys;
pub use link::link;
pub use metadata::metadata;
pub use record::{session_record, sign_in_record};
pub use refresh::refresh;
pub use settings::settings;
pub use token_response::token_response;

/// A target: it returns, or it ends the process and says what broke.
pub type Target = fn(&[u8]);

/// Every target under the name of its fuzzer and its folder in the corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("callback", callback),
    ("ended", ended),
    ("headers", headers),
    ("id_token", id_token),
    ("id_token_claims", id_token_claims),
    ("initiate_login_claims", initiate_login_claims),
    ("journal", journal),
    ("keys", keys),
    ("link", link),
    ("metadata", metadata),
    ("refresh", refresh),
    ("session_record", session_record),
    ("settings", settings),
    ("sign_in_record", sign_in_record),
    ("token_response", token_response),
];
