//! Tests of several processes, callers and crashes with one session.

use zeroize::Zeroizing;

use crate::session::tests::harness::*;
use crate::{
    problem::{Problem, ProblemCode},
    protocol::{
        http_response::{CertificateFault, HttpError, HttpOutcome},
        signing::json_response,
    },
    secret::Secret,
    session::{Effect, Event, KeychainError, LockError, TokenRequestId, TokenUnavailable},
    storage::{
        journal::Journal,
        record::{AccountKey, RecordKind, SessionRecord, StorageKey},
    },
    view::{RefreshView, SessionView, SignInStep, SignOutScope, SignedOutReason, Stored},
};

fn wants_token(harness: &mut Harness, caller: u64, rejected_token: Option<&str>) {
    let rejected_token = rejected_token.map(Secret::new);
    harness.happens(Event::AccessTokenRequested { caller: TokenRequestId(caller), rejected_token });
}

/// The results of the callers, as text.
fn given(harness: &mut Harness) -> Vec<String> {
    let given = harness.given.drain(..);
    given
        .map(|(_, response)| match response {
            Ok(given) => given.token.expose().to_owned(),
            Err(TokenUnavailable::NotSignedIn) => "nobody".to_owned(),
            Err(TokenUnavailable::Retryable(problem) | TokenUnavailable::SignInAgain(problem)) => {
                format!("{:?}", problem.code)
            }
        })
        .collect()
}

/// Another process refreshes the session while this one waits for the lock.
fn refreshed_elsewhere(harness: &mut Harness, refresh_token: &str) {
    let mut record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
    record.refresh_token = Some(Secret::new(refresh_token));
    record.access_token = Secret::new("access token from elsewhere");
    record.access_token_ends = harness.now.wall.after(seconds(300));
    record.generation += 1;
    harness.keychain.insert(RecordKind::Session, record.encode().to_vec());
}

/// Performs an action in another process with the same keychain.
fn elsewhere(harness: &mut Harness, does: impl FnOnce(&mut Harness)) {
    let mut other = Harness::with_keychain(harness.keychain.clone());
    // Its random numbers differ, and so does the id of a session that begins there.
    other.entropy();
    does(&mut other);
    harness.keychain = other.keychain;
}

fn gets_the_lock(harness: &mut Harness) {
    harness.lock_held_elsewhere = false;
    let operation = *harness.locks.last().unwrap();
    harness.happens(Event::Locked(operation, Ok(())));
}

fn waiting_for_the_lock() -> Harness {
    let mut harness = Harness::signed_in();
    harness.lock_held_elsewhere = true;
    harness.happens(Event::Refresh);
    assert!(harness.sent.is_empty());
    harness
}

// req: E3
#[test]
fn refresh_by_other_process_is_adopted() {
    let mut harness = waiting_for_the_lock();
    refreshed_elsewhere(&mut harness, "rt-2");
    gets_the_lock(&mut harness);
    assert!(harness.sent.is_empty());
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
    wants_token(&mut harness, 1, None);
    assert_eq!(given(&mut harness), ["access token from elsewhere"]);
    assert!(harness.until_refresh().contains("refresh_token=rt-2"));
}

#[test]
fn sign_out_in_other_process_ends_session_here() {
    is_signed_out_by(Harness::wants_to_sign_out);
}

#[test]
fn sign_in_and_out_in_other_process_ends_session_here() {
    is_signed_out_by(|other| {
        other.pass(seconds(1));
        other.signs_in();
        other.wants_to_sign_out();
    });
}

/// The action of another process ends the session here at the next refresh, without a request.
fn is_signed_out_by(does: impl FnOnce(&mut Harness)) {
    let mut harness = Harness::signed_in();
    elsewhere(&mut harness, does);
    harness.happens(Event::Refresh);
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(harness.sent.is_empty());
}

#[test]
fn ended_session_of_other_process_is_not_adopted() {
    let mut harness = waiting_for_the_lock();
    elsewhere(&mut harness, |other| {
        other.pass(seconds(1));
        other.signs_in();
        other.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
        other.wants_to_sign_out();
    });
    gets_the_lock(&mut harness);
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(harness.stored_refresh_token(), None);
}

