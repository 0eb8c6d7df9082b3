//! Where a sign-in starts outside the program: tiles of a portal, invitations, and the link that
//! they lead to.

use std::{fmt::Write, sync::Arc};

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

use crate::{
    keys::{Keys, Signature},
    misbehaviour::{Misbehaviour, TokenKind},
    pages::{escaped, page},
    people::CONNECTIONS,
    server::Fault,
    token::spoil,
    world::{Shared, World, now, pairs, random},
};

/// What the token of an initiate-login link says about the sign-in. What is `None` it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginStart {
    /// `conn_…`.
    pub connection_id: Option<String>,
    /// `org_…`.
    pub organization_id: Option<String>,
    /// Who is expected.
    pub login_hint: Option<String>,
    /// Where to go after the sign-in.
    pub relay_state: Option<String>,
}

impl LoginStart {
    fn claims(&self) -> [(&'static str, Option<&String>); 4] {
        [
            ("connection_id", self.connection_id.as_ref()),
            ("organization_id", self.organization_id.as_ref()),
            ("login_hint", self.login_hint.as_ref()),
            ("relay_state", self.relay_state.as_ref()),
        ]
    }
}

/// Sends the browser to the program's initiate-login address: with a signed token, with an `error`,
/// or, where nothing is asked for, with nothing.
pub async fn login_link(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    fault: Option<Extension<Fault>>,
) -> Response {
    let mut query = pairs(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let world = shared.world();
    let address = &world.settings.initiate_login_uri;
    if let Some(error) = query.get("error") {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("error", error);
        return Redirect::to(&format!("{address}?{}", pairs.finish())).into_response();
    }
    let start = LoginStart {
        connection_id: query.remove("connection_id"),
        organization_id: query.remove("organization_id"),
        login_hint: query.remove("login_hint"),
        relay_state: query.remove("relay_state"),
    };
    if start == LoginStart::default() {
        return Redirect::to(address).into_response();
    }
    let fault = fault.and_then(|Extension(Fault(fault))| fault);
    Redirect::to(&link(&world, &start, fault.as_ref())).into_response()
}

/// The link with its token.
pub fn link(world: &World, start: &LoginStart, fault: Option<&Misbehaviour>) -> String {
    let age = match fault {
        Some(Misbehaviour::Old { seconds }) => *seconds,
        _ => 0,
    };
    let issued = now().saturating_sub(age);
    let mut claims = json!({
        "iss": world.issuer, "aud": world.settings.client_id,
        "iat": issued, "exp": issued + 300, "jti": random(""),
    });
    for (name, value) in start.claims() {
        if let Some(value) = value {
            claims[name] = json!(value);
        }
    }
    spoil(&mut claims, TokenKind::LoginLink, fault);
    let token = signed(&world.keys, &claims, fault);
    format!("{}?idp_initiated_login={token}", world.settings.initiate_login_uri)
}

fn signed(keys: &Keys, claims: &Value, fault: Option<&Misbehaviour>) -> String {
    match fault {
        Some(Misbehaviour::Unsigned) => Keys::unsigned(claims),
        Some(Misbehaviour::WrongKey) => keys.sign("JWT", claims, Signature::WrongKey),
        Some(Misbehaviour::UnknownKey) => keys.sign("JWT", claims, Signature::UnknownKey),
        _ => keys.sign("JWT", claims, Signature::Proper),
    }
}

/// In place of a company's portal: a tile for the application.
pub async fn portal() -> Response {
    let mut tiles = String::new();
    for connection in CONNECTIONS {
        let _ = write!(
            tiles,
            "<h2>{}</h2><a class=\"tile\" id=\"{2}\" href=\"/login-link?connection_id={}&amp;organization_id={2}\">Open Latchkey</a>",
            escaped(connection.name),
            escaped(connection.id),
            escaped(connection.organization),
        );
    }
    let body = format!("<h1>My apps</h1><p>Your company's portal would be here.</p>{tiles}");
    page(StatusCode::OK, "My apps", &body)
}

/// In place of the mails with invitations: one for every place of every person.
pub async fn invitations(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    let mut mails = String::new();
    for person in &world.people {
        for membership in &person.memberships {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("organization_id", &membership.organization)
                .append_pair("login_hint", &person.email)
                .finish();
            let _ = write!(
                mails,
                "<p>To <bdi>{}</bdi>: you are invited to <bdi>{}</bdi>.<br>\
                 <a class=\"tile\" id=\"{}\" href=\"/login-link?{}\">Accept the invitation</a></p>",
                escaped(&person.email),
                escaped(&membership.name),
                escaped(&membership.organization),
                escaped(&query),
            );
        }
    }
    let body = format!("<h1>Invitations</h1><p>Mails with these would be here.</p>{mails}");
    page(StatusCode::OK, "Invitations", &body)
}
