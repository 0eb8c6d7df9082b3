//! The files beside the keychain, as a crash, a full disk or another program left them.

use scalekit_auth::{
    secret::Secret,
    storage::journal::{EndReason, EndedSessions, Journal, SessionId},
    time::Wall,
};

/// Whatever the file holds, a token that is sent is noted without being named, and what is kept comes
/// back as it was.
pub fn journal(bytes: &[u8]) {
    let mut journal = Journal::read(Some(bytes));
    assert_eq!(Journal::read(Some(&journal.encode())), journal, "it does not come back");
    let token = Secret::new("a refresh token");
    let before = journal.lost_responses(&token);
    journal.record_request(&token, Wall(0));
    assert_eq!(journal.lost_responses(&token), before.saturating_add(1));
    let kept = journal.encode();
    assert!(!kept.windows(15).any(|part| part == b"a refresh token"));
    assert_eq!(Journal::read(Some(&kept)), journal, "it does not come back");
}

/// Whatever the file holds, a session that ends here is over for everybody who reads it, and none
/// that was over is not any more.
pub fn ended(bytes: &[u8]) {
    let before = EndedSessions::read(Some(bytes));
    let session = SessionId::of_sign_in(&Secret::new("a nonce"), &Secret::new("a code"));
    // A line is added to the file as it is: one that a crash cut short must not swallow it.
    for by in [EndReason::User, EndReason::Environment, EndReason::Interruption] {
        let mut ended = before.clone();
        let line = ended.add(session.clone(), by);
        assert_eq!(ended.by(&session), before.by(&session).or(Some(by)));
        let file = [bytes, &line].concat();
        let read = EndedSessions::read(Some(&file));
        assert!(read.by(&session).is_some(), "a session that is over rises again");
    }
}
