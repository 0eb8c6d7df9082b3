//! The token response to an authorization code.

use scalekit_auth::ProblemCode;
use scalekit_dev::{Endpoint, Environment, InjectedFault, Settings};
use serde_json::json;

use crate::fixture::{Fixture, SIGN_IN, member, no_member};

async fn refused(fault: InjectedFault, detail: &str) {
    let mut fixture = Fixture::hostile(Endpoint::Token, fault).await;
    fixture.comes_back().await;
    fixture.is_refused(ProblemCode::ServiceUnavailable, detail).await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

// req: C1
#[tokio::test]
async fn code_exchange_redirect_is_not_followed() {
    let evil = Environment::start(Settings::default()).await.unwrap();
    for status in [302, 307, 308] {
        let location = format!("{}/oauth/token", evil.url());
        let redirect = InjectedFault::Redirect { location, status };
        refused(redirect, &format!("Status {status}, redirect to {}", evil.url())).await;
    }
    assert!(evil.arrivals().is_empty());
}

// req: C4, C6
#[tokio::test]
async fn token_response_must_be_bearer_but_any_content_type() {
    let header = |value: &str| InjectedFault::Header {
        name: "content-type".to_owned(),
        value: value.to_owned(),
    };
    // Without a fault, `scalekit-dev` sends a valid response.
    let typed = |kind: &str| member("token_type", kind);
    for fault in [header("text/html"), no_member("token_type"), typed("Bearer"), typed("")] {
        Fixture::hostile(Endpoint::Token, fault).await.signs_in().await;
    }
    for kind in ["mac", "DPoP"] {
        refused(typed(kind), "The token type is not Bearer").await;
    }
    refused(member("access_token", ""), "There is no access token").await;
}

// req: C7
#[tokio::test]
async fn token_response_with_odd_expires_in_is_accepted() {
    for lifetime in [json!("299"), json!(12.5), json!(0), json!(-1), json!(1e308), json!(u64::MAX)]
    {
        let mut fixture = Fixture::hostile(Endpoint::Token, member("expires_in", lifetime)).await;
        fixture.signs_in().await;
    }
}

#[tokio::test]
async fn token_response_without_id_token_is_rejected() {
    let mut fixture = Fixture::hostile(Endpoint::Token, no_member("id_token")).await;
    fixture.comes_back().await;
    let detail = "The ID token was refused: There is no ID token";
    fixture.is_refused(ProblemCode::AnswerRejected, detail).await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}
