//! Which records a process deletes: another process may have replaced its record since.

use crate::fingerprint::{Fingerprint, SessionId};
use crate::storage::record::{DecodeError, SessionRecord, SignInRecord};

/// The records that [`Effect::Delete`](crate::Effect::Delete) deletes, beside those that are damaged. The entry is read
/// for this just before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteOnly {
    /// Of one of these sessions: another process may have signed in since.
    Sessions(Vec<SessionId>),
    /// Of one of these sign-ins, by their nonces: another process may have begun one since.
    SignIns(Vec<Fingerprint>),
}

impl DeleteOnly {
    /// Whether an entry that contains `stored` may be deleted.
    #[must_use]
    pub fn permits(&self, stored: &[u8]) -> bool {
        let is_named = match self {
            Self::Sessions(sessions) => {
                SessionRecord::decode(stored).map(|record| sessions.contains(&record.session))
            }
            Self::SignIns(nonces) => SignInRecord::decode(stored)
                .map(|record| nonces.contains(&Fingerprint::of_nonce(&record.binding.nonce))),
        };
        match is_named {
            Ok(is_named) => is_named,
            Err(DecodeError::Corrupt) => true,
            Err(DecodeError::UnsupportedVersion) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::authorization_request::{AuthorizationSecrets, Entropy, Hints},
        secret::Secret,
        storage::record::STORED,
        time::Wall,
        view::SignInIntent,
    };

    #[test]
    fn session_record_is_deleted_for_its_session_or_when_damaged() {
        let session = SessionRecord::decode(STORED).unwrap().session;
        let other = SessionId::of_sign_in(&Secret::new("n"), &Secret::new("c"));
        let newer = String::from_utf8_lossy(STORED).replace("\"version\":1", "\"version\":999");
        let (ours, others) = (vec![session.clone()], vec![other.clone()]);
        for (bytes, sessions, may) in [
            (STORED, ours.clone(), true),
            (STORED, others, false),
            (STORED, vec![other, session], true),
            (STORED, Vec::new(), false),
            (b"{", Vec::new(), true),
            (newer.as_bytes(), ours, false),
        ] {
            let only = DeleteOnly::Sessions(sessions);
            assert_eq!(only.permits(bytes), may, "{only:?}");
        }
    }

    #[test]
    fn sign_in_record_is_deleted_for_its_nonce_or_when_damaged() {
        let binding = AuthorizationSecrets::from_entropy(&Entropy([3; 96]));
        let ours = Fingerprint::of_nonce(&binding.nonce);
        let record = SignInRecord {
            binding,
            intent: SignInIntent::SignIn,
            hints: Hints::default(),
            redirect_uri: None,
            began: Wall(7),
        };
        let bytes = record.encode();
        let newer = String::from_utf8_lossy(&bytes).replace("\"version\":1", "\"version\":999");
        let other = Fingerprint::of_nonce(&Secret::new("another"));
        for (bytes, nonces, may) in [
            (bytes.as_slice(), vec![ours.clone()], true),
            (&bytes, vec![other.clone()], false),
            (&bytes, vec![other, ours.clone()], true),
            (&bytes, Vec::new(), false),
            (b"{", Vec::new(), true),
            (newer.as_bytes(), vec![ours], false),
        ] {
            let only = DeleteOnly::SignIns(nonces);
            assert_eq!(only.permits(bytes), may, "{only:?}");
        }
    }
}
