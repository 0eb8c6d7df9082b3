//! Tests of a sign-in and its interruptions.

use std::time::Duration;

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    configuration::RedirectUris,
    problem::ProblemCode,
    protocol::{
        http_response::HttpError,
        signing::{OURS, THEIRS, json_response},
    },
    session::{Event, KeychainError, OpenBrowserError, SchemeHandler},
    storage::record::RecordKind,
    view::{SessionView, SignInIntent, SignInStep, SignedOutReason},
};

#[test]
fn authorization_code_flow_signs_in_and_shows_profile() {
    let mut harness = Harness::fresh();
    assert!(harness.is_signed_out(SignedOutReason::Fresh).is_none());
    harness.wants_to_sign_in();
    harness.is_at(SignInStep::Preparing);
    harness.serve_discovery();
    harness.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(harness.sent_parameter("code_challenge_method"), "S256");
    assert_eq!(harness.sent_parameter("redirect_uri"), "io.latchkey.desktop://callback");
    assert_eq!(harness.sent_parameter("scope"), "openid profile email offline_access");
    harness.serve_jwks();
    harness.comes_back();
    harness.is_at(SignInStep::Finishing);
    assert_eq!(harness.fronts, 1);
    assert!(harness.form().contains("code=c0de") && harness.form().contains("code_verifier="));
    let tokens = harness.tokens();
    harness.gives(&tokens);
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!() };
    assert_eq!(profile.email.as_deref(), Some("ada@analytical.example"));
    assert_eq!(profile.email_verified, Some(true));
    assert_eq!(profile.roles.as_deref().unwrap(), ["admin"]);
    assert_eq!(profile.permissions.as_deref().unwrap(), ["reports:read"]);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    assert!(!harness.keychain.contains_key(&RecordKind::SignIn), "the pending sign-in is used up");
}

#[test]
fn sign_up_sets_prompt_create() {
    let mut harness = Harness::fresh();
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request: SignInIntent::SignUp.into(), entropy });
    harness.serve_discovery();
    assert_eq!(harness.sent_parameter("prompt"), "create");
}

// req: M19
#[test]
fn sign_up_without_prompt_create_support_is_rejected() {
    let mut harness = Harness::fresh();
    let offered = |harness: &Harness| {
        let SessionView::SignedOut { offers_sign_up, .. } = harness.view() else { panic!() };
        *offers_sign_up
    };
    assert!(offered(&harness), "nothing is known yet");
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request: SignInIntent::SignUp.into(), entropy });
    let mut description = discovery();
    description["prompt_values_supported"] = json!(["login"]);
    harness.respond("/.well-known/openid-configuration", Ok(json_response(200, &description)));
    harness.sign_in_failed_with(ProblemCode::SignUpUnavailable);
    assert!(!offered(&harness) && harness.opened.is_empty());
    let harness = harness.restarted(seconds(5));
    assert!(!offered(&harness), "the description is stored");
}

#[test]
fn startup_sends_no_request_and_opens_no_browser() {
    let harness = Harness::fresh();
    assert!(harness.sent.is_empty() && harness.opened.is_empty());
}

fn has_hint(harness: &Harness) -> bool {
    let SessionView::SigningIn { unusable_callback, .. } = harness.view() else { panic!() };
    *unusable_callback
}

// req: M13
#[test]
fn callback_that_is_too_long_or_has_controls_sets_the_hint() {
    let long = "x".repeat(crate::protocol::query::MAX_LINK_LEN);
    for query in [long.as_str(), "error=nicht\terlaubt"] {
        let mut harness = Harness::in_browser();
        let state = harness.sent_parameter("state");
        harness.follows(&format!("io.latchkey.desktop://callback?state={state}&{query}"));
        assert!(has_hint(&harness), "{}", &query[..query.len().min(20)]);
        harness.serve_jwks();
        harness.finishes_in_the_browser();
        assert_eq!(harness.profile_name(), "Ada Lovelace");
    }
}

