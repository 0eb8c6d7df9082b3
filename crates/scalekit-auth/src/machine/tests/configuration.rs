//! Settings that change while something is under way.

use std::time::Duration;

use serde_json::json;

use super::desk::*;
use crate::{
    configuration::RedirectUris,
    machine::{Effect, Event, KeychainError, TokenRequestId, TokenUnavailable},
    problem::ProblemCode,
    record::{RecordKind, SessionRecord, StorageKey},
    secret::Secret,
    signing::{OURS, json_answer},
    view::{RefreshView, SessionView, SignInStep, SignedOutReason},
};

/// Settings change while the refresh token is under way; the answer comes; the settings are changed back.
#[test]
fn configuration_change_during_refresh_persists_new_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let tokens = desk.refreshed_tokens("rt-2");
    let kept = desk.keychain.clone();
    // The desk has one keychain for all settings; so look at what was written for the old ones.
    let (operation, _) = desk.sent.pop().unwrap();
    desk.happens(Event::Configured(Some(other_environment())));
    let locks = desk.locks.len();
    desk.happens(Event::HttpCompleted(operation, Ok(json_answer(200, &tokens))));
    assert!(
        desk.kept_refresh_token().as_deref() == Some("rt-2"),
        "the spent token stays: {:?} (before: {}), locks held while it was under way: {locks}",
        desk.kept_refresh_token(),
        kept.len()
    );
}

/// The same where only how long a sign-in waits has changed: the same session, the same entries.
#[test]
fn preference_change_during_refresh_persists_new_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let tokens = desk.refreshed_tokens("rt-2");
    let (operation, _) = desk.sent.pop().unwrap();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed)));
    desk.happens(Event::HttpCompleted(operation, Ok(json_answer(200, &tokens))));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

/// A refresh token that could not be saved is thrown away with the settings.
#[test]
fn preference_change_keeps_unsaved_refresh_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.keychain_failure = Some(KeychainError::Locked(String::new()));
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert_eq!(desk.problem(), Some(ProblemCode::NotSaved));
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed)));
    desk.keychain_failure = None;
    desk.happens(Event::Retry);
    desk.pass(seconds(1000));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn configuration_change_holds_lock_until_token_is_persisted() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let held = desk.locks.clone();
    assert_eq!(held.len(), 1);
    let tokens = desk.refreshed_tokens("rt-2");
    desk.happens(Event::Configured(Some(other_environment())));
    assert_eq!(desk.locks, held, "a refresh token is on the wire");
    desk.keychain_failure = Some(KeychainError::Locked(String::new()));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.locks, held, "the new one is not kept");
    assert!(!desk.machine.is_quiescent() || desk.kept_refresh_token().as_deref() == Some("rt-1"));
    desk.keychain_failure = None;
    desk.pass(seconds(600));
    desk.answer_keys_if_asked();
    assert!(desk.locks.is_empty());
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    desk.is_signed_out(SignedOutReason::Fresh);
}

#[test]
fn configuration_restored_during_refresh_shows_the_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let tokens = desk.refreshed_tokens("rt-2");
    desk.happens(Event::Configured(Some(other_environment())));
    desk.is_signed_out(SignedOutReason::Fresh);
    desk.happens(Event::Configured(Some(configuration())));
    assert!(matches!(desk.refresh(), RefreshView::Refreshing));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert!(matches!(desk.refresh(), RefreshView::Scheduled { .. }));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn configuration_change_starts_no_request_for_old_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainError::Locked(String::new()));
    desk.happens(Event::Configured(Some(other_environment())));
    desk.pass(seconds(3600));
    assert_eq!(desk.requests_to("/oauth/token") + desk.requests_to(DISCOVERY), 0);
    assert!(desk.locks.is_empty());
}

#[test]
fn configuration_restored_after_invalid_grant_reports_it() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    desk.happens(Event::Configured(Some(other_environment())));
    desk.answer("/oauth/token", refused("invalid_grant"));
    desk.is_signed_out(SignedOutReason::Fresh);
    assert!(!desk.keychain.contains_key(&RecordKind::Session));
    desk.happens(Event::Configured(Some(configuration())));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

