//! The target for responses of the token endpoint, or of a proxy.

use std::time::Duration;

use scalekit_auth::{
    protocol::{
        http_response::HttpResponse,
        token_response::{MAX_TOKEN_LEN, TokenResult, read},
    },
    secret::Secret,
    time::Wall,
};
use serde_json::{Map, Value};

use crate::{http_response::http_response, id_token::claim, json};

const TEN_YEARS: Duration = Duration::from_secs(3660 * 86_400);

/// Only a valid token response yields tokens, only an OAuth error is a rejection, and a refresh token in any
/// other response is not lost. Lifetimes and delays are within their limits, and the `Debug` output contains no
/// token.
pub fn token_response(text: &[u8]) {
    let response = http_response(text);
    let read = read(Ok(response.clone()), Wall(1_800_000_000_000));
    let document = json::object(&response.body);
    let printed = format!("{read:?}");
    match &read {
        TokenResult::Success(tokens) => {
            assert!(matches!(response.status, 200 | 201));
            let document = document.as_ref().expect("tokens out of something else than one object");
            assert!(json::depth(&Value::Object(document.clone())) <= 64, "too deep");
            if let Some(kind) = claim(document, "token_type") {
                assert_eq!(kind.as_str().expect("a type that is no text").to_lowercase(), "bearer");
            }
            is(&tokens.access_token, document, "access_token");
            for (token, name) in
                [(&tokens.id_token, "id_token"), (&tokens.refresh_token, "refresh_token")]
            {
                match token {
                    Some(token) => is(token, document, name),
                    None => assert_eq!(token_in(document, name), None, "{name} was lost"),
                }
            }
            assert!(tokens.lifetime <= TEN_YEARS);
            if !document.contains_key("expires_in") {
                assert_eq!(tokens.lifetime, Duration::from_secs(300));
            }
        }
        TokenResult::Rejected { error, .. } => {
            assert!(matches!(response.status, 400 | 401));
            is_json(&response);
            assert!(matches!(&**error, "invalid_grant" | "invalid_client" | "unauthorized_client"));
            assert_eq!(document.as_ref().expect("not one object")["error"], **error);
        }
        TokenResult::Transient { retry_after, salvaged, unreached, .. } => {
            assert_eq!(*unreached, None, "there was a response");
            assert!(retry_after.is_none_or(|wait| wait <= Duration::from_secs(3600)));
            if let Some(document) = &document {
                assert_eq!(
                    salvaged.as_ref().map(Secret::expose),
                    token_in(document, "refresh_token"),
                    "a refresh token was lost"
                );
            }
        }
    }
    for token in document.iter().filter_map(|document| token_in(document, "refresh_token")) {
        // A short token may be a substring of other text.
        let names = ["error", "error_code", "error_description", "message"];
        let said_too = document
            .iter()
            .flat_map(|document| names.map(|name| document.get(name).and_then(Value::as_str)))
            .flatten()
            .any(|claim| claim.contains(token));
        assert!(token.len() < 24 || said_too || !printed.contains(token), "a token is printed");
    }
}

fn is_json(response: &HttpResponse) {
    let header = response.content_type.as_deref().expect("no type").to_lowercase();
    let essence = header.split(';').next().unwrap_or_default().trim().to_owned();
    assert!(matches!(&*essence, "application/json" | "application/jwk-set+json"), "{essence}");
}

/// RFC 6749 Appendix A.12 and A.17.
fn token_in<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let token = document.get(name)?.as_str()?;
    let fits = (1..=MAX_TOKEN_LEN).contains(&token.len());
    (fits && token.bytes().all(|byte| (0x21..=0x7e).contains(&byte))).then_some(token)
}

fn is(token: &Secret, document: &Map<String, Value>, name: &str) {
    assert_eq!(Some(token.expose()), token_in(document, name), "{name}");
}
