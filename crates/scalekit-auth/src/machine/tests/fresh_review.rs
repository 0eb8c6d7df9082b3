//! Faults that a second independent review has found; every test fails on the commit that it was written for.

use serde_json::json;

use super::desk::*;
use crate::{
    configuration::{ClientId, Configuration, EnvironmentUrl, ReturnAddresses},
    machine::{Caller, Event, KeychainFailure},
    problem::ProblemCode,
    record::{SessionRecord, Slot},
    secret::Secret,
    signing::{OURS, json_answer},
    view::{RenewalView, SessionView, SignInStep, SignedOutReason},
};

fn numbered_environment(number: usize) -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse(&format!("https://e{number}.scalekit.com")).unwrap(),
        ClientId::parse("skc_other").unwrap(),
        ReturnAddresses::with_scheme("io.latchkey.desktop").unwrap(),
    )
}

fn other_environment() -> Configuration {
    numbered_environment(0)
}

fn configured(desk: &mut Desk, configuration: Configuration) {
    desk.happens(Event::Configured(Some(configuration)));
}

fn wants_token(desk: &mut Desk, caller: u64, instead_of: Option<Secret>) {
    desk.happens(Event::AccessTokenWanted { caller: Caller(caller), instead_of });
}

fn in_memory() -> Desk {
    let mut desk = Desk::off(Default::default());
    desk.keychain_failure = Some(KeychainFailure::Missing(String::new()));
    configured(&mut desk, configuration());
    desk.happens(Event::GoOnWithoutKeychain);
    desk.signs_in();
    desk
}

/// HIGH where it happens. answer.rs `time` adds `Age` to `Date`; Cloudflare, Fastly and GitHub write `Date`
/// anew at every hit and `Age` beside it, so the sum is as far in the future as the document is old.
#[test]
fn cache_that_dates_its_answers_itself_and_adds_age_keeps_nobody_from_signing_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    let mut answer = json_answer(200, &discovery());
    answer.age = Some("7200".to_owned());
    desk.answer(DISCOVERY, Ok(answer));
    if desk.requests_to(DISCOVERY) > 0 {
        desk.answer(DISCOVERY, status(405, None));
    }
    assert_eq!(desk.opened.len(), 1, "{:?}", desk.view());
}

/// HIGH where it happens. environment_clock.rs `time`: `at_least` is never lowered, so one cached answer that
/// is ahead outweighs every later `Date` of the token endpoint itself, for as long as the program runs.
#[test]
fn date_of_the_token_endpoint_outweighs_a_later_one_that_a_cache_gave() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut answer = json_answer(200, &json!({ "keys": [OURS.jwk()] }));
    answer.age = Some("1500".to_owned());
    desk.answer("/keys", Ok(answer));
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

/// HIGH where it happens. The same in a session that goes on: its refresh token is rotated every few minutes
/// for ever, no access token of it is ever used, and callers get none.
#[test]
fn keys_with_an_age_do_not_stop_a_session_from_being_refreshed() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut number = 1;
    for _ in 0..3600 {
        desk.pass(seconds(1));
        desk.answer_discovery_if_asked();
        if desk.requests_to("/oauth/token") > 0 {
            number += 1;
            let tokens = desk.renewed_tokens(&format!("rt-{number}"));
            desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        }
        if desk.requests_to("/keys") > 0 {
            let mut answer = json_answer(200, &json!({ "keys": [OURS.jwk()] }));
            answer.age = Some("3600".to_owned());
            desk.answer("/keys", Ok(answer));
        }
    }
    wants_token(&mut desk, 1, None);
    assert!(
        matches!(desk.given[..], [(_, Ok(_))]),
        "{:?}, {number} refresh tokens in an hour",
        desk.renewal()
    );
}

/// MEDIUM. keeping.rs `keep_refresh_token`: an environment that does not rotate may repeat the token in its
/// answer (RFC 6749 §6 leaves it free). Its entry stays in the journal and counts up, as if every answer
/// had been lost: a plain end of the session is then called an interruption.
#[test]
fn refresh_token_that_is_given_again_is_not_one_whose_answer_was_lost() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for _ in 0..3 {
        desk.until_renewal();
        let tokens = desk.renewed_tokens("rt-1");
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
    }
    desk.until_renewal();
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

