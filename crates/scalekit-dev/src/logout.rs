//! OpenID Connect RP-Initiated Logout 1.0.

use std::sync::Arc;

use axum::{
    extract::{RawForm, RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value};

use crate::{
    Pairs, pages,
    provider_state::{ProviderState, Shared, pairs},
};

/// Ends the session of this browser and of the ID token, and redirects to the application.
pub async fn logout(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    respond(&shared, query.unwrap_or_default(), &headers)
}

/// The same as a form (§2).
pub async fn logout_by_form(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    respond(&shared, String::from_utf8_lossy(&form).into_owned(), &headers)
}

fn respond(shared: &Shared, text: String, headers: &HeaderMap) -> Response {
    let world = &mut *shared.world();
    let (hinted, back) = match validated(world, &text) {
        Ok(validated) => validated,
        Err(why) => return pages::refused(&why),
    };
    if !world.used_sign_outs.insert(text) {
        return pages::signed_out("You are already signed out");
    }
    let of_browser = pages::cookie(headers).and_then(|cookie| world.browsers.remove(&cookie));
    for session in [hinted, of_browser].into_iter().flatten() {
        world.sessions.end(&session);
    }
    back.map_or_else(
        || pages::signed_out("You are signed out"),
        |back| Redirect::to(&back).into_response(),
    )
}

/// The session of the hint, and the URL of the redirect.
fn validated(
    world: &ProviderState,
    text: &str,
) -> Result<(Option<String>, Option<String>), String> {
    let query = pairs(text)?;
    let get = |name: &str| query.get(name).filter(|value| !value.is_empty());
    let hint = get("id_token_hint").map(|hint| hinted(world, hint)).transpose()?;
    let claim =
        |name: &str| hint.as_ref().and_then(|claims| claims.get(name)?.as_str().map(str::to_owned));
    let client_id = match (get("client_id"), &hint) {
        (Some(client_id), Some(claims)) if !is_for(claims, client_id) => {
            return Err("The id_token_hint is another application's".to_owned());
        }
        (Some(client_id), _) => client_id.clone(),
        (None, Some(_)) => claim("azp").or_else(|| claim("client_id")).unwrap_or_default(),
        (None, None) => return Err("There is no id_token_hint".to_owned()),
    };
    let application = world
        .settings
        .application(&client_id)
        .ok_or_else(|| format!("The client {client_id} is not registered"))?;
    let Some(back) = get("post_logout_redirect_uri") else { return Ok((claim("sid"), None)) };
    if !application.post_logout_redirect_uris.contains(back) {
        return Err(format!("The post_logout_redirect_uri {back} is not registered"));
    }
    Ok((claim("sid"), Some(with_state(back, &query))))
}

/// The claims of an ID token of this environment. An expired one is a valid hint (§2); an access token is not.
fn hinted(world: &ProviderState, hint: &str) -> Result<Map<String, Value>, String> {
    let claims = world.keys.verified(hint);
    let claims = claims.ok_or("The id_token_hint is not one of this environment")?;
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    if !world.is_issuer(issuer) {
        return Err("The id_token_hint is not one of this environment".to_owned());
    }
    if claims.contains_key("jti") || !claims.contains_key("sub") {
        return Err("The id_token_hint is not an ID token".to_owned());
    }
    Ok(claims)
}

fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(all)) => all.iter().any(|one| one == client_id),
        _ => false,
    }
}

fn with_state(back: &str, query: &Pairs) -> String {
    let Some(state) = query.get("state") else { return back.to_owned() };
    let mut pair = url::form_urlencoded::Serializer::new(String::new());
    pair.append_pair("state", state);
    let separator = if back.contains('?') { '&' } else { '?' };
    format!("{back}{separator}{}", pair.finish())
}
