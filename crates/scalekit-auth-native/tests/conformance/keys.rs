//! The environment's signing keys.

use scalekit_auth::ProblemCode;
use scalekit_dev::{Endpoint, InjectedFault, Times};
use serde_json::json;

use crate::{
    fixture::{ALAN, Fixture, KEYS, SIGN_IN, TOKEN, member},
    program::within_timeout,
};

/// Rotation between two sign-ins.
// req: X11
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    fixture.program.session.sign_out(scalekit_auth::SignOutScope::SharedSession).unwrap();
    fixture.program.nobody().await;
    fixture.program.page().await;
    fixture.environment.rotate_keys();
    fixture.environment.withdraw_old_keys();
    fixture.comes_back().await;
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[TOKEN, KEYS]].concat());
}

/// Rotation after the JWKS has been fetched, and before the ID token is signed.
// req: G4, X11
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    fixture.environment.rotate_keys();
    fixture.environment.withdraw_old_keys();
    fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[KEYS]].concat());
}

#[tokio::test]
async fn id_token_with_unknown_kid_refetches_jwks_only_once() {
    let mut fixture = Fixture::hostile(Endpoint::Token, InjectedFault::UnknownKey).await;
    fixture.comes_back().await;
    let detail = "The ID token is signed with an unknown key";
    fixture.is_refused(ProblemCode::AnswerRejected, detail).await;
    assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[KEYS]].concat());
}

// req: G6
#[tokio::test]
async fn jwks_with_unknown_key_types_still_verifies_id_token() {
    let mut fixture = Fixture::set().await;
    let keys = fixture.program.session.http().send(
        http::Request::get(format!("{}/keys", fixture.environment.url())).body(Vec::new()).unwrap(),
    );
    let good: serde_json::Value = serde_json::from_slice(&keys.await.unwrap().body).unwrap();
    let mut all =
        vec![json!({"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AA"}), json!(7)];
    all.extend(good["keys"].as_array().unwrap().clone());
    fixture.environment.inject_fault(Endpoint::Keys, member("keys", all), Times::Always);
    let page = fixture.program.begins().await;
    within_timeout(fixture.environment.wait_for("/keys", 2)).await;
    fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    fixture.is_signed_in().await;
}

// req: G5, X11
#[tokio::test]
async fn jwks_outage_blocks_sign_in_but_not_refresh() {
    let mut fixture = Fixture::set().await;
    for failure in [
        InjectedFault::Status { status: 500, retry_after: None },
        InjectedFault::Huge,
        InjectedFault::DropBefore,
    ] {
        fixture.environment.inject_fault(Endpoint::Keys, failure, Times::Always);
        let page = fixture.program.begins().await;
        fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
        let problem = fixture.program.shows(crate::fixture::problem).await;
        assert_eq!(problem.code, ProblemCode::SigningKeysUnavailable);
        fixture.environment.clear_faults();
    }
    fixture.signs_in().await;
    let before = fixture.memory.refresh_token();
    let fixture = fixture.restarts().await;
    fixture.is_signed_in().await;
    let failure = InjectedFault::Status { status: 500, retry_after: None };
    fixture.environment.inject_fault(Endpoint::Keys, failure, Times::Always);
    fixture.refreshes().await;
    fixture.is_signed_in().await;
    assert_ne!(fixture.memory.refresh_token(), before);
}