/// MEDIUM. The same cause, start.rs `settle`: every start sends the refresh token at once.
#[test]
fn start_after_the_same_refresh_token_was_given_again_waits_for_its_time() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let tokens = desk.renewed_tokens("rt-1");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    let desk = desk.restarted(seconds(1));
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }), "{:?}", desk.renewal());
}

/// LOW-MEDIUM. invitation.rs `judge`: while the time is being asked for, `is_in_doubt` says no for a minute,
/// so a second delivery of the same good letter is called too old and is remembered as seen.
#[test]
fn initiate_login_token_delivered_twice_while_the_time_is_asked_for_is_not_called_too_old() {
    let mut desk = Desk::fresh();
    desk.clock_is_set(1_200_000);
    let now = desk.now.wall.seconds() - 1200;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let token = OURS.sign(&claims);
    let link = format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose());
    desk.follows(&link);
    desk.answer(DISCOVERY, Ok(json_answer(200, &discovery())));
    desk.answer_keys();
    assert_eq!(desk.requests_to(DISCOVERY), 1, "the time is being asked for");
    desk.follows(&link);
    let problem = desk.is_signed_out(SignedOutReason::Fresh);
    assert!(problem.is_none(), "{problem:?}");
}

/// LOW. notes.rs `not_written`: it is shown beside a session that somebody is signed in to, and says "You are
/// signed out here".
#[test]
fn end_that_cannot_be_written_beside_a_new_session_does_not_say_signed_out() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.unwritable = vec![Slot::Ended];
    desk.signs_in();
    let SessionView::SignedIn { problem: Some(problem), .. } = desk.view() else { panic!() };
    assert!(!problem.message.contains("You are signed out here"), "{}", problem.message);
}

/// MEDIUM. leaving.rs `resume`: what the environment asked for (`Retry-After`) is forgotten, so settings that
/// change and come back send the refresh token again at once, as often as they do.
#[test]
fn retry_after_holds_when_settings_change_and_come_back() {
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

/// MEDIUM. leaving.rs `leave` drops the attempt and `resume` does not read its entry again: where the account
/// is kept for another reason (here a browser that has not come back from signing out, which is the rule),
/// a sign-in that waits in the browser is lost, and its callback is dropped without a word.
#[test]
fn sign_in_in_the_browser_goes_on_when_settings_change_and_come_back() {
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

/// MEDIUM-LOW. leaving.rs `is_finished` keeps a signed-out account for a browser that may never come back, and
/// `resume` does not read the keychain: a session that another process has begun meanwhile is not seen.
#[test]
fn session_that_another_process_began_is_seen_when_settings_come_back() {
    for signed_out_before in [false, true] {
        let mut desk = Desk::fresh();
        if signed_out_before {
            desk.signs_in();
            desk.wants_to_sign_out();
        }
        let mut elsewhere = Desk::fresh();
        elsewhere.signs_in();
        configured(&mut desk, other_environment());
        desk.keychain.insert(Slot::Session, elsewhere.keychain[&Slot::Session].clone());
        // A sign-in of its own, not the one that is over.
        let mut record = SessionRecord::decode(&desk.keychain[&Slot::Session]).unwrap();
        record.session = crate::journal::SessionId::of_sign_in(
            &Secret::new("another nonce"),
            &Secret::new("another code"),
        );
        desk.keychain.insert(Slot::Session, record.encode().to_vec());
        configured(&mut desk, configuration());
        assert!(
            matches!(desk.view(), SessionView::SignedIn { .. }),
            "signed out before: {signed_out_before}, {:?}",
            desk.view()
        );
    }
}

/// LOW-MEDIUM, unbounded growth. leaving.rs `is_finished`: an account that has asked for the lock is dropped,
/// and the next one asks anew. Every one is a thread (lock.rs) that waits for as long as the other process
/// keeps the lock.
#[test]
fn settings_that_change_back_and_forth_ask_once_for_a_lock_that_another_process_keeps() {
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

/// MEDIUM-LOW. renewed.rs `renewed_person`: the token before is the yardstick, and one that came while the keys
/// could not be had became it unjudged. After such an outage the window shows Ada and services get usr_2.
#[test]
fn access_token_of_another_person_is_refused_after_an_outage_of_the_keys_too() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    // The keys are older than ten minutes.
    let renew = |desk: &mut Desk, subject: &str, token: &str, keys: bool| {
        desk.until_renewal();
        let mut tokens = desk.tokens_of(subject, token, None, &OURS);
        tokens.as_object_mut().unwrap().remove("id_token");
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        if desk.requests_to("/keys") > 0 {
            if keys {
                desk.answer_keys();
            } else {
                desk.answer("/keys", status(503, None));
            }
        }
    };
    renew(&mut desk, "usr_1", "rt-2", true);
    renew(&mut desk, "usr_1", "rt-3", true);
    renew(&mut desk, "usr_2", "rt-4", false);
    renew(&mut desk, "usr_2", "rt-5", true);
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::IdentityChanged);
}

/// LOW-MEDIUM. leaving.rs `configure`: other return addresses end a sign-in whose code is sent already, and the
/// tokens that come are thrown away; `leave` keeps them for the same reason.
#[test]
fn return_addresses_changed_during_a_code_exchange_keep_the_session_that_comes_of_it() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    let mut changed = configuration();
    changed.addresses = ReturnAddresses::with_scheme("com.example.other").unwrap();
    configured(&mut desk, changed);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert!(matches!(desk.view(), SessionView::SignedIn { .. }), "{:?}", desk.view());
}

