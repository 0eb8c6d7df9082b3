//! The refresh of a session: when the refresh token is sent, under which lock, and the effect of the response.

pub(crate) mod access_tokens;
pub(crate) mod begin;
pub(crate) mod deadlines;
pub(crate) mod journal;
pub(crate) mod lock;
pub(crate) mod reload;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod resume;
pub(crate) mod save;
pub(crate) mod schedule;
