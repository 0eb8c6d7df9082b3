//! The rules of OpenID Connect Core §3.1.3.7, each violated once.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::protocol::id_token::*;
use crate::protocol::signing::{OURS, THEIRS, at_hash, encode, key_set};
use crate::time::Wall;

const ISSUER: &str = "https://acme.scalekit.com";
const CLIENT: &str = "skc_latchkey";
const NOW: i64 = 1_800_000_000;
const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS: &str = "access-token";

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": [CLIENT], "azp": CLIENT, "sub": "usr_1", "iat": NOW, "exp": NOW + 300,
        "nonce": NONCE, "at_hash": at_hash(ACCESS), "email": "ada@analytical.example",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn verify_token(token: &Secret, keys: &JwkSet) -> Result<VerifiedIdToken, VerifyError> {
    verify_for(None, token, keys)
}

fn verify_for(
    organization: Option<&str>,
    token: &Secret,
    keys: &JwkSet,
) -> Result<VerifiedIdToken, VerifyError> {
    let (nonce, access_token) = (Secret::new(NONCE), Secret::new(ACCESS));
    verify(
        token,
        keys,
        &Validation {
            issuer: ISSUER,
            client_id: CLIENT,
            organization,
            connection: None,
            binding: TokenBinding::SignIn { nonce: &nonce },
            access_token: &access_token,
            clocks: Clocks::agreeing(Wall(NOW * 1000)),
        },
    )
}

fn verify_claims(claims: &Value) -> Result<VerifiedIdToken, VerifyError> {
    verify_token(&OURS.sign(claims), &key_set(&[OURS.jwk()]))
}

fn verify_header(header: &Value) -> Result<VerifiedIdToken, VerifyError> {
    verify_token(&OURS.sign_with(header, &claims().to_string()), &key_set(&[OURS.jwk()]))
}

#[track_caller]
fn refused(outcome: Result<VerifiedIdToken, VerifyError>, expected: &str) {
    match outcome {
        Ok(_) => panic!("accepted, although {expected}"),
        Err(why) => assert_eq!(why.to_string(), expected),
    }
}

#[test]
fn id_token_with_valid_claims_is_accepted() {
    let who = verify_claims(&claims()).unwrap();
    assert_eq!(who.subject(), "usr_1");
    assert_eq!(who.text("email"), Some("ada@analytical.example"));
}

// req: D1
#[test]
fn id_token_with_foreign_or_empty_signature_is_rejected() {
    let forged = THEIRS
        .sign_with(&json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id}), &claims().to_string());
    refused(verify_token(&forged, &key_set(&[OURS.jwk()])), "its signature is not valid");
    let mut cut = OURS.sign(&claims()).expose().to_owned();
    cut.truncate(cut.rfind('.').unwrap() + 1);
    refused(verify_token(&Secret::new(cut), &key_set(&[OURS.jwk()])), "its signature is not valid");
}

// req: D2
#[test]
fn id_token_alg_none_is_rejected_in_any_case() {
    for algorithm in ["none", "nOnE", "NONE", ""] {
        let header = encode(json!({ "alg": algorithm, "kid": OURS.id }).to_string());
        let token = Secret::new(format!("{header}.{}.", encode(claims().to_string())));
        refused(verify_token(&token, &key_set(&[OURS.jwk()])), "it is not signed with RS256");
    }
}

// req: D3
#[test]
fn id_token_hs256_with_public_key_is_rejected() {
    let message = format!(
        "{}.{}",
        encode(json!({"alg": "HS256", "typ": "JWT", "kid": OURS.id}).to_string()),
        encode(claims().to_string())
    );
    let pem = format!(
        "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
        base64::prelude::BASE64_STANDARD.encode(OURS.public_der())
    );
    for password in [OURS.public_der(), pem.into_bytes(), CLIENT.into()] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &password);
        let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        let token = Secret::new(format!("{message}.{}", encode(tag)));
        refused(verify_token(&token, &key_set(&[OURS.jwk()])), "it is not signed with RS256");
    }
}

