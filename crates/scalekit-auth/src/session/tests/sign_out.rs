//! Tests of a sign-out: first the local session, then the browser's.

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    protocol::signing::OURS,
    session::{Event, KeychainError, OpenBrowserError},
    storage::record::RecordKind,
    view::{SessionView, SignedOutReason, Stored},
};

// req: F1, F6
#[test]
fn sign_out_deletes_session_and_opens_end_session_url() {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_out();
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(!harness.keychain.contains_key(&RecordKind::Session));
    let (_, url) = harness.opened.last().unwrap();
    assert_eq!(url.path(), "/oidc/logout");
    assert_eq!(
        harness.sent_parameter("post_logout_redirect_uri"),
        "io.latchkey.desktop://signed-out"
    );
    assert_eq!(harness.sent_parameter("id_token_hint").split('.').count(), 3);
}

#[test]
fn post_logout_redirect_with_state_raises_window_once() {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_out();
    let fronts = harness.fronts;
    let link =
        format!("io.latchkey.desktop://signed-out?state={}", harness.sent_parameter("state"));
    harness.follows("io.latchkey.desktop://signed-out?state=wrong");
    harness.follows("io.latchkey.desktop://signed-out");
    assert_eq!(harness.fronts, fronts);
    harness.follows(&link);
    harness.follows(&link);
    assert_eq!(harness.fronts, fronts + 1);
    harness.is_signed_out(SignedOutReason::SignedOut);
}

// req: F4
#[test]
fn unsolicited_post_logout_redirect_keeps_session() {
    let mut harness = Harness::signed_in();
    harness.follows("io.latchkey.desktop://signed-out");
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn sign_out_offline_uses_stored_or_default_endpoint() {
    let mut elsewhere = discovery();
    elsewhere["end_session_endpoint"] = format!("{ISSUER}/bye").into();
    for (stored, path) in [
        (None, "/oidc/logout"), // As documented.
        (Some(elsewhere.to_string().into_bytes()), "/bye"),
    ] {
        let mut harness = Harness::signed_in();
        harness.keychain.remove(&RecordKind::Endpoints);
        harness.keychain.extend(stored.map(|description| (RecordKind::Endpoints, description)));
        let mut harness = harness.restarted(seconds(1));
        harness.wants_to_sign_out();
        harness.is_signed_out(SignedOutReason::SignedOut);
        assert!(harness.sent.is_empty());
        assert_eq!(harness.opened.last().unwrap().1.path(), path);
    }
}

#[test]
fn sign_out_reports_browser_open_failure() {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_out();
    let operation = harness.opened.last().unwrap().0;
    harness.happens(Event::BrowserOpened(operation, Err(OpenBrowserError("none".to_owned()))));
    let problem = harness.is_signed_out(SignedOutReason::SignedOut).unwrap();
    assert_eq!(problem.code, ProblemCode::SignOutBrowserUnavailable);
}

// req: F1
#[test]
fn sign_out_retries_failed_keychain_delete() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    harness.wants_to_sign_out();
    let problem = harness.is_signed_out(SignedOutReason::SignedOut).unwrap();
    assert_eq!(problem.code, ProblemCode::NotCleared);
    assert!(harness.stored_refresh_token().is_some());
    harness.keychain_failure = None;
    harness.pass(seconds(2));
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(harness.stored_refresh_token().is_none());
}

#[test]
fn sign_out_during_sign_in_ignores_its_callback() {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_in();
    let link = harness.good_link();
    harness.wants_to_sign_out();
    harness.follows(&link);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    assert!(matches!(harness.view(), SessionView::SignedOut { .. }));
}

#[test]
fn sign_out_of_unsaved_session_deletes_the_replaced_record() {
    let mut harness = Harness::signed_in();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
    harness.wants_to_sign_in();
    harness.comes_back();
    let tokens = harness.tokens_of("usr_1", "rt-b", Some(&harness.sent_parameter("nonce")), &OURS);
    harness.gives(&tokens);
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::No, .. }));
    harness.keychain_failure = None;
    harness.wants_to_sign_out();
    harness.pass(seconds(24 * 3600));
    let SessionView::SignedOut { problem, .. } = harness.view() else { panic!() };
    assert_eq!(
        harness.stored_refresh_token(),
        None,
        "the user is signed out, the problem shown is {problem:?}, and a day later the keychain still holds this token"
    );
}

#[test]
fn sign_out_after_unsaved_sign_in_deletes_the_record_before() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Locked("prompt dismissed".to_owned()));
    harness.wants_to_sign_out();
    assert_eq!(
        harness.is_signed_out(SignedOutReason::SignedOut).map(|problem| problem.code),
        Some(ProblemCode::NotCleared)
    );
    harness.wants_to_sign_in();
    harness.comes_back();
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert!(matches!(harness.view(), SessionView::SignedIn { stored: Stored::No, .. }));
    harness.keychain_failure = None;
    harness.wants_to_sign_out();
    harness.pass(seconds(24 * 3600));
    let problem = harness.is_signed_out(SignedOutReason::SignedOut).map(|one| one.code);
    assert_eq!(
        harness.stored_refresh_token(),
        None,
        "signed out twice, the problem shown is {problem:?}, and a day later the keychain still holds this token"
    );
}
