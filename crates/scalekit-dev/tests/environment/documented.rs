//! Tests of tokens and pages against Scalekit's documentation.

use reqwest::Response;
use scalekit_dev::{Endpoint, Environment, InjectedFault, PASSWORD, Times, ids};
use serde_json::{Value, json};

use crate::browser::{
    ADA, Browser, VERIFIER, authorize, claims, exchange, location, pair, refresh, signed_in,
    started, tokens_of,
};

use scalekit_dev::{KATHERINE, MARY};

fn is_id(value: &Value, prefix: &str) -> bool {
    let digits = value.as_str().and_then(|text| text.strip_prefix(prefix));
    digits.is_some_and(|digits| {
        digits.len() >= 15 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn lifetime(claims: &Value) -> u64 {
    claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap()
}

#[tokio::test]
async fn id_token_has_documented_claims_and_30min_lifetime() {
    let [id, _] = tokens_of(&started().await, ADA, &[]).await;
    let mut names: Vec<&str> = id.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let documented = "amr at_hash aud azp c_hash client_id email email_verified exp family_name \
                      given_name iat iss locale name nonce oid picture sid sub xoid";
    assert_eq!(names.join(" "), documented);
    assert_eq!(lifetime(&id), 1800);
    assert_eq!(id["aud"], json!([ids::NATIVE_APPLICATION]));
    assert_eq!(id["amr"], json!([ids::PASSWORD_CONNECTION]));
    assert_eq!(id["xoid"], "ae-1843");
    assert!(is_id(&id["sub"], "usr_") && is_id(&id["oid"], "org_") && is_id(&id["sid"], "ses_"));
}

#[tokio::test]
async fn access_token_has_documented_claims_and_outlives_expires_in() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let access = claims(&tokens["access_token"]);
    let mut names: Vec<&str> = access.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let documented =
        "aud client_id exp iat iss jti nbf oid permissions roles scope sid sub xoid xuid";
    assert_eq!(names.join(" "), documented);
    assert_eq!((lifetime(&access), &tokens["expires_in"]), (300, &json!(299)));
    assert_eq!(access["xuid"], "ada-1815");
    assert!(is_id(&access["jti"], "tkn_"));
}

/// Scalekit's guides show such a response: `tests/recorded/token_answers.json` of scalekit-auth.
#[tokio::test]
async fn token_response_names_no_type_by_default() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let (_, refreshed) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    for response in [tokens, refreshed] {
        assert!(response["access_token"].is_string());
        assert!(response.get("token_type").is_none());
    }
}

#[tokio::test]
async fn tokens_do_not_contain_the_organization_name() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    for token in ["id_token", "access_token"] {
        assert!(!claims(&tokens[token]).to_string().contains("Analytical Engines"));
    }
}

#[tokio::test]
async fn jwks_key_is_rs256_2048_bit_with_snk_kid() {
    let environment = started().await;
    let set = Browser::new().get(&format!("{}/keys", environment.url())).await;
    let key = set.json::<Value>().await.unwrap()["keys"][0].clone();
    assert!(is_id(&key["kid"], "snk_"));
    assert_eq!(
        (&key["alg"], &key["use"], &key["kty"]),
        (&json!("RS256"), &json!("sig"), &json!("RSA"))
    );
    assert_eq!(key["n"].as_str().unwrap().len(), 342);
}

#[tokio::test]
async fn amr_names_the_connection_that_was_used() {
    let environment = started().await;
    for (email, query, connection) in [
        (KATHERINE, ("connection_id", ids::ORBIT_CONNECTION), ids::ORBIT_CONNECTION),
        (KATHERINE, ("organization_id", ids::ORBIT), ids::ORBIT_CONNECTION),
        (KATHERINE, ("login_hint", KATHERINE), ids::ORBIT_CONNECTION),
        (ADA, ("provider", "google"), "conn_70217345889566722"),
    ] {
        let [id, _] = tokens_of(&environment, email, &[query]).await;
        assert_eq!(id["amr"], json!([connection]), "{query:?}");
    }
}