/// The `state` proves that it is the response, whatever its description was encoded with.
// req: M13
#[test]
fn callback_error_with_unencoded_description_ends_the_sign_in() {
    for text in ["nicht erlaubt", "verweigert \u{fc}", "ACME\\ada is not assigned"] {
        let mut harness = Harness::in_browser();
        let state = harness.sent_parameter("state");
        harness.follows(&format!(
            "io.latchkey.desktop://callback?state={state}&iss=https%3A%2F%2Facme.scalekit.com&error=access_denied&error_description={text}"
        ));
        let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
        assert_eq!(problem.detail, Some(format!("access_denied: {text}")));
    }
}

// req: M13
#[test]
fn callback_without_state_at_startup_sets_the_hint() {
    for configured_first in [false, true] {
        let harness = Harness::in_browser();
        let mut again = Harness::off(harness.keychain.clone());
        let link = "io.latchkey.desktop://callback?error=access_denied";
        if configured_first {
            again.keychain_failure = Some(KeychainError::Locked(String::new()));
            again.happens(Event::Configured(Some(configuration())));
            again.follows(link);
            again.keychain_failure = None;
            again.happens(Event::Retry);
        } else {
            again.follows(link);
            again.happens(Event::Configured(Some(configuration())));
        }
        assert!(has_hint(&again), "{configured_first}");
        again.is_at(SignInStep::WaitingForBrowser);
    }
}

// req: B5, M13, X16
#[test]
fn unmatched_callbacks_only_set_a_hint_once() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    let keychain = harness.keychain.clone();
    harness.follows("io.latchkey.desktop://signed-out?state=wrong");
    assert!(!has_hint(&harness), "it is the return of a sign-out");
    harness.follows("io.latchkey.desktop://callback?error=access_denied&error_description=no");
    assert!(has_hint(&harness));
    let views = harness.views.len();
    let state = harness.sent_parameter("state");
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
        harness.follows(&link);
    }
    assert_eq!((harness.views.len(), &harness.keychain, harness.fronts), (views, &keychain, 0));
    assert!(harness.sent.is_empty());
    harness.comes_back();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    assert!(!has_hint(&harness), "the browser is done");
}

#[test]
fn callback_without_pending_sign_in_changes_nothing() {
    for mut harness in [Harness::fresh(), Harness::signed_in()] {
        let views = harness.views.len();
        harness.follows("io.latchkey.desktop://callback?error=access_denied");
        harness.follows("io.latchkey.desktop://callback?code=x&state=wrong");
        assert_eq!((harness.views.len(), harness.fronts), (views, harness.fronts));
    }
}

// req: M14
#[test]
fn callback_with_odd_error_and_valid_state_ends_sign_in() {
    for (error, description) in [
        ("%C3%BCber", "Zugriff%20verweigert".to_owned()),
        (&*"x".repeat(65), "a%0d%0ab".to_owned()),
        ("access_denied", "x".repeat(9 * 1024)),
    ] {
        let mut harness = Harness::in_browser();
        let state = harness.sent_parameter("state");
        harness.follows(&format!(
            "io.latchkey.desktop://callback?error={error}&error_description={description}&state={state}&iss={ISSUER}"
        ));
        let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
        assert!(problem.detail.as_ref().unwrap().chars().count() <= 200);
    }
}

