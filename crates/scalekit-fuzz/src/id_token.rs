//! The targets for ID tokens: unsigned bytes, and claims that the environment's key has signed.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use scalekit_auth::{
    fingerprint::Fingerprint,
    protocol::{
        custom_claims::CustomClaims,
        id_token::{AccessTokenClaims, Clocks, TokenBinding, Validation, access_claims, verify},
        profile::profile,
    },
    secret::Secret,
    time::Wall,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    json,
    signing::{KEYS, signed},
};

pub(crate) const ISSUER: &str = "https://acme.scalekit.com";
pub(crate) const CLIENT: &str = "skc_latchkey";
const NONCE: &str = "n0nce";
const ACCESS_TOKEN: &str = "access-token";

/// 2027-01-15 08:00:00 UTC.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A token that the environment has not signed is rejected.
pub fn id_token(token: &[u8]) {
    let Ok(token) = std::str::from_utf8(token) else { return };
    let access_token = Secret::new(ACCESS_TOKEN);
    let nonce = Secret::new(NONCE);
    for binding in [TokenBinding::SignIn { nonce: &nonce }, refresh()] {
        verify(&Secret::new(token), &KEYS, &expected(binding, &access_token)).unwrap_err();
    }
    let access = access_claims(&Secret::new(token), &KEYS, ISSUER, "usr_1");
    assert!(matches!(access, AccessTokenClaims::Opaque));
}

/// The first line is a header, the rest are claims. Accepted claims satisfy every rule of OpenID Connect Core
/// §3.1.3.7, and the displayed ones are short and cannot reorder the surrounding text.
pub fn id_token_claims(text: &[u8]) {
    let (header, claims) = parts(text);
    let token = Secret::new(signed(header, claims));
    let access_token = Secret::new(ACCESS_TOKEN);
    let nonce = Secret::new(NONCE);
    let (header, claims) = (json::object(header), json::object(claims));
    let at_sign_in = expected(TokenBinding::SignIn { nonce: &nonce }, &access_token);
    if let Ok(verified) = verify(&token, &KEYS, &at_sign_in) {
        let claims = claims.as_ref().expect("claims that are not one JSON object");
        keeps_the_rules(header.as_ref(), claims);
        assert_eq!(claims["nonce"], NONCE);
        assert_eq!(verified.subject(), text_of(claims, "sub"));
        let shown = profile(
            &verified,
            access_claims(&token, &KEYS, ISSUER, verified.subject()).into_claims().as_ref(),
            None,
            &CustomClaims::default(),
        );
        let organization = shown.organization.iter().flat_map(|organization| {
            [Some(&organization.id), organization.name.as_ref(), organization.external_id.as_ref()]
        });
        let texts = [shown.name.as_ref(), shown.email.as_ref(), Some(&shown.initials)];
        let lists = shown.roles.iter().chain(&shown.permissions).flatten().map(Some);
        for text in organization.chain(texts).chain(lists).flatten() {
            is_harmless(text);
        }
        for list in [&shown.roles, &shown.permissions].into_iter().flatten() {
            assert!(list.len() <= 500);
        }
        assert!(shown.claims.is_empty(), "none is named");
        assert!(shown.picture.is_none(), "the core fetches it, no token brings it");
    }
    if verify(&token, &KEYS, &expected(refresh(), &access_token)).is_ok() {
        let claims = claims.as_ref().expect("claims that are not one JSON object");
        keeps_the_rules(header.as_ref(), claims);
        assert_eq!(claims["sub"], "usr_1", "a refresh for another user");
        assert!(claim(claims, "nonce").is_none_or(|nonce| nonce == NONCE));
    }
    let of_one = Validation { organization: Some("org_1"), ..expected(refresh(), &access_token) };
    if verify(&token, &KEYS, &of_one).is_ok() {
        let claims = claims.as_ref().expect("claims that are not one JSON object");
        assert_eq!(claims["oid"], "org_1", "a user of another organization");
    }
    if let Some(access) = access_claims(&token, &KEYS, ISSUER, "usr_1").into_claims() {
        assert_eq!((text_of(&access, "iss"), text_of(&access, "sub")), (ISSUER, "usr_1"));
    }
}

