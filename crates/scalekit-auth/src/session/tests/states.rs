//! Tests of the queries of an account's state.

use std::time::Duration;

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    problem::{Problem, ProblemCode},
    protocol::signing::{THEIRS, json_response},
    session::{
        Effect, Event, KeychainError, Machine,
        account::Account,
        state::session::{Session, SignedOut},
    },
    time::Monotonic,
    view::SignedOutReason,
};

fn session(harness: &Harness) -> &Session {
    &harness.machine.current.session
}

#[test]
fn session_is_quiescent_with_no_token_in_flight_or_unsaved() {
    assert!(session(&Harness::signed_in()).is_quiescent());
    let mut harness = Harness::refresh_in_flight();
    assert!(!session(&harness).is_quiescent(), "in flight");
    harness.keychain_held = true;
    let tokens = harness.refreshed_tokens("rt-2");
    harness.respond("/oauth/token", Ok(json_response(200, &tokens)));
    harness.serve_jwks_if_requested();
    assert!(!session(&harness).is_quiescent(), "unsaved");

    let mut harness = in_memory();
    harness.until_refresh();
    assert!(session(&harness).is_quiescent(), "in memory");
}

#[test]
fn sign_in_is_quiescent_after_three_responses_at_most() {
    for respond_to_third in [Harness::serve_jwks, Harness::serve_rotated_jwks] {
        let mut harness = Harness::in_browser();
        harness.comes_back_signed_with_unknown_kid();
        assert!(!harness.machine.is_quiescent(), "the JWKS request is under way");
        harness.serve_jwks();
        assert!(!harness.machine.is_quiescent(), "the key may be newer");
        respond_to_third(&mut harness);
        assert!(harness.machine.is_quiescent());
    }
    assert_eq!(Machine::MAX_RESPONSES_IN_FLIGHT, 3);
}

#[test]
fn sign_in_after_a_restart_is_quiescent_after_three_responses() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let tokens =
        harness.tokens_of("usr_1", "rt-1", Some(&harness.sent_parameter("nonce")), &THEIRS);
    let mut harness = harness.restarted(seconds(1));
    harness.follows(&link);
    assert!(!harness.machine.is_quiescent(), "the discovery request is under way");
    harness.serve_discovery();
    assert!(!harness.machine.is_quiescent(), "the code exchange is under way");
    harness.gives(&tokens);
    assert!(!harness.machine.is_quiescent(), "the JWKS request is under way");
    harness.serve_jwks();
    assert!(harness.machine.is_quiescent());
}

#[test]
fn sign_in_hints_are_those_of_a_session_that_is_known_to_end() {
    let mut harness = Harness::signed_in();
    assert_eq!(session(&harness).login_hint(), None);
    assert_eq!(session(&harness).ending_organization(), None);
    let rejected = || Ok(json_response(403, &json!({"error": "invalid_grant"})));
    for _ in 0..3 {
        harness.until_refresh();
        harness.respond("/oauth/token", rejected());
    }
    assert_eq!(session(&harness).login_hint().as_deref(), Some("ada@analytical.example"));
    assert_eq!(session(&harness).ending_organization(), Some(harness.organization));
}

#[test]
fn problem_is_removed_by_its_own_code_only() {
    let mut session = Session::SignedOut(SignedOut::because(
        SignedOutReason::SignInFailed,
        Some(Problem::new(ProblemCode::Offline)),
    ));
    session.forget_problem_of(ProblemCode::ClockWrong);
    assert_eq!(session.problem().map(|one| one.code), Some(ProblemCode::Offline));
    session.forget_problem_of(ProblemCode::Offline);
    assert_eq!(session.problem(), None);

    let mut harness = Harness::signed_in();
    let session = &mut harness.machine.current.session;
    session.signed_in().unwrap().problem = Some(Problem::new(ProblemCode::SessionClockWrong));
    session.forget_problem_of(ProblemCode::Offline);
    assert_eq!(session.problem().map(|one| one.code), Some(ProblemCode::SessionClockWrong));
    session.forget_problem_of(ProblemCode::SessionClockWrong);
    assert_eq!(session.problem(), None);
}

#[test]
fn events_effects_and_keychain_errors_are_named_in_debug() {
    assert_eq!(format!("{:?}", Event::CancelSignIn), "CancelSignIn");
    assert_eq!(format!("{:?}", Effect::BringToFront), "BringToFront");
    assert_eq!(KeychainError::Locked("why".to_owned()).detail(), "why");
    assert!(KeychainError::Slow.detail().contains("in time"));
}

/// A token that ends within the margin may be rejected by the time it arrives.
#[test]
fn access_token_is_cached_until_ten_seconds_before_its_end() {
    let mut harness = Harness::refresh_in_flight();
    let ends = harness.machine.current.session.signed_in().unwrap().access_token_ends;
    let cached = |harness: &Harness| harness.machine.cached_access_token().is_some();
    let margin = seconds(10);
    harness.now.monotonic = Monotonic(ends.0 - margin - Duration::from_millis(1));
    harness.happens(Event::TimerFired);
    assert!(cached(&harness));
    harness.now.monotonic = Monotonic(ends.0 - margin);
    harness.happens(Event::TimerFired);
    assert!(!cached(&harness));
}

/// Marsaglia, Xorshift RNGs (2003): the shifts 13, 7 and 17 have the full period.
#[test]
fn jitter_is_xorshift_of_full_period() {
    let mut account = Account::new(0, 1);
    let draws = [(); 3].map(|()| account.draw());
    assert_eq!(draws, [1_082_269_761, 1_152_992_998_833_853_505, 11_177_516_664_432_764_457]);
}

/// With less than all bits the refreshes of many computers would fall into step.
#[test]
fn jitter_sets_every_bit_half_of_the_time() {
    let mut account = Account::new(0, 1);
    let draws: Vec<_> = (0..4096).map(|_| account.draw()).collect();
    for bit in 0..64 {
        let set = draws.iter().filter(|draw| **draw >> bit & 1 == 1).count();
        assert!((1800..=2300).contains(&set), "bit {bit}: {set} of 4096");
    }
}
