//! Signing in, and everything that can come between.

use std::time::Duration;

use serde_json::json;

use super::desk::*;
use crate::{
    configuration::RedirectUris,
    machine::{Event, KeychainError, SchemeHandler},
    problem::ProblemCode,
    record::RecordKind,
    signing::{OURS, THEIRS, json_answer},
    view::{SessionView, SignInIntent, SignInStep, SignedOutReason},
};

#[test]
fn authorization_code_flow_signs_in_and_shows_profile() {
    let mut desk = Desk::fresh();
    assert!(desk.is_signed_out(SignedOutReason::Fresh).is_none());
    desk.wants_to_sign_in();
    desk.is_at(SignInStep::Preparing);
    desk.answer_discovery();
    desk.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(desk.asked("code_challenge_method"), "S256");
    assert_eq!(desk.asked("redirect_uri"), "io.latchkey.desktop://callback");
    assert_eq!(desk.asked("scope"), "openid profile email offline_access");
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    desk.is_at(SignInStep::Finishing);
    assert_eq!(desk.fronts, 1);
    assert!(desk.form().contains("code=c0de") && desk.form().contains("code_verifier="));
    let tokens = desk.tokens();
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let SessionView::SignedIn { profile, .. } = desk.view() else { panic!() };
    assert_eq!(profile.email.as_deref(), Some("ada@analytical.example"));
    assert_eq!(profile.email_verified, Some(true));
    assert_eq!(profile.roles.as_deref().unwrap(), ["admin"]);
    assert_eq!(profile.permissions.as_deref().unwrap(), ["reports:read"]);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    assert!(!desk.keychain.contains_key(&RecordKind::SignIn), "the pending sign-in is used up");
}

#[test]
fn sign_up_sets_prompt_create() {
    let mut desk = Desk::fresh();
    let entropy = desk.entropy();
    desk.happens(Event::SignIn { intent: SignInIntent::SignUp, entropy });
    desk.answer_discovery();
    assert_eq!(desk.asked("prompt"), "create");
}

#[test]
fn sign_up_without_prompt_create_support_is_rejected() {
    let mut desk = Desk::fresh();
    let offered = |desk: &Desk| {
        let SessionView::SignedOut { offers_sign_up, .. } = desk.view() else { panic!() };
        *offers_sign_up
    };
    assert!(offered(&desk), "nobody has told yet");
    let entropy = desk.entropy();
    desk.happens(Event::SignIn { intent: SignInIntent::SignUp, entropy });
    let mut description = discovery();
    description["prompt_values_supported"] = json!(["login"]);
    desk.answer("/.well-known/openid-configuration", Ok(json_answer(200, &description)));
    desk.sign_in_failed_with(ProblemCode::SignUpUnavailable);
    assert!(!offered(&desk) && desk.opened.is_empty());
    let desk = desk.restarted(seconds(5));
    assert!(!offered(&desk), "the description is kept");
}

#[test]
fn startup_sends_no_request_and_opens_no_browser() {
    let desk = Desk::fresh();
    assert!(desk.sent.is_empty() && desk.opened.is_empty());
}

#[test]
fn unmatched_callbacks_only_set_a_hint_once() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let keychain = desk.keychain.clone();
    let has_hint = |desk: &Desk| {
        let SessionView::SigningIn { unusable_callback, .. } = desk.view() else { panic!() };
        *unusable_callback
    };
    desk.follows("io.latchkey.desktop://signed-out?state=wrong");
    desk.follows("io.latchkey.desktop://login?error=access_denied");
    assert!(!has_hint(&desk), "neither is a callback");
    desk.follows("io.latchkey.desktop://callback?error=access_denied&error_description=no");
    assert!(has_hint(&desk));
    let views = desk.views.len();
    let state = desk.asked("state");
    for link in [
        "io.latchkey.desktop://callback?code=x&state=wrong".to_owned(),
        "io.latchkey.desktop://callback?error=access_denied&state=wrong".to_owned(),
        "io.latchkey.desktop://callback?code=x".to_owned(),
        format!("io.latchkey.desktop://elsewhere?code=x&state={state}"),
        format!("io.latchkey.desktop://callback?code=x&state={state}&state={state}"),
        format!("io.latchkey.desktop://callback?code=x&state={}", &state[1..]),
        "io.latchkey.desktop://signed-out?state=wrong".to_owned(),
        "\u{0}".repeat(100),
        String::new(),
    ] {
        desk.follows(&link);
    }
    assert_eq!((desk.views.len(), &desk.keychain, desk.fronts), (views, &keychain, 0));
    assert!(desk.sent.is_empty());
    let link = desk.good_link();
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
    assert!(!has_hint(&desk), "the browser is done");
}

