//! The targets for the files beside the keychain, as a crash, a full disk or another program left them.

use scalekit_auth::{
    fingerprint::SessionId,
    secret::Secret,
    storage::{
        journal::Journal,
        tombstones::{EndReason, EndedSessions},
    },
    time::Wall,
};

/// For any content of the file, a request is recorded without revealing its token, and the stored journal
/// parses to the same value.
pub fn journal(bytes: &[u8]) {
    let mut journal = Journal::read(Some(bytes));
    assert_eq!(Journal::read(Some(&journal.encode())), journal, "it does not come back");
    let token = Secret::new("a refresh token");
    let before = journal.lost_responses(&token);
    journal.record_request(&token, Wall(0));
    assert_eq!(journal.lost_responses(&token), before.saturating_add(1));
    let stored = journal.encode();
    assert!(!stored.windows(15).any(|part| part == b"a refresh token"));
    assert_eq!(Journal::read(Some(&stored)), journal, "it does not come back");
}

/// For any content of the file, a session that ends is reported as ended to every reader, with its first cause.
pub fn ended_sessions(bytes: &[u8]) {
    let before = EndedSessions::read(Some(bytes));
    let session = SessionId::of_sign_in(&Secret::new("a nonce"), &Secret::new("a code"));
    // A line is appended to the file unchanged: a truncated one before it must not corrupt it.
    for by in [EndReason::User, EndReason::Environment, EndReason::Interruption] {
        let mut ended = before.clone();
        let line = ended.add(session.clone(), by);
        assert_eq!(ended.by(&session), before.by(&session).or(Some(by)));
        let file = [bytes, &line].concat();
        let read = EndedSessions::read(Some(&file));
        assert!(read.by(&session).is_some(), "a session that is over rises again");
    }
}
