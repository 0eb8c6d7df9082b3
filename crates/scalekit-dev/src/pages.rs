//! The pages for users. They have no scripts and no external pictures, and all text is escaped.

use std::{fmt::Write, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};

use crate::{
    provider_state::{Pending, Shared},
    users::{Connection, Kind, PASSWORD, User},
};

const COOKIE: &str = "scalekit_dev_session";

const STYLE: &str = include_str!("../assets/pages.css");

/// The users, and the values to configure.
pub async fn home(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    let mut rows = String::new();
    for user in &world.users {
        let _ = write!(
            rows,
            "<tr><td><bdi>{}</bdi></td><td>{}</td><td>{}</td></tr>",
            escaped(&user.name()),
            escaped(&user.email),
            escaped(user.about)
        );
    }
    let body = format!(
        "<h1>A Scalekit environment on this computer</h1>\
         <p>Environment URL <code>{}</code><br>Client ID <code>{}</code><br>\
         Web application <code>{}</code> with the secret <code>{}</code></p>\
         <table><thead><tr><th>Name</th><th>Email</th><th></th></tr></thead><tbody>{rows}</tbody></table>\
         <p>Everybody's password is <code>{PASSWORD}</code>.</p>\
         <p>Sign-ins that begin outside the application: <a href=\"/portal\">a company's portal</a>, \
         <a href=\"/mails\">mails</a>, <a href=\"/login-link\">a bookmarked page</a>.</p>\
         <p>Signed in here: <a href=\"/ui/\">your account</a>.</p>",
        escaped(&shared.url),
        escaped(&world.settings.client_id),
        escaped(&world.settings.web.client_id),
        escaped(&world.settings.web.secret),
    );
    page(StatusCode::OK, "scalekit-dev", &body)
}

const PASSWORDLESS: &str = "<button id=\"passwordless\" name=\"passwordless\" value=\"1\" formnovalidate>\
    Get a link by mail</button>";

pub fn sign_in(id: &str, pending: &Pending, wrong: Option<(&str, &str)>) -> Response {
    let (email, alert) = wrong.unwrap_or_default();
    let email = if email.is_empty() {
        pending.request.login_hint.as_deref().unwrap_or_default()
    } else {
        email
    };
    let status = if alert.is_empty() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    let form = form(
        "/sign-in",
        id,
        pending,
        &format!(
            "{}{}{}",
            alert_box(alert),
            field("email", "Email", "email", "username", email),
            field("password", "Password", "password", "current-password", ""),
        ),
        "Sign in",
        PASSWORDLESS,
    );
    let body = format!(
        "<h1>Sign in</h1>{form}<p class=\"aside\">New here? <a href=\"/sign-up?request={}\">Create an account</a></p>",
        escaped(id)
    );
    page(status, "Sign in", &body)
}

/// The page after a request for a sign-in mail, which is at `/mails`.
pub fn mail_sent(user: &User) -> Response {
    let body = format!(
        "<h1>Check your mail</h1><p>A link to sign in was sent to <bdi>{}</bdi>. It works in any browser.</p>\
         <p><a href=\"/mails\" target=\"_blank\">Mails</a></p>",
        escaped(&user.email)
    );
    page(StatusCode::OK, "Check your mail", &body)
}

pub fn sign_up(id: &str, pending: &Pending, wrong: Option<(&str, &str, &str)>) -> Response {
    let (name, email, alert) = wrong.unwrap_or_default();
    let status = if alert.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let form = form(
        "/sign-up",
        id,
        pending,
        &format!(
            "{}{}{}{}",
            alert_box(alert),
            field("name", "Name", "text", "name", name),
            field("email", "Email", "email", "username", email),
            field("password", "Password", "password", "new-password", ""),
        ),
        "Create account",
        "",
    );
    let body = format!(
        "<h1>Create an account</h1>{form}<p class=\"aside\">Have one already? <a href=\"/sign-in?request={}\">Sign in</a></p>",
        escaped(id)
    );
    page(status, "Create an account", &body)
}

