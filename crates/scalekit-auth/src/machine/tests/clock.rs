//! Stories of clocks that are wrong.

use super::desk::*;
use crate::{
    machine::{Event, Operation},
    problem::ProblemCode,
    signing::json_answer,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

/// Refreshes the session once, as at any time of the day.
fn refreshes(desk: &mut Desk, refresh_token: &str) {
    desk.until_refresh();
    let tokens = desk.refreshed_tokens(refresh_token);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert_eq!(desk.kept_refresh_token().as_deref(), Some(refresh_token));
}

#[test]
fn clock_off_by_10_min_is_tolerated() {
    for ahead in [10 * MINUTE, -10 * MINUTE] {
        let mut desk = Desk::fresh();
        desk.clock_is_set(ahead);
        desk.signs_in();
        assert_eq!(desk.problem(), None);
        refreshes(&mut desk, "rt-2");
        assert_eq!(desk.problem(), None);
        let mut desk = desk.restarted(seconds(30));
        desk.clock_is_ahead = ahead;
        refreshes(&mut desk, "rt-3");
    }
}

#[test]
fn clock_off_by_a_day_is_reported_before_browser_opens() {
    for ahead in [DAY, -DAY] {
        let mut desk = Desk::fresh();
        desk.clock_is_set(ahead);
        desk.wants_to_sign_in();
        desk.answer_discovery();
        desk.sign_in_failed_with(ProblemCode::ClockWrong);
        assert!(desk.opened.is_empty());
        desk.pass(seconds(100_000));
        assert!(desk.sent.is_empty(), "it waits for the user");
        desk.clock_is_set(0);
        desk.signs_in();
    }
}

#[test]
fn clock_jump_by_a_day_is_reported_and_keeps_session() {
    for ahead in [DAY, -DAY] {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.clock_is_set(ahead);
        refreshes(&mut desk, "rt-2");
        assert_eq!(desk.problem(), Some(ProblemCode::ClockWrong));
        refreshes(&mut desk, "rt-3");
        assert_eq!(desk.requests_to("/oauth/token"), 0, "one refresh at a time, as ever");
        desk.clock_is_set(0);
        refreshes(&mut desk, "rt-4");
        assert_eq!(desk.problem(), None);
    }
}

#[test]
fn clock_jump_while_browser_is_open_keeps_the_sign_in() {
    for ahead in [DAY, -DAY] {
        let mut desk = Desk::fresh();
        desk.wants_to_sign_in();
        desk.answer_discovery();
        desk.answer_keys();
        desk.clock_is_set(ahead);
        desk.finishes_in_the_browser();
        assert_eq!(desk.profile_name(), "Ada Lovelace");
    }
}

#[test]
fn server_time_advances_with_the_monotonic_clock() {
    let mut desk = Desk::fresh();
    desk.clock_is_set(10 * MINUTE);
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.environment_tells_time = false;
    desk.pass(seconds(500));
    desk.finishes_in_the_browser();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn http_response_to_unknown_request_sets_no_server_time() {
    let mut desk = Desk::fresh();
    desk.environment_tells_time = false;
    let mut answer = json_answer(200, &discovery());
    answer.date = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
    desk.happens(Event::HttpCompleted(Operation(77), Ok(answer)));
    desk.signs_in();
}

#[test]
fn clock_off_by_10_min_without_server_time_is_reported() {
    let mut desk = Desk::fresh();
    desk.environment_tells_time = false;
    desk.clock_is_set(10 * MINUTE);
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.finishes_in_the_browser();
    desk.sign_in_failed_with(ProblemCode::ClockWrong);
}
