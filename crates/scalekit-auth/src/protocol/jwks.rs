//! The environment's signing keys (RFC 7517).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    json,
    protocol::{
        http_response::{HttpError, HttpOutcome, HttpResponse},
        metadata::Metadata,
        rs256_key::Rs256Key,
    },
};

/// The maximum number of keys that are read.
const MAX_KEYS: usize = 100;

/// The RS256 signing keys of an environment.
#[derive(Clone)]
pub struct JwkSet(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: Option<String>,
    key: Rs256Key,
}

/// The request for the JWKS.
#[must_use]
pub fn request(metadata: &Metadata) -> http::Request<Vec<u8>> {
    crate::protocol::metadata::get(&metadata.jwks_uri)
}

/// The reason a response contains no JWKS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// There is no complete HTTP response.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The request failed.
    #[error("Status {0} for the signing keys")]
    Status(u16),
    /// The body is not a JSON object.
    #[error("{0}")]
    NotJson(String),
    /// The object has no `keys` member.
    #[error("The signing keys are not a key set")]
    NotAKeySet,
}

impl JwkSet {
    /// Parses the response to [`request`]. Malformed keys and keys of other kinds are skipped.
    ///
    /// # Errors
    /// When the response contains no JWKS.
    pub fn read(outcome: HttpOutcome) -> Result<Self, JwkSetError> {
        let response = outcome?;
        if !response.is_success() {
            return Err(JwkSetError::Status(response.status));
        }
        Self::parse(&response)
    }

    fn parse(response: &HttpResponse) -> Result<Self, JwkSetError> {
        let document = response.object().map_err(JwkSetError::NotJson)?;
        let entries =
            document.get("keys").and_then(Value::as_array).ok_or(JwkSetError::NotAKeySet)?;
        Ok(Self(
            entries.iter().take(MAX_KEYS).filter_map(Value::as_object).filter_map(key).collect(),
        ))
    }

    /// The keys that may have signed a token with the `kid` `id`: those with this `kid` and those without one
    /// (RFC 7517 §4.5: `kid` is optional); for a token without `kid`, all keys.
    pub fn candidates(&self, id: Option<&str>) -> impl Iterator<Item = &Rs256Key> {
        let fits = move |key: &&Key| id.is_none() || key.id.is_none() || key.id.as_deref() == id;
        self.0.iter().filter(fits).map(|key| &key.key)
    }

    /// Whether there is a key with this `kid`. A missing one may be new, which is a reason to fetch the JWKS
    /// again.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }
}

fn key(entry: &Map<String, Value>) -> Option<Key> {
    if json::string(entry, "kty") != Some("RSA") {
        return None;
    }
    // RFC 7517 §4.2 to §4.4: a key for another use, operation or algorithm is skipped.
    let is = |name: &str, value: &str| {
        json::optional(entry, name).is_none()
            || json::strings(entry, name).iter().any(|one| one == value)
    };
    if !(is("use", "sig") && is("alg", "RS256") && is("key_ops", "verify")) {
        return None;
    }
    let key = Rs256Key::new(&number(entry, "n")?, &number(entry, "e")?)?;
    Some(Key { id: json::string(entry, "kid").map(str::to_owned), key })
}

