//! The environment's signing keys.

use scalekit_auth::problem::ProblemCode;
use scalekit_dev::{Endpoint, Misbehaviour, Times};
use serde_json::json;

use crate::{
    desk::{ALAN, Desk, KEYS, SIGN_IN, TOKEN, member},
    program::verify_times,
};

/// Between two sign-ins.
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    let mut desk = Desk::set().await;
    desk.signs_in().await;
    desk.program.session.sign_out().unwrap();
    desk.program.nobody().await;
    desk.program.page().await;
    desk.environment.rotate_keys();
    desk.environment.withdraw_old_keys();
    desk.comes_back().await;
    desk.is_signed_in().await;
    assert_eq!(desk.asked().await, [&SIGN_IN[..], &[TOKEN, KEYS]].concat());
}

/// When the keys have been fetched, and before the ID token is signed.
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let mut desk = Desk::set().await;
    let page = desk.begins().await;
    desk.environment.rotate_keys();
    desk.environment.withdraw_old_keys();
    desk.program.follows(&desk.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    desk.is_signed_in().await;
    assert_eq!(desk.asked().await, [&SIGN_IN[..], &[KEYS]].concat());
}

#[tokio::test]
async fn id_token_with_unknown_kid_refetches_jwks_only_once() {
    let mut desk = Desk::hostile(Endpoint::Token, Misbehaviour::UnknownKey).await;
    desk.comes_back().await;
    let detail = "The ID token is signed with an unknown key";
    desk.is_refused(ProblemCode::AnswerRejected, detail).await;
    assert_eq!(desk.asked().await, [&SIGN_IN[..], &[KEYS]].concat());
}

#[tokio::test]
async fn jwks_with_unknown_key_types_still_verifies_id_token() {
    let mut desk = Desk::set().await;
    let keys = desk.program.session.http().send(
        http::Request::get(format!("{}/keys", desk.environment.url())).body(Vec::new()).unwrap(),
    );
    let good: serde_json::Value = serde_json::from_slice(&keys.await.unwrap().body).unwrap();
    let mut all =
        vec![json!({"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AA"}), json!(7)];
    all.extend(good["keys"].as_array().unwrap().clone());
    desk.environment.misbehave(Endpoint::Keys, member("keys", all), Times::Always);
    let page = desk.program.begins().await;
    verify_times(desk.environment.wait_for("/keys", 2)).await;
    desk.program.follows(&desk.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    desk.is_signed_in().await;
}

#[tokio::test]
async fn jwks_outage_blocks_sign_in_but_not_refresh() {
    let mut desk = Desk::set().await;
    for trouble in [
        Misbehaviour::Status { status: 500, retry_after: None },
        Misbehaviour::Huge,
        Misbehaviour::DropBefore,
    ] {
        desk.environment.misbehave(Endpoint::Keys, trouble, Times::Always);
        let page = desk.program.begins().await;
        desk.program.follows(&desk.environment.sign_in_as(ALAN, page.as_str()).unwrap());
        let problem = desk.program.shows(crate::desk::problem).await;
        assert_eq!(problem.code, ProblemCode::ServiceTrouble);
        desk.environment.behave();
    }
    desk.signs_in().await;
    let before = desk.memory.refresh_token();
    let desk = desk.restarts().await;
    desk.is_signed_in().await;
    let trouble = Misbehaviour::Status { status: 500, retry_after: None };
    desk.environment.misbehave(Endpoint::Keys, trouble, Times::Always);
    desk.refreshes().await;
    desk.is_signed_in().await;
    assert_ne!(desk.memory.refresh_token(), before);
}
