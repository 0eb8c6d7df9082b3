//! Tests with samples of Scalekit's documentation and of its SDKs' tests. The claims are unchanged; the
//! signatures are made here, except for the two complete tokens. No sample has a nonce, and none has the access
//! token of its `at_hash`.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::LazyLock;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use scalekit_auth::{
    protocol::{
        custom_claims::{ClaimName, CustomClaims},
        http_response::HttpResponse,
        id_token::{self, AccessTokenClaims, Clocks, TokenBinding, VerifiedIdToken},
        initiate_login::{self, VerifyError},
        jwks::JwkSet,
        profile::profile,
        token_response::{self, TokenResult},
    },
    secret::Secret,
    time::Wall,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS: &str = "access-token";

static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

fn samples(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn id_tokens() -> Vec<Value> {
    samples(include_str!("recorded/id_tokens.json"))
}

fn access_tokens() -> Vec<Value> {
    samples(include_str!("recorded/access_tokens.json"))
}

fn signed() -> Value {
    serde_json::from_str(include_str!("recorded/signed.json")).unwrap()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn sign(claims: &Value) -> Secret {
    let header = json!({"alg": "RS256", "kid": "snk_17002334227791972", "typ": "JWT"});
    let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let mut signature = vec![0; KEY.public_modulus_len()];
    let chance = SystemRandom::new();
    KEY.sign(&RSA_PKCS1_SHA256, &chance, message.as_bytes(), &mut signature).unwrap();
    Secret::new(format!("{message}.{}", encode(signature)))
}

fn response(body: &Value) -> HttpResponse {
    HttpResponse {
        content_type: Some("application/json".to_owned()),
        body: body.to_string().into_bytes().into(),
        ..HttpResponse::new(200)
    }
}

fn key_set(body: &Value) -> JwkSet {
    JwkSet::read(Ok(response(body))).unwrap()
}

fn our_keys() -> JwkSet {
    let public = KEY.public_key();
    key_set(&json!({"keys": [{
        "use": "sig", "kty": "RSA", "kid": "snk_17002334227791972", "alg": "RS256",
        "n": encode(public.modulus().big_endian_without_leading_zero()),
        "e": encode(public.exponent().big_endian_without_leading_zero()),
    }]}))
}

fn text<'a>(claims: &'a Value, name: &str) -> &'a str {
    claims[name].as_str().unwrap()
}

/// The time at which a sample was issued.
fn issued(claims: &Value) -> Wall {
    Wall(claims["iat"].as_i64().unwrap() * 1000)
}

/// The sample as a verified ID token.
fn verified(sample: &Value) -> VerifiedIdToken {
    let mut claims = sample["claims"].clone();
    claims["nonce"] = json!(NONCE);
    claims["at_hash"] = json!(encode(&Sha256::digest(ACCESS)[..16]));
    let (nonce, access_token) = (Secret::new(NONCE), Secret::new(ACCESS));
    let expected = id_token::Validation {
        issuer: text(&claims, "iss"),
        client_id: text(&claims, "azp"),
        organization: None,
        connection: None,
        binding: TokenBinding::SignIn { nonce: &nonce },
        access_token: &access_token,
        clocks: Clocks::agreeing(issued(&claims)),
    };
    let outcome = id_token::verify(&sign(&claims), &our_keys(), &expected);
    outcome.unwrap_or_else(|why| panic!("{}: {why}", sample["source"]))
}

fn claims_of(token: &Secret, keys: &JwkSet, claims: &Value) -> AccessTokenClaims {
    id_token::access_claims(token, keys, text(claims, "iss"), text(claims, "sub"))
}

fn initiation<'a>(claims: &'a Value) -> initiate_login::Validation<'a> {
    initiate_login::Validation {
        issuer: text(claims, "iss"),
        client_id: "ntvc_70217345889435648",
        now: issued(claims),
    }
}

#[test]
fn recorded_id_tokens_verify_and_yield_sub_and_email() {
    for sample in id_tokens() {
        let who = verified(&sample);
        assert_eq!(who.subject(), text(&sample["claims"], "sub"));
        assert_eq!(who.text("email"), sample["claims"]["email"].as_str());
    }
}

