//! Settings that change while something is under way.

use std::time::Duration;

use super::desk::*;
use crate::{
    configuration::{ClientId, Configuration, EnvironmentUrl, ReturnAddresses},
    machine::{Caller, Effect, Event, KeychainFailure, NoAccessToken},
    problem::ProblemCode,
    record::Slot,
    signing::json_answer,
    view::{RenewalView, SessionView, SignInStep, SignedOutReason},
};

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

#[test]
fn configuration_changed_during_a_refresh_holds_the_lock_until_the_answer_is_kept() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let held = desk.locks.clone();
    assert_eq!(held.len(), 1);
    let tokens = desk.renewed_tokens("rt-2");
    desk.happens(Event::Configured(Some(other_environment())));
    assert_eq!(desk.locks, held, "a refresh token is on the wire");
    desk.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.locks, held, "the new one is not kept");
    assert!(!desk.machine.is_at_rest() || desk.kept_refresh_token().as_deref() == Some("rt-1"));
    desk.keychain_failure = None;
    desk.pass(seconds(600));
    desk.answer_keys_if_asked();
    assert!(desk.locks.is_empty());
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    desk.is_signed_out(SignedOutReason::Fresh);
}

#[test]
fn configuration_changed_back_during_a_refresh_shows_the_session_and_its_new_token() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    let tokens = desk.renewed_tokens("rt-2");
    desk.happens(Event::Configured(Some(other_environment())));
    desk.is_signed_out(SignedOutReason::Fresh);
    desk.happens(Event::Configured(Some(configuration())));
    assert!(matches!(desk.renewal(), RenewalView::Renewing));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert!(matches!(desk.renewal(), RenewalView::Scheduled { .. }));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn configuration_changed_begins_nothing_new_for_the_session_that_is_left() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    desk.happens(Event::Configured(Some(other_environment())));
    desk.pass(seconds(3600));
    assert_eq!(desk.requests_to("/oauth/token") + desk.requests_to(DISCOVERY), 0);
    assert!(desk.locks.is_empty());
}

#[test]
fn configuration_changed_during_a_refusal_tells_of_it_when_it_is_changed_back() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_renewal();
    desk.happens(Event::Configured(Some(other_environment())));
    desk.answer("/oauth/token", refused("invalid_grant"));
    desk.is_signed_out(SignedOutReason::Fresh);
    assert!(!desk.keychain.contains_key(&Slot::Session));
    desk.happens(Event::Configured(Some(configuration())));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

#[test]
fn configuration_changed_during_a_sign_out_still_signs_out_in_the_browser() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let entropy = desk.entropy();
    let effects = desk.machine.step(Event::SignOut { entropy }, desk.now);
    let clearing = effects.iter().find_map(|effect| match effect {
        Effect::Clear(operation, _, Some(_)) => Some(*operation),
        _ => None,
    });
    desk.happens(Event::Configured(Some(other_environment())));
    let before = desk.opened.len();
    desk.happens(Event::Cleared(clearing.unwrap(), Ok(())));
    assert_eq!(desk.opened.len(), before + 1);
    let (_, url) = desk.opened.last().unwrap();
    assert_eq!(url.path(), "/oidc/logout");
    // The browser's way back raises the window all the same.
    let state = desk.asked("state");
    desk.follows(&format!("io.latchkey.desktop://signed-out?state={state}"));
    assert_eq!(desk.fronts, 2);
}

#[test]
fn configuration_changed_during_a_code_exchange_keeps_the_session_that_comes_of_it() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens();
    assert!(!desk.machine.is_at_rest(), "a code is on the wire");
    desk.happens(Event::Configured(Some(other_environment())));
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.is_signed_out(SignedOutReason::Fresh);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    desk.happens(Event::Configured(Some(configuration())));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn configuration_changed_and_back_without_a_keychain_loses_no_session() {
    let mut desk = Desk::off(Default::default());
    desk.keychain_failure = Some(KeychainFailure::Missing(String::new()));
    desk.happens(Event::Configured(Some(configuration())));
    desk.happens(Event::GoOnWithoutKeychain);
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
fn configuration_changed_moves_waiting_callers_to_the_new_session() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.pass(seconds(295));
    desk.happens(Event::AccessTokenWanted { caller: Caller(1), instead_of: None });
    assert!(desk.given.is_empty());
    desk.happens(Event::Configured(Some(other_environment())));
    assert!(matches!(desk.given[..], [(Caller(1), Err(NoAccessToken::NotSignedIn))]));
}

#[test]
fn preference_changed_keeps_a_sign_in_and_new_return_addresses_end_it() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed.clone())));
    desk.is_at(SignInStep::WaitingForBrowser);
    changed.addresses = ReturnAddresses::with_scheme("com.example.other").unwrap();
    desk.happens(Event::Configured(Some(changed)));
    desk.is_signed_out(SignedOutReason::Cancelled);
    assert!(!desk.keychain.contains_key(&Slot::SignIn));
}

#[test]
fn access_token_is_given_with_the_configuration_it_belongs_to() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut changed = configuration();
    changed.sign_in_wait = Duration::from_secs(77);
    desk.happens(Event::Configured(Some(changed.clone())));
    desk.happens(Event::AccessTokenWanted { caller: Caller(1), instead_of: None });
    let given = desk.given.pop().unwrap().1.unwrap();
    assert_eq!(*given.configuration, changed);
}