fn refresh() -> TokenBinding<'static> {
    static SIGN_IN: LazyLock<Fingerprint> =
        LazyLock::new(|| Fingerprint::of_nonce(&Secret::new(NONCE)));
    TokenBinding::Refresh { subject: "usr_1", nonce: Some(&SIGN_IN) }
}

fn expected<'a>(binding: TokenBinding<'a>, access_token: &'a Secret) -> Validation<'a> {
    Validation {
        issuer: ISSUER,
        client_id: CLIENT,
        organization: None,
        connection: None,
        binding,
        access_token,
        clocks: Clocks::agreeing(Wall(NOW * 1000)),
    }
}

fn text_of<'a>(claims: &'a Map<String, Value>, name: &str) -> &'a str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An optional claim; `null` and empty text are absent.
pub(crate) fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims
        .get(name)
        .filter(|value| !value.is_null() && *value != "" && *value != &Value::Array(Vec::new()))
}

/// The first line, and the rest.
pub(crate) fn parts(text: &[u8]) -> (&[u8], &[u8]) {
    let at = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    (&text[..at], text.get(at + 1..).unwrap_or_default())
}

fn keeps_the_rules(header: Option<&Map<String, Value>>, claims: &Map<String, Value>) {
    is_signed_properly(header);
    is_timely(claims);
    let subject = text_of(claims, "sub");
    assert!((1..=255).contains(&subject.chars().count()));
    is_for_us(claims);
    if let Some(hash) = claim(claims, "at_hash") {
        let digest = Sha256::digest(ACCESS_TOKEN);
        assert_eq!(*hash, BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]));
    }
}

/// Signed with RS256 by a key of the environment, without an extension, and of no other kind.
pub(crate) fn is_signed_properly(header: Option<&Map<String, Value>>) {
    let header = header.expect("a header that is not one JSON object");
    assert_eq!(header["alg"], "RS256");
    assert!(!header.contains_key("crit"));
    if let Some(Value::String(kind)) = header.get("typ") {
        assert!(!kind.to_lowercase().ends_with("+jwt"), "{kind}");
    }
    if let Some(Value::String(id)) = header.get("kid") {
        assert!(id.is_empty() || id == "one", "another key");
    }
}

/// For this client, and if it has other audiences, with this client as `azp`.
fn is_for_us(claims: &Map<String, Value>) {
    let party = claim(claims, "azp");
    assert!(party.is_none_or(|party| party == CLIENT));
    match &claims["aud"] {
        Value::String(one) => assert_eq!(one, CLIENT),
        Value::Array(all) => {
            assert!(all.iter().any(|one| one == CLIENT));
            assert!(party.is_some() || all.iter().all(|one| one == CLIENT));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            panic!("an audience of another type")
        }
    }
}

/// From the environment, and valid at this time.
pub(crate) fn is_timely(claims: &Map<String, Value>) {
    assert_eq!(claims["iss"], ISSUER);
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let (expires, issued) = (time("exp").unwrap(), time("iat").unwrap());
    // Both sides round seconds down, so that they may differ by one.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
    let now = NOW as f64;
    assert!(expires - now >= -120.0, "it has ended");
    assert!(issued - now <= 120.0, "it is of another time");
    assert!(expires > issued);
    if claim(claims, "nbf").is_some() {
        assert!(time("nbf").unwrap() - now <= 120.0, "it is not valid yet");
    }
}

pub(crate) fn is_harmless(text: &str) {
    assert!(text.chars().count() <= 256);
    let reorders = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.chars().any(|c| c.is_control() || reorders(c)), "{text:?}");
}
