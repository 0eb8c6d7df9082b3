//! Keeping the session: renewals, restarts, a keychain in a bad mood.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use super::desk::*;
use crate::{
    configuration::{Configuration, OrganizationId},
    machine::{Event, KeychainFailure, Machine},
    problem::ProblemCode,
    record::Slot,
    signing::{OURS, THEIRS, json_answer},
    view::{RenewalView, SessionView, SignedOutReason},
};

#[test]
fn the_session_is_renewed_before_the_access_token_ends_and_the_new_refresh_token_is_kept() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.pass(seconds(220));
    assert_eq!(desk.requests_to("/oauth/token"), 0, "not yet");
    desk.pass(seconds(40));
    assert!(desk.form().contains("grant_type=refresh_token&refresh_token=rt-1"));
    assert_eq!(desk.renewal(), &RenewalView::Renewing);
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }));
}

#[test]
fn a_working_day_of_renewals_never_repeats_a_refresh_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for n in 1..150 {
        let form = desk.until_renewal();
        assert!(form.split('&').any(|pair| pair == format!("refresh_token=rt-{n}")), "{form}");
        let tokens = desk.renewed_tokens(&format!("rt-{}", n + 1));
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        if desk.requests_to("/keys") > 0 {
            desk.answer_keys();
        }
        assert_eq!(desk.kept_refresh_token(), Some(format!("rt-{}", n + 1)));
    }
}

#[test]
fn desktops_that_sign_in_in_the_same_second_do_not_renew_in_the_same_second() {
    let renewals = (0..50).map(|seed| {
        let mut desk = Desk::off(HashMap::new());
        desk.machine = Machine::new(1_000_003 * seed);
        desk.happens(Event::Configured(Some(configuration())));
        desk.signs_in();
        desk.wakes_at.unwrap().since(desk.now.monotonic).as_secs()
    });
    let renewals: BTreeSet<u64> = renewals.collect();
    assert!(renewals.iter().all(|after| (228..=252).contains(after)), "{renewals:?}");
    assert!(renewals.len() > 10, "{renewals:?}");
}

#[test]
fn the_person_can_renew_at_any_time_and_pressing_twice_sends_once() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.happens(Event::Renew);
    desk.happens(Event::Renew);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn a_restart_finds_the_session_and_spends_nothing() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut desk = desk.restarted(seconds(60));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert!(desk.sent.is_empty());
    desk.pass(seconds(200));
    desk.answer_discovery();
    assert!(desk.form().contains("refresh_token=rt-1"));
}

#[test]
fn a_restart_after_the_access_token_ended_renews_at_once() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut desk = desk.restarted(seconds(100_000));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    desk.answer_discovery();
    assert!(desk.form().contains("refresh_token=rt-1"));
}

#[test]
fn a_start_at_which_the_environment_cannot_describe_itself_renews_with_the_endpoints_of_before() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut desk = desk.restarted(seconds(3600));
    desk.answer("/.well-known/openid-configuration", status(503, None));
    assert!(desk.form().contains("refresh_token=rt-1"));
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys();
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn endpoints_that_somebody_has_changed_on_the_disk_are_not_used() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for (name, value) in
        [("token_endpoint", "https://evil.example/oauth/token"), ("issuer", "https://evil.example")]
    {
        let mut changed = discovery();
        changed[name] = value.into();
        desk.keychain.insert(Slot::Endpoints, changed.to_string().into_bytes());
        desk = desk.restarted(seconds(3600));
        desk.answer("/.well-known/openid-configuration", status(503, None));
        assert!(desk.sent.is_empty(), "{name}");
        assert!(matches!(desk.renewal(), RenewalView::Delayed { .. }), "{name}");
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_prolong_the_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut back = Desk::off(desk.keychain.clone());
    back.now.wall.0 -= 86_400_000;
    back.happens(Event::Configured(Some(configuration())));
    back.pass(seconds(260));
    assert_eq!(back.requests_to("/.well-known/openid-configuration"), 1);
}

#[test]
fn refused_by_the_environment_the_session_ends_once_and_says_so() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
    assert_eq!(desk.kept_refresh_token(), None);
    desk.pass(seconds(10_000));
    assert!(desk.sent.is_empty());
}

#[test]
fn only_a_refusal_in_the_environments_own_words_ends_the_session() {
    let portal = || {
        let mut answer = json_answer(400, &json!({"error": "invalid_grant"}));
        answer.content_type = Some("text/html".to_owned());
        Ok(answer)
    };
    for outcome in [
        offline(),
        interrupted(),
        status(400, None),
        status(401, None),
        status(429, Some("60")),
        status(500, None),
        status(302, None),
        refused("slow_down"),
        portal(),
        Ok(json_answer(200, &json!({}))),
    ] {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.until_renewal();
        desk.answer("/oauth/token", outcome);
        assert!(matches!(desk.renewal(), RenewalView::Delayed { .. }));
        assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    }
}

