//! A protected service, as a company would have one, and the people's pictures.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::world::{Shared, now};

/// Who the access token is about.
pub async fn me(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    match judge(&shared, &headers, None) {
        Ok(claims) => {
            let shown = ["sub", "oid", "roles", "permissions"];
            let shown: Map<String, Value> =
                claims.into_iter().filter(|(name, _)| shown.contains(&name.as_str())).collect();
            Json(shown).into_response()
        }
        Err(refusal) => refusal,
    }
}

/// Something that needs the permission `reports:read`.
pub async fn reports(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    match judge(&shared, &headers, Some("reports:read")) {
        Ok(_) => Json(json!({"reports": ["On the Analytical Engine, 1843"]})).into_response(),
        Err(refusal) => refusal,
    }
}

pub async fn picture() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/png")], include_bytes!("../assets/ada.png").as_slice())
}

/// RFC 6750 §3.
fn judge(
    shared: &Shared,
    headers: &HeaderMap,
    permission: Option<&str>,
) -> Result<Map<String, Value>, Response> {
    let refuse = |status: StatusCode, error: &str| {
        let challenge = format!("Bearer error=\"{error}\"");
        (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    };
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, "invalid_request"))?;
    let world = shared.world();
    let claims = world
        .keys
        .verified(token)
        .filter(|claims| claims.get("iss").and_then(Value::as_str) == Some(&shared.issuer))
        .filter(|claims| claims.get("exp").and_then(Value::as_u64).is_some_and(|end| end > now()))
        .ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, "invalid_token"))?;
    let granted = claims.get("permissions").and_then(Value::as_array);
    match permission {
        Some(needed)
            if !granted.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(needed))) =>
        {
            Err(refuse(StatusCode::FORBIDDEN, "insufficient_scope"))
        }
        Some(_) | None => Ok(claims),
    }
}
