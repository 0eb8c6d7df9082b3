//! IdP-initiated login: the portal, the links of e-mails, and the initiate-login URI.

use std::{fmt::Write, sync::Arc};

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

use crate::{
    claims::tamper,
    faults::{InjectedFault, TokenKind},
    keys::{Keys, Signature},
    pages::{escaped, page, stale},
    provider_state::{ProviderState, Shared, now, pairs},
    server::ActiveFault,
    users::{CONNECTIONS, Kind},
};

/// The claims in the token of an initiate-login link about the sign-in. `None` omits a claim; Scalekit's tokens
/// have the first three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginStart {
    /// `conn_…`.
    pub connection_id: Option<String>,
    /// `org_…`.
    pub organization_id: Option<String>,
    /// The expected user.
    pub login_hint: Option<String>,
    /// The destination after the sign-in; only an older page of the documentation mentions it.
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

/// Redirects the browser to the application's initiate-login URI: with a signed token, with an `error`, or
/// without parameters if none are requested.
pub async fn login_link(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    fault: Option<Extension<ActiveFault>>,
) -> Response {
    let mut query = pairs(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let world = shared.world();
    if let Some(error) = query.remove("error") {
        let mut pairs = vec![("error".to_owned(), error)];
        pairs.extend(
            query.remove("error_description").map(|why| ("error_description".to_owned(), why)),
        );
        return Redirect::to(&with_parameters(&world, &pairs)).into_response();
    }
    let start = LoginStart {
        connection_id: query.remove("connection_id"),
        organization_id: query.remove("organization_id"),
        login_hint: query.remove("login_hint"),
        relay_state: query.remove("relay_state"),
    };
    if start == LoginStart::default() {
        return Redirect::to(&bare_link(&world)).into_response();
    }
    let fault = fault.and_then(|Extension(ActiveFault(fault))| fault);
    Redirect::to(&link(&world, &start, fault.as_ref())).into_response()
}

/// The link of an e-mail, an expired page or a bookmark: the URI only, unless the environment is configured to
/// add parameters.
pub fn bare_link(world: &ProviderState) -> String {
    with_parameters(world, &world.settings.options.link_parameters)
}

fn with_parameters(world: &ProviderState, parameters: &[(String, String)]) -> String {
    let address = &world.settings.initiate_login_uri;
    if parameters.is_empty() {
        return address.clone();
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("{address}?{}", query.finish())
}

/// The link with its token.
pub fn link(world: &ProviderState, start: &LoginStart, fault: Option<&InjectedFault>) -> String {
    let age = match fault {
        Some(InjectedFault::Old { seconds }) => *seconds,
        _ => 0,
    };
    let issued = now().saturating_sub(age);
    let mut claims = json!({
        "iss": world.issuer(None), "iat": issued, "nbf": issued, "exp": issued + 300,
    });
    for (name, value) in start.claims() {
        if let Some(value) = value {
            claims[name] = json!(value);
        }
    }
    tamper(&mut claims, TokenKind::LoginLink, fault);
    let token = signed(&world.keys, &claims, fault);
    format!("{}?idp_initiated_login={token}", world.settings.initiate_login_uri)
}

fn signed(keys: &Keys, claims: &Value, fault: Option<&InjectedFault>) -> String {
    match fault {
        Some(InjectedFault::Unsigned) => Keys::unsigned(claims),
        Some(InjectedFault::WrongKey) => keys.sign("JWT", claims, Signature::WrongKey),
        Some(InjectedFault::UnknownKey) => keys.sign("JWT", claims, Signature::UnknownKey),
        _ => keys.sign("JWT", claims, Signature::Proper),
    }
}

/// A stand-in for a company's portal: a link for each of its users.
pub async fn portal(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    let mut tiles = String::new();
    for connection in CONNECTIONS {
        let Kind::Enterprise { domain, organization } = connection.kind else { continue };
        let _ = write!(tiles, "<h2>{}</h2>", escaped(connection.name));
        let at_domain = |email: &str| email.ends_with(&format!("@{domain}"));
        for user in world.users.iter().filter(|user| at_domain(&user.email)) {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("connection_id", connection.id)
                .append_pair("organization_id", organization)
                .append_pair("login_hint", &user.email)
                .finish();
            let _ = write!(
                tiles,
                "<a class=\"tile\" id=\"{}\" href=\"/login-link?{}\">Open Latchkey as <bdi>{}</bdi></a>",
                escaped(&user.email),
                escaped(&query),
                escaped(&user.name()),
            );
        }
    }
    let body = format!("<h1>My apps</h1><p>Your company's portal would be here.</p>{tiles}");
    page(StatusCode::OK, "My apps", &body)
}

/// A stand-in for the e-mails that the environment sends: their links.
pub async fn mails(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    let mut mails = String::new();
    for user in &world.users {
        let _ = write!(mails, "<h2>To <bdi>{}</bdi></h2>", escaped(&user.email));
        for (token, _) in world.sign_in_mails.iter().filter(|(_, mail)| mail.user == user.id) {
            let _ = write!(
                mails,
                "<a class=\"tile\" id=\"sign-in {}\" href=\"/magic-link?token={}\">Sign in</a>",
                escaped(&user.email),
                escaped(token),
            );
        }
        for (kind, text) in MAILS {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("mail", kind)
                .append_pair("to", &user.email)
                .finish();
            let _ = write!(
                mails,
                "<a class=\"tile\" id=\"{kind} {}\" href=\"/mail-link?{}\">{text}</a>",
                escaped(&user.email),
                escaped(&query),
            );
        }
    }
    let body = format!("<h1>Mails</h1><p>Your mails would be here.</p>{mails}");
    page(StatusCode::OK, "Mails", &body)
}

const MAILS: [(&str, &str); 3] = [
    ("invitation", "Accept the invitation"),
    ("verification", "Confirm the address"),
    ("reset", "Set a new password"),
];

/// Performs the action of an e-mail's link, then redirects to the application without parameters.
pub async fn mail_link(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let world = &mut *shared.world();
    let to = query.get("to").map_or("", String::as_str);
    let mail = query.get("mail").map_or("", String::as_str);
    let user = world.users.iter_mut().find(|user| user.email.eq_ignore_ascii_case(to));
    let (Some(user), true) = (user, MAILS.iter().any(|(kind, _)| *kind == mail)) else {
        return stale();
    };
    // A user with the e-mail controls the address.
    user.email_verified = true;
    if mail == "invitation" {
        user.memberships.append(&mut user.invitations);
        world.sessions.update(user);
    }
    Redirect::to(&bare_link(world)).into_response()
}
