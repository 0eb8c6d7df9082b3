//! The sign-in, from the user action to a verified identity. Its types are in [`crate::session::state::sign_in`].

pub(crate) mod begin;
pub(crate) mod browser;
pub(crate) mod initiation;
pub(crate) mod loopback;
pub(crate) mod response;
pub(crate) mod verify;
