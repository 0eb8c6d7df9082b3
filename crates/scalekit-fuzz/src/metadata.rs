//! The target for discovery documents.

use scalekit_auth::{
    problem::ProblemCode,
    protocol::{
        authorization_request::{AuthorizationSecrets, Entropy, Hints, authorization_url},
        metadata::{Metadata, parse_stored, read},
    },
    view::SignInIntent,
};
use serde_json::Value;

use crate::{
    harness::{ISSUER, configuration},
    http_response::http_response,
    id_token::claim,
    json,
};

/// An accepted document names the environment and only URLs in it, and supports S256; the browser is opened at
/// no other origin.
pub fn metadata(text: &[u8]) {
    let response = http_response(text);
    is_unchanged(&response.body);
    let configuration = configuration();
    let metadata = match read(&configuration.environment, Ok(response.clone())) {
        Ok(metadata) => metadata,
        Err(problem) => {
            // The sentence is fixed; the detail from the other party is short and sanitized.
            let detail = problem.detail.unwrap_or_default();
            if problem.code == ProblemCode::EnvironmentRedirects {
                assert!(detail.is_ascii() && detail.split('/').count() == 3, "{detail}");
            }
            assert!(detail.chars().count() <= 200 && !detail.chars().any(char::is_control));
            return;
        }
    };
    assert!(matches!(response.status, 200 | 201));
    let document = json::object(&response.body).expect("not one JSON object");
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(metadata.issuer, ISSUER);
    for (name, value) in [
        ("code_challenge_methods_supported", "S256"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("response_types_supported", "code"),
    ] {
        if let Some(list) = claim(&document, name) {
            let holds = list.as_array().is_some_and(|all| all.iter().any(|one| one == value));
            assert!(holds || list == value, "{name}");
        }
    }
    assert_eq!(
        metadata.callback_carries_issuer,
        document
            .get("authorization_response_iss_parameter_supported")
            .is_some_and(|one| *one == Value::Bool(true) || one == "true")
    );
    are_in_the_environment(&metadata);
    let binding = AuthorizationSecrets::from_entropy(&Entropy([1; 96]));
    let url = authorization_url(
        &configuration,
        &metadata,
        &binding,
        &configuration.redirect_uris.callback,
        SignInIntent::SignIn,
        &Hints::default(),
    )
    .unwrap();
    is_in_the_environment(url.as_str());
    let last = |name: &str| {
        let all: Vec<_> = url.query_pairs().filter(|(key, _)| key == name).collect();
        all.last().map(|(_, value)| value.clone().into_owned())
    };
    assert_eq!(last("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(last("client_id").as_deref(), Some(configuration.client_id.as_str()));
    assert_eq!(last("scope").as_deref(), Some("openid profile email offline_access"));
    assert_eq!(last("redirect_uri").as_deref(), Some(&*configuration.redirect_uris.callback));
}

/// A file can be modified: a stored document is validated like a new one.
fn is_unchanged(bytes: &[u8]) {
    if let Some(metadata) = parse_stored(&configuration().environment, bytes) {
        assert_eq!(json::object(bytes).expect("not one JSON object")["issuer"], ISSUER);
        are_in_the_environment(&metadata);
    }
}

fn are_in_the_environment(metadata: &Metadata) {
    for url in [
        &metadata.authorization_endpoint,
        &metadata.token_endpoint,
        &metadata.jwks_uri,
        &metadata.end_session_endpoint,
    ] {
        is_in_the_environment(url.as_str());
    }
}

/// Compared as text, not as a parsed URL.
fn is_in_the_environment(url: &str) {
    let path = url.strip_prefix(ISSUER).expect("at another host");
    assert!(path.starts_with('/'), "{path}");
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains('#'));
}