#[test]
fn callback_delivered_twice_sends_one_token_request() {
    let mut harness = Harness::in_browser();
    let link = harness.good_link();
    harness.follows(&link);
    harness.follows(&link);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn authorization_error_is_mapped_to_problem_code() {
    for (error, code) in [
        ("access_denied", ProblemCode::AccessDenied),
        ("server_error", ProblemCode::ServiceUnavailable),
        ("invalid_scope", ProblemCode::ApplicationSetup),
        ("connection_not_active", ProblemCode::ConnectionSetup),
        ("something_else", ProblemCode::SignInRefused),
    ] {
        let mut harness = Harness::in_browser();
        let state = harness.sent_parameter("state");
        harness.follows(&format!(
            "io.latchkey.desktop://callback?error={error}&state={state}&iss={ISSUER}"
        ));
        harness.sign_in_failed_with(code);
        assert!(!harness.keychain.contains_key(&RecordKind::SignIn));
    }
}

#[test]
fn callback_with_wrong_or_missing_iss_is_rejected() {
    for issuer in ["", "&iss=https://evil.example", "&iss=https://acme.scalekit.com/"] {
        let mut harness = Harness::in_browser();
        let state = harness.sent_parameter("state");
        harness.follows(&format!("io.latchkey.desktop://callback?code=c0de&state={state}{issuer}"));
        harness.sign_in_failed_with(ProblemCode::AnswerRejected);
        assert_eq!(harness.requests_to("/oauth/token"), 0);
    }
}

#[test]
fn cancelled_sign_in_leaves_sign_in_of_another_process_stored() {
    let mut harness = Harness::in_browser();
    let mut other = Harness::in_browser();
    other.wants_to_sign_in();
    let by_other = other.keychain[&RecordKind::SignIn].clone();
    harness.keychain.insert(RecordKind::SignIn, by_other.clone());
    harness.happens(Event::CancelSignIn);
    assert_eq!(harness.keychain.get(&RecordKind::SignIn), Some(&by_other));
    other.happens(Event::CancelSignIn);
    assert!(!other.keychain.contains_key(&RecordKind::SignIn), "its own one is deleted");
}

#[test]
fn cancelled_unstored_sign_in_deletes_the_earlier_one() {
    let mut harness = Harness::in_browser();
    harness.keychain_failure = Some(KeychainError::Failed("full".to_owned()));
    harness.wants_to_sign_in();
    harness.keychain_failure = None;
    harness.happens(Event::CancelSignIn);
    assert!(
        !harness.keychain.contains_key(&RecordKind::SignIn),
        "it would be resumed by a restart"
    );
}

#[test]
fn cancelled_sign_in_after_restart_deletes_the_resumed_one() {
    let mut harness = Harness::in_browser().restarted(Duration::from_secs(5));
    harness.is_at(SignInStep::WaitingForBrowser);
    harness.happens(Event::CancelSignIn);
    assert!(!harness.keychain.contains_key(&RecordKind::SignIn));
}

#[test]
fn callback_after_cancelled_sign_in_is_ignored() {
    let mut harness = Harness::in_browser();
    let link = harness.good_link();
    harness.happens(Event::CancelSignIn);
    harness.is_signed_out(SignedOutReason::Cancelled);
    harness.follows(&link);
    harness.is_signed_out(SignedOutReason::Cancelled);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

// req: A6
#[test]
fn sign_in_without_callback_times_out_after_600s() {
    let mut harness = Harness::in_browser();
    harness.pass(seconds(599));
    harness.is_at(SignInStep::WaitingForBrowser);
    let link = harness.good_link();
    harness.pass(seconds(1));
    harness.sign_in_failed_with(ProblemCode::SignInTimedOut);
    harness.follows(&link);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

#[test]
fn callback_after_sleep_reports_sign_in_timeout() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    let link = harness.good_link();
    harness.now.monotonic = harness.now.monotonic.after(seconds(600));
    harness.follows(&link);
    harness.sign_in_failed_with(ProblemCode::SignInTimedOut);
    assert_eq!((harness.fronts, harness.requests_to("/oauth/token")), (1, 0));
}

#[test]
fn metadata_older_than_1h_is_refetched_at_sign_in() {
    let mut harness = Harness::in_browser();
    for (later, requested) in [(3599, 0), (1, 1)] {
        harness.pass(seconds(later));
        harness.wants_to_sign_in();
        assert_eq!(harness.requests_to("/.well-known/openid-configuration"), requested);
    }
}

#[test]
fn metadata_over_32_kib_is_used_but_not_stored() {
    // 32 KiB, of which the other members take some hundred bytes.
    for (padding, stored) in [(0, true), (31_000, true), (32_768, false)] {
        let mut harness = Harness::fresh();
        harness.wants_to_sign_in();
        let mut description = discovery();
        description["padding"] = json!("x".repeat(padding));
        harness.respond("/.well-known/openid-configuration", Ok(json_response(200, &description)));
        harness.is_at(SignInStep::WaitingForBrowser);
        assert_eq!(harness.keychain.contains_key(&RecordKind::Endpoints), stored);
    }
}

// req: A6
#[test]
fn sign_in_started_twice_accepts_only_second_callback() {
    let mut harness = Harness::in_browser();
    let first = harness.good_link();
    harness.wants_to_sign_in();
    let second = harness.good_link();
    assert_ne!(first, second);
    harness.follows(&first);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    harness.follows(&second);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn browser_reopened_uses_same_authorization_request() {
    let mut harness = Harness::in_browser();
    harness.happens(Event::OpenBrowserAgain);
    let [(_, first), (_, second)] = &harness.opened[..] else { panic!() };
    assert_eq!(first, second);
    assert_eq!(harness.machine.sign_in_link().as_ref(), Some(first));
}

// req: B15
#[test]
fn deep_link_scheme_taken_is_reported_until_dismissed() {
    let mut harness = Harness::fresh();
    harness
        .happens(Event::SchemeHandlerChanged(SchemeHandler::Another("/usr/bin/other".to_owned())));
    let problem = harness.is_signed_out(SignedOutReason::Fresh).unwrap();
    assert_eq!(problem.code, ProblemCode::LinksTaken);
    assert_eq!(problem.detail.as_deref(), Some("/usr/bin/other"));
    harness.wants_to_sign_in();
    harness.serve_discovery();
    let SessionView::SigningIn { problem: Some(problem), .. } = harness.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::LinksTaken, "where it matters most");
    harness.serve_jwks();
    let link = harness.good_link();
    harness.follows(&link);
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace", "and a link that comes all the same counts");
    let mut harness = Harness::fresh();
    harness
        .happens(Event::SchemeHandlerChanged(SchemeHandler::Another("/usr/bin/other".to_owned())));
    harness.happens(Event::Dismiss);
    assert_eq!(harness.is_signed_out(SignedOutReason::Fresh), None);
}

// req: A7
#[test]
fn browser_open_failure_keeps_sign_in_link_available() {
    let mut harness = Harness::in_browser();
    let operation = harness.opened[0].0;
    harness
        .happens(Event::BrowserOpened(operation, Err(OpenBrowserError("no browser".to_owned()))));
    let SessionView::SigningIn { problem: Some(problem), .. } = harness.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::BrowserUnavailable);
    assert!(harness.machine.sign_in_link().is_some());
    harness.comes_back();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_that_starts_application_completes_sign_in() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let nonce = harness.sent_parameter("nonce");
    let mut harness = harness.restarted(seconds(0));
    harness.is_at(SignInStep::WaitingForBrowser);
    harness.follows(&link);
    harness.serve_discovery();
    let tokens = harness.tokens_of("usr_1", "rt-1", Some(&nonce), &OURS);
    harness.gives(&tokens);
    harness.serve_jwks();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

// req: B12
#[test]
fn callback_before_keychain_load_is_queued() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = Harness::off(harness.keychain.clone());
    let now = again.now;
    let loads = again.machine.step(Event::Configured(Some(configuration())), now);
    again.follows(&link);
    assert_eq!(again.fronts, 0);
    for effect in loads {
        if let crate::session::Effect::Load(operation, kind) = effect {
            let found = again.keychain.get(&kind.kind).cloned().map(zeroize::Zeroizing::new);
            again.happens(Event::Loaded(operation, Ok(found)));
        }
    }
    again.serve_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_before_configuration_is_queued() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = Harness::off(harness.keychain.clone());
    again.follows(&link);
    assert_eq!(again.view(), &SessionView::Starting, "nobody knows yet that nothing is configured");
    again.happens(Event::Configured(Some(configuration())));
    again.serve_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn callback_before_missing_configuration_is_discarded() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = Harness::off(harness.keychain.clone());
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
        [(15, 10, true), (16, 10, false), (100, crate::protocol::query::MAX_LINK_LEN + 1, true)]
    {
        let harness = Harness::in_browser();
        let link = harness.good_link();
        let mut again = Harness::off(harness.keychain);
        (0..others).for_each(|_| again.follows(&"x".repeat(length)));
        again.follows(&link);
        again.happens(Event::Configured(Some(configuration())));
        again.serve_discovery_if_requested();
        assert_eq!(again.requests_to("/oauth/token"), usize::from(waits), "{others} of {length}");
    }
}

#[test]
fn callback_while_keychain_is_locked_is_queued() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = Harness::off(harness.keychain.clone());
    again.keychain_failure = Some(KeychainError::Locked(String::new()));
    again.happens(Event::Configured(Some(configuration())));
    again.follows(&link);
    assert!(matches!(again.view(), SessionView::KeychainUnavailable { .. }));
    again.keychain_failure = None;
    again.happens(Event::Retry);
    again.serve_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

// req: A8
#[test]
fn sign_in_expired_at_restart_is_reported_on_callback() {
    let harness = Harness::in_browser().restarted(seconds(700));
    harness.is_signed_out(SignedOutReason::Fresh);
    assert!(!harness.keychain.contains_key(&RecordKind::SignIn));

    let harness = Harness::in_browser();
    let late = starts_late_with(&harness, &harness.good_link());
    late.sign_in_failed_with(ProblemCode::SignInTimedOut);
}

#[test]
fn sign_in_expired_at_restart_ignores_another_callback() {
    let harness = Harness::in_browser();
    let state = harness.sent_parameter("state");
    let late = starts_late_with(&harness, &harness.good_link().replace(&state, "guessed"));
    assert!(late.is_signed_out(SignedOutReason::Fresh).is_none());
    assert!(!late.keychain.contains_key(&RecordKind::SignIn));
}

/// Starts after the timeout of this sign-in; the link is received before the stored entries.
fn starts_late_with(harness: &Harness, link: &str) -> Harness {
    let mut late = Harness::off(harness.keychain.clone());
    late.pass(seconds(700));
    let now = late.now;
    let loads = late.machine.step(Event::Configured(Some(configuration())), now);
    late.follows(link);
    for effect in loads {
        if let crate::session::Effect::Load(operation, kind) = effect {
            late.account = Some(kind.account);
            let found = late.keychain.get(&kind.kind).cloned().map(zeroize::Zeroizing::new);
            late.happens(Event::Loaded(operation, Ok(found)));
        }
    }
    late
}

#[test]
fn sign_in_resumed_after_restart_times_out_after_600s() {
    let mut harness = Harness::in_browser().restarted(seconds(100));
    harness.pass(seconds(499));
    harness.is_at(SignInStep::WaitingForBrowser);
    harness.pass(seconds(1));
    harness.sign_in_failed_with(ProblemCode::SignInTimedOut);
}

/// Restarts during a sign-in with a clock that was set back.
fn in_browser_with_clock_set_back(milliseconds: i64) -> Harness {
    let harness = Harness::in_browser();
    let mut again = Harness::off(harness.keychain);
    again.now.wall.0 -= milliseconds;
    again.happens(Event::Configured(Some(configuration())));
    again
}

#[test]
fn pending_sign_in_120s_in_future_is_resumed() {
    in_browser_with_clock_set_back(120_000).is_at(SignInStep::WaitingForBrowser);
}

#[test]
fn pending_sign_in_121s_in_future_is_discarded() {
    let again = in_browser_with_clock_set_back(121_000);
    again.is_signed_out(SignedOutReason::Fresh);
    assert!(!again.keychain.contains_key(&RecordKind::SignIn));
}

#[test]
fn pending_sign_in_of_newer_version_is_preserved() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let harness = Harness::with_keychain([(RecordKind::SignIn, newer.clone())].into());
    assert!(harness.is_signed_out(SignedOutReason::Fresh).is_none());
    assert_eq!(harness.keychain.get(&RecordKind::SignIn), Some(&newer));
}

