//! The provider: its metadata, its keys and its clock.

pub(crate) mod cache;
pub(crate) mod clock;
pub(crate) mod fetch;
