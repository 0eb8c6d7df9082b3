//! Signing in, and everything that can come between.

use std::time::Duration;

use serde_json::json;

use super::desk::*;
use crate::{
    configuration::ReturnAddresses,
    machine::{Event, KeychainFailure, LinkHandler},
    problem::ProblemCode,
    record::Slot,
    signing::{OURS, THEIRS, json_answer},
    view::{SessionView, SignInIntent, SignInStep, SignedOutReason},
};

#[test]
fn a_person_signs_in_and_is_shown_who_they_are() {
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
    assert!(!desk.keychain.contains_key(&Slot::SignIn), "the pending sign-in is used up");
}

#[test]
fn a_sign_up_opens_the_page_for_new_accounts() {
    let mut desk = Desk::fresh();
    let entropy = desk.entropy();
    desk.happens(Event::SignIn { intent: SignInIntent::SignUp, entropy });
    desk.answer_discovery();
    assert_eq!(desk.asked("prompt"), "create");
}

#[test]
fn sign_up_where_the_environment_offers_none_is_said_before_the_browser_opens() {
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
fn nothing_is_sent_before_the_person_asks() {
    let desk = Desk::fresh();
    assert!(desk.sent.is_empty() && desk.opened.is_empty());
}

#[test]
fn a_link_that_does_not_match_changes_nothing_but_a_hint_that_is_given_once() {
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
fn callback_of_no_use_where_nobody_waits_for_one_changes_nothing() {
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
fn callback_whose_state_is_right_ends_the_attempt_however_odd_its_error_is() {
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
fn the_same_callback_twice_gives_one_token_request() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    desk.follows(&link);
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn a_refusal_in_the_browser_is_said_in_plain_words() {
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
        assert!(!desk.keychain.contains_key(&Slot::SignIn));
    }
}

#[test]
fn an_answer_from_another_issuer_or_from_none_is_refused() {
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
fn a_cancelled_sign_in_ignores_its_late_callback() {
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
fn a_sign_in_that_waits_too_long_is_given_up() {
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
fn a_callback_that_wakes_the_computer_too_late_is_no_sign_in_and_says_so() {
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
fn endpoints_are_asked_for_again_when_they_are_an_hour_old() {
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
fn endpoints_are_kept_unless_their_description_is_of_no_usual_size() {
    // 32 KiB, in which the other members take some hundreds.
    for (padding, kept) in [(0, true), (31_000, true), (32_768, false)] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        let mut description = discovery();
        description["padding"] = json!("x".repeat(padding));
        desk.answer("/.well-known/openid-configuration", Ok(json_answer(200, &description)));
        desk.is_at(SignInStep::WaitingForBrowser);
        assert_eq!(desk.keychain.contains_key(&Slot::Endpoints), kept);
    }
}

#[test]
fn a_second_sign_in_takes_the_place_of_the_first() {
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
fn the_browser_can_be_opened_again_with_the_same_request() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.happens(Event::OpenBrowserAgain);
    let [(_, first), (_, second)] = &desk.opened[..] else { panic!() };
    assert_eq!(first, second);
    assert_eq!(desk.machine.sign_in_link().as_ref(), Some(first));
}

#[test]
fn that_another_program_has_taken_the_links_is_said_until_it_has_been_read() {
    let mut desk = Desk::fresh();
    desk.happens(Event::LinksGoTo(LinkHandler::Another("/usr/bin/other".to_owned())));
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
    desk.happens(Event::LinksGoTo(LinkHandler::Another("/usr/bin/other".to_owned())));
    desk.happens(Event::Dismiss);
    assert_eq!(desk.is_signed_out(SignedOutReason::Fresh), None);
}

#[test]
fn without_a_browser_the_link_can_still_be_copied() {
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
fn a_callback_that_starts_the_program_finishes_the_sign_in() {
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
fn a_callback_that_comes_before_the_keychain_was_read_waits_for_it() {
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
        if let crate::machine::Effect::Load(operation, slot) = effect {
            let found = again.keychain.get(&slot.slot).cloned().map(zeroize::Zeroizing::new);
            again.happens(Event::Loaded(operation, Ok(found)));
        }
    }
    again.answer_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn a_callback_that_comes_before_the_settings_are_known_waits_for_them() {
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
fn a_callback_that_comes_before_it_is_known_that_there_are_no_settings_is_forgotten() {
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
fn few_links_wait_for_the_keychain_and_none_that_is_longer_than_links_are() {
    for (others, length, waits) in
        [(15, 10, true), (16, 10, false), (100, crate::callback::LONGEST + 1, true)]
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
fn a_callback_that_comes_while_the_keychain_is_locked_waits_until_it_is_unlocked() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    again.happens(Event::Configured(Some(configuration())));
    again.follows(&link);
    assert!(matches!(again.view(), SessionView::KeychainUnavailable { .. }));
    again.keychain_failure = None;
    again.happens(Event::Retry);
    again.answer_discovery();
    assert_eq!(again.requests_to("/oauth/token"), 1);
}

#[test]
fn a_restart_after_the_waiting_time_says_so_only_to_whom_came_back() {
    let begin = || {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        desk
    };
    let desk = begin().restarted(seconds(700));
    desk.is_signed_out(SignedOutReason::Fresh);
    assert!(!desk.keychain.contains_key(&Slot::SignIn));

    let desk = begin();
    let link = desk.good_link();
    let mut late = Desk::off(desk.keychain.clone());
    late.pass(seconds(700));
    let now = late.now;
    let loads = late.machine.step(Event::Configured(Some(configuration())), now);
    late.follows(&link);
    for effect in loads {
        if let crate::machine::Effect::Load(operation, slot) = effect {
            let found = late.keychain.get(&slot.slot).cloned().map(zeroize::Zeroizing::new);
            late.happens(Event::Loaded(operation, Ok(found)));
        }
    }
    late.sign_in_failed_with(ProblemCode::SignInTimedOut);
}

#[test]
fn a_sign_in_that_began_in_the_future_is_forgotten() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut again = Desk::off(desk.keychain);
    again.now.wall.0 -= 121_000;
    again.happens(Event::Configured(Some(configuration())));
    again.is_signed_out(SignedOutReason::Fresh);
    assert!(!again.keychain.contains_key(&Slot::SignIn));
}

#[test]
fn a_sign_in_that_a_newer_version_has_begun_is_left_to_it() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let desk = Desk::with_keychain([(Slot::SignIn, newer.clone())].into());
    assert!(desk.is_signed_out(SignedOutReason::Fresh).is_none());
    assert_eq!(desk.keychain.get(&Slot::SignIn), Some(&newer));
}

#[test]
fn without_a_network_the_sign_in_fails_with_the_way_on() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer("/.well-known/openid-configuration", offline());
    desk.sign_in_failed_with(ProblemCode::Offline);
    desk.happens(Event::Dismiss);
    assert!(desk.is_signed_out(SignedOutReason::Fresh).is_none());
    desk.signs_in();
}

#[test]
fn a_refused_or_broken_code_exchange_signs_nobody_in() {
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
        assert!(!desk.keychain.keys().any(|slot| slot.is_secret()));
    }
}

#[test]
fn tokens_that_fail_verification_sign_nobody_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_1", "rt-1", Some("another nonce"), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert!(!desk.keychain.keys().any(|slot| slot.is_secret()));
}

#[test]
fn a_new_signing_key_is_fetched_once() {
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
fn a_key_that_stays_unknown_is_not_asked_for_again_and_again() {
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
fn keys_that_are_fetched_late_and_lack_the_signing_key_are_not_fetched_a_third_time() {
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
fn a_thousand_unknown_keys_in_a_minute_ask_for_the_keys_once() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut asked = 0;
    for _ in 0..1000 {
        desk.happens(Event::Renew);
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
fn a_key_that_was_withdrawn_is_not_trusted_ten_minutes_later() {
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
fn a_sign_in_beside_a_session_replaces_it_only_when_it_is_complete() {
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
fn a_sign_in_goes_on_although_the_pending_one_cannot_be_saved() {
    let mut desk = Desk::fresh();
    desk.keychain_failure = Some(KeychainFailure::Locked("locked".to_owned()));
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
fn without_a_configuration_nothing_can_be_begun() {
    let mut desk = Desk::off(std::collections::HashMap::new());
    desk.happens(Event::Configured(None));
    assert_eq!(desk.view(), &SessionView::NotConfigured);
    desk.wants_to_sign_in();
    desk.follows("io.latchkey.desktop://callback?code=x&state=y");
    assert_eq!(desk.view(), &SessionView::NotConfigured);
    assert!(desk.sent.is_empty());
}

#[test]
fn sign_in_with_another_redirect_uri_than_the_present_one_is_forgotten_at_the_start() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut again = Desk::off(desk.keychain);
    let mut changed = configuration();
    changed.addresses = ReturnAddresses::with_scheme("com.example.other").unwrap();
    configured(&mut again, changed);
    again.is_signed_out(SignedOutReason::Fresh);
    assert!(!again.keychain.contains_key(&Slot::SignIn));
}
