//! The environment's tokens and documents. Tokens are signed once in ten minutes and shared by all desktops: a
//! signature for each refresh would take longer than the measured state machines.

use std::{cell::RefCell, collections::HashMap};

use anyhow::{Context, Result};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use scalekit_auth::{
    HttpOutcome, HttpResponse,
    testing::{self, CLIENT, ISSUER},
};
use scalekit_simulation::SigningKey;
use serde_json::{Value, json};

/// The interval after which a token is signed again, in seconds.
const PERIOD: i64 = 600;

/// The environment's key and documents.
pub struct Tokens {
    key: SigningKey,
    signed: RefCell<HashMap<(Kind, i64), String>>,
    /// The discovery document.
    pub discovery: Vec<u8>,
    /// The JWKS.
    pub keys: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Access,
    /// The ID token of a refresh.
    Id,
    /// The ID token of a sign-in with this `nonce`.
    FirstId(String),
}

/// The tokens of one response.
pub struct Issued {
    /// The access token.
    pub access: String,
    /// The ID token.
    pub id: String,
}

impl Tokens {
    /// An environment's tokens with a new key.
    ///
    /// # Errors
    /// When no key can be created.
    pub fn new() -> Result<Self> {
        let key = SigningKey::new().context("no signing key could be made")?;
        Ok(Self {
            keys: key.jwks(),
            key,
            signed: RefCell::default(),
            discovery: testing::discovery().to_string().into_bytes(),
        })
    }

    /// The tokens of a response at this time; of a sign-in if there is a `nonce`.
    pub fn issue(&self, nonce: Option<&str>, second: i64) -> Issued {
        let period = second.div_euclid(PERIOD) * PERIOD;
        let id = nonce.map_or(Kind::Id, |nonce| Kind::FirstId(nonce.to_owned()));
        Issued { access: self.signed(Kind::Access, period), id: self.signed(id, period) }
    }

    /// The public key, in the format of PKCS #1.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }

    /// The response with the JWKS.
    pub fn key_response(&self) -> HttpOutcome {
        Ok(json_response(200, self.keys.clone()))
    }

    fn signed(&self, kind: Kind, period: i64) -> String {
        let mut signed = self.signed.borrow_mut();
        let token = signed.entry((kind.clone(), period)).or_insert_with(|| {
            let claims = claims(&kind, period);
            self.key.sign(&claims)
        });
        token.clone()
    }
}

/// The parts of a signed token.
pub struct SignatureBytes {
    /// The header and the claims, as encoded in the token.
    pub message: Vec<u8>,
    /// The signature itself.
    pub signature: Vec<u8>,
}

impl SignatureBytes {
    /// The parts of this token; none if it is malformed.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { message: message.as_bytes().to_vec(), signature })
    }
}

/// A JSON response without further headers.
#[must_use]
pub fn json_response(status: u16, body: Vec<u8>) -> HttpResponse {
    HttpResponse {
        content_type: Some("application/json".to_owned()),
        body: body.into(),
        ..HttpResponse::new(status)
    }
}

fn claims(kind: &Kind, period: i64) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "usr_64573826150621193", "aud": [CLIENT],
        "iat": period, "exp": period + 7200, "oid": "org_59615193906282635",
    });
    match kind {
        Kind::Access => {
            claims["client_id"] = CLIENT.into();
            claims["roles"] = json!(["member"]);
            claims["permissions"] = json!(["reports:read", "reports:share"]);
        }
        Kind::Id | Kind::FirstId(_) => {
            claims["name"] = "Ada Lovelace".into();
            claims["email"] = "ada@analytical.example".into();
            claims["email_verified"] = true.into();
            claims["sid"] = "ses_60236164219404552".into();
        }
    }
    if let Kind::FirstId(nonce) = kind {
        claims["nonce"] = nonce.as_str().into();
    }
    claims
}
