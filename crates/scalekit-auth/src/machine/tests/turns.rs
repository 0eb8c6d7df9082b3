//! Several processes, callers and crashes around one session.

use zeroize::Zeroizing;

use super::desk::*;
use crate::{
    journal::Journal,
    machine::{Effect, Event, KeychainError, TokenRequestId, TokenUnavailable},
    problem::ProblemCode,
    record::{AccountKey, RecordKind, SessionRecord, StorageKey},
    secret::Secret,
    signing::json_answer,
    view::{Kept, RefreshView, SessionView, SignedOutReason},
};

fn wants_token(desk: &mut Desk, caller: u64, rejected_token: Option<&str>) {
    let rejected_token = rejected_token.map(Secret::new);
    desk.happens(Event::AccessTokenRequested { caller: TokenRequestId(caller), rejected_token });
}

/// What the callers got, as text.
fn given(desk: &mut Desk) -> Vec<String> {
    let given = desk.given.drain(..);
    given
        .map(|(_, answer)| match answer {
            Ok(given) => given.token.expose().to_owned(),
            Err(TokenUnavailable::NotSignedIn) => "nobody".to_owned(),
            Err(TokenUnavailable::Retryable(problem) | TokenUnavailable::SignInAgain(problem)) => {
                format!("{:?}", problem.code)
            }
        })
        .collect()
}

/// Another process refreshes the session while this one waits for the lock.
fn refreshed_elsewhere(desk: &mut Desk, refresh_token: &str) {
    let mut record = SessionRecord::decode(&desk.keychain[&RecordKind::Session]).unwrap();
    record.refresh_token = Some(Secret::new(refresh_token));
    record.access_token = Secret::new("access token from elsewhere");
    record.access_token_ends = desk.now.wall.after(seconds(300));
    record.generation += 1;
    desk.keychain.insert(RecordKind::Session, record.encode().to_vec());
}

/// Something is done in another process with the same keychain.
fn elsewhere(desk: &mut Desk, does: impl FnOnce(&mut Desk)) {
    let mut other = Desk::with_keychain(desk.keychain.clone());
    does(&mut other);
    desk.keychain = other.keychain;
}

fn gets_the_lock(desk: &mut Desk) {
    desk.lock_held_elsewhere = false;
    let operation = *desk.locks.last().unwrap();
    desk.happens(Event::Locked(operation, Ok(())));
}

fn waiting_for_the_lock() -> Desk {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.lock_held_elsewhere = true;
    desk.happens(Event::Refresh);
    assert!(desk.sent.is_empty());
    desk
}

#[test]
fn refresh_by_other_process_is_adopted() {
    let mut desk = waiting_for_the_lock();
    refreshed_elsewhere(&mut desk, "rt-2");
    gets_the_lock(&mut desk);
    assert!(desk.sent.is_empty());
    assert!(matches!(desk.refresh(), RefreshView::Scheduled { .. }));
    wants_token(&mut desk, 1, None);
    assert_eq!(given(&mut desk), ["access token from elsewhere"]);
    assert!(desk.until_refresh().contains("refresh_token=rt-2"));
}

#[test]
fn sign_out_in_other_process_ends_session_here() {
    is_signed_out_by(Desk::wants_to_sign_out);
}

#[test]
fn sign_in_and_out_in_other_process_ends_session_here() {
    is_signed_out_by(|other| {
        other.pass(seconds(1));
        other.signs_in();
        other.wants_to_sign_out();
    });
}

/// What is done in another process ends the session here, at the next refresh and without a request.
fn is_signed_out_by(does: impl FnOnce(&mut Desk)) {
    let mut desk = Desk::fresh();
    desk.signs_in();
    elsewhere(&mut desk, does);
    desk.happens(Event::Refresh);
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(desk.sent.is_empty());
}

#[test]
fn ended_session_of_other_process_is_not_adopted() {
    let mut desk = waiting_for_the_lock();
    elsewhere(&mut desk, |other| {
        other.pass(seconds(1));
        other.signs_in();
        other.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
        other.wants_to_sign_out();
    });
    gets_the_lock(&mut desk);
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(desk.kept_refresh_token(), None);
}