#[test]
fn an_hour_without_a_network_costs_few_attempts_and_no_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    desk.answer("/oauth/token", offline());
    let mut attempts = 1;
    for _ in 0..3600 {
        desk.pass(seconds(1));
        while desk.requests_to("/oauth/token") > 0 {
            attempts += 1;
            desk.answer("/oauth/token", offline());
        }
        while desk.requests_to("/.well-known/openid-configuration") > 0 {
            attempts += 1;
            desk.answer("/.well-known/openid-configuration", offline());
        }
    }
    assert!(attempts < 40, "{attempts}");
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn the_environment_is_left_alone_for_as_long_as_it_asks() {
    for busy in [429, 503] {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.until_renewal();
        desk.answer("/oauth/token", status(busy, Some("90")));
        desk.pass(seconds(89));
        assert_eq!(desk.requests_to("/oauth/token"), 0, "{busy}");
        desk.pass(seconds(1));
        assert_eq!(desk.requests_to("/oauth/token"), 1, "{busy}");
    }
}

#[test]
fn a_lost_answer_is_asked_for_once_more_quickly() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    desk.answer("/oauth/token", interrupted());
    desk.pass(seconds(1));
    assert!(desk.form().contains("refresh_token=rt-1"));
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn answers_that_are_lost_one_after_the_other_are_not_asked_for_in_a_hurry() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let mut sent = 0;
    for _ in 0..60 {
        while desk.requests_to("/oauth/token") > 0 {
            sent += 1;
            desk.answer("/oauth/token", interrupted());
        }
        desk.pass(seconds(1));
    }
    assert!((4..12).contains(&sent), "{sent}");
}

#[test]
fn a_refresh_token_is_saved_from_an_answer_that_is_otherwise_useless() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let useless = json!({"refresh_token": "rt-2", "token_type": "mac"});
    desk.answer("/oauth/token", Ok(json_answer(200, &useless)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    desk.pass(seconds(2));
    assert!(desk.form().contains("refresh_token=rt-2"));
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let mut tokens = desk.renewed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("refresh_token");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }));
}

#[test]
fn a_renewal_for_another_person_ends_the_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let tokens = desk.tokens_of("usr_2", "rt-2", None, &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::IdentityChanged);
    assert_eq!(desk.kept_refresh_token(), None);
}

#[test]
fn an_outage_of_the_signing_keys_ends_no_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.pass(seconds(200));
    desk.happens(Event::Renew);
    let tokens = desk.tokens_of("usr_1", "rt-2", None, &THEIRS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"), "saved before it is verified");
    desk.answer("/keys", status(503, None));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }));
}

#[test]
fn a_renewal_that_fails_verification_keeps_the_refresh_token_and_is_tried_again() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let mut tokens = desk.renewed_tokens("rt-2");
    tokens["access_token"] = json!("swapped");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let RenewalView::Delayed { problem, .. } = desk.renewal() else { panic!() };
    assert_eq!(problem.code, ProblemCode::AnswerRejected);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn a_renewed_id_token_may_repeat_the_nonce_of_the_sign_in_and_no_other() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let nonce = desk.asked("nonce");
    let mut desk = desk.restarted(seconds(10));
    desk.until_renewal();
    let tokens = desk.tokens_of("usr_1", "rt-2", Some(&nonce), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }));
    desk.until_renewal();
    let tokens = desk.tokens_of("usr_1", "rt-3", Some("another"), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-3"));
    let record = crate::record::SessionRecord::decode(&desk.keychain[&Slot::Session]).unwrap();
    assert!(
        !record.id_token.matches(tokens["id_token"].as_str().unwrap()),
        "nothing is taken of it"
    );
}

#[test]
fn a_renewal_shows_what_has_changed_in_roles_and_permissions() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let now = desk.now.wall.seconds();
    let access = OURS.sign(&json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "roles": ["guest"], "permissions": [], "oid": "org_1", "scope": "openid",
    }));
    let mut tokens = desk.renewed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("id_token");
    tokens["access_token"] = json!(access.expose());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let SessionView::SignedIn { profile, .. } = desk.view() else { panic!() };
    assert_eq!(profile.roles.as_deref().unwrap(), ["guest"]);
    assert_eq!(profile.permissions, Some(Vec::new()));
}

#[test]
fn a_renewal_into_another_organization_is_not_used_where_the_application_is_for_one() {
    let mut desk = Desk::off(HashMap::new());
    let organization = OrganizationId::parse("org_1").ok();
    desk.happens(Event::Configured(Some(Configuration { organization, ..configuration() })));
    desk.signs_in();
    desk.until_renewal();
    let now = desk.now.wall.seconds();
    let access = OURS.sign(&json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "roles": ["owner"], "permissions": [], "oid": "org_2",
    }));
    let mut tokens = desk.renewed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("id_token");
    tokens["access_token"] = json!(access.expose());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    let RenewalView::Delayed { problem, .. } = desk.renewal() else { panic!() };
    assert_eq!(problem.code, ProblemCode::AnswerRejected);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn three_hours_of_sleep_are_one_renewal_at_the_wake_up_whatever_the_wall_clock_says() {
    for jump in [0, -86_400_000, 86_400_000] {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.now.monotonic = desk.now.monotonic.after(seconds(3 * 3600));
        desk.now.wall.0 += 3 * 3_600_000;
        desk.clock_is_set(jump);
        desk.happens(Event::Woke);
        desk.answer_discovery_if_asked();
        assert!(desk.form().contains("refresh_token=rt-1"));
        let tokens = desk.renewed_tokens("rt-2");
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
        desk.pass(seconds(200));
        assert!(desk.sent.is_empty());
    }
}

