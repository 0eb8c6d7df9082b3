//! Tests of the two applications and their grants.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use scalekit_dev::{Environment, ids};
use serde_json::{Value, json};

use crate::browser::{
    ADA, Browser, VERIFIER, WEB, authorize, claims, exchange, location, pair, posted, signed_in,
    started, token, web_exchange,
};

/// A code for the web application, requested as in the quick-starts.
fn code(environment: &Environment, more: &[(&str, &str)]) -> String {
    let without_pkce = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "")];
    let query = [&WEB[..], &without_pkce, more].concat();
    pair(&environment.sign_in_as(ADA, &authorize(environment, &query)).unwrap(), "code").unwrap()
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")))
}

#[tokio::test]
async fn confidential_client_exchanges_code_without_pkce() {
    let environment = started().await;
    let code = code(&environment, &[]);
    let (status, tokens) = token(&environment, &web_exchange(&code)).await;
    assert_eq!(status, 200);
    assert_eq!(claims(&tokens["id_token"])["aud"], json!([ids::WEB_APPLICATION]));
    assert!(claims(&tokens["id_token"]).get("nonce").is_none());
}

#[tokio::test]
async fn client_secret_basic_is_accepted() {
    let environment = started().await;
    let code = code(&environment, &[]);
    let mut form = web_exchange(&code);
    form.retain(|(name, _)| *name != "client_secret");
    let header = basic(ids::WEB_APPLICATION, ids::WEB_SECRET);
    let response =
        posted(&environment, "/oauth/token", &form, Some(("authorization", &header))).await;
    assert_eq!(response.status(), 200);
}

/// The SDKs send the previous access token.
#[tokio::test]
async fn bearer_header_at_the_token_endpoint_is_ignored() {
    let environment = started().await;
    let code = code(&environment, &[]);
    let header = Some(("authorization", "Bearer e.e.e"));
    let response = posted(&environment, "/oauth/token", &web_exchange(&code), header).await;
    assert_eq!(response.status(), 200);
}

const CLIENT_CREDENTIALS: [(&str, &str); 3] = [
    ("grant_type", "client_credentials"),
    ("client_id", ids::WEB_APPLICATION),
    ("client_secret", ids::WEB_SECRET),
];

#[tokio::test]
async fn client_credentials_grant_is_for_confidential_clients_only() {
    let environment = started().await;
    let (status, response) = token(&environment, &CLIENT_CREDENTIALS).await;
    assert_eq!((status, &response["token_type"]), (200, &json!("Bearer")));
    assert_eq!(claims(&response["access_token"])["sub"], ids::WEB_APPLICATION);
    assert!(response.get("refresh_token").is_none() && response.get("id_token").is_none());
    let native = [("grant_type", "client_credentials"), ("client_id", ids::NATIVE_APPLICATION)];
    let (status, response) = token(&environment, &native).await;
    assert_eq!((status, &response["error"]), (400, &json!("unauthorized_client")));
}

#[tokio::test]
async fn invalid_client_secret_is_rejected_with_401() {
    let environment = started().await;
    for (id, secret) in [
        (ids::WEB_APPLICATION, "wrong"),
        (ids::WEB_APPLICATION, ""),
        (ids::NATIVE_APPLICATION, "some"),
        (ids::NATIVE_APPLICATION, ""),
        ("skc_none", "some"),
    ] {
        let grant = ("grant_type", "client_credentials");
        let form = [grant, ("client_id", id), ("client_secret", secret)];
        let response = posted(&environment, "/oauth/token", &form, None).await;
        assert_eq!(response.status(), 401, "{id} {secret}");
        assert!(response.headers().get("www-authenticate").is_none());
        let header = basic(id, secret);
        let header = Some(("authorization", header.as_str()));
        let response = posted(&environment, "/oauth/token", &[grant], header).await;
        assert_eq!(response.status(), 401, "{id} {secret}");
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        assert_eq!(response.json::<Value>().await.unwrap()["error"], "invalid_client");
    }
}