/// A process that could not delete the record of its session has ended meanwhile.
#[test]
fn ended_record_of_other_process_is_deleted_with_own_end() {
    let mut harness = Harness::signed_in();
    harness.keychain.clear();
    elsewhere(&mut harness, |other| {
        other.signs_in();
        other.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
        other.wants_to_sign_out();
    });
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.happens(Event::Refresh);
    harness.respond("/oauth/token", refused("invalid_grant"));
    harness.is_signed_out(SignedOutReason::SessionEnded);
    assert_eq!(harness.stored_refresh_token(), None);
}

#[test]
fn stored_session_of_newer_version_prevents_refresh() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let mut harness = Harness::signed_in();
    harness.keychain.insert(RecordKind::Session, newer.clone());
    harness.happens(Event::Refresh);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else {
        panic!("{:?}", harness.view())
    };
    assert_eq!(problem.code, ProblemCode::StoredByNewerVersion);
    assert!(harness.locks.is_empty());
    harness.pass(seconds(1000));
    assert!(harness.sent.is_empty());
    assert_eq!(harness.keychain[&RecordKind::Session], newer);
}

// req: F5, X21
#[test]
fn sign_out_during_refresh_elsewhere_is_not_undone() {
    let mut harness = Harness::signed_in();
    let written_too_late = harness.keychain[&RecordKind::Session].clone();
    harness.wants_to_sign_out();
    harness.keychain.insert(RecordKind::Session, written_too_late);
    let harness = harness.restarted(seconds(1));
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(harness.stored_refresh_token(), None);
}

// req: F1
#[test]
fn tombstone_overrules_keychain_delete_failure_at_restart() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
    harness.wants_to_sign_out();
    assert!(harness.stored_refresh_token().is_some());
    let harness = harness.restarted(seconds(1));
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(harness.stored_refresh_token(), None);
}

#[test]
fn journal_records_in_flight_refresh_without_token() {
    let harness = Harness::refresh_in_flight();
    let journal = harness.keychain[&RecordKind::Journal].clone();
    assert!(!String::from_utf8(journal.clone()).unwrap().contains("rt-1"));
    assert_eq!(Journal::read(Some(&journal)).lost_responses(&Secret::new("rt-1")), 1);
}

#[test]
fn refresh_after_crash_is_retried_at_next_start() {
    let mut harness = Harness::signed_in();
    // The access token is valid for minutes: only the journal causes an immediate refresh.
    harness.happens(Event::Refresh);
    let mut harness = harness.restarted(seconds(2));
    harness.serve_discovery();
    assert!(harness.form().contains("refresh_token=rt-1"));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn interrupted_refresh_reports_and_sets_login_hint() {
    let harness = Harness::refresh_in_flight();
    let mut harness = harness.restarted(seconds(2));
    harness.serve_discovery();
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
    harness.pass(seconds(10_000));
    assert!(harness.sent.is_empty(), "once");
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    assert_eq!(harness.sent_parameter("login_hint"), "ada@analytical.example");
}

// req: E9
#[test]
fn interrupted_refresh_rejected_on_retry_is_reported() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", interrupted());
    harness.pass(seconds(2));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
}

#[test]
fn unsent_refresh_is_not_journaled_as_interrupted() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", offline());
    let journal = harness.keychain[&RecordKind::Journal].clone();
    assert_eq!(Journal::read(Some(&journal)).lost_responses(&Secret::new("rt-1")), 0);
    harness.pass(seconds(5));
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

