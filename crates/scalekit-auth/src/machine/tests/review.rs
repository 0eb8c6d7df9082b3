//! REVIEW: each test states what should hold; a failing one demonstrates a fault.

use serde_json::json;
use std::time::Duration;

use super::desk::*;
use crate::{
    answer::HttpFailure,
    configuration::{ClientId, Configuration, EnvironmentUrl, OrganizationId, ReturnAddresses},
    machine::{Caller, Event, KeychainFailure, NoAccessToken},
    problem::ProblemCode,
    record::Slot,
    secret::Secret,
    signing::{OURS, json_answer},
    view::{RenewalView, SessionView, SignedOutReason},
};

/// Requests to the token endpoint within an hour of answers that may have been processed.
fn an_hour_of_unanswered(desk: &mut Desk) -> usize {
    let mut attempts = 0;
    for _ in 0..3600 {
        desk.pass(seconds(1));
        while desk.requests_to("/oauth/token") > 0 {
            attempts += 1;
            desk.answer("/oauth/token", status(502, None));
        }
        while desk.requests_to(DISCOVERY) > 0 {
            desk.answer(DISCOVERY, status(502, None));
        }
    }
    attempts
}

fn in_memory() -> Desk {
    let mut desk = Desk::off(Default::default());
    desk.keychain_failure = Some(KeychainFailure::Missing(String::new()));
    desk.happens(Event::Configured(Some(configuration())));
    desk.happens(Event::GoOnWithoutKeychain);
    desk.signs_in();
    desk
}

#[test]
fn token_endpoint_in_trouble_without_a_keychain_is_asked_as_seldom_as_with_one() {
    let mut desk = in_memory();
    desk.until_renewal();
    let attempts = an_hour_of_unanswered(&mut desk);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

#[test]
fn token_endpoint_in_trouble_is_asked_in_growing_intervals() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let attempts = an_hour_of_unanswered(&mut desk);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

#[test]
fn token_endpoint_in_trouble_with_an_unwritable_journal_is_asked_as_seldom() {
    let mut desk = Desk::fresh();
    desk.unwritable = vec![Slot::Journal, Slot::Ended, Slot::Endpoints];
    desk.signs_in();
    desk.until_renewal();
    let attempts = an_hour_of_unanswered(&mut desk);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

#[test]
fn token_endpoint_in_trouble_with_an_unreadable_journal_is_asked_as_seldom() {
    let mut desk = Desk::fresh();
    desk.unreadable = vec![Slot::Journal];
    desk.signs_in();
    desk.until_renewal();
    let attempts = an_hour_of_unanswered(&mut desk);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

fn other_environment() -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse("https://other.scalekit.com").unwrap(),
        ClientId::parse("skc_other").unwrap(),
        ReturnAddresses::with_scheme("io.latchkey.desktop").unwrap(),
    )
}

/// Settings change while the refresh token is under way; the answer comes; the settings are changed back.
#[test]
fn configuration_changed_during_a_refresh_keeps_the_new_refresh_token_under_the_old_name() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let tokens = desk.renewed_tokens("rt-2");
    let kept = desk.keychain.clone();
    // The desk has one keychain for all settings; so look at what was written for the old ones.
    let (operation, _) = desk.sent.pop().unwrap();
    desk.happens(Event::Configured(Some(other_environment())));
    let locks = desk.locks.len();
    desk.happens(Event::Answered(operation, Ok(json_answer(200, &tokens))));
    assert!(
        desk.kept_refresh_token().as_deref() == Some("rt-2"),
        "the spent token stays: {:?} (before: {}), locks held while it was under way: {locks}",
        desk.kept_refresh_token(),
        kept.len()
    );
}

/// The same where only how long a sign-in waits has changed: the same session, the same entries.
#[test]
fn preference_changed_during_a_refresh_keeps_the_session_in_place() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let tokens = desk.renewed_tokens("rt-2");
    let (operation, _) = desk.sent.pop().unwrap();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed)));
    desk.happens(Event::Answered(operation, Ok(json_answer(200, &tokens))));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

/// A refresh token that could not be saved is thrown away with the settings.
#[test]
fn preference_changed_while_a_refresh_token_is_unsaved_keeps_it() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    desk.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    let tokens = desk.renewed_tokens("rt-2");
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