// req: D4
#[test]
fn id_token_alg_other_than_rs256_is_rejected() {
    for algorithm in ["RS384", "RS512", "PS256", "ES256", "EdDSA"] {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": OURS.id});
        refused(verify_header(&header), "it is not signed with RS256");
    }
}

// req: D5
#[test]
fn id_token_header_jwk_jku_x5u_x5c_are_ignored() {
    for name in ["jwk", "jku", "x5u", "x5c"] {
        let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
        for value in [OURS.jwk(), json!(null), json!("https://evil.example/keys")] {
            header[name] = value;
            assert!(verify_header(&header).is_ok(), "{header}");
        }
        header["kid"] = json!(THEIRS.id);
        header[name] = THEIRS.jwk();
        let forged = THEIRS.sign_with(&header, &claims().to_string());
        let outcome = verify_token(&forged, &key_set(&[OURS.jwk()]));
        assert_eq!(outcome.unwrap_err(), VerifyError::UnknownKey, "{header}");
        header["kid"] = json!(OURS.id);
        let forged = THEIRS.sign_with(&header, &claims().to_string());
        refused(verify_token(&forged, &key_set(&[OURS.jwk()])), "its signature is not valid");
    }
}

// req: D6
#[test]
fn id_token_with_crit_header_is_rejected() {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id, "crit": ["exp"], "exp": 1});
    refused(verify_header(&header), "it demands an extension");
    for value in [json!(null), json!([]), json!("")] {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id, "crit": value});
        refused(verify_header(&header), "it demands an extension");
    }
}

// req: D7
#[test]
fn id_token_with_typ_of_another_token_is_rejected() {
    for kind in ["at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt", "AT+JWT", "x+jwt"] {
        let header = json!({"alg": "RS256", "typ": kind, "kid": OURS.id});
        refused(verify_header(&header), "it is a token of another kind");
    }
    for kind in
        [json!("JWT"), json!("jwt"), json!("application/JWT"), json!(null), json!(""), json!("ID")]
    {
        assert!(verify_header(&json!({"alg": "RS256", "typ": kind, "kid": OURS.id})).is_ok());
    }
}

// req: D8
#[test]
fn id_token_without_kid_is_tried_with_every_jwk() {
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let token = OURS.sign_with(&header, &claims().to_string());
    assert!(verify_token(&token, &key_set(&[OURS.jwk()])).is_ok());
    assert!(verify_token(&token, &key_set(&[THEIRS.jwk(), OURS.jwk()])).is_ok());
    let outcome = verify_token(&token, &key_set(&[THEIRS.jwk()]));
    assert_eq!(outcome.unwrap_err(), VerifyError::UnknownKey);
}

// req: D10
#[test]
fn id_token_is_tried_with_every_jwk_of_the_same_kid() {
    let mut twin = THEIRS.jwk();
    twin["kid"] = json!(OURS.id);
    for keys in [[twin.clone(), OURS.jwk()], [OURS.jwk(), twin.clone()], [OURS.jwk(), OURS.jwk()]] {
        assert!(verify_token(&OURS.sign(&claims()), &key_set(&keys)).is_ok());
    }
    refused(verify_token(&OURS.sign(&claims()), &key_set(&[twin])), "its signature is not valid");
}

// req: D9
#[test]
fn id_token_with_kid_is_tried_with_jwk_without_kid() {
    let mut nameless = OURS.jwk();
    nameless["kid"] = json!(null);
    assert!(verify_token(&OURS.sign(&claims()), &key_set(&[nameless.clone()])).is_ok());
    let outcome = verify_token(&THEIRS.sign(&claims()), &key_set(&[nameless]));
    assert_eq!(outcome.unwrap_err(), VerifyError::UnknownKey, "it may be a new key of its id");
}