#[test]
fn configuration_change_during_sign_out_still_opens_logout() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let entropy = desk.entropy();
    let effects = desk.machine.step(Event::SignOut { entropy }, desk.now);
    let clearing = effects.iter().find_map(|effect| match effect {
        Effect::Delete(operation, _, Some(_)) => Some(*operation),
        _ => None,
    });
    desk.happens(Event::Configured(Some(other_environment())));
    let before = desk.opened.len();
    desk.happens(Event::Deleted(clearing.unwrap(), Ok(())));
    assert_eq!(desk.opened.len(), before + 1);
    let (_, url) = desk.opened.last().unwrap();
    assert_eq!(url.path(), "/oidc/logout");
    // The browser's way back raises the window all the same.
    let state = desk.asked("state");
    desk.follows(&format!("io.latchkey.desktop://signed-out?state={state}"));
    assert_eq!(desk.fronts, 2);
}

#[test]
fn configuration_change_in_code_exchange_persists_session() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    assert!(!desk.machine.is_quiescent(), "a code is on the wire");
    desk.happens(Event::Configured(Some(other_environment())));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.is_signed_out(SignedOutReason::Fresh);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    desk.happens(Event::Configured(Some(configuration())));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn configuration_restored_in_memory_keeps_the_session() {
    let mut desk = Desk::off(Default::default());
    desk.keychain_failure = Some(KeychainError::Missing(String::new()));
    desk.happens(Event::Configured(Some(configuration())));
    desk.happens(Event::ContinueWithoutKeychain);
    desk.signs_in();
    desk.happens(Event::Configured(Some(other_environment())));
    assert!(matches!(desk.view(), SessionView::KeychainUnavailable { .. }));
    desk.pass(seconds(100));
    desk.happens(Event::Configured(Some(configuration())));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    desk.pass(seconds(190));
    desk.answer_discovery_if_asked();
    assert_eq!(desk.requests_to("/oauth/token"), 1, "it is refreshed again");
}

#[test]
fn configuration_change_rejects_pending_token_requests() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.pass(seconds(295));
    desk.happens(Event::AccessTokenRequested { caller: TokenRequestId(1), rejected_token: None });
    assert!(desk.given.is_empty());
    desk.happens(Event::Configured(Some(other_environment())));
    assert!(matches!(desk.given[..], [(TokenRequestId(1), Err(TokenUnavailable::NotSignedIn))]));
}

#[test]
fn preference_change_keeps_sign_in_redirect_uri_change_ends_it() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed.clone())));
    desk.is_at(SignInStep::WaitingForBrowser);
    changed.redirect_uris = RedirectUris::with_scheme("com.example.other").unwrap();
    desk.happens(Event::Configured(Some(changed)));
    desk.is_signed_out(SignedOutReason::Cancelled);
    assert!(!desk.keychain.contains_key(&RecordKind::SignIn));
}

#[test]
fn access_token_carries_its_configuration() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed.clone())));
    desk.happens(Event::AccessTokenRequested { caller: TokenRequestId(1), rejected_token: None });
    let given = desk.given.pop().unwrap().1.unwrap();
    assert_eq!(*given.configuration, changed);
}

#[test]
fn retry_after_survives_configuration_round_trip() {
    for mut desk in [in_memory(), Desk::fresh()] {
        let memory_only = desk.keychain_failure.is_some();
        if !memory_only {
            desk.signs_in();
        }
        desk.pass(seconds(310));
        desk.answer_discovery_if_asked();
        let mut requests = 0;
        for _ in 0..10 {
            if desk.requests_to("/oauth/token") > 0 {
                requests += 1;
                desk.answer("/oauth/token", status(429, Some("3600")));
            }
            configured(&mut desk, other_environment());
            configured(&mut desk, configuration());
            desk.pass(seconds(1));
            desk.answer_discovery_if_asked();
        }
        assert_eq!(requests, 1, "memory only: {memory_only}");
    }
}

#[test]
fn sign_in_in_browser_survives_configuration_round_trip() {
    for signed_out_before in [false, true] {
        let mut desk = Desk::fresh();
        if signed_out_before {
            desk.signs_in();
            desk.wants_to_sign_out();
        }
        desk.wants_to_sign_in();
        desk.answer_discovery_if_asked();
        desk.answer_keys_if_asked();
        let link = desk.good_link();
        configured(&mut desk, other_environment());
        configured(&mut desk, configuration());
        assert!(
            matches!(
                desk.view(),
                SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. }
            ),
            "signed out before: {signed_out_before}, {:?}",
            desk.view()
        );
        desk.follows(&link);
        desk.answer_discovery_if_asked();
        assert_eq!(desk.requests_to("/oauth/token"), 1);
    }
}

