//! Stories of the machine: what happens to it, and what it does about it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod clock;
mod desk;
mod invitation;
mod review;
mod session;
mod sign_in;
mod sign_out;
mod turns;
