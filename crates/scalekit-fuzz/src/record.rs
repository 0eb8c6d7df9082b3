//! The targets for records in the keychain, as damage, another version or another program left them.

use scalekit_auth::storage::record::{DecodeError, RecordKind, SessionRecord, SignInRecord};
use serde_json::Value;

use crate::{harness::Harness, json};

/// An accepted record is stored unchanged; a newer one is not modified, for any time and any user action; a
/// damaged one affects only its own session.
pub fn session_record(bytes: &[u8]) {
    let record = SessionRecord::decode(bytes);
    if let Ok(record) = &record {
        let stored = record.encode();
        let again = SessionRecord::decode(&stored).expect("what was stored cannot be read");
        assert_eq!(*again.encode(), *stored, "what is stored changes");
        assert!(again.access_token.matches(record.access_token.expose()));
        assert!(again.id_token.matches(record.id_token.expose()));
        assert_eq!(again.lifetime, record.lifetime);
    }
    check_version(bytes, record.as_ref().err());
    let mut harness = Harness::with([(RecordKind::Session, bytes.to_vec())]);
    for _ in 0..4 {
        harness.sleeps_until_woken();
    }
    if record.err() == Some(DecodeError::UnsupportedVersion) {
        assert!(!harness.touched.contains(&RecordKind::Session));
        let harness = sign_in(harness);
        assert!(!harness.touched.contains(&RecordKind::Session), "a newer record was touched");
        assert_eq!(harness.keychain[&RecordKind::Session], bytes);
    }
}

/// The same for a pending sign-in.
pub fn sign_in_record(bytes: &[u8]) {
    let record = SignInRecord::decode(bytes);
    if let Ok(record) = &record {
        let stored = record.encode();
        let again = SignInRecord::decode(&stored).expect("what was stored cannot be read");
        assert_eq!(*again.encode(), *stored, "what is stored changes");
        assert!(again.binding.state.matches(record.binding.state.expose()));
    }
    check_version(bytes, record.as_ref().err());
    let mut harness = Harness::with([(RecordKind::SignIn, bytes.to_vec())]);
    for _ in 0..4 {
        harness.sleeps_until_woken();
    }
    if record.err() == Some(DecodeError::UnsupportedVersion) {
        assert!(!harness.touched.contains(&RecordKind::SignIn), "a newer record was touched");
    }
}

/// The user starts a sign-in, which a newer record does not permit.
fn sign_in(mut harness: Harness) -> Harness {
    use scalekit_auth::{
        protocol::authorization_request::Entropy,
        session::Event,
        view::{SignInIntent, SignOutScope},
    };
    harness
        .happens(Event::SignIn { request: SignInIntent::SignIn.into(), entropy: Entropy([1; 96]) });
    harness.happens(Event::Retry);
    harness
        .happens(Event::SignOut { scope: SignOutScope::SharedSession, entropy: Entropy([2; 96]) });
    harness
}

/// A record with a higher version is rejected as newer, and one with this version or a lower one is not.
fn check_version(bytes: &[u8], unreadable: Option<&DecodeError>) {
    // Invalid UTF-8 in an unknown member is ignored.
    let version = serde_json::from_str::<Value>(&String::from_utf8_lossy(bytes)).ok();
    let version = version.as_ref().and_then(|value| value.get("version")?.as_u64());
    match unreadable {
        None => assert_eq!(version, Some(1)),
        Some(DecodeError::UnsupportedVersion) => assert!(version.is_none_or(|version| version > 1)),
        Some(DecodeError::Corrupt) => {
            let version = json::object(bytes).and_then(|object| object.get("version")?.as_u64());
            let newer = version.is_some_and(|version| (2..=u64::from(u32::MAX)).contains(&version));
            assert!(!newer, "a newer record passes for a damaged one, which is overwritten");
        }
    }
}
