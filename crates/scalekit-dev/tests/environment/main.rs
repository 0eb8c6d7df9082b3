//! Tests of the environment: it implements Scalekit's behavior, and injects faults.
#![allow(clippy::unwrap_used, clippy::panic)]

mod applications;
mod browser;
mod documented;
mod initiate_login;
mod options;
mod protected_api;
mod protocol;

use std::time::Duration;

use browser::{
    ADA, Browser, VERIFIER, authorize, claims, exchange, location, pair, refresh, signed_in,
    started,
};
use reqwest::Client;
use scalekit_dev::{
    Endpoint, Environment, InjectedFault, PASSWORD, Settings, Times, TokenKind, ids,
};
use serde_json::{Value, json};
use url::Url;

#[tokio::test]
async fn code_from_the_sign_in_page_is_exchanged_for_tokens() {
    let environment = started().await;
    let link = Browser::new().signs_in(&environment, &[]).await;
    assert_eq!(pair(&link, "state").as_deref(), Some("s1"));
    assert_eq!(pair(&link, "iss"), None);
    let (status, tokens) = exchange(&environment, &link, VERIFIER).await;
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(299)));
    let (id, access) = (claims(&tokens["id_token"]), claims(&tokens["access_token"]));
    assert_eq!((&id["nonce"], &id["name"]), (&json!("n1"), &json!("Ada Lovelace")));
    assert_eq!(access["roles"], json!(["admin", "analyst"]));
    assert_eq!(environment.live_refresh_token_of(ADA).as_deref(), tokens["refresh_token"].as_str());
}

#[tokio::test]
async fn prompt_none_login_and_create_are_honoured() {
    let environment = started().await;
    let mut browser = Browser::new();
    let again = authorize(&environment, &[("prompt", "none")]);
    let refused = location(&browser.get(&again).await);
    assert_eq!(pair(&refused, "error").as_deref(), Some("login_required"));
    browser.signs_in(&environment, &[]).await;
    assert!(pair(&location(&browser.get(&again).await), "code").is_some());
    let login = authorize(&environment, &[("prompt", "login")]);
    assert!(location(&browser.get(&login).await).starts_with("/sign-in"));
    let create = authorize(&environment, &[("prompt", "create")]);
    assert!(location(&browser.get(&create).await).starts_with("/sign-up"));
}

#[tokio::test]
async fn wrong_password_stays_on_page_and_cancel_is_access_denied() {
    let environment = started().await;
    let mut browser = Browser::new();
    let (page, request, token) = browser.opens_form(&environment, &[]).await;
    let both = [("request", request.as_str()), ("form_token", token.as_str())];
    let wrong = [&both[..], &[("email", ADA), ("password", "no")]].concat();
    let response = browser.submit(&page, &wrong).await;
    assert_eq!(response.status(), 401);
    assert!(response.text().await.unwrap().contains("role=\"alert\""));
    let forged = [("request", request.as_str()), ("form_token", "forged"), ("cancel", "1")];
    assert_eq!(browser.submit(&page, &forged).await.status(), 410);
    let cancelled = [&both[..], &[("cancel", "1")]].concat();
    let link = location(&browser.submit(&page, &cancelled).await);
    assert_eq!(pair(&link, "error").as_deref(), Some("access_denied"));
    assert_eq!(pair(&link, "state").as_deref(), Some("s1"));
}

#[tokio::test]
async fn sign_up_creates_a_user_with_unverified_email() {
    let environment = started().await;
    let mut browser = Browser::new();
    let (page, request, token) = browser.opens_form(&environment, &[("prompt", "create")]).await;
    let form = [
        ("request", request.as_str()),
        ("form_token", &token),
        ("name", "Emmy Noether"),
        ("email", "emmy@algebra.example"),
        ("password", "invariants"),
    ];
    let link = location(&browser.submit(&page, &form).await);
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["name"], &id["email_verified"]), (&json!("Emmy Noether"), &json!(false)));
    assert_eq!(claims(&tokens["access_token"])["roles"], json!(["admin"]));
    for (name, prefix) in [("sub", "usr_"), ("oid", "org_"), ("sid", "ses_")] {
        let id = id[name].as_str().unwrap();
        let digits = id.strip_prefix(prefix).unwrap();
        assert!(digits.len() >= 17 && digits.bytes().all(|b| b.is_ascii_digit()), "{id}");
    }
}

