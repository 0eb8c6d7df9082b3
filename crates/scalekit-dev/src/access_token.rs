//! The verification of access tokens by a protected resource (RFC 6750, `authenticate/fsa/complete-login.mdx`).

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use crate::{
    keys::decode,
    provider_state::{ProviderState, now},
};

/// The tolerated difference between the clocks of the resource and of the environment, in seconds.
const LEEWAY: u64 = 5;

/// The JWKS is read again after this time, and for an unknown `kid`.
const MAX_KEYS_AGE: Duration = Duration::from_secs(600);

/// The reason a request is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// It has no access token.
    Absent,
    /// It has a malformed access token, or more than one.
    Malformed(&'static str),
    /// The access token is invalid.
    Invalid(&'static str),
    /// The access token lacks this permission.
    Insufficient(&'static str),
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        const REALM: &str = "Bearer realm=\"scalekit-dev\"";
        let with = |error: &str, description: &str| {
            format!("{REALM}, error=\"{error}\", error_description=\"{description}\"")
        };
        let (status, challenge) = match self {
            // RFC 6750 §3.1: the challenge to a request without a token contains no error.
            Self::Absent => (StatusCode::UNAUTHORIZED, REALM.to_owned()),
            Self::Malformed(why) => (StatusCode::BAD_REQUEST, with("invalid_request", why)),
            Self::Invalid(why) => (StatusCode::UNAUTHORIZED, with("invalid_token", why)),
            Self::Insufficient(needed) => {
                let why = format!("The permission {needed} is missing");
                let challenge = with("insufficient_scope", &why);
                (StatusCode::FORBIDDEN, format!("{challenge}, scope=\"{needed}\""))
            }
        };
        let challenge = HeaderValue::try_from(challenge);
        let challenge = challenge.unwrap_or(HeaderValue::from_static(REALM));
        (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }
}

/// The access token in the header of a request (RFC 6750 §2.1), the only accepted method.
pub fn of_request<'a>(uri: &Uri, headers: &'a HeaderMap) -> Result<&'a str, Rejection> {
    let query = uri.query().unwrap_or_default();
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
        return Err(Rejection::Malformed("The access token belongs in the Authorization header"));
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Err(Rejection::Absent) };
    if values.next().is_some() {
        return Err(Rejection::Malformed("There are two Authorization headers"));
    }
    let value = value.to_str().map_err(|_| Rejection::Malformed("The header is not ASCII"))?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    // RFC 9110 §11.1: the scheme is case-insensitive.
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Rejection::Absent);
    }
    if !is_b64token(token) {
        return Err(Rejection::Malformed("The header holds no access token"));
    }
    Ok(token)
}

/// RFC 6750 §2.1.
fn is_b64token(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    !text.is_empty() && text.chars().all(is_allowed)
}

/// The claims of an access token of this environment for one of its applications or its API, or the reason it
/// is rejected.
pub fn verified(
    world: &mut ProviderState,
    token: &str,
) -> Result<Map<String, Value>, &'static str> {
    let ProviderState { resource_keys, keys, .. } = world;
    let claims = signed(resource_keys, || keys.set(), token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").ok_or("There is no iss")?;
    if !world.is_issuer(issuer) {
        return Err("The issuer is another one");
    }
    if !audience(&claims).any(|one| is_own_audience(world, one)) {
        return Err("The audience is another one");
    }
    check_times(&claims, now())?;
    // Both tokens have the type JWT: an ID token is recognized by its claims (OpenID Connect Core §2).
    if claims.contains_key("nonce") || claims.contains_key("at_hash") {
        return Err("This is an ID token");
    }
    let id = text("jti").ok_or("There is no jti")?;
    if text("sub").is_none() || text("client_id").is_none() {
        return Err("This is no access token");
    }
    if world.revoked.contains(id) {
        return Err("The access token was revoked");
    }
    Ok(claims)
}

/// The same, with the requirements of a user's access token: an organization, and a session that has not ended.
pub fn verified_of_user(
    world: &mut ProviderState,
    token: &str,
) -> Result<Map<String, Value>, &'static str> {
    let claims = verified(world, token)?;
    let text =
        |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("oid").is_none() {
        return Err("There is no organization");
    }
    let session = text("sid").ok_or("There is no session")?;
    if world.sessions.running(session, &world.settings.options).is_none() {
        return Err("The session has ended");
    }
    Ok(claims)
}

/// RFC 7519 §4.1.3: one audience, or several.
fn audience(claims: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let audience = claims.get("aud");
    let several = audience.and_then(Value::as_array).into_iter().flatten();
    audience.into_iter().chain(several).filter_map(Value::as_str)
}

fn is_own_audience(world: &ProviderState, audience: &str) -> bool {
    let settings = &world.settings;
    settings.application(audience).is_some()
        || settings.options.api_audience.as_deref() == Some(audience)
}

fn check_times(claims: &Map<String, Value>, now: u64) -> Result<(), &'static str> {
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    let end = time("exp").ok_or("There is no exp")?;
    if now >= end.saturating_add(LEEWAY) {
        return Err("The access token has expired");
    }
    if time("nbf").is_some_and(|begin| begin > now + LEEWAY) {
        return Err("The access token is not valid yet");
    }
    if time("iat").ok_or("There is no iat")? > now + LEEWAY {
        return Err("The access token is from the future");
    }
    Ok(())
}

