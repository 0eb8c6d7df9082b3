//! A protected resource, and the users' pictures.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    access_token::{Rejection, of_request, verified_of_user},
    provider_state::Shared,
};

/// The extractors of a handler.
type Request = (State<Arc<Shared>>, Uri, HeaderMap);

/// The user of the access token.
pub async fn me(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let shown = ["sub", "oid", "roles", "permissions"];
    serve((State(shared), uri, headers), None, |claims| {
        claims.into_iter().filter(|(name, _)| shown.contains(&name.as_str())).collect()
    })
}

/// A resource that requires the permission `reports:read`.
pub async fn reports(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    serve((State(shared), uri, headers), Some("reports:read"), |_| {
        json!({"reports": [
            "On the Analytical Engine, 1843",
            "On the numbers of Bernoulli, 1843",
        ]})
    })
}

/// A resource that requires the permission `audits:read`, which no seeded user has.
pub async fn audits(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    serve((State(shared), uri, headers), Some("audits:read"), |_| json!({"reports": []}))
}

pub async fn picture() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/png")], include_bytes!("../assets/ada.png").as_slice())
}

fn serve(
    request: Request,
    permission: Option<&'static str>,
    content: impl FnOnce(Map<String, Value>) -> Value,
) -> Response {
    match permitted(&request, permission) {
        Ok(claims) => Json(content(claims)).into_response(),
        Err(rejection) => rejection.into_response(),
    }
}

/// The claims of the access token, if it has this permission.
fn permitted(
    (State(shared), uri, headers): &Request,
    permission: Option<&'static str>,
) -> Result<Map<String, Value>, Rejection> {
    let token = of_request(uri, headers)?;
    let claims = verified_of_user(&mut shared.world(), token).map_err(Rejection::Invalid)?;
    let granted = claims.get("permissions").and_then(Value::as_array);
    let has = |needed| granted.is_some_and(|all| all.iter().any(|one| one.as_str() == needed));
    match permission {
        Some(needed) if !has(permission) => Err(Rejection::Insufficient(needed)),
        Some(_) | None => Ok(claims),
    }
}
