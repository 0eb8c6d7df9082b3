//! Tests of the protected API: the tokens it accepts, and its challenges (RFC 6750).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Client, RequestBuilder, Response};
use scalekit_dev::{
    ALAN, CustomDomain, Endpoint, Environment, InjectedFault, KATHERINE, Options, Times, TokenKind,
    ids,
};
use serde_json::{Value, json};

use crate::browser::{
    ADA, VERIFIER, authorize, claims, exchange, pair, posted, refresh, signed_in, started,
    started_with, token, tokens_of,
};

const REALM: &str = "Bearer realm=\"scalekit-dev\"";

fn get(environment: &Environment, path: &str) -> RequestBuilder {
    let client = Client::builder().no_proxy().build().unwrap();
    client.get(format!("{}{path}", environment.url()))
}

/// The status and the challenge of a request.
async fn sent(request: RequestBuilder) -> (u16, String) {
    let response: Response = request.send().await.unwrap();
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    (response.status().as_u16(), challenge)
}

async fn with(environment: &Environment, token: &str) -> (u16, String) {
    sent(get(environment, "/api/reports").bearer_auth(token)).await
}

fn invalid(description: &str) -> (u16, String) {
    let error = "error=\"invalid_token\"";
    (401, format!("{REALM}, {error}, error_description=\"{description}\""))
}

async fn access_token_of(environment: &Environment, email: &str) -> String {
    let link = environment.sign_in_as(email, &authorize(environment, &[])).unwrap();
    let (_, tokens) = exchange(environment, &link, VERIFIER).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Ada's access token, issued with this fault.
async fn access_token_with(environment: &Environment, fault: InjectedFault) -> String {
    environment.inject_fault(Endpoint::Token, fault, Times::Once);
    access_token_of(environment, ADA).await
}

fn wrong(claim: &str, value: impl Into<Value>) -> InjectedFault {
    let (token, claim) = (TokenKind::Access, claim.to_owned());
    InjectedFault::WrongClaim { token, claim, value: value.into() }
}

fn missing(claim: &str) -> InjectedFault {
    InjectedFault::MissingClaim { token: TokenKind::Access, claim: claim.to_owned() }
}

#[tokio::test]
async fn protected_api_with_permission_returns_reports() {
    let environment = started().await;
    let token = access_token_of(&environment, ADA).await;
    let response = get(&environment, "/api/reports").bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let reports: Value = response.json().await.unwrap();
    assert_eq!(reports["reports"][0], "On the Analytical Engine, 1843");
    let me = get(&environment, "/api/me").bearer_auth(&token).send().await.unwrap();
    let me: Value = me.json().await.unwrap();
    assert_eq!((&me["oid"], me.as_object().unwrap().len()), (&json!(ids::ANALYTICAL), 4));
}

/// RFC 6750 §3.1: `scope` contains the required permission.
#[tokio::test]
async fn protected_api_without_permission_returns_403_with_scope() {
    let environment = started().await;
    let token = access_token_of(&environment, ALAN).await;
    let challenge = |needed: &str| {
        format!(
            "{REALM}, error=\"insufficient_scope\", error_description=\"The permission {needed} is missing\", scope=\"{needed}\""
        )
    };
    assert_eq!(with(&environment, &token).await, (403, challenge("reports:read")));
    let ada = access_token_of(&environment, ADA).await;
    let audits = sent(get(&environment, "/api/audits").bearer_auth(&ada)).await;
    assert_eq!(audits, (403, challenge("audits:read")));
    for permissions in [json!("reports:read"), json!(["reports:read:all"]), json!(["Reports:Read"])]
    {
        let token = access_token_with(&environment, wrong("permissions", permissions)).await;
        assert_eq!(with(&environment, &token).await.0, 403);
    }
}

/// RFC 6750 §3.1: the challenge to a request without a token contains no error.
#[tokio::test]
async fn protected_api_without_token_returns_401_without_error() {
    let environment = started().await;
    for request in [
        get(&environment, "/api/reports"),
        get(&environment, "/api/reports").basic_auth("ada", Some("latchkey")),
        get(&environment, "/userinfo"),
    ] {
        assert_eq!(sent(request).await, (401, REALM.to_owned()));
    }
}

/// RFC 6750 §2 and §3.1.
#[tokio::test]
async fn protected_api_with_malformed_request_returns_400() {
    let environment = started().await;
    let token = access_token_of(&environment, ADA).await;
    let twice = format!("Bearer {token}");
    for request in [
        get(&environment, "/api/reports").header("authorization", "Bearer"),
        get(&environment, "/api/reports").header("authorization", "Bearer a b"),
        get(&environment, "/api/reports")
            .header("authorization", &twice)
            .header("authorization", &twice),
        get(&environment, &format!("/api/reports?access_token={token}")),
        get(&environment, &format!("/api/reports?access_token={token}")).bearer_auth(&token),
    ] {
        let (status, challenge) = sent(request).await;
        assert_eq!(status, 400);
        assert!(challenge.starts_with(&format!("{REALM}, error=\"invalid_request\", error_desc")));
    }
}

#[tokio::test]
async fn protected_api_rejects_expired_and_future_access_tokens() {
    let environment = started().await;
    let soon = |seconds: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        json!(i64::try_from(now.as_secs()).unwrap() + seconds)
    };
    for (fault, description) in [
        (wrong("exp", soon(-6)), "The access token has expired"),
        (wrong("nbf", soon(60)), "The access token is not valid yet"),
        (wrong("iat", soon(60)), "The access token is from the future"),
        (missing("exp"), "There is no exp"),
        (missing("iat"), "There is no iat"),
    ] {
        let token = access_token_with(&environment, fault).await;
        assert_eq!(with(&environment, &token).await, invalid(description));
    }
    for fault in [wrong("exp", soon(-1)), missing("nbf")] {
        let token = access_token_with(&environment, fault).await;
        assert_eq!(with(&environment, &token).await.0, 200, "within the leeway");
    }
}

