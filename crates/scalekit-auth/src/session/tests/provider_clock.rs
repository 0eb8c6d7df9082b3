//! Tests of the `Date` of responses and of caches.

use std::time::Duration;

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    protocol::signing::{OURS, json_response},
    session::Event,
    view::{SessionView, SignInStep, SignedOutReason},
};

/// The discovery document comes from a cache (RFC 9111 §4.2.3: `Date` is the origin's, `Age` is the time since).
// req: E20
#[test]
fn cached_metadata_date_does_not_block_sign_in() {
    let mut harness = Harness::fresh();
    harness.environment_sends_time = false;
    harness.wants_to_sign_in();
    let at = harness.now.wall.0 - 2 * 3_600_000;
    let mut response = json_response(200, &discovery());
    let time = std::time::UNIX_EPOCH + Duration::from_millis(at.try_into().unwrap());
    response.date = Some(httpdate::fmt_http_date(time));
    harness.respond(DISCOVERY, Ok(response));
    // Responses to OPTIONS are not cached.
    harness.environment_sends_time = true;
    harness.respond(DISCOVERY, status(405, None));
    assert_eq!(harness.opened.len(), 1, "{:?}", harness.view());
}

/// Keys from a cache, fetched after the token response.
#[test]
fn cached_jwks_date_does_not_make_id_token_premature() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    // The keys are older than ten minutes when the token response arrives.
    harness.pass(seconds(590));
    harness.comes_back();
    let tokens = harness.tokens();
    harness.pass(seconds(15));
    harness.gives(&tokens);
    assert_eq!(harness.requests_to("/keys"), 1);
    harness.environment_sends_time = false;
    let at = harness.now.wall.0 - 20 * 60_000;
    let mut response = json_response(200, &json!({ "keys": [OURS.jwk()] }));
    let time = std::time::UNIX_EPOCH + Duration::from_millis(at.try_into().unwrap());
    response.date = Some(httpdate::fmt_http_date(time));
    harness.respond("/keys", Ok(response));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

/// The token and the cached JWKS response are both 25 minutes old.
// req: E20
#[test]
fn cached_jwks_date_does_not_extend_initiate_login_token() {
    let mut harness = Harness::fresh();
    harness.environment_sends_time = false;
    let now = harness.now.wall.seconds() - 25 * 60;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let link =
        format!("io.latchkey.desktop://login?idp_initiated_login={}", OURS.sign(&claims).expose());
    harness.follows(&link);
    harness.serve_discovery_if_requested();
    let mut response = json_response(200, &json!({ "keys": [OURS.jwk()] }));
    let at = (harness.now.wall.0 - 25 * 60_000).try_into().unwrap();
    let time = std::time::UNIX_EPOCH + Duration::from_millis(at);
    response.date = Some(httpdate::fmt_http_date(time));
    harness.respond("/keys", Ok(response));
    assert!(!matches!(harness.view(), SessionView::Invited { .. }), "{:?}", harness.view());
}

/// The clock is set back by a second between the user action and the restart (NTP).
// req: E20
#[test]
fn clock_set_back_1s_does_not_lose_the_sign_in() {
    let harness = Harness::in_browser();
    let link = harness.good_link();
    let mut again = harness.closed();
    again.now.wall.0 -= 1000;
    again.happens(Event::Configured(Some(configuration())));
    again.follows(&link);
    again.serve_discovery_if_requested();
    assert_eq!(again.requests_to("/oauth/token"), 1, "{:?}", again.view());
}

#[test]
fn cached_metadata_age_counts_towards_server_time() {
    for (age, opened) in [(None, 0), (Some("7200"), 1), (Some("nonsense"), 0), (Some("-1"), 0)] {
        let mut harness = Harness::fresh();
        harness.environment_sends_time = false;
        harness.wants_to_sign_in();
        let mut response = json_response(200, &discovery());
        response.date = Some(date(harness.now.wall.0 - 2 * 3_600_000));
        response.age = age.map(str::to_owned);
        harness.respond(DISCOVERY, Ok(response));
        assert_eq!(harness.opened.len(), opened, "{age:?}");
        assert_eq!(harness.requests_to(DISCOVERY), 1 - opened, "asked past caches: {age:?}");
    }
}