#[test]
fn recorded_access_tokens_yield_roles_and_permissions() {
    // A sample without the customer's own ids.
    let who = verified(&id_tokens()[1]);
    for sample in access_tokens() {
        let claims = &sample["claims"];
        let access_claims = claims_of(&sign(claims), &our_keys(), claims).into_claims();
        let profile = profile(&who, Some(&access_claims.unwrap()), None, &CustomClaims::default());
        for (shown, name) in [(profile.roles, "roles"), (profile.permissions, "permissions")] {
            let none = Vec::new();
            let recorded = claims[name].as_array().unwrap_or(&none);
            assert_eq!(json!(shown), json!(recorded), "{} {name}", sample["source"]);
        }
        let organization = profile.organization.unwrap();
        assert_eq!(organization.external_id.as_deref(), claims["xoid"].as_str());
        assert_eq!(organization.name, None, "no default claim has it");
    }
}

/// At top level, as the dashboard sets them, and inside `custom_claims`, as interceptors do.
#[test]
fn recorded_custom_claims_are_read_top_level_or_nested() {
    let who = verified(&id_tokens()[0]);
    let wanted = ["plan", "department"].map(|name| ClaimName::parse(name).unwrap());
    let custom = CustomClaims { organization_name: None, passed_on: wanted.into() };
    let passed_on = access_tokens().into_iter().map(|sample| {
        let claims = &sample["claims"];
        let access_claims = claims_of(&sign(claims), &our_keys(), claims).into_claims();
        profile(&who, Some(&access_claims.unwrap()), None, &custom).claims
    });
    let passed_on: Vec<_> = passed_on.filter(|claims| !claims.is_empty()).collect();
    assert_eq!(
        json!(passed_on),
        json!([{"plan": "enterprise"}, {"plan": "pro", "department": "Engineering"}])
    );
}

#[test]
fn recorded_initiate_login_tokens_verify_without_aud() {
    for sample in samples(include_str!("recorded/initiate_login_tokens.json")) {
        let claims = &sample["claims"];
        let begun = initiate_login::verify(&sign(claims), &our_keys(), &initiation(claims));
        let hints = begun.unwrap().hints().clone();
        assert_eq!(hints.connection_id.as_deref(), claims["connection_id"].as_str());
        assert_eq!(hints.organization_id.as_deref(), claims["organization_id"].as_str());
        assert_eq!(hints.login_hint.as_deref(), claims["login_hint"].as_str());
    }
}

#[test]
fn recorded_token_responses_parse_without_token_type() {
    for sample in samples(include_str!("recorded/token_answers.json")) {
        let now = Wall(1_800_000_000_000);
        let TokenResult::Success(tokens) = token_response::read(Ok(response(&sample["body"])), now)
        else {
            panic!("{} is not read", sample["source"]);
        };
        assert_eq!(Some(tokens.lifetime.as_secs()), sample["body"]["expires_in"].as_u64());
        assert_eq!(tokens.refresh_token.is_some(), sample["body"].get("refresh_token").is_some());
    }
}

#[test]
fn recorded_access_token_verifies_with_scalekit_jwks() {
    let recorded = signed();
    let claims = payload(text(&recorded, "accessToken"));
    let token = Secret::new(text(&recorded, "accessToken"));
    let access_claims =
        claims_of(&token, &key_set(&recorded["keys"]), &claims).into_claims().unwrap();
    assert_eq!(access_claims["jti"], "tkn_75418414100805852");
    assert!(claims_of(&token, &our_keys(), &claims).into_claims().is_none());
}

/// The SDK's test token is valid for years; one for users is valid for 300 seconds. So its signature is
/// verified, and the token is rejected.
#[test]
fn recorded_initiate_login_token_is_rejected_for_lifetime() {
    let recorded = signed();
    let token = text(&recorded, "initiateLoginToken");
    let claims = payload(token);
    let rejection = |token: &str, keys: &JwkSet| {
        initiate_login::verify(&Secret::new(token), keys, &initiation(&claims)).unwrap_err()
    };
    let keys = key_set(&recorded["keys"]);
    let of_another_kind = VerifyError::Claims("it is a token of another kind");
    assert_eq!(rejection(token, &keys), of_another_kind);
    assert_eq!(rejection(token, &our_keys()), VerifyError::Claims("its signature is not valid"));

    let mut short = claims.clone();
    short["exp"] = json!(claims["iat"].as_i64().unwrap() + 300);
    let verified = initiate_login::verify(&sign(&short), &our_keys(), &initiation(&short));
    assert!(verified.is_ok(), "with the documented life nothing is wrong with its claims");
}

fn payload(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
