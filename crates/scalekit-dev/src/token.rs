//! The token endpoint and the published keys.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Pairs,
    keys::{Signature, encode},
    misbehaviour::{Misbehaviour, TokenKind},
    server::{Fault, is_form},
    world::{Grant, Session, Shared, World, now, pairs, random},
};

/// Codes are good for so long.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// An error of RFC 6749 §5.2.
struct Refusal(&'static str, String);

pub async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.world().keys.set())
}

/// RFC 6749 §4.1.3 and §6.
pub async fn token(
    State(shared): State<Arc<Shared>>,
    fault: Option<Extension<Fault>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = fault.map(|Extension(Fault(fault))| fault).unwrap_or_default();
    let world = &mut *shared.world();
    match answered(world, &headers, &body, fault.as_ref()) {
        Ok(answer) => (StatusCode::OK, NO_STORE, Json(answer)).into_response(),
        Err(Refusal(error, description)) => {
            let body = json!({"error": error, "error_description": description});
            (StatusCode::BAD_REQUEST, NO_STORE, Json(body)).into_response()
        }
    }
}

/// RFC 6749 §5.1.
const NO_STORE: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];

fn answered(
    world: &mut World,
    headers: &HeaderMap,
    body: &[u8],
    fault: Option<&Misbehaviour>,
) -> Result<Value, Refusal> {
    let invalid = |why: &str| Refusal("invalid_request", why.to_owned());
    if !is_form(headers) {
        return Err(invalid("The body is not a form"));
    }
    let form = std::str::from_utf8(body).map_err(|_| invalid("The body is not text"))?;
    let form = pairs(form).map_err(|why| Refusal("invalid_request", why))?;
    if form.get("client_id") != Some(&world.settings.client_id) {
        return Err(Refusal("invalid_client", "The client is not registered".to_owned()));
    }
    if form.contains_key("client_secret") || headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal("invalid_client", "This client is public".to_owned()));
    }
    match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => by_code(world, &form, fault),
        Some("refresh_token") => by_refresh_token(world, &form, fault),
        _ => Err(Refusal("unsupported_grant_type", "The grant type is not supported".to_owned())),
    }
}

fn by_code(
    world: &mut World,
    form: &Pairs,
    fault: Option<&Misbehaviour>,
) -> Result<Value, Refusal> {
    let refused = |why: &str| Refusal("invalid_grant", why.to_owned());
    let code = form.get("code").ok_or_else(|| refused("There is no code"))?;
    let grant = world.codes.get_mut(code).ok_or_else(|| refused("The code is not known"))?;
    if grant.used {
        // RFC 6749 §4.1.2: and what it was exchanged for is taken back.
        let session = grant.session.clone();
        world.sessions.end(&session);
        return Err(refused("The code was used before"));
    }
    grant.used = true;
    let grant = grant.clone();
    if grant.since.elapsed() > CODE_LIFETIME {
        return Err(refused("The code is too old"));
    }
    if form.get("redirect_uri") != Some(&grant.request.redirect_uri) {
        return Err(refused("The redirect_uri is not the one of the authorization request"));
    }
    // RFC 7636 §4.6.
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    let well_formed = (43..=128).contains(&verifier.len());
    if !well_formed || encode(Sha256::digest(verifier)) != grant.request.code_challenge {
        return Err(refused("The code_verifier does not match"));
    }
    let session = world
        .sessions
        .get_mut(&grant.session)
        .filter(|session| !session.ended)
        .ok_or_else(|| refused("The session has ended"))?;
    session.scope.clone_from(&grant.request.scope);
    let session = session.clone();
    tokens(world, &session, Some((&grant, code)), fault)
}

fn by_refresh_token(
    world: &mut World,
    form: &Pairs,
    fault: Option<&Misbehaviour>,
) -> Result<Value, Refusal> {
    let refused = |why: &str| Refusal("invalid_grant", why.to_owned());
    let token = form.get("refresh_token").ok_or_else(|| refused("There is no refresh token"))?;
    let grace = world.settings.reuse_grace;
    let session = world.sessions.spend(token, grace).map_err(refused)?;
    let session =
        world.sessions.get(&session).cloned().ok_or_else(|| refused("The session has ended"))?;
    tokens(world, &session, None, fault)
}

