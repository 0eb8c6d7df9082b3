//! The cases of the OpenID conformance suite for relying parties, and the FAPI 2.0 cases worth having,
//! each under its official name: the session with its real platform against an environment that plays
//! the case. Every test ends with what the user is told and with all that was asked for: after a
//! rejection nothing more.
//!
//! Userinfo is not used by this application, so its cases have no test (`userinfo-*`,
//! `scope-userinfo-claims`): who has signed in is what the ID token says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod callback;
mod discovery;
mod fapi;
mod fixture;
mod id_token;
mod keys;
mod logout;
#[allow(dead_code, reason = "what only the tests of the session need")]
#[path = "../session/program.rs"]
mod program;
mod refresh;
mod token;
mod transport;