// req: X7
#[test]
fn sign_in_offline_is_reported_and_can_be_retried() {
    let mut harness = Harness::fresh();
    harness.wants_to_sign_in();
    harness.respond("/.well-known/openid-configuration", offline());
    harness.sign_in_failed_with(ProblemCode::Offline);
    harness.happens(Event::Dismiss);
    assert!(harness.is_signed_out(SignedOutReason::Fresh).is_none());
    harness.signs_in();
}

#[test]
fn code_exchange_error_stores_no_session() {
    let html = || {
        let mut response = json_response(200, &json!({}));
        response.content_type = Some("text/html".to_owned());
        Ok(response)
    };
    for (outcome, code) in [
        (refused("invalid_grant"), ProblemCode::SignInRefused),
        (status(503, None), ProblemCode::ServiceUnavailable),
        (interrupted(), ProblemCode::SignInOffline),
        (Err(HttpError::ProxySignIn), ProblemCode::ProxySignIn),
        (Err(HttpError::ProxyRejected), ProblemCode::ProxyRejected),
        (html(), ProblemCode::ServiceUnavailable),
        (Ok(json_response(200, &json!({"token_type": "Bearer"}))), ProblemCode::ServiceUnavailable),
    ] {
        let mut harness = Harness::in_browser();
        harness.comes_back();
        harness.respond("/oauth/token", outcome);
        harness.sign_in_failed_with(code);
        assert!(!harness.keychain.keys().any(|kind| kind.is_secret()));
    }
}