#[test]
fn configuration_restored_reads_session_of_other_process() {
    for signed_out_before in [false, true] {
        let mut desk = Desk::fresh();
        if signed_out_before {
            desk.signs_in();
            desk.wants_to_sign_out();
        }
        let mut elsewhere = Desk::fresh();
        elsewhere.signs_in();
        configured(&mut desk, other_environment());
        desk.keychain.insert(RecordKind::Session, elsewhere.keychain[&RecordKind::Session].clone());
        // A sign-in of its own, not the one that is over.
        let mut record = SessionRecord::decode(&desk.keychain[&RecordKind::Session]).unwrap();
        record.session = crate::journal::SessionId::of_sign_in(
            &Secret::new("another nonce"),
            &Secret::new("another code"),
        );
        desk.keychain.insert(RecordKind::Session, record.encode().to_vec());
        configured(&mut desk, configuration());
        assert!(
            matches!(desk.view(), SessionView::SignedIn { .. }),
            "signed out before: {signed_out_before}, {:?}",
            desk.view()
        );
    }
}

#[test]
fn configuration_toggled_50_times_requests_lock_at_most_twice() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.lock_held_elsewhere = true;
    desk.pass(seconds(310));
    desk.answer_discovery_if_asked();
    for _ in 0..50 {
        configured(&mut desk, other_environment());
        configured(&mut desk, configuration());
        desk.pass(seconds(1));
        desk.answer_discovery_if_asked();
    }
    assert!(desk.locks.len() <= 2, "{} requests for one lock wait", desk.locks.len());
}

#[test]
fn redirect_uri_change_during_code_exchange_keeps_session() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    let mut changed = configuration();
    changed.redirect_uris = RedirectUris::with_scheme("com.example.other").unwrap();
    configured(&mut desk, changed);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert!(matches!(desk.view(), SessionView::SignedIn { .. }), "{:?}", desk.view());
}

#[test]
fn account_switch_does_not_release_expired_access_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    configured(&mut desk, verify_oid("org_1"));
    desk.signs_in();
    desk.until_refresh();
    desk.pass(seconds(20));
    wants_token(&mut desk, 1, None);
    desk.keychain_held = true;
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(desk.given.is_empty(), "the new tokens are not kept yet");
    configured(&mut desk, configuration());
    assert!(!matches!(desk.given[..], [(_, Ok(_))]), "a token that ended ten seconds ago is given");
}

#[test]
fn in_memory_session_survives_nine_other_accounts() {
    let mut desk = in_memory();
    for organization in ["o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8", "o9"] {
        configured(&mut desk, verify_oid(organization));
        desk.happens(Event::ContinueWithoutKeychain);
        desk.organization = organization;
        desk.signs_in();
        desk.wants_to_sign_out();
    }
    configured(&mut desk, configuration());
    assert!(matches!(desk.view(), SessionView::SignedIn { .. }), "{:?}", desk.view());
}

#[test]
fn initiate_login_survives_change_back_of_configuration() {
    for signed_out_before in [false, true] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        desk.answer_keys();
        desk.happens(Event::CancelSignIn);
        if signed_out_before {
            desk.signs_in();
            desk.wants_to_sign_out();
        }
        desk.keychain_failure = Some(KeychainError::Locked(String::new()));
        configured(&mut desk, verify_oid("org_1"));
        assert!(matches!(desk.view(), SessionView::KeychainUnavailable { .. }));
        let now = desk.now.wall.seconds();
        let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
            "connection_id": "conn_1", "organization_id": "org_1"});
        let token = OURS.sign(&claims);
        desk.follows(&format!(
            "io.latchkey.desktop://login?idp_initiated_login={}",
            token.expose()
        ));
        desk.keychain_failure = None;
        configured(&mut desk, configuration());
        desk.answer_discovery_if_asked();
        desk.answer_keys_if_asked();
        let asked = matches!(desk.view(), SessionView::Invited { .. });
        assert!(asked, "signed out before: {signed_out_before}, {:?}", desk.view());
    }
}

#[test]
fn sign_in_is_not_resumed_if_browser_was_never_opened() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    let (operation, _) = desk.sent.pop().unwrap();
    let answered = Event::HttpCompleted(operation, Ok(json_answer(200, &discovery())));
    // The keychain takes its time, as one does that asks for a password.
    for effect in desk.machine.step(answered, desk.now) {
        if let Effect::Store(_, StorageKey { kind: RecordKind::SignIn, .. }, bytes) = effect {
            desk.keychain.insert(RecordKind::SignIn, bytes.to_vec());
        }
    }
    configured(&mut desk, other_environment());
    configured(&mut desk, configuration());
    desk.answer_discovery_if_asked();
    let waits =
        matches!(desk.view(), SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. });
    assert!(!waits || !desk.opened.is_empty(), "{:?}, no browser was opened", desk.view());
}
