//! A refresh (RFC 6749 §6, OpenID Connect Core §12.2).

use std::time::Duration;

use scalekit_auth::{ProblemCode, RefreshView, ResourceOrigin, SessionView};
use scalekit_auth_native::SendError;
use scalekit_dev::{Endpoint, Environment, InjectedFault, Settings, Times};
use serde_json::json;

use crate::fixture::{ALAN, Fixture, SIGN_IN, TOKEN, id_claim, member, problem};

#[tokio::test]
async fn oidcc_client_test_refresh_token() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    fixture.refreshes().await;
    let request = http::Request::get(format!("{}/api/me", fixture.environment.url()));
    let response = fixture.program.session.send(request.body(Vec::new()).unwrap()).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[TOKEN, "GET /api/me"]].concat());
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
}

/// Nothing of the token response is used except the refresh token, which replaces the used one.
// req: C8
#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_issuer() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    let token = fixture.program.session.access_token().await.unwrap();
    let other = id_claim("iss", "https://evil.example");
    fixture.environment.inject_fault(Endpoint::Token, other, Times::Once);
    fixture.program.session.refresh();
    let delayed = fixture.is_delayed().await;
    assert_eq!(delayed.code, ProblemCode::RefreshResponseRejected);
    assert_eq!(delayed.detail.as_deref(), Some("it is from another issuer"));
    assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[TOKEN]].concat());
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
    let stored = fixture.restarts().await.program.session.access_token().await.unwrap();
    assert!(stored.matches(token.expose()), "the access token that came with it is not used");
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_sub() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    let token = fixture.program.session.access_token().await.unwrap();
    fixture.environment.inject_fault(Endpoint::Token, id_claim("sub", "usr_eve"), Times::Once);
    fixture.program.session.refresh();
    let delayed = fixture.is_delayed().await;
    assert_eq!(delayed.code, ProblemCode::RefreshResponseRejected);
    assert_eq!(delayed.detail.as_deref(), Some("it is about another user"));
    assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[TOKEN]].concat());
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
    let stored = fixture.restarts().await.program.session.access_token().await.unwrap();
    assert!(stored.matches(token.expose()), "the access token that came with it is not used");
}

/// An error response of the token endpoint: the session ends with a reason, and no further request is sent.
// req: X23
#[tokio::test]
async fn refresh_permanent_oauth_error_ends_session_once() {
    for error in ["invalid_grant", "invalid_client", "unauthorized_client"] {
        let mut fixture = Fixture::set().await;
        fixture.signs_in().await;
        let no = InjectedFault::OauthError {
            error: error.to_owned(),
            description: "The user was deleted".to_owned(),
        };
        fixture.environment.inject_fault(Endpoint::Token, no, Times::Always);
        fixture.program.session.refresh();
        let problem = fixture.program.shows(problem).await;
        assert_eq!(problem.code, ProblemCode::SessionEnded);
        assert_eq!(problem.detail.as_deref(), Some("The user was deleted"));
        fixture.program.session.flush().await;
        assert_eq!(fixture.memory.refresh_token(), None);
        fixture.program.session.refresh();
        assert_eq!(fixture.requests().await, [&SIGN_IN[..], &[TOKEN]].concat());
    }
}

