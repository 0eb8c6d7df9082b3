//! The endpoints about tokens: userinfo, revocation, introspection.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{
    access_token::{self, Rejection, of_request},
    claims::Subject,
    client::{NO_STORE, Refusal, form_of},
    provider_state::{ProviderState, Shared},
    sessions::Family,
};

/// OpenID Connect Core §5.3.
pub async fn user_info(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let world = &mut *shared.world();
    let verified = of_request(&uri, &headers)
        .and_then(|token| access_token::verified(world, token).map_err(Rejection::Invalid));
    let claims = match verified {
        Ok(claims) => claims,
        Err(rejection) => return rejection.into_response(),
    };
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let options = &world.settings.options;
    let session = match claim("sid") {
        "" => world.sessions.running_of(claim("sub"), options),
        id => world.sessions.running(id, options),
    };
    let Some(session) = session else {
        return Rejection::Invalid("The session has ended").into_response();
    };
    let family = Family::of_access_token(claim("sid"), claim("client_id"), claim("scope"));
    let issuer = world.issuer_at(&headers);
    let subject = Subject { settings: &world.settings, issuer: &issuer, session, family: &family };
    (NO_STORE, Json(subject.user_info())).into_response()
}

/// RFC 7009 §2.
pub async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let world = &mut *shared.world();
    let (application, form) = match form_of(&world.settings, &headers, &body) {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    let Some(token) = form.get("token").filter(|token| !token.is_empty()) else {
        return Refusal::invalid_request("There is no token").into_response();
    };
    if let Some((family, _)) = world.sessions.look_up(token, &world.settings.options) {
        if family.client_id == application.client_id {
            world.sessions.revoke(token);
        }
    } else if let Some(claims) = world.keys.verified(token)
        && claims.get("client_id") == Some(&json!(application.client_id))
        && let Some(id) = claims.get("jti").and_then(Value::as_str)
    {
        world.revoked.insert(id.to_owned());
    }
    // An unknown token is treated as revoked (§2.2).
    StatusCode::OK.into_response()
}

/// RFC 7662 §2, for applications with a secret.
pub async fn introspect(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let world = &mut *shared.world();
    let (application, form) = match form_of(&world.settings, &headers, &body) {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    if application.secret.is_none() {
        return Refusal::new("invalid_client", "This client is public").into_response();
    }
    let Some(token) = form.get("token").filter(|token| !token.is_empty()) else {
        return Refusal::invalid_request("There is no token").into_response();
    };
    (NO_STORE, Json(introspected(world, token))).into_response()
}

fn introspected(world: &mut ProviderState, token: &str) -> Value {
    let inactive = json!({"active": false});
    if let Some((family, live)) = world.sessions.look_up(token, &world.settings.options) {
        let scope = family.scope.join(" ");
        return if live {
            json!({"active": true, "client_id": family.client_id, "scope": scope})
        } else {
            inactive
        };
    }
    let Ok(mut claims) = access_token::verified(world, token) else { return inactive };
    claims.insert("active".to_owned(), json!(true));
    claims.insert("token_type".to_owned(), json!("Bearer"));
    Value::Object(claims)
}
