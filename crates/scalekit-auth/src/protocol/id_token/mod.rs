//! The verification of ID tokens (OpenID Connect Core §3.1.3.7) and the claims of access tokens.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    fingerprint::Fingerprint,
    json,
    protocol::{
        claims::{Age, TimeError, verify_aud, verify_iss, verify_times_by_either},
        jwks::JwkSet,
        jws::{self, SignatureError},
    },
    secret::Secret,
};

pub use crate::protocol::claims::Clocks;

/// The values that the claims of an ID token are compared with.
#[derive(Debug)]
pub struct Validation<'a> {
    /// The environment's issuer identifier.
    pub issuer: &'a str,
    /// The client id of this application.
    pub client_id: &'a str,
    /// The only organization whose users may sign in, if the sign-in is restricted to one.
    pub organization: Option<&'a str>,
    /// What shows the organization where the token has no `oid`; nothing does where one is pinned.
    pub connection: Option<ConnectionProof<'a>>,
    /// The values that bind the token to its request.
    pub binding: TokenBinding<'a>,
    /// The access token of the same token response.
    pub access_token: &'a Secret,
    /// The time of receipt.
    pub clocks: Clocks,
}

/// The values that bind an ID token to its request.
#[derive(Debug)]
pub enum TokenBinding<'a> {
    /// A sign-in: the `nonce` of the authorization request.
    SignIn {
        /// The `nonce` of the authorization request.
        nonce: &'a Secret,
    },
    /// A refresh: the user who signed in (OpenID Connect Core §12.2).
    Refresh {
        /// The `sub` of the session.
        subject: &'a str,
        /// The `nonce` of the sign-in, if known.
        nonce: Option<&'a Fingerprint>,
    },
}

/// The reason an ID token is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No known key has signed it: the JWKS should be fetched again, once.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// Its `iss` differs from the environment's issuer, which may have changed.
    #[error("{0}")]
    OtherIssuer(&'static str),
    /// Its times are not valid by either clock.
    #[error("it is not valid at this computer's time")]
    Time,
    /// On a refresh: its `sub` differs from the session's.
    #[error("it is about another user")]
    OtherSubject,
    /// On a refresh: signature, issuer, audience, `sub` and `at_hash` are valid, but its times or its `nonce`
    /// violate this rule, so its claims are not used.
    #[error("{0}")]
    Unusable(&'static str),
    /// Any other reason.
    #[error("{0}")]
    Claims(&'static str),
}

/// The connection that shows the organization of an ID token without `oid`, where no organization is pinned: the user may
/// sign in to any organization, and a request for one is a choice of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionProof<'a> {
    /// The requested connection (`conn_…`).
    Requested(&'a str),
    /// No connection was requested: any one shows that it is a token of modular SSO.
    Any,
}

/// A verified ID token. Only [`verify`] creates one.
#[derive(Debug, Clone)]
pub struct VerifiedIdToken {
    subject: String,
    claims: Map<String, Value>,
}

impl VerifiedIdToken {
    /// For tests of what is made of the claims.
    #[cfg(test)]
    pub(crate) fn of_claims(claims: Map<String, Value>) -> Self {
        Self { subject: "usr_1".to_owned(), claims }
    }

    /// The `sub` claim; with the issuer, it identifies the user.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether it has an `at_hash`, which then is that of the access token (OpenID Connect Core §3.1.3.6).
    pub(crate) fn names_access_token(&self) -> bool {
        json::optional(&self.claims, "at_hash").is_some()
    }

    /// A string claim; `None` for another type.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        json::string(&self.claims, name)
    }

    /// A boolean claim, or a string with a boolean value; `None` for other values.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        json::flag(&self.claims, name)
    }
}

/// Verifies an ID token.
///
/// # Errors
/// The first rule that is violated.
pub fn verify(
    token: &Secret,
    keys: &JwkSet,
    expected: &Validation<'_>,
) -> Result<VerifiedIdToken, VerifyError> {
    let claims = jws::claims(token, keys, &[]).map_err(|why| match why {
        SignatureError::UnknownKey => VerifyError::UnknownKey,
        SignatureError::Rejected(rule) => VerifyError::Claims(rule),
    })?;
    let subject = verify_owner(&claims, expected)?.to_owned();
    verify_times(&claims, expected)?;
    verify_nonce(&claims, &expected.binding)?;
    Ok(VerifiedIdToken { subject, claims })
}

