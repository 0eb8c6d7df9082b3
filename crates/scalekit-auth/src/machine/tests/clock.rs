//! Stories of clocks that are wrong.

use super::desk::*;
use crate::{
    machine::{Event, Operation},
    problem::ProblemCode,
    signing::json_answer,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

/// Renews the session once, as at any time of the day.
fn renews(desk: &mut Desk, refresh_token: &str) {
    desk.until_renewal();
    let tokens = desk.renewed_tokens(refresh_token);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert_eq!(desk.kept_refresh_token().as_deref(), Some(refresh_token));
}

#[test]
fn ten_minutes_either_way_go_unnoticed() {
    for ahead in [10 * MINUTE, -10 * MINUTE] {
        let mut desk = Desk::fresh();
        desk.clock_is_set(ahead);
        desk.signs_in();
        assert_eq!(desk.problem(), None);
        renews(&mut desk, "rt-2");
        assert_eq!(desk.problem(), None);
        let mut desk = desk.restarted(seconds(30));
        desk.clock_is_ahead = ahead;
        renews(&mut desk, "rt-3");
    }
}

#[test]
fn a_day_either_way_is_said_before_the_browser_opens_and_nothing_loops() {
    for ahead in [DAY, -DAY] {
        let mut desk = Desk::fresh();
        desk.clock_is_set(ahead);
        desk.wants_to_sign_in();
        desk.answer_discovery();
        desk.sign_in_failed_with(ProblemCode::ClockWrong);
        assert!(desk.opened.is_empty());
        desk.pass(seconds(100_000));
        assert!(desk.sent.is_empty(), "it waits for the person");
        desk.clock_is_set(0);
        desk.signs_in();
    }
}

#[test]
fn a_clock_that_goes_wrong_by_a_day_ends_no_session_and_is_said_until_it_is_set() {
    for ahead in [DAY, -DAY] {
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.clock_is_set(ahead);
        renews(&mut desk, "rt-2");
        assert_eq!(desk.problem(), Some(ProblemCode::ClockWrong));
        renews(&mut desk, "rt-3");
        assert_eq!(desk.requests_to("/oauth/token"), 0, "one renewal at a time, as ever");
        desk.clock_is_set(0);
        renews(&mut desk, "rt-4");
        assert_eq!(desk.problem(), None);
    }
}

#[test]
fn a_clock_that_jumps_while_the_person_is_in_the_browser_does_not_end_the_sign_in() {
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
fn the_time_is_remembered_from_any_answer_and_goes_on_by_the_clock_nobody_can_set() {
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
fn an_answer_that_nobody_waits_for_tells_no_time() {
    let mut desk = Desk::fresh();
    desk.environment_tells_time = false;
    let mut answer = json_answer(200, &discovery());
    answer.date = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
    desk.happens(Event::Answered(Operation(77), Ok(answer)));
    desk.signs_in();
}

#[test]
fn where_the_environment_never_tells_the_time_this_clock_must_be_right() {
    let mut desk = Desk::fresh();
    desk.environment_tells_time = false;
    desk.clock_is_set(10 * MINUTE);
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.finishes_in_the_browser();
    desk.sign_in_failed_with(ProblemCode::ClockWrong);
}
