//! Tests of settings that change during an operation.

use std::time::Duration;

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    configuration::RedirectUris,
    problem::ProblemCode,
    protocol::signing::{OURS, json_response},
    secret::Secret,
    session::{Effect, Event, KeychainError, TokenRequestId, TokenUnavailable},
    storage::{
        delete_only::DeleteOnly,
        record::{RecordKind, SessionRecord, StorageKey},
    },
    view::{RefreshView, SessionView, SignInStep, SignOutScope, SignedOutReason},
};

/// The settings change while a refresh request is pending, and its response arrives.
// req: E15
#[test]
fn configuration_change_during_refresh_persists_new_token() {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.refreshed_tokens("rt-2");
    let stored = harness.keychain.clone();
    // The harness has one keychain for all settings, so only the entries of the old account are examined.
    let (operation, _) = harness.sent.pop().unwrap();
    harness.happens(Event::Configured(Some(other_environment())));
    let locks = harness.locks.len();
    harness.happens(Event::HttpCompleted(operation, Ok(json_response(200, &tokens))));
    assert!(
        harness.stored_refresh_token().as_deref() == Some("rt-2"),
        "the spent token stays: {:?} (before: {}), locks held while it was under way: {locks}",
        harness.stored_refresh_token(),
        stored.len()
    );
}