/// RFC 7518 §6.3.1: base64url without padding, which some servers add nevertheless.
fn number(entry: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(json::string(entry, name)?.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(entries: Value) -> JwkSet {
        JwkSet::read(Ok(HttpResponse {
            content_type: Some("application/json".to_owned()),
            body: json!({ "keys": entries }).to_string().into_bytes().into(),
            ..HttpResponse::new(200)
        }))
        .unwrap()
    }

    fn rsa(id: &str, bits: usize) -> Value {
        let n = BASE64_URL_SAFE_NO_PAD.encode(vec![0xff; bits / 8]);
        json!({"kty":"RSA","use":"sig","alg":"RS256","kid":id,"n":n,"e":"AQAB"})
    }

    fn without(mut entry: Value, name: &str) -> Value {
        entry.as_object_mut().unwrap().remove(name);
        entry
    }

    fn with(mut entry: Value, name: &str, value: Value) -> Value {
        entry[name] = value;
        entry
    }

    fn candidates(keys: &JwkSet, id: Option<&str>) -> usize {
        keys.candidates(id).count()
    }

    #[test]
    fn jwks_kid_selects_matching_and_kidless_keys() {
        let keys = set(json!([rsa("a", 2048), rsa("b", 4096), without(rsa("", 2048), "kid")]));
        assert_eq!((candidates(&keys, Some("b")), keys.has("b")), (2, true));
        assert_eq!((candidates(&keys, Some("c")), keys.has("c")), (1, false));
        assert_eq!(candidates(&keys, None), 3);
    }

    #[test]
    fn jwks_duplicate_key_remains_a_candidate() {
        let keys = set(json!([rsa("a", 2048), rsa("a", 2048)]));
        assert!(candidates(&keys, Some("a")) > 0);
    }

    // req: M5
    #[test]
    fn jwk_null_empty_or_padded_members_are_tolerated() {
        let good = rsa("a", 2048);
        let padded = format!("{}=", good["n"].as_str().unwrap());
        for (name, value) in [
            ("key_ops", json!([])),
            ("key_ops", json!(null)),
            ("key_ops", json!("verify")),
            ("alg", json!(null)),
            ("alg", json!("")),
            ("use", json!(null)),
            ("use", json!("")),
            ("n", json!(padded)),
            ("x5c", json!(null)),
        ] {
            let keys = set(json!([with(good.clone(), name, value.clone())]));
            assert_eq!(candidates(&keys, Some("a")), 1, "{name} {value}");
        }
    }

    // req: G6
    #[test]
    fn jwks_weak_foreign_and_malformed_keys_are_dropped() {
        let keys = set(json!([
            with(rsa("kind", 2048), "kty", json!("EC")),
            without(rsa("no kind", 2048), "kty"),
            17,
            rsa("weak", 1024),
            rsa("huge", 16_384),
            with(rsa("enc", 2048), "use", json!("enc")),
            with(rsa("other", 2048), "alg", json!("PS256")),
            with(rsa("ops", 2048), "key_ops", json!(["encrypt"])),
            with(rsa("bad", 2048), "n", json!("=!")),
            without(rsa("none", 2048), "e"),
            without(without(rsa("good", 2048), "use"), "alg"),
        ]));
        assert_eq!(keys.0.len(), 1);
        assert_eq!(candidates(&keys, Some("good")), 1);
    }

    #[test]
    fn jwks_response_is_accepted_with_any_content_type() {
        let keys = json!({ "keys": [rsa("a", 2048)] }).to_string();
        for (status, content_type, body, read) in [
            (200, Some("application/json"), &*keys, true),
            (200, Some("application/jwk-set+json"), &keys, true),
            (200, Some("text/plain"), &keys, true),
            (200, Some("application/octet-stream"), &keys, true),
            (200, None, &keys, true),
            (201, Some("application/json"), &keys, true),
            (200, Some("text/html"), "<html>", false),
            (203, Some("application/json"), &keys, false),
            (302, Some("application/json"), &keys, false),
            (404, Some("application/json"), &keys, false),
            (503, Some("application/json"), &keys, false),
        ] {
            let response = HttpResponse {
                content_type: content_type.map(str::to_owned),
                body: body.as_bytes().to_vec().into(),
                ..HttpResponse::new(status)
            };
            assert_eq!(JwkSet::read(Ok(response)).is_ok(), read, "{status} {content_type:?}");
        }
    }

    #[test]
    fn jwks_gzip_response_is_reported_as_compressed() {
        let response = HttpResponse {
            content_type: Some("application/json".to_owned()),
            content_encoding: Some("gzip".to_owned()),
            body: vec![0x1f, 0x8b].into(),
            ..HttpResponse::new(200)
        };
        let why = JwkSet::read(Ok(response)).err().unwrap();
        assert!(matches!(why, JwkSetError::NotJson(why) if why.contains("compressed with gzip")));
    }

    // req: G6, X12
    #[test]
    fn jwks_reads_at_most_100_keys() {
        let mut many: Vec<Value> = (0..200).map(|n| rsa(&n.to_string(), 2048)).collect();
        many.resize(100_000, json!({"kty": "RSA"}));
        assert_eq!(set(json!(many)).0.len(), MAX_KEYS);
    }

    /// RFC 7518 §6.3.1.1: leading zeros are not part of the number, though some servers write them.
    #[test]
    fn jwk_rsa_size_ignores_leading_zeros() {
        let key = |first: &[u8], rest: usize| {
            let modulus = [first, &vec![0xff; rest]].concat();
            with(rsa("a", 2048), "n", json!(BASE64_URL_SAFE_NO_PAD.encode(modulus)))
        };
        for (first, rest, bits) in [
            (&[0xff][..], 255, 2048),
            (&[0, 0, 0x80], 255, 2048),
            (&[0x7f], 255, 2047),
            (&[0; 200], 200, 1600),
            (&[0xff], 1023, 8192),
            (&[0; 9], 1024, 8192),
            (&[1], 1024, 8193),
            (&[0; 256], 0, 0),
        ] {
            let taken = (2048..=8192).contains(&bits);
            assert_eq!(set(json!([key(first, rest)])).0.len(), usize::from(taken), "{bits} bits");
        }
    }

    #[test]
    fn jwk_key_ops_with_sign_and_verify_is_accepted() {
        let keys = json!([with(rsa("a", 2048), "key_ops", json!(["sign", "verify"]))]);
        assert_eq!(candidates(&set(keys), Some("a")), 1);
    }
}