#[test]
fn callback_without_pending_sign_in_changes_nothing() {
    for mut desk in [Desk::fresh(), {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk
    }] {
        let views = desk.views.len();
        desk.follows("io.latchkey.desktop://callback?error=access_denied");
        desk.follows("io.latchkey.desktop://callback?code=x&state=wrong");
        assert_eq!((desk.views.len(), desk.fronts), (views, desk.fronts));
    }
}

#[test]
fn callback_with_odd_error_and_valid_state_ends_sign_in() {
    for (error, description) in [
        ("%C3%BCber", "Zugriff%20verweigert".to_owned()),
        (&*"x".repeat(65), "a%0d%0ab".to_owned()),
        ("access_denied", "x".repeat(9 * 1024)),
    ] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        let state = desk.asked("state");
        desk.follows(&format!(
            "io.latchkey.desktop://callback?error={error}&error_description={description}&state={state}&iss={ISSUER}"
        ));
        let problem = desk.is_signed_out(SignedOutReason::SignInFailed).unwrap();
        assert!(problem.detail.as_ref().unwrap().chars().count() <= 200);
    }
}

#[test]
fn callback_delivered_twice_sends_one_token_request() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    desk.follows(&link);
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn authorization_error_is_mapped_to_problem_code() {
    for (error, code) in [
        ("access_denied", ProblemCode::AccessDenied),
        ("server_error", ProblemCode::ServiceTrouble),
        ("invalid_scope", ProblemCode::ApplicationSetup),
        ("connection_not_active", ProblemCode::ConnectionSetup),
        ("something_else", ProblemCode::SignInRefused),
    ] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        let state = desk.asked("state");
        desk.follows(&format!(
            "io.latchkey.desktop://callback?error={error}&state={state}&iss={ISSUER}"
        ));
        desk.sign_in_failed_with(code);
        assert!(!desk.keychain.contains_key(&RecordKind::SignIn));
    }
}

#[test]
fn callback_with_wrong_or_missing_iss_is_rejected() {
    for issuer in ["", "&iss=https://evil.example", "&iss=https://acme.scalekit.com/"] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        let state = desk.asked("state");
        desk.follows(&format!("io.latchkey.desktop://callback?code=c0de&state={state}{issuer}"));
        desk.sign_in_failed_with(ProblemCode::AnswerRejected);
        assert_eq!(desk.requests_to("/oauth/token"), 0);
    }
}

#[test]
fn callback_after_cancelled_sign_in_is_ignored() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    desk.happens(Event::CancelSignIn);
    desk.is_signed_out(SignedOutReason::Cancelled);
    desk.follows(&link);
    desk.is_signed_out(SignedOutReason::Cancelled);
    assert_eq!(desk.requests_to("/oauth/token"), 0);
}

#[test]
fn sign_in_without_callback_times_out_after_600s() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.pass(seconds(599));
    desk.is_at(SignInStep::WaitingForBrowser);
    let link = desk.good_link();
    desk.pass(seconds(1));
    desk.sign_in_failed_with(ProblemCode::SignInTimedOut);
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 0);
}

#[test]
fn callback_after_sleep_reports_sign_in_timeout() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.now.monotonic = desk.now.monotonic.after(seconds(600));
    desk.follows(&link);
    desk.sign_in_failed_with(ProblemCode::SignInTimedOut);
    assert_eq!((desk.fronts, desk.requests_to("/oauth/token")), (1, 0));
}

