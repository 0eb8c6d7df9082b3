//! Tests of the machine: its events, states and effects.
#![allow(clippy::wildcard_enum_match_arm)]

mod account_switch;
mod clock;
mod configuration;
mod exit;
mod harness;
mod hosted_pages;
mod identity;
mod in_use;
mod initiation;
mod lock;
mod loopback;
mod network;
mod provider_clock;
mod rate_limits;
mod rejected_refresh;
mod revocation;
mod secrets;
mod session;
mod short_lived_tokens;
mod sign_in;
mod sign_in_during_refresh;
mod sign_out;
mod states;
mod stored_by_0_1_0;
mod token_requests;
mod unreadable_storage;
mod ways_in;