fn wants_token(desk: &mut Desk, caller: u64, instead_of: Option<Secret>) {
    desk.happens(Event::AccessTokenWanted { caller: Caller(caller), instead_of });
}

/// Somebody has just signed in, and a stopped process keeps the lock.
#[test]
fn sign_in_beside_a_process_that_keeps_the_lock_is_said_and_callers_are_answered() {
    let mut desk = Desk::fresh();
    desk.lock_held_elsewhere = true;
    desk.signs_in();
    wants_token(&mut desk, 1, None);
    for _ in 0..3600 {
        desk.pass(seconds(1));
        desk.answer_discovery_if_asked();
    }
    let said = matches!(desk.renewal(), RenewalView::Delayed { .. }) || desk.problem().is_some();
    assert!(
        said && !desk.given.is_empty(),
        "after an hour: {:?}, {:?}, answered callers: {}, at rest: {}",
        desk.renewal(),
        desk.problem(),
        desk.given.len(),
        desk.machine.is_at_rest()
    );
}

/// A service refuses the token while the keychain does not take the session.
#[test]
fn caller_with_a_refused_access_token_is_answered_while_nothing_can_be_saved() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    desk.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    let mut tokens = desk.renewed_tokens("rt-2");
    tokens["expires_in"] = json!(86_400);
    let access = Secret::new(tokens["access_token"].as_str().unwrap());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    wants_token(&mut desk, 1, Some(access));
    desk.pass(seconds(10 * 3600));
    assert!(!desk.given.is_empty(), "the caller has waited for ten hours");
}

/// The description comes from a cache (RFC 9111 §4.2.3: `Date` is the origin's, `Age` says how old).
#[test]
fn date_of_cached_metadata_keeps_nobody_from_signing_in() {
    let mut desk = Desk::fresh();
    desk.environment_tells_time = false;
    desk.wants_to_sign_in();
    let at = desk.now.wall.0 - 2 * 3_600_000;
    let mut answer = json_answer(200, &discovery());
    let time = std::time::UNIX_EPOCH + Duration::from_millis(at.try_into().unwrap());
    answer.date = Some(httpdate::fmt_http_date(time));
    desk.answer(DISCOVERY, Ok(answer));
    // No cache keeps the answer to OPTIONS.
    desk.environment_tells_time = true;
    desk.answer(DISCOVERY, status(405, None));
    assert_eq!(desk.opened.len(), 1, "{:?}", desk.view());
}

/// Keys from a cache, fetched after the tokens came.
#[test]
fn date_of_cached_jwks_does_not_make_an_id_token_one_of_the_future() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    // The person takes eleven minutes... no: the wait is ten; keys are older than ten minutes at the end.
    desk.pass(seconds(590));
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    desk.pass(seconds(15));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.requests_to("/keys"), 1);
    desk.environment_tells_time = false;
    let at = desk.now.wall.0 - 20 * 60_000;
    let mut answer = json_answer(200, &json!({ "keys": [OURS.jwk()] }));
    let time = std::time::UNIX_EPOCH + Duration::from_millis(at.try_into().unwrap());
    answer.date = Some(httpdate::fmt_http_date(time));
    desk.answer("/keys", Ok(answer));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

/// An invitation of fifty minutes ago is asked about where the keys came from a cache.
#[test]
fn date_of_cached_jwks_does_not_prolong_an_initiate_login_token() {
    let mut desk = Desk::fresh();
    desk.environment_tells_time = false;
    let now = desk.now.wall.seconds() - 25 * 60;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let link =
        format!("io.latchkey.desktop://login?idp_initiated_login={}", OURS.sign(&claims).expose());
    desk.follows(&link);
    desk.answer_discovery_if_asked();
    let mut answer = json_answer(200, &json!({ "keys": [OURS.jwk()] }));
    let at = (desk.now.wall.0 - 25 * 60_000).try_into().unwrap();
    let time = std::time::UNIX_EPOCH + Duration::from_millis(at);
    answer.date = Some(httpdate::fmt_http_date(time));
    desk.answer("/keys", Ok(answer));
    assert!(!matches!(desk.view(), SessionView::Invited { .. }), "{:?}", desk.view());
}

