//! Tokens that look like the environment's. Signing is slow, so each is signed once for all schedules.

use std::{cell::RefCell, collections::HashMap};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use scalekit_auth::{
    authorization::{Binding, Entropy},
    configuration::{ClientId, Configuration, EnvironmentUrl, ReturnAddresses},
};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://acme.scalekit.com";
const CLIENT: &str = "skc_simulated";
const SCHEME: &str = "io.latchkey.simulated";

/// How many different sign-ins there are. More would be more signatures.
pub const DRAWS: u8 = 200;

/// An ID token is signed anew every ten minutes.
const PERIOD: i64 = 600;

/// What ID tokens differ in: the draw of a sign-in, the person, the period.
type Claims = (Option<u8>, u8, i64);

/// An environment's key and everything it has signed.
pub struct Tokens {
    key: KeyPair,
    nonces: Vec<String>,
    signed: RefCell<HashMap<Claims, String>>,
    pub configuration: Configuration,
    pub keys: Vec<u8>,
    pub discovery: Vec<u8>,
}

impl Tokens {
    pub fn new() -> Option<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let public = key.public_key();
        let keys = json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        }]});
        let discovery = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/oauth/authorize"),
            "token_endpoint": format!("{ISSUER}/oauth/token"),
            "jwks_uri": format!("{ISSUER}/keys"),
            "end_session_endpoint": format!("{ISSUER}/oidc/logout"),
        });
        let nonces =
            (0..DRAWS).map(|draw| Binding::from_entropy(&entropy(draw)).nonce.expose().to_owned());
        Some(Self {
            key,
            nonces: nonces.collect(),
            signed: RefCell::default(),
            configuration: Configuration::new(
                EnvironmentUrl::parse(ISSUER).ok()?,
                ClientId::parse(CLIENT).ok()?,
                ReturnAddresses::with_scheme(SCHEME).ok()?,
            ),
            keys: keys.to_string().into_bytes(),
            discovery: discovery.to_string().into_bytes(),
        })
    }

    /// The nonce of this draw.
    pub fn nonce(&self, draw: u8) -> &str {
        self.nonces.get(usize::from(draw)).map_or("", String::as_str)
    }

    /// Which draw this nonce is of.
    pub fn draw_of(&self, nonce: &str) -> Option<u8> {
        self.nonces.iter().position(|one| one == nonce).and_then(|draw| draw.try_into().ok())
    }

    /// An ID token about this person, at this second; of a sign-in where there is a draw.
    pub fn id_token(&self, draw: Option<u8>, person: u8, second: i64) -> String {
        let period = second.div_euclid(PERIOD);
        let mut signed = self.signed.borrow_mut();
        let token = signed.entry((draw, person, period)).or_insert_with(|| {
            let mut claims = json!({
                "iss": ISSUER, "aud": [CLIENT], "sub": format!("usr_{person}"),
                "iat": period * PERIOD, "exp": period * PERIOD + 7200,
                "name": format!("Person {person}"), "email": format!("p{person}@acme.example"),
            });
            if let Some(draw) = draw {
                claims["nonce"] = self.nonces[usize::from(draw)].clone().into();
            }
            self.sign(&claims)
        });
        token.clone()
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "one"});
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        // A buffer of the key's own length is the only thing that could be wrong.
        let _ = self.key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        );
        format!("{message}.{}", encode(signature))
    }
}

/// The random bytes of this draw.
pub fn entropy(draw: u8) -> Entropy {
    Entropy([draw; 96])
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
