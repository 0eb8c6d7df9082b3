//! Tests of unreadable entries, and of links that arrive meanwhile.

use std::time::Duration;

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    session::{Event, KeychainError},
    storage::record::{RecordKind, SessionRecord},
    view::{RefreshView, SessionView, SignedOutReason},
};

/// The tombstones cannot be read at a start, and the session was not deleted from the keychain.
// req: E19
#[test]
fn unreadable_tombstones_restore_no_ended_session() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    harness.wants_to_sign_out();
    harness.is_signed_out(SignedOutReason::SignedOut);
    let mut again = harness.closed();
    again.unreadable = vec![RecordKind::Ended];
    again.happens(Event::Configured(Some(configuration())));
    assert!(!matches!(again.view(), SessionView::SignedIn { .. }), "{:?}", again.view());
}

/// Starts with a keychain that reads the session's entry and fails to read the pending sign-in.
fn starts_with_unreadable_sign_in(harness: &mut Harness) {
    let effects = harness.machine.step(Event::Configured(Some(configuration())), harness.now);
    for effect in effects {
        if let crate::session::Effect::Load(operation, entry) = effect {
            let outcome = if entry.kind == RecordKind::SignIn {
                Err(KeychainError::Slow)
            } else {
                Ok(harness.keychain.get(&entry.kind).cloned().map(Into::into))
            };
            harness.happens(Event::Loaded(operation, outcome));
        }
    }
}

/// The pending sign-in cannot be read at a start with an authorization response.
#[test]
fn callback_to_unreadable_sign_in_is_reported() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = harness.closed();
    again.follows(&link);
    starts_with_unreadable_sign_in(&mut again);
    assert!(again.is_signed_out(SignedOutReason::SignInFailed).is_some());
}

#[test]
fn unreadable_sign_in_without_callback_is_not_reported() {
    let mut again = Harness::in_browser().closed();
    starts_with_unreadable_sign_in(&mut again);
    assert_eq!(again.is_signed_out(SignedOutReason::Fresh), None);
}

/// A damaged or foreign record with an implausible number.
#[test]
fn stored_session_with_largest_lifetime_is_restored() {
    let mut harness = Harness::signed_in();
    let stored = &harness.keychain[&RecordKind::Session];
    let mut record = SessionRecord::decode(stored).unwrap();
    record.lifetime = Duration::from_secs(1 << 63);
    harness.keychain.insert(RecordKind::Session, record.encode().to_vec());
    let harness = harness.restarted(seconds(1));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

/// The authorization response is queued while the keychain is locked, after other links and those that were received
/// before the configuration.
fn callback_behind(before: &[&str], others: &[&str], times: usize) {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = harness.closed();
    let follows = |again: &mut Harness, links: &[&str]| {
        (0..times).for_each(|_| links.iter().for_each(|link| again.follows(link)));
    };
    follows(&mut again, before);
    again.keychain_failure = Some(KeychainError::Locked(String::new()));
    again.happens(Event::Configured(Some(configuration())));
    follows(&mut again, others);
    again.follows(&link);
    again.keychain_failure = None;
    again.happens(Event::Retry);
    again.serve_discovery_if_requested();
    assert_eq!(again.requests_to("/oauth/token"), 1, "{:?}", again.view());
}

#[test]
fn untrusted_deep_links_do_not_displace_queued_callback() {
    callback_behind(&[], &["https://evil.example/"], 8);
}

#[test]
fn login_and_signed_out_links_do_not_displace_callback() {
    callback_behind(
        &[],
        &["io.latchkey.desktop://login", "io.latchkey.desktop://signed-out?state=x"],
        100,
    );
}

#[test]
fn callbacks_before_configuration_do_not_displace_a_later_one() {
    callback_behind(&["io.latchkey.desktop://callback?code=x&state=wrong"], &[], 16);
}

#[test]
fn unreadable_tombstones_are_reread_automatically() {
    let harness = Harness::signed_in();
    let mut again = harness.closed();
    again.unreadable = vec![RecordKind::Ended];
    again.happens(Event::Configured(Some(configuration())));
    let SessionView::KeychainUnavailable { problem } = again.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::SessionFiles);
    again.unreadable.clear();
    again.pass(seconds(5));
    assert_eq!(again.profile_name(), "Ada Lovelace");
}

#[test]
fn unreadable_tombstones_delay_refresh() {
    let mut harness = Harness::signed_in();
    harness.unreadable = vec![RecordKind::Ended];
    harness.pass(seconds(290));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::SessionFiles);
    harness.unreadable.clear();
    harness.pass(seconds(600));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// The environment has ended the session, whatever is stored.
#[test]
fn invalid_grant_with_unreadable_tombstones_ends_session() {
    let mut harness = Harness::refresh_in_flight();
    harness.unreadable = vec![RecordKind::Ended];
    harness.respond("/oauth/token", refused("invalid_grant"));
    assert!(harness.is_signed_out(SignedOutReason::SessionEnded).is_some());
}

/// The same. The lock is held, so no other process has stored another session meanwhile.
#[test]
fn invalid_grant_with_unreadable_session_ends_session() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    harness.respond("/oauth/token", refused("invalid_grant"));
    assert!(harness.is_signed_out(SignedOutReason::SessionEnded).is_some());
}

#[test]
fn unwritten_tombstone_still_blocks_ended_session() {
    let mut harness = Harness::signed_in();
    harness.unwritable = vec![RecordKind::Ended];
    let stored = harness.keychain[&RecordKind::Session].clone();
    harness.wants_to_sign_out();
    harness.signs_in();
    // Another process in the middle of a refresh writes the previous session again.
    harness.keychain.insert(RecordKind::Session, stored);
    harness.until_refresh();
    assert_eq!(harness.requests_to("/oauth/token"), 1, "it is not adopted");
}

#[test]
fn failed_keychain_is_reread_but_locked_is_not() {
    for (failure, by_itself) in [
        (KeychainError::Failed("bus".to_owned()), true),
        (KeychainError::Locked(String::new()), false),
        (KeychainError::Slow, false),
        (KeychainError::Missing(String::new()), false),
    ] {
        let harness = Harness::signed_in();
        let mut again = Harness::off(harness.keychain);
        again.now = harness.now;
        again.keychain_failure = Some(failure);
        again.happens(Event::Configured(Some(configuration())));
        again.keychain_failure = None;
        again.pass(seconds(5));
        assert_eq!(matches!(again.view(), SessionView::SignedIn { .. }), by_itself);
    }
}

// req: E19
#[test]
fn unwritten_tombstone_is_reported_and_retried() {
    let mut harness = Harness::signed_in();
    harness.unwritable = vec![RecordKind::Ended];
    harness.wants_to_sign_out();
    let problem = harness.is_signed_out(SignedOutReason::SignedOut).unwrap();
    assert_eq!(problem.code, ProblemCode::EndNotWritten);
    assert!(!harness.keychain.contains_key(&RecordKind::Ended));
    harness.pass(seconds(60));
    harness.unwritable.clear();
    harness.pass(seconds(600));
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(harness.keychain.contains_key(&RecordKind::Ended));
}

#[test]
fn unwritten_tombstone_does_not_report_new_session_as_ended() {
    let mut harness = Harness::signed_in();
    harness.unwritable = vec![RecordKind::Ended];
    harness.signs_in();
    let SessionView::SignedIn { problem: Some(problem), .. } = harness.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::EarlierEndNotWritten);
}
