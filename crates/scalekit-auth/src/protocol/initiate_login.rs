//! A sign-in that began outside the program: whether the environment says so, and with whom.
//!
//! Scalekit sends the browser to the application's initiate-login address with a token when a user
//! has clicked a tile at their company's portal or accepted an invitation. The token signs nobody in.
//! It only says how an ordinary sign-in could begin, and whoever has an account at the environment
//! can have one made and sent to anybody: that is what the user is asked for before anything
//! begins (login CSRF, RFC 6819 §4.4.1.8).

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

/// The longest id that is taken, in bytes.
const MAX_ID_LEN: usize = 128;

/// The longest hint that is taken, in characters: as long as an e-mail address can be (RFC 5321
/// §4.5.3.1).
const MAX_HINT_LEN: usize = 254;

/// What such a token must agree with.
#[derive(Debug)]
pub struct Validation<'a> {
    /// The environment.
    pub issuer: &'a str,
    /// This application.
    pub client_id: &'a str,
    /// When it came, by the environment's clock where it has told: whoever has such a token can send it again.
    pub now: Wall,
}

/// Why such a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Signed with a key that is not known yet.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// The environment did sign it, but too long ago.
    #[error("it is too old")]
    TooOld,
    /// The environment did sign it, but for a time that has not come.
    #[error("it is not valid yet at this computer's time")]
    NotYet,
    /// Anything else.
    #[error("{0}")]
    Claims(&'static str),
}

/// A sign-in that the environment says has begun outside. Only [`verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLoginInitiation {
    hints: Hints,
}

impl VerifiedLoginInitiation {
    /// How the sign-in is to begin. What is in here can be shown as it is.
    #[must_use]
    pub fn hints(&self) -> &Hints {
        &self.hints
    }
}

/// Tells one token from another and gives nothing away. It covers what is signed and not the
/// signature, so that nobody can make two of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Of this token.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        let token = token.expose();
        let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
        Self(Sha256::digest(signed.as_bytes()).into())
    }
}

/// Verifies the token of an initiate-login link.
///
/// The signature comes first: of a token that the environment did not sign, nothing is said.
///
/// # Errors
/// The first rule it breaks.
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

/// At least one of these says how to begin.
const OWN: &[&str] = &["connection_id", "organization_id", "login_hint"];

/// Claims of ID, access and logout tokens. They speak of a session, and here there is none yet.
const OF_OTHERS: &[&str] =
    &["sub", "sid", "oid", "nonce", "at_hash", "c_hash", "scope", "client_id", "events", "roles"];

/// How long such a token may live, in seconds. Scalekit's live for 300.
const MAX_LIFETIME: f64 = 600.0;

/// RFC 8725 §3.12: a token of another kind, which the same keys sign, must not pass for one of these. Scalekit
/// names neither an audience nor a type in them, so it is their claims and their short life that tell.
fn of_this_kind(claims: &Map<String, Value>) -> Result<(), VerifyError> {
    let is_own = OWN.iter().any(|name| json::optional(claims, name).is_some());
    let is_other = OF_OTHERS.iter().any(|name| json::optional(claims, name).is_some());
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let is_short = match (time("iat"), time("exp")) {
        (Some(issued), Some(ends)) => ends - issued <= MAX_LIFETIME,
        // Its times are judged by themselves.
        (None, _) | (_, None) => true,
    };
    if is_own && !is_other && is_short {
        Ok(())
    } else {
        Err(VerifyError::Claims("it is a token of another kind"))
    }
}

