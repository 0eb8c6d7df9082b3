//! The token endpoint and the JWKS.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Pairs,
    claims::{Subject, change, machine_claims, tamper},
    client::{NO_STORE, Refusal, form_of},
    faults::{InjectedFault, TokenKind},
    keys::{Signature, encode},
    provider_state::{Grant, ProviderState, Shared},
    server::ActiveFault,
    settings::Application,
};

/// The lifetime of a code.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// The lifetime of an application's token without a user, in seconds.
const MACHINE_LIFETIME: u64 = 86_399;

pub async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.world().keys.set())
}

/// RFC 6749 §4.1.3, §4.4.2 and §6.
pub async fn token(
    State(shared): State<Arc<Shared>>,
    fault: Option<Extension<ActiveFault>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = fault.and_then(|Extension(ActiveFault(fault))| fault);
    let world = &mut *shared.world();
    match respond(world, &headers, &body, fault.as_ref()) {
        Ok(response) => (StatusCode::OK, NO_STORE, Json(response)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn respond(
    world: &mut ProviderState,
    headers: &HeaderMap,
    body: &[u8],
    fault: Option<&InjectedFault>,
) -> Result<Value, Refusal> {
    let (application, form) = form_of(&world.settings, headers, body)?;
    let issuer = world.issuer_at(headers);
    match required(&form, "grant_type")? {
        "authorization_code" => by_code(world, &issuer, &application, &form, fault),
        "refresh_token" => by_refresh_token(world, &issuer, &application, &form, fault),
        "client_credentials" if application.secret.is_some() => {
            let claims = machine_claims(&issuer, &application.client_id, MACHINE_LIFETIME);
            Ok(json!({
                "access_token": signed(world, TokenKind::Access, &claims, fault),
                "token_type": "Bearer",
                "expires_in": MACHINE_LIFETIME,
                "scope": form.get("scope").map_or("", String::as_str),
            }))
        }
        "client_credentials" => {
            Err(Refusal::new("unauthorized_client", "This client has no secret"))
        }
        _ => Err(Refusal::new("unsupported_grant_type", "The grant type is not supported")),
    }
}

/// A parameter without a value is treated as absent (RFC 6749 §3.2).
fn required<'a>(form: &'a Pairs, name: &str) -> Result<&'a str, Refusal> {
    let value = form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    value.ok_or_else(|| Refusal::invalid_request(format!("There is no {name}")))
}

fn by_code(
    world: &mut ProviderState,
    issuer: &str,
    application: &Application,
    form: &Pairs,
    fault: Option<&InjectedFault>,
) -> Result<Value, Refusal> {
    let refused = |why: &str| Refusal::invalid_grant(why);
    let code = required(form, "code")?;
    let redirect_uri = required(form, "redirect_uri")?;
    let grant = world.codes.get_mut(code).ok_or_else(|| refused("The code is not known"))?;
    if grant.request.client_id != application.client_id {
        return Err(refused("The code is another application's"));
    }
    if grant.used {
        // RFC 6749 §4.1.2: the tokens of a reused code are revoked.
        let session = grant.session.clone();
        world.sessions.end(&session);
        return Err(refused("The code was used before"));
    }
    grant.used = true;
    let grant = grant.clone();
    if grant.since.elapsed() > CODE_LIFETIME {
        return Err(refused("The code is too old"));
    }
    if redirect_uri != grant.request.redirect_uri {
        return Err(refused("The redirect_uri is not the one of the authorization request"));
    }
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    if !proves(grant.request.code_challenge.as_deref(), verifier) {
        return Err(refused("The code_verifier does not match"));
    }
    let session = world
        .sessions
        .running(&grant.session, &world.settings.options)
        .ok_or_else(|| refused("The session has ended"))?;
    // OpenID Connect Core §3.1.2.1: `auth_time` is returned if `max_age` was requested.
    let authenticated = grant.request.max_age.map(|_| session.authenticated);
    let family = world.sessions.open(
        &grant.session,
        &application.client_id,
        &grant.request.scope,
        authenticated,
    );
    tokens(world, issuer, family, Some((&grant, code)), fault)
}

/// RFC 7636 §4.6; a verifier without a challenge is rejected too (RFC 9700 §2.1.1).
fn proves(challenge: Option<&str>, verifier: &str) -> bool {
    let well_formed = (43..=128).contains(&verifier.len());
    match challenge {
        Some(challenge) => well_formed && encode(Sha256::digest(verifier)) == challenge,
        None => verifier.is_empty(),
    }
}

fn by_refresh_token(
    world: &mut ProviderState,
    issuer: &str,
    application: &Application,
    form: &Pairs,
    fault: Option<&InjectedFault>,
) -> Result<Value, Refusal> {
    let token = required(form, "refresh_token")?;
    let grace = world.settings.reuse_grace;
    let options = &world.settings.options;
    // RFC 6749 §6: no scope beyond the granted ones. Verified before the token is spent.
    if let (Some(scope), Some((family, _))) =
        (form.get("scope"), world.sessions.look_up(token, options))
        && !scope.split(' ').all(|one| one.is_empty() || family.scope.iter().any(|has| has == one))
    {
        return Err(Refusal::new("invalid_scope", "The scope is more than was granted"));
    }
    let family = world
        .sessions
        .spend(token, &application.client_id, grace, options)
        .map_err(Refusal::invalid_grant)?;
    tokens(world, issuer, family, None, fault)
}

fn tokens(
    world: &mut ProviderState,
    issuer: &str,
    family: usize,
    by_code: Option<(&Grant, &str)>,
    fault: Option<&InjectedFault>,
) -> Result<Value, Refusal> {
    let ended = || Refusal::invalid_grant("The session has ended");
    let number = family;
    let family = world.sessions.family(number).ok_or_else(ended)?;
    let session =
        world.sessions.running(&family.session, &world.settings.options).ok_or_else(ended)?;
    let subject = Subject { settings: &world.settings, issuer, session, family };
    let mut access = subject.access_claims();
    tamper(&mut access, TokenKind::Access, fault);
    let access_token = signed(world, TokenKind::Access, &access, fault);
    let mut id = subject.id_claims(&access_token, by_code);
    tamper(&mut id, TokenKind::Id, fault);
    let id_token = signed(world, TokenKind::Id, &id, fault);
    let scope = family.scope.clone();
    let mut response = json!({
        "access_token": access_token,
        "id_token": id_token,
        "expires_in": world.settings.access_token_lifetime.as_secs(),
        "scope": scope.join(" "),
    });
    if world.settings.options.token_type {
        response["token_type"] = json!("Bearer");
    }
    if let Some(remaining) = session.remaining(&world.settings.options) {
        response["authorization_expires_in"] = json!(remaining.as_secs());
    }
    if scope.iter().any(|scope| scope == "offline_access") {
        let refresh_token = world.sessions.rotate(number);
        if fault != Some(&InjectedFault::LoseRefreshToken) {
            response["refresh_token"] = json!(refresh_token);
        }
    }
    Ok(response)
}

fn signed(
    world: &ProviderState,
    kind: TokenKind,
    claims: &Value,
    fault: Option<&InjectedFault>,
) -> String {
    let signature = match fault {
        Some(InjectedFault::WrongKey) => Signature::WrongKey,
        Some(InjectedFault::UnknownKey) => Signature::UnknownKey,
        Some(InjectedFault::Algorithm { algorithm }) if kind == TokenKind::Id => {
            Signature::Other(*algorithm)
        }
        _ => Signature::Proper,
    };
    world.keys.sign_with("JWT", claims, signature, &|header| match fault {
        Some(InjectedFault::TokenHeader { token, parameter, value }) if *token == kind => {
            change(header, parameter, value.as_ref());
        }
        _ => {}
    })
}
