//! Whether to believe who the environment says has signed in (OpenID Connect Core §3.1.3.7).

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    journal::Fingerprint,
    json,
    jws::{self, Unsigned},
    keys::KeySet,
    secret::Secret,
    time::Wall,
};

/// How far clocks may be apart.
pub const LEEWAY: Duration = Duration::from_secs(120);

/// How old an ID token that was just handed out may say it is, beyond [`LEEWAY`].
const OLDEST: Duration = Duration::from_secs(600);

/// What an ID token must agree with.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The environment.
    pub issuer: &'a str,
    /// This application.
    pub client_id: &'a str,
    /// The only organization that may sign in, where there is one only.
    pub organization: Option<&'a str>,
    /// What ties it to the request.
    pub binding: ExpectedBinding<'a>,
    /// The access token that came with it.
    pub access_token: &'a Secret,
    /// When it came: by the environment's own clock where it told, else by ours.
    pub now: Wall,
}

/// What ties an ID token to what was asked for.
#[derive(Debug)]
pub enum ExpectedBinding<'a> {
    /// A sign-in: the `nonce` of the authorization request.
    SignIn {
        /// The nonce that was sent.
        nonce: &'a Secret,
    },
    /// A renewal: the person who signed in (OpenID Connect Core §12.2).
    Renewal {
        /// The subject of the session.
        subject: &'a str,
        /// The nonce of its sign-in, where it is known.
        nonce: Option<&'a Fingerprint>,
    },
}

/// Why an ID token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Signed with a key that is not known yet: worth fetching the keys again, once.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// Its times do not fit the clock.
    #[error("it is not valid at this computer's time")]
    Time,
    /// On a renewal: it is about somebody else.
    #[error("it is about another person")]
    OtherSubject,
    /// Anything else.
    #[error("{0}")]
    Claims(&'static str),
}

/// An ID token that has been verified. Only [`verify`] makes one.
#[derive(Debug, Clone)]
pub struct VerifiedIdToken {
    issuer: String,
    subject: String,
    claims: Map<String, Value>,
}

impl VerifiedIdToken {
    /// Who signed.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who signed in; with the issuer, the person's identity.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim that is text; one of another type is as good as none.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        json::string(&self.claims, name)
    }

    /// A claim that is true or false; one of another type is as good as none.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.claims.get(name).and_then(Value::as_bool)
    }
}

/// Verifies an ID token.
///
/// # Errors
/// The first rule it breaks.
pub fn verify(
    token: &Secret,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<VerifiedIdToken, Rejection> {
    let claims = jws::claims(token, keys, &["JWT"]).map_err(|why| match why {
        Unsigned::UnknownKey => Rejection::UnknownKey,
        Unsigned::Rejected(rule) => Rejection::Claims(rule),
    })?;
    let issuer = issued_by(&claims, expected.issuer)?.to_owned();
    meant_for(&claims, expected.client_id)?;
    let subject = json::string(&claims, "sub").unwrap_or_default();
    // OpenID Connect Core §2: at most 255 ASCII characters.
    if subject.is_empty() || subject.len() > 255 || !subject.is_ascii() {
        return Err(Rejection::Claims("it names nobody"));
    }
    let subject = subject.to_owned();
    of_organization(&claims, expected.organization)?;
    in_time(&claims, expected.now)?;
    bound(&claims, &subject, &expected.binding)?;
    belongs_to(&claims, expected.access_token)?;
    Ok(VerifiedIdToken { issuer, subject, claims })
}

/// Roles, permissions and names in an access token: shown, never decided on.
///
/// The access token is the protected services' to judge; to this program it is opaque but for
/// what Scalekit documents as the place of roles and permissions. Nothing is shown of a token that
/// the environment did not sign for this person.
#[must_use]
pub fn access_claims(
    token: &Secret,
    keys: &KeySet,
    issuer: &str,
    subject: &str,
) -> Option<Map<String, Value>> {
    let claims = jws::claims(token, keys, &["JWT", "at+jwt"]).ok()?;
    let same = json::string(&claims, "iss") == Some(issuer)
        && json::string(&claims, "sub") == Some(subject);
    same.then_some(claims)
}

/// Rule 2: simple string comparison.
fn issued_by<'a>(claims: &'a Map<String, Value>, issuer: &str) -> Result<&'a str, Rejection> {
    json::string(claims, "iss")
        .filter(|claimed| *claimed == issuer)
        .ok_or(Rejection::Claims("it is from another issuer"))
}

