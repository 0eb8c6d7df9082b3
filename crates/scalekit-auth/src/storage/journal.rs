//! The journal and the tombstones: files beside the keychain, for recovery after a crash and for other
//! processes. They contain no secret: a token is identified by a truncated digest.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{secret::Secret, time::Wall};

/// The maximum number of refresh tokens in the journal. Older ones belong to replaced sessions.
const MAX_IN_FLIGHT: usize = 4;

/// Identifies a session from its sign-in to its end, across all of its refresh tokens. Not a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

/// Identifies a refresh token or a nonce without revealing it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

/// A refresh token that was sent and whose response was not received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct InFlight {
    token: Fingerprint,
    /// The number of requests, and the time of the first one.
    times: u32,
    since: Wall,
}

/// The refresh journal. Only the holder of the lock reads and writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Journal(Vec<InFlight>);

/// The cause of the end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndReason {
    /// The user.
    #[serde(rename = "person")]
    User,
    /// The environment, by rejecting a refresh.
    Environment,
    /// The environment, by rejecting a refresh after a lost response.
    Interruption,
}

/// The tombstones of ended sessions, which apply even if the keychain still holds a session: one line for each,
/// so that processes that append concurrently do not overwrite each other's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndedSessions(Vec<(SessionId, EndReason)>);

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

impl Journal {
    /// Parses a journal. A missing or unreadable one is empty.
    #[must_use]
    pub fn read(bytes: Option<&[u8]>) -> Self {
        bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
    }

    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The number of lost responses to this token, as far as it is known.
    #[must_use]
    pub fn lost_responses(&self, token: &Secret) -> u32 {
        let token = Fingerprint::of(token);
        self.0.iter().find(|entry| entry.token == token).map_or(0, |entry| entry.times)
    }

    /// Records that this token is about to be sent.
    pub fn record_request(&mut self, token: &Secret, now: Wall) {
        let token = Fingerprint::of(token);
        match self.0.iter_mut().find(|entry| entry.token == token) {
            Some(entry) => entry.times = entry.times.saturating_add(1),
            None => {
                self.0.push(InFlight { token, times: 1, since: now });
                let surplus = self.0.len().saturating_sub(MAX_IN_FLIGHT);
                self.0.drain(..surplus);
            }
        }
    }

    /// Removes the last record of this token: the request was not processed, or its response was received.
    pub fn clear_request(&mut self, token: &Secret) {
        let token = Fingerprint::of(token);
        for entry in self.0.iter_mut().filter(|entry| entry.token == token) {
            entry.times = entry.times.saturating_sub(1);
        }
        self.0.retain(|entry| entry.times > 0);
    }
}