#[tokio::test]
async fn oid_is_the_organization_chosen_on_the_page() {
    let environment = started().await;
    let mut browser = Browser::new();
    let (page, request, token) = browser.opens_form(&environment, &[]).await;
    let both = [("request", request.as_str()), ("form_token", token.as_str())];
    let form = [&both[..], &[("email", "grace@two-orgs.example"), ("password", PASSWORD)]].concat();
    let next = location(&browser.submit(&page, &form).await);
    assert!(next.starts_with("/organization"));
    let next = format!("{}{next}", environment.url());
    assert!(browser.get(&next).await.text().await.unwrap().contains("Compilers United"));
    let form = [&both[..], &[("organization_id", ids::COMPILERS)]].concat();
    let link = location(&browser.submit(&next, &form).await);
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    assert_eq!(claims(&tokens["access_token"])["oid"], ids::COMPILERS);
    assert_eq!(claims(&tokens["access_token"])["permissions"], json!(["compilers:read"]));
}

#[tokio::test]
async fn invalid_redirect_uri_or_client_id_gets_no_redirect() {
    let environment = started().await;
    for change in [
        ("redirect_uri", "io.latchkey.desktop://callback/"),
        ("redirect_uri", "https://evil.example"),
        ("client_id", "skc_other"),
    ] {
        let response = Browser::new().get(&authorize(&environment, &[change])).await;
        assert_eq!(response.status(), 400);
        assert!(response.headers().get("location").is_none());
    }
    for name in ["client_id", "redirect_uri"] {
        let twice = format!("{}&{name}=other", authorize(&environment, &[]));
        assert_eq!(Browser::new().get(&twice).await.status(), 400);
    }
}

#[tokio::test]
async fn authorize_errors_are_returned_to_the_redirect_uri() {
    let environment = started().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("prompt", "what"), "invalid_request"),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "form_post"), "invalid_request"),
        (("request", "e.e."), "request_not_supported"),
        (("max_age", "soon"), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("provider", "none"), "invalid_request"),
        (("connection_id", "conn_none"), "invalid_connection_id"),
        (("organization_id", "org_none"), "invalid_organization_id"),
    ] {
        let link = location(&Browser::new().get(&authorize(&environment, &[change])).await);
        assert_eq!(pair(&link, "error").as_deref(), Some(error));
    }
}

#[tokio::test]
async fn code_needs_its_verifier_and_reuse_revokes_tokens() {
    let environment = started().await;
    let link = environment.sign_in_as(ADA, &authorize(&environment, &[])).unwrap();
    let other = "another-code-verifier-of-forty-three-charss";
    let (status, body) = exchange(&environment, &link, other).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));

    let link = environment.sign_in_as(ADA, &authorize(&environment, &[])).unwrap();
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    let (status, _) = exchange(&environment, &link, VERIFIER).await;
    assert_eq!(status, 400);
    let (status, _) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "what the code was exchanged for is taken back");
}

#[tokio::test]
async fn refresh_token_rotates_and_reuse_ends_the_session() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let (status, refreshed) = refresh(&environment, first).await;
    assert_eq!(status, 200);
    assert!(claims(&refreshed["id_token"]).get("nonce").is_none());
    let second = refreshed["refresh_token"].as_str().unwrap();
    assert_ne!(first, second);
    let (status, body) = refresh(&environment, first).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(refresh(&environment, second).await.0, 400);
}

#[tokio::test]
async fn logout_redirects_once_and_only_to_registered_uri() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let url = |back: &str, hint: &str| {
        let at = format!("{}/oidc/logout", environment.url());
        let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", back), ("state", "bye")];
        String::from(Url::parse_with_params(&at, pairs).unwrap())
    };
    let mut browser = Browser::new();
    assert_eq!(browser.get(&url("https://evil.example", hint)).await.status(), 400);
    assert_eq!(browser.get(&url("io.latchkey.desktop://signed-out", "x.y.z")).await.status(), 400);
    let good = url("io.latchkey.desktop://signed-out", hint);
    let link = location(&browser.get(&good).await);
    assert_eq!(link, "io.latchkey.desktop://signed-out?state=bye");
    assert_eq!(browser.get(&good).await.status(), 200, "a page, no second redirect");
    let (status, _) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn dropped_token_response_still_rotates_the_refresh_token() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    environment.inject_fault(Endpoint::Token, InjectedFault::DropAfterCommit, Times::Once);
    let client = Client::builder().no_proxy().build().unwrap();
    let client_id = environment.client_id();
    let form =
        [("grant_type", "refresh_token"), ("client_id", &client_id), ("refresh_token", first)];
    let url = format!("{}/oauth/token", environment.url());
    assert!(client.post(url).form(&form).send().await.is_err());
    assert_ne!(environment.live_refresh_token_of(ADA).as_deref(), Some(first));
    assert_eq!(environment.token_requests("refresh_token")[0].status, None);
}