/// Asks for a sign-in mail to Ada on the sign-in page of a new request; returns its link.
async fn sign_in_mail(environment: &Environment, browser: &mut Browser) -> String {
    let (page, request, token) = browser.opens_form(environment, &[]).await;
    let form = [
        ("request", request.as_str()),
        ("form_token", &token),
        ("email", ADA),
        ("password", ""),
        ("passwordless", "1"),
    ];
    let response = browser.submit(&page, &form).await;
    assert!(response.text().await.unwrap().contains("Check your mail"));
    let mails = browser.get(&format!("{}/mails", environment.url())).await.text().await.unwrap();
    let link = mails.split_once("/magic-link?token=").unwrap().1.split_once('"').unwrap().0;
    format!("{}/magic-link?token={link}", environment.url())
}

#[tokio::test]
async fn amr_of_passwordless_sign_in_is_its_own_connection() {
    let environment = started().await;
    let mut browser = Browser::new();
    let link = sign_in_mail(&environment, &mut browser).await;
    let link = location(&browser.get(&link).await);
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    assert_eq!(claims(&tokens["id_token"])["amr"], json!([ids::PASSWORDLESS_CONNECTION]));
}

#[tokio::test]
async fn magic_link_signs_in_the_browser_that_opens_it_once() {
    let environment = started().await;
    let (mut waiting, mut opening) = (Browser::new(), Browser::new());
    let link = sign_in_mail(&environment, &mut waiting).await;
    let callback = location(&opening.get(&link).await);
    assert_eq!(pair(&callback, "state").as_deref(), Some("s1"));
    assert_eq!(opening.get(&link).await.status(), 410);
    let silent = authorize(&environment, &[("prompt", "none")]);
    assert!(pair(&location(&opening.get(&silent).await), "code").is_some());
    let refused = location(&waiting.get(&silent).await);
    assert_eq!(pair(&refused, "error").as_deref(), Some("login_required"));
}

/// Provider, connection, organization, domain, hint.
#[tokio::test]
async fn connection_parameters_follow_documented_precedence() {
    let environment = started().await;
    let orbit = ("connection_id", ids::ORBIT_CONNECTION);
    let hint = ("login_hint", KATHERINE);
    for (query, page) in [
        (&[("organization_id", ids::ORBIT)][..], "/sso?"),
        (&[("organization_id", ids::ANALYTICAL)], "/sign-in?"),
        (&[("domain", "orbit.example")], "/sso?"),
        (&[("domain_hint", "orbit.example")], "/sso?"),
        (&[("domain_hint", "elsewhere.example")], "/sign-in?"),
        (&[hint], "/sso?"),
        (&[("login_hint", ADA)], "/sign-in?"),
        (&[("connection_id", ids::PASSWORD_CONNECTION), hint], "/sign-in?"),
        (&[("provider", "github"), orbit], "/sso?"),
        (&[orbit, ("organization_id", ids::ANALYTICAL)], "/sso?"),
    ] {
        let to = location(&Browser::new().get(&authorize(&environment, query)).await);
        assert!(to.starts_with(page), "{query:?}: {to}");
    }
    let letters = ("organization_id", ids::LETTERS);
    for (email, query, connection) in [
        (ADA, [("provider", "github"), orbit], "conn_70217345889566724"),
        (MARY, [orbit, letters], ids::ORBIT_CONNECTION),
        (MARY, [letters, ("domain", "orbit.example")], ids::LETTERS_CONNECTION),
        (MARY, [("domain", "letters.example"), hint], ids::LETTERS_CONNECTION),
        (MARY, [letters, hint], ids::LETTERS_CONNECTION),
    ] {
        let [id, _] = tokens_of(&environment, email, &query).await;
        assert_eq!(id["amr"], json!([connection]), "{query:?}");
    }
}

#[tokio::test]
async fn refreshed_id_token_has_at_hash_but_no_nonce_or_c_hash() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let (_, refreshed) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    let id = claims(&refreshed["id_token"]);
    assert!(id["at_hash"].is_string());
    assert!(id.get("nonce").is_none() && id.get("c_hash").is_none());
    assert!(refreshed["refresh_token"].as_str().unwrap().starts_with("rt_"));
}