/// A stand-in for the sign-in page of an enterprise or social provider: the selected user has signed in there.
pub fn company(id: &str, pending: &Pending, users: &[User]) -> Response {
    let connection = Connection::of_id(&pending.connection);
    let name = connection.map_or("", |one| one.name);
    let domain = connection.and_then(|one| match one.kind {
        Kind::Enterprise { domain, .. } => Some(domain),
        Kind::Password | Kind::Passwordless | Kind::Social(_) => None,
    });
    let mut choices = String::new();
    for user in users {
        if domain.is_none_or(|domain| user.email.ends_with(&format!("@{domain}"))) {
            let _ = write!(
                choices,
                "<button name=\"email\" value=\"{}\"><bdi>{}</bdi><small>{}</small></button>",
                escaped(&user.email),
                escaped(&user.name()),
                escaped(&user.email)
            );
        }
    }
    let body = format!(
        "<h1>{}</h1><p>Your company's sign-in page would be here. Choose who you are.</p>{}",
        escaped(name),
        choice("/sso", id, pending, &choices)
    );
    page(StatusCode::OK, "Company sign-in", &body)
}

pub fn organization(id: &str, pending: &Pending, user: &User) -> Response {
    let mut choices = String::new();
    for membership in &user.memberships {
        let _ = write!(
            choices,
            "<button name=\"organization_id\" value=\"{}\"><bdi>{}</bdi></button>",
            escaped(&membership.organization),
            escaped(&membership.name)
        );
    }
    for invitation in &user.invitations {
        let _ = write!(
            choices,
            "<button name=\"join\" value=\"{}\">Join <bdi>{}</bdi></button>",
            escaped(&invitation.organization),
            escaped(&invitation.name)
        );
    }
    let body = format!(
        "<h1>Choose an organization</h1>{}",
        choice("/organization", id, pending, &choices)
    );
    page(StatusCode::OK, "Choose an organization", &body)
}

/// The page for an authorization request that has ended or is unknown.
pub fn stale() -> Response {
    let body = "<h1>This page is no longer good</h1><p>The sign-in it belonged to is over. Go back to the application and start again.</p>";
    page(StatusCode::GONE, "No longer good", body)
}

/// An authorization request that must not get a redirect (RFC 6749 §4.1.2.1).
pub fn refused(why: &str) -> Response {
    let body = format!(
        "<h1>This sign-in cannot start</h1><p>The application asked in a way this environment does not accept.</p><p role=\"alert\"><code>{}</code></p>",
        escaped(why)
    );
    page(StatusCode::BAD_REQUEST, "Refused", &body)
}

pub fn signed_out(heading: &str) -> Response {
    let body = format!("<h1>{}</h1><p>You can close this page.</p>", escaped(heading));
    page(StatusCode::OK, "Signed out", &body)
}

/// Redirects the browser and sets its cookie.
pub fn leave(location: &str, cookie: &str) -> Response {
    let cookie = format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, cookie)], Redirect::to(location)).into_response()
}

/// The cookie of this browser.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get(header::COOKIE)?.to_str().ok()?;
    let mut cookies = all.split(';').filter_map(|one| one.trim().split_once('='));
    cookies.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// `more` follows the default button of the form.
fn form(
    action: &str,
    id: &str,
    pending: &Pending,
    fields: &str,
    submit: &str,
    more: &str,
) -> String {
    format!(
        "<form method=\"post\" action=\"{action}\">{}{fields}\
         <button id=\"submit\" class=\"primary\">{submit}</button>{more}\
         <button id=\"cancel\" name=\"cancel\" value=\"1\" formnovalidate>Cancel</button></form>",
        hidden(id, pending)
    )
}

fn choice(action: &str, id: &str, pending: &Pending, choices: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{action}\" class=\"choice\">{}{choices}\
         <button id=\"cancel\" name=\"cancel\" value=\"1\" class=\"quiet\">Cancel</button></form>",
        hidden(id, pending)
    )
}

fn hidden(id: &str, pending: &Pending) -> String {
    format!(
        "<input type=\"hidden\" name=\"request\" value=\"{}\"><input type=\"hidden\" name=\"form_token\" value=\"{}\">",
        escaped(id),
        escaped(&pending.form_token)
    )
}

fn field(name: &str, label: &str, kind: &str, autocomplete: &str, value: &str) -> String {
    format!(
        "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{autocomplete}\" required value=\"{}\">",
        escaped(value)
    )
}

fn alert_box(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escaped(text)) }
}

pub fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title><link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(html)).into_response()
}
