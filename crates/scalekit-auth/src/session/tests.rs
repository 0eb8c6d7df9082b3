//! Stories of the machine: what happens to it, and what it does about it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod cached_dates;
mod callers;
mod clock;
mod configuration;
mod harness;
mod identity;
mod in_use;
mod invitation;
mod printed;
mod rates;
mod refused;
mod session;
mod sign_in;
mod sign_out;
mod turns;
mod unreadable;
