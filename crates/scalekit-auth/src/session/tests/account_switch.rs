//! Tests of accounts that are left for another one, and of the return to them.

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, LoopbackPort},
    session::{Event, KeychainError},
    storage::record::RecordKind,
    view::{RefreshView, SessionView, SignInStep, SignedOutReason},
};

/// Signs in to an account of its own for each of these organizations, and leaves it with a pending refresh request
/// for the next one.
fn refreshes_in_flight(organizations: &[&'static str]) -> Harness {
    let mut harness = Harness::fresh();
    for organization in organizations {
        configured(&mut harness, pinned_to(organization));
        harness.organization = organization;
        harness.signs_in();
        harness.until_refresh();
        harness.sent.clear();
    }
    harness
}

#[test]
fn ninth_left_account_releases_the_lock_of_the_first() {
    let organizations = ["o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8", "o9"];
    let mut harness = refreshes_in_flight(&organizations);
    let locks = harness.locks.clone();
    assert_eq!(locks.len(), organizations.len(), "eight left accounts and the current one");
    configured(&mut harness, configuration());
    assert_eq!(harness.locks, locks[1..]);
}

#[test]
fn account_without_pending_operation_displaces_no_left_one() {
    let mut harness = refreshes_in_flight(&["o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8"]);
    let locks = harness.locks.clone();
    configured(&mut harness, pinned_to("org_1"));
    harness.organization = "org_1";
    harness.signs_in();
    configured(&mut harness, configuration());
    assert_eq!(harness.locks, locks);
}

/// Another process has deleted the session meanwhile.
#[test]
fn account_without_pending_operation_is_read_again_on_return() {
    let mut harness = Harness::signed_in();
    configured(&mut harness, other_environment());
    harness.keychain.remove(&RecordKind::Session);
    configured(&mut harness, configuration());
    harness.is_signed_out(SignedOutReason::Fresh);
}

#[test]
fn left_account_is_discarded_when_its_retry_after_has_elapsed() {
    let mut harness = Harness::refresh_in_flight();
    configured(&mut harness, other_environment());
    harness.respond("/oauth/token", status(429, Some("600")));
    let left_after = |harness: &mut Harness, time| {
        harness.pass(time);
        harness.happens(Event::TimerFired);
        harness.machine.left.len()
    };
    assert_eq!(left_after(&mut harness, seconds(599)), 1);
    assert_eq!(left_after(&mut harness, seconds(1)), 0);
}

#[test]
fn retry_after_elapsed_on_return_restores_the_schedule() {
    let mut harness = in_memory();
    harness.happens(Event::Refresh);
    configured(&mut harness, other_environment());
    harness.respond("/oauth/token", status(429, Some("60")));
    harness.pass(seconds(60));
    configured(&mut harness, configuration());
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }), "{:?}", harness.refresh());
}

/// Another process has stored the session after the sign-out.
#[test]
fn session_stored_after_sign_out_is_deleted_on_return() {
    let mut harness = Harness::signed_in();
    let stored_late = harness.keychain[&RecordKind::Session].clone();
    harness.wants_to_sign_out();
    configured(&mut harness, other_environment());
    harness.keychain.insert(RecordKind::Session, stored_late);
    harness.undeletable = true;
    configured(&mut harness, configuration());
    harness.undeletable = false;
    harness.pass(seconds(60));
    assert_eq!(harness.stored_refresh_token(), None);
}

/// The link arrives while the keychain of the other account cannot be read.
#[test]
fn initiate_login_queued_for_other_account_prompts_on_return() {
    let mut harness = in_memory();
    configured(&mut harness, other_environment());
    harness.follows("io.latchkey.desktop://login");
    configured(&mut harness, configuration());
    assert!(matches!(harness.view(), SessionView::Invited { .. }), "{:?}", harness.view());
}

#[test]
fn left_account_that_is_not_saved_is_not_quiescent() {
    let mut harness = Harness::refresh_in_flight();
    configured(&mut harness, other_environment());
    harness.keychain_failure = Some(KeychainError::Locked("locked with the screen".to_owned()));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.keychain_failure = None;
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"), "rt-2 is nowhere but here");
    let is_reported = harness.views.iter().any(|view| {
        let text = serde_json::to_string(view).unwrap();
        text.contains("notSaved") || text.contains("\"no\"")
    });
    assert!(
        !harness.machine.is_quiescent() || is_reported,
        "the program may exit now, the session is lost, and it was not reported"
    );
}

/// The settings change and change back while the browser is open; then the browser returns.
fn returns_after_round_trip(mut harness: Harness, completes: impl FnOnce(&mut Harness)) {
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    harness.is_at(SignInStep::WaitingForBrowser);
    let link = harness.good_link();
    configured(&mut harness, other_environment());
    configured(&mut harness, configuration());
    completes(&mut harness);
    harness.sent.clear();
    harness.follows(&link);
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1, "{:?}", harness.view());
}

#[test]
fn sign_in_in_browser_survives_round_trip_during_a_refresh() {
    returns_after_round_trip(Harness::refresh_in_flight(), |harness| {
        harness.respond("/oauth/token", status(503, None));
    });
}

#[test]
fn sign_in_in_browser_survives_round_trip_without_keychain() {
    returns_after_round_trip(in_memory(), |_| ());
}

#[test]
fn sign_in_in_browser_survives_round_trip_during_a_deletion() {
    let mut harness = Harness::signed_in();
    harness.undeletable = true;
    harness.wants_to_sign_out();
    returns_after_round_trip(harness, |_| ());
}

#[test]
fn loopback_listener_stops_when_its_account_is_left() {
    let mut harness = Harness::refresh_in_flight();
    let loopback = Some(LoopbackPort::Any);
    configured(&mut harness, Configuration { loopback, ..configuration() });
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    let entropy = harness.entropy();
    harness.happens(Event::UseLoopback { entropy });
    assert_eq!(harness.listeners.len(), 1);
    configured(&mut harness, other_environment());
    assert_eq!(harness.listeners.len(), 0);
}