// req: E1
#[test]
fn access_token_requests_by_200_callers_refresh_once() {
    let mut harness = Harness::signed_in();
    wants_token(&mut harness, 0, None);
    let old = given(&mut harness).remove(0);
    for caller in 1..=200 {
        wants_token(&mut harness, caller, Some(&old));
    }
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    assert!(given(&mut harness).is_empty());
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    let responses = given(&mut harness);
    assert_eq!(responses.len(), 200);
    assert!(responses.iter().all(|token| *token == tokens["access_token"].as_str().unwrap()));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

// req: E4
#[test]
fn access_token_is_withheld_until_refresh_token_is_stored() {
    let mut harness = Harness::signed_in();
    harness.pass(seconds(295));
    harness.keychain_held = true;
    wants_token(&mut harness, 1, None);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert!(given(&mut harness).is_empty());
    assert_eq!(harness.held.len(), 1, "it is written once");
    harness.completes_held_writes();
    assert_eq!(given(&mut harness).len(), 1);
}

#[test]
fn access_token_request_without_token_reports_reason() {
    let mut harness = Harness::fresh();
    wants_token(&mut harness, 1, None);
    assert_eq!(given(&mut harness), ["nobody"]);
    harness.signs_in();
    harness.pass(seconds(295));
    wants_token(&mut harness, 2, None);
    harness.respond("/oauth/token", offline());
    assert_eq!(given(&mut harness), ["RefreshOffline"]);
    wants_token(&mut harness, 3, None);
    assert_eq!(
        given(&mut harness),
        ["RefreshOffline"],
        "and no caller hurries a refresh that waits"
    );
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

#[test]
fn access_token_request_waits_for_keychain_load() {
    let mut harness = Harness::off(Default::default());
    wants_token(&mut harness, 1, None);
    assert!(harness.given.is_empty());
    harness.happens(Event::Configured(Some(configuration())));
    assert_eq!(given(&mut harness), ["nobody"]);
}

// req: E4
#[test]
fn unsaved_refresh_token_blocks_further_refresh() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_failure = Some(KeychainError::Slow);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert_eq!(harness.locks.len(), 1, "no other process may spend the old one meanwhile");
    harness.pass(seconds(2000));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else {
        panic!("{:?}", harness.view())
    };
    assert_eq!(problem.code, ProblemCode::NotSaved);
    harness.keychain_failure = None;
    harness.happens(Event::Retry);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    harness.serve_discovery_if_requested();
    assert!(harness.form().contains("refresh_token=rt-2"), "it waited for nothing else");
}

/// The problem of a refresh while the previous refresh token is not stored, after a dismissal.
fn problem_of_refresh_while_unsaved() -> Problem {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_failure = Some(KeychainError::Slow);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.happens(Event::Dismiss);
    harness.happens(Event::Refresh);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else {
        panic!("{:?}", harness.view())
    };
    problem.clone()
}

#[test]
fn unsaved_refresh_token_is_reported_after_dismissal() {
    assert_eq!(problem_of_refresh_while_unsaved().code, ProblemCode::NotSaved);
}

/// The keychain's detail is that of the session's problem.
#[test]
fn unsaved_refresh_token_delays_refresh_without_detail() {
    assert_eq!(problem_of_refresh_while_unsaved().detail, None);
}

#[test]
fn keychain_read_failure_delays_refresh() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    harness.happens(Event::Refresh);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else {
        panic!("{:?}", harness.view())
    };
    assert_eq!(problem.code, ProblemCode::RefreshKeychainUnavailable);
    assert!(harness.sent.is_empty());
    assert!(harness.locks.is_empty());
    harness.keychain_failure = None;
    harness.happens(Event::RetryHint);
    assert!(harness.sent.is_empty(), "not within five seconds");
    harness.pass(seconds(2));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn deleted_keychain_entry_is_rewritten_on_refresh() {
    let mut harness = Harness::signed_in();
    harness.keychain.remove(&RecordKind::Session);
    harness.until_refresh();
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn lock_held_by_other_process_is_reported() {
    let mut harness = waiting_for_the_lock();
    assert_eq!(harness.refresh(), &RefreshView::Refreshing);
    harness.pass(seconds(16));
    let RefreshView::Delayed { problem, .. } = harness.refresh() else {
        panic!("{:?}", harness.view())
    };
    assert_eq!(problem.code, ProblemCode::OtherProcess);
    harness.pass(seconds(600));
    assert_eq!(harness.locks.len(), 1, "it is asked for once");
    assert!(harness.sent.is_empty());
    gets_the_lock(&mut harness);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn lock_held_by_other_process_delays_refresh_by_60s() {
    let mut harness = waiting_for_the_lock();
    harness.pass(seconds(15));
    assert_eq!(harness.wakes_at, Some(harness.now.monotonic.after(seconds(60))));
}

#[test]
fn lock_unavailable_does_not_block_refresh() {
    let mut harness = waiting_for_the_lock();
    let operation = harness.locks.pop().unwrap();
    harness.happens(Event::Locked(operation, Err(LockError::Unsupported("read-only".to_owned()))));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// Another process may hold the lock, with its refresh token in flight.
#[test]
fn lock_that_fails_is_requested_again_before_the_refresh() {
    let mut harness = waiting_for_the_lock();
    for _ in 0..3 {
        let operation = harness.locks.pop().unwrap();
        let failure = LockError::Failed("Too many open files".to_owned());
        harness.happens(Event::Locked(operation, Err(failure)));
        assert!(harness.locks.is_empty());
        harness.pass(seconds(1));
    }
    assert_eq!((harness.locks.len(), harness.requests_to("/oauth/token")), (1, 0));
    let operation = harness.locks[0];
    harness.happens(Event::Locked(operation, Ok(())));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// An error that does not pass: the session would never be refreshed again.
#[test]
fn lock_that_fails_for_14s_does_not_block_refresh() {
    let mut harness = waiting_for_the_lock();
    for failures in 0..14 {
        assert_eq!(harness.requests_to("/oauth/token"), 0, "{failures}");
        let operation = harness.locks.pop().unwrap();
        harness.happens(Event::Locked(operation, Err(LockError::Failed(String::new()))));
        harness.pass(seconds(1));
    }
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn lock_granted_for_old_configuration_is_released() {
    let mut harness = waiting_for_the_lock();
    let before = harness.locks.remove(0);
    let mut other = configuration();
    other.client_id = crate::configuration::ClientId::parse("skc_other").unwrap();
    let entry = StorageKey { account: AccountKey::of(&other), kind: RecordKind::Session };
    harness.of_others.insert(entry, harness.keychain[&RecordKind::Session].clone());
    harness.happens(Event::Configured(Some(other)));
    harness.happens(Event::Refresh);
    harness.serve_discovery();
    assert_eq!(harness.locks.len(), 1, "the lock of these settings is another one");
    let effects = harness.machine.step(Event::Locked(before, Ok(())), harness.now);
    assert!(matches!(&effects[..], [Effect::Unlock(one)] if *one == before), "{effects:?}");
    gets_the_lock(&mut harness);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn lock_is_held_only_while_refresh_is_in_flight() {
    let mut harness = Harness::signed_in();
    assert!(harness.locks.is_empty());
    harness.until_refresh();
    assert_eq!(harness.locks.len(), 1);
    harness.respond("/oauth/token", offline());
    assert!(harness.locks.is_empty());
    harness.happens(Event::Refresh);
    assert_eq!(harness.locks.len(), 1);
    harness.wants_to_sign_out();
    assert!(harness.locks.is_empty());
}

// req: E8
#[test]
fn invalid_grant_is_ignored_if_other_process_refreshed() {
    let mut harness = Harness::refresh_in_flight();
    refreshed_elsewhere(&mut harness, "rt-2");
    harness.respond("/oauth/token", refused("invalid_grant"));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert!(harness.until_refresh().contains("refresh_token=rt-2"));
}

#[test]
fn retry_hint_refreshes_at_once_unless_retry_after() {
    let mut harness = Harness::unreached_for_hours(offline);
    if harness.sent.is_empty() {
        harness.happens(Event::RetryHint);
    }
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    harness.respond("/oauth/token", status(429, Some("60")));
    harness.pass(seconds(10));
    harness.happens(Event::RetryHint);
    assert!(harness.sent.is_empty(), "the environment has set the time");
}

#[test]
fn retry_hint_within_5s_of_failure_is_deferred() {
    let mut harness = Harness::refresh_in_flight();
    for _ in 0..12 {
        harness.respond("/oauth/token", status(503, None));
        harness.pass(harness.wakes_at.unwrap().since(harness.now.monotonic));
        harness.serve_discovery_if_requested();
    }
    harness.respond("/oauth/token", status(503, None));
    harness.happens(Event::RetryHint);
    assert!(harness.sent.is_empty(), "not within five seconds");
    harness.pass(seconds(5));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// The network returns while a request that began without it is pending.
#[test]
fn retry_hint_during_offline_refresh_retries_within_5s() {
    let mut harness = Harness::unreached_for_hours(offline);
    harness.pass(harness.wakes_at.unwrap().since(harness.now.monotonic));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    harness.happens(Event::RetryHint);
    harness.respond("/oauth/token", offline());
    harness.pass(seconds(5));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn offline_refresh_after_retry_hint_retries_within_1s() {
    let outcomes: [fn() -> HttpOutcome; 3] = [
        offline,
        || Err(HttpError::ProxySignIn),
        || Err(HttpError::Certificate(CertificateFault::Expired, None)),
    ];
    for outcome in outcomes {
        let mut harness = Harness::unreached_for_hours(outcome);
        harness.happens(Event::RetryHint);
        harness.serve_discovery_if_requested();
        harness.respond("/oauth/token", outcome());
        harness.pass(seconds(1));
        assert_eq!(harness.requests_to("/oauth/token"), 1);
    }
}

#[test]
fn callback_without_sign_in_does_not_end_lock_wait() {
    let mut harness = waiting_for_the_lock();
    let view = harness.view().clone();
    harness
        .happens(Event::Link(Zeroizing::new(b"io.latchkey.desktop://callback?state=x".to_vec())));
    assert_eq!(harness.view(), &view);
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }));
}

/// A harness without a keychain, whose user has agreed to a session in memory.
fn without_keychain() -> Harness {
    let mut harness = Harness::off(std::collections::HashMap::new());
    harness.keychain_failure = Some(KeychainError::Missing("no service".to_owned()));
    harness.happens(Event::Configured(Some(configuration())));
    assert!(matches!(harness.view(), SessionView::KeychainUnavailable { .. }));
    harness.happens(Event::ContinueWithoutKeychain);
    harness
}

// req: H5
#[test]
fn session_without_keychain_is_memory_only_on_consent() {
    let mut harness = without_keychain();
    harness.signs_in();
    assert!(matches!(
        harness.view(),
        SessionView::SignedIn { stored: Stored::InMemory, problem: None, .. }
    ));
    for number in 1..4 {
        assert!(harness.until_refresh().contains(&format!("refresh_token=rt-{number}")));
        let tokens = harness.refreshed_tokens(&format!("rt-{}", number + 1));
        harness.gives(&tokens);
        if harness.requests_to("/keys") > 0 {
            harness.serve_jwks();
        }
        wants_token(&mut harness, number, None);
        assert_eq!(given(&mut harness), [tokens["access_token"].as_str().unwrap()]);
    }
    assert!(harness.keychain.is_empty() && harness.locks.is_empty());
    harness.wants_to_sign_out();
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert_eq!(harness.opened.last().unwrap().1.path(), "/oidc/logout");
}

#[test]
fn memory_only_session_writes_no_journal() {
    let without_refresh_token = |harness: &Harness| {
        let mut tokens = harness.refreshed_tokens("rt-2");
        tokens.as_object_mut().unwrap().remove("refresh_token");
        Ok(json_response(200, &tokens))
    };
    for outcome in [|_: &Harness| offline(), without_refresh_token] {
        let mut harness = without_keychain();
        harness.signs_in();
        harness.until_refresh();
        let outcome = outcome(&harness);
        harness.respond("/oauth/token", outcome);
        assert!(harness.keychain.is_empty(), "{:?}", harness.keychain.keys());
    }
}

#[test]
fn memory_only_session_ends_on_invalid_grant() {
    let mut harness = without_keychain();
    harness.signs_in();
    harness.until_refresh();
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
    harness.pass(seconds(1000));
    assert!(harness.keychain.is_empty());
}

#[test]
fn locked_keychain_at_start_forbids_memory_only_session() {
    let mut harness = Harness::off(std::collections::HashMap::new());
    harness.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    harness.happens(Event::Configured(Some(configuration())));
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(harness.view(), SessionView::KeychainUnavailable { .. }));
}

/// A harness whose keychain service has no keyring, with a signed-in user.
fn without_keyring() -> Harness {
    let mut harness = Harness::fresh();
    harness.keychain_failure = Some(KeychainError::NotSetUp("prompt dismissed".to_owned()));
    harness.signs_in();
    harness
}

// req: X26
#[test]
fn missing_keyring_blocks_refresh_until_consent() {
    let mut harness = without_keyring();
    assert_eq!(harness.problem(), Some(ProblemCode::KeychainNotSetUp));
    harness.happens(Event::Dismiss);
    harness.pass(seconds(LIFETIME));
    harness.happens(Event::TimerFired);
    let SessionView::SignedIn { refresh, stored: Stored::No, .. } = harness.view() else {
        unreachable!()
    };
    let RefreshView::Delayed { problem, .. } = refresh else { unreachable!() };
    assert_eq!(problem.code, ProblemCode::KeychainNotSetUp);
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(harness.form().contains("refresh_token=rt-1"));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(matches!(
        harness.view(),
        SessionView::SignedIn {
            stored: Stored::InMemory,
            problem: None,
            refresh: RefreshView::Scheduled { .. },
            ..
        }
    ));
    assert!(harness.until_refresh().contains("refresh_token=rt-2"));
    assert_eq!(harness.stored_refresh_token(), None);
}

#[test]
fn keyring_created_later_stores_session_on_retry() {
    let mut harness = without_keyring();
    harness.keychain_failure = None;
    harness.happens(Event::Retry);
    assert_eq!(harness.problem(), None);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::Yes, .. }));
}

// KeePassXC without an exposed group takes no record, and neither does a keyring whose password is lost.
// req: X26
#[test]
fn failed_write_allows_memory_only_session() {
    for failure in [
        KeychainError::Locked("prompt dismissed".to_owned()),
        KeychainError::Missing("no service".to_owned()),
        KeychainError::Slow,
        KeychainError::Failed("no collection".to_owned()),
    ] {
        let mut harness = Harness::fresh();
        harness.keychain_failure = Some(failure);
        harness.signs_in();
        assert_eq!(harness.problem(), Some(ProblemCode::NotSaved));
        harness.happens(Event::ContinueWithoutKeychain);
        assert!(matches!(
            harness.view(),
            SessionView::SignedIn { stored: Stored::InMemory, problem: None, .. }
        ));
        assert!(harness.until_refresh().contains("refresh_token=rt-1"));
    }
}

#[test]
fn memory_only_consent_during_retried_write_takes_effect() {
    let mut harness = Harness::fresh();
    harness.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
    harness.signs_in();
    harness.keychain_held = true;
    harness.happens(Event::Retry);
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::Saving, .. }));
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(
        harness.view(),
        SessionView::SignedIn { stored: Stored::InMemory, problem: None, .. }
    ));
}