#[test]
fn metadata_older_than_1h_is_refetched_at_sign_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    for (later, asked) in [(3599, 0), (1, 1)] {
        desk.pass(seconds(later));
        desk.wants_to_sign_in();
        assert_eq!(desk.requests_to("/.well-known/openid-configuration"), asked);
    }
}

#[test]
fn metadata_over_32_kib_is_used_but_not_stored() {
    // 32 KiB, in which the other members take some hundreds.
    for (padding, kept) in [(0, true), (31_000, true), (32_768, false)] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        let mut description = discovery();
        description["padding"] = json!("x".repeat(padding));
        desk.answer("/.well-known/openid-configuration", Ok(json_answer(200, &description)));
        desk.is_at(SignInStep::WaitingForBrowser);
        assert_eq!(desk.keychain.contains_key(&RecordKind::Endpoints), kept);
    }
}

#[test]
fn sign_in_started_twice_accepts_only_second_callback() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let first = desk.good_link();
    desk.wants_to_sign_in();
    let second = desk.good_link();
    assert_ne!(first, second);
    desk.follows(&first);
    assert_eq!(desk.requests_to("/oauth/token"), 0);
    desk.follows(&second);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn browser_reopened_uses_same_authorization_request() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.happens(Event::OpenBrowserAgain);
    let [(_, first), (_, second)] = &desk.opened[..] else { panic!() };
    assert_eq!(first, second);
    assert_eq!(desk.machine.sign_in_link().as_ref(), Some(first));
}

#[test]
fn deep_link_scheme_taken_is_reported_until_dismissed() {
    let mut desk = Desk::fresh();
    desk.happens(Event::SchemeHandlerChanged(SchemeHandler::Another("/usr/bin/other".to_owned())));
    let problem = desk.is_signed_out(SignedOutReason::Fresh).unwrap();
    assert_eq!(problem.code, ProblemCode::LinksTaken);
    assert_eq!(problem.detail.as_deref(), Some("/usr/bin/other"));
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let SessionView::SigningIn { problem: Some(problem), .. } = desk.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::LinksTaken, "where it matters most");
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.profile_name(), "Ada Lovelace", "and a link that comes all the same counts");
    let mut desk = Desk::fresh();
    desk.happens(Event::SchemeHandlerChanged(SchemeHandler::Another("/usr/bin/other".to_owned())));
    desk.happens(Event::Dismiss);
    assert_eq!(desk.is_signed_out(SignedOutReason::Fresh), None);
}

#[test]
fn browser_open_failure_keeps_sign_in_link_available() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let operation = desk.opened[0].0;
    desk.happens(Event::BrowserOpened(operation, Err("no browser".to_owned())));
    let SessionView::SigningIn { problem: Some(problem), .. } = desk.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::BrowserUnavailable);
    assert!(desk.machine.sign_in_link().is_some());
    let link = desk.good_link();
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_that_starts_application_completes_sign_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let nonce = desk.asked("nonce");
    let mut desk = desk.restarted(seconds(0));
    desk.is_at(SignInStep::WaitingForBrowser);
    desk.follows(&link);
    desk.answer_discovery();
    let tokens = desk.tokens_of("usr_1", "rt-1", Some(&nonce), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn callback_before_keychain_load_is_queued() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    let now = again.now;
    let loads = again.machine.step(Event::Configured(Some(configuration())), now);
    again.follows(&link);
    assert_eq!(again.fronts, 0);
    for effect in loads {
        if let crate::machine::Effect::Load(operation, kind) = effect {
            let found = again.keychain.get(&kind.kind).cloned().map(zeroize::Zeroizing::new);
            again.happens(Event::Loaded(operation, Ok(found)));
        }
    }
    again.answer_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_before_configuration_is_queued() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.follows(&link);
    assert_eq!(again.view(), &SessionView::Starting, "nobody knows yet that nothing is configured");
    again.happens(Event::Configured(Some(configuration())));
    again.answer_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_before_missing_configuration_is_discarded() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.follows(&link);
    again.happens(Event::Configured(None));
    assert_eq!(again.view(), &SessionView::NotConfigured);
    again.happens(Event::Configured(Some(configuration())));
    again.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(again.fronts, 0);
}