#[tokio::test]
async fn injected_token_faults_apply_as_often_as_requested() {
    let environment = started().await;
    let wrong = InjectedFault::WrongClaim {
        token: TokenKind::Id,
        claim: "iss".to_owned(),
        value: json!("https://evil.example"),
    };
    environment.inject_fault(Endpoint::Token, wrong, Times::Once);
    let tokens = signed_in(&environment).await;
    assert_eq!(claims(&tokens["id_token"])["iss"], "https://evil.example");
    let tokens = signed_in(&environment).await;
    assert_eq!(claims(&tokens["id_token"])["iss"], environment.issuer());
    environment.inject_fault(Endpoint::Token, InjectedFault::LoseRefreshToken, Times::Always);
    assert!(signed_in(&environment).await.get("refresh_token").is_none());
    environment.clear_faults();
    assert!(signed_in(&environment).await.get("refresh_token").is_some());
}

#[tokio::test]
async fn offline_provider_is_unreachable_and_resumes_its_state() {
    let mut environment = started().await;
    let tokens = signed_in(&environment).await;
    environment.go_offline().await;
    let client = Client::builder().no_proxy().build().unwrap();
    let keys = format!("{}/keys", environment.url());
    assert!(client.get(&keys).send().await.unwrap_err().is_connect());
    environment.come_back().await.unwrap();
    assert_eq!(refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await.0, 200);
}

#[tokio::test]
async fn recorded_requests_can_be_awaited_and_inspected() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let waiting = async {
        environment.wait_for("/oauth/token", 2).await;
        environment.token_requests("refresh_token").len()
    };
    let refreshing = refresh(&environment, tokens["refresh_token"].as_str().unwrap());
    let (count, _) = tokio::join!(waiting, refreshing);
    assert_eq!(count, 1);
    let request = &environment.requests_to("/oauth/token")[1];
    assert_eq!(request.form("refresh_token"), tokens["refresh_token"].as_str());
    assert_eq!(request.status, Some(200));
}

#[tokio::test]
async fn jwks_lists_new_key_beside_the_old_one_after_rotation() {
    let environment = started().await;
    let keys = async || {
        let url = format!("{}/keys", environment.url());
        let client = Client::builder().no_proxy().build().unwrap();
        let set: Value = client.get(url).send().await.unwrap().json().await.unwrap();
        set["keys"].as_array().unwrap().len()
    };
    assert_eq!(keys().await, 1);
    environment.rotate_keys();
    assert_eq!(keys().await, 2);
}

#[tokio::test]
async fn control_api_rejects_foreign_origin_and_host() {
    let environment = started().await;
    let client = Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_dev/lifetime", environment.url());
    let command = json!({"seconds": 5});
    let forged = client.post(&url).header("origin", "https://evil.example").json(&command);
    assert_eq!(forged.send().await.unwrap().status(), 403);
    let rebound = client.post(&url).header("host", "evil.example").json(&command);
    assert_eq!(rebound.send().await.unwrap().status(), 403);
    assert_eq!(client.post(&url).json(&command).send().await.unwrap().status(), 200);
    assert_eq!(signed_in(&environment).await["expires_in"], 5);
}

#[tokio::test]
async fn port_already_in_use_is_reported() {
    let environment = started().await;
    let port = Url::parse(environment.url()).unwrap().port().unwrap();
    let second = Environment::start(Settings { port, ..Settings::default() }).await;
    let why = second.err().unwrap().to_string();
    assert!(why.contains(&port.to_string()) && why.contains("--port"));
}

#[tokio::test]
async fn injected_delay_postpones_the_http_response() {
    let environment = started().await;
    let delay = InjectedFault::delay(Duration::from_millis(50));
    environment.inject_fault(Endpoint::Keys, delay, Times::Once);
    let client = Client::builder().no_proxy().build().unwrap();
    let begun = std::time::Instant::now();
    client.get(format!("{}/keys", environment.url())).send().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn login_hint_or_connection_of_another_user_prompts_again() {
    let environment = started().await;
    let mut browser = Browser::new();
    browser.signs_in(&environment, &[]).await;
    let same = [("login_hint", ADA)];
    assert!(location(&browser.get(&authorize(&environment, &same)).await).contains("code="));
    for (query, page) in [
        (&[("login_hint", "alan@bletchley.example")][..], "/sign-in?"),
        (&[("connection_id", ids::ORBIT_CONNECTION), ("organization_id", ids::ORBIT)], "/sso?"),
    ] {
        assert!(location(&browser.get(&authorize(&environment, query)).await).starts_with(page));
    }
}