fn of_organization(organization: &str) -> Configuration {
    let organization = crate::configuration::OrganizationId::parse(organization).ok();
    Configuration { organization, ..configuration() }
}

/// LOW-MEDIUM. leaving.rs `leave` hands callers on with `renewed_for` set, so they get the other account's
/// access token "whatever it is worth": one that is over.
#[test]
fn caller_handed_to_another_account_gets_no_access_token_that_is_over() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    configured(&mut desk, of_organization("org_1"));
    desk.signs_in();
    desk.until_renewal();
    desk.pass(seconds(20));
    wants_token(&mut desk, 1, None);
    desk.keychain_held = true;
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(desk.given.is_empty(), "the new tokens are not kept yet");
    configured(&mut desk, configuration());
    assert!(!matches!(desk.given[..], [(_, Ok(_))]), "a token that ended ten seconds ago is given");
}

/// MEDIUM-LOW. mod.rs `configured`: beyond eight the account that was left first is given up whatever it has,
/// also where the others wait for nothing but a browser's way back. Here that is the only copy of a session.
#[test]
fn session_kept_nowhere_else_outlives_accounts_that_only_wait_for_a_browser() {
    let mut desk = in_memory();
    for organization in ["o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8", "o9"] {
        configured(&mut desk, of_organization(organization));
        desk.happens(Event::GoOnWithoutKeychain);
        desk.organization = organization;
        desk.signs_in();
        desk.wants_to_sign_out();
    }
    configured(&mut desk, configuration());
    assert!(matches!(desk.view(), SessionView::SignedIn { .. }), "{:?}", desk.view());
}

/// Nudges: MEDIUM-LOW. renewal.rs `nudged`: each brings the next try forward to five seconds after the last
/// one, also where the refresh token may have been processed: clicks at the window outdo every backoff.
#[test]
fn token_endpoint_in_trouble_is_not_asked_more_often_because_the_window_is_clicked_at() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let mut requests = 0;
    for _ in 0..3600 {
        desk.pass(seconds(1));
        desk.happens(Event::Nudged);
        while desk.requests_to("/oauth/token") > 0 {
            requests += 1;
            desk.answer("/oauth/token", status(502, None));
        }
        while desk.requests_to(DISCOVERY) > 0 {
            desk.answer(DISCOVERY, status(502, None));
        }
    }
    assert!(requests < 120, "{requests} token requests in an hour");
}