#[test]
fn clock_a_day_ahead_is_reported_after_uncached_response() {
    for outcome in [status(405, None), offline()] {
        let has_response = outcome.is_ok();
        let mut harness = Harness::fresh();
        harness.clock_is_set(86_400_000);
        harness.wants_to_sign_in();
        harness.respond(DISCOVERY, Ok(json_response(200, &discovery())));
        assert_eq!(harness.sent[0].1.method(), http::Method::OPTIONS);
        harness.respond(DISCOVERY, outcome);
        if has_response {
            harness.sign_in_failed_with(ProblemCode::ClockWrong);
        } else {
            assert_eq!(harness.opened.len(), 1, "nothing shows that this clock is the wrong one");
        }
    }
}

#[test]
fn clock_a_day_behind_is_reported_after_uncached_server_time() {
    let mut harness = Harness::fresh();
    harness.clock_is_set(-86_400_000);
    harness.wants_to_sign_in();
    harness.respond(DISCOVERY, Ok(json_response(200, &discovery())));
    harness.is_at(SignInStep::Preparing);
    harness.respond(DISCOVERY, status(405, None));
    harness.sign_in_failed_with(ProblemCode::ClockWrong);
}

#[test]
fn metadata_and_jwks_requests_send_no_cache() {
    let mut harness = Harness::fresh();
    harness.wants_to_sign_in();
    let no_cache = |harness: &Harness| harness.sent[0].1.headers()["cache-control"] == "no-cache";
    assert!(no_cache(&harness));
    harness.serve_discovery();
    assert_eq!(harness.requests_to("/keys"), 1);
    assert!(no_cache(&harness));
}

#[test]
fn initiate_login_expiry_is_checked_by_uncached_server_time() {
    let mut harness = Harness::fresh();
    harness.clock_is_set(1_200_000);
    let now = harness.now.wall.seconds() - 1200;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let token = OURS.sign(&claims);
    harness.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    harness.respond(DISCOVERY, Ok(json_response(200, &discovery())));
    harness.serve_jwks();
    assert_eq!(harness.requests_to(DISCOVERY), 1);
    harness.respond(DISCOVERY, status(405, None));
    assert!(matches!(harness.view(), SessionView::Invited { .. }), "{:?}", harness.view());
}