/// The claims, if one of the published keys has signed them with RS256.
fn signed(
    keys: &mut KeyCache,
    published: impl FnOnce() -> Value,
    token: &str,
) -> Result<Map<String, Value>, &'static str> {
    const NO_JWT: &str = "This is no JWT";
    let (message, signature) = token.rsplit_once('.').ok_or(NO_JWT)?;
    let (header, payload) = message.split_once('.').ok_or(NO_JWT)?;
    let part = |text: &str| decode(text).ok_or(NO_JWT);
    let header: Map<String, Value> = serde_json::from_slice(&part(header)?).map_err(|_| NO_JWT)?;
    // RFC 8725 §3.1: the verifier determines the algorithm.
    if header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err("The algorithm is not RS256");
    }
    // RFC 7515 §4.1.11.
    if header.contains_key("crit") {
        return Err("The header demands an extension");
    }
    let id = header.get("kid").and_then(Value::as_str).ok_or("There is no kid")?;
    let key = keys.get(id, published).ok_or("The signing key is not known")?;
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &part(signature)?)
        .map_err(|_| "The signature is not right")?;
    serde_json::from_slice(&part(payload)?).map_err(|_| NO_JWT)
}

/// The cached JWKS of the environment, by `kid`.
#[derive(Default)]
pub struct KeyCache {
    keys: HashMap<String, RsaPublicKeyComponents<Vec<u8>>>,
    read: Option<Instant>,
}

impl KeyCache {
    /// The key with this `kid`. If it is missing or too old, the JWKS is read again.
    fn get(
        &mut self,
        id: &str,
        published: impl FnOnce() -> Value,
    ) -> Option<&RsaPublicKeyComponents<Vec<u8>>> {
        let is_recent = self.read.is_some_and(|since| since.elapsed() < MAX_KEYS_AGE);
        if !is_recent || !self.keys.contains_key(id) {
            self.keys = keys_of(&published());
            self.read = Some(Instant::now());
        }
        self.keys.get(id)
    }
}

/// RFC 7517 §5, RFC 7518 §6.3: the RSA keys for signatures with RS256.
fn keys_of(set: &Value) -> HashMap<String, RsaPublicKeyComponents<Vec<u8>>> {
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    let read = |key: &Value| {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let is_usable = text("kty") == Some("RSA")
            && text("alg").is_none_or(|alg| alg == "RS256")
            && text("use").is_none_or(|usage| usage == "sig");
        let components = RsaPublicKeyComponents { n: decode(text("n")?)?, e: decode(text("e")?)? };
        is_usable.then_some((text("kid")?.to_owned(), components))
    };
    keys.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keys::Keys;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn request(uri: &str, authorization: &[&str]) -> Result<String, Rejection> {
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        of_request(&uri.parse().unwrap(), &headers).map(str::to_owned)
    }

    #[test]
    fn access_token_is_read_from_the_authorization_header_only() {
        for value in ["Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g=="] {
            assert_eq!(request("/api", &[value]), Ok("a.b-c_d~e+f/g==".to_owned()));
        }
        for authorization in [&[][..], &["Basic YTpi"], &["Bearertoken"]] {
            assert_eq!(request("/api?a=b", authorization), Err(Rejection::Absent));
        }
        for (uri, authorization) in [
            ("/api?access_token=a", &[][..]),
            ("/api?access_token=a", &["Bearer a"]),
            ("/api", &["Bearer a", "Bearer a"]),
            ("/api", &["Bearer"]),
            ("/api", &["Bearer "]),
            ("/api", &["Bearer a b"]),
            ("/api", &["Bearer a=b"]),
            ("/api", &["Bearer \"a\""]),
        ] {
            let why = request(uri, authorization).unwrap_err();
            assert!(matches!(why, Rejection::Malformed(_)), "{uri} {authorization:?}: {why:?}");
        }
    }

    #[test]
    fn access_token_times_have_five_seconds_of_leeway() {
        let at = |exp: u64, nbf: u64, iat: u64| {
            check_times(&object(json!({"exp": exp, "nbf": nbf, "iat": iat})), 1000)
        };
        for (exp, nbf, iat) in [(1001, 1000, 1000), (996, 1000, 1000), (1300, 1005, 1005)] {
            assert_eq!(at(exp, nbf, iat), Ok(()), "{exp} {nbf} {iat}");
        }
        for (exp, nbf, iat) in [(995, 900, 900), (1300, 1006, 1000), (1300, 1000, 1006)] {
            assert!(at(exp, nbf, iat).is_err(), "{exp} {nbf} {iat}");
        }
        for claims in [json!({"exp": 1300}), json!({"iat": 1000}), json!({"exp": "1300", "iat": 1})]
        {
            assert!(check_times(&object(claims.clone()), 1000).is_err(), "{claims}");
        }
    }

    #[test]
    fn jwks_is_read_once_and_again_for_an_unknown_kid() {
        let mut keys = Keys::new().unwrap();
        let (mut cache, mut reads) = (KeyCache::default(), 0);
        let mut signs = |keys: &Keys, kind| {
            let token = keys.sign("JWT", &json!({"a": 1}), kind);
            let published = || {
                reads += 1;
                keys.set()
            };
            let found = signed(&mut cache, published, &token).map(|claims| claims.len());
            (found, reads)
        };
        use crate::keys::Signature::{Proper, UnknownKey, WrongKey};
        assert_eq!(signs(&keys, Proper), (Ok(1), 1));
        assert_eq!(signs(&keys, Proper), (Ok(1), 1));
        assert_eq!(signs(&keys, WrongKey), (Err("The signature is not right"), 1));
        assert_eq!(signs(&keys, UnknownKey), (Err("The signing key is not known"), 2));
        keys.rotate();
        assert_eq!(signs(&keys, Proper), (Ok(1), 3));
        assert_eq!(signs(&keys, Proper), (Ok(1), 3));
    }
}
