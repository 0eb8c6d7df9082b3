//! Tests with a wrong clock.

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    protocol::signing::{THEIRS, json_response},
    session::{Event, Operation},
    time::Wall,
    view::SignInStep,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

fn http_date(time: Wall) -> String {
    let since = std::time::Duration::from_millis(time.0.try_into().unwrap());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

/// Refreshes the session once at its scheduled time.
fn refreshes(harness: &mut Harness, refresh_token: &str) {
    harness.until_refresh();
    let tokens = harness.refreshed_tokens(refresh_token);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
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
        harness.serve_discovery();
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
        harness.serve_jwks();
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
    harness.serve_discovery();
    harness.serve_jwks();
    harness.environment_sends_time = false;
    harness.pass(seconds(500));
    harness.finishes_in_the_browser();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn http_response_to_unknown_request_sets_no_server_time() {
    let mut harness = Harness::fresh();
    harness.environment_sends_time = false;
    let mut token_response = json_response(200, &discovery());
    token_response.date = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
    harness.happens(Event::HttpCompleted(Operation(77), Ok(token_response)));
    harness.signs_in();
}

#[test]
fn clock_off_by_10_min_without_server_time_is_reported() {
    let mut harness = Harness::fresh();
    harness.environment_sends_time = false;
    harness.clock_is_set(10 * MINUTE);
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.finishes_in_the_browser();
    harness.is_at(SignInStep::Finishing);
    harness.respond(DISCOVERY, status(405, None));
    harness.sign_in_failed_with(ProblemCode::ClockWrong);
    assert!(harness.sent.is_empty());
}

/// The token response has no `Date`, and this computer's clock is ten minutes ahead.
#[test]
fn clock_off_by_10_min_is_tolerated_once_the_time_was_requested() {
    let mut harness = Harness::fresh();
    harness.environment_sends_time = false;
    harness.clock_is_set(10 * MINUTE);
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.finishes_in_the_browser();
    harness.environment_sends_time = true;
    harness.respond(DISCOVERY, status(405, None));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

fn is_given_a_token(harness: &mut Harness) -> bool {
    wants_token(harness, 1, None);
    harness.given.iter().any(|(_, token_response)| token_response.is_ok())
}

/// The response to a refresh, with its `Date`, arrives after the computer has slept for an hour.
fn refreshed_after_a_sleep() -> Harness {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.refreshed_tokens("rt-2");
    let date = http_date(harness.now.wall);
    harness.pass(seconds(3600));
    harness.environment_sends_time = false;
    let mut response = json_response(200, &tokens);
    response.date = Some(date);
    harness.respond("/oauth/token", Ok(response));
    if harness.requests_to("/keys") > 0 {
        harness.respond("/keys", offline());
    }
    harness
}

#[test]
fn stored_access_token_after_clock_was_set_back_is_refreshed() {
    let mut harness = Harness::fresh();
    harness.clock_is_set(20 * 60 * 1000);
    harness.signs_in();
    let mut again = harness.closed();
    again.clock_is_ahead = 20 * 60 * 1000;
    again.clock_is_set(0);
    again.pass(seconds(600));
    again.happens(Event::Configured(Some(configuration())));
    assert!(
        !is_given_a_token(&mut again),
        "a token that ended 300 seconds ago was given to a caller"
    );
}

#[test]
fn access_token_after_a_pause_of_2h_is_refreshed() {
    let mut harness = Harness::signed_in();
    harness.now.wall.0 += 2 * 3600 * 1000;
    harness.happens(Event::TimerFired);
    harness.happens(Event::UserReturned);
    assert!(
        !is_given_a_token(&mut harness),
        "a token that ended two hours ago was given to a caller"
    );
}

#[test]
fn access_token_after_a_sleep_during_jwks_fetch_is_expired() {
    let mut harness = Harness::refresh_in_flight();
    // A new key, so that the keys are fetched again.
    let tokens = harness.tokens_of("usr_1", "rt-2", None, &THEIRS);
    harness.gives(&tokens);
    assert_eq!(harness.requests_to("/keys"), 1);
    harness.pass(seconds(3600));
    harness.respond("/keys", offline());
    assert!(
        !is_given_a_token(&mut harness),
        "a token of 300 seconds that came an hour ago was given to a caller"
    );
}

#[test]
fn access_token_after_a_sleep_during_refresh_is_expired() {
    let mut harness = refreshed_after_a_sleep();
    assert!(
        !is_given_a_token(&mut harness),
        "a token of 300 seconds that was issued an hour ago was given to a caller"
    );
}

#[test]
fn sleep_during_a_refresh_reports_no_wrong_clock() {
    let harness = refreshed_after_a_sleep();
    assert_ne!(harness.problem(), Some(ProblemCode::SessionClockWrong));
}

/// A token that has expired by the monotonic clock is no sign of a pause.
#[test]
fn expired_token_of_short_lifetime_is_refreshed_at_its_time() {
    let mut harness = Harness::off(std::collections::HashMap::new());
    let refresh = crate::configuration::RefreshPolicy::WhileInUse;
    configured(&mut harness, crate::configuration::Configuration { refresh, ..configuration() });
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens["expires_in"] = serde_json::json!(1);
    harness.gives(&tokens);
    harness.pass(seconds(3600));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    harness.happens(Event::InUse(true));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// Nothing could refresh it, so a wrong clock must not end it.
#[test]
fn session_without_refresh_token_outlives_a_wrong_clock() {
    for ahead in [DAY, -DAY] {
        let mut harness = Harness::fresh();
        harness.wants_to_sign_in();
        harness.serve_discovery();
        harness.serve_jwks();
        harness.comes_back();
        let mut tokens = harness.tokens();
        tokens.as_object_mut().unwrap().remove("refresh_token");
        harness.gives(&tokens);
        harness.clock_is_set(ahead);
        harness.pass(seconds(1));
        assert_eq!(harness.profile_name(), "Ada Lovelace");
        if ahead < 0 {
            let again = harness.restarted(seconds(1));
            assert_eq!(again.profile_name(), "Ada Lovelace");
        }
    }
}

/// The problem of a sign-in whose ID token has these times, in seconds from now, while both clocks agree.
fn sign_in_with_times(issued: i64, expires: i64) -> Option<ProblemCode> {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    let now = harness.now.wall.seconds();
    let claims = serde_json::json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "nonce": harness.sent_parameter("nonce"),
        "iat": now + issued, "exp": now + expires,
    });
    tokens["id_token"] = crate::protocol::signing::OURS.sign(&claims).expose().into();
    harness.gives(&tokens);
    if harness.requests_to(DISCOVERY) > 0 {
        harness.respond(DISCOVERY, status(405, None));
    }
    match harness.view() {
        crate::view::SessionView::SignedOut { problem, .. } => {
            problem.as_ref().map(|problem| problem.code)
        }
        _ => None,
    }
}

#[test]
fn id_token_issued_15_min_ago_is_no_wrong_clock() {
    assert_ne!(sign_in_with_times(-900, 900), Some(ProblemCode::ClockWrong));
}

#[test]
fn id_token_expired_by_both_clocks_is_no_wrong_clock() {
    assert_ne!(sign_in_with_times(-600, -300), Some(ProblemCode::ClockWrong));
}

#[test]
fn id_token_that_ends_before_it_begins_is_no_wrong_clock() {
    assert_ne!(sign_in_with_times(0, 0), Some(ProblemCode::ClockWrong));
}
