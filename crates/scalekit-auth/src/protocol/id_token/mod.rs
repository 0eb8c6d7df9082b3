//! Whether to believe who the environment says has signed in (OpenID Connect Core §3.1.3.7).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    json,
    protocol::{
        claims::{Age, TimeError, verify_aud, verify_iss, verify_times_by_either},
        jwks::JwkSet,
        jws::{self, SignatureError},
    },
    secret::Secret,
    storage::journal::Fingerprint,
};

pub use crate::protocol::claims::Clocks;

/// What an ID token must agree with.
#[derive(Debug)]
pub struct Validation<'a> {
    /// The environment.
    pub issuer: &'a str,
    /// This application.
    pub client_id: &'a str,
    /// The only organization that may sign in, where there is one only.
    pub organization: Option<&'a str>,
    /// What ties it to the request.
    pub binding: TokenBinding<'a>,
    /// The access token that came with it.
    pub access_token: &'a Secret,
    /// When it came.
    pub clocks: Clocks,
}

/// What ties an ID token to what was asked for.
#[derive(Debug)]
pub enum TokenBinding<'a> {
    /// A sign-in: the `nonce` of the authorization request.
    SignIn {
        /// The nonce that was sent.
        nonce: &'a Secret,
    },
    /// A refresh: the user who signed in (OpenID Connect Core §12.2).
    Refresh {
        /// The subject of the session.
        subject: &'a str,
        /// The nonce of its sign-in, where it is known.
        nonce: Option<&'a Fingerprint>,
    },
}

/// Why an ID token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Signed with a key that is not known yet: worth fetching the keys again, once.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// Its times do not fit the clock.
    #[error("it is not valid at this computer's time")]
    Time,
    /// On a refresh: it is about somebody else.
    #[error("it is about another user")]
    OtherSubject,
    /// On a refresh: it is the environment's, for this application and about the same user, and belongs to
    /// the access token that came with it; but by this rule, of its times or its nonce, nothing is taken from
    /// it.
    #[error("{0}")]
    Unusable(&'static str),
    /// Anything else.
    #[error("{0}")]
    Claims(&'static str),
}

/// An ID token that has been verified. Only [`verify`] makes one.
#[derive(Debug, Clone)]
pub struct VerifiedIdToken {
    subject: String,
    claims: Map<String, Value>,
}

impl VerifiedIdToken {
    /// Who signed in; with the issuer, the user's identity.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// A claim that is text; one of another type is as good as none.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        json::string(&self.claims, name)
    }

    /// A claim that is true or false, or says so as text; another one is as good as none.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        json::flag(&self.claims, name)
    }
}

/// Verifies an ID token.
///
/// # Errors
/// The first rule it breaks.
pub fn verify(
    token: &Secret,
    keys: &JwkSet,
    expected: &Validation<'_>,
) -> Result<VerifiedIdToken, VerifyError> {
    let claims = jws::claims(token, keys, &[]).map_err(|why| match why {
        SignatureError::UnknownKey => VerifyError::UnknownKey,
        SignatureError::Rejected(rule) => VerifyError::Claims(rule),
    })?;
    verify_iss(&claims, expected.issuer).map_err(VerifyError::Claims)?;
    verify_aud(&claims, expected.client_id).map_err(VerifyError::Claims)?;
    let subject = json::string(&claims, "sub").unwrap_or_default();
    // OpenID Connect Core §2: at most 255 ASCII characters. A connection's own ids, which Scalekit passes on,
    // are not always ASCII; they are compared and never parsed.
    if subject.is_empty() || subject.chars().count() > 255 {
        return Err(VerifyError::Claims("it names nobody"));
    }
    let subject = subject.to_owned();
    verify_sub(&subject, &expected.binding)?;
    verify_oid(&claims, expected.organization)?;
    verify_at_hash(&claims, expected.access_token)?;
    verify_times(&claims, expected)?;
    verify_nonce(&claims, &expected.binding)?;
    Ok(VerifiedIdToken { subject, claims })
}

fn verify_times(claims: &Map<String, Value>, expected: &Validation<'_>) -> Result<(), VerifyError> {
    match expected.binding {
        TokenBinding::SignIn { .. } => verify_times_by_either(claims, expected.clocks, Age::New)
            .map_err(|why| match why {
                TimeError::Malformed(rule) => VerifyError::Claims(rule),
                TimeError::Past | TimeError::Future => VerifyError::Time,
            }),
        TokenBinding::Refresh { .. } => verify_times_by_either(claims, expected.clocks, Age::Any)
            .map_err(|why| match why {
                TimeError::Malformed(rule) => VerifyError::Unusable(rule),
                TimeError::Past | TimeError::Future => {
                    VerifyError::Unusable("it is not valid at this time")
                }
            }),
    }
}