/// The rule that the ID token violates by whatever key it is signed, for a refresh whose keys cannot be fetched.
pub(crate) fn contradiction(token: &Secret, expected: &Validation<'_>) -> Option<VerifyError> {
    let Some(claims) = jws::unverified_claims(token) else {
        return Some(VerifyError::Claims("it is not a signed token"));
    };
    verify_owner(&claims, expected).err()
}

/// Verifies who issued the token to whom, about whom and beside which access token, and returns its `sub`.
fn verify_owner<'a>(
    claims: &'a Map<String, Value>,
    expected: &Validation<'_>,
) -> Result<&'a str, VerifyError> {
    verify_iss(claims, expected.issuer).map_err(VerifyError::OtherIssuer)?;
    verify_aud(claims, expected.client_id).map_err(VerifyError::Claims)?;
    let subject = json::string(claims, "sub").unwrap_or_default();
    // OpenID Connect Core §2: at most 255 ASCII characters. Scalekit passes on user ids of connections, which
    // are not always ASCII; they are compared and never parsed.
    if subject.is_empty() || subject.chars().count() > 255 {
        return Err(VerifyError::Claims("it names nobody"));
    }
    verify_sub(subject, &expected.binding)?;
    if !is_by_connection(claims, expected.connection) {
        verify_oid(claims, expected.organization)?;
    }
    verify_at_hash(claims, expected.access_token)?;
    Ok(subject)
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

/// The claims of an access token: displayed, never used for a decision.
///
/// Only protected resources interpret the access token; this application reads only the claims that Scalekit
/// documents, such as roles and permissions, and only of a token that the environment signed for this user.
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
        // RFC 9068 §2.2: `sub` is required. A token without it is treated as opaque.
        None => AccessTokenClaims::Opaque,
        Some(_) => AccessTokenClaims::OtherSubject,
    }
}

/// The claims of an access token, as far as they can be used.
#[derive(Debug)]
pub enum AccessTokenClaims {
    /// None: the token is opaque, or the environment's keys have not signed it.
    Opaque,
    /// The claims, with the expected `sub`.
    Of(Map<String, Value>),
    /// The `sub` differs from the expected one.
    OtherSubject,
}

impl AccessTokenClaims {
    /// The claims, if they are about the expected user.
    #[must_use]
    pub fn into_claims(self) -> Option<Map<String, Value>> {
        match self {
            Self::Of(claims) => Some(claims),
            Self::Opaque | Self::OtherSubject => None,
        }
    }
}

/// The `sub` of a stored token, whose signature is not verified again. For comparison with another token's.
pub(crate) fn sub_claim(token: &Secret) -> Option<String> {
    let claims = jws::unverified_claims(token)?;
    json::string(&claims, "sub").map(str::to_owned)
}

/// Whether the token is no JSON Web Token, so that nobody but the environment can read it (RFC 6749 §1.4).
pub(crate) fn is_opaque(token: &Secret) -> bool {
    jws::unverified_claims(token).is_none()
}

/// Scalekit states the organization of the sign-in in `oid`. The authorization request passed through a
/// browser, so only the token is reliable.
pub(crate) fn verify_oid(
    claims: &Map<String, Value>,
    pinned: Option<&str>,
) -> Result<(), VerifyError> {
    let fits = pinned.is_none_or(|pinned| json::string(claims, "oid") == Some(pinned));
    if fits { Ok(()) } else { Err(VerifyError::Claims("it is for another organization")) }
}

/// Scalekit's samples of modular SSO have no `oid` and the connection in `amr`, which is one organization's.
fn is_by_connection(claims: &Map<String, Value>, proof: Option<ConnectionProof<'_>>) -> bool {
    let fits = |amr: &str| match proof {
        None => false,
        Some(ConnectionProof::Any) => amr.starts_with("conn_"),
        Some(ConnectionProof::Requested(id)) => amr == id,
    };
    json::optional(claims, "oid").is_none()
        && json::strings(claims, "amr").iter().any(|amr| fits(amr))
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
    const ANOTHER: &str = "it belongs to another request";
    match binding {
        TokenBinding::SignIn { nonce } => json::string(claims, "nonce")
            .filter(|claimed| nonce.matches(claimed))
            .map(|_| ())
            .ok_or(VerifyError::Claims(ANOTHER)),
        // The claim is optional; if present, it must equal the sign-in's `nonce`.
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

/// Core §3.1.3.6: the left half of the access token's SHA-256, if the claim is present.
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
