//! The answer to the code.

use scalekit_auth::problem::ProblemCode;
use scalekit_dev::{Endpoint, Environment, Misbehaviour, Settings};
use serde_json::json;

use crate::desk::{Desk, SIGN_IN, member, no_member};

async fn refused(misbehaviour: Misbehaviour, detail: &str) {
    let mut desk = Desk::hostile(Endpoint::Token, misbehaviour).await;
    desk.comes_back().await;
    desk.is_refused(ProblemCode::ServiceTrouble, detail).await;
    assert_eq!(desk.asked().await, SIGN_IN);
}

#[tokio::test]
async fn a_code_is_sent_to_nobody_the_token_endpoint_points_to() {
    let evil = Environment::start(Settings::default()).await.unwrap();
    for status in [302, 307, 308] {
        let location = format!("{}/oauth/token", evil.url());
        let redirect = Misbehaviour::Redirect { location, status };
        refused(redirect, &format!("Status {status}")).await;
    }
    assert!(evil.arrivals().is_empty());
}

#[tokio::test]
async fn token_answer_is_json_with_a_bearer_token_whatever_it_calls_itself() {
    let header = |value: &str| Misbehaviour::Header {
        name: "content-type".to_owned(),
        value: value.to_owned(),
    };
    let accepted = [header("text/html"), member("token_type", ""), no_member("token_type")];
    for misbehaviour in accepted {
        Desk::hostile(Endpoint::Token, misbehaviour).await.signs_in().await;
    }
    for kind in ["mac", "DPoP"] {
        refused(member("token_type", kind), "The token type is not Bearer").await;
    }
    refused(member("access_token", ""), "There is no access token").await;
}

#[tokio::test]
async fn strange_lifetimes_cost_no_sign_in() {
    for lifetime in [json!("299"), json!(12.5), json!(0), json!(-1), json!(1e308), json!(u64::MAX)]
    {
        let mut desk = Desk::hostile(Endpoint::Token, member("expires_in", lifetime)).await;
        desk.signs_in().await;
    }
}

#[tokio::test]
async fn without_an_id_token_nobody_has_signed_in() {
    let mut desk = Desk::hostile(Endpoint::Token, no_member("id_token")).await;
    desk.comes_back().await;
    let detail = "The ID token was refused: There is no ID token";
    desk.is_refused(ProblemCode::AnswerRejected, detail).await;
    assert_eq!(desk.asked().await, SIGN_IN);
}