#[test]
fn sign_in_with_wrong_nonce_is_rejected() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let tokens = harness.tokens_of("usr_1", "rt-1", Some("another nonce"), &OURS);
    harness.gives(&tokens);
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert!(!harness.keychain.keys().any(|kind| kind.is_secret()));
}

#[test]
fn jwks_refetch_for_unknown_kid_completes_sign_in() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back_signed_with_unknown_kid();
    harness.is_at(SignInStep::Finishing);
    harness.serve_rotated_jwks();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn unknown_kid_after_jwks_refetch_is_rejected() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back_signed_with_unknown_kid();
    harness.serve_jwks();
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert_eq!(harness.requests_to("/keys"), 0);
}

#[test]
fn sign_in_after_one_with_an_unknown_kid_refetches_jwks_at_once() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back_signed_with_unknown_kid();
    // A cache still has the keys from before the rotation.
    harness.serve_jwks();
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);

    harness.wants_to_sign_in();
    harness.comes_back_signed_with_unknown_kid();
    harness.serve_rotated_jwks();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn jwks_fetched_late_without_kid_is_not_refetched() {
    let mut harness = Harness::in_browser();
    harness.respond("/keys", status(503, None));
    harness.comes_back_signed_with_unknown_kid();
    harness.serve_jwks();
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert_eq!(harness.requests_to("/keys"), 0);
}