#[tokio::test]
async fn protected_api_rejects_issuer_audience_and_organization() {
    let environment = started().await;
    for (fault, description) in [
        (wrong("iss", "https://elsewhere.example"), "The issuer is another one"),
        (wrong("iss", format!("{}/", environment.url())), "The issuer is another one"),
        (missing("iss"), "There is no iss"),
        (wrong("aud", "ntvc_1"), "The audience is another one"),
        (wrong("aud", json!([])), "The audience is another one"),
        (missing("aud"), "The audience is another one"),
        (missing("oid"), "There is no organization"),
        (wrong("oid", ""), "There is no organization"),
        (missing("sid"), "There is no session"),
        (missing("jti"), "There is no jti"),
        (missing("client_id"), "This is no access token"),
    ] {
        let token = access_token_with(&environment, fault).await;
        assert_eq!(with(&environment, &token).await, invalid(description));
    }
    for audience in [json!(environment.client_id()), json!(["ntvc_1", environment.client_id()])] {
        let token = access_token_with(&environment, wrong("aud", audience)).await;
        assert_eq!(with(&environment, &token).await.0, 200, "membership, as a string or an array");
    }
}

#[tokio::test]
async fn protected_api_accepts_its_api_audience_alone() {
    let api = "https://api.analytical.example";
    let options = Options { api_audience: Some(api.to_owned()), ..Options::default() };
    let environment = started_with(options).await;
    for (audience, status) in [(api, 200), ("https://api.other.example", 401)] {
        let token = access_token_with(&environment, wrong("aud", audience)).await;
        assert_eq!(with(&environment, &token).await.0, status);
    }
}

#[tokio::test]
async fn protected_api_accepts_both_issuers_of_a_custom_domain() {
    let domain = CustomDomain { host: "localhost".to_owned(), everywhere: true };
    let environment = started().await;
    let old = access_token_of(&environment, ADA).await;
    environment.change_options(|options| options.custom_domain = Some(domain));
    let new = access_token_of(&environment, ADA).await;
    assert_ne!(claims(&json!(old))["iss"], claims(&json!(new))["iss"]);
    for token in [old, new] {
        assert_eq!(with(&environment, &token).await.0, 200);
    }
}

#[tokio::test]
async fn protected_api_rejects_wrong_signatures_and_algorithms() {
    let environment = started().await;
    let good = access_token_of(&environment, ADA).await;
    let [_, payload, signature] = &good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    for (token, description) in [
        (format!("{none}.{payload}."), "The algorithm is not RS256"),
        (format!("{none}.{payload}.{signature}"), "The algorithm is not RS256"),
        (format!("{}AAAA", &good[..good.len() - 4]), "The signature is not right"),
        ("opaque".to_owned(), "This is no JWT"),
        ("a.b.c".to_owned(), "This is no JWT"),
    ] {
        assert_eq!(with(&environment, &token).await, invalid(description));
    }
    let header = |parameter: &str, value: Option<Value>| InjectedFault::TokenHeader {
        token: TokenKind::Access,
        parameter: parameter.to_owned(),
        value,
    };
    for (fault, description) in [
        (InjectedFault::WrongKey, "The signature is not right"),
        (InjectedFault::UnknownKey, "The signing key is not known"),
        (header("alg", Some(json!("HS256"))), "The algorithm is not RS256"),
        (header("crit", Some(json!(["b64"]))), "The header demands an extension"),
        (header("kid", None), "There is no kid"),
    ] {
        let token = access_token_with(&environment, fault).await;
        assert_eq!(with(&environment, &token).await, invalid(description));
    }
}