fn date(milliseconds: i64) -> String {
    let since = Duration::from_millis(milliseconds.try_into().unwrap());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

/// This computer's clock is twenty minutes behind, and a cache serves a discovery document that is as old.
#[test]
fn initiate_login_iat_is_checked_by_uncached_server_time() {
    let mut harness = Harness::fresh();
    harness.clock_is_set(-1_200_000);
    harness.environment_sends_time = false;
    let old = harness.now.wall.0;
    let now = harness.now.wall.seconds() + 1200;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let token = OURS.sign(&claims);
    harness.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    let mut cached = json_response(200, &discovery());
    cached.date = Some(date(old));
    harness.respond(DISCOVERY, Ok(cached));
    harness.serve_jwks();
    assert_eq!(harness.requests_to(DISCOVERY), 1, "{:?}", harness.view());
    let mut uncached = json_response(405, &json!({}));
    uncached.date = Some(date(now * 1000));
    harness.respond(DISCOVERY, Ok(uncached));
    assert!(matches!(harness.view(), SessionView::Invited { .. }), "{:?}", harness.view());
}

#[test]
fn cached_metadata_with_fresh_date_and_age_allows_sign_in() {
    let mut harness = Harness::fresh();
    harness.wants_to_sign_in();
    let mut response = json_response(200, &discovery());
    response.age = Some("7200".to_owned());
    harness.respond(DISCOVERY, Ok(response));
    if harness.requests_to(DISCOVERY) > 0 {
        harness.respond(DISCOVERY, status(405, None));
    }
    assert_eq!(harness.opened.len(), 1, "{:?}", harness.view());
}

// req: E20
#[test]
fn token_endpoint_date_outweighs_cached_jwks_date() {
    let mut harness = Harness::in_browser();
    let mut response = json_response(200, &json!({ "keys": [OURS.jwk()] }));
    response.age = Some("1500".to_owned());
    harness.respond("/keys", Ok(response));
    harness.comes_back();
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn cached_jwks_age_does_not_stop_refresh() {
    let mut harness = Harness::signed_in();
    let mut number = 1;
    for _ in 0..3600 {
        harness.pass(seconds(1));
        harness.serve_discovery_if_requested();
        if harness.requests_to("/oauth/token") > 0 {
            number += 1;
            let tokens = harness.refreshed_tokens(&format!("rt-{number}"));
            harness.gives(&tokens);
        }
        if harness.requests_to("/keys") > 0 {
            let mut response = json_response(200, &json!({ "keys": [OURS.jwk()] }));
            response.age = Some("3600".to_owned());
            harness.respond("/keys", Ok(response));
        }
    }
    wants_token(&mut harness, 1, None);
    assert!(
        matches!(harness.given[..], [(_, Ok(_))]),
        "{:?}, {number} refresh tokens in an hour",
        harness.refresh()
    );
}

/// A login initiation whose time is being verified, and its link.
fn time_check_of_initiate_login() -> (Harness, String) {
    let mut harness = Harness::fresh();
    harness.clock_is_set(1_200_000);
    let now = harness.now.wall.seconds() - 1200;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let token = OURS.sign(&claims);
    let link = format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose());
    harness.follows(&link);
    harness.respond(DISCOVERY, Ok(json_response(200, &discovery())));
    harness.serve_jwks();
    assert_eq!(harness.requests_to(DISCOVERY), 1, "the time is being asked for");
    (harness, link)
}

#[test]
fn initiate_login_time_check_queues_at_most_4_links() {
    let (mut harness, link) = time_check_of_initiate_login();
    (0..4).for_each(|_| harness.follows(&link));
    assert_eq!(harness.machine.current.initiations.waiting.len(), 4);
}

#[test]
fn initiate_login_repeated_during_time_check_is_not_expired() {
    let (mut harness, link) = time_check_of_initiate_login();
    harness.follows(&link);
    let problem = harness.is_signed_out(SignedOutReason::Fresh);
    assert!(problem.is_none(), "{problem:?}");
}

/// The clock since boot stands still in a paused virtual machine; the wall clock is corrected afterwards.
/// Returns the number of pages that were opened before.
fn signs_in_after_a_pause() -> (Harness, usize) {
    let mut harness = Harness::signed_in();
    harness.wants_to_sign_out();
    harness.now.wall.0 += 3_600_000;
    let opened = harness.opened.len();
    harness.wants_to_sign_in();
    (harness, opened)
}

#[test]
fn sign_in_after_a_paused_virtual_machine_requests_the_time() {
    let (mut harness, opened) = signs_in_after_a_pause();
    harness.serve_discovery_if_requested();
    assert_eq!(harness.opened.len(), opened + 1, "{:?}", harness.view());
}

#[test]
fn sign_in_after_a_pause_without_the_time_opens_the_browser() {
    let (mut harness, opened) = signs_in_after_a_pause();
    assert_eq!(harness.requests_to(DISCOVERY), 1, "the time is requested");
    harness.respond(DISCOVERY, offline());
    assert_eq!(harness.opened.len(), opened + 1, "{:?}", harness.view());
}

#[test]
fn initiate_login_waits_for_keys_when_the_time_arrives_first() {
    let mut harness = Harness::fresh();
    harness.clock_is_set(1_200_000);
    harness.wants_to_sign_in();
    harness.respond(DISCOVERY, Ok(json_response(200, &discovery())));
    harness.happens(Event::CancelSignIn);
    let now = harness.now.wall.seconds() - 1200;
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_1", "organization_id": "org_2"});
    let token = OURS.sign(&claims);
    harness.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    assert_eq!(harness.requests_to("/keys"), 1);
    harness.respond(DISCOVERY, status(405, None));
    harness.serve_jwks();
    assert!(matches!(harness.view(), SessionView::Invited { .. }), "{:?}", harness.view());
}
