//! The discovery document (OpenID Connect Discovery 1.0).

use scalekit_auth::{ProblemCode, SignInIntent};
use scalekit_dev::{Endpoint, Environment, InjectedFault, Settings, Times};
use serde_json::{Value, json};

use crate::{
    fixture::{ALAN, DISCOVERY, Fixture, SIGN_IN, TOKEN, member, no_member},
    program::within_timeout,
};

#[tokio::test]
async fn oidcc_client_test() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
    let exchange = &fixture.environment.token_requests("authorization_code")[0];
    let names: Vec<&str> = exchange.form.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["client_id", "code", "code_verifier", "grant_type", "redirect_uri"] {
        assert_eq!(names.iter().filter(|one| **one == name).count(), 1, "{name}");
    }
    assert_eq!(names.len(), 5, "and nothing else, least of all a secret");
    assert_eq!(exchange.header("authorization"), None);
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
}

#[tokio::test]
async fn oidcc_client_test_discovery_openid_config() {
    let mut fixture = Fixture::set().await;
    let elsewhere = format!("{}/elsewhere", fixture.environment.url());
    let moved = member("authorization_endpoint", elsewhere.clone());
    fixture.environment.inject_fault(Endpoint::Discovery, moved, Times::Once);
    let page = fixture.begins().await;
    assert_eq!(page.as_str().split('?').next(), Some(elsewhere.as_str()));
}

#[tokio::test]
async fn oidcc_client_test_discovery_jwks_uri_keys() {
    let mut fixture = Fixture::set().await;
    let path = "/keys/of-this-run";
    let moved = member("jwks_uri", format!("{}{path}", fixture.environment.url()));
    fixture.environment.inject_fault(Endpoint::Discovery, moved, Times::Once);
    let page = fixture.program.begins().await;
    within_timeout(fixture.environment.wait_for(path, 1)).await;
    fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, [DISCOVERY, "GET /keys/of-this-run", TOKEN]);
}

/// A sign-in with this discovery document is rejected.
async fn refuses(fault: InjectedFault, code: ProblemCode, detail: &str) {
    let fixture = Fixture::hostile(Endpoint::Discovery, fault).await;
    fixture.program.requests(SignInIntent::SignIn).await;
    fixture.is_refused(code, detail).await;
    assert_eq!(fixture.requests().await, [DISCOVERY]);
}

#[tokio::test]
async fn oidcc_client_test_discovery_issuer_mismatch() {
    let mut fixture = Fixture::set().await;
    let slash = member("issuer", format!("{}/", fixture.environment.url()));
    fixture.environment.inject_fault(Endpoint::Discovery, slash, Times::Once);
    fixture.program.requests(SignInIntent::SignIn).await;
    let detail = format!("It calls itself \"{}/\"", fixture.environment.url());
    fixture.is_refused(ProblemCode::EnvironmentInvalid, &detail).await;
    assert_eq!(fixture.requests().await, [DISCOVERY]);
    // The document was invalid for one request only; the environment itself is usable.
    fixture.signs_in().await;
}

// req: A5, G2
#[tokio::test]
async fn discovery_endpoint_at_another_host_is_rejected() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
        for address in ["https://evil.example/x", "http://127.0.0.1:1/x", "file:///c:/calc.exe"] {
            let detail = format!("Its {name} is at another host");
            refuses(member(name, address), ProblemCode::EnvironmentInvalid, &detail).await;
        }
    }
}

#[tokio::test]
async fn discovery_without_required_endpoint_is_rejected() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let detail = format!("It names no {name}");
        refuses(no_member(name), ProblemCode::EnvironmentInvalid, &detail).await;
    }
}

/// RFC 7636 §7.2. The next sign-in is as strict as the first.
// req: A3
#[tokio::test]
async fn discovery_without_s256_pkce_support_is_rejected() {
    let plain = || member("code_challenge_methods_supported", json!(["plain"]));
    refuses(plain(), ProblemCode::EnvironmentInvalid, "It does not support S256").await;

    let mut fixture = Fixture::hostile(Endpoint::Discovery, plain()).await;
    fixture.program.requests(SignInIntent::SignIn).await;
    fixture.program.shows(crate::fixture::problem).await;
    let page = fixture.begins().await;
    let method = page.query_pairs().find(|(name, _)| name == "code_challenge_method").unwrap().1;
    assert_eq!(method, "S256");
}

/// A captive portal, a proxy, or a web page at the environment's URL.
// req: X8
#[tokio::test]
async fn discovery_from_captive_portal_or_proxy_is_rejected() {
    let page = |status| InjectedFault::Body {
        status,
        content_type: "text/html".to_owned(),
        body: "<html>Welcome to the hotel".to_owned(),
    };
    let failure = ProblemCode::NetworkSignIn;
    refuses(
        page(200),
        ProblemCode::EnvironmentInvalid,
        "The response is not strict JSON, but text/html",
    )
    .await;
    refuses(page(407), failure, "Status 407").await;
    refuses(page(511), failure, "Status 511").await;
    let location = "/login".to_owned();
    refuses(InjectedFault::Redirect { location, status: 302 }, failure, "Status 302").await;
}

/// Another host must not become the issuer.
// req: M23
#[tokio::test]
async fn discovery_redirect_is_reported_and_not_followed() {
    let evil = Environment::start(Settings::default()).await.unwrap();
    for status in [301, 302, 307, 308] {
        let location = format!("{}/.well-known/openid-configuration?secret=1", evil.url());
        let redirect = InjectedFault::Redirect { location, status };
        refuses(redirect, ProblemCode::EnvironmentRedirects, evil.url()).await;
    }
    assert!(evil.arrivals().is_empty());
}

#[tokio::test]
async fn discovery_oversized_response_is_rejected() {
    let detail = "The response was too large";
    refuses(InjectedFault::Huge, ProblemCode::ServiceUnavailable, detail).await;
}

// req: G3
#[tokio::test]
async fn refresh_after_restart_survives_discovery_outage() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    let before = fixture.memory.refresh_token();
    let fixture = fixture.restarts().await;
    let down = InjectedFault::Status { status: 503, retry_after: None };
    fixture.environment.inject_fault(Endpoint::Discovery, down, Times::Always);
    fixture.is_signed_in().await;
    fixture.refreshes().await;
    assert_eq!(fixture.environment.token_requests("refresh_token").len(), 1);
    assert_ne!(fixture.memory.refresh_token(), before);
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
}

/// The stored file is not secret and any process of the user can write it: it is validated like a response.
// req: G3
#[tokio::test]
async fn stored_metadata_tampered_on_disk_is_rejected() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    let Fixture { environment, memory, program } = fixture;
    program.ends().await;
    let mut files = std::fs::read_dir(memory.folder()).unwrap().map(|entry| entry.unwrap().path());
    let file = files
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("endpoints-"))
        .unwrap();
    let mut description: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    description["token_endpoint"] = json!("http://127.0.0.1:1/oauth/token");
    std::fs::write(&file, description.to_string()).unwrap();

    let down = InjectedFault::Status { status: 503, retry_after: None };
    environment.inject_fault(Endpoint::Discovery, down, Times::Always);
    let program = crate::program::Program::at(&environment, &memory);
    let fixture = Fixture { environment, memory, program };
    fixture.is_signed_in().await;
    fixture.program.session.refresh();
    assert_eq!(fixture.is_delayed().await.code, ProblemCode::ServiceUnavailable);
    assert_eq!(fixture.environment.token_requests("refresh_token").len(), 0);
}