/// Rules 3 to 5: this application and nobody else.
fn meant_for(claims: &Map<String, Value>, client_id: &str) -> Result<(), Rejection> {
    let fits = match claims.get("aud") {
        Some(Value::String(only)) => only == client_id,
        Some(Value::Array(all)) => {
            !all.is_empty() && all.iter().all(|one| one.as_str() == Some(client_id))
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
    };
    let party_fits = claims.get("azp").is_none_or(|party| party.as_str() == Some(client_id));
    if fits && party_fits {
        Ok(())
    } else {
        Err(Rejection::Claims("it is for another application"))
    }
}

/// Scalekit says in `oid` which organization the person has signed in to. What the authorization
/// request asked for passed through a browser, so it is the token that counts.
fn of_organization(claims: &Map<String, Value>, pinned: Option<&str>) -> Result<(), Rejection> {
    let fits = pinned.is_none_or(|pinned| json::string(claims, "oid") == Some(pinned));
    if fits { Ok(()) } else { Err(Rejection::Claims("it is for another organization")) }
}

/// Rules 9 and 10, and `nbf`. A time that is not a number is no time (CVE-2026-25537).
fn in_time(claims: &Map<String, Value>, now: Wall) -> Result<(), Rejection> {
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let (Some(expires), Some(issued)) = (time("exp"), time("iat")) else {
        return Err(Rejection::Claims("it does not say when it was issued and when it ends"));
    };
    let not_before = match claims.get("nbf") {
        None => f64::NEG_INFINITY,
        Some(value) => value.as_f64().ok_or(Rejection::Claims("its times are not numbers"))?,
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
    let now = now.seconds() as f64;
    let leeway = LEEWAY.as_secs_f64();
    let fits = now < expires + leeway
        && issued <= now + leeway
        && now - issued <= leeway + OLDEST.as_secs_f64()
        && not_before <= now + leeway
        && expires > issued
        // Nobody means a session until the end of time; a double that large is an attack.
        && expires - now <= 366.0 * 86_400.0;
    if fits { Ok(()) } else { Err(Rejection::Time) }
}

/// Rule 11, and Core §12.2 for renewals.
fn bound(
    claims: &Map<String, Value>,
    subject: &str,
    binding: &ExpectedBinding<'_>,
) -> Result<(), Rejection> {
    match binding {
        ExpectedBinding::SignIn { nonce } => json::string(claims, "nonce")
            .filter(|claimed| nonce.matches(claimed))
            .map(|_| ())
            .ok_or(Rejection::Claims("it answers another request")),
        ExpectedBinding::Renewal { subject: expected, .. } if *expected != subject => {
            Err(Rejection::OtherSubject)
        }
        // It need not be there; one that is must be the sign-in's.
        ExpectedBinding::Renewal { nonce, .. } => match (claims.get("nonce"), nonce) {
            (None, _) | (Some(_), None) => Ok(()),
            (Some(claimed), Some(nonce)) => claimed
                .as_str()
                .filter(|claimed| Fingerprint::of_nonce(&Secret::new(*claimed)) == **nonce)
                .map(|_| ())
                .ok_or(Rejection::Claims("it answers another request")),
        },
    }
}

/// Core §3.1.3.6: the left half of the access token's SHA-256, where the claim is there.
fn belongs_to(claims: &Map<String, Value>, access_token: &Secret) -> Result<(), Rejection> {
    let Some(claimed) = claims.get("at_hash") else { return Ok(()) };
    let digest = Sha256::digest(access_token.expose().as_bytes());
    let expected = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]));
    if claimed.as_str().is_some_and(|claimed| expected.matches(claimed)) {
        Ok(())
    } else {
        Err(Rejection::Claims("it came with another access token"))
    }
}

#[cfg(test)]
mod tests;