// req: G4, X11
#[test]
fn jwks_is_fetched_once_for_1000_unknown_kids() {
    let mut harness = Harness::signed_in();
    let mut requested = 0;
    for _ in 0..1000 {
        harness.happens(Event::Refresh);
        let tokens = harness.tokens_of("usr_1", "rt-2", None, &THEIRS);
        harness.gives(&tokens);
        if harness.requests_to("/keys") > 0 {
            requested += 1;
            harness.serve_jwks();
        }
        harness.pass(Duration::from_millis(50));
    }
    assert_eq!(requested, 1);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

// req: G7
#[test]
fn jwks_key_withdrawn_is_rejected_after_10_minutes() {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_out();
    for (later, trusted) in [(290, true), (310, false)] {
        harness.pass(seconds(later));
        harness.wants_to_sign_in();
        harness.serve_discovery_if_requested();
        if harness.requests_to("/keys") > 0 {
            harness.respond("/keys", Ok(json_response(200, &json!({ "keys": [THEIRS.jwk()] }))));
        }
        harness.comes_back();
        let tokens = harness.tokens();
        harness.gives(&tokens);
        if trusted {
            assert_eq!(harness.profile_name(), "Ada Lovelace");
            harness.wants_to_sign_out();
        } else {
            harness.respond("/keys", Ok(json_response(200, &json!({ "keys": [THEIRS.jwk()] }))));
            harness.sign_in_failed_with(ProblemCode::AnswerRejected);
        }
    }
}

// req: E13, X22
#[test]
fn sign_in_replaces_session_only_when_complete() {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_in();
    harness.is_at(SignInStep::WaitingForBrowser);
    harness.happens(Event::CancelSignIn);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));

    harness.wants_to_sign_in();
    harness.comes_back();
    let tokens = harness.tokens_of("usr_2", "rt-2", Some(&harness.sent_parameter("nonce")), &OURS);
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn sign_in_with_locked_keychain_is_saved_later() {
    let mut harness = Harness::fresh();
    harness.keychain_failure = Some(KeychainError::Locked("locked".to_owned()));
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.comes_back();
    let tokens = harness.tokens();
    harness.gives(&tokens);
    let SessionView::SignedIn { problem: Some(problem), .. } = harness.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::NotSaved);
    harness.keychain_failure = None;
    harness.pass(seconds(2));
    let SessionView::SignedIn { problem: None, .. } = harness.view() else { panic!() };
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
}

