//! The environment's signing keys (RFC 7517).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use crate::{
    answer::{HttpAnswer, HttpOutcome},
    json,
    metadata::Metadata,
};

/// More keys than this are not read.
const MOST: usize = 100;

/// The RS256 keys of an environment.
#[derive(Clone)]
pub struct KeySet(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: Option<String>,
    key: DecodingKey,
}

/// Why no key was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// No key of that id: it may be new, so the keys are worth fetching again.
    Unknown,
    /// Several keys could be meant.
    Ambiguous,
}

/// The request for the keys.
#[must_use]
pub fn request(metadata: &Metadata) -> http::Request<Vec<u8>> {
    crate::metadata::get(&metadata.jwks_uri)
}

impl KeySet {
    /// Reads the answer to [`request`]. Keys of other kinds and malformed ones are left out.
    ///
    /// # Errors
    /// What happened, when there is no key set in the answer at all.
    pub fn read(outcome: HttpOutcome) -> Result<Self, String> {
        let answer = outcome.map_err(|failure| failure.to_string())?;
        if answer.status != 200 || !answer.is_json() {
            return Err(format!("Status {} for the signing keys", answer.status));
        }
        Self::parse(&answer)
    }

    fn parse(answer: &HttpAnswer) -> Result<Self, String> {
        let document = json::object(&answer.body)?;
        let entries = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("The signing keys are not a key set")?;
        Ok(Self(entries.iter().take(MOST).filter_map(Value::as_object).filter_map(key).collect()))
    }

    /// The key for a token whose header says `id`.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn choose(&self, id: Option<&str>) -> Result<&DecodingKey, NoKey> {
        let mut fitting = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(&only.key),
            (Some(_), Some(_)) => Err(NoKey::Ambiguous),
            (None, _) => Err(NoKey::Unknown),
        }
    }
}

fn key(entry: &Map<String, Value>) -> Option<Key> {
    if json::string(entry, "kty") != Some("RSA") {
        return None;
    }
    // RFC 7517 §4.2 to §4.4: a key for something else is not a key for this.
    if entry.contains_key("use") && json::string(entry, "use") != Some("sig") {
        return None;
    }
    if entry.contains_key("alg") && json::string(entry, "alg") != Some("RS256") {
        return None;
    }
    if entry.contains_key("key_ops")
        && !json::strings(entry, "key_ops").iter().any(|operation| operation == "verify")
    {
        return None;
    }
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(json::string(entry, "n")?).ok()?;
    let exponent = BASE64_URL_SAFE_NO_PAD.decode(json::string(entry, "e")?).ok()?;
    // RFC 7518 §3.3: 2048 bits or more; what is larger than 8192 is only slow.
    let bits = modulus.iter().position(|byte| *byte != 0).map_or(0, |leading| {
        (modulus.len() - leading) * 8
            - usize::try_from(modulus[leading].leading_zeros()).unwrap_or(0)
    });
    if !(2048..=8192).contains(&bits) {
        return None;
    }
    Some(Key {
        id: json::string(entry, "kid").map(str::to_owned),
        key: DecodingKey::from_rsa_raw_components(&modulus, &exponent),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn set(entries: Value) -> KeySet {
        KeySet::read(Ok(HttpAnswer {
            status: 200,
            content_type: Some("application/json".to_owned()),
            retry_after: None,
            date: None,
            age: None,
            body: json!({ "keys": entries }).to_string().into_bytes().into(),
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

    #[test]
    fn a_key_is_chosen_by_its_id() {
        let keys = set(json!([rsa("a", 2048), rsa("b", 4096)]));
        assert!(keys.choose(Some("b")).is_ok());
        assert_eq!(keys.choose(Some("c")).err(), Some(NoKey::Unknown));
        assert_eq!(keys.choose(None).err(), Some(NoKey::Ambiguous));
    }

    #[test]
    fn a_token_without_a_key_id_gets_the_only_key() {
        assert!(set(json!([rsa("a", 2048)])).choose(None).is_ok());
    }

    #[test]
    fn two_keys_of_one_id_are_ambiguous() {
        let keys = set(json!([rsa("a", 2048), rsa("a", 2048)]));
        assert_eq!(keys.choose(Some("a")).err(), Some(NoKey::Ambiguous));
    }

    #[test]
    fn weak_foreign_and_malformed_keys_are_left_out_and_good_ones_stay() {
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
        assert!(keys.choose(Some("good")).is_ok());
    }

    #[test]
    fn only_a_good_answer_in_json_brings_keys() {
        let body = json!({ "keys": [rsa("a", 2048)] }).to_string();
        for (status, content_type, read) in [
            (200, Some("application/json"), true),
            (200, Some("application/jwk-set+json"), true),
            (200, Some("text/html"), false),
            (200, None, false),
            (203, Some("application/json"), false),
            (302, Some("application/json"), false),
            (404, Some("application/json"), false),
            (503, Some("application/json"), false),
        ] {
            let answer = HttpAnswer {
                status,
                content_type: content_type.map(str::to_owned),
                retry_after: None,
                date: None,
                age: None,
                body: body.clone().into_bytes().into(),
            };
            assert_eq!(KeySet::read(Ok(answer)).is_ok(), read, "{status} {content_type:?}");
        }
    }

    #[test]
    fn a_hundred_thousand_keys_are_not_read() {
        let mut many: Vec<Value> = (0..200).map(|n| rsa(&n.to_string(), 2048)).collect();
        many.resize(100_000, json!({"kty": "RSA"}));
        assert_eq!(set(json!(many)).0.len(), MOST);
    }

    /// RFC 7518 §6.3.1.1: leading zeros are no part of a number, though some write them.
    #[test]
    fn a_key_is_as_long_as_its_number_and_not_as_its_bytes() {
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
    fn a_key_that_may_do_several_things_may_verify() {
        let keys = json!([with(rsa("a", 2048), "key_ops", json!(["sign", "verify"]))]);
        assert!(set(keys).choose(Some("a")).is_ok());
    }
}
