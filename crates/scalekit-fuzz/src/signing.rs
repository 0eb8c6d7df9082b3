//! The environment's signing key: the same in every run, as the corpus contains tokens that it has signed.

use std::sync::LazyLock;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use scalekit_auth::protocol::{
    http_response::HttpResponse,
    jwks::{JwkSet, JwkSetError},
};
use serde_json::{Value, json};

/// Generated for this purpose only. No application trusts it.
const TEST_KEY: &str = include_str!("test-key.pem");

pub(crate) static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    let base64: String = TEST_KEY.lines().filter(|line| !line.starts_with('-')).collect();
    KeyPair::from_pkcs8(&BASE64_STANDARD.decode(base64).unwrap()).unwrap()
});

pub(crate) static KEYS: LazyLock<JwkSet> =
    LazyLock::new(|| key_set(&json!({ "keys": [jwk()] })).expect("a key set"));

/// The public key as a JWK.
pub(crate) fn jwk() -> Value {
    json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one", "n": modulus(), "e": "AQAB" })
}

/// Its modulus in the format of a JWK.
pub(crate) fn modulus() -> String {
    encode(KEY.public_key().modulus().big_endian_without_leading_zero())
}

pub(crate) fn key_set(document: &Value) -> Result<JwkSet, JwkSetError> {
    JwkSet::read(Ok(HttpResponse {
        content_type: Some("application/json".to_owned()),
        body: document.to_string().into_bytes().into(),
        ..HttpResponse::new(200)
    }))
}

/// A token of these two parts with a valid signature.
pub(crate) fn signed(header: &[u8], claims: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", encode(signature))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
