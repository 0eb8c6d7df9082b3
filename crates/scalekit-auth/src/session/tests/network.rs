//! Tests without a network.

use crate::session::tests::harness::*;
use crate::{
    configuration::{ClientId, Configuration, EnvironmentUrl, RedirectUris},
    problem::ProblemCode,
    session::{Event, Network, account::Account},
    view::RefreshView,
};

/// No request is sent, and no timer is set.
#[track_caller]
fn waits_for_network(harness: &Harness) {
    assert!(harness.sent.is_empty(), "something is sent");
    assert_eq!(harness.wakes_at, None, "a timer runs");
    match harness.refresh() {
        RefreshView::Delayed { retry_at: None, problem } => {
            assert_eq!(problem.code, ProblemCode::RefreshOffline);
        }
        other => panic!("it does not wait: {other:?}"),
    }
}

// req: K4
#[test]
fn refresh_without_network_is_sent_when_one_is_there() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::NetworkChanged(Network::Absent));
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }), "it is not due");
    harness.pass(seconds(8 * 3600));
    waits_for_network(&harness);
    harness.happens(Event::NetworkChanged(Network::Present));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn refresh_that_failed_before_the_network_was_absent_waits() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", offline());
    assert!(matches!(harness.refresh(), RefreshView::Delayed { retry_at: Some(_), .. }));
    harness.happens(Event::NetworkChanged(Network::Absent));
    harness.pass(seconds(3600));
    waits_for_network(&harness);
}

/// The network changes without an interruption.
#[test]
fn network_change_brings_a_delayed_refresh_forward() {
    let mut harness = Harness::unreached_for_hours(offline);
    if harness.sent.is_empty() {
        harness.happens(Event::NetworkChanged(Network::Present));
    }
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// The reported network state may be wrong.
#[test]
fn retry_hint_without_network_sends_one_refresh() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::NetworkChanged(Network::Absent));
    harness.pass(seconds(3600));
    for event in [Event::RetryHint, Event::UserReturned, Event::Refresh] {
        harness.happens(event);
        harness.serve_discovery_if_requested();
        assert_eq!(harness.requests_to("/oauth/token"), 1);
        harness.respond("/oauth/token", offline());
        harness.pass(seconds(60));
        waits_for_network(&harness);
    }
}

/// The environment may have processed the request: another one follows, with or without a network.
#[test]
fn refresh_without_response_is_repeated_once_without_network() {
    let mut harness = Harness::refresh_in_flight();
    harness.happens(Event::NetworkChanged(Network::Absent));
    harness.respond("/oauth/token", status(503, None));
    harness.pass(seconds(1));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    harness.respond("/oauth/token", offline());
    harness.pass(seconds(3600));
    waits_for_network(&harness);
}

#[test]
fn absent_network_is_known_to_the_next_account() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::Configured(Some(numbered_environment(1))));
    harness.happens(Event::NetworkChanged(Network::Absent));
    harness.happens(Event::Configured(Some(configuration())));
    harness.pass(seconds(3600));
    waits_for_network(&harness);
}

fn environment_at(url: &str) -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse(url).unwrap(),
        ClientId::parse("skc_1").unwrap(),
        RedirectUris::with_scheme("io.latchkey.desktop").unwrap(),
    )
}

#[test]
fn loopback_environment_is_reached_without_network() {
    let reachable = |url| {
        let mut account = Account::new(0, 1);
        account.configuration = Some(environment_at(url));
        account.network = Network::Absent;
        account.refresh_conditions().reachable
    };
    assert!(reachable("http://127.0.0.1:8080"));
    assert!(!reachable("https://acme.scalekit.com"));
}

/// Only the loopback addresses have returned.
#[test]
fn loopback_environment_takes_an_address_change_as_retry_hint() {
    let refreshes = |environment| {
        let mut harness = Harness::unreached_for_hours(offline);
        harness.machine.current.configuration = Some(environment);
        harness.happens(Event::NetworkChanged(Network::Absent));
        harness.serve_discovery_if_requested();
        harness.requests_to("/oauth/token")
    };
    assert_eq!(refreshes(environment_at("http://127.0.0.1:8080")), 1);
    assert_eq!(refreshes(environment_at("https://acme.scalekit.com")), 0);
}

/// "Nothing is sent to an environment outside this computer until an address comes."
#[test]
fn caller_without_network_sends_nothing() {
    let refresh = crate::configuration::RefreshPolicy::WhileInUse;
    let mut harness = Harness::off(std::collections::HashMap::new());
    configured(&mut harness, crate::configuration::Configuration { refresh, ..configuration() });
    harness.signs_in();
    harness.happens(Event::NetworkChanged(crate::session::Network::Absent));
    harness.pass(seconds(7200));
    let before = harness.sent.len();
    wants_token(&mut harness, 1, None);
    assert_eq!(harness.sent.len(), before, "{:?}", harness.sent.last());
}

#[test]
fn caller_with_a_rejected_token_without_network_sends_nothing() {
    let mut harness = Harness::signed_in();
    wants_token(&mut harness, 1, None);
    let token = harness.given.pop().unwrap().1.unwrap().token;
    harness.happens(Event::NetworkChanged(crate::session::Network::Absent));
    wants_token(&mut harness, 2, Some(token));
    assert_eq!(harness.requests_to("/oauth/token") + harness.requests_to(DISCOVERY), 0);
}
