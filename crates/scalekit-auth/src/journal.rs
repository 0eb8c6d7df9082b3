//! What is written down beside the keychain, so that a crash or another process leaves no doubt.
//! There is no secret in it: a token is named by a digest that leads nowhere.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{secret::Secret, time::Wall};

/// Names a session from its sign-in to its end, across all of its refresh tokens. Not a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

/// Names a refresh token without giving it away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// Who ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndedBy {
    /// Whoever was signed in.
    Person,
    /// The environment, by refusing to renew it.
    Environment,
    /// The environment, by refusing to renew it after an answer was lost.
    Interruption,
}

/// Sessions that are over, whatever the keychain still holds: a line for each, so that processes that
/// add one at the same time do not lose each other's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended(Vec<(SessionId, EndedBy)>);

impl SessionId {
    /// The name of the session that a sign-in with this access token began.
    #[must_use]
    pub fn of_sign_in(access_token: &Secret) -> Self {
        Self(digest("session", access_token))
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
    /// Reads the lines. One that cannot be read, as the first of a file that is read from its middle,
    /// says nothing.
    #[must_use]
    pub fn read(bytes: Option<&[u8]>) -> Self {
        let lines = bytes.unwrap_or_default().split(|byte| *byte == b'\n');
        Self(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// Who ended this session, if it is over.
    #[must_use]
    pub fn by(&self, session: &SessionId) -> Option<EndedBy> {
        self.0.iter().find(|(one, _)| one == session).map(|(_, by)| *by)
    }

    /// Remembers that this session is over; the line to add.
    pub fn add(&mut self, session: SessionId, by: EndedBy) -> Vec<u8> {
        let entry = (session, by);
        let mut line = serde_json::to_vec(&entry).unwrap_or_default();
        line.push(b'\n');
        self.0.push(entry);
        line
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
    fn every_line_names_a_session_that_is_over_and_a_broken_one_says_nothing() {
        let id = |text: &str| SessionId(text.to_owned());
        let (mut here, mut elsewhere) = (Ended::default(), Ended::default());
        let mut file = b"oken\"]\n".to_vec();
        file.extend(here.add(id("one"), EndedBy::Person));
        file.extend(elsewhere.add(id("two"), EndedBy::Environment));
        let ended = Ended::read(Some(&file));
        assert_eq!(ended.by(&id("one")), Some(EndedBy::Person));
        assert_eq!(ended.by(&id("two")), Some(EndedBy::Environment));
        assert_eq!(ended.by(&id("three")), None);
    }
}
