//! What is written down beside the keychain, so that a crash or another process leaves no doubt.
//! There is no secret in it: a token is named by a digest that leads nowhere.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{secret::Secret, time::Wall};

/// Sessions that ended are remembered for as long as another process may still hold one of them.
const MOST_ENDED: usize = 16;

/// Names a session from its sign-in to its end, across all of its refresh tokens. Not a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

/// Names a refresh token without giving it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

/// A refresh token that was sent and whose answer nobody has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// Which.
    pub token: Fingerprint,
    /// Since when.
    pub since: Wall,
    /// How many answers to this token were lost before that.
    pub lost: u32,
}

/// The journal of one session's renewals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The renewal under way, if its answer was not lost with the process that waited for it.
    pub in_flight: Option<InFlight>,
}

/// Sessions that are over, whatever the keychain still holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ended(Vec<SessionId>);

impl SessionId {
    /// The name of the session that a sign-in with this nonce began.
    #[must_use]
    pub fn of_sign_in(nonce: &Secret) -> Self {
        Self(digest("session", nonce))
    }
}

impl Fingerprint {
    /// Names this token.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        Self(digest("refresh token", token))
    }
}

impl Journal {
    /// Reads one. What is not there or cannot be read says nothing.
    #[must_use]
    pub fn read(bytes: Option<&[u8]>) -> Self {
        bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
    }

    /// The bytes to keep.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// How many answers to this token were lost, so far as is known.
    #[must_use]
    pub fn lost(&self, token: &Secret) -> u32 {
        match &self.in_flight {
            Some(entry) if entry.token == Fingerprint::of(token) => entry.lost.saturating_add(1),
            Some(_) | None => 0,
        }
    }
}

impl Ended {
    /// Reads what was kept. What is not there or cannot be read says nothing.
    #[must_use]
    pub fn read(bytes: Option<&[u8]>) -> Self {
        bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
    }

    /// The bytes to keep.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether this session is over.
    #[must_use]
    pub fn contains(&self, session: &SessionId) -> bool {
        self.0.contains(session)
    }

    /// Remembers that this session is over.
    pub fn add(&mut self, session: SessionId) {
        self.0.retain(|one| *one != session);
        self.0.push(session);
        let surplus = self.0.len().saturating_sub(MOST_ENDED);
        self.0.drain(..surplus);
    }
}

/// 96 bits name a thing among a person's few sessions; guessing what they were made of is hopeless,
/// as that is random and long.
fn digest(what: &str, secret: &Secret) -> String {
    let mut digest = Sha256::new();
    digest.update("latchkey ");
    digest.update(what);
    digest.update([0]);
    digest.update(secret.expose());
    digest.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn journal(lost: u32) -> Journal {
        let token = Fingerprint::of(&Secret::new("rt-1"));
        Journal { in_flight: Some(InFlight { token, since: Wall(7), lost }) }
    }

    #[test]
    fn a_journal_comes_back_as_it_was_and_holds_no_token() {
        let bytes = journal(2).encode();
        assert_eq!(Journal::read(Some(&bytes)), journal(2));
        assert!(!String::from_utf8(bytes).unwrap().contains("rt-1"));
    }

    #[test]
    fn only_the_token_that_was_in_flight_may_be_spent() {
        assert_eq!(journal(0).lost(&Secret::new("rt-1")), 1);
        assert_eq!(journal(1).lost(&Secret::new("rt-1")), 2);
        assert_eq!(journal(1).lost(&Secret::new("rt-2")), 0);
        assert_eq!(Journal::default().lost(&Secret::new("rt-1")), 0);
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for bytes in [&b""[..], b"{", b"[]", b"{\"in_flight\":7}"] {
            assert_eq!(Journal::read(Some(bytes)).in_flight, None);
        }
        assert_eq!(Ended::read(Some(b"{}")), Ended::default());
        assert_eq!(Ended::read(None), Ended::default());
    }

    #[test]
    fn ended_sessions_are_remembered_and_the_oldest_forgotten() {
        let id = |number: usize| SessionId(number.to_string());
        let mut ended = Ended::default();
        (0..20).for_each(|number| ended.add(id(number)));
        ended.add(id(19));
        let ended = Ended::read(Some(&ended.encode()));
        assert!(ended.contains(&id(19)) && ended.contains(&id(4)));
        assert!(!ended.contains(&id(3)));
    }
}