impl EndedSessions {
    /// Parses the lines. An unreadable one is skipped, such as the first of a file that is read from its
    /// middle.
    #[must_use]
    pub fn read(bytes: Option<&[u8]>) -> Self {
        let lines = bytes.unwrap_or_default().split(|byte| *byte == b'\n');
        Self(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// Adds the tombstones that were read to those of this process, which may not have been written.
    pub fn add_all(&mut self, read: Self) {
        for (session, by) in read.0 {
            if self.by(&session).is_none() {
                self.0.push((session, by));
            }
        }
    }

    /// The cause of the end of this session, if it has ended.
    #[must_use]
    pub fn by(&self, session: &SessionId) -> Option<EndReason> {
        self.0.iter().find(|(one, _)| one == session).map(|(_, by)| *by)
    }

    /// Adds a tombstone and returns the line to append. It begins with a newline, as a crash may have truncated
    /// the line before it.
    pub fn add(&mut self, session: SessionId, by: EndReason) -> Vec<u8> {
        let entry = (session, by);
        let mut line = vec![b'\n'];
        // Writing plain structures to memory cannot fail.
        let _ = serde_json::to_writer(&mut line, &entry);
        line.push(b'\n');
        self.0.push(entry);
        line
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

    fn token(text: &str) -> Secret {
        Secret::new(text)
    }

    #[test]
    fn journal_round_trips_without_refresh_token() {
        let mut journal = Journal::default();
        journal.record_request(&token("rt-1"), Wall(7));
        let bytes = journal.encode();
        assert_eq!(Journal::read(Some(&bytes)), journal);
        assert!(!String::from_utf8(bytes).unwrap().contains("rt-1"));
    }

    #[test]
    fn journal_counts_each_attempt_until_it_is_cleared() {
        let mut journal = Journal::default();
        journal.record_request(&token("rt-1"), Wall(7));
        journal.record_request(&token("rt-1"), Wall(8));
        journal.record_request(&token("other session"), Wall(9));
        assert_eq!(journal.lost_responses(&token("rt-1")), 2);
        assert_eq!(journal.lost_responses(&token("rt-2")), 0);
        journal.clear_request(&token("rt-1"));
        assert_eq!(journal.lost_responses(&token("rt-1")), 1);
        journal.clear_request(&token("rt-1"));
        journal.clear_request(&token("rt-1"));
        assert_eq!(journal.lost_responses(&token("rt-1")), 0);
        assert_eq!(journal.lost_responses(&token("other session")), 1);
        journal.clear_request(&token("other session"));
        assert_eq!(journal, Journal::default(), "nothing is stored of what was not sent");
    }

    #[test]
    fn journal_keeps_only_the_last_4_attempts() {
        let mut journal = Journal::default();
        (0..6).for_each(|number| {
            journal.record_request(&token(&format!("rt-{number}")), Wall(number))
        });
        assert_eq!(
            (journal.lost_responses(&token("rt-1")), journal.lost_responses(&token("rt-2"))),
            (0, 1)
        );
    }

    #[test]
    fn journal_and_tombstones_that_are_corrupt_read_as_empty() {
        for bytes in [&b""[..], b"{", b"{}", b"[7]"] {
            assert_eq!(Journal::read(Some(bytes)), Journal::default());
            assert_eq!(EndedSessions::read(Some(bytes)), EndedSessions::default());
        }
        assert_eq!(EndedSessions::read(None), EndedSessions::default());
    }

    #[test]
    fn tombstones_are_read_past_a_corrupt_line() {
        let id = |text: &str| SessionId(text.to_owned());
        let (mut here, mut elsewhere) = (EndedSessions::default(), EndedSessions::default());
        let mut file = b"oken\"]\n".to_vec();
        file.extend(here.add(id("one"), EndReason::User));
        file.extend(elsewhere.add(id("two"), EndReason::Environment));
        let ended = EndedSessions::read(Some(&file));
        assert_eq!(ended.by(&id("one")), Some(EndReason::User));
        assert_eq!(ended.by(&id("two")), Some(EndReason::Environment));
        assert_eq!(ended.by(&id("three")), None);
    }

    #[test]
    fn tombstone_after_a_truncated_line_is_read() {
        let session = SessionId("one".to_owned());
        for cut_short in ["[\"ze", "[\"zero\",\"person\"]"] {
            let line = EndedSessions::default().add(session.clone(), EndReason::User);
            let file = [cut_short.as_bytes(), &line].concat();
            assert_eq!(
                EndedSessions::read(Some(&file)).by(&session),
                Some(EndReason::User),
                "{cut_short}"
            );
        }
    }

    #[test]
    fn session_id_differs_by_nonce_and_code() {
        let id = |nonce: &str, code: &str| SessionId::of_sign_in(&token(nonce), &token(code));
        assert_ne!(id("n-1", "c-1"), id("n-2", "c-1"));
        assert_ne!(id("n-1", "c-1"), id("n-1", "c-2"));
        assert_ne!(id("n-1", "c-1"), SessionId::default());
        assert_ne!(Fingerprint::of(&token("one")), Fingerprint::of_nonce(&token("one")));
    }
}
