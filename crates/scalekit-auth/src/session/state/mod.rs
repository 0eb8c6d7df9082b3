//! What an account is made of: types and what can be read from them. The transitions stand in the files above.

pub(crate) mod lock;
pub(crate) mod login_prompt;
pub(crate) mod persistence;
pub(crate) mod queued_links;
pub(crate) mod refresh;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod token_request;
pub(crate) mod tombstone;