#[tokio::test]
async fn protected_api_follows_the_rotation_of_signing_keys() {
    let environment = started().await;
    let old = access_token_of(&environment, ADA).await;
    environment.rotate_keys();
    let new = access_token_of(&environment, ADA).await;
    for token in [&old, &new, &old] {
        assert_eq!(with(&environment, token).await.0, 200);
    }
}

#[tokio::test]
async fn protected_api_rejects_tokens_of_another_environment() {
    let (environment, other) = (started().await, started().await);
    let foreign = access_token_of(&other, ADA).await;
    assert_eq!(with(&environment, &foreign).await, invalid("The signing key is not known"));
}

#[tokio::test]
async fn protected_api_rejects_id_tokens_and_refresh_tokens() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    assert_eq!(with(&environment, id_token).await, invalid("This is an ID token"));
    let (_, refreshed) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    let id_token = refreshed["id_token"].as_str().unwrap();
    assert_eq!(with(&environment, id_token).await, invalid("This is an ID token"));
    let refresh_token = refreshed["refresh_token"].as_str().unwrap();
    assert_eq!(with(&environment, refresh_token).await, invalid("This is no JWT"));
}

#[tokio::test]
async fn protected_api_rejects_revoked_tokens_and_ended_sessions() {
    let environment = started().await;
    let (token, client_id) = (access_token_of(&environment, ADA).await, environment.client_id());
    let form = [("token", token.as_str()), ("client_id", client_id.as_str())];
    assert_eq!(posted(&environment, "/revoke", &form, None).await.status(), 200);
    assert_eq!(with(&environment, &token).await, invalid("The access token was revoked"));
    let token = access_token_of(&environment, ADA).await;
    assert_eq!(with(&environment, &token).await.0, 200);
    environment.end_sessions_of(ADA);
    assert_eq!(with(&environment, &token).await, invalid("The session has ended"));
}

#[tokio::test]
async fn protected_api_rejects_machines_and_modular_sso_users() {
    let environment = started_with(Options { modular_sso: true, ..Options::default() }).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", ids::WEB_APPLICATION),
        ("client_secret", ids::WEB_SECRET),
    ];
    let (_, machine) = token(&environment, &form).await;
    let machine = machine["access_token"].as_str().unwrap();
    assert_eq!(with(&environment, machine).await, invalid("There is no organization"));
    let company = [("connection_id", ids::ORBIT_CONNECTION)];
    let link = environment.sign_in_as(KATHERINE, &authorize(&environment, &company)).unwrap();
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    let katherine = tokens["access_token"].as_str().unwrap();
    assert_eq!(with(&environment, katherine).await, invalid("There is no organization"));
}

#[tokio::test]
async fn permission_changed_by_an_administrator_is_in_the_next_token() {
    let environment = started().await;
    let link = environment.sign_in_as(ALAN, &authorize(&environment, &[])).unwrap();
    assert!(pair(&link, "code").is_some());
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    environment.set_permissions_of(ALAN, &["reports:read"]);
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    assert_eq!(with(&environment, &text(&tokens, "access_token")).await.0, 403);
    let (_, tokens) = refresh(&environment, &text(&tokens, "refresh_token")).await;
    assert_eq!(with(&environment, &text(&tokens, "access_token")).await.0, 200);
}

#[tokio::test]
async fn name_and_roles_changed_meanwhile_are_in_the_next_tokens() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    environment.rename(ADA, "Ada", "King");
    environment.set_roles_of(ADA, &["countess"]);
    let (_, tokens) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(claims(&tokens["id_token"])["name"], "Ada King");
    assert_eq!(claims(&tokens["access_token"])["roles"], json!(["countess"]));
    let [id, access] = tokens_of(&environment, ADA, &[]).await;
    assert_eq!((&id["family_name"], &access["roles"][0]), (&json!("King"), &json!("countess")));
}
