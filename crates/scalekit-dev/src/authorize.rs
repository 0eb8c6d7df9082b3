//! Discovery and the authorization endpoint.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

use crate::{
    Pairs, Settings, pages,
    people::CONNECTIONS,
    world::{AuthorizationRequest, Pending, Session, Shared, World, pairs, random},
};

/// OpenID Connect Discovery 1.0 §3.
pub async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", shared.issuer);
    Json(json!({
        "issuer": shared.issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "jwks_uri": at("/keys"),
        "end_session_endpoint": at("/oidc/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "prompt_values_supported": ["none", "login", "create", "select_account"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// What becomes of an authorization request.
pub enum Verdict {
    /// Nothing may be sent to the address it names: the person sees why.
    Page(String),
    /// The client is told (RFC 6749 §4.1.2.1): where the browser goes.
    Refused(String),
    /// It is in order.
    Accepted(AuthorizationRequest, Prompt),
}

/// What the client wishes the person to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    Usual,
    Login,
    Create,
    SelectAccount,
    Nothing,
}

/// RFC 6749 §4.1.1.
pub async fn authorize(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let world = &mut *shared.world();
    let (request, prompt) = match judge(world, query.as_deref().unwrap_or_default()) {
        Verdict::Page(why) => return pages::refused(&why),
        Verdict::Refused(location) => return Redirect::to(&location).into_response(),
        Verdict::Accepted(request, prompt) => (request, prompt),
    };
    let cookie = pages::cookie(&headers);
    let running = world.browser_session(cookie.as_deref()).cloned();
    let needs_page = match prompt {
        Prompt::Login | Prompt::Create => true,
        Prompt::Usual | Prompt::SelectAccount | Prompt::Nothing => false,
    };
    let fitting = running.filter(|session| !needs_page && fits(session, &request));
    let Some(session) = fitting else {
        if prompt == Prompt::Nothing {
            let location = request.answer(&shared.issuer, &[("error", "login_required")]);
            return Redirect::to(&location).into_response();
        }
        let page = first_page(&request, prompt);
        return Redirect::to(&format!("{page}?request={}", wait(world, request, None)))
            .into_response();
    };
    // Signed in already, in this browser.
    let chosen = request.organization.clone();
    let several = session.person.memberships.len() > 1;
    if prompt == Prompt::SelectAccount && several && chosen.is_none() {
        let id = wait(world, request, Some(session.person.id));
        return Redirect::to(&format!("/organization?request={id}")).into_response();
    }
    let wanted = chosen.unwrap_or_else(|| session.membership.organization.clone());
    let Some(membership) =
        session.person.memberships.iter().find(|one| one.organization == wanted).cloned()
    else {
        let location = request.answer(
            &shared.issuer,
            &[
                ("error", "access_denied"),
                ("error_description", "Not a member of the organization"),
            ],
        );
        return Redirect::to(&location).into_response();
    };
    let (location, cookie) =
        world.let_in(&session.person, &membership, &session.amr, &request, cookie.as_deref());
    pages::leave(&location, &cookie)
}

/// Whether the session of this browser is what the request asks for: nobody else, and come in no
/// other way.
fn fits(session: &Session, request: &AuthorizationRequest) -> bool {
    let same_person = |hint: &String| session.person.email.eq_ignore_ascii_case(hint);
    request.login_hint.as_ref().is_none_or(same_person)
        && request.connection.as_ref().is_none_or(|connection| session.amr == *connection)
}

/// Keeps the request for the person to work on.
fn wait(world: &mut World, request: AuthorizationRequest, person: Option<String>) -> String {
    let id = random("");
    let pending = Pending { request, form_token: random(""), person, amr: "pwd".to_owned() };
    world.pending.insert(id.clone(), pending);
    id
}

fn first_page(request: &AuthorizationRequest, prompt: Prompt) -> &'static str {
    let by_hint = request.login_hint.as_deref().and_then(|hint| hint.split_once('@'));
    let company = request.connection.is_some()
        || by_hint.is_some_and(|(_, domain)| CONNECTIONS.iter().any(|one| one.domain == domain));
    if prompt == Prompt::Create {
        "/sign-up"
    } else if company || request.provider.is_some() {
        "/sso"
    } else {
        "/sign-in"
    }
}

/// Every check of an authorization request, in the order that decides who is told.
pub fn judge(world: &World, query: &str) -> Verdict {
    let query = match pairs(query) {
        Ok(query) => query,
        Err(why) => return Verdict::Page(why),
    };
    let settings = &world.settings;
    let redirect_uri = match redirect_uri(settings, &query) {
        Ok(redirect_uri) => redirect_uri,
        Err(why) => return Verdict::Page(why),
    };
    let get = |name: &str| query.get(name).filter(|value| !value.is_empty()).cloned();
    let domain = get("domain");
    let connection = get("connection_id").or_else(|| {
        let domain = domain.as_deref()?;
        Some(CONNECTIONS.iter().find(|one| one.domain == domain)?.id.to_owned())
    });
    let request = AuthorizationRequest {
        redirect_uri,
        state: get("state"),
        nonce: get("nonce"),
        scope: get("scope").unwrap_or_default().split(' ').map(str::to_owned).collect(),
        code_challenge: get("code_challenge").unwrap_or_default(),
        organization: get("organization_id"),
        connection,
        provider: get("provider"),
        login_hint: get("login_hint"),
    };
    match refusal(&query, &request) {
        Err((error, description)) => Verdict::Refused(
            request.answer(&world.issuer, &[("error", error), ("error_description", description)]),
        ),
        Ok(prompt) => Verdict::Accepted(request, prompt),
    }
}

fn redirect_uri(settings: &Settings, query: &Pairs) -> Result<String, String> {
    let client_id = query.get("client_id").ok_or("There is no client_id")?;
    if *client_id != settings.client_id {
        return Err(format!("The client {client_id} is not registered"));
    }
    let redirect_uri = query.get("redirect_uri").ok_or("There is no redirect_uri")?;
    // RFC 9700 §2.1: exact string matching.
    if !settings.redirect_uris.contains(redirect_uri) {
        return Err(format!("The redirect_uri {redirect_uri} is not registered"));
    }
    Ok(redirect_uri.clone())
}

fn refusal(
    query: &Pairs,
    request: &AuthorizationRequest,
) -> Result<Prompt, (&'static str, &'static str)> {
    if query.get("response_type").map(String::as_str) != Some("code") {
        return Err(("unsupported_response_type", "Only the response type code is supported"));
    }
    if !request.scope.iter().any(|scope| scope == "openid") {
        return Err(("invalid_scope", "The scope openid is missing"));
    }
    // RFC 7636 §4.4.1; Scalekit enforces PKCE for native applications.
    if query.get("code_challenge_method").map(String::as_str) != Some("S256")
        || request.code_challenge.len() != 43
    {
        return Err(("invalid_request", "A code_challenge with the method S256 is required"));
    }
    if let Some(connection) = &request.connection
        && !CONNECTIONS.iter().any(|one| one.id == connection)
    {
        return Err(("invalid_request", "The connection is not known"));
    }
    match query.get("prompt").map_or("", String::as_str) {
        "" => Ok(Prompt::Usual),
        "login" => Ok(Prompt::Login),
        "create" => Ok(Prompt::Create),
        "select_account" => Ok(Prompt::SelectAccount),
        "none" => Ok(Prompt::Nothing),
        _ => Err(("invalid_request", "The prompt is not supported")),
    }
}