/// A refresh that waits for the write is sent, as nothing is stored any more.
#[test]
fn memory_only_consent_sends_refresh_that_waits_for_the_write() {
    let mut harness = Harness::fresh();
    harness.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
    harness.signs_in();
    harness.keychain_held = true;
    harness.happens(Event::Retry);
    harness.happens(Event::Refresh);
    harness.serve_discovery_if_requested();
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(harness.form().contains("refresh_token=rt-1"));
}

/// The prompt is answered after the user has agreed, or a write takes longer than its timeout.
#[test]
fn session_in_memory_is_deleted_from_keychain_after_late_write() {
    for signs_out_first in [true, false] {
        let mut harness = Harness::fresh();
        harness.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
        harness.signs_in();
        harness.keychain_held = true;
        harness.happens(Event::Retry);
        harness.happens(Event::ContinueWithoutKeychain);
        harness.keychain_failure = None;
        let sign_out = |harness: &mut Harness| {
            let entropy = harness.entropy();
            harness.happens(Event::SignOut { scope: SignOutScope::ThisComputer, entropy });
        };
        if signs_out_first {
            sign_out(&mut harness);
            harness.completes_held_writes();
        } else {
            harness.completes_held_writes();
            sign_out(&mut harness);
        }
        assert_eq!(harness.stored_refresh_token(), None, "{signs_out_first}");
    }
}

