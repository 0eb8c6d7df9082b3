//! Tests of a sign-in that is complete while the refresh token of the stored session is spent.

use serde_json::Value;

use crate::protocol::signing::{OURS, json_response};
use crate::session::tests::harness::*;
use crate::session::{Event, KeychainError};

/// A refresh in flight, and a code exchange that was completed.
fn exchanged_during_refresh() -> (Harness, Value) {
    let mut harness = Harness::refresh_in_flight();
    let refreshed = harness.refreshed_tokens("rt-2");
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    harness.comes_back();
    let exchanged =
        harness.tokens_of("usr_1", "rt-a", Some(&harness.sent_parameter("nonce")), &OURS);
    let (exchange, _) = harness.sent.pop().unwrap();
    harness.happens(Event::HttpCompleted(exchange, Ok(json_response(200, &exchanged))));
    harness.serve_jwks_if_requested();
    (harness, refreshed)
}

#[test]
fn sign_in_during_a_refresh_follows_its_response() {
    let (mut harness, refreshed) = exchanged_during_refresh();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.gives(&refreshed);
    harness.serve_jwks_if_requested();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-a"));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn sign_in_during_a_failing_refresh_follows_its_failure() {
    for failure in [interrupted(), status(503, None), refused("invalid_grant")] {
        let (mut harness, _) = exchanged_during_refresh();
        harness.respond("/oauth/token", failure);
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-a"));
    }
}

/// The process ends before the keychain takes the session of the sign-in.
#[test]
fn sign_in_that_is_not_stored_leaves_the_refreshed_token() {
    let (mut harness, refreshed) = exchanged_during_refresh();
    harness.keychain_held = true;
    harness.gives(&refreshed);
    harness.keychain_held = false;
    harness.keychain_failure = Some(KeychainError::Failed("from now on".to_owned()));
    harness.completes_held_writes();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    harness.keychain_failure = None;
    let mut again = harness.restarted(seconds(3600));
    again.serve_discovery_if_requested();
    assert!(again.form().contains("refresh_token=rt-2"));
}

/// Both are in this process only.
#[test]
fn sign_in_follows_a_refresh_that_the_keychain_refuses() {
    let (mut harness, refreshed) = exchanged_during_refresh();
    harness.keychain_failure = Some(KeychainError::Failed("for a moment".to_owned()));
    harness.gives(&refreshed);
    harness.keychain_failure = None;
    harness.pass(seconds(5));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-a"));
}
