//! OpenID Connect RP-Initiated Logout 1.0.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    pages,
    world::{Shared, pairs},
};

/// Ends the environment's session of this browser, and of the ID token; then back to the program.
pub async fn logout(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let text = query.unwrap_or_default();
    let query = match pairs(&text) {
        Ok(query) => query,
        Err(why) => return pages::refused(&why),
    };
    let world = &mut *shared.world();
    // An ID token that has run its time is still a good hint (§2).
    let hinted = match query.get("id_token_hint") {
        Some(hint) => match world.keys.verified(hint) {
            Some(claims) => claims.get("sid").and_then(|sid| sid.as_str()).map(str::to_owned),
            None => return pages::refused("The id_token_hint is not one of this environment"),
        },
        None if query.get("client_id") == Some(&world.settings.client_id) => None,
        None => return pages::refused("There is no id_token_hint"),
    };
    let back = query.get("post_logout_redirect_uri");
    if let Some(back) = back
        && !world.settings.post_logout_redirect_uris.contains(back)
    {
        return pages::refused(&format!("The post_logout_redirect_uri {back} is not registered"));
    }
    if !world.used_sign_outs.insert(text) {
        return pages::signed_out("You are already signed out");
    }
    let of_browser = pages::cookie(&headers).and_then(|cookie| world.browsers.remove(&cookie));
    for session in [hinted, of_browser].into_iter().flatten() {
        world.sessions.end(&session);
    }
    let Some(back) = back else { return pages::signed_out("You are signed out") };
    let location = match query.get("state") {
        Some(state) => {
            let mut pair = url::form_urlencoded::Serializer::new(String::new());
            pair.append_pair("state", state);
            format!("{back}?{}", pair.finish())
        }
        None => back.clone(),
    };
    Redirect::to(&location).into_response()
}
