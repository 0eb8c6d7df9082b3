//! The ID token of a sign-in (OpenID Connect Core §3.1.3.7).

use scalekit_auth::OrganizationId;
use scalekit_dev::{Algorithm, Endpoint, InjectedFault, Times, ids};
use serde_json::json;

use crate::fixture::{Fixture, SIGN_IN, id_claim, id_header, no_id_claim};

async fn refused(fault: InjectedFault, rule: &str) {
    Fixture::hostile(Endpoint::Token, fault).await.refuses_the_id_token(rule).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_iss() {
    let rule = "it is from another issuer";
    refused(id_claim("iss", "https://evil.example"), rule).await;
}

#[tokio::test]
async fn oidcc_client_test_missing_sub() {
    refused(no_id_claim("sub"), "it names nobody").await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_aud() {
    refused(id_claim("aud", json!(["skc_other"])), "it is for another application").await;
}

#[tokio::test]
async fn oidcc_client_test_missing_aud() {
    refused(no_id_claim("aud"), "it is for another application").await;
}

#[tokio::test]
async fn oidcc_client_test_missing_iat() {
    let rule = "it does not say when it was issued and when it ends";
    refused(no_id_claim("iat"), rule).await;
}

#[tokio::test]
async fn oidcc_client_test_kid_absent_single_jwks() {
    let mut fixture = Fixture::hostile(Endpoint::Token, id_header("kid", None)).await;
    fixture.signs_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

// req: D8
#[tokio::test]
async fn oidcc_client_test_kid_absent_multiple_jwks() {
    // Core §10.1 requires a `kid` there. Without one, a token may still be signed with any of the keys.
    let mut fixture = Fixture::hostile(Endpoint::Token, id_header("kid", None)).await;
    fixture.environment.rotate_keys();
    fixture.signs_in().await;
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_rs256() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

async fn refuses_algorithm(algorithm: Algorithm) {
    refused(InjectedFault::Algorithm { algorithm }, "it is not signed with RS256").await;
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_none() {
    refuses_algorithm(Algorithm::None).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_rs256() {
    refused(InjectedFault::WrongKey, "its signature is not valid").await;
}

/// The suite breaks the signature. Here a valid one with this algorithm is rejected too.
#[tokio::test]
async fn oidcc_client_test_invalid_sig_es256() {
    refuses_algorithm(Algorithm::Es256).await;
}

/// With the public key, which is not secret, as the HMAC key.
#[tokio::test]
async fn oidcc_client_test_invalid_sig_hs256() {
    refuses_algorithm(Algorithm::Hs256).await;
}

#[tokio::test]
async fn oidcc_client_test_nonce_invalid() {
    refused(id_claim("nonce", "another"), "it belongs to another request").await;
}

#[tokio::test]
async fn oidcc_client_test_nonce_unless_code_flow() {
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    let nonce = page.query_pairs().find(|(name, _)| name == "nonce").unwrap().1.into_owned();
    assert_eq!(nonce.len(), 43, "256 bits");
}

#[tokio::test]
async fn oidcc_client_test_invalid_athash() {
    let rule = "it came with another access token";
    refused(id_claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), rule).await;
}

/// RFC 8725 §3.10. The URL would be requested if the header were used.
// req: D5
#[tokio::test]
async fn id_token_jku_header_is_never_fetched() {
    let mut fixture = Fixture::set().await;
    let own = format!("{}/keys/attacker", fixture.environment.url());
    fixture.environment.inject_fault(
        Endpoint::Token,
        id_header("jku", Some(json!(own))),
        Times::Once,
    );
    fixture.signs_in().await;
    let requests = fixture.environment.requests();
    assert!(!requests.iter().any(|request| request.path.contains("attacker")));
}

#[tokio::test]
async fn id_token_with_crit_extension_is_rejected() {
    refused(id_header("crit", Some(json!(["b64"]))), "it demands an extension").await;
}

#[tokio::test]
async fn access_token_typ_at_jwt_as_id_token_is_rejected() {
    refused(id_header("typ", Some(json!("at+jwt"))), "it is a token of another kind").await;
}

// req: D30
#[tokio::test]
async fn pinned_organization_is_requested_and_other_oid_rejected() {
    let pinned = || OrganizationId::parse(ids::BLETCHLEY).unwrap();
    let mut fixture = Fixture::set_with(|settings| settings.organization = Some(pinned())).await;
    let page = fixture.begins().await;
    let requested = page.query_pairs().find(|(name, _)| name == "organization_id").unwrap().1;
    assert_eq!(requested, ids::BLETCHLEY);
    fixture.signs_in().await;

    let mut fixture = Fixture::set_with(|settings| settings.organization = Some(pinned())).await;
    let other = id_claim("oid", ids::ANALYTICAL);
    fixture.environment.inject_fault(Endpoint::Token, other, Times::Once);
    fixture.refuses_the_id_token("it is for another organization").await;
}