/// The same with a changed timeout of sign-ins: the same session, the same entries.
// req: E15
#[test]
fn preference_change_during_refresh_persists_new_token() {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.refreshed_tokens("rt-2");
    let (operation, _) = harness.sent.pop().unwrap();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    harness.happens(Event::Configured(Some(changed)));
    harness.happens(Event::HttpCompleted(operation, Ok(json_response(200, &tokens))));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

/// The settings change while a refresh token is not stored yet.
#[test]
fn preference_change_keeps_unsaved_refresh_token() {
    let mut harness = Harness::refresh_in_flight();
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert_eq!(harness.problem(), Some(ProblemCode::NotSaved));
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    harness.happens(Event::Configured(Some(changed)));
    harness.keychain_failure = None;
    harness.happens(Event::Retry);
    harness.pass(seconds(1000));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

// req: E15
#[test]
fn configuration_change_holds_lock_until_token_is_persisted() {
    let mut harness = Harness::refresh_in_flight();
    let held = harness.locks.clone();
    assert_eq!(held.len(), 1);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.happens(Event::Configured(Some(other_environment())));
    assert_eq!(harness.locks, held, "a refresh token is on the wire");
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    harness.gives(&tokens);
    assert_eq!(harness.locks, held, "the new one is not stored");
    assert!(
        !harness.machine.is_quiescent()
            || harness.stored_refresh_token().as_deref() == Some("rt-1")
    );
    harness.keychain_failure = None;
    harness.pass(seconds(600));
    harness.serve_jwks_if_requested();
    assert!(harness.locks.is_empty());
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    harness.is_signed_out(SignedOutReason::Fresh);
}

#[test]
fn configuration_restored_during_refresh_shows_the_session() {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.refreshed_tokens("rt-2");
    harness.happens(Event::Configured(Some(other_environment())));
    harness.is_signed_out(SignedOutReason::Fresh);
    harness.happens(Event::Configured(Some(configuration())));
    assert!(matches!(harness.refresh(), RefreshView::Refreshing));
    harness.gives(&tokens);
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn configuration_change_starts_no_request_for_old_session() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    harness.happens(Event::Configured(Some(other_environment())));
    harness.pass(seconds(3600));
    assert_eq!(harness.requests_to("/oauth/token") + harness.requests_to(DISCOVERY), 0);
    assert!(harness.locks.is_empty());
}

#[test]
fn configuration_restored_after_invalid_grant_reports_it() {
    let mut harness = Harness::refresh_in_flight();
    harness.happens(Event::Configured(Some(other_environment())));
    harness.respond("/oauth/token", refused("invalid_grant"));
    harness.is_signed_out(SignedOutReason::Fresh);
    assert!(!harness.keychain.contains_key(&RecordKind::Session));
    harness.happens(Event::Configured(Some(configuration())));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

// req: E15
#[test]
fn configuration_change_during_sign_out_still_opens_logout() {
    let mut harness = Harness::signed_in();
    let entropy = harness.entropy();
    let effects = harness
        .machine
        .step(Event::SignOut { scope: SignOutScope::SharedSession, entropy }, harness.now);
    let clearing = effects.iter().find_map(|effect| match effect {
        Effect::Delete(operation, _, DeleteOnly::Sessions(_)) => Some(*operation),
        _ => None,
    });
    harness.happens(Event::Configured(Some(other_environment())));
    let before = harness.opened.len();
    harness.happens(Event::Deleted(clearing.unwrap(), Ok(())));
    assert_eq!(harness.opened.len(), before + 1);
    let (_, url) = harness.opened.last().unwrap();
    assert_eq!(url.path(), "/oidc/logout");
    // The redirect after sign-out still raises the window.
    let state = harness.sent_parameter("state");
    harness.follows(&format!("io.latchkey.desktop://signed-out?state={state}"));
    assert_eq!(harness.fronts, 2);
}

#[test]
fn configuration_change_in_code_exchange_persists_session() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let tokens = harness.tokens();
    assert!(!harness.machine.is_quiescent(), "a code is on the wire");
    harness.happens(Event::Configured(Some(other_environment())));
    harness.gives(&tokens);
    harness.is_signed_out(SignedOutReason::Fresh);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.happens(Event::Configured(Some(configuration())));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn configuration_restored_in_memory_keeps_the_session() {
    let mut harness = Harness::off(Default::default());
    harness.keychain_failure = Some(KeychainError::Missing(String::new()));
    harness.happens(Event::Configured(Some(configuration())));
    harness.happens(Event::ContinueWithoutKeychain);
    harness.signs_in();
    harness.happens(Event::Configured(Some(other_environment())));
    assert!(matches!(harness.view(), SessionView::KeychainUnavailable { .. }));
    harness.pass(seconds(100));
    harness.happens(Event::Configured(Some(configuration())));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    harness.pass(seconds(190));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1, "it is refreshed again");
}

#[test]
fn configuration_change_rejects_pending_token_requests() {
    let mut harness = Harness::signed_in();
    harness.pass(seconds(295));
    harness
        .happens(Event::AccessTokenRequested { caller: TokenRequestId(1), rejected_token: None });
    assert!(harness.given.is_empty());
    harness.happens(Event::Configured(Some(other_environment())));
    assert!(matches!(harness.given[..], [(TokenRequestId(1), Err(TokenUnavailable::NotSignedIn))]));
}

#[test]
fn preference_change_keeps_sign_in_redirect_uri_change_ends_it() {
    let mut harness = Harness::in_browser();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    harness.happens(Event::Configured(Some(changed.clone())));
    harness.is_at(SignInStep::WaitingForBrowser);
    changed.redirect_uris = RedirectUris::with_scheme("com.example.other").unwrap();
    harness.happens(Event::Configured(Some(changed)));
    harness.is_signed_out(SignedOutReason::Cancelled);
    assert!(!harness.keychain.contains_key(&RecordKind::SignIn));
}

// req: E18
#[test]
fn access_token_carries_its_configuration() {
    let mut harness = Harness::signed_in();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    harness.happens(Event::Configured(Some(changed.clone())));
    harness
        .happens(Event::AccessTokenRequested { caller: TokenRequestId(1), rejected_token: None });
    let given = harness.given.pop().unwrap().1.unwrap();
    assert_eq!(*given.configuration, changed);
}

#[test]
fn retry_after_survives_configuration_round_trip() {
    for mut harness in [in_memory(), Harness::fresh()] {
        let memory_only = harness.keychain_failure.is_some();
        if !memory_only {
            harness.signs_in();
        }
        harness.pass(seconds(310));
        harness.serve_discovery_if_requested();
        let mut requests = 0;
        for _ in 0..10 {
            if harness.requests_to("/oauth/token") > 0 {
                requests += 1;
                harness.respond("/oauth/token", status(429, Some("3600")));
            }
            configured(&mut harness, other_environment());
            configured(&mut harness, configuration());
            harness.pass(seconds(1));
            harness.serve_discovery_if_requested();
        }
        assert_eq!(requests, 1, "memory only: {memory_only}");
    }
}

#[test]
fn sign_in_in_browser_survives_configuration_round_trip() {
    for signed_out_before in [false, true] {
        let mut harness = Harness::fresh();
        if signed_out_before {
            harness.signs_in();
            harness.wants_to_sign_out();
        }
        harness.wants_to_sign_in();
        harness.serve_discovery_if_requested();
        harness.serve_jwks_if_requested();
        let link = harness.good_link();
        configured(&mut harness, other_environment());
        configured(&mut harness, configuration());
        assert!(
            matches!(
                harness.view(),
                SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. }
            ),
            "signed out before: {signed_out_before}, {:?}",
            harness.view()
        );
        harness.follows(&link);
        harness.serve_discovery_if_requested();
        assert_eq!(harness.requests_to("/oauth/token"), 1);
    }
}

#[test]
fn configuration_restored_reads_session_of_other_process() {
    for signed_out_before in [false, true] {
        let mut harness = Harness::fresh();
        if signed_out_before {
            harness.signs_in();
            harness.wants_to_sign_out();
        }
        let elsewhere = Harness::signed_in();
        configured(&mut harness, other_environment());
        harness
            .keychain
            .insert(RecordKind::Session, elsewhere.keychain[&RecordKind::Session].clone());
        // The record of a new sign-in, not of the ended session.
        let mut record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
        record.session = crate::fingerprint::SessionId::of_sign_in(
            &Secret::new("another nonce"),
            &Secret::new("another code"),
        );
        harness.keychain.insert(RecordKind::Session, record.encode().to_vec());
        configured(&mut harness, configuration());
        assert!(
            matches!(harness.view(), SessionView::SignedIn { .. }),
            "signed out before: {signed_out_before}, {:?}",
            harness.view()
        );
    }
}

#[test]
fn configuration_toggled_50_times_requests_lock_at_most_twice() {
    let mut harness = Harness::signed_in();
    harness.lock_held_elsewhere = true;
    harness.pass(seconds(310));
    harness.serve_discovery_if_requested();
    for _ in 0..50 {
        configured(&mut harness, other_environment());
        configured(&mut harness, configuration());
        harness.pass(seconds(1));
        harness.serve_discovery_if_requested();
    }
    assert!(harness.locks.len() <= 2, "{} requests for one lock wait", harness.locks.len());
}

#[test]
fn redirect_uri_change_during_code_exchange_keeps_session() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let tokens = harness.tokens();
    let mut changed = configuration();
    changed.redirect_uris = RedirectUris::with_scheme("com.example.other").unwrap();
    configured(&mut harness, changed);
    harness.gives(&tokens);
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }), "{:?}", harness.view());
}

