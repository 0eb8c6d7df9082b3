//! Signing keys for this crate's tests, generated in each run.

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    protocol::{http_response::HttpResponse, jwks::JwkSet},
    secret::Secret,
};

/// The environment's key, and a key that is not in its JWKS.
pub static OURS: LazyLock<Signer> = LazyLock::new(|| Signer::new("key-1"));
pub static THEIRS: LazyLock<Signer> = LazyLock::new(|| Signer::new("key-2"));

pub struct Signer {
    pub id: &'static str,
    key: KeyPair,
}

impl Signer {
    fn new(id: &'static str) -> Self {
        Self { id, key: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// The public key as a JWK.
    pub fn jwk(&self) -> Value {
        let public = self.key.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The public key as DER, for the attack that uses it as an HMAC key.
    pub fn public_der(&self) -> Vec<u8> {
        self.key.public_key().as_der().unwrap().as_ref().to_vec()
    }

    pub fn sign(&self, claims: &Value) -> Secret {
        self.sign_with(&json!({"alg": "RS256", "typ": "JWT", "kid": self.id}), &claims.to_string())
    }

    pub fn sign_with(&self, header: &Value, payload: &str) -> Secret {
        let message = format!("{}.{}", encode(header.to_string()), encode(payload));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .unwrap();
        Secret::new(format!("{message}.{}", encode(signature)))
    }
}

pub fn key_set(entries: &[Value]) -> JwkSet {
    JwkSet::read(Ok(json_response(200, &json!({ "keys": entries })))).unwrap()
}

pub fn json_response(status: u16, body: &Value) -> HttpResponse {
    HttpResponse {
        content_type: Some("application/json".to_owned()),
        body: body.to_string().into_bytes().into(),
        ..HttpResponse::new(status)
    }
}

/// OpenID Connect Core §3.1.3.6.
pub fn at_hash(access_token: &str) -> String {
    encode(&Sha256::digest(access_token.as_bytes())[..16])
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
