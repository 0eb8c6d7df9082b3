//! A protected service, as a company would have one, and the users' pictures.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    provider_state::Shared,
    services::{bearer, challenge},
};

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

fn judge(
    shared: &Shared,
    headers: &HeaderMap,
    permission: Option<&str>,
) -> Result<Map<String, Value>, Response> {
    let claims = bearer(&shared.world(), headers)?;
    let granted = claims.get("permissions").and_then(Value::as_array);
    match permission {
        Some(needed)
            if !granted.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(needed))) =>
        {
            Err(challenge(StatusCode::FORBIDDEN, "insufficient_scope"))
        }
        Some(_) | None => Ok(claims),
    }
}
