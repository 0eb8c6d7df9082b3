//! IdP-initiated login: the verification of the token in an initiate-login link, and its hints.
//!
//! Scalekit redirects the browser to the application's initiate-login URI with a token when a user has opened
//! the application at their company's portal or accepted an invitation. The token authenticates nobody; it only
//! holds hints for an ordinary sign-in. Any user of the environment can obtain such a token and send it to
//! another user, so the application asks for confirmation before a sign-in begins (login CSRF, RFC 6819
//! §4.4.1.8).

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    json,
    problem::is_readable,
    protocol::{
        authorization_request::Hints,
        claims::{Age, TimeError, verify_aud_if_present, verify_iss, verify_times_at},
        jwks::JwkSet,
        jws::{self, SignatureError},
    },
    secret::Secret,
    time::Wall,
};

/// The maximum length of an id, in bytes.
const MAX_ID_LEN: usize = 128;

/// The maximum length of a login hint, in characters: that of an e-mail address (RFC 5321 §4.5.3.1).
const MAX_HINT_LEN: usize = 254;

/// The values that the claims of such a token are compared with.
#[derive(Debug)]
pub struct Validation<'a> {
    /// The environment's issuer identifier.
    pub issuer: &'a str,
    /// The client id of this application.
    pub client_id: &'a str,
    /// The time of receipt by the environment's clock, if known: an old token can be replayed.
    pub now: Wall,
}

/// The reason such a token is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No known key has signed it.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// Signed by the environment, but expired or issued too long ago.
    #[error("it is too old")]
    TooOld,
    /// Signed by the environment, but not valid yet.
    #[error("it is not valid yet at this computer's time")]
    NotYet,
    /// Any other reason.
    #[error("{0}")]
    Claims(&'static str),
}

/// A login initiation that the environment signed. Only [`verify`] creates one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLoginInitiation {
    hints: Hints,
}

impl VerifiedLoginInitiation {
    /// The hints of the sign-in. They can be displayed unchanged.
    #[must_use]
    pub fn hints(&self) -> &Hints {
        &self.hints
    }
}

/// A hash that identifies a token without revealing it. It covers the signed part and not the signature, so
/// that a token has only one digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of this token.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        let token = token.expose();
        let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
        Self(Sha256::digest(signed.as_bytes()).into())
    }
}

/// Verifies the token of an initiate-login link.
///
/// The signature is verified first, so that no claim of a token from another issuer is reported.
///
/// # Errors
/// The first rule that is violated.
pub fn verify(
    token: &Secret,
    keys: &JwkSet,
    expected: &Validation<'_>,
) -> Result<VerifiedLoginInitiation, VerifyError> {
    let claims = jws::claims(token, keys, &[]).map_err(|why| match why {
        SignatureError::UnknownKey => VerifyError::UnknownKey,
        SignatureError::Rejected(rule) => VerifyError::Claims(rule),
    })?;
    verify_iss(&claims, expected.issuer).map_err(VerifyError::Claims)?;
    verify_aud_if_present(&claims, expected.client_id).map_err(VerifyError::Claims)?;
    of_this_kind(&claims)?;
    let hints = hints(&claims)?;
    verify_times_at(&claims, expected.now, Age::New).map_err(|why| match why {
        TimeError::Malformed(rule) => VerifyError::Claims(rule),
        TimeError::Past => VerifyError::TooOld,
        TimeError::Future => VerifyError::NotYet,
    })?;
    Ok(VerifiedLoginInitiation { hints })
}

/// A token must have at least one of these claims.
const OWN: &[&str] = &["connection_id", "organization_id", "login_hint"];

/// Claims of ID, access and logout tokens, which refer to a session; a login initiation has none.
const OF_OTHERS: &[&str] =
    &["sub", "sid", "oid", "nonce", "at_hash", "c_hash", "scope", "client_id", "events", "roles"];

/// The maximum lifetime of such a token, in seconds. Scalekit uses 300.
const MAX_LIFETIME: f64 = 600.0;

