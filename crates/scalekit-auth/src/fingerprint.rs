//! Identifiers that are derived from secrets and reveal nothing of them: truncated digests.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Identifies a session from its sign-in to its end, across all of its refresh tokens. Not a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

/// Identifies a refresh token or a nonce without revealing it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl SessionId {
    /// The id of the session from a sign-in with this `nonce`: 256 random bits of this application. Values that
    /// the environment issues may repeat. The code, which is valid once, distinguishes it from another sign-in
    /// with the same authorization request.
    #[must_use]
    pub fn of_sign_in(nonce: &Secret, code: &Secret) -> Self {
        let both = Zeroizing::new(format!("{}\0{}", nonce.expose(), code.expose()));
        Self(digest("session", &both))
    }
}

impl Fingerprint {
    /// The fingerprint of this token.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        Self(digest("refresh token", token.expose()))
    }

    /// The fingerprint of a sign-in's nonce.
    #[must_use]
    pub fn of_nonce(nonce: &Secret) -> Self {
        Self(digest("nonce", nonce.expose()))
    }
}

/// 96 bits identify one of a user's few sessions; the input cannot be guessed, as it is random and long.
fn digest(what: &str, secret: &str) -> String {
    let mut digest = Sha256::new();
    digest.update("latchkey ");
    digest.update(what);
    digest.update([0]);
    digest.update(secret);
    digest.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_id_differs_by_nonce_and_code() {
        let id = |nonce: &str, code: &str| {
            SessionId::of_sign_in(&Secret::new(nonce), &Secret::new(code))
        };
        assert_ne!(id("n-1", "c-1"), id("n-2", "c-1"));
        assert_ne!(id("n-1", "c-1"), id("n-1", "c-2"));
        assert_ne!(id("n-1", "c-1"), SessionId::default());
        assert_ne!(
            Fingerprint::of(&Secret::new("one")),
            Fingerprint::of_nonce(&Secret::new("one"))
        );
    }
}