#[tokio::test]
async fn code_and_refresh_token_of_another_client_are_rejected() {
    let environment = started().await;
    let code = code(&environment, &[]);
    let native = [
        ("grant_type", "authorization_code"),
        ("client_id", ids::NATIVE_APPLICATION),
        ("code", &code),
        ("redirect_uri", "http://localhost:3000/auth/callback"),
    ];
    assert_eq!(token(&environment, &native).await.1["error"], "invalid_grant");
    let (_, tokens) = token(&environment, &web_exchange(&code)).await;
    let stolen = [
        ("grant_type", "refresh_token"),
        ("client_id", ids::NATIVE_APPLICATION),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(token(&environment, &stolen).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn code_verifier_is_required_iff_code_challenge_was_sent() {
    let environment = started().await;
    let query = [&WEB[..], &[("nonce", "n")]].concat();
    let link = environment.sign_in_as(ADA, &authorize(&environment, &query)).unwrap();
    let code_with = pair(&link, "code").unwrap();
    let (_, response) = token(&environment, &web_exchange(&code_with)).await;
    assert_eq!(response["error"], "invalid_grant");
    let code_without = code(&environment, &[]);
    let form = [&web_exchange(&code_without)[..], &[("code_verifier", VERIFIER)]].concat();
    assert_eq!(token(&environment, &form).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn clients_share_sid_but_not_refresh_tokens() {
    let environment = started().await;
    let mut browser = Browser::new();
    let link = browser.signs_in(&environment, &[]).await;
    let (_, native) = exchange(&environment, &link, VERIFIER).await;
    let page = authorize(&environment, &[&WEB[..], &[("prompt", "none")]].concat());
    let silent = location(&browser.get(&page).await);
    let code = pair(&silent, "code").unwrap();
    let form = [&web_exchange(&code)[..], &[("code_verifier", VERIFIER)]].concat();
    let (_, web) = token(&environment, &form).await;
    assert_eq!(claims(&native["id_token"])["sid"], claims(&web["id_token"])["sid"]);
    let refresh_token = native["refresh_token"].as_str().unwrap();
    let (status, _) = crate::browser::refresh(&environment, refresh_token).await;
    assert_eq!(status, 200, "the other application's code has not spent it");
}

#[tokio::test]
async fn userinfo_returns_profile_for_access_tokens_only() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let bearer = |token: &str| format!("Bearer {token}");
    let good = bearer(tokens["access_token"].as_str().unwrap());
    let response = posted(&environment, "/userinfo", &[], Some(("authorization", &good))).await;
    let user_info = response.json::<Value>().await.unwrap();
    assert_eq!(user_info["sub"], claims(&tokens["id_token"])["sub"]);
    assert_eq!((&user_info["email"], &user_info["name"]), (&json!(ADA), &json!("Ada Lovelace")));
    let id_token = bearer(tokens["id_token"].as_str().unwrap());
    let response = posted(&environment, "/userinfo", &[], Some(("authorization", &id_token))).await;
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn revoked_tokens_are_inactive_and_rejected() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let about = [("client_id", ids::WEB_APPLICATION), ("client_secret", ids::WEB_SECRET)];
    let active = async |token: &str| {
        let form = [&about[..], &[("token", token)]].concat();
        let response = posted(&environment, "/oauth/introspect", &form, None).await;
        response.json::<Value>().await.unwrap()["active"].clone()
    };
    for name in ["access_token", "refresh_token"] {
        assert_eq!(active(&text(name)).await, true, "{name}");
        let form = [("client_id", ids::NATIVE_APPLICATION), ("token", &text(name))];
        assert_eq!(posted(&environment, "/revoke", &form, None).await.status(), 200);
        assert_eq!(active(&text(name)).await, false, "{name}");
    }
    let header = format!("Bearer {}", text("access_token"));
    let response = posted(&environment, "/userinfo", &[], Some(("authorization", &header))).await;
    assert_eq!(response.status(), 401);
    let (status, _) = crate::browser::refresh(&environment, &text("refresh_token")).await;
    assert_eq!(status, 400);
    assert_eq!(active("nonsense").await, false);
}

#[tokio::test]
async fn introspection_requires_client_secret_and_token() {
    let environment = started().await;
    let form = [("client_id", ids::NATIVE_APPLICATION), ("token", "x")];
    assert_eq!(posted(&environment, "/oauth/introspect", &form, None).await.status(), 401);
    let form = [("client_id", ids::WEB_APPLICATION), ("client_secret", ids::WEB_SECRET)];
    let response = posted(&environment, "/oauth/introspect", &form, None).await;
    assert_eq!(response.json::<Value>().await.unwrap()["error"], "invalid_request");
}

/// Scalekit: `authenticate/m2m/api-auth-quickstart.mdx`: the samples have `scope`.
#[tokio::test]
async fn client_credentials_response_has_scope() {
    let environment = started().await;
    let (_, response) = token(&environment, &CLIENT_CREDENTIALS).await;
    assert!(response["scope"].is_string(), "{response}");
}