/// RFC 8725 §3.12: a token of another kind, signed with the same keys, must not be accepted. Scalekit sets
/// neither `aud` nor `typ` in these tokens, so they are recognized by their claims and their short lifetime.
fn of_this_kind(claims: &Map<String, Value>) -> Result<(), VerifyError> {
    let is_own = OWN.iter().any(|name| json::optional(claims, name).is_some());
    let is_other = OF_OTHERS.iter().any(|name| json::optional(claims, name).is_some());
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let is_short = match (time("iat"), time("exp")) {
        (Some(issued), Some(ends)) => ends - issued <= MAX_LIFETIME,
        // `verify_times_at` validates the times.
        (None, _) | (_, None) => true,
    };
    if is_own && !is_other && is_short {
        Ok(())
    } else {
        Err(VerifyError::Claims("it is a token of another kind"))
    }
}

/// The hints are displayed and sent unchanged; a value that cannot be displayed is rejected.
///
/// `relay_state` is not read: it names a destination after the sign-in, and the application follows no
/// destination of a link.
fn hints(claims: &Map<String, Value>) -> Result<Hints, VerifyError> {
    let is_id = |text: &str| text.len() <= MAX_ID_LEN && text.bytes().all(|b| b.is_ascii_graphic());
    let is_hint = |text: &str| {
        text.chars().count() <= MAX_HINT_LEN && text.trim() == text && text.chars().all(is_readable)
    };
    Ok(Hints {
        connection_id: text(claims, "connection_id", is_id)?,
        organization_id: text(claims, "organization_id", is_id)?,
        login_hint: text(claims, "login_hint", is_hint)?,
        ..Hints::default()
    })
}