#[test]
fn deep_link_queue_holds_16_and_skips_oversized() {
    for (others, length, waits) in
        [(15, 10, true), (16, 10, false), (100, crate::authorization_response::LONGEST + 1, true)]
    {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        let link = desk.good_link();
        let mut again = Desk::off(desk.keychain);
        (0..others).for_each(|_| again.follows(&"x".repeat(length)));
        again.follows(&link);
        again.happens(Event::Configured(Some(configuration())));
        again.answer_discovery_if_asked();
        assert_eq!(again.requests_to("/oauth/token"), usize::from(waits), "{others} of {length}");
    }
}

#[test]
fn callback_while_keychain_is_locked_is_queued() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.keychain_failure = Some(KeychainError::Locked(String::new()));
    again.happens(Event::Configured(Some(configuration())));
    again.follows(&link);
    assert!(matches!(again.view(), SessionView::KeychainUnavailable { .. }));
    again.keychain_failure = None;
    again.happens(Event::Retry);
    again.answer_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn sign_in_expired_at_restart_is_reported_on_callback() {
    let begin = || {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        desk
    };
    let desk = begin().restarted(seconds(700));
    desk.is_signed_out(SignedOutReason::Fresh);
    assert!(!desk.keychain.contains_key(&RecordKind::SignIn));

    let desk = begin();
    let link = desk.good_link();
    let mut late = Desk::off(desk.keychain.clone());
    late.pass(seconds(700));
    let now = late.now;
    let loads = late.machine.step(Event::Configured(Some(configuration())), now);
    late.follows(&link);
    for effect in loads {
        if let crate::machine::Effect::Load(operation, kind) = effect {
            let found = late.keychain.get(&kind.kind).cloned().map(zeroize::Zeroizing::new);
            late.happens(Event::Loaded(operation, Ok(found)));
        }
    }
    late.sign_in_failed_with(ProblemCode::SignInTimedOut);
}

#[test]
fn pending_sign_in_121s_in_future_is_discarded() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut again = Desk::off(desk.keychain);
    again.now.wall.0 -= 121_000;
    again.happens(Event::Configured(Some(configuration())));
    again.is_signed_out(SignedOutReason::Fresh);
    assert!(!again.keychain.contains_key(&RecordKind::SignIn));
}

#[test]
fn pending_sign_in_of_newer_version_is_preserved() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let desk = Desk::with_keychain([(RecordKind::SignIn, newer.clone())].into());
    assert!(desk.is_signed_out(SignedOutReason::Fresh).is_none());
    assert_eq!(desk.keychain.get(&RecordKind::SignIn), Some(&newer));
}

#[test]
fn sign_in_offline_is_reported_and_can_be_retried() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer("/.well-known/openid-configuration", offline());
    desk.sign_in_failed_with(ProblemCode::Offline);
    desk.happens(Event::Dismiss);
    assert!(desk.is_signed_out(SignedOutReason::Fresh).is_none());
    desk.signs_in();
}

#[test]
fn code_exchange_error_stores_no_session() {
    let html = || {
        let mut answer = json_answer(200, &json!({}));
        answer.content_type = Some("text/html".to_owned());
        Ok(answer)
    };
    for (outcome, code) in [
        (refused("invalid_grant"), ProblemCode::SignInRefused),
        (status(503, None), ProblemCode::ServiceTrouble),
        (interrupted(), ProblemCode::Offline),
        (html(), ProblemCode::ServiceTrouble),
        (Ok(json_answer(200, &json!({"token_type": "Bearer"}))), ProblemCode::ServiceTrouble),
    ] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        let link = desk.good_link();
        desk.follows(&link);
        desk.answer("/oauth/token", outcome);
        desk.sign_in_failed_with(code);
        assert!(!desk.keychain.keys().any(|kind| kind.is_secret()));
    }
}

