//! Tests with a wrong clock.

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    protocol::signing::json_answer,
    session::{Event, Operation},
    view::SignInStep,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

/// Refreshes the session once at its scheduled time.
fn refreshes(harness: &mut Harness, refresh_token: &str) {
    harness.until_refresh();
    let tokens = harness.refreshed_tokens(refresh_token);
    harness.gives(&tokens);
    harness.answer_keys_if_asked();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some(refresh_token));
}

// req: X9
#[test]
fn clock_off_by_10_min_is_tolerated() {
    for ahead in [10 * MINUTE, -10 * MINUTE] {
        let mut harness = Harness::fresh();
        harness.clock_is_set(ahead);
        harness.signs_in();
        assert_eq!(harness.problem(), None);
        refreshes(&mut harness, "rt-2");
        assert_eq!(harness.problem(), None);
        let mut harness = harness.restarted(seconds(30));
        harness.clock_is_ahead = ahead;
        refreshes(&mut harness, "rt-3");
    }
}

// req: X9
#[test]
fn clock_off_by_a_day_is_reported_before_browser_opens() {
    for ahead in [DAY, -DAY] {
        let mut harness = Harness::fresh();
        harness.clock_is_set(ahead);
        harness.wants_to_sign_in();
        harness.answer_discovery();
        harness.sign_in_failed_with(ProblemCode::ClockWrong);
        assert!(harness.opened.is_empty());
        harness.pass(seconds(100_000));
        assert!(harness.sent.is_empty(), "it waits for the user");
        harness.clock_is_set(0);
        harness.signs_in();
    }
}

// req: X9
#[test]
fn clock_jump_by_a_day_is_reported_and_keeps_session() {
    for ahead in [DAY, -DAY] {
        let mut harness = Harness::signed_in();
        harness.clock_is_set(ahead);
        refreshes(&mut harness, "rt-2");
        assert_eq!(harness.problem(), Some(ProblemCode::SessionClockWrong));
        refreshes(&mut harness, "rt-3");
        assert_eq!(harness.requests_to("/oauth/token"), 0, "one refresh at a time, as ever");
        harness.clock_is_set(0);
        refreshes(&mut harness, "rt-4");
        assert_eq!(harness.problem(), None);
    }
}

// req: X9
#[test]
fn clock_jump_while_browser_is_open_keeps_the_sign_in() {
    for ahead in [DAY, -DAY] {
        let mut harness = Harness::in_browser();
        harness.answer_keys();
        harness.clock_is_set(ahead);
        harness.finishes_in_the_browser();
        assert_eq!(harness.profile_name(), "Ada Lovelace");
    }
}

#[test]
fn server_time_advances_with_the_monotonic_clock() {
    let mut harness = Harness::fresh();
    harness.clock_is_set(10 * MINUTE);
    harness.wants_to_sign_in();
    harness.answer_discovery();
    harness.answer_keys();
    harness.environment_tells_time = false;
    harness.pass(seconds(500));
    harness.finishes_in_the_browser();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn http_response_to_unknown_request_sets_no_server_time() {
    let mut harness = Harness::fresh();
    harness.environment_tells_time = false;
    let mut answer = json_answer(200, &discovery());
    answer.date = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
    harness.happens(Event::HttpCompleted(Operation(77), Ok(answer)));
    harness.signs_in();
}

#[test]
fn clock_off_by_10_min_without_server_time_is_reported() {
    let mut harness = Harness::fresh();
    harness.environment_tells_time = false;
    harness.clock_is_set(10 * MINUTE);
    harness.wants_to_sign_in();
    harness.answer_discovery();
    harness.answer_keys();
    harness.finishes_in_the_browser();
    harness.is_at(SignInStep::Finishing);
    harness.answer(DISCOVERY, status(405, None));
    harness.sign_in_failed_with(ProblemCode::ClockWrong);
    assert!(harness.sent.is_empty());
}

/// The token response has no `Date`, and this computer's clock is ten minutes ahead.
#[test]
fn clock_off_by_10_min_is_tolerated_once_the_time_was_requested() {
    let mut harness = Harness::fresh();
    harness.environment_tells_time = false;
    harness.clock_is_set(10 * MINUTE);
    harness.wants_to_sign_in();
    harness.answer_discovery();
    harness.answer_keys();
    harness.finishes_in_the_browser();
    harness.environment_tells_time = true;
    harness.answer(DISCOVERY, status(405, None));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}