fn text(
    claims: &Map<String, Value>,
    name: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<Option<String>, VerifyError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => match json::string(claims, name) {
            Some(text) if fits(text) => Ok(Some(text.to_owned())),
            // An empty string is treated as absent.
            None if claims.get(name).and_then(Value::as_str) == Some("") => Ok(None),
            Some(_) | None => Err(VerifyError::Claims("it names something that cannot be shown")),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::signing::{OURS, THEIRS, encode, key_set};

    const ISSUER: &str = "https://acme.scalekit.com";
    const CLIENT: &str = "skc_latchkey";
    const NOW: i64 = 1_800_000_000;

    fn claims() -> Value {
        json!({
            "iss": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 300,
            "connection_id": "conn_1", "organization_id": "org_1",
            "login_hint": "ada@analytical.example",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn without(names: &[&str]) -> Value {
        let mut claims = claims();
        for name in names {
            claims.as_object_mut().unwrap().remove(*name);
        }
        claims
    }

    fn verify_signed(token: &Secret) -> Result<VerifiedLoginInitiation, VerifyError> {
        let expected = Validation { issuer: ISSUER, client_id: CLIENT, now: Wall(NOW * 1000) };
        verify(token, &key_set(&[OURS.jwk()]), &expected)
    }

    fn verify_claims(claims: &Value) -> Result<VerifiedLoginInitiation, VerifyError> {
        verify_signed(&OURS.sign(claims))
    }

    fn verify_header(header: &Value) -> Result<VerifiedLoginInitiation, VerifyError> {
        verify_signed(&OURS.sign_with(header, &claims().to_string()))
    }

    #[track_caller]
    fn refused(outcome: Result<VerifiedLoginInitiation, VerifyError>, expected: &str) {
        assert_eq!(outcome.unwrap_err().to_string(), expected);
    }

    #[test]
    fn initiate_login_token_gives_hints_and_no_relay_state() {
        let verified = verify_claims(&with("relay_state", json!("https://evil.example/"))).unwrap();
        let hints = verified.hints();
        assert_eq!(hints.connection_id.as_deref(), Some("conn_1"));
        assert_eq!(hints.organization_id.as_deref(), Some("org_1"));
        assert_eq!(hints.login_hint.as_deref(), Some("ada@analytical.example"));
        assert!(!format!("{verified:?}").contains("evil.example"));
    }

    #[test]
    fn initiate_login_token_hints_are_optional() {
        let verified = verify_claims(&without(&["connection_id", "login_hint"])).unwrap();
        assert_eq!(verified.hints().login_hint, None);
        let verified = verify_claims(&with("login_hint", json!(""))).unwrap();
        assert_eq!(verified.hints().login_hint, None);
        let verified = verify_claims(&with("connection_id", json!(null))).unwrap();
        assert_eq!(verified.hints().connection_id, None);
    }

    // req: D1
    #[test]
    fn initiate_login_token_with_foreign_signature_is_rejected() {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
        let forged = THEIRS.sign_with(&header, &claims().to_string());
        refused(verify_signed(&forged), "its signature is not valid");
        refused(verify_signed(&THEIRS.sign(&claims())), "it is signed with an unknown key");
        let mut changed = OURS.sign(&claims()).expose().to_owned();
        let payload = encode(with("organization_id", json!("org_2")).to_string());
        let (start, end) = (changed.find('.').unwrap() + 1, changed.rfind('.').unwrap());
        changed.replace_range(start..end, &payload);
        refused(verify_signed(&Secret::new(changed)), "its signature is not valid");
    }

    // req: D2
    #[test]
    fn initiate_login_token_alg_other_than_rs256_is_rejected() {
        for algorithm in ["none", "nOnE", "HS256", "RS384", "PS256", ""] {
            let header = json!({"alg": algorithm, "typ": "JWT", "kid": OURS.id});
            refused(verify_header(&header), "it is not signed with RS256");
        }
    }

    #[test]
    fn initiate_login_token_with_crit_or_other_typ_is_rejected() {
        let header = |name: &str, value: Value| {
            let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
            header[name] = value;
            header
        };
        refused(verify_header(&header("crit", json!(["exp"]))), "it demands an extension");
        for kind in ["at+jwt", "logout+jwt", "application/at+jwt", "AT+JWT"] {
            refused(verify_header(&header("typ", json!(kind))), "it is a token of another kind");
        }
        refused(verify_header(&header("crit", json!(null))), "it demands an extension");
    }

    #[test]
    fn initiate_login_token_header_keys_are_ignored() {
        assert!(verify_header(&json!({"alg": "RS256", "kid": OURS.id})).is_ok());
        for (name, value) in [
            ("typ", json!(null)),
            ("typ", json!("")),
            ("typ", json!("jwt")),
            ("typ", json!("JOSE")),
            ("x5c", json!(null)),
            ("x5c", json!(["MII"])),
            ("jku", json!("https://evil.example/keys")),
            ("x5u", json!("https://evil.example/key")),
            ("jwk", THEIRS.jwk()),
        ] {
            let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
            header[name] = value;
            assert!(verify_header(&header).is_ok(), "{header}");
        }
        let header = json!({"alg": "RS256", "kid": THEIRS.id, "jwk": THEIRS.jwk()});
        let forged = THEIRS.sign_with(&header, &claims().to_string());
        refused(verify_signed(&forged), "it is signed with an unknown key");
    }

    // req: M1
    #[test]
    fn initiate_login_token_for_other_iss_aud_azp_is_rejected() {
        for issuer in ["https://evil.example", "https://acme.scalekit.com/", ""] {
            refused(verify_claims(&with("iss", json!(issuer))), "it is from another issuer");
        }
        refused(verify_claims(&without(&["iss"])), "it is from another issuer");
        for audience in [json!("skc_other"), json!([]), json!(""), json!(["skc_other"]), json!(7)] {
            refused(verify_claims(&with("aud", audience)), "it is for another application");
        }
        for audience in [json!(CLIENT), json!([CLIENT]), json!([CLIENT, "skc_other"]), json!(null)]
        {
            assert!(verify_claims(&with("aud", audience.clone())).is_ok(), "{audience}");
        }
        refused(verify_claims(&with("azp", json!("skc_other"))), "it is for another application");
    }

    #[test]
    fn initiate_login_exp_iat_leeway_is_120s() {
        let at = |issued: i64, expires: i64| {
            let mut claims = claims();
            (claims["iat"], claims["exp"]) = (json!(NOW + issued), json!(NOW + expires));
            verify_claims(&claims).map(|_| ())
        };
        for (issued, expires, expected) in [
            (-300, -119, Ok(())),
            (-300, -120, Err(VerifyError::TooOld)),
            (-540, 60, Ok(())),
            (-541, 60, Err(VerifyError::Claims("it is a token of another kind"))),
            (120, 300, Ok(())),
            (121, 300, Err(VerifyError::NotYet)),
            (0, 0, Err(VerifyError::NotYet)),
        ] {
            assert_eq!(at(issued, expires), expected, "{issued} {expires}");
        }
        assert_eq!(
            verify_claims(&with("nbf", json!(NOW + 121))).unwrap_err(),
            VerifyError::NotYet,
            "`nbf` counts too"
        );
        for name in ["iat", "exp"] {
            let rule = "it does not say when it was issued and when it ends";
            refused(verify_claims(&without(&[name])), rule);
            refused(verify_claims(&with(name, json!("1800000000"))), rule);
        }
        refused(verify_claims(&with("nbf", json!("soon"))), "its times are not numbers");
    }

    #[test]
    fn initiate_login_expiry_is_reported_only_for_valid_tokens() {
        let old = with("exp", json!(NOW - 200));
        let mut old = old;
        old["iat"] = json!(NOW - 500);
        assert_eq!(verify_claims(&old).unwrap_err(), VerifyError::TooOld);
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
        refused(
            verify_signed(&THEIRS.sign_with(&header, &old.to_string())),
            "its signature is not valid",
        );
        old["aud"] = json!("skc_other");
        refused(verify_claims(&old), "it is for another application");
    }

    // req: M2
    #[test]
    fn id_or_access_token_as_initiate_login_token_is_rejected() {
        let nothing = without(&["connection_id", "organization_id", "login_hint"]);
        refused(verify_claims(&nothing), "it is a token of another kind");
        refused(verify_claims(&with("roles", json!(["admin"]))), "it is a token of another kind");
        let session = json!({
            "iss": ISSUER, "aud": CLIENT, "iat": NOW, "exp": NOW + 300, "sub": "usr_1", "oid": "org_1",
        });
        refused(verify_claims(&session), "it is a token of another kind");
        for name in
            ["sub", "sid", "oid", "nonce", "at_hash", "c_hash", "scope", "client_id", "events"]
        {
            refused(verify_claims(&with(name, json!("x"))), "it is a token of another kind");
        }
    }

    // req: B4
    #[test]
    fn initiate_login_token_with_unprintable_hint_is_rejected() {
        for (name, value) in [
            ("organization_id", json!("org 1")),
            ("organization_id", json!("орг")),
            ("organization_id", json!("o".repeat(MAX_ID_LEN + 1))),
            ("connection_id", json!(["conn_1"])),
            ("connection_id", json!("conn\n1")),
            ("login_hint", json!(17)),
            ("login_hint", json!("ada\u{202e}@evil")),
            ("login_hint", json!("ada\u{200b}@evil")),
            ("login_hint", json!("ada\u{0}@evil")),
            ("login_hint", json!(" ada@analytical.example")),
            ("login_hint", json!("a".repeat(MAX_HINT_LEN + 1))),
        ] {
            let rule = "it names something that cannot be shown";
            refused(verify_claims(&with(name, value)), rule);
        }
        assert!(verify_claims(&with("login_hint", json!("فاطمة@qarawiyyin.example"))).is_ok());
    }

    #[test]
    fn initiate_login_token_digest_ignores_the_signature() {
        let token = OURS.sign(&claims());
        let twin = format!("{}x", token.expose());
        assert_eq!(TokenDigest::of(&token), TokenDigest::of(&Secret::new(twin)));
        assert_ne!(
            TokenDigest::of(&token),
            TokenDigest::of(&OURS.sign(&with("login_hint", json!("x"))))
        );
    }
}
