//! Tests of the options of an environment.

use std::time::Duration;

use scalekit_dev::{ClaimPlace, CustomClaim, CustomDomain, Options, ids};
use serde_json::{Value, json};

use crate::browser::{
    ADA, Browser, VERIFIER, authorize, claims, exchange, location, pair, refresh, signed_in,
    started, started_with, tokens_of,
};

use scalekit_dev::KATHERINE;

async fn discovery(at: &str) -> Value {
    let address = format!("{at}/.well-known/openid-configuration");
    Browser::new().get(&address).await.json().await.unwrap()
}

#[tokio::test]
async fn iss_parameter_is_sent_and_advertised_when_enabled() {
    let environment =
        started_with(Options { issuer_in_callbacks: true, ..Options::default() }).await;
    let page = authorize(&environment, &[]);
    for link in [environment.sign_in_as(ADA, &page).unwrap(), environment.deny(&page).unwrap()] {
        assert_eq!(pair(&link, "iss").as_deref(), Some(environment.issuer()));
    }
    let document = discovery(environment.url()).await;
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn token_response_names_its_type_on_request() {
    let environment = started_with(Options { token_type: true, ..Options::default() }).await;
    let tokens = signed_in(&environment).await;
    let (_, refreshed) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    for response in [tokens, refreshed] {
        assert_eq!(response["token_type"], "Bearer");
    }
}

#[tokio::test]
async fn api_audience_is_added_to_aud_of_id_token() {
    let api = "https://api.latchkey.example";
    let options = Options { api_audience: Some(api.to_owned()), ..Options::default() };
    let [id, _] = tokens_of(&started_with(options).await, ADA, &[]).await;
    assert_eq!(id["aud"], json!([ids::NATIVE_APPLICATION, api]));
}

#[tokio::test]
async fn custom_claims_are_added_and_replace_no_standard_claim() {
    let claim = |name: &str, place, of: Option<&str>| CustomClaim {
        name: name.to_owned(),
        value: json!("x"),
        place,
        of: of.map(str::to_owned),
    };
    let claims = vec![
        claim("plan", ClaimPlace::TopLevel, None),
        claim("hers", ClaimPlace::TopLevel, Some(ADA)),
        claim("sub", ClaimPlace::TopLevel, None),
        claim("tenant", ClaimPlace::Inside, Some(ADA)),
    ];
    let environment = started_with(Options { claims, ..Options::default() }).await;
    let [id, ada] = tokens_of(&environment, ADA, &[]).await;
    assert_eq!((&ada["plan"], &ada["hers"]), (&json!("x"), &json!("x")));
    assert_eq!(ada["custom_claims"], json!({"tenant": "x"}));
    assert_eq!(ada["sub"], id["sub"]);
    assert!(id.get("plan").is_none());
    let [_, alan] = tokens_of(&environment, "alan@bletchley.example", &[]).await;
    assert_eq!(alan["plan"], "x");
    assert!(alan.get("hers").is_none() && alan.get("custom_claims").is_none());
}

#[tokio::test]
async fn metadata_option_adds_its_claims_to_access_tokens_only() {
    let environment = started_with(Options { metadata: true, ..Options::default() }).await;
    let [id, access] = tokens_of(&environment, ADA, &[]).await;
    assert_eq!(access["org_metadata"]["name"], "Analytical Engines");
    assert_eq!(access["membership_metadata"]["title"], "admin");
    assert!(access["user_metadata"]["about"].is_string());
    assert!(id.get("org_metadata").is_none());
}

#[tokio::test]
async fn modular_sso_sub_is_connection_scoped_and_oid_is_absent() {
    let environment = started_with(Options { modular_sso: true, ..Options::default() }).await;
    let orbit = [("connection_id", ids::ORBIT_CONNECTION)];
    for token in tokens_of(&environment, KATHERINE, &orbit).await {
        assert_eq!(token["sub"], format!("{};{KATHERINE}", ids::ORBIT_CONNECTION));
        assert!(token.get("oid").is_none() && token.get("xoid").is_none());
    }
    let refused = environment.sign_in_as(ADA, &authorize(&environment, &[])).unwrap();
    assert_eq!(pair(&refused, "error").as_deref(), Some("no_active_connections"));
}

#[tokio::test]
async fn custom_domain_has_its_own_or_a_shared_issuer() {
    let environment = started().await;
    let domain = |everywhere| Some(CustomDomain { host: "localhost".to_owned(), everywhere });
    environment.change_options(|options| options.custom_domain = domain(false));
    let (old, new) = (environment.url().to_owned(), environment.custom_url().unwrap());
    assert_eq!(new, old.replace("127.0.0.1", "localhost"));
    assert_eq!(discovery(&old).await["issuer"], old);
    let document = discovery(&new).await;
    assert_eq!(document["issuer"], new);
    assert_eq!(document["token_endpoint"], format!("{new}/oauth/token"));

    let tokens = signed_in(&environment).await;
    assert_eq!(claims(&tokens["id_token"])["iss"], old);
    environment.change_options(|options| options.custom_domain = domain(true));
    assert_eq!(discovery(&old).await["issuer"], new);
    let (_, refreshed) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(claims(&refreshed["id_token"])["iss"], new);
}

#[tokio::test]
async fn session_ends_after_absolute_or_idle_timeout() {
    let limit = Some(Duration::from_secs(3600));
    for options in [
        Options { absolute_timeout: limit, ..Options::default() },
        Options { idle_timeout: limit, ..Options::default() },
    ] {
        let environment = started_with(options).await;
        let tokens = signed_in(&environment).await;
        let mut browser = Browser::new();
        browser.signs_in(&environment, &[]).await;
        let link = environment.sign_in_as(ADA, &authorize(&environment, &[])).unwrap();
        environment.age_sessions(Duration::from_secs(3000));
        assert_eq!(exchange(&environment, &link, VERIFIER).await.0, 200);
        let link = environment.sign_in_as(ADA, &authorize(&environment, &[])).unwrap();
        environment.age_sessions(Duration::from_secs(3600));
        assert_eq!(exchange(&environment, &link, VERIFIER).await.0, 400);
        let (_, response) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(response["error"], "invalid_grant");
        let silent = authorize(&environment, &[("prompt", "none")]);
        let refused = location(&browser.get(&silent).await);
        assert_eq!(pair(&refused, "error").as_deref(), Some("login_required"));
    }
}

#[tokio::test]
async fn authentication_begins_absolute_timeout_anew() {
    let limit = Some(Duration::from_secs(3600));
    let environment = started_with(Options { absolute_timeout: limit, ..Options::default() }).await;
    for (prompt, expected) in [(&[][..], 400), (&[("prompt", "login")][..], 200)] {
        let mut browser = Browser::new();
        browser.signs_in(&environment, &[]).await;
        environment.age_sessions(Duration::from_secs(3000));
        let link = browser.signs_in(&environment, prompt).await;
        environment.age_sessions(Duration::from_secs(3000));
        assert_eq!(exchange(&environment, &link, VERIFIER).await.0, expected, "{prompt:?}");
    }
}

#[tokio::test]
async fn refresh_extends_idle_timeout_only_when_configured() {
    for (refresh_is_activity, expected) in [(true, 200), (false, 400)] {
        let idle_timeout = Some(Duration::from_secs(3600));
        let options = Options { idle_timeout, refresh_is_activity, ..Options::default() };
        let environment = started_with(options).await;
        let mut tokens = signed_in(&environment).await;
        let mut last = 0;
        for _ in 0..2 {
            environment.age_sessions(Duration::from_secs(2400));
            let token = tokens["refresh_token"].as_str().unwrap().to_owned();
            (last, tokens) = refresh(&environment, &token).await;
        }
        assert_eq!(last, expected);
    }
}

/// Scalekit: `authenticate/fsa/session-token-claims.mdx`: `"aud": ["https://api.your-app.com"]` and nothing beside it;
/// `zitadel/oidc`: the client id is added to the ID token's audience only.
#[tokio::test]
async fn api_audience_stands_alone_in_access_tokens() {
    let api = "https://api.latchkey.example";
    let options = Options { api_audience: Some(api.to_owned()), ..Options::default() };
    let [_, access] = tokens_of(&started_with(options).await, ADA, &[]).await;
    assert_eq!(access["aud"], json!([api]));
}

/// Scalekit: `sso/quickstart.mdx`, `authenticate/sso/add-modular-sso.mdx`, `passwordless/oidc.mdx`: the access tokens of modular
/// SSO have no `sid`, `roles`, `permissions` or `scope`.
#[tokio::test]
async fn modular_sso_access_token_has_the_documented_claims() {
    let environment = started_with(Options { modular_sso: true, ..Options::default() }).await;
    let orbit = [("connection_id", ids::ORBIT_CONNECTION)];
    let [_, access] = tokens_of(&environment, KATHERINE, &orbit).await;
    let more: Vec<_> = ["sid", "roles", "permissions", "scope"]
        .into_iter()
        .filter(|name| access.get(name).is_some())
        .collect();
    assert!(more.is_empty(), "{more:?}");
}
