//! The tombstones of ended sessions: a file beside the keychain, for other processes and the next start. It contains no
//! secret.

use serde::{Deserialize, Serialize};

use crate::fingerprint::SessionId;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn id(text: &str) -> SessionId {
        SessionId::of_sign_in(&Secret::new(text), &Secret::new("a code"))
    }

    #[test]
    fn tombstones_that_are_corrupt_read_as_empty() {
        for bytes in [&b""[..], b"{", b"{}", b"[7]"] {
            assert_eq!(EndedSessions::read(Some(bytes)), EndedSessions::default());
        }
        assert_eq!(EndedSessions::read(None), EndedSessions::default());
    }

    #[test]
    fn tombstones_are_read_past_a_corrupt_line() {
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
        let session = id("one");
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
}
