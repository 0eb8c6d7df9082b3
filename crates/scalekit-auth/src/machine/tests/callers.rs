//! Callers are answered in bounded time.

use serde_json::json;

use super::desk::*;
use crate::{
    machine::{KeychainError, TokenUnavailable},
    secret::Secret,
    signing::json_answer,
    view::RefreshView,
};

/// Somebody has just signed in, and a stopped process keeps the lock.
#[test]
fn lock_held_for_1h_is_shown_and_token_request_answered() {
    let mut desk = Desk::fresh();
    desk.lock_held_elsewhere = true;
    desk.signs_in();
    wants_token(&mut desk, 1, None);
    for _ in 0..3600 {
        desk.pass(seconds(1));
        desk.answer_discovery_if_asked();
    }
    let said = matches!(desk.refresh(), RefreshView::Delayed { .. }) || desk.problem().is_some();
    assert!(
        said && !desk.given.is_empty(),
        "after an hour: {:?}, {:?}, answered callers: {}, at rest: {}",
        desk.refresh(),
        desk.problem(),
        desk.given.len(),
        desk.machine.is_quiescent()
    );
}

/// A service refuses the token while the keychain does not take the session.
#[test]
fn access_token_request_is_answered_while_keychain_is_locked() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.keychain_failure = Some(KeychainError::Locked(String::new()));
    let mut tokens = desk.refreshed_tokens("rt-2");
    tokens["expires_in"] = json!(86_400);
    let access = Secret::new(tokens["access_token"].as_str().unwrap());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    wants_token(&mut desk, 1, Some(access));
    desk.pass(seconds(10 * 3600));
    assert!(!desk.given.is_empty(), "the caller has waited for ten hours");
}

/// `TokenUnavailable` while a session goes on whose refresh has no refresh token.
#[test]
fn missing_refresh_token_is_not_reported_as_not_signed_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let mut tokens = desk.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    let access = Secret::new(tokens["access_token"].as_str().unwrap());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    wants_token(&mut desk, 1, Some(access));
    assert!(!matches!(desk.given.pop(), Some((_, Err(TokenUnavailable::NotSignedIn)))));
}