// req: D11
#[test]
fn id_token_is_not_verified_with_jwk_for_other_use() {
    for (name, value) in
        [("use", json!("enc")), ("alg", json!("RS512")), ("key_ops", json!(["encrypt"]))]
    {
        let mut key = OURS.jwk();
        key[name] = value;
        let outcome = verify_token(&OURS.sign(&claims()), &key_set(&[key]));
        assert_eq!(outcome.unwrap_err(), VerifyError::UnknownKey);
    }
}

/// Java's `BigInteger.toByteArray` prepends a zero byte where the first bit is set.
#[test]
fn id_token_is_verified_with_jwk_with_leading_zeros() {
    for member in ["n", "e"] {
        let mut key = OURS.jwk();
        let number = BASE64_URL_SAFE_NO_PAD.decode(key[member].as_str().unwrap()).unwrap();
        key[member] = json!(encode([&[0], &*number].concat()));
        assert!(verify_token(&OURS.sign(&claims()), &key_set(&[key])).is_ok(), "{member}");
    }
}

#[test]
fn id_token_with_unknown_kid_reports_unknown_key() {
    let outcome = verify_token(&THEIRS.sign(&claims()), &key_set(&[OURS.jwk()]));
    assert_eq!(outcome.unwrap_err(), VerifyError::UnknownKey);
}

// req: D12
#[test]
fn id_token_iss_is_compared_as_exact_string() {
    for issuer in
        ["https://evil.example", "https://acme.scalekit.com/", "https://ACME.scalekit.com"]
    {
        refused(verify_claims(&with("iss", json!(issuer))), "it is from another issuer");
    }
    refused(verify_claims(&without("iss")), "it is from another issuer");
    refused(verify_claims(&with("iss", json!([ISSUER]))), "it is from another issuer");
}

// req: D13, D16
#[test]
fn id_token_for_another_aud_or_azp_is_rejected() {
    for audience in
        [json!("skc_other"), json!([]), json!(["skc_other"]), json!(null), json!({ CLIENT: true })]
    {
        refused(verify_claims(&with("aud", audience)), "it is for another application");
    }
    refused(verify_claims(&without("aud")), "it is for another application");
    refused(verify_claims(&with("azp", json!("skc_other"))), "it is for another application");
}

// req: D14, D15
#[test]
fn id_token_with_several_aud_requires_a_matching_azp() {
    for audience in [json!(CLIENT), json!([CLIENT]), json!([CLIENT, CLIENT])] {
        for party in [json!(CLIENT), json!(null), json!("")] {
            let mut claims = with("aud", audience.clone());
            claims["azp"] = party;
            assert!(verify_claims(&claims).is_ok(), "{claims}");
        }
    }
    assert!(verify_claims(&without("azp")).is_ok());
    for others in
        [json!([CLIENT, "https://api.your-app.com"]), json!(["a", CLIENT]), json!([CLIENT, 1])]
    {
        let mut claims = with("aud", others);
        assert!(verify_claims(&claims).is_ok(), "{claims}");
        for party in [json!(null), json!("")] {
            claims["azp"] = party;
            refused(verify_claims(&claims), "it does not say for which of several it was made");
        }
        claims["azp"] = json!("skc_other");
        refused(verify_claims(&claims), "it is for another application");
    }
}

// req: D17
#[test]
fn id_token_without_valid_sub_is_rejected() {
    let long = "x".repeat(256);
    for subject in [json!(""), json!(long), json!(7), json!(null)] {
        refused(verify_claims(&with("sub", subject)), "it names nobody");
    }
    refused(verify_claims(&without("sub")), "it names nobody");
    let longest = "é".repeat(255);
    for subject in [longest.as_str(), "conn_1;josé@müller.example", "علي", "a b"] {
        assert_eq!(verify_claims(&with("sub", json!(subject))).unwrap().subject(), subject);
    }
}

// req: D18, D20
#[test]
fn id_token_without_numeric_exp_or_iat_is_rejected() {
    let silent = "it does not say when it was issued and when it ends";
    for name in ["exp", "iat"] {
        refused(verify_claims(&without(name)), silent);
        for value in [json!("1800000300"), json!(null), json!([1]), json!(true)] {
            refused(verify_claims(&with(name, value)), silent);
        }
    }
}