#[test]
fn sign_out_of_session_in_memory_deletes_earlier_record() {
    let mut harness = in_memory_beside_an_older_record();
    harness.keychain_failure = None;
    harness.wants_to_sign_out();
    assert_eq!(harness.stored_refresh_token(), None);
}

/// Each access may prompt for a password.
#[test]
fn sign_in_of_session_in_memory_writes_nothing_to_keychain() {
    let mut harness = without_keyring();
    harness.happens(Event::ContinueWithoutKeychain);
    harness.keychain_failure = None;
    harness.wants_to_sign_in();
    harness.is_at(SignInStep::WaitingForBrowser);
    assert!(!harness.keychain.contains_key(&RecordKind::SignIn));
}

#[test]
fn first_write_under_way_forbids_memory_only_session() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_held = true;
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::Saving, .. }));
    harness.completes_held_writes();
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::Yes, .. }));
}

/// A session that was stored before the keyring was lost continues in memory.
fn in_memory_beside_an_older_record() -> Harness {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_failure = Some(KeychainError::NotSetUp("no default keyring".to_owned()));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.happens(Event::ContinueWithoutKeychain);
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::InMemory, .. }));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness
}

// req: X26
#[test]
fn sign_out_in_memory_is_not_undone_by_the_keychain() {
    let mut harness = in_memory_beside_an_older_record();
    harness.wants_to_sign_out();
    let mut harness = harness.restarted(seconds(1));
    harness.is_signed_out(SignedOutReason::SignedOut);
    assert_eq!(harness.stored_refresh_token(), None);
    harness.pass(seconds(LIFETIME));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

// req: X26
#[test]
fn refresh_token_used_in_memory_is_not_sent_after_restart() {
    let mut harness = in_memory_beside_an_older_record();
    assert!(harness.until_refresh().contains("refresh_token=rt-2"), "it goes on itself");
    let mut harness = harness.restarted(seconds(1));
    harness.is_signed_out(SignedOutReason::SignedOut);
    harness.pass(seconds(LIFETIME));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

/// Another process replaces the session by a new sign-in, as an organization switch does, and stores it later,
/// when it has the lock.
#[test]
fn session_replaced_by_other_process_is_no_sign_out_here() {
    let mut harness = Harness::signed_in();
    let mut other = Harness::with_keychain(harness.keychain.clone());
    other.entropy();
    other.lock_held_elsewhere = true;
    other.signs_in();
    harness.keychain = other.keychain.clone();
    harness.happens(Event::Refresh);
    other.keychain = harness.keychain.clone();
    gets_the_lock(&mut other);
    harness.keychain = other.keychain;
    harness.happens(Event::UserReturned);
    harness.pass(seconds(60));
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }), "{:?}", harness.view());
}

