//! Tests of a session that is refreshed only while the application is in use.
use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, RefreshPolicy},
    session::Event,
};

fn while_in_use() -> Harness {
    refreshed_while_in_use(Harness::signed_in())
}

fn refreshed_while_in_use(mut harness: Harness) -> Harness {
    let refresh = RefreshPolicy::WhileInUse;
    harness.happens(Event::Configured(Some(Configuration { refresh, ..configuration() })));
    harness
}

fn refreshes(harness: &mut Harness) -> bool {
    harness.serve_discovery_if_requested();
    harness.requests_to("/oauth/token") > 0
}

// req: M20
#[test]
fn refresh_is_paused_while_app_is_not_in_use() {
    let mut harness = while_in_use();
    for _ in 0..10 {
        harness.pass(seconds(LIFETIME));
        assert!(!refreshes(&mut harness));
    }
    assert_eq!(harness.profile_name(), "Ada Lovelace", "it ends by the service's word only");
}

#[test]
fn refresh_that_is_due_starts_once_app_is_in_use() {
    let mut harness = while_in_use();
    harness.pass(seconds(LIFETIME));
    harness.happens(Event::InUse(true));
    assert!(refreshes(&mut harness));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.pass(seconds(LIFETIME));
    assert!(refreshes(&mut harness), "and goes on to be while it is");
}

#[test]
fn refresh_stops_once_app_is_no_longer_in_use() {
    let mut harness = while_in_use();
    harness.happens(Event::InUse(true));
    harness.happens(Event::InUse(false));
    harness.pass(seconds(LIFETIME));
    assert!(!refreshes(&mut harness));
}

// req: M20
#[test]
fn access_token_request_refreshes_while_app_is_not_in_use() {
    let mut harness = while_in_use();
    harness.pass(seconds(LIFETIME));
    wants_token(&mut harness, 1, None);
    assert!(refreshes(&mut harness));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    let [(_, Ok(given))] = &harness.given[..] else { panic!("no token") };
    assert!(given.token.matches(tokens["access_token"].as_str().unwrap()));
}

/// Two seconds are the shortest plausible lifetime.
#[test]
fn access_token_of_2s_is_not_given_after_its_end() {
    let mut harness = refreshed_while_in_use(Harness::signed_in_with_lifetime(2));
    harness.pass(seconds(2));
    wants_token(&mut harness, 1, None);
    assert!(refreshes(&mut harness));
}

#[test]
fn in_use_state_carries_over_to_new_configuration() {
    let mut harness = Harness::fresh();
    harness.happens(Event::InUse(true));
    let refresh = RefreshPolicy::WhileInUse;
    harness.happens(Event::Configured(Some(Configuration { refresh, ..other_environment() })));
    harness.happens(Event::Configured(Some(Configuration { refresh, ..configuration() })));
    harness.signs_in();
    harness.pass(seconds(LIFETIME));
    assert!(refreshes(&mut harness));
}

/// Each of these responses rotates a refresh token, which the service may count as activity.
#[test]
fn refresh_rejections_stop_while_app_is_not_in_use() {
    use crate::protocol::signing::OURS;
    let mut harness = while_in_use();
    harness.happens(Event::InUse(true));
    let unusable = |harness: &Harness, refresh_token: &str| {
        let now = harness.now.wall.seconds();
        let mut tokens = harness.refreshed_tokens(refresh_token);
        let claims = serde_json::json!({
            "iss": ISSUER, "sub": "usr_1", "aud": "skc_other", "iat": now, "exp": now + 300,
        });
        tokens["id_token"] = OURS.sign(&claims).expose().into();
        tokens
    };
    harness.until_refresh();
    let tokens = unusable(&harness, "rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.happens(Event::InUse(false));
    let mut spent = 0;
    for second in 0..4 * 3600 {
        harness.pass(seconds(1));
        harness.serve_discovery_if_requested();
        harness.serve_jwks_if_requested();
        if harness.requests_to("/oauth/token") > 0 {
            spent += 1;
            let tokens = unusable(&harness, &format!("rt-{second}-x"));
            harness.gives(&tokens);
            harness.serve_jwks_if_requested();
        }
    }
    assert!(spent <= 1, "{spent} refresh tokens in four hours of not being used");
}

/// Nothing was sent, as there was no network while the application was in use.
#[test]
fn refresh_that_never_began_waits_until_app_is_in_use() {
    use crate::session::Network;
    let mut harness = while_in_use();
    harness.happens(Event::InUse(true));
    harness.happens(Event::NetworkChanged(Network::Absent));
    harness.pass(seconds(LIFETIME));
    harness.happens(Event::InUse(false));
    harness.pass(seconds(3600));
    harness.happens(Event::NetworkChanged(Network::Present));
    harness.pass(seconds(600));
    assert!(!refreshes(&mut harness));
}
