//! Discovery and the authorization endpoint.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{RawForm, RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

use crate::{
    faults::InjectedFault,
    pages,
    provider_state::{Entrant, Pending, ProviderState, Shared, now, random},
    request::{AuthorizationRequest, Prompt, Verdict, validate},
    server::ActiveFault,
    sessions::Session,
    users::{Connection, Kind},
};

/// OpenID Connect Discovery 1.0 §3.
pub async fn discovery(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Json<Value> {
    let world = shared.world();
    let issuer = world.issuer_at(&headers);
    let at = |path: &str| format!("{issuer}{path}");
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "introspection_endpoint": at("/oauth/introspect"),
        "userinfo_endpoint": at("/userinfo"),
        "revocation_endpoint": at("/revoke"),
        "jwks_uri": at("/keys"),
        "end_session_endpoint": at("/oidc/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "prompt_values_supported": ["none", "login", "consent", "create", "select_account"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    if world.settings.options.issuer_in_callbacks {
        document["authorization_response_iss_parameter_supported"] = json!(true);
    }
    if world.settings.options.public_revocation {
        document["revocation_endpoint_auth_methods_supported"] =
            json!(["none", "client_secret_basic", "client_secret_post"]);
    }
    Json(document)
}

/// RFC 6749 §4.1.1.
pub async fn authorize(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    fault: Option<Extension<ActiveFault>>,
    headers: HeaderMap,
) -> Response {
    let fault = fault.and_then(|Extension(ActiveFault(fault))| fault);
    respond(&shared, query.as_deref().unwrap_or_default(), fault.as_ref(), &headers)
}

/// The same request as a form (OpenID Connect Core §3.1.2.1).
pub async fn authorize_by_form(
    State(shared): State<Arc<Shared>>,
    fault: Option<Extension<ActiveFault>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let fault = fault.and_then(|Extension(ActiveFault(fault))| fault);
    respond(&shared, &String::from_utf8_lossy(&form), fault.as_ref(), &headers)
}

fn respond(
    shared: &Shared,
    query: &str,
    fault: Option<&InjectedFault>,
    headers: &HeaderMap,
) -> Response {
    let world = &mut *shared.world();
    let issuer = world.issuer_at(headers);
    let (request, prompt) = match validate(world, query, &issuer, fault) {
        Verdict::Page(why) => return pages::refused(&why),
        Verdict::Refused(location) => return Redirect::to(&location).into_response(),
        Verdict::Accepted(request, prompt) => (*request, prompt),
    };
    let cookie = pages::cookie(headers);
    let running = world.browser_session(cookie.as_deref()).cloned();
    let needs_page = match prompt {
        Prompt::Login | Prompt::Create => true,
        Prompt::Usual | Prompt::SelectAccount | Prompt::Nothing => false,
    };
    let fitting = running.filter(|session| !needs_page && fits(session, &request));
    let Some(session) = fitting else {
        if prompt == Prompt::Nothing {
            let location = request.refusal("login_required", "Nobody fitting is signed in");
            return Redirect::to(&location).into_response();
        }
        let page = first_page(&request, prompt);
        let id = wait(world, request, prompt, None);
        return Redirect::to(&format!("{page}?request={id}")).into_response();
    };
    // The user is already signed in in this browser.
    let chosen = request.organization.clone();
    let several = session.user.memberships.len() + session.user.invitations.len() > 1;
    if prompt == Prompt::SelectAccount && several && chosen.is_none() {
        let id = wait(world, request, prompt, Some(&session));
        return Redirect::to(&format!("/organization?request={id}")).into_response();
    }
    let wanted = chosen.unwrap_or_else(|| session.membership.organization.clone());
    let Some(membership) =
        session.user.memberships.iter().find(|one| one.organization == wanted).cloned()
    else {
        let location = request.refusal("access_denied", "Not a member of the organization");
        return Redirect::to(&location).into_response();
    };
    let entrant = Entrant {
        user: &session.user,
        membership: &membership,
        connection: &session.connection,
        fresh: false,
    };
    let (location, cookie) = world.let_in(&entrant, &request, cookie.as_deref());
    pages::leave(&location, &cookie)
}

/// Whether the session of this browser satisfies the request: its user, organization, connection and age.
fn fits(session: &Session, request: &AuthorizationRequest) -> bool {
    let same_user = |hint: &String| session.user.email.eq_ignore_ascii_case(hint);
    let young = |age: u64| age > 0 && now().saturating_sub(session.authenticated) <= age;
    let belongs =
        |wanted: &String| session.user.memberships.iter().any(|one| one.organization == *wanted);
    request.login_hint.as_ref().is_none_or(same_user)
        && request.organization.as_ref().is_none_or(belongs)
        && request.max_age.is_none_or(young)
        && (!request.only_by_it || request.connection == Some(&*session.connection))
}

/// Stores the request while the user signs in; with the user of this session, if known.
fn wait(
    world: &mut ProviderState,
    request: AuthorizationRequest,
    prompt: Prompt,
    who: Option<&Session>,
) -> String {
    let id = random("");
    let connection = who.map_or_else(
        || request.connection.unwrap_or(crate::ids::PASSWORD_CONNECTION).to_owned(),
        |session| session.connection.clone(),
    );
    let user = who.map(|session| session.user.id.clone());
    let pending = Pending {
        request,
        form_token: random(""),
        fresh: user.is_none(),
        user,
        connection,
        select: prompt == Prompt::SelectAccount,
    };
    world.pending.insert(id.clone(), pending);
    id
}

fn first_page(request: &AuthorizationRequest, prompt: Prompt) -> &'static str {
    let connection = request.connection.and_then(Connection::of_id);
    if prompt == Prompt::Create {
        "/sign-up"
    } else if connection
        .is_some_and(|one| matches!(one.kind, Kind::Social(_) | Kind::Enterprise { .. }))
    {
        "/sso"
    } else {
        "/sign-in"
    }
}