// req: D18, D21, D22
#[test]
fn id_token_iat_nbf_leeway_is_120s() {
    let day = 86_400;
    for (name, value, fits) in [
        ("exp", json!(NOW - 1), false), // not after `iat`
        ("iat", json!(NOW + 120), true),
        ("iat", json!(NOW + 121), false),
        ("iat", json!(NOW - 720), true),
        ("iat", json!(NOW - 721), false),
        ("iat", json!(NOW - 7 * day), false),
        ("iat", json!(NOW + day), false),
        ("exp", json!(1e18), true),
        ("exp", json!(1e308), true),
        ("exp", json!(-1e308), false),
        ("nbf", json!(NOW + 120), true),
        ("nbf", json!(NOW + day), false),
    ] {
        let outcome = verify_claims(&with(name, value.clone()));
        assert_eq!(outcome.is_ok(), fits, "{name} = {value}");
        assert!(fits || outcome.unwrap_err() == VerifyError::Time);
    }
    refused(verify_claims(&with("nbf", json!("9999999999"))), "its times are not numbers");
}

// req: D19
#[test]
fn id_token_exp_leeway_is_120s() {
    for (ended, fits) in [(1, true), (119, true), (120, false), (300, false)] {
        let mut claims = with("iat", json!(NOW - 310));
        claims["exp"] = json!(NOW - ended);
        assert_eq!(verify_claims(&claims).is_ok(), fits, "ended {ended} s ago");
    }
}

// req: D23
#[test]
fn id_token_with_another_nonce_is_rejected() {
    for nonce in [json!("other"), json!(""), json!(null), json!([NONCE])] {
        refused(verify_claims(&with("nonce", nonce)), "it belongs to another request");
    }
    refused(verify_claims(&without("nonce")), "it belongs to another request");
}

// req: D24
#[test]
fn id_token_with_mismatched_at_hash_is_rejected() {
    for hash in [json!(at_hash("other")), json!(7)] {
        refused(verify_claims(&with("at_hash", hash)), "it came with another access token");
    }
    for absent in [json!(""), json!(null)] {
        assert!(verify_claims(&with("at_hash", absent)).is_ok());
    }
    assert!(verify_claims(&without("at_hash")).is_ok());
}

// req: D30
#[test]
fn id_token_oid_must_match_the_pinned_organization() {
    let keys = key_set(&[OURS.jwk()]);
    let verified = |claims: Value| verify_for(Some("org_1"), &OURS.sign(&claims), &keys);
    assert!(verified(with("oid", json!("org_1"))).is_ok());
    for organization in [json!("org_2"), json!("ORG_1"), json!(""), json!(["org_1"]), json!(null)] {
        refused(verified(with("oid", organization)), "it is for another organization");
    }
    refused(verified(without("oid")), "it is for another organization");
    assert!(verify_claims(&with("oid", json!("org_2"))).is_ok(), "where none is wanted");
}

// req: D25
#[test]
fn id_token_with_duplicate_claim_is_rejected() {
    let twice = claims().to_string().replacen('{', "{\"aud\":\"skc_other\",", 1);
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
    let outcome = verify_token(&OURS.sign_with(&header, &twice), &key_set(&[OURS.jwk()]));
    assert!(matches!(outcome, Err(VerifyError::Claims(_))));
}

// req: D26
#[test]
fn id_token_profile_claim_of_wrong_type_is_dropped() {
    let mut claims = with("email_verified", json!(1));
    claims["updated_at"] = json!("2026-01-01T00:00:00Z");
    claims["address"] = json!("a string");
    claims["name"] = json!(["Ada"]);
    let who = verify_claims(&claims).unwrap();
    assert_eq!((who.flag("email_verified"), who.text("name")), (None, None));
}

