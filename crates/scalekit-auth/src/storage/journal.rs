//! The refresh journal: a file beside the keychain, for recovery after a crash. It contains no secret: a token is
//! identified by its fingerprint.

use serde::{Deserialize, Serialize};

use crate::{fingerprint::Fingerprint, secret::Secret, time::Wall};

/// The maximum number of refresh tokens in the journal. Older ones belong to replaced sessions.
const MAX_IN_FLIGHT: usize = 4;

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
    fn journal_that_is_corrupt_reads_as_empty() {
        for bytes in [&b""[..], b"{", b"{}", b"[7]"] {
            assert_eq!(Journal::read(Some(bytes)), Journal::default());
        }
    }
}