/// Requests for the lock that fail after `latency` each; how many until a refresh was sent, if it was within an hour.
fn lock_failures_until_refresh(latency: u64) -> (usize, bool) {
    let mut harness = Harness::signed_in();
    harness.lock_held_elsewhere = true;
    let millis = std::time::Duration::from_millis;
    let (mut failures, mut requested) = (0, None);
    for _ in 0..36_000 {
        harness.pass(millis(100));
        harness.serve_discovery_if_requested();
        if harness.requests_to("/oauth/token") > 0 {
            return (failures, true);
        }
        let now = harness.now.monotonic;
        match requested {
            None if !harness.locks.is_empty() => requested = Some(now),
            Some(since) if now >= since.after(millis(latency)) => {
                requested = None;
                failures += 1;
                let operation = harness.locks.pop().unwrap();
                let failed = crate::session::LockError::Failed("input/output error".to_owned());
                harness.happens(Event::Locked(operation, Err(failed)));
            }
            _ => {}
        }
    }
    (failures, false)
}

#[test]
fn lock_that_fails_slowly_does_not_block_refresh() {
    let found = [0, 100, 200, 500].map(|latency| (latency, lock_failures_until_refresh(latency)));
    assert!(found.iter().all(|(_, (_, sent))| *sent), "{found:?}");
}
