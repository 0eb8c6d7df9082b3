//! What answers say of the time, and what caches have kept of it.

use std::time::Duration;

use serde_json::json;

use super::desk::*;
use crate::{
    machine::Event,
    problem::ProblemCode,
    signing::{OURS, json_answer},
    view::{SessionView, SignedOutReason},
};

/// The description comes from a cache (RFC 9111 §4.2.3: `Date` is the origin's, `Age` says how old).
#[test]
fn cached_metadata_date_does_not_block_sign_in() {
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
fn cached_jwks_date_does_not_make_id_token_premature() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    // The user takes eleven minutes... no: the wait is ten; keys are older than ten minutes at the end.
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
fn cached_jwks_date_does_not_extend_initiate_login_token() {
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

/// The clock is set back by a second between the wish and the restart (NTP).
#[test]
fn clock_set_back_1s_does_not_lose_the_sign_in() {
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

#[test]
fn cached_metadata_age_counts_towards_server_time() {
    for (age, opened) in [(None, 0), (Some("7200"), 1), (Some("nonsense"), 0), (Some("-1"), 0)] {
        let mut desk = Desk::fresh();
        desk.environment_tells_time = false;
        desk.wants_to_sign_in();
        let mut answer = json_answer(200, &discovery());
        answer.date = Some(date(desk.now.wall.0 - 2 * 3_600_000));
        answer.age = age.map(str::to_owned);
        desk.answer(DISCOVERY, Ok(answer));
        assert_eq!(desk.opened.len(), opened, "{age:?}");
        assert_eq!(desk.requests_to(DISCOVERY), 1 - opened, "asked past caches: {age:?}");
    }
}

#[test]
fn clock_a_day_ahead_is_reported_after_uncached_response() {
    for asked in [status(405, None), offline()] {
        let said = asked.is_ok();
        let mut desk = Desk::fresh();
        desk.clock_is_set(86_400_000);
        desk.wants_to_sign_in();
        desk.answer(DISCOVERY, Ok(json_answer(200, &discovery())));
        assert_eq!(desk.sent[0].1.method(), http::Method::OPTIONS);
        desk.answer(DISCOVERY, asked);
        if said {
            desk.sign_in_failed_with(ProblemCode::ClockWrong);
        } else {
            assert_eq!(desk.opened.len(), 1, "nobody has said that this clock is the wrong one");
        }
    }
}

#[test]
fn clock_a_day_behind_is_reported_from_cached_metadata() {
    let mut desk = Desk::fresh();
    desk.clock_is_set(-86_400_000);
    desk.wants_to_sign_in();
    desk.answer(DISCOVERY, Ok(json_answer(200, &discovery())));
    desk.sign_in_failed_with(ProblemCode::ClockWrong);
}

#[test]
fn metadata_and_jwks_requests_send_no_cache() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    let no_cache = |desk: &Desk| desk.sent[0].1.headers()["cache-control"] == "no-cache";
    assert!(no_cache(&desk));
    desk.answer_discovery();
    assert_eq!(desk.requests_to("/keys"), 1);
    assert!(no_cache(&desk));
}

#[test]
fn initiate_login_expiry_is_checked_by_uncached_server_time() {
    let mut desk = Desk::fresh();
    desk.clock_is_set(1_200_000);
    let now = desk.now.wall.seconds() - 1200;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let token = OURS.sign(&claims);
    desk.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    desk.answer(DISCOVERY, Ok(json_answer(200, &discovery())));
    desk.answer_keys();
    assert_eq!(desk.requests_to(DISCOVERY), 1);
    desk.answer(DISCOVERY, status(405, None));
    assert!(matches!(desk.view(), SessionView::Invited { .. }), "{:?}", desk.view());
}

fn date(milliseconds: i64) -> String {
    let since = Duration::from_millis(milliseconds.try_into().unwrap());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

#[test]
fn cached_metadata_with_fresh_date_and_age_allows_sign_in() {
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

#[test]
fn token_endpoint_date_outweighs_cached_jwks_date() {
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

#[test]
fn cached_jwks_age_does_not_stop_refresh() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let mut number = 1;
    for _ in 0..3600 {
        desk.pass(seconds(1));
        desk.answer_discovery_if_asked();
        if desk.requests_to("/oauth/token") > 0 {
            number += 1;
            let tokens = desk.refreshed_tokens(&format!("rt-{number}"));
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
        desk.refresh()
    );
}

#[test]
fn initiate_login_repeated_during_time_check_is_not_expired() {
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
