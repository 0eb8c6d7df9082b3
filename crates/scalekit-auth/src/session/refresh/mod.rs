//! Keeping a session fresh: when the refresh token is sent, under which lock, and what its response does.

pub(crate) mod access_tokens;
pub(crate) mod backoff;
pub(crate) mod journal;
pub(crate) mod lock;
pub(crate) mod reload;
pub(crate) mod response;
pub(crate) mod save;
pub(crate) mod schedule;
