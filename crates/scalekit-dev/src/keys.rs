//! The environment's signing keys, made anew at every start so that none lies in a repository.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::world::random;

/// The published keys, the newest last, and one that is not published.
pub struct Keys {
    published: Vec<Key>,
    foreign: Key,
}

struct Key {
    id: String,
    pair: KeyPair,
}

/// Which key signs, under which name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    Proper,
    /// By a key nobody knows, under the name of one that is known.
    WrongKey,
    /// By a key nobody knows, under its own name.
    UnknownKey,
}

impl Keys {
    pub fn new() -> Option<Self> {
        Some(Self { published: vec![Key::new()?], foreign: Key::new()? })
    }

    pub fn rotate(&mut self) {
        self.published.extend(Key::new());
    }

    /// RFC 7517 §5.
    pub fn set(&self) -> Value {
        json!({ "keys": self.published.iter().map(Key::public).collect::<Vec<_>>() })
    }

    pub fn sign(&self, kind: &str, claims: &Value, signature: Signature) -> String {
        let Some(newest) = self.published.last() else { return String::new() };
        let (key, id) = match signature {
            Signature::Proper => (newest, &newest.id),
            Signature::WrongKey => (&self.foreign, &newest.id),
            Signature::UnknownKey => (&self.foreign, &self.foreign.id),
        };
        let header = json!({"alg": "RS256", "typ": kind, "kid": id});
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = key.sign(message.as_bytes());
        format!("{message}.{}", encode(signature))
    }

    /// The claims of a token that one of the published keys has signed.
    pub fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        let (message, signature) = token.rsplit_once('.')?;
        let signature = decode(signature)?;
        let (header, payload) = message.split_once('.')?;
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        let key = self.published.iter().find(|key| header["kid"] == key.id.as_str())?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public_key().as_ref())
            .verify(message.as_bytes(), &signature)
            .ok()?;
        serde_json::from_slice(&decode(payload)?).ok()
    }
}

impl Key {
    fn new() -> Option<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        Some(Self { id: random("snk_"), pair })
    }

    fn public(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // A buffer of the key's own length is the only thing that could be wrong.
        let _ = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signature
    }
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}