/// An environment that gives the same access token while it lasts.
#[test]
fn session_that_begins_with_the_access_token_of_one_before_has_a_name_of_its_own() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let access = {
        wants_token(&mut desk, 1, None);
        desk.given.pop().unwrap().1.unwrap().token
    };
    desk.wants_to_sign_out();
    desk.wants_to_sign_in();
    desk.answer_discovery_if_asked();
    let link = desk.good_link();
    desk.follows(&link);
    let mut tokens = desk.tokens();
    tokens["access_token"] = json!(access.expose());
    let nonce = desk.asked("nonce");
    let now = desk.now.wall.seconds();
    tokens["id_token"] = json!(
        OURS.sign(&json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT],
        "iat": now, "exp": now + 300, "nonce": nonce, "name": "Ada Lovelace"}))
            .expose()
    );
    tokens["refresh_token"] = json!("rt-new");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    desk.pass(seconds(290));
    desk.answer_discovery_if_asked();
    assert_eq!(desk.requests_to("/oauth/token"), 1, "{:?}", desk.view());
}

/// An application for one organization, and an invitation to another.
#[test]
fn initiate_login_for_another_organization_than_the_pinned_one_is_said_and_not_asked() {
    let mut desk = Desk::off(Default::default());
    let organization = OrganizationId::parse("org_1").ok();
    desk.happens(Event::Configured(Some(Configuration { organization, ..configuration() })));
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.happens(Event::CancelSignIn);
    let now = desk.now.wall.seconds();
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_of_org_2", "organization_id": "org_2"});
    let link =
        format!("io.latchkey.desktop://login?idp_initiated_login={}", OURS.sign(&claims).expose());
    desk.follows(&link);
    let SessionView::Invited { organization, question, .. } = desk.view().clone() else { return };
    let shown = organization.map(|one| one.id);
    let entropy = desk.entropy();
    desk.happens(Event::AcceptInvitation { question, entropy });
    assert_eq!(
        shown.as_deref(),
        Some(&*desk.asked("organization_id")),
        "shown and asked for; connection asked for: {}",
        desk.asked("connection_id")
    );
}

/// A service that says 401 whatever it is sent.
#[test]
fn access_token_refused_again_and_again_is_refreshed_once_in_a_while() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut renewals = 0;
    let mut token = {
        wants_token(&mut desk, 0, None);
        desk.given.pop().unwrap().1.unwrap().token
    };
    for n in 1..=100 {
        wants_token(&mut desk, n, Some(token.clone()));
        desk.answer_discovery_if_asked();
        if desk.requests_to("/oauth/token") == 0 {
            break;
        }
        renewals += 1;
        let tokens = desk.renewed_tokens(&format!("rt-{}", n + 1));
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
        token = desk.given.pop().unwrap().1.unwrap().token;
    }
    assert!(renewals < 10, "{renewals} renewals in the same second");
}

/// The list of sessions that are over cannot be read at a start, and the keychain had not let go.
#[test]
fn ended_list_that_cannot_be_read_lets_no_ended_session_rise() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    desk.wants_to_sign_out();
    desk.is_signed_out(SignedOutReason::SignedOut);
    let mut again = Desk::off(desk.keychain.clone());
    again.now = desk.now;
    again.unreadable = vec![Slot::Ended];
    again.happens(Event::Configured(Some(configuration())));
    assert!(!matches!(again.view(), SessionView::SignedIn { .. }), "{:?}", again.view());
}

/// RFC 9700 §4.1.3: a server may append `#_` so that browsers attach no fragment of their own.
#[test]
fn authorization_response_with_a_fragment_is_read_without_it() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = format!("{}#_", desk.good_link());
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

/// The entry of the sign-in cannot be read at the start to which the browser comes back.
#[test]
fn authorization_response_to_a_sign_in_that_cannot_be_read_is_said() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.now = desk.now;
    again.follows(&link);
    // By hand: the session's entry is read, the sign-in's is not.
    let effects = again.machine.step(Event::Configured(Some(configuration())), again.now);
    for effect in effects {
        if let crate::machine::Effect::Load(operation, entry) = effect {
            let outcome = if entry.slot == Slot::SignIn {
                Err(KeychainFailure::Slow)
            } else {
                Ok(again.keychain.get(&entry.slot).cloned().map(Into::into))
            };
            again.happens(Event::Loaded(operation, outcome));
        }
    }
    let SessionView::SignedOut { problem, .. } = again.view() else { return };
    assert!(problem.is_some(), "{:?}", again.view());
}