/// What is shown to the user is what is sent, to the letter; what cannot be shown so is refused.
///
/// `relay_state` is not read. It would say where to go after the sign-in, and this program goes
/// nowhere that a link says.
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
            // An empty text says as little as none.
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

    fn judge(token: &Secret) -> Result<VerifiedLoginInitiation, VerifyError> {
        let expected = Validation { issuer: ISSUER, client_id: CLIENT, now: Wall(NOW * 1000) };
        verify(token, &key_set(&[OURS.jwk()]), &expected)
    }

    fn judge_claims(claims: &Value) -> Result<VerifiedLoginInitiation, VerifyError> {
        judge(&OURS.sign(claims))
    }

    fn judge_header(header: &Value) -> Result<VerifiedLoginInitiation, VerifyError> {
        judge(&OURS.sign_with(header, &claims().to_string()))
    }

    #[track_caller]
    fn refused(outcome: Result<VerifiedLoginInitiation, VerifyError>, expected: &str) {
        assert_eq!(outcome.unwrap_err().to_string(), expected);
    }

    #[test]
    fn initiate_login_token_gives_hints_and_no_relay_state() {
        let verified = judge_claims(&with("relay_state", json!("https://evil.example/"))).unwrap();
        let hints = verified.hints();
        assert_eq!(hints.connection_id.as_deref(), Some("conn_1"));
        assert_eq!(hints.organization_id.as_deref(), Some("org_1"));
        assert_eq!(hints.login_hint.as_deref(), Some("ada@analytical.example"));
        assert!(!format!("{verified:?}").contains("evil.example"));
    }

    #[test]
    fn initiate_login_token_hints_are_optional() {
        let verified = judge_claims(&without(&["connection_id", "login_hint"])).unwrap();
        assert_eq!(verified.hints().login_hint, None);
        let verified = judge_claims(&with("login_hint", json!(""))).unwrap();
        assert_eq!(verified.hints().login_hint, None);
        let verified = judge_claims(&with("connection_id", json!(null))).unwrap();
        assert_eq!(verified.hints().connection_id, None);
    }

    // req: D1
    #[test]
    fn initiate_login_token_with_foreign_signature_is_rejected() {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
        let forged = THEIRS.sign_with(&header, &claims().to_string());
        refused(judge(&forged), "its signature is not valid");
        refused(judge(&THEIRS.sign(&claims())), "it is signed with an unknown key");
        let mut changed = OURS.sign(&claims()).expose().to_owned();
        let payload = encode(with("organization_id", json!("org_2")).to_string());
        let (start, end) = (changed.find('.').unwrap() + 1, changed.rfind('.').unwrap());
        changed.replace_range(start..end, &payload);
        refused(judge(&Secret::new(changed)), "its signature is not valid");
    }

    // req: D2
    #[test]
    fn initiate_login_token_alg_other_than_rs256_is_rejected() {
        for algorithm in ["none", "nOnE", "HS256", "RS384", "PS256", ""] {
            let header = json!({"alg": algorithm, "typ": "JWT", "kid": OURS.id});
            refused(judge_header(&header), "it is not signed with RS256");
        }
    }

    #[test]
    fn initiate_login_token_with_crit_or_other_typ_is_rejected() {
        let header = |name: &str, value: Value| {
            let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
            header[name] = value;
            header
        };
        refused(judge_header(&header("crit", json!(["exp"]))), "it demands an extension");
        for kind in ["at+jwt", "logout+jwt", "application/at+jwt", "AT+JWT"] {
            refused(judge_header(&header("typ", json!(kind))), "it is a token of another kind");
        }
        refused(judge_header(&header("crit", json!(null))), "it demands an extension");
    }

    #[test]
    fn initiate_login_token_header_keys_are_ignored() {
        assert!(judge_header(&json!({"alg": "RS256", "kid": OURS.id})).is_ok());
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
            assert!(judge_header(&header).is_ok(), "{header}");
        }
        let header = json!({"alg": "RS256", "kid": THEIRS.id, "jwk": THEIRS.jwk()});
        let forged = THEIRS.sign_with(&header, &claims().to_string());
        refused(judge(&forged), "it is signed with an unknown key");
    }

    // req: M1
    #[test]
    fn initiate_login_token_for_other_iss_aud_azp_is_rejected() {
        for issuer in ["https://evil.example", "https://acme.scalekit.com/", ""] {
            refused(judge_claims(&with("iss", json!(issuer))), "it is from another issuer");
        }
        refused(judge_claims(&without(&["iss"])), "it is from another issuer");
        for audience in [json!("skc_other"), json!([]), json!(""), json!(["skc_other"]), json!(7)] {
            refused(judge_claims(&with("aud", audience)), "it is for another application");
        }
        for audience in [json!(CLIENT), json!([CLIENT]), json!([CLIENT, "skc_other"]), json!(null)]
        {
            assert!(judge_claims(&with("aud", audience.clone())).is_ok(), "{audience}");
        }
        refused(judge_claims(&with("azp", json!("skc_other"))), "it is for another application");
    }

    #[test]
    fn initiate_login_exp_iat_leeway_is_120s() {
        let at = |issued: i64, expires: i64| {
            let mut claims = claims();
            (claims["iat"], claims["exp"]) = (json!(NOW + issued), json!(NOW + expires));
            judge_claims(&claims).map(|_| ())
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
            judge_claims(&with("nbf", json!(NOW + 121))).unwrap_err(),
            VerifyError::NotYet,
            "`nbf` counts too"
        );
        for name in ["iat", "exp"] {
            let rule = "it does not say when it was issued and when it ends";
            refused(judge_claims(&without(&[name])), rule);
            refused(judge_claims(&with(name, json!("1800000000"))), rule);
        }
        refused(judge_claims(&with("nbf", json!("soon"))), "its times are not numbers");
    }

    #[test]
    fn initiate_login_expiry_is_reported_only_for_valid_tokens() {
        let old = with("exp", json!(NOW - 200));
        let mut old = old;
        old["iat"] = json!(NOW - 500);
        assert_eq!(judge_claims(&old).unwrap_err(), VerifyError::TooOld);
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
        refused(judge(&THEIRS.sign_with(&header, &old.to_string())), "its signature is not valid");
        old["aud"] = json!("skc_other");
        refused(judge_claims(&old), "it is for another application");
    }

    // req: M2
    #[test]
    fn id_or_access_token_as_initiate_login_token_is_rejected() {
        let nothing = without(&["connection_id", "organization_id", "login_hint"]);
        refused(judge_claims(&nothing), "it is a token of another kind");
        refused(judge_claims(&with("roles", json!(["admin"]))), "it is a token of another kind");
        let session = json!({
            "iss": ISSUER, "aud": CLIENT, "iat": NOW, "exp": NOW + 300, "sub": "usr_1", "oid": "org_1",
        });
        refused(judge_claims(&session), "it is a token of another kind");
        for name in
            ["sub", "sid", "oid", "nonce", "at_hash", "c_hash", "scope", "client_id", "events"]
        {
            refused(judge_claims(&with(name, json!("x"))), "it is a token of another kind");
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
            refused(judge_claims(&with(name, value)), rule);
        }
        assert!(judge_claims(&with("login_hint", json!("فاطمة@qarawiyyin.example"))).is_ok());
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
