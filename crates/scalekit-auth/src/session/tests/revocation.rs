//! Tests of the revocation of tokens that are dropped (RFC 7009).

use serde_json::json;

use crate::{
    problem::ProblemCode,
    protocol::signing::{OURS, json_response},
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
    harness.respond(DISCOVERY, Ok(json_response(200, &document)));
    harness.serve_jwks();
    harness.comes_back();
    harness
}

/// A harness with a signed-in user there.
fn signed_in() -> Harness {
    let mut harness = exchanging();
    let tokens = harness.tokens();
    harness.gives(&tokens);
    harness
}

/// A harness with a pending refresh request there.
fn refreshing() -> Harness {
    let mut harness = signed_in();
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

/// The present refresh token is spent: the valid one is in the response.
#[test]
fn sign_out_during_refresh_revokes_the_token_that_comes() {
    let mut harness = refreshing();
    let tokens = harness.refreshed_tokens("rt-2");
    signs_out(&mut harness);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(is_revoked(&harness, "rt-2"));
}

#[test]
fn refresh_token_after_sign_out_and_switch_is_revoked() {
    let mut harness = refreshing();
    let tokens = harness.refreshed_tokens("rt-2");
    signs_out(&mut harness);
    configured(&mut harness, other_environment());
    harness.gives(&tokens);
    assert!(is_revoked(&harness, "rt-2"));
}

#[test]
fn sign_out_during_switch_revokes_the_token_that_comes() {
    let mut harness = signed_in();
    selects_organization(&mut harness);
    harness.comes_back();
    let nonce = harness.sent_parameter("nonce");
    let tokens = harness.tokens_of("usr_1", "rt-9", Some(&nonce), &OURS);
    signs_out(&mut harness);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(is_revoked(&harness, "rt-9"));
}

// req: N15
#[test]
fn sign_in_dropped_during_exchange_revokes_the_token() {
    for cancels in [true, false] {
        let mut harness = exchanging();
        let tokens = harness.tokens();
        if cancels {
            harness.happens(Event::CancelSignIn);
        } else {
            harness.wants_to_sign_in();
        }
        harness.gives(&tokens);
        assert!(is_revoked(&harness, "rt-1"), "cancelled: {cancels}");
    }
}

// req: N15
#[test]
fn sign_in_with_rejected_id_token_revokes_its_tokens() {
    let mut harness = exchanging();
    let tokens = harness.tokens_of("usr_1", "rt-1", Some("another"), &OURS);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert!(is_revoked(&harness, "rt-1"));
}

#[test]
fn sign_in_dropped_before_another_one_revokes_nothing() {
    let mut harness = exchanging();
    let late = harness.tokens_of("usr_1", "rt-0", Some(&harness.sent_parameter("nonce")), &OURS);
    let (operation, _) = harness.sent.pop().unwrap();
    harness.wants_to_sign_in();
    harness.finishes_in_the_browser();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    harness.happens(Event::HttpCompleted(operation, Ok(json_response(200, &late))));
    assert_eq!(harness.requests_to("/revoke"), 0);
}

/// Both may belong to one session of the environment.
#[test]
fn sign_in_dropped_beside_a_session_revokes_nothing() {
    let mut harness = signed_in();
    harness.wants_to_sign_in();
    harness.comes_back();
    let tokens = harness.tokens_of("usr_1", "rt-9", Some(&harness.sent_parameter("nonce")), &OURS);
    harness.happens(Event::CancelSignIn);
    harness.gives(&tokens);
    assert_eq!(harness.requests_to("/revoke"), 0);
}

/// 503: the refresh token that was sent is still valid.
#[test]
fn sign_out_during_a_refresh_that_fails_revokes_the_token() {
    let mut harness = refreshing();
    signs_out(&mut harness);
    harness.respond("/oauth/token", status(503, None));
    assert!(is_revoked(&harness, "rt-1"));
}

#[test]
fn sign_out_during_an_unreached_refresh_revokes_the_token() {
    let mut harness = refreshing();
    signs_out(&mut harness);
    harness.respond("/oauth/token", offline());
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