/// Eight links of a stranger while the keychain is locked.
#[test]
fn links_to_other_addresses_do_not_take_the_place_of_an_authorization_response() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.now = desk.now;
    again.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    again.happens(Event::Configured(Some(configuration())));
    for _ in 0..8 {
        again.follows("https://evil.example/");
    }
    again.follows(&link);
    again.keychain_failure = None;
    again.happens(Event::Retry);
    again.answer_discovery_if_asked();
    assert_eq!(again.requests_to("/oauth/token"), 1, "{:?}", again.view());
}

/// Core §12.2: a `nonce` that is empty or null says nothing.
#[test]
fn refreshed_id_token_with_an_empty_nonce_is_believed() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let tokens = desk.tokens_of("usr_1", "rt-2", Some(""), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }), "{:?}", desk.renewal());
}

/// A renewal without an ID token whose access token is about somebody else.
#[test]
fn refresh_without_an_id_token_about_another_subject_ends_the_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let mut tokens = desk.tokens_of("usr_2", "rt-2", None, &OURS);
    tokens.as_object_mut().unwrap().remove("id_token");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    wants_token(&mut desk, 1, None);
    let given = desk.given.pop().map(|(_, answer)| answer);
    let of_usr_2 =
        matches!(given, Some(Ok(given)) if tokens["access_token"] == given.token.expose());
    assert!(!of_usr_2, "Ada is shown, and callers get the access token of usr_2");
}

/// The clock is set back by a second between the wish and the restart (NTP).
#[test]
fn clock_set_back_by_a_second_costs_no_sign_in() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let link = desk.good_link();
    let mut again = Desk::off(desk.keychain.clone());
    again.now = desk.now;
    again.now.wall.0 -= 1000;
    again.happens(Event::Configured(Some(configuration())));
    again.follows(&link);
    again.answer_discovery_if_asked();
    assert_eq!(again.requests_to("/oauth/token"), 1, "{:?}", again.view());
}

/// The answer is lost in memory mode, and the environment refuses the repeated token.
#[test]
fn refresh_interrupted_without_a_keychain_is_said_to_be_interrupted() {
    let mut desk = in_memory();
    desk.until_renewal();
    desk.answer("/oauth/token", Err(HttpFailure::TimedOut));
    desk.pass(seconds(5));
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
}

/// `NoAccessToken` while a session goes on whose renewal has no refresh token.
#[test]
fn caller_of_a_session_without_a_refresh_token_is_told_that_it_cannot_be_renewed() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let mut tokens = desk.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    let access = Secret::new(tokens["access_token"].as_str().unwrap());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    wants_token(&mut desk, 1, Some(access));
    assert!(!matches!(desk.given.pop(), Some((_, Err(NoAccessToken::NotSignedIn)))));
}

/// What is printed of effects, by whoever looks for a fault.
#[test]
fn effects_of_a_sign_out_print_no_id_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let id_token = {
        let record: serde_json::Value =
            serde_json::from_slice(&desk.keychain[&Slot::Session]).unwrap();
        record["id_token"].as_str().unwrap().to_owned()
    };
    let entropy = desk.entropy();
    let effects = desk.machine.step(Event::SignOut { entropy }, desk.now);
    let mut printed = format!("{effects:?}");
    for effect in effects {
        if let crate::machine::Effect::Clear(operation, _, Some(_)) = effect {
            let effects = desk.machine.step(Event::Cleared(operation, Ok(())), desk.now);
            printed.push_str(&format!("{effects:?}"));
        }
    }
    assert!(!printed.contains(&id_token), "the ID token stands in the debug output of an effect");
}

#[test]
fn effect_of_a_token_request_prints_no_refresh_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let (operation, request) = desk.sent.pop().unwrap();
    let printed = format!("{:?}", crate::machine::Effect::Send(operation, request));
    let bytes = "rt-1".bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    assert!(!printed.contains(&bytes), "the refresh token, byte by byte");
}