#[tokio::test]
async fn iss_parameter_is_not_sent_or_advertised_by_default() {
    let environment = started().await;
    let page = authorize(&environment, &[]);
    for link in [environment.sign_in_as(ADA, &page).unwrap(), environment.deny(&page).unwrap()] {
        assert_eq!(pair(&link, "iss"), None);
    }
    let address = format!("{}/.well-known/openid-configuration", environment.url());
    let document = Browser::new().get(&address).await.json::<Value>().await.unwrap();
    assert!(document.get("authorization_response_iss_parameter_supported").is_none());
}

#[tokio::test]
async fn inactive_user_or_application_gets_its_error() {
    let environment = started().await;
    let tokens = signed_in(&environment).await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let page = authorize(&environment, &[]);
    let error = || pair(&environment.sign_in_as(ADA, &page).unwrap(), "error");
    assert_eq!(error(), None);
    environment.set_user_active(ADA, false);
    assert_eq!(error().as_deref(), Some("user_not_active"));
    let (status, refused) = refresh(&environment, refresh_token).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    environment.set_application_active(&environment.client_id(), false);
    assert_eq!(error().as_deref(), Some("application_not_active"));
    environment.set_application_active(&environment.client_id(), true);
    environment.set_user_active(ADA, true);
    assert_eq!(error(), None);
}

#[tokio::test]
async fn injected_authorize_error_can_omit_state() {
    let environment = started().await;
    for without_state in [false, true] {
        let refuse = InjectedFault::Refuse {
            error: "user_not_active".to_owned(),
            description: Some("The user account is inactive".to_owned()),
            without_state,
        };
        environment.inject_fault(Endpoint::Authorize, refuse.clone(), Times::N(2));
        let page = authorize(&environment, &[]);
        let links = [
            location(&Browser::new().get(&page).await),
            environment.sign_in_as(ADA, &page).unwrap(),
        ];
        for link in links {
            assert_eq!(pair(&link, "error").as_deref(), Some("user_not_active"));
            assert_eq!(pair(&link, "state").is_none(), without_state);
        }
    }
}

#[tokio::test]
async fn injected_fragment_is_appended_to_the_callback() {
    let environment = started().await;
    let fragment = InjectedFault::Fragment { fragment: "_=_".to_owned() };
    environment.inject_fault(Endpoint::Authorize, fragment, Times::N(2));
    let link = Browser::new().signs_in(&environment, &[]).await;
    assert!(link.ends_with("state=s1#_=_"));
    let played = environment.sign_in_as(ADA, &authorize(&environment, &[])).unwrap();
    assert!(played.ends_with("#_=_"));
}

#[tokio::test]
async fn injected_rate_limit_is_429_without_retry_after() {
    let environment = started().await;
    let limited = InjectedFault::RateLimited { retry_after: None };
    environment.inject_fault(Endpoint::Keys, limited, Times::Once);
    let response = Browser::new().get(&format!("{}/keys", environment.url())).await;
    assert_eq!(response.status(), 429);
    assert!(response.headers().get("retry-after").is_none());
    assert_eq!(response.json::<Value>().await.unwrap()["error_code"], "RATE_LIMITED");
}