// req: M5
#[test]
fn id_token_null_claims_are_absent_and_text_bools_read() {
    for name in ["nbf", "at_hash", "azp", "email", "name"] {
        for value in [json!(null), json!("")] {
            assert!(verify_claims(&with(name, value.clone())).is_ok(), "{name}: {value}");
        }
    }
    for (text, flag) in [("true", Some(true)), ("false", Some(false)), ("yes", None)] {
        let who = verify_claims(&with("email_verified", json!(text))).unwrap();
        assert_eq!(who.flag("email_verified"), flag);
    }
}

// req: D27
#[test]
fn id_token_malformed_or_oversized_is_rejected() {
    let good = OURS.sign(&claims());
    let padded = good.expose().replacen('.', "=.", 1);
    let nested = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
    let (misshapen, oversized) = ("it is not a signed token", "it is too large");
    for (token, why) in [
        (String::new(), misshapen),
        (".".to_owned(), misshapen),
        ("..".to_owned(), misshapen),
        (".".repeat(100_000), oversized),
        (format!("{}.a.b", good.expose()), misshapen),
        (padded, misshapen),
        ("a".repeat(1_000_000), oversized),
        (OURS.sign(&with("filler", json!("x".repeat(64 * 1024)))).expose().to_owned(), oversized),
        (OURS.sign_with(&header, &nested).expose().to_owned(), misshapen),
        (OURS.sign_with(&header, "7").expose().to_owned(), misshapen),
    ] {
        refused(verify_token(&Secret::new(token), &key_set(&[OURS.jwk()])), why);
    }
}

#[test]
fn refresh_id_token_with_another_sub_is_rejected() {
    let claims = without("nonce");
    assert!(refreshed(&claims, "usr_1", None).is_ok());
    assert_eq!(refreshed(&claims, "usr_2", None).unwrap_err(), VerifyError::OtherSubject);
}

#[test]
fn refresh_id_token_nonce_must_be_absent_or_original() {
    let sign_in = Fingerprint::of_nonce(&Secret::new("n-1"));
    let with = |nonce: Value| {
        let mut claims = without("nonce");
        claims["nonce"] = nonce;
        refreshed(&claims, "usr_1", Some(&sign_in))
    };
    assert!(refreshed(&without("nonce"), "usr_1", Some(&sign_in)).is_ok());
    assert!(with(json!("n-1")).is_ok());
    for absent in [json!(""), json!(null)] {
        assert!(with(absent).is_ok());
    }
    for other in [json!("n-2"), json!(1)] {
        assert!(matches!(with(other), Err(VerifyError::Unusable(_))));
    }
}

fn refreshed(
    claims: &Value,
    subject: &str,
    nonce: Option<&Fingerprint>,
) -> Result<VerifiedIdToken, VerifyError> {
    verify(
        &OURS.sign(claims),
        &key_set(&[OURS.jwk()]),
        &Validation {
            issuer: ISSUER,
            client_id: CLIENT,
            organization: None,
            connection: None,
            binding: TokenBinding::Refresh { subject, nonce },
            access_token: &Secret::new(ACCESS),
            clocks: Clocks::agreeing(Wall(NOW * 1000)),
        },
    )
}

#[test]
fn access_token_claims_of_another_sub_or_iss_are_hidden() {
    let keys = key_set(&[OURS.jwk()]);
    let shown =
        |claims: Value| access_claims(&OURS.sign(&claims), &keys, ISSUER, "usr_1").into_claims();
    let claims = json!({"iss": ISSUER, "sub": "usr_1", "roles": ["admin"]});
    assert!(shown(claims).is_some());
    assert!(shown(json!({"iss": ISSUER, "sub": "usr_2", "roles": ["admin"]})).is_none());
    assert!(shown(json!({"iss": "https://evil.example", "sub": "usr_1"})).is_none());
    let opaque = access_claims(&Secret::new("opaque"), &keys, ISSUER, "usr_1");
    assert!(matches!(opaque, AccessTokenClaims::Opaque));
}
