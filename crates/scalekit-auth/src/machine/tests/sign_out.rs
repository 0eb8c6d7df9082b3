//! Signing out: here first, then in the browser.

use super::desk::*;
use crate::{
    machine::{Event, KeychainError},
    problem::ProblemCode,
    record::RecordKind,
    view::{SessionView, SignedOutReason},
};

#[test]
fn sign_out_deletes_session_and_opens_end_session_url() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.wants_to_sign_out();
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(!desk.keychain.contains_key(&RecordKind::Session));
    let (_, url) = desk.opened.last().unwrap();
    assert_eq!(url.path(), "/oidc/logout");
    assert_eq!(desk.asked("post_logout_redirect_uri"), "io.latchkey.desktop://signed-out");
    assert_eq!(desk.asked("id_token_hint").split('.').count(), 3);
}

#[test]
fn post_logout_redirect_with_state_raises_window_once() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.wants_to_sign_out();
    let fronts = desk.fronts;
    let link = format!("io.latchkey.desktop://signed-out?state={}", desk.asked("state"));
    desk.follows("io.latchkey.desktop://signed-out?state=wrong");
    desk.follows("io.latchkey.desktop://signed-out");
    assert_eq!(desk.fronts, fronts);
    desk.follows(&link);
    desk.follows(&link);
    assert_eq!(desk.fronts, fronts + 1);
    desk.is_signed_out(SignedOutReason::SignedOut);
}

#[test]
fn unsolicited_post_logout_redirect_keeps_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.follows("io.latchkey.desktop://signed-out");
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn sign_out_offline_uses_stored_or_default_endpoint() {
    let mut elsewhere = discovery();
    elsewhere["end_session_endpoint"] = format!("{ISSUER}/bye").into();
    for (kept, path) in [
        (None, "/oidc/logout"), // As documented.
        (Some(elsewhere.to_string().into_bytes()), "/bye"),
    ] {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.keychain.remove(&RecordKind::Endpoints);
        desk.keychain.extend(kept.map(|description| (RecordKind::Endpoints, description)));
        let mut desk = desk.restarted(seconds(1));
        desk.wants_to_sign_out();
        desk.is_signed_out(SignedOutReason::SignedOut);
        assert!(desk.sent.is_empty());
        assert_eq!(desk.opened.last().unwrap().1.path(), path);
    }
}

#[test]
fn sign_out_reports_browser_open_failure() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.wants_to_sign_out();
    let operation = desk.opened.last().unwrap().0;
    desk.happens(Event::BrowserOpened(operation, Err("none".to_owned())));
    let problem = desk.is_signed_out(SignedOutReason::SignedOut).unwrap();
    assert_eq!(problem.code, ProblemCode::BrowserUnavailable);
}

#[test]
fn sign_out_retries_failed_keychain_delete() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    desk.wants_to_sign_out();
    let problem = desk.is_signed_out(SignedOutReason::SignedOut).unwrap();
    assert_eq!(problem.code, ProblemCode::NotCleared);
    assert!(desk.kept_refresh_token().is_some());
    desk.keychain_failure = None;
    desk.pass(seconds(2));
    assert!(desk.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(desk.kept_refresh_token().is_none());
}

#[test]
fn sign_out_during_sign_in_ignores_its_callback() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.wants_to_sign_in();
    let link = desk.good_link();
    desk.wants_to_sign_out();
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 0);
    assert!(matches!(desk.view(), SessionView::SignedOut { .. }));
}