/// Roles, permissions and names in an access token: shown, never decided on.
///
/// The access token is the protected services' to judge; to this program it is opaque but for
/// what Scalekit documents as the place of roles and permissions. Nothing is shown of a token that
/// the environment did not sign for this user.
#[must_use]
pub fn access_claims(
    token: &Secret,
    keys: &JwkSet,
    issuer: &str,
    subject: &str,
) -> AccessTokenClaims {
    let Ok(claims) = jws::claims(token, keys, &["at+jwt"]) else {
        return AccessTokenClaims::Opaque;
    };
    if json::string(&claims, "iss") != Some(issuer) {
        return AccessTokenClaims::Opaque;
    }
    match json::string(&claims, "sub") {
        Some(claimed) if claimed == subject => AccessTokenClaims::Of(claims),
        // RFC 9068 §2.2: `sub` is required in a token of this kind. One that names nobody says nothing.
        None => AccessTokenClaims::Opaque,
        Some(_) => AccessTokenClaims::OtherSubject,
    }
}

/// What an access token says to this program.
#[derive(Debug)]
pub enum AccessTokenClaims {
    /// Nothing: it is not a token that the environment's keys have signed, as an opaque one.
    Opaque,
    /// These, of the user that was expected.
    Of(Map<String, Value>),
    /// It is about somebody else.
    OtherSubject,
}

impl AccessTokenClaims {
    /// The claims, where they are about the user that was expected.
    #[must_use]
    pub fn into_claims(self) -> Option<Map<String, Value>> {
        match self {
            Self::Of(claims) => Some(claims),
            Self::Opaque | Self::OtherSubject => None,
        }
    }
}

/// The `sub` that a token of our own keeping says, without its signature. For comparing it with another's.
pub(crate) fn sub_claim(token: &Secret) -> Option<String> {
    let claims = jws::unverified_claims(token)?;
    json::string(&claims, "sub").map(str::to_owned)
}

/// Scalekit says in `oid` which organization the user has signed in to. What the authorization
/// request asked for passed through a browser, so it is the token that counts.
pub(crate) fn verify_oid(
    claims: &Map<String, Value>,
    pinned: Option<&str>,
) -> Result<(), VerifyError> {
    let fits = pinned.is_none_or(|pinned| json::string(claims, "oid") == Some(pinned));
    if fits { Ok(()) } else { Err(VerifyError::Claims("it is for another organization")) }
}

/// OpenID Connect Core §12.2: a refreshed ID token has the `sub` of the first.
fn verify_sub(subject: &str, binding: &TokenBinding<'_>) -> Result<(), VerifyError> {
    match binding {
        TokenBinding::Refresh { subject: expected, .. } if *expected != subject => {
            Err(VerifyError::OtherSubject)
        }
        TokenBinding::Refresh { .. } | TokenBinding::SignIn { .. } => Ok(()),
    }
}

/// Rule 11, and Core §12.2 for refreshes.
fn verify_nonce(
    claims: &Map<String, Value>,
    binding: &TokenBinding<'_>,
) -> Result<(), VerifyError> {
    const ANOTHER: &str = "it answers another request";
    match binding {
        TokenBinding::SignIn { nonce } => json::string(claims, "nonce")
            .filter(|claimed| nonce.matches(claimed))
            .map(|_| ())
            .ok_or(VerifyError::Claims(ANOTHER)),
        // It need not be there; one that is must be the sign-in's.
        TokenBinding::Refresh { nonce, .. } => match (json::optional(claims, "nonce"), nonce) {
            (None, _) | (Some(_), None) => Ok(()),
            (Some(claimed), Some(nonce)) => claimed
                .as_str()
                .filter(|claimed| Fingerprint::of_nonce(&Secret::new(*claimed)) == **nonce)
                .map(|_| ())
                .ok_or(VerifyError::Unusable(ANOTHER)),
        },
    }
}

/// Core §3.1.3.6: the left half of the access token's SHA-256, where the claim is there.
fn verify_at_hash(claims: &Map<String, Value>, access_token: &Secret) -> Result<(), VerifyError> {
    let Some(claimed) = json::optional(claims, "at_hash") else { return Ok(()) };
    let digest = Sha256::digest(access_token.expose().as_bytes());
    let expected = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]));
    if claimed.as_str().is_some_and(|claimed| expected.matches(claimed)) {
        Ok(())
    } else {
        Err(VerifyError::Claims("it came with another access token"))
    }
}

#[cfg(test)]
mod tests;
