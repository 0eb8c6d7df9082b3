//! Tests of errors and rare parameters against the standards.

use serde_json::{Value, json};
use url::Url;

use crate::browser::{
    ADA, Browser, VERIFIER, WEB, authorize, claims, exchange, location, pair, posted, signed_in,
    started, token, web_exchange,
};

/// RFC 6749 §5.2.
#[tokio::test]
async fn malformed_token_request_gets_its_rfc6749_error() {
    let environment = started().await;
    let client_id = environment.client_id();
    let client = ("client_id", client_id.as_str());
    for (form, error) in [
        (&[client][..], "invalid_request"),
        (&[client, ("grant_type", "")], "invalid_request"),
        (&[client, ("grant_type", "authorization_code")], "invalid_request"),
        (&[client, ("grant_type", "refresh_token")], "invalid_request"),
        (&[client, ("grant_type", "password")], "unsupported_grant_type"),
        (&[client, client, ("grant_type", "refresh_token")], "invalid_request"),
        (&[client, ("grant_type", "refresh_token"), ("refresh_token", "x")], "invalid_grant"),
    ] {
        let (status, response) = token(&environment, form).await;
        assert_eq!((status, &response["error"]), (400, &json!(error)), "{form:?}");
    }
    let json = environment.url().to_owned() + "/oauth/token";
    let response = reqwest::Client::new().post(json).json(&json!({})).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["error"], "invalid_request");
}

/// RFC 6749 §6.
#[tokio::test]
async fn refresh_with_wider_scope_is_rejected_and_spends_no_token() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let client_id = environment.client_id();
    let form = |scope| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", client_id.as_str()),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
            ("scope", scope),
        ]
    };
    let (status, response) = token(&environment, &form("openid admin")).await;
    assert_eq!((status, &response["error"]), (400, &json!("invalid_scope")));
    assert_eq!(token(&environment, &form("openid email")).await.0, 200);
}

/// RFC 6749 §4.1.2.1: the redirect URI is the client's, so the client receives the error.
#[tokio::test]
async fn repeated_authorize_parameter_is_reported_to_the_client() {
    let environment = started().await;
    let twice = format!("{}&nonce=n2", authorize(&environment, &[]));
    let link = location(&Browser::new().get(&twice).await);
    assert_eq!(pair(&link, "error").as_deref(), Some("invalid_request"));
    assert_eq!(pair(&link, "state").as_deref(), Some("s1"));
    let states = format!("{}&state=s2", authorize(&environment, &[]));
    let link = location(&Browser::new().get(&states).await);
    assert_eq!(pair(&link, "state"), None, "nobody can say which");
}

/// OpenID Connect Core §3.1.2.1.
#[tokio::test]
async fn authorization_request_by_post_is_accepted() {
    let environment = started().await;
    let url = Url::parse(&authorize(&environment, &[])).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let form: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let response = posted(&environment, "/oauth/authorize", &form, None).await;
    assert!(location(&response).starts_with("/sign-in?request="));
}

#[tokio::test]
async fn prompt_consent_shows_no_consent_page() {
    let environment = started().await;
    let mut browser = Browser::new();
    browser.signs_in(&environment, &[]).await;
    let page = authorize(&environment, &[("prompt", "consent")]);
    assert!(location(&browser.get(&page).await).contains("code="));
    let page = authorize(&environment, &[("prompt", "login consent")]);
    assert!(location(&browser.get(&page).await).starts_with("/sign-in"));
}

/// OpenID Connect Core §3.1.2.1 and §2.
#[tokio::test]
async fn max_age_adds_auth_time_and_zero_forces_sign_in() {
    let environment = started().await;
    let mut browser = Browser::new();
    let link = browser.signs_in(&environment, &[]).await;
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    assert!(claims(&tokens["id_token"]).get("auth_time").is_none());
    let link = browser.signs_in(&environment, &[("max_age", "3600")]).await;
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    let id = claims(&tokens["id_token"]);
    assert!(id["auth_time"].as_u64().unwrap() <= id["iat"].as_u64().unwrap());
    let (_, refreshed) =
        crate::browser::refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(claims(&refreshed["id_token"])["auth_time"], id["auth_time"]);
    let again = authorize(&environment, &[("max_age", "0")]);
    assert!(location(&browser.get(&again).await).starts_with("/sign-in"));
    let silent = authorize(&environment, &[("max_age", "0"), ("prompt", "none")]);
    let refused = location(&browser.get(&silent).await);
    assert_eq!(pair(&refused, "error").as_deref(), Some("login_required"));
}

fn logout_query<'a>(hint: &'a str, client_id: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("id_token_hint", hint),
        ("client_id", client_id),
        ("post_logout_redirect_uri", "io.latchkey.desktop://signed-out"),
        ("state", "bye"),
    ]
}

/// RP-Initiated Logout 1.0 §2.
#[tokio::test]
async fn logout_request_by_post_is_accepted() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let (hint, client_id) = (tokens["id_token"].as_str().unwrap(), environment.client_id());
    let response =
        posted(&environment, "/oidc/logout", &logout_query(hint, &client_id), None).await;
    assert_eq!(location(&response), "io.latchkey.desktop://signed-out?state=bye");
    assert_eq!(environment.live_refresh_token_of(ADA), None);
}

/// RP-Initiated Logout 1.0 §2.
#[tokio::test]
async fn id_token_hint_of_another_client_or_type_is_rejected() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let query = [&WEB[..], &[("code_challenge", ""), ("code_challenge_method", "")]].concat();
    let link = environment.sign_in_as(ADA, &authorize(&environment, &query)).unwrap();
    let (_, web) = token(&environment, &web_exchange(&pair(&link, "code").unwrap())).await;
    let client_id = environment.client_id();
    for hint in [web["id_token"].as_str().unwrap().to_owned(), text("access_token")] {
        for client_id in [client_id.as_str(), ""] {
            let mut form = logout_query(&hint, client_id);
            form.retain(|(_, value)| !value.is_empty());
            let response = posted(&environment, "/oidc/logout", &form, None).await;
            assert_eq!(response.status(), 400, "{client_id}");
        }
    }
    assert!(environment.live_refresh_token_of(ADA).is_some());
}

/// A signed-in user of another organization can still sign in as a user of the requested one.
#[tokio::test]
async fn organization_id_outside_the_session_needs_sign_in() {
    let environment = started().await;
    let mut browser = Browser::new();
    browser.signs_in(&environment, &[]).await;
    let page = authorize(&environment, &[("organization_id", scalekit_dev::ids::ORBIT)]);
    let page = location(&browser.get(&page).await);
    assert!(page.starts_with("/sso?"));
    let (page, request, token) = browser.reads_form(&environment, &page).await;
    let form = [
        ("request", request.as_str()),
        ("form_token", &token),
        ("email", "katherine@orbit.example"),
    ];
    let link = location(&browser.submit(&page, &form).await);
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["email"], "katherine@orbit.example");
    assert_eq!(id["amr"], json!([scalekit_dev::ids::ORBIT_CONNECTION]));
}
