//! The MCP resource: its authorization server metadata (RFC 8414), as Scalekit returns it. It is unknown
//! whether a native application may request its tokens, so the endpoints in the document are not served.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{ids, provider_state::Shared};

pub async fn metadata(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if id != ids::RESOURCE {
        return StatusCode::NOT_FOUND.into_response();
    }
    let environment = shared.world().issuer_at(&headers);
    let issuer = format!("{environment}/resources/{id}");
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "registration_endpoint": format!("{environment}/api/v1/resources/{id}/clients:register"),
        "jwks_uri": format!("{environment}/keys"),
        "client_id_metadata_document_supported": true,
        "code_challenge_methods_supported": ["S256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["reports:read"],
    }))
    .into_response()
}
