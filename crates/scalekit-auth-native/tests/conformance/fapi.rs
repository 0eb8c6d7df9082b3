//! The cases of the FAPI 2.0 Security Profile (and two of FAPI 1) that apply to every client.

use std::time::{SystemTime, UNIX_EPOCH};

use scalekit_auth::ProblemCode;
use scalekit_dev::{Algorithm, Endpoint, InjectedFault, Times, ids};
use serde_json::json;

use crate::{
    callback::changed,
    fixture::{
        ALAN, DISCOVERY, Fixture, KEYS, SIGN_IN, TOKEN, id_claim, member, no_id_claim, no_member,
    },
};

async fn refused(fault: InjectedFault, rule: &str) {
    Fixture::hostile(Endpoint::Token, fault).await.refuses_the_id_token(rule).await;
}

async fn accepted(fault: InjectedFault) {
    let mut fixture = Fixture::hostile(Endpoint::Token, fault).await;
    fixture.signs_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

fn in_seconds(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap() + seconds
}

/// The sign-in continues: the sender of an untrusted link must not be able to end it.
async fn ignores(change: impl Fn(&str) -> String) {
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    let link = fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap();
    fixture.program.follows(&change(&link));
    fixture.program.session.sign_in_link().await;
    fixture.program.waits().await;
    assert_eq!(fixture.requests().await, [DISCOVERY, KEYS]);
    fixture.program.follows(&link);
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_state_fails()
 {
    ignores(|link| changed(link, "state", Some("invalid"))).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_missing_state_fails()
 {
    ignores(|link| changed(link, "state", None)).await;
}

async fn refuses_issuer(issuer: Option<&str>) {
    let mut fixture = Fixture::naming_its_issuer().await;
    let page = fixture.begins().await;
    let link = fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap();
    fixture.program.follows(&changed(&link, "iss", issuer));
    fixture.is_refused(ProblemCode::AnswerRejected, "The response names another issuer").await;
    assert_eq!(fixture.requests().await, [DISCOVERY, KEYS]);
    // The sign-in has ended: the correct response comes too late.
    fixture.program.follows(&link);
    fixture.program.session.sign_in_link().await;
    assert_eq!(fixture.requests().await, [DISCOVERY, KEYS]);
}

// req: B7
#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_authorization_response_iss() {
    refuses_issuer(Some("https://evil.example")).await;
}

/// The metadata declares that every authorization response has an `iss`.
// req: B7
#[tokio::test]
async fn fapi2_security_profile_final_client_test_remove_authorization_response_iss() {
    refuses_issuer(None).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_missing_iss() {
    refused(no_id_claim("iss"), "it is from another issuer").await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_missing_aud() {
    refused(no_id_claim("aud"), "it is for another application").await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_missing_exp() {
    let rule = "it does not say when it was issued and when it ends";
    refused(no_id_claim("exp"), rule).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_missing_nonce() {
    refused(no_id_claim("nonce"), "it belongs to another request").await;
}

/// The environment's issuer with an additional slash.
#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_iss() {
    let mut fixture = Fixture::set().await;
    let issuer = format!("{}/", fixture.environment.url());
    fixture.environment.inject_fault(Endpoint::Token, id_claim("iss", issuer), Times::Once);
    fixture.refuses_the_id_token("it is from another issuer").await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_aud() {
    refused(id_claim("aud", "skc_other"), "it is for another application").await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_nonce() {
    refused(id_claim("nonce", ""), "it belongs to another request").await;
}

/// A token that expired five minutes ago.
#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_expired_exp() {
    let mut fixture = Fixture::hostile(Endpoint::Token, id_claim("exp", in_seconds(-300))).await;
    fixture.comes_back().await;
    refused_for_its_time(&fixture).await;
}

#[tokio::test]
async fn fapi1_advanced_final_client_test_iat_is_week_in_past() {
    let mut fixture =
        Fixture::hostile(Endpoint::Token, id_claim("iat", in_seconds(-7 * 86_400))).await;
    fixture.comes_back().await;
    refused_for_its_time(&fixture).await;
}

async fn refused_for_its_time(fixture: &Fixture) {
    // Both clocks agree.
    let detail = "The ID token was refused: it is not valid now";
    fixture.is_refused(ProblemCode::AnswerRejected, detail).await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_secondary_aud() {
    // FAPI rejects it. Scalekit may add an API to the audience, and `azp` names the client that the token was
    // issued to (OpenID Connect Core §3.1.3.7 rules 4 and 5); a further audience has no advantage from reading
    // it.
    accepted(id_claim("aud", json!([ids::NATIVE_APPLICATION, "https://api.your-app.com"]))).await;
    refused(id_claim("azp", "skc_other"), "it is for another application").await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_valid_aud_as_array() {
    accepted(id_claim("aud", json!([ids::NATIVE_APPLICATION]))).await;
    accepted(id_claim("aud", ids::NATIVE_APPLICATION)).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_null_alg() {
    let algorithm = Algorithm::None;
    refused(InjectedFault::Algorithm { algorithm }, "it is not signed with RS256").await;
}

/// Valid signatures by the environment's own key.
#[tokio::test]
async fn fapi2_security_profile_final_client_test_invalid_alternate_alg() {
    for algorithm in [Algorithm::Rs384, Algorithm::Ps256, Algorithm::Es256] {
        refused(InjectedFault::Algorithm { algorithm }, "it is not signed with RS256").await;
    }
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_token_endpoint_response_without_expires_in() {
    accepted(no_member("expires_in")).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_token_type_case_insensitivity() {
    accepted(member("token_type", "bEARER")).await;
}

#[tokio::test]
async fn fapi1_advanced_final_client_test_no_scope_in_token_endpoint_response() {
    accepted(no_member("scope")).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_client_test_discovery_issuer_mismatch() {
    let fixture =
        Fixture::hostile(Endpoint::Discovery, member("issuer", "https://evil.example")).await;
    fixture.program.requests(scalekit_auth::SignInIntent::SignIn).await;
    fixture.is_refused(ProblemCode::EnvironmentRenamed, "https://evil.example").await;
    assert_eq!(fixture.requests().await, [DISCOVERY]);
}

/// A service rejects the access token: the session is refreshed, and the new refresh token is used next.
#[tokio::test]
async fn fapi2_security_profile_final_client_refresh_token_test() {
    let refused_by_services = InjectedFault::WrongClaim {
        token: scalekit_dev::TokenKind::Access,
        claim: "iss".to_owned(),
        value: json!("https://evil.example"),
    };
    let mut fixture = Fixture::set().await;
    fixture.environment.inject_fault(Endpoint::Token, refused_by_services.clone(), Times::Once);
    fixture.signs_in().await;
    let request = || {
        let url = format!("{}/api/me", fixture.environment.url());
        http::Request::get(url).body(Vec::new()).unwrap()
    };
    assert_eq!(fixture.program.session.send(request()).await.unwrap().status, 200);
    fixture.refreshes().await;
    assert_eq!(fixture.program.session.send(request()).await.unwrap().status, 200);
    let api = "GET /api/me";
    assert_eq!(fixture.requests().await, [DISCOVERY, KEYS, TOKEN, api, TOKEN, api, TOKEN, api]);
    let refreshes = fixture.environment.token_requests("refresh_token");
    assert_ne!(refreshes[0].form("refresh_token"), refreshes[1].form("refresh_token"));
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
}
