//! The cases of the OpenID conformance suite for relying parties, and applicable FAPI 2.0 cases, under their
//! official names: the session with its real platform against an environment that plays the case. Every test
//! ends with the user's view and the complete list of requests: after a rejection there are no more.
//!
//! The application does not use the UserInfo endpoint, so its cases have no test (`userinfo-*`,
//! `scope-userinfo-claims`): the user is identified by the ID token.
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