#[test]
fn stored_session_of_newer_version_prevents_refresh() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain.insert(RecordKind::Session, newer.clone());
    desk.happens(Event::Refresh);
    let RefreshView::Delayed { problem, .. } = desk.refresh() else { panic!("{:?}", desk.view()) };
    assert_eq!(problem.code, ProblemCode::StoredByNewerVersion);
    assert!(desk.locks.is_empty());
    desk.pass(seconds(1000));
    assert!(desk.sent.is_empty());
    assert_eq!(desk.keychain[&RecordKind::Session], newer);
}

#[test]
fn sign_out_during_refresh_elsewhere_is_not_undone() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let written_too_late = desk.keychain[&RecordKind::Session].clone();
    desk.wants_to_sign_out();
    desk.keychain.insert(RecordKind::Session, written_too_late);
    let desk = desk.restarted(seconds(1));
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(desk.kept_refresh_token(), None);
}

#[test]
fn tombstone_overrules_keychain_delete_failure_at_restart() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
    desk.wants_to_sign_out();
    assert!(desk.kept_refresh_token().is_some());
    let desk = desk.restarted(seconds(1));
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(desk.kept_refresh_token(), None);
}

#[test]
fn journal_records_in_flight_refresh_without_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let journal = desk.keychain[&RecordKind::Journal].clone();
    assert!(!String::from_utf8(journal.clone()).unwrap().contains("rt-1"));
    assert_eq!(Journal::read(Some(&journal)).lost_responses(&Secret::new("rt-1")), 1);
}

#[test]
fn refresh_after_crash_is_retried_at_next_start() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    // The access token is still good for minutes: only the journal says that there is haste.
    desk.happens(Event::Refresh);
    let mut desk = desk.restarted(seconds(2));
    desk.answer_discovery();
    assert!(desk.form().contains("refresh_token=rt-1"));
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn interrupted_refresh_reports_and_sets_login_hint() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let mut desk = desk.restarted(seconds(2));
    desk.answer_discovery();
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
    desk.pass(seconds(10_000));
    assert!(desk.sent.is_empty(), "once");
    desk.wants_to_sign_in();
    desk.answer_discovery_if_asked();
    assert_eq!(desk.asked("login_hint"), "ada@analytical.example");
}

#[test]
fn interrupted_refresh_rejected_on_retry_is_reported() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.answer("/oauth/token", interrupted());
    desk.pass(seconds(2));
    assert_eq!(desk.requests_to("/oauth/token"), 1);
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
}

#[test]
fn unsent_refresh_is_not_journaled_as_interrupted() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.answer("/oauth/token", offline());
    let journal = desk.keychain[&RecordKind::Journal].clone();
    assert_eq!(Journal::read(Some(&journal)).lost_responses(&Secret::new("rt-1")), 0);
    desk.pass(seconds(5));
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

#[test]
fn access_token_requests_by_200_callers_refresh_once() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    wants_token(&mut desk, 0, None);
    let old = given(&mut desk).remove(0);
    for caller in 1..=200 {
        wants_token(&mut desk, caller, Some(&old));
    }
    assert_eq!(desk.requests_to("/oauth/token"), 1);
    assert!(given(&mut desk).is_empty());
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let answers = given(&mut desk);
    assert_eq!(answers.len(), 200);
    assert!(answers.iter().all(|token| *token == tokens["access_token"].as_str().unwrap()));
    assert_eq!(desk.requests_to("/oauth/token"), 0);
}

#[test]
fn access_token_is_withheld_until_refresh_token_is_stored() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.pass(seconds(295));
    desk.keychain_held = true;
    wants_token(&mut desk, 1, None);
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert!(given(&mut desk).is_empty());
    assert_eq!(desk.held.len(), 1, "it is written once");
    for operation in std::mem::take(&mut desk.held) {
        desk.happens(Event::Stored(operation, Ok(())));
    }
    assert_eq!(given(&mut desk).len(), 1);
}

