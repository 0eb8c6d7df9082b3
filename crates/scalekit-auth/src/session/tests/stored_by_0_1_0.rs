//! Tests with entries that version 0.1.0 stored (written by its own code, at dbdc0de): a user stays signed in
//! after the update, and a session that was signed out stays so. The names of entries and locks are the same,
//! so that both versions share them.

use std::collections::HashMap;

use crate::session::tests::harness::*;
use crate::{
    session::Event,
    storage::record::{AccountKey, RecordKind, StorageKey},
    view::{SignInStep, SignedOutReason},
};

/// The content of a folder in `tests/stored_by_0_1_0`.
macro_rules! stored {
    ($folder:literal: $($kind:ident = $name:literal),+) => {
        HashMap::from([$((
            RecordKind::$kind,
            include_bytes!(concat!("../../../tests/stored_by_0_1_0/", $folder, "/", $name)).to_vec(),
        )),+])
    };
}

#[test]
fn storage_names_of_0_1_0_are_unchanged() {
    let account = AccountKey::of(&configuration());
    for (kind, name) in [
        (RecordKind::Session, "session-a1f3e447050f"),
        (RecordKind::SignIn, "sign-in-a1f3e447050f"),
        (RecordKind::Journal, "journal-a1f3e447050f"),
        (RecordKind::Ended, "ended-a1f3e447050f"),
        (RecordKind::Endpoints, "endpoints-a1f3e447050f"),
    ] {
        assert_eq!(StorageKey { account: account.clone(), kind }.name(), name);
    }
}

#[test]
fn session_of_0_1_0_is_restored_and_refreshed() {
    let mut harness = Harness::with_keychain(stored!("signed-in":
        Session = "session-a1f3e447050f", Endpoints = "endpoints-a1f3e447050f"));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    harness.until_refresh();
    assert!(harness.form().contains("refresh_token=rt-1"));
}

#[test]
fn session_of_0_1_0_signs_out_and_stays_signed_out() {
    let stored = || {
        stored!("signed-in":
        Session = "session-a1f3e447050f", Endpoints = "endpoints-a1f3e447050f")
    };
    let mut harness = Harness::with_keychain(stored());
    harness.wants_to_sign_out();
    harness.is_signed_out(SignedOutReason::SignedOut);
    // Another process of the old version writes its record again.
    harness.keychain.extend(stored());
    let harness = harness.restarted(seconds(1));
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
}

#[test]
fn tombstone_of_0_1_0_keeps_its_session_signed_out() {
    let harness = Harness::with_keychain(stored!("signed-out":
        Session = "session-a1f3e447050f", Ended = "ended-a1f3e447050f",
        Endpoints = "endpoints-a1f3e447050f"));
    assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    assert!(!harness.keychain.contains_key(&RecordKind::Session), "the record is deleted");
}

#[test]
fn refresh_in_flight_of_0_1_0_is_sent_once_more() {
    let mut harness = Harness::with_keychain(stored!("refresh-in-flight":
        Session = "session-a1f3e447050f", Journal = "journal-a1f3e447050f",
        Endpoints = "endpoints-a1f3e447050f"));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1, "at once: {:?}", harness.view());
    assert!(harness.form().contains("refresh_token=rt-1"));
}

#[test]
fn sign_in_pending_in_0_1_0_waits_for_its_callback() {
    let mut harness = Harness::off(stored!("sign-in-pending":
        SignIn = "sign-in-a1f3e447050f", Endpoints = "endpoints-a1f3e447050f"));
    harness.happens(Event::Configured(Some(configuration())));
    harness.is_at(SignInStep::WaitingForBrowser);
    let state = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    harness
        .follows(&format!("io.latchkey.desktop://callback?code=c0de&state={state}&iss={ISSUER}"));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1, "{:?}", harness.view());
}
