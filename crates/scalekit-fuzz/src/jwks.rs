//! The target for a JWKS.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use scalekit_auth::{
    protocol::{id_token::access_claims, jwks::JwkSet},
    secret::Secret,
};
use serde_json::{Map, Value};

use crate::{
    http_response::{http_response, parted},
    id_token::claim,
    json,
    signing::{modulus, signed},
};

/// Only a signing key of 2048 bits or more, with the token's `kid` or without one, is a candidate; and with
/// keys that are not the environment's, none of its tokens is verified. In the input, `MODULUS` represents the
/// environment's key.
pub fn jwks(text: &[u8]) {
    let text = String::from_utf8_lossy(text).replace("MODULUS", &modulus()).into_bytes();
    let response = http_response(&text);
    let Ok(set) = JwkSet::read(Ok(response.clone())) else { return };
    assert!(matches!(response.status, 200 | 201));
    let document = json::object(parted(&text).1).expect("not one JSON object");
    let entries = document["keys"].as_array().expect("no list of keys");
    let fitting: Vec<_> =
        entries.iter().take(100).filter_map(Value::as_object).filter(may_sign).collect();
    let id_of =
        |entry: &Map<String, Value>| claim(entry, "kid").and_then(Value::as_str).map(str::to_owned);
    for id in entries.iter().filter_map(|entry| id_of(entry.as_object()?)) {
        let may_be = fitting.iter().filter(|entry| id_of(entry).is_none_or(|one| one == id));
        assert_eq!(set.candidates(Some(&id)).count(), may_be.count());
    }
    assert_eq!(set.candidates(None).count(), fitting.len());
    let token = Secret::new(signed(
        br#"{"alg":"RS256","kid":"one"}"#,
        br#"{"iss":"https://acme.scalekit.com","sub":"usr_1"}"#,
    ));
    let verified = access_claims(&token, &set, "https://acme.scalekit.com", "usr_1");
    let verified = matches!(verified, scalekit_auth::protocol::id_token::AccessTokenClaims::Of(_));
    let ours = fitting.iter().any(|entry| {
        id_of(entry).is_none_or(|id| id == "one")
            && number(entry, "n") == BASE64_URL_SAFE_NO_PAD.decode(modulus()).ok()
    });
    assert!(!verified || ours, "a token verifies with a key that is not the one that signed it");
}

fn may_sign(entry: &&Map<String, Value>) -> bool {
    let is = |name: &str, value: &str| {
        claim(entry, name).is_none_or(|one| {
            one == value || one.as_array().is_some_and(|all| all.iter().any(|one| one == value))
        })
    };
    let bits = number(entry, "n").map_or(0, |digits| {
        digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
    });
    entry.get("kty").is_some_and(|kind| kind == "RSA")
        && is("use", "sig")
        && is("alg", "RS256")
        && is("key_ops", "verify")
        && (2048..=8192).contains(&bits)
        && number(entry, "e").is_some_and(|digits| !digits.is_empty())
}

/// RFC 7518 §6.3.1.1: without leading zeros.
fn number(entry: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    Some(bytes(entry, name)?.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn bytes(entry: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    let text = entry.get(name)?.as_str().filter(|text| !text.is_empty())?;
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
