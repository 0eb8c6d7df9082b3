//! Tests of the timeout of callers.

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    secret::Secret,
    session::{KeychainError, TokenUnavailable},
    view::RefreshView,
};

/// The problem that the only caller has received.
#[track_caller]
fn retryable(harness: &Harness) -> ProblemCode {
    match &harness.given[..] {
        [(_, Err(TokenUnavailable::Retryable(problem)))] => problem.code,
        other => panic!("{other:?}"),
    }
}

/// A user has just signed in, and a stopped process holds the lock.
// req: E17
#[test]
fn lock_held_for_1h_is_shown_and_token_request_completes() {
    let mut harness = Harness::fresh();
    harness.lock_held_elsewhere = true;
    harness.signs_in();
    wants_token(&mut harness, 1, None);
    for _ in 0..3600 {
        harness.pass(seconds(1));
        harness.serve_discovery_if_requested();
    }
    let is_reported =
        matches!(harness.refresh(), RefreshView::Delayed { .. }) || harness.problem().is_some();
    assert!(
        is_reported && !harness.given.is_empty(),
        "after an hour: {:?}, {:?}, completed callers: {}, at rest: {}",
        harness.refresh(),
        harness.problem(),
        harness.given.len(),
        harness.machine.is_quiescent()
    );
}

/// A protected resource rejects the token while the session cannot be stored.
// req: E17
#[test]
fn access_token_request_completes_while_keychain_is_locked() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens["expires_in"] = json!(86_400);
    let access = Secret::new(tokens["access_token"].as_str().unwrap());
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    wants_token(&mut harness, 1, Some(access));
    assert_eq!(retryable(&harness), ProblemCode::NotSaved);
}

#[test]
fn access_token_request_times_out_after_60s() {
    let mut harness = Harness::refresh_in_flight();
    harness.pass(seconds(120));
    wants_token(&mut harness, 1, None);
    harness.pass(seconds(59));
    assert!(harness.given.is_empty());
    harness.pass(seconds(1));
    assert_eq!(retryable(&harness), ProblemCode::RefreshSlow);
}

#[test]
fn access_token_request_10s_before_expiry_waits_for_refresh() {
    let mut harness = Harness::signed_in();
    harness.pass(seconds(LIFETIME - 10));
    wants_token(&mut harness, 1, None);
    assert!(harness.given.is_empty());
}

#[test]
fn access_token_with_expires_in_zero_is_given() {
    let mut harness = Harness::signed_in_with_lifetime(0);
    wants_token(&mut harness, 1, None);
    assert!(matches!(harness.given[..], [(_, Ok(_))]));
}

/// The keychain takes longer than the new access token lasts.
#[test]
fn access_token_stored_late_is_given_without_second_refresh() {
    let mut harness = Harness::refresh_in_flight();
    wants_token(&mut harness, 1, None);
    harness.keychain_held = true;
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens["expires_in"] = json!(5);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.pass(seconds(6));
    harness.completes_held_writes();
    assert!(matches!(harness.given[..], [(_, Ok(_))]));
}

/// The session continues without a refresh token.
#[test]
fn missing_refresh_token_is_not_reported_as_not_signed_in() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    let access = Secret::new(tokens["access_token"].as_str().unwrap());
    harness.gives(&tokens);
    wants_token(&mut harness, 1, Some(access));
    assert!(!matches!(harness.given.pop(), Some((_, Err(TokenUnavailable::NotSignedIn)))));
}

/// The refresh token needs a store before the response is verified, and the profile after it.
#[test]
fn verified_refresh_response_is_stored_once() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_held = true;
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert_eq!(harness.held.len(), 1);
}

#[test]
fn cached_access_token_equals_the_requested_one() {
    let mut harness = Harness::signed_in();
    let cached = harness.machine.cached_access_token().unwrap();
    assert_eq!(cached.until, harness.now.monotonic.after(seconds(LIFETIME - 10)));
    let token = cached.issue().token;
    wants_token(&mut harness, 1, None);
    let Some((_, Ok(given))) = harness.given.pop() else { panic!("no token") };
    assert!(given.token.matches(token.expose()));
}

#[test]
fn access_token_margin_is_a_tenth_of_a_short_lifetime() {
    let harness = Harness::signed_in_with_lifetime(50);
    let cached = harness.machine.cached_access_token().unwrap();
    assert_eq!(cached.until, harness.now.monotonic.after(seconds(45)));
}

#[test]
fn cached_access_token_is_absent_until_it_is_stored() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_held = true;
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(harness.machine.cached_access_token().is_none());
}

#[test]
fn cached_access_token_ends_with_its_session_or_lifetime() {
    let mut harness = Harness::signed_in();
    harness.until_refresh();
    harness.pass(seconds(LIFETIME));
    let cached = harness.machine.cached_access_token();
    assert!(cached.is_none_or(|one| one.until <= harness.now.monotonic), "it has ended");
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_out();
    assert!(harness.machine.cached_access_token().is_none(), "the user has signed out");
}
