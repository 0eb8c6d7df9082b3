//! Tests of the exit of the process.

use crate::session::tests::harness::*;
use crate::session::{Event, KeychainError};

/// A restored session whose refresh is due and waits for the metadata.
fn refresh_begins() -> Harness {
    let harness = Harness::signed_in().restarted(seconds(3600));
    assert_eq!(harness.requests_to(DISCOVERY), 1);
    harness
}

#[test]
fn exit_while_a_refresh_begins_sends_no_refresh_token() {
    let mut harness = refresh_begins();
    harness.happens(Event::Exit);
    assert!(harness.machine.is_quiescent());
    harness.serve_discovery();
    harness.happens(Event::Refresh);
    harness.happens(Event::UserReturned);
    configured(&mut harness, configuration());
    wants_token(&mut harness, 1, None);
    harness.pass(seconds(60));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

#[test]
fn exit_while_refresh_awaits_the_lock_sends_no_refresh_token() {
    let mut harness = refresh_begins();
    harness.lock_held_elsewhere = true;
    harness.serve_discovery();
    harness.happens(Event::Exit);
    let operation = harness.locks[0];
    harness.happens(Event::Locked(operation, Ok(())));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    assert!(harness.machine.is_quiescent());
}

#[test]
fn exit_with_a_refresh_in_flight_stores_its_response() {
    let mut harness = Harness::refresh_in_flight();
    harness.happens(Event::Exit);
    assert!(!harness.machine.is_quiescent());
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(harness.machine.is_quiescent());
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    harness.pass(seconds(3600));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    let mut again = harness.restarted(seconds(1));
    again.serve_discovery();
    assert!(again.form().contains("refresh_token=rt-2"));
}

#[test]
fn exit_during_a_sign_in_keeps_it_for_the_next_start() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    let link = harness.good_link();
    harness.happens(Event::Exit);
    harness.follows(&link);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    let mut again = harness.restarted(seconds(1));
    again.follows(&link);
    again.serve_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

/// The browser sends the authorization response once.
#[test]
fn exit_with_an_authorization_response_stores_the_session() {
    let harness = Harness::in_browser();
    let (link, tokens) = (harness.good_link(), harness.tokens());
    let mut again = harness.restarted(seconds(1));
    again.follows(&link);
    again.happens(Event::Exit);
    assert!(!again.machine.is_quiescent());
    again.serve_discovery();
    again.gives(&tokens);
    again.serve_jwks_if_requested();
    assert!(again.machine.is_quiescent());
    assert_eq!(again.stored_refresh_token().as_deref(), Some("rt-1"));
}

/// The keychain fails once, and would take the token a second later.
#[test]
fn exit_waits_for_the_second_attempt_to_store_a_refresh_token() {
    let mut harness = Harness::refresh_in_flight();
    harness.happens(Event::Exit);
    harness.keychain_failure = Some(KeychainError::Failed("for a moment".to_owned()));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.keychain_failure = None;
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    assert!(!harness.machine.is_quiescent());
    harness.pass(seconds(2));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    assert!(harness.machine.is_quiescent());
}

#[test]
fn exit_while_a_sign_in_is_stored_opens_no_browser() {
    let mut harness = Harness::fresh();
    harness.keychain_held = true;
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    harness.happens(Event::Exit);
    harness.completes_held_writes();
    assert!(harness.opened.is_empty());
}

#[test]
fn sign_in_after_exit_opens_no_browser() {
    let mut harness = Harness::signed_in();
    let opened = harness.opened.len();
    harness.happens(Event::Exit);
    harness.wants_to_sign_in();
    assert_eq!(harness.opened.len(), opened);
}
