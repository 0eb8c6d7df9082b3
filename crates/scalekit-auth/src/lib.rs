//! Sign-in with Scalekit: protocol and session, without I/O of any kind.

pub mod problem;
pub mod view;