#[test]
fn sign_in_without_configuration_is_ignored() {
    let mut harness = Harness::off(std::collections::HashMap::new());
    harness.happens(Event::Configured(None));
    assert_eq!(harness.view(), &SessionView::NotConfigured);
    harness.wants_to_sign_in();
    harness.follows("io.latchkey.desktop://callback?code=x&state=y");
    assert_eq!(harness.view(), &SessionView::NotConfigured);
    assert!(harness.sent.is_empty());
}

#[test]
fn pending_sign_in_of_other_redirect_uri_is_discarded() {
    let harness = Harness::in_browser();
    let mut again = Harness::off(harness.keychain);
    let mut changed = configuration();
    changed.redirect_uris = RedirectUris::with_scheme("com.example.other").unwrap();
    configured(&mut again, changed);
    again.is_signed_out(SignedOutReason::Fresh);
    assert!(!again.keychain.contains_key(&RecordKind::SignIn));
}

/// "Try again" does not help a user of a deactivated or misregistered application.
#[test]
fn code_exchange_rejection_is_about_the_registration() {
    let mut wrong = Vec::new();
    for (code, error) in [
        (401, "invalid_client"),
        (400, "unauthorized_client"),
        (400, "invalid_request"),
        (400, "unsupported_grant_type"),
        (400, "application_not_active"),
        (400, "user_not_active"),
    ] {
        let mut harness = Harness::in_browser();
        harness.serve_jwks();
        harness.comes_back();
        harness.respond("/oauth/token", Ok(json_response(code, &json!({"error": error}))));
        let SessionView::SignedOut { problem, .. } = harness.view() else { panic!() };
        let shown = problem.as_ref().unwrap().code;
        let expected = if error == "user_not_active" {
            ProblemCode::AccountNotAllowed
        } else {
            ProblemCode::ApplicationSetup
        };
        if shown != expected {
            wrong.push((error, shown));
        }
    }
    assert_eq!(wrong, []);
}
