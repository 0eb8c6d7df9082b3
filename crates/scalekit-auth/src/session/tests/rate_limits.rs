//! Tests of the rate of requests to the environment, in every mode.

use crate::session::tests::harness::*;
use crate::{
    protocol::http_response::HttpError,
    session::{Event, Network},
    storage::record::RecordKind,
};

/// The token requests within an hour of responses to requests that may have been processed.
fn hour_without_responses(harness: &mut Harness) -> usize {
    let mut attempts = 0;
    for _ in 0..3600 {
        harness.pass(seconds(1));
        while harness.requests_to("/oauth/token") > 0 {
            attempts += 1;
            harness.respond("/oauth/token", status(502, None));
        }
        while harness.requests_to(DISCOVERY) > 0 {
            harness.respond(DISCOVERY, status(502, None));
        }
    }
    attempts
}

// req: E16
#[test]
fn token_endpoint_502_without_keychain_backs_off() {
    let mut harness = in_memory();
    harness.until_refresh();
    let attempts = hour_without_responses(&mut harness);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

#[test]
fn token_endpoint_502_stays_below_60_requests_per_hour() {
    let mut harness = Harness::refresh_in_flight();
    let attempts = hour_without_responses(&mut harness);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

#[test]
fn token_endpoint_502_with_unwritable_journal_backs_off() {
    let mut harness = Harness::fresh();
    harness.unwritable = vec![RecordKind::Journal, RecordKind::Ended, RecordKind::Endpoints];
    harness.signs_in();
    harness.until_refresh();
    let attempts = hour_without_responses(&mut harness);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

// req: E16
#[test]
fn token_endpoint_502_with_unreadable_journal_backs_off() {
    let mut harness = Harness::fresh();
    harness.unreadable = vec![RecordKind::Journal];
    harness.signs_in();
    harness.until_refresh();
    let attempts = hour_without_responses(&mut harness);
    assert!(attempts < 60, "{attempts} token requests in an hour");
}

/// A protected resource that rejects every access token.
// req: E16
#[test]
fn refresh_on_rejected_access_token_is_rate_limited() {
    let mut harness = Harness::signed_in();
    let mut refreshes = 0;
    let mut token = {
        wants_token(&mut harness, 0, None);
        harness.given.pop().unwrap().1.unwrap().token
    };
    for n in 1..=100 {
        wants_token(&mut harness, n, Some(token.clone()));
        harness.serve_discovery_if_requested();
        if harness.requests_to("/oauth/token") == 0 {
            break;
        }
        refreshes += 1;
        let tokens = harness.refreshed_tokens(&format!("rt-{}", n + 1));
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        token = harness.given.pop().unwrap().1.unwrap().token;
    }
    assert!(refreshes < 10, "{refreshes} refreshes in the same second");
}

// req: E16
#[test]
fn token_endpoint_502_with_retry_hints_is_rate_limited() {
    let mut harness = Harness::refresh_in_flight();
    let mut requests = 0;
    for _ in 0..3600 {
        harness.pass(seconds(1));
        harness.happens(Event::RetryHint);
        while harness.requests_to("/oauth/token") > 0 {
            requests += 1;
            harness.respond("/oauth/token", status(502, None));
        }
        while harness.requests_to(DISCOVERY) > 0 {
            harness.respond(DISCOVERY, status(502, None));
        }
    }
    assert!(requests < 120, "{requests} token requests in an hour");
}

/// The first hint has brought the refresh forward already.
#[test]
fn retry_hints_without_effect_are_not_counted() {
    let busy = || status(503, None);
    let mut harness = Harness::unreached_for_hours(busy);
    harness.happens(Event::Refresh);
    harness.serve_discovery_if_requested();
    harness.respond("/oauth/token", busy());
    for hints in [10, 1] {
        (0..hints).for_each(|_| harness.happens(Event::RetryHint));
        harness.pass(seconds(5));
        harness.serve_discovery_if_requested();
        harness.respond("/oauth/token", busy());
    }
}

#[test]
fn discovery_retry_after_of_1h_is_honored() {
    let harness = Harness::signed_in();
    let mut harness = harness.restarted(seconds(200));
    let mut requests = 0;
    for _ in 0..3500 {
        harness.pass(seconds(1));
        while harness.requests_to(DISCOVERY) > 0 {
            requests += 1;
            harness.respond(DISCOVERY, status(429, Some("3600")));
        }
        while harness.requests_to("/oauth/token") > 0 {
            harness.respond("/oauth/token", status(503, None));
        }
    }
    assert!(requests <= 2, "{requests} requests within the hour that was asked for");
}

/// In an outage each attempt of a refresh is one request, regardless of the age of the metadata.
// req: K4
#[test]
fn discovery_503_is_repeated_after_10_minutes() {
    let harness = Harness::signed_in();
    let mut harness = harness.restarted(seconds(3600));
    let (mut discoveries, mut refreshes) = (0, 0);
    for _ in 0..3600 {
        harness.pass(seconds(1));
        while harness.requests_to(DISCOVERY) > 0 {
            discoveries += 1;
            harness.respond(DISCOVERY, status(503, None));
        }
        while harness.requests_to("/oauth/token") > 0 {
            refreshes += 1;
            harness.respond("/oauth/token", status(503, None));
        }
    }
    assert!((2..=6).contains(&discoveries), "{discoveries} requests for the metadata");
    assert!(refreshes > 10, "{refreshes} token requests");
}

#[test]
fn interrupted_refreshes_with_frequent_focus_are_rate_limited() {
    let mut harness = Harness::refresh_in_flight();
    let mut requests = 0;
    for second in 0..3600 {
        harness.pass(seconds(1));
        if second % 3 == 0 {
            harness.happens(Event::UserReturned);
        }
        while harness.requests_to("/oauth/token") > 0 {
            requests += 1;
            harness.respond("/oauth/token", interrupted());
        }
        while harness.requests_to(DISCOVERY) > 0 {
            harness.respond(DISCOVERY, offline());
        }
    }
    // 65 accepted hints, nine windows each, and the windows of the hour.
    assert!(requests < 650, "{requests} token requests in an hour");
}

/// The refreshes in an hour of a service that rejects every access token, asked every ten seconds.
fn refreshes_by_rejections(flaps: bool) -> u32 {
    let mut harness = Harness::signed_in();
    let mut refreshes = 0;
    for round in 0..360 {
        if flaps {
            harness.happens(Event::NetworkChanged(Network::Absent));
        }
        let rejected = harness.machine.cached_access_token().map(|one| one.token.clone());
        wants_token(&mut harness, round, rejected);
        harness.pass(seconds(2));
        harness.happens(Event::NetworkChanged(Network::Present));
        harness.pass(seconds(8));
        harness.serve_discovery_if_requested();
        if harness.requests_to("/oauth/token") > 0 {
            refreshes += 1;
            let tokens = harness.refreshed_tokens(&format!("rt-{refreshes}-"));
            harness.gives(&tokens);
            harness.serve_jwks_if_requested();
        }
    }
    refreshes
}

#[test]
fn rejected_tokens_beside_a_flapping_network_are_rate_limited() {
    for flaps in [false, true] {
        let refreshes = refreshes_by_rejections(flaps);
        assert!(refreshes <= 30, "{refreshes} refreshes in an hour, flaps: {flaps}");
    }
}

/// The token requests of an hour in which each takes the HTTP client's 20 seconds and gets no response.
fn requests_without_response(focus_seconds: Option<u64>) -> u64 {
    let mut harness = Harness::refresh_in_flight();
    let (mut requests, mut since) = (0, 0);
    for second in 0..3600 {
        if harness.requests_to("/oauth/token") == 0 {
            since = second;
        } else if second >= since + 20 {
            requests += 1;
            harness.respond("/oauth/token", Err(HttpError::TimedOut));
            since = second;
        }
        harness.serve_discovery_if_requested();
        if focus_seconds.is_some_and(|every| second % every == 0) {
            harness.happens(Event::UserReturned);
        }
        harness.pass(seconds(1));
    }
    requests
}

#[test]
fn focus_beside_an_environment_without_response_is_no_storm() {
    let (alone, focused) = (requests_without_response(None), requests_without_response(Some(60)));
    assert!(focused < alone + 65, "{focused} instead of {alone}");
}
