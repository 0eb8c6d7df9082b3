//! The signing key of a modelled environment.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A key that signs tokens, and its `kid`.
pub struct SigningKey(KeyPair, &'static str);

impl SigningKey {
    /// Generates a key with the `kid` `one`; `None` where that fails.
    #[must_use]
    pub fn new() -> Option<Self> {
        Self::named("one")
    }

    /// Generates a key with this `kid`; `None` where that fails.
    #[must_use]
    pub fn named(key_id: &'static str) -> Option<Self> {
        Some(Self(KeyPair::generate(KeySize::Rsa2048).ok()?, key_id))
    }

    /// The JWKS (RFC 7517) with its public key.
    #[must_use]
    pub fn jwks(&self) -> Vec<u8> {
        jwks(&[self])
    }

    /// The public key, as PKCS #1.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// A JSON Web Token with these claims.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.1});
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let mut signature = vec![0; self.0.public_modulus_len()];
        // A buffer of the key's own length is the only thing that could be wrong.
        let _ = self.0.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        );
        format!("{message}.{}", encode(signature))
    }
}

/// The JWKS (RFC 7517) with these public keys.
pub fn jwks(keys: &[&SigningKey]) -> Vec<u8> {
    let described = |key: &&SigningKey| {
        let public = key.0.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.1,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    };
    let keys: Vec<_> = keys.iter().map(described).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