#[test]
fn access_token_request_without_token_reports_reason() {
    let mut desk = Desk::fresh();
    wants_token(&mut desk, 1, None);
    assert_eq!(given(&mut desk), ["nobody"]);
    desk.signs_in();
    desk.pass(seconds(295));
    wants_token(&mut desk, 2, None);
    desk.answer("/oauth/token", offline());
    assert_eq!(given(&mut desk), ["Offline"]);
    wants_token(&mut desk, 3, None);
    assert_eq!(given(&mut desk), ["Offline"], "and no caller hurries a refresh that waits");
    assert_eq!(desk.requests_to("/oauth/token"), 0);
}

#[test]
fn access_token_request_waits_for_keychain_load() {
    let mut desk = Desk::off(Default::default());
    wants_token(&mut desk, 1, None);
    assert!(desk.given.is_empty());
    desk.happens(Event::Configured(Some(configuration())));
    assert_eq!(given(&mut desk), ["nobody"]);
}

#[test]
fn unsaved_refresh_token_blocks_further_refresh() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.keychain_failure = Some(KeychainError::Slow);
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.locks.len(), 1, "no other process may spend the old one meanwhile");
    desk.pass(seconds(2000));
    assert_eq!(desk.requests_to("/oauth/token"), 0);
    let RefreshView::Delayed { problem, .. } = desk.refresh() else { panic!("{:?}", desk.view()) };
    assert_eq!(problem.code, ProblemCode::NotSaved);
    desk.keychain_failure = None;
    desk.happens(Event::Retry);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    desk.answer_discovery_if_asked();
    assert!(desk.form().contains("refresh_token=rt-2"), "it waited for nothing else");
}

#[test]
fn unsaved_refresh_token_is_reported_after_dismissal() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.keychain_failure = Some(KeychainError::Slow);
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.happens(Event::Dismiss);
    desk.happens(Event::Refresh);
    let RefreshView::Delayed { problem, .. } = desk.refresh() else { panic!("{:?}", desk.view()) };
    assert_eq!(problem.code, ProblemCode::NotSaved);
}