#[test]
fn account_switch_does_not_release_expired_access_token() {
    let mut harness = Harness::signed_in();
    configured(&mut harness, pinned_to("org_1"));
    harness.signs_in();
    harness.until_refresh();
    harness.pass(seconds(120));
    wants_token(&mut harness, 1, None);
    harness.keychain_held = true;
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(harness.given.is_empty(), "the new tokens are not stored yet");
    configured(&mut harness, configuration());
    assert!(!matches!(harness.given[..], [(_, Ok(_))]), "an expired token is given");
}

#[test]
fn in_memory_session_survives_nine_other_accounts() {
    let mut harness = in_memory();
    for organization in ["o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8", "o9"] {
        configured(&mut harness, pinned_to(organization));
        harness.happens(Event::ContinueWithoutKeychain);
        harness.organization = organization;
        harness.signs_in();
        harness.wants_to_sign_out();
    }
    configured(&mut harness, configuration());
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }), "{:?}", harness.view());
}

#[test]
fn initiate_login_survives_change_back_of_configuration() {
    for signed_out_before in [false, true] {
        let mut harness = Harness::in_browser();
        harness.serve_jwks();
        harness.happens(Event::CancelSignIn);
        if signed_out_before {
            harness.signs_in();
            harness.wants_to_sign_out();
        }
        harness.keychain_failure = Some(KeychainError::Locked(String::new()));
        configured(&mut harness, pinned_to("org_1"));
        assert!(matches!(harness.view(), SessionView::KeychainUnavailable { .. }));
        let now = harness.now.wall.seconds();
        let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
            "connection_id": "conn_1", "organization_id": "org_1"});
        let token = OURS.sign(&claims);
        harness.follows(&format!(
            "io.latchkey.desktop://login?idp_initiated_login={}",
            token.expose()
        ));
        harness.keychain_failure = None;
        configured(&mut harness, configuration());
        harness.serve_discovery_if_requested();
        harness.serve_jwks_if_requested();
        let is_invited = matches!(harness.view(), SessionView::Invited { .. });
        assert!(is_invited, "signed out before: {signed_out_before}, {:?}", harness.view());
    }
}

#[test]
fn sign_in_is_not_resumed_if_browser_was_never_opened() {
    let mut harness = Harness::fresh();
    harness.wants_to_sign_in();
    let (operation, _) = harness.sent.pop().unwrap();
    let completed = Event::HttpCompleted(operation, Ok(json_response(200, &discovery())));
    // The keychain is slow, as one that prompts for a password.
    for effect in harness.machine.step(completed, harness.now) {
        if let Effect::Store(_, StorageKey { kind: RecordKind::SignIn, .. }, bytes) = effect {
            harness.keychain.insert(RecordKind::SignIn, bytes.to_vec());
        }
    }
    configured(&mut harness, other_environment());
    configured(&mut harness, configuration());
    harness.serve_discovery_if_requested();
    let waits = matches!(
        harness.view(),
        SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. }
    );
    assert!(!waits || !harness.opened.is_empty(), "{:?}, no browser was opened", harness.view());
}

#[test]
fn retry_after_of_a_left_account_is_not_shortened_by_focus() {
    let mut harness = Harness::refresh_in_flight();
    configured(&mut harness, other_environment());
    harness.respond("/oauth/token", status(429, Some("600")));
    configured(&mut harness, configuration());
    harness.pass(seconds(10));
    harness.happens(Event::UserReturned);
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 0, "{:?}", harness.refresh());
}
