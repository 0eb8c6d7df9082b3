//! The environment's signing keys, generated at every start so that none is in a repository.

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::AsDer as _,
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, UnparsedPublicKey,
    },
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::{faults::Algorithm, provider_state::numbered};

/// An unpublished key. All environments of a process share it, as generating one is slow.
static FOREIGN: LazyLock<Option<Key>> = LazyLock::new(Key::new);

/// The published keys, the newest last, and one that is not published.
pub struct Keys {
    published: Vec<Key>,
    foreign: &'static Key,
    elliptic: Option<EllipticKey>,
}

struct EllipticKey {
    id: String,
    pair: EcdsaKeyPair,
}

struct Key {
    id: String,
    pair: KeyPair,
}

/// The signing key and its `kid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    Proper,
    /// An unpublished key, with the `kid` of a published one.
    WrongKey,
    /// An unpublished key, with its own `kid`.
    UnknownKey,
    Other(Algorithm),
}

impl Keys {
    pub fn new() -> Option<Self> {
        Some(Self { published: vec![Key::new()?], foreign: FOREIGN.as_ref()?, elliptic: None })
    }

    pub fn rotate(&mut self) {
        self.published.extend(Key::new());
    }

    /// Removes all keys but the newest.
    pub fn withdraw_old(&mut self) {
        let old = self.published.len().saturating_sub(1);
        self.published.drain(..old);
    }

    /// Publishes an elliptic key too.
    pub fn add_elliptic(&mut self) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok();
        self.elliptic = pair.map(|pair| EllipticKey { id: numbered("snk_"), pair });
    }

    /// RFC 7517 §5.
    pub fn set(&self) -> Value {
        let elliptic = self.elliptic.iter().map(EllipticKey::public);
        json!({ "keys": self.published.iter().map(Key::public).chain(elliptic).collect::<Vec<_>>() })
    }

    pub fn sign(&self, kind: &str, claims: &Value, signature: Signature) -> String {
        self.sign_with(kind, claims, signature, &|_| {})
    }

    /// Signs with the header that `tamper` has changed.
    pub fn sign_with(
        &self,
        kind: &str,
        claims: &Value,
        signature: Signature,
        tamper: &dyn Fn(&mut Value),
    ) -> String {
        let Some(newest) = self.published.last() else { return String::new() };
        let (algorithm, id) = match signature {
            Signature::Proper | Signature::WrongKey => ("RS256", &newest.id),
            Signature::UnknownKey => ("RS256", &self.foreign.id),
            Signature::Other(Algorithm::None) => ("none", &newest.id),
            Signature::Other(Algorithm::Hs256) => ("HS256", &newest.id),
            Signature::Other(Algorithm::Rs384) => ("RS384", &newest.id),
            Signature::Other(Algorithm::Ps256) => ("PS256", &newest.id),
            Signature::Other(Algorithm::Es256) => {
                ("ES256", self.elliptic.as_ref().map_or(&newest.id, |key| &key.id))
            }
        };
        let mut header = json!({"alg": algorithm, "typ": kind, "kid": id});
        tamper(&mut header);
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let text = message.as_bytes();
        let signature = match signature {
            Signature::Proper => newest.sign(&RSA_PKCS1_SHA256, text),
            Signature::WrongKey | Signature::UnknownKey => {
                self.foreign.sign(&RSA_PKCS1_SHA256, text)
            }
            Signature::Other(Algorithm::None) => Vec::new(),
            Signature::Other(Algorithm::Hs256) => {
                let public = newest.pair.public_key().as_der();
                let password = public.as_ref().map_or(&[][..], |der| der.as_ref());
                let key = hmac::Key::new(hmac::HMAC_SHA256, password);
                hmac::sign(&key, text).as_ref().to_vec()
            }
            Signature::Other(Algorithm::Rs384) => newest.sign(&RSA_PKCS1_SHA384, text),
            Signature::Other(Algorithm::Ps256) => newest.sign(&RSA_PSS_SHA256, text),
            Signature::Other(Algorithm::Es256) => {
                self.elliptic.as_ref().map_or_else(Vec::new, |key| key.sign(text))
            }
        };
        format!("{message}.{}", encode(signature))
    }

    /// An unsigned token.
    pub fn unsigned(claims: &Value) -> String {
        let header = json!({"alg": "none", "typ": "JWT"});
        format!("{}.{}.", encode(header.to_string()), encode(claims.to_string()))
    }

    /// The claims of a token that a published key has signed.
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
        Some(Self { id: numbered("snk_"), pair })
    }

    fn public(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    fn sign(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // The signature has a fixed length, so only a buffer of another size could fail.
        let _ = self.pair.sign(encoding, &SystemRandom::new(), message, &mut signature);
        signature
    }
}

impl EllipticKey {
    /// The public key is 4, x and y (SEC 1 §2.3.3).
    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len() / 2);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": encode(x), "y": encode(y),
        })
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        signature.map_or_else(|_| Vec::new(), |signature| signature.as_ref().to_vec())
    }
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}