#[test]
fn keychain_read_failure_delays_refresh() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    desk.happens(Event::Refresh);
    let RefreshView::Delayed { problem, .. } = desk.refresh() else { panic!("{:?}", desk.view()) };
    assert_eq!(problem.code, ProblemCode::KeychainLocked);
    assert!(desk.sent.is_empty());
    assert!(desk.locks.is_empty());
    desk.keychain_failure = None;
    desk.happens(Event::RetryHint);
    assert!(desk.sent.is_empty(), "not within five seconds");
    desk.pass(seconds(2));
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn deleted_keychain_entry_is_rewritten_on_refresh() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain.remove(&RecordKind::Session);
    desk.until_refresh();
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn lock_held_by_other_process_is_reported() {
    let mut desk = waiting_for_the_lock();
    assert_eq!(desk.refresh(), &RefreshView::Refreshing);
    desk.pass(seconds(16));
    let RefreshView::Delayed { problem, .. } = desk.refresh() else { panic!("{:?}", desk.view()) };
    assert_eq!(problem.code, ProblemCode::OtherProcess);
    desk.pass(seconds(600));
    assert_eq!(desk.locks.len(), 1, "it is asked for once");
    assert!(desk.sent.is_empty());
    gets_the_lock(&mut desk);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn lock_unavailable_does_not_block_refresh() {
    let mut desk = waiting_for_the_lock();
    let operation = desk.locks.pop().unwrap();
    desk.happens(Event::Locked(operation, Err("read-only".to_owned())));
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn lock_granted_for_old_configuration_is_released() {
    let mut desk = waiting_for_the_lock();
    let before = desk.locks.remove(0);
    let mut other = configuration();
    other.client_id = crate::configuration::ClientId::parse("skc_other").unwrap();
    let entry = StorageKey { account: AccountKey::of(&other), kind: RecordKind::Session };
    desk.of_others.insert(entry, desk.keychain[&RecordKind::Session].clone());
    desk.happens(Event::Configured(Some(other)));
    desk.happens(Event::Refresh);
    desk.answer_discovery();
    assert_eq!(desk.locks.len(), 1, "the lock of these settings is another one");
    let effects = desk.machine.step(Event::Locked(before, Ok(())), desk.now);
    assert!(matches!(&effects[..], [Effect::Unlock(one)] if *one == before), "{effects:?}");
    gets_the_lock(&mut desk);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn lock_is_held_only_while_refresh_is_in_flight() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    assert!(desk.locks.is_empty());
    desk.until_refresh();
    assert_eq!(desk.locks.len(), 1);
    desk.answer("/oauth/token", offline());
    assert!(desk.locks.is_empty());
    desk.happens(Event::Refresh);
    assert_eq!(desk.locks.len(), 1);
    desk.wants_to_sign_out();
    assert!(desk.locks.is_empty());
}

#[test]
fn invalid_grant_is_ignored_if_other_process_refreshed() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    refreshed_elsewhere(&mut desk, "rt-2");
    desk.answer("/oauth/token", refused("invalid_grant"));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert!(desk.until_refresh().contains("refresh_token=rt-2"));
}

/// A refresh was tried in vain many times, the last time a while ago.
fn offline_for_hours() -> Desk {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    for _ in 0..12 {
        desk.answer("/oauth/token", offline());
        desk.pass(seconds(700));
        desk.answer_discovery_if_asked();
    }
    desk.answer("/oauth/token", offline());
    desk.pass(seconds(6));
    desk
}

#[test]
fn retry_hint_refreshes_at_once_unless_retry_after() {
    let mut desk = offline_for_hours();
    if desk.sent.is_empty() {
        desk.happens(Event::RetryHint);
    }
    desk.answer_discovery_if_asked();
    assert_eq!(desk.requests_to("/oauth/token"), 1);
    desk.answer("/oauth/token", status(429, Some("60")));
    desk.pass(seconds(10));
    desk.happens(Event::RetryHint);
    assert!(desk.sent.is_empty(), "the environment has said when");
}

#[test]
fn retry_hint_within_5s_of_failure_is_deferred() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    for _ in 0..12 {
        desk.answer("/oauth/token", status(503, None));
        desk.pass(desk.wakes_at.unwrap().since(desk.now.monotonic));
        desk.answer_discovery_if_asked();
    }
    desk.answer("/oauth/token", status(503, None));
    desk.happens(Event::RetryHint);
    assert!(desk.sent.is_empty(), "not within five seconds");
    desk.pass(seconds(5));
    desk.answer_discovery_if_asked();
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn offline_refresh_after_retry_hint_retries_within_1s() {
    let mut desk = offline_for_hours();
    desk.happens(Event::RetryHint);
    desk.answer_discovery_if_asked();
    desk.answer("/oauth/token", offline());
    desk.pass(seconds(1));
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_without_sign_in_does_not_end_lock_wait() {
    let mut desk = waiting_for_the_lock();
    let view = desk.view().clone();
    desk.happens(Event::Link(Zeroizing::new(b"io.latchkey.desktop://callback?state=x".to_vec())));
    assert_eq!(desk.view(), &view);
    assert!(matches!(desk.view(), SessionView::SignedIn { .. }));
}

/// A desk without a keychain, whose user has agreed to go on.
fn without_keychain() -> Desk {
    let mut desk = Desk::off(std::collections::HashMap::new());
    desk.keychain_failure = Some(KeychainError::Missing("no service".to_owned()));
    desk.happens(Event::Configured(Some(configuration())));
    assert!(matches!(desk.view(), SessionView::KeychainUnavailable { .. }));
    desk.happens(Event::ContinueWithoutKeychain);
    desk
}

#[test]
fn session_without_keychain_is_memory_only_on_consent() {
    let mut desk = without_keychain();
    desk.signs_in();
    assert!(matches!(
        desk.view(),
        SessionView::SignedIn { kept: Kept::InMemory, problem: None, .. }
    ));
    for number in 1..4 {
        assert!(desk.until_refresh().contains(&format!("refresh_token=rt-{number}")));
        let tokens = desk.refreshed_tokens(&format!("rt-{}", number + 1));
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        if desk.requests_to("/keys") > 0 {
            desk.answer_keys();
        }
        wants_token(&mut desk, number, None);
        assert_eq!(given(&mut desk), [tokens["access_token"].as_str().unwrap()]);
    }
    assert!(desk.keychain.is_empty() && desk.locks.is_empty());
    desk.wants_to_sign_out();
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(desk.opened.last().unwrap().1.path(), "/oidc/logout");
}

#[test]
fn memory_only_session_writes_no_journal() {
    let without_refresh_token = |desk: &Desk| {
        let mut tokens = desk.refreshed_tokens("rt-2");
        tokens.as_object_mut().unwrap().remove("refresh_token");
        Ok(json_answer(200, &tokens))
    };
    for outcome in [|_: &Desk| offline(), without_refresh_token] {
        let mut desk = without_keychain();
        desk.signs_in();
        desk.until_refresh();
        let outcome = outcome(&desk);
        desk.answer("/oauth/token", outcome);
        assert!(desk.keychain.is_empty(), "{:?}", desk.keychain.keys());
    }
}

#[test]
fn memory_only_session_ends_on_invalid_grant() {
    let mut desk = without_keychain();
    desk.signs_in();
    desk.until_refresh();
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
    desk.pass(seconds(1000));
    assert!(desk.keychain.is_empty());
}

#[test]
fn locked_keychain_at_start_forbids_memory_only_session() {
    let mut desk = Desk::off(std::collections::HashMap::new());
    desk.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    desk.happens(Event::Configured(Some(configuration())));
    desk.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(desk.view(), SessionView::KeychainUnavailable { .. }));
}

/// A desk whose keychain service has no keyring, at which somebody has signed in.
fn without_keyring() -> Desk {
    let mut desk = Desk::fresh();
    desk.keychain_failure = Some(KeychainError::NotSetUp("prompt dismissed".to_owned()));
    desk.signs_in();
    desk
}

#[test]
fn missing_keyring_blocks_refresh_until_consent() {
    let mut desk = without_keyring();
    assert_eq!(desk.problem(), Some(ProblemCode::KeychainNotSetUp));
    desk.happens(Event::Dismiss);
    desk.pass(seconds(LIFETIME));
    desk.happens(Event::TimerFired);
    let SessionView::SignedIn { refresh, kept: Kept::No, .. } = desk.view() else { unreachable!() };
    let RefreshView::Delayed { problem, .. } = refresh else { unreachable!() };
    assert_eq!(problem.code, ProblemCode::KeychainNotSetUp);
    desk.happens(Event::ContinueWithoutKeychain);
    assert!(desk.form().contains("refresh_token=rt-1"));
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(matches!(
        desk.view(),
        SessionView::SignedIn {
            kept: Kept::InMemory,
            problem: None,
            refresh: RefreshView::Scheduled { .. },
            ..
        }
    ));
    assert!(desk.until_refresh().contains("refresh_token=rt-2"));
    assert_eq!(desk.kept_refresh_token(), None);
}

#[test]
fn keyring_created_later_stores_session_on_retry() {
    let mut desk = without_keyring();
    desk.keychain_failure = None;
    desk.happens(Event::Retry);
    assert_eq!(desk.problem(), None);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    desk.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(desk.view(), SessionView::SignedIn { kept: Kept::Yes, .. }));
}

#[test]
fn locked_keychain_at_sign_in_forbids_memory_only_session() {
    let mut desk = Desk::fresh();
    desk.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    desk.signs_in();
    desk.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(desk.view(), SessionView::SignedIn { kept: Kept::No, .. }));
}
