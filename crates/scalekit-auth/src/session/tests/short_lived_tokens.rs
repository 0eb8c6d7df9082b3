//! Tests of access tokens whose lifetime is shorter than the interval of refreshes.

use serde_json::json;

use crate::{
    secret::Secret,
    session::{Event, KeychainError, tests::harness::*},
    view::SessionView,
};

/// A session whose access tokens have `lifetime`, after `count` refreshes.
fn short_lived(lifetime: u64, count: usize) -> Harness {
    let mut harness = Harness::signed_in_with_lifetime(lifetime);
    let mut refreshes = 0;
    while refreshes < count {
        harness.pass(seconds(1));
        refreshes += usize::from(serves_refresh_if_requested(&mut harness, lifetime));
    }
    harness
}

/// Answers a refresh request, and what it needs, with tokens of this lifetime. Returns whether there was one.
fn serves_refresh_if_requested(harness: &mut Harness, lifetime: u64) -> bool {
    harness.serve_discovery_if_requested();
    let is_requested = harness.requests_to("/oauth/token") > 0;
    if is_requested {
        let now = harness.now.monotonic.0.as_millis();
        let mut tokens = harness.refreshed_tokens(&format!("rt-{now}-{}", harness.sent.len()));
        tokens["expires_in"] = json!(lifetime);
        harness.gives(&tokens);
    }
    harness.serve_jwks_if_requested();
    is_requested
}

fn is_given(harness: &mut Harness) -> bool {
    harness.given.clear();
    wants_token(harness, 1, None);
    matches!(harness.given[..], [(_, Ok(_))])
}

/// The `expires_in` of a server that counts in minutes, and a caller each second.
// req: E16
#[test]
fn expires_in_of_a_few_seconds_limits_refreshes() {
    for lifetime in [0, 1, 2, 5, 29] {
        let mut harness = Harness::signed_in_with_lifetime(lifetime);
        let mut refreshes = 0;
        for second in 0..3600 {
            harness.pass(seconds(1));
            wants_token(&mut harness, second, None);
            refreshes += usize::from(serves_refresh_if_requested(&mut harness, lifetime));
        }
        assert!((115..180).contains(&refreshes), "{refreshes} refreshes with {lifetime} s");
        assert_eq!(harness.given.len(), 3600);
        assert!(harness.given.iter().all(|(_, token)| token.is_ok()), "{lifetime} s");
    }
}

#[test]
fn short_lived_token_after_a_pause_of_2h_is_refreshed() {
    let mut harness = short_lived(20, 12);
    assert!(is_given(&mut harness));
    harness.now.wall.0 += 2 * 3600 * 1000;
    harness.happens(Event::TimerFired);
    assert!(!is_given(&mut harness), "a token that ended two hours ago was given");
}

#[test]
fn short_lived_token_of_a_resumed_account_is_refreshed() {
    let mut harness = short_lived(20, 12);
    harness.keychain_failure = Some(KeychainError::Failed("for a moment".to_owned()));
    harness.pass(seconds(29));
    // The account stays: a refresh is in flight when it is left, and its store fails.
    while harness.requests_to("/oauth/token") == 0 {
        harness.pass(seconds(1));
        harness.serve_discovery_if_requested();
        harness.keychain_failure = None;
    }
    harness.keychain_failure = Some(KeychainError::Failed("for long".to_owned()));
    configured(&mut harness, other_environment());
    let mut tokens = harness.refreshed_tokens("rt-last");
    tokens["expires_in"] = json!(20);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.pass(seconds(7200));
    harness.keychain_failure = None;
    configured(&mut harness, configuration());
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }));
    assert!(!is_given(&mut harness), "a token that ended two hours ago was given");
}

#[test]
fn short_lived_stored_token_is_refreshed_at_the_start() {
    let mut again = Harness::signed_in_with_lifetime(1).restarted(seconds(86_400));
    assert!(!is_given(&mut again), "a token that ended a day ago was given");
}

/// A service rejects every access token, and a caller asks each second. The bound is that of
/// `expires_in_of_a_few_seconds_limits_refreshes`.
#[test]
fn rejected_short_lived_tokens_limit_refreshes() {
    for lifetime in [1, 5, 29] {
        let mut harness = Harness::signed_in_with_lifetime(lifetime);
        let mut at = Vec::new();
        let mut known = None;
        for second in 0..3600 {
            harness.pass(seconds(1));
            harness.given.clear();
            wants_token(&mut harness, second, known.clone());
            for _ in 0..3 {
                if serves_refresh_if_requested(&mut harness, lifetime) {
                    at.push(second);
                }
            }
            if let Some((_, Ok(issued))) = harness.given.last() {
                known = Some(Secret::new(issued.token.expose()));
            }
        }
        let pairs = at.windows(2).filter(|two| two[1] - two[0] < 3).count();
        assert!(at.len() < 180, "{} refreshes with {lifetime} s, {pairs} at once", at.len());
    }
}