fn tokens(
    world: &mut World,
    session: &Session,
    by_code: Option<(&Grant, &str)>,
    fault: Option<&Misbehaviour>,
) -> Result<Value, Refusal> {
    let lifetime = world.settings.access_token_lifetime.as_secs();
    let mut access = access_claims(world, session, lifetime);
    spoil(&mut access, TokenKind::Access, fault);
    let access_token = signed(world, TokenKind::Access, &access, fault);
    let mut id = id_claims(world, session, lifetime, &access_token, by_code);
    spoil(&mut id, TokenKind::Id, fault);
    let id_token = signed(world, TokenKind::Id, &id, fault);
    let mut answer = json!({
        "access_token": access_token,
        "id_token": id_token,
        "token_type": "Bearer",
        "expires_in": lifetime,
        "scope": session.scope.join(" "),
    });
    if session.scope.iter().any(|scope| scope == "offline_access") {
        let refresh_token = world.sessions.rotate(&session.id);
        if fault != Some(&Misbehaviour::LoseRefreshToken) {
            answer["refresh_token"] = json!(refresh_token);
        }
    }
    Ok(answer)
}

fn signed(world: &World, kind: TokenKind, claims: &Value, fault: Option<&Misbehaviour>) -> String {
    let signature = match fault {
        Some(Misbehaviour::WrongKey) => Signature::WrongKey,
        Some(Misbehaviour::UnknownKey) => Signature::UnknownKey,
        Some(Misbehaviour::Algorithm { algorithm }) if kind == TokenKind::Id => {
            Signature::Other(*algorithm)
        }
        _ => Signature::Proper,
    };
    world.keys.sign_with("JWT", claims, signature, &|header| match fault {
        Some(Misbehaviour::TokenHeader { token, parameter, value }) if *token == kind => {
            change(header, parameter, value.as_ref());
        }
        _ => {}
    })
}

fn access_claims(world: &World, session: &Session, lifetime: u64) -> Value {
    let mut claims = json!({
        "iss": world.issuer,
        "aud": [world.settings.client_id],
        "sub": session.person.id,
        "client_id": world.settings.client_id,
        "oid": session.membership.organization,
        "sid": session.id,
        "jti": random("tkn_"),
        "iat": now(),
        "nbf": now(),
        "exp": now() + lifetime,
        "scope": session.scope.join(" "),
        "roles": session.membership.roles,
        "permissions": session.membership.permissions,
        "org_metadata": { "name": session.membership.name },
    });
    if let Some(external_id) = &session.membership.external_id {
        claims["xoid"] = json!(external_id);
    }
    claims
}

fn id_claims(
    world: &World,
    session: &Session,
    lifetime: u64,
    access_token: &str,
    by_code: Option<(&Grant, &str)>,
) -> Value {
    let person = &session.person;
    let has = |scope: &str| session.scope.iter().any(|one| one == scope);
    let mut claims = json!({
        "iss": world.issuer,
        "aud": [world.settings.client_id],
        "azp": world.settings.client_id,
        "client_id": world.settings.client_id,
        "sub": person.id,
        "oid": session.membership.organization,
        "sid": session.id,
        "amr": [session.amr],
        "iat": now(),
        // An ID token of a few seconds would be refused by clocks that are a little off.
        "exp": now() + lifetime.max(60),
        "at_hash": half_hash(access_token),
    });
    if let Some((grant, code)) = by_code {
        claims["c_hash"] = json!(half_hash(code));
        if let Some(nonce) = &grant.request.nonce {
            claims["nonce"] = json!(nonce);
        }
    }
    if has("email") {
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(person.email_verified);
    }
    if has("profile") {
        claims["name"] = json!(person.name());
        claims["given_name"] = json!(person.given_name);
        claims["family_name"] = json!(person.family_name);
        if let Some(path) = &person.picture {
            claims["picture"] = json!(format!("{}{path}", world.issuer));
        }
    }
    claims
}

/// OpenID Connect Core §3.1.3.6 and §3.3.2.11.
fn half_hash(text: &str) -> String {
    encode(&Sha256::digest(text)[..16])
}

/// Says something else than the truth, or nothing, as the fault has it.
pub fn spoil(claims: &mut Value, kind: TokenKind, fault: Option<&Misbehaviour>) {
    match fault {
        Some(Misbehaviour::WrongClaim { token, claim, value }) if *token == kind => {
            change(claims, claim, Some(value));
        }
        Some(Misbehaviour::MissingClaim { token, claim }) if *token == kind => {
            change(claims, claim, None);
        }
        _ => {}
    }
}

/// Sets a member of an object, or takes it away.
pub fn change(object: &mut Value, name: &str, value: Option<&Value>) {
    let Some(object) = object.as_object_mut() else { return };
    match value {
        Some(value) => object.insert(name.to_owned(), value.clone()),
        None => object.remove(name),
    };
}
