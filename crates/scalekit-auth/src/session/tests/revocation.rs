//! Tests of the revocation of tokens that are dropped (RFC 7009).

use serde_json::json;

use crate::{
    protocol::signing::json_answer,
    session::{Event, tests::harness::*},
    view::SignOutScope,
};

/// A harness with a pending code exchange, at an environment with a revocation endpoint for public clients.
fn exchanging() -> Harness {
    let mut harness = Harness::fresh();
    harness.wants_to_sign_in();
    let mut document = discovery();
    document["revocation_endpoint"] = json!(format!("{ISSUER}/revoke"));
    document["revocation_endpoint_auth_methods_supported"] = json!(["none"]);
    harness.answer(DISCOVERY, Ok(json_answer(200, &document)));
    harness.answer_keys();
    harness.comes_back();
    harness
}

/// A harness with a pending refresh request there.
fn refreshing() -> Harness {
    let mut harness = exchanging();
    let tokens = harness.tokens();
    harness.gives(&tokens);
    harness.until_refresh();
    harness
}

fn signs_out(harness: &mut Harness) {
    let entropy = harness.entropy();
    harness.happens(Event::SignOut { scope: SignOutScope::ThisComputer, entropy });
}

fn is_revoked(harness: &Harness, refresh_token: &str) -> bool {
    let expected = format!("token={refresh_token}&");
    let mut revocations = harness.sent.iter().filter(|(_, one)| one.uri().path() == "/revoke");
    revocations.any(|(_, one)| one.body().starts_with(expected.as_bytes()))
}

/// 503: the refresh token that was sent is still valid.
#[test]
fn sign_out_during_a_refresh_that_fails_revokes_the_token() {
    let mut harness = refreshing();
    signs_out(&mut harness);
    harness.answer("/oauth/token", status(503, None));
    assert!(is_revoked(&harness, "rt-1"));
}

#[test]
fn sign_out_during_an_unreached_refresh_revokes_the_token() {
    let mut harness = refreshing();
    signs_out(&mut harness);
    harness.answer("/oauth/token", offline());
    assert!(is_revoked(&harness, "rt-1"));
}

/// RFC 6749 §6: without a new one, the old one stays valid.
#[test]
fn sign_out_during_a_refresh_without_rotation_revokes_the_token() {
    let mut harness = refreshing();
    let mut tokens = harness.refreshed_tokens("rt-1");
    tokens.as_object_mut().unwrap().remove("refresh_token");
    signs_out(&mut harness);
    harness.gives(&tokens);
    assert!(is_revoked(&harness, "rt-1"));
}

/// A response that is unusable but for its refresh token.
#[test]
fn sign_out_during_unusable_refresh_response_revokes_its_token() {
    let mut harness = refreshing();
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("access_token");
    signs_out(&mut harness);
    harness.gives(&tokens);
    assert!(is_revoked(&harness, "rt-2"));
}

/// The response to the code is unusable but for its refresh token.
#[test]
fn sign_in_with_unusable_token_response_revokes_its_token() {
    for cancels in [true, false] {
        let mut harness = exchanging();
        let mut tokens = harness.tokens();
        tokens["token_type"] = json!("mac");
        if cancels {
            harness.happens(Event::CancelSignIn);
        }
        harness.gives(&tokens);
        assert!(is_revoked(&harness, "rt-1"), "cancelled: {cancels}");
    }
}