/// A response that is not the environment's does not end the session, and nothing is sent to the location
/// that it names.
// req: C1, C3
#[tokio::test]
async fn refresh_transient_or_foreign_response_ends_no_session() {
    let evil = Environment::start(Settings::default()).await.unwrap();
    let page = |status: u16, content_type: &str, body: &str| InjectedFault::Body {
        status,
        content_type: content_type.to_owned(),
        body: body.to_owned(),
    };
    let no = r#"{"error":"invalid_grant"}"#;
    let redirect = |status| InjectedFault::Redirect {
        location: format!("{}/oauth/token", evil.url()),
        status,
    };
    for failure in [
        redirect(302),
        redirect(307),
        redirect(308),
        page(200, "text/html", "<html>Welcome to the hotel"),
        page(403, "text/html", "<html>Proxy"),
        page(407, "text/html", "<html>Proxy"),
        page(500, "application/json", no),
        page(502, "text/html", ""),
        page(200, "application/json", no),
        page(200, "application/json", ""),
        page(200, "application/json", "{\"access_token\":"),
        page(400, "text/html", no),
        InjectedFault::Status { status: 429, retry_after: Some("30".to_owned()) },
        InjectedFault::Status { status: 503, retry_after: None },
        InjectedFault::Huge,
    ] {
        let what = format!("{failure:?}");
        let mut fixture = Fixture::set().await;
        fixture.signs_in().await;
        fixture.environment.inject_fault(Endpoint::Token, failure, Times::Once);
        fixture.program.session.refresh();
        let delayed = fixture.is_delayed().await;
        assert_eq!(delayed.code, ProblemCode::RefreshUnavailable, "{what}");
        fixture.is_signed_in().await;
        assert!(fixture.memory.refresh_token().is_some(), "{what}");
    }
    assert!(evil.arrivals().is_empty());
}

/// The retry schedule is tested with the state machine; here the recovery.
// req: X7, X10
#[tokio::test]
async fn refresh_resumes_when_offline_provider_is_back() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    fixture.environment.go_offline().await;
    fixture.program.session.refresh();
    assert_eq!(fixture.is_delayed().await.code, ProblemCode::RefreshOffline);
    fixture.environment.come_back().await.unwrap();
    fixture.refreshes().await;
    fixture
        .program
        .shows(|view| match view {
            SessionView::SignedIn { refresh: RefreshView::Scheduled { .. }, .. } => Some(()),
            _ => None,
        })
        .await;
    fixture.program.session.flush().await;
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
}

/// RFC 6749 §5.1: a narrower scope than requested. The user sees when the session ends.
// req: C10
#[tokio::test]
async fn missing_refresh_token_shows_refresh_as_impossible() {
    let mut fixture = Fixture::hostile(Endpoint::Token, InjectedFault::LoseRefreshToken).await;
    fixture.comes_back().await;
    fixture.is_signed_in().await;
    fixture
        .program
        .shows(|view| match view {
            SessionView::SignedIn { refresh: RefreshView::Impossible { .. }, .. } => Some(()),
            _ => None,
        })
        .await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

/// OAuth 2.1 §5.1.
// req: C11
#[tokio::test]
async fn access_token_is_sent_only_to_configured_services() {
    let service = Environment::start(Settings::default()).await.unwrap();
    let other = Environment::start(Settings::default()).await.unwrap();
    let origin = ResourceOrigin::parse(service.url()).unwrap();
    let mut fixture = Fixture::set_with(|settings| settings.services = vec![origin]).await;
    fixture.signs_in().await;
    let send = |address: String| {
        fixture.program.session.send(http::Request::get(address).body(Vec::new()).unwrap())
    };
    for address in [
        format!("{}/api/me", other.url()),
        "http://acme.scalekit.com/api/me".to_owned(),
        "https://evil.example/api/me".to_owned(),
        format!("{}@127.0.0.1:1/api/me", service.url()),
    ] {
        assert!(matches!(send(address).await, Err(SendError::UntrustedOrigin { .. })));
    }
    assert!(other.arrivals().is_empty());
    // The service does not know this environment's tokens, but has received one.
    assert_eq!(send(format!("{}/api/me", service.url())).await.unwrap().status, 401);
    let request = &service.requests_to("/api/me")[0];
    assert!(request.header("authorization").unwrap().starts_with("Bearer "));
    assert!(request.query.is_empty());
}

/// Permissions that a refresh removes or adds are shown.
#[tokio::test]
async fn refresh_with_narrower_or_invalid_scope_ends_no_session() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    fixture.environment.inject_fault(Endpoint::Token, member("scope", "openid"), Times::Once);
    fixture.environment.set_access_token_lifetime(Duration::from_secs(600));
    fixture.refreshes().await;
    fixture.is_signed_in().await;
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
    fixture.environment.inject_fault(Endpoint::Token, member("scope", json!(7)), Times::Once);
    fixture.refreshes().await;
    fixture.is_signed_in().await;
}
