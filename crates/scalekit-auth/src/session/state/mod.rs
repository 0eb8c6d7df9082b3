//! The types of an account's state and their queries. The transitions are in the parent module.

pub(crate) mod announced_end;
pub(crate) mod backoff;
pub(crate) mod lock;
pub(crate) mod login_prompt;
pub(crate) mod page_visit;
pub(crate) mod persistence;
pub(crate) mod queued_links;
pub(crate) mod refresh;
pub(crate) mod refresh_history;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod token_request;
pub(crate) mod tombstone;
