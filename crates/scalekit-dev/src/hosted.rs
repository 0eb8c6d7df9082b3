//! The hosted pages of the signed-in user: `/ui/`.

use std::{fmt::Write, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use crate::{
    pages::{cookie, escaped, page, signed_out},
    provider_state::Shared,
    sessions::Session,
};

/// The user's profile and organization.
pub async fn home(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shown(&shared, &headers, |session| {
        let mut rows = String::new();
        for (name, value) in [
            ("Name", session.user.name()),
            ("Email", session.user.email.clone()),
            ("Organization", session.membership.name.clone()),
            ("Session", session.id.clone()),
        ] {
            let _ = write!(rows, "<tr><td>{name}</td><td><bdi>{}</bdi></td></tr>", escaped(&value));
        }
        let body = format!(
            "<h1>Your account</h1><table><tbody>{rows}</tbody></table>\
             <p><a href=\"/ui/profile/passkeys\">Passkeys</a></p>\
             <form method=\"post\" action=\"/ui/sign-out\"><button id=\"submit\">Sign out</button></form>"
        );
        page(StatusCode::OK, "Your account", &body)
    })
}

/// The user's passkeys, of which there are none.
pub async fn passkeys(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shown(&shared, &headers, |session| {
        let body = format!(
            "<h1>Passkeys</h1><p>There is none for <bdi>{}</bdi>.</p>",
            escaped(&session.user.email)
        );
        page(StatusCode::OK, "Passkeys", &body)
    })
}

/// Ends the session of this browser, which all applications share.
pub async fn sign_out(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let world = &mut *shared.world();
    if let Some(session) = cookie(&headers).and_then(|cookie| world.browsers.remove(&cookie)) {
        world.sessions.end(&session);
    }
    signed_out("You are signed out")
}

/// A page for the signed-in user of this browser.
fn shown(shared: &Shared, headers: &HeaderMap, of: impl FnOnce(&Session) -> Response) -> Response {
    let world = shared.world();
    world.browser_session(cookie(headers).as_deref()).map_or_else(
        || {
            let body = "<h1>You are not signed in</h1><p>Sign in with the application first.</p>";
            page(StatusCode::UNAUTHORIZED, "Not signed in", body)
        },
        of,
    )
}