#[test]
fn without_a_refresh_token_the_session_ends_with_its_access_token() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let mut tokens = desk.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert!(matches!(desk.renewal(), RenewalView::Impossible { .. }));
    desk.pass(seconds(LIFETIME));
    desk.is_signed_out(SignedOutReason::SessionEnded);
}

#[test]
fn a_lifetime_of_nothing_does_not_make_the_machine_spin() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let mut tokens = desk.tokens();
    tokens["expires_in"] = json!(0);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.pass(seconds(29));
    assert_eq!(desk.requests_to("/oauth/token"), 0);
    desk.pass(seconds(1));
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

#[test]
fn a_locked_keychain_is_said_and_loses_nothing() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for (failure, code) in [
        (KeychainFailure::Locked(String::new()), ProblemCode::KeychainLocked),
        (KeychainFailure::Missing(String::new()), ProblemCode::KeychainMissing),
        (KeychainFailure::Slow, ProblemCode::KeychainSlow),
        (KeychainFailure::Failed(String::new()), ProblemCode::KeychainFailed),
    ] {
        let mut locked = Desk::off(desk.keychain.clone());
        locked.keychain_failure = Some(failure);
        locked.happens(Event::Configured(Some(configuration())));
        let SessionView::KeychainUnavailable { problem } = locked.view() else { panic!() };
        assert_eq!(problem.code, code);
        locked.wants_to_sign_in();
        assert!(locked.sent.is_empty());
        locked.keychain_failure = None;
        locked.happens(Event::Retry);
        assert_eq!(locked.profile_name(), "Ada Lovelace");
    }
}

#[test]
fn a_record_of_a_newer_version_is_left_as_it_is() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let mut desk = Desk::with_keychain([(Slot::Session, newer.clone())].into());
    let SessionView::KeychainUnavailable { problem } = desk.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::StoredByNewerVersion);
    desk.wants_to_sign_in();
    assert_eq!(desk.keychain[&Slot::Session], newer);
}

#[test]
fn a_damaged_record_is_said_and_can_be_replaced() {
    for damaged in ["", "{}", "null", "{\"version\":1}", "\u{0}\u{1}"] {
        let bytes = damaged.as_bytes().to_vec();
        let mut desk = Desk::with_keychain([(Slot::Session, bytes)].into());
        assert!(desk.is_signed_out(SignedOutReason::SessionEnded).is_some());
        desk.signs_in();
        assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    }
}

#[test]
fn a_damaged_pending_sign_in_costs_only_itself() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain.insert(Slot::SignIn, b"damaged".to_vec());
    let desk = desk.restarted(seconds(1));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert!(!desk.keychain.contains_key(&Slot::SignIn));
}

#[test]
fn an_answer_that_is_no_longer_waited_for_changes_nothing() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let (operation, _) = desk.sent.pop().unwrap();
    desk.wants_to_sign_out();
    desk.is_signed_out(SignedOutReason::SignedOut);
    let tokens = desk.renewed_tokens("rt-2");
    desk.happens(Event::Answered(operation, Ok(json_answer(200, &tokens))));
    desk.is_signed_out(SignedOutReason::SignedOut);
    assert_eq!(desk.kept_refresh_token(), None);
}

#[test]
fn the_picture_is_shown_when_it_has_come_and_is_not_kept() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let (operation, address) = desk.pictures.pop().unwrap();
    assert_eq!(address, "https://acme.scalekit.com/ada.png");
    let picture = "data:image/png;base64,AAAA".to_owned();
    desk.happens(Event::PictureFetched(operation, Some(picture.clone())));
    let SessionView::SignedIn { profile, .. } = desk.view() else { panic!() };
    assert_eq!(profile.picture.as_ref(), Some(&picture));
    desk.until_renewal();
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    let kept = String::from_utf8(desk.keychain[&Slot::Session].clone()).unwrap();
    assert!(!kept.contains("data:image"), "{kept}");
    let desk = desk.restarted(seconds(1));
    let SessionView::SignedIn { profile, .. } = desk.view() else { panic!() };
    assert_eq!(profile.picture, None);
    assert_eq!(desk.pictures.len(), 1, "it is fetched anew");
}

#[test]
fn a_picture_of_whoever_was_signed_in_before_is_shown_of_nobody_else() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let (before, _) = desk.pictures.pop().unwrap();
    desk.signs_in();
    let picture = "data:image/png;base64,AAAA".to_owned();
    desk.happens(Event::PictureFetched(before, Some(picture)));
    let SessionView::SignedIn { profile, .. } = desk.view() else { panic!() };
    assert_eq!(profile.picture, None);
}