#[tokio::test]
async fn hosted_pages_need_a_session_and_can_end_it() {
    let environment = started().await;
    let mut browser = Browser::new();
    let at = |path: &str| format!("{}{path}", environment.url());
    assert_eq!(browser.get(&at("/ui/")).await.status(), 401);
    let link = browser.signs_in(&environment, &[]).await;
    let (_, tokens) = exchange(&environment, &link, VERIFIER).await;
    for path in ["/ui/", "/ui/profile/passkeys"] {
        let page = browser.get(&at(path)).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains(ADA));
    }
    assert_eq!(browser.submit(&at("/ui/sign-out"), &[]).await.status(), 200);
    assert_eq!(browser.get(&at("/ui/")).await.status(), 401);
    let (status, _) = refresh(&environment, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn resource_metadata_is_served_as_it_was_seen() {
    let environment = started().await;
    let url = environment.url();
    let at = |id: &str, name: &str| format!("{url}/resources/{id}/.well-known/{name}");
    let mut browser = Browser::new();
    let metadata = browser.get(&at(ids::RESOURCE, "oauth-authorization-server")).await;
    let id = ids::RESOURCE;
    assert_eq!(
        metadata.json::<Value>().await.unwrap(),
        json!({
            "issuer": format!("{url}/resources/{id}"),
            "authorization_endpoint": format!("{url}/resources/{id}/oauth/authorize"),
            "token_endpoint": format!("{url}/resources/{id}/oauth/token"),
            "registration_endpoint": format!("{url}/api/v1/resources/{id}/clients:register"),
            "jwks_uri": format!("{url}/keys"),
            "client_id_metadata_document_supported": true,
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["reports:read"],
        })
    );
    let is_missing = [
        at(ids::RESOURCE, "openid-configuration"),
        at("res_1", "oauth-authorization-server"),
        format!("{url}/resources/{id}/oauth/authorize"),
        format!("{url}/resources/{id}/oauth/token"),
    ];
    for address in is_missing {
        assert_eq!(browser.get(&address).await.status(), 404, "{address}");
    }
}

use scalekit_dev::ALAN;

/// The organization selector of Alan with `select_account`, after an earlier sign-in or not.
async fn selector(
    browser: &mut Browser,
    environment: &Environment,
    query: &[(&str, &str)],
) -> String {
    let page = location(&browser.get(&authorize(environment, query)).await);
    if page.starts_with("/organization?") {
        return page;
    }
    let (page, request, token) = browser.reads_form(environment, &page).await;
    let form = [
        ("request", request.as_str()),
        ("form_token", &token),
        ("email", ALAN),
        ("password", PASSWORD),
    ];
    location(&browser.submit(&page, &form).await)
}

/// Presses *Join* for this organization.
async fn joins(
    browser: &mut Browser,
    environment: &Environment,
    selector: &str,
    organization: &str,
) -> Response {
    let (page, request, token) = browser.reads_form(environment, selector).await;
    let form = [("request", request.as_str()), ("form_token", &token), ("join", organization)];
    browser.submit(&page, &form).await
}

#[tokio::test]
async fn select_account_offers_an_open_invitation_to_join_once() {
    let select = [("prompt", "select_account")];
    for signed_in_before in [false, true] {
        let environment = started().await;
        let mut browser = Browser::new();
        if signed_in_before {
            let link = selector(&mut browser, &environment, &[]).await;
            assert!(
                pair(&link, "code").is_some(),
                "without the prompt his one organization is taken"
            );
        }
        let page = selector(&mut browser, &environment, &select).await;
        let text = browser.get(&format!("{}{page}", environment.url())).await.text().await.unwrap();
        assert!(text.contains("<bdi>Bletchley Park</bdi>"));
        assert!(text.contains("Join <bdi>Analytical Engines</bdi>"));
        let response = joins(&mut browser, &environment, &page, ids::NAVY).await;
        assert_eq!(response.status(), 410, "nobody has invited him there");

        let response = joins(&mut browser, &environment, &page, ids::ANALYTICAL).await;
        let (_, tokens) = exchange(&environment, &location(&response), VERIFIER).await;
        let access = claims(&tokens["access_token"]);
        assert_eq!(access["oid"], ids::ANALYTICAL);
        assert_eq!(access["roles"], json!(["analyst"]));

        let page = selector(&mut browser, &environment, &select).await;
        let text = browser.get(&format!("{}{page}", environment.url())).await.text().await.unwrap();
        assert!(text.contains("<bdi>Analytical Engines</bdi>") && !text.contains("Join"));
        let response = joins(&mut browser, &environment, &page, ids::ANALYTICAL).await;
        assert_eq!(response.status(), 410, "the invitation is used up");
    }
}

#[tokio::test]
async fn invitation_accepted_in_a_mail_is_not_offered_by_the_selector() {
    let environment = started().await;
    let mut browser = Browser::new();
    selector(&mut browser, &environment, &[]).await;
    let mail = format!("{}/mail-link?mail=invitation&to={ALAN}", environment.url());
    assert_eq!(location(&browser.get(&mail).await), "io.latchkey.desktop://login");
    let page = selector(&mut browser, &environment, &[("prompt", "select_account")]).await;
    let text = browser.get(&format!("{}{page}", environment.url())).await.text().await.unwrap();
    assert!(text.contains("<bdi>Analytical Engines</bdi>") && !text.contains("Join"));
}