#[test]
fn sign_in_with_wrong_nonce_is_rejected() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_1", "rt-1", Some("another nonce"), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert!(!desk.keychain.keys().any(|kind| kind.is_secret()));
}

#[test]
fn jwks_refetch_for_unknown_kid_completes_sign_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_1", "rt-1", Some(&desk.asked("nonce")), &THEIRS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.is_at(SignInStep::Finishing);
    desk.answer("/keys", Ok(json_answer(200, &json!({ "keys": [OURS.jwk(), THEIRS.jwk()] }))));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn unknown_kid_after_jwks_refetch_is_rejected() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_1", "rt-1", Some(&desk.asked("nonce")), &THEIRS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys();
    desk.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert_eq!(desk.requests_to("/keys"), 0);
}

#[test]
fn jwks_fetched_late_without_kid_is_not_refetched() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer("/keys", status(503, None));
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_1", "rt-1", Some(&desk.asked("nonce")), &THEIRS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys();
    desk.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert_eq!(desk.requests_to("/keys"), 0);
}

#[test]
fn jwks_is_fetched_once_for_1000_unknown_kids() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut asked = 0;
    for _ in 0..1000 {
        desk.happens(Event::Refresh);
        let tokens = desk.tokens_of("usr_1", "rt-2", None, &THEIRS);
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        if desk.requests_to("/keys") > 0 {
            asked += 1;
            desk.answer_keys();
        }
        desk.pass(Duration::from_millis(50));
    }
    assert_eq!(asked, 1);
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn jwks_key_withdrawn_is_rejected_after_10_minutes() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.wants_to_sign_out();
    for (later, trusted) in [(590, true), (20, false)] {
        desk.pass(seconds(later));
        desk.wants_to_sign_in();
        desk.answer_discovery_if_asked();
        if desk.requests_to("/keys") > 0 {
            desk.answer("/keys", Ok(json_answer(200, &json!({ "keys": [THEIRS.jwk()] }))));
        }
        let link = desk.good_link();
        desk.follows(&link);
        let tokens = desk.tokens();
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        if trusted {
            assert_eq!(desk.profile_name(), "Ada Lovelace");
            desk.wants_to_sign_out();
        } else {
            desk.answer("/keys", Ok(json_answer(200, &json!({ "keys": [THEIRS.jwk()] }))));
            desk.sign_in_failed_with(ProblemCode::AnswerRejected);
        }
    }
}

#[test]
fn sign_in_replaces_session_only_when_complete() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.wants_to_sign_in();
    desk.is_at(SignInStep::WaitingForBrowser);
    desk.happens(Event::CancelSignIn);
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));

    desk.wants_to_sign_in();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_2", "rt-2", Some(&desk.asked("nonce")), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn sign_in_with_locked_keychain_is_saved_later() {
    let mut desk = Desk::fresh();
    desk.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let SessionView::SignedIn { problem: Some(problem), .. } = desk.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::NotSaved);
    desk.keychain_failure = None;
    desk.pass(seconds(2));
    let SessionView::SignedIn { problem: None, .. } = desk.view() else { panic!() };
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
}

#[test]
fn sign_in_without_configuration_is_ignored() {
    let mut desk = Desk::off(std::collections::HashMap::new());
    desk.happens(Event::Configured(None));
    assert_eq!(desk.view(), &SessionView::NotConfigured);
    desk.wants_to_sign_in();
    desk.follows("io.latchkey.desktop://callback?code=x&state=y");
    assert_eq!(desk.view(), &SessionView::NotConfigured);
    assert!(desk.sent.is_empty());
}

#[test]
fn pending_sign_in_of_other_redirect_uri_is_discarded() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut again = Desk::off(desk.keychain);
    let mut changed = configuration();
    changed.redirect_uris = RedirectUris::with_scheme("com.example.other").unwrap();
    configured(&mut again, changed);
    again.is_signed_out(SignedOutReason::Fresh);
    assert!(!again.keychain.contains_key(&RecordKind::SignIn));
}
