//! Tests of a session: refreshes, restarts, failures of the keychain.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, OrganizationId},
    problem::ProblemCode,
    protocol::{
        http_response::{CertificateFault, HttpError},
        signing::{OURS, THEIRS, json_response},
    },
    session::{Event, KeychainError, Machine},
    storage::record::RecordKind,
    view::{RefreshView, SessionView, SignedOutReason},
};

// req: E10
#[test]
fn refresh_runs_before_expiry_and_stores_rotated_token() {
    let mut harness = Harness::signed_in();
    harness.pass(seconds(190));
    assert_eq!(harness.requests_to("/oauth/token"), 0, "not yet");
    harness.pass(seconds(70));
    assert!(harness.form().contains("grant_type=refresh_token&refresh_token=rt-1"));
    assert_eq!(harness.refresh(), &RefreshView::Refreshing);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
}

#[test]
fn refresh_token_is_used_once_across_149_refreshes() {
    let mut harness = Harness::signed_in();
    for n in 1..150 {
        let form = harness.until_refresh();
        assert!(form.split('&').any(|pair| pair == format!("refresh_token=rt-{n}")), "{form}");
        let tokens = harness.refreshed_tokens(&format!("rt-{}", n + 1));
        harness.gives(&tokens);
        if harness.requests_to("/keys") > 0 {
            harness.serve_jwks();
        }
        assert_eq!(harness.stored_refresh_token(), Some(format!("rt-{}", n + 1)));
    }
}

#[test]
fn refresh_timing_is_jittered_across_50_devices() {
    let refreshes = (0..50).map(|seed| {
        let mut harness = Harness::off(HashMap::new());
        harness.machine = Machine::new(1_000_003 * seed);
        harness.happens(Event::Configured(Some(configuration())));
        harness.signs_in();
        harness.wakes_at.unwrap().since(harness.now.monotonic).as_secs()
    });
    let refreshes: BTreeSet<u64> = refreshes.collect();
    assert!(refreshes.iter().all(|after| (195..=255).contains(after)), "{refreshes:?}");
    assert!(refreshes.len() > 25, "{refreshes:?}");
}

#[test]
fn refresh_command_sent_twice_sends_one_token_request() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::Refresh);
    harness.happens(Event::Refresh);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn restart_restores_session_without_token_request() {
    let harness = Harness::signed_in();
    let mut harness = harness.restarted(seconds(60));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert!(harness.sent.is_empty());
    harness.pass(seconds(200));
    harness.serve_discovery();
    assert!(harness.form().contains("refresh_token=rt-1"));
}

#[test]
fn restart_after_access_token_expiry_refreshes_at_once() {
    let harness = Harness::signed_in();
    let mut harness = harness.restarted(seconds(100_000));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    harness.serve_discovery();
    assert!(harness.form().contains("refresh_token=rt-1"));
}

#[test]
fn discovery_503_at_start_uses_stored_endpoints() {
    let harness = Harness::signed_in();
    let mut harness = harness.restarted(seconds(3600));
    harness.respond("/.well-known/openid-configuration", status(503, None));
    assert!(harness.form().contains("refresh_token=rt-1"));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn tampered_stored_endpoints_are_not_used() {
    let mut harness = Harness::signed_in();
    for (name, value) in
        [("token_endpoint", "https://evil.example/oauth/token"), ("issuer", "https://evil.example")]
    {
        let mut changed = discovery();
        changed[name] = value.into();
        harness.keychain.insert(RecordKind::Endpoints, changed.to_string().into_bytes());
        harness = harness.restarted(seconds(3600));
        harness.respond("/.well-known/openid-configuration", status(503, None));
        assert!(harness.sent.is_empty(), "{name}");
        assert!(matches!(harness.refresh(), RefreshView::Delayed { .. }), "{name}");
    }
}

// req: E11
#[test]
fn clock_set_back_by_a_day_does_not_delay_refresh() {
    let harness = Harness::signed_in();
    let mut back = Harness::off(harness.keychain.clone());
    back.now.wall.0 -= 86_400_000;
    back.happens(Event::Configured(Some(configuration())));
    back.pass(seconds(260));
    assert_eq!(back.requests_to("/.well-known/openid-configuration"), 1);
}

// req: E8, X23
#[test]
fn refresh_invalid_grant_ends_session_once() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
    assert_eq!(harness.stored_refresh_token(), None);
    harness.pass(seconds(10_000));
    assert!(harness.sent.is_empty());
}

#[test]
fn refresh_transient_errors_keep_session() {
    let portal = || {
        let mut response = json_response(400, &json!({"error": "invalid_grant"}));
        response.content_type = Some("text/html".to_owned());
        Ok(response)
    };
    for outcome in [
        offline(),
        interrupted(),
        status(400, None),
        status(401, None),
        status(429, Some("60")),
        status(500, None),
        status(302, None),
        refused("slow_down"),
        portal(),
        Ok(json_response(200, &json!({}))),
    ] {
        let mut harness = Harness::refresh_in_flight();
        harness.respond("/oauth/token", outcome);
        assert!(matches!(harness.refresh(), RefreshView::Delayed { .. }));
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    }
}

#[test]
fn refresh_unreached_provider_names_what_is_in_the_way() {
    for (failure, code) in [
        (HttpError::Unreachable(String::new()), ProblemCode::RefreshOffline),
        (HttpError::ProxySignIn, ProblemCode::ProxySignIn),
        (HttpError::ProxyRejected, ProblemCode::ProxyRejected),
        (HttpError::Certificate(CertificateFault::Expired, None), ProblemCode::CertificateExpired),
        (HttpError::TooLarge, ProblemCode::RefreshUnavailable),
    ] {
        let mut harness = Harness::refresh_in_flight();
        harness.respond("/oauth/token", Err(failure));
        let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!("not delayed") };
        assert_eq!(problem.code, code);
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    }
}

// req: E10
#[test]
fn offline_hour_keeps_session_with_under_40_requests() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", offline());
    let mut attempts = 1;
    for _ in 0..3600 {
        harness.pass(seconds(1));
        while harness.requests_to("/oauth/token") > 0 {
            attempts += 1;
            harness.respond("/oauth/token", offline());
        }
        while harness.requests_to("/.well-known/openid-configuration") > 0 {
            attempts += 1;
            harness.respond("/.well-known/openid-configuration", offline());
        }
    }
    assert!(attempts < 40, "{attempts}");
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

// req: K4, X10
#[test]
fn retry_after_of_429_and_503_delays_refresh() {
    for busy in [429, 503] {
        let mut harness = Harness::refresh_in_flight();
        harness.respond("/oauth/token", status(busy, Some("90")));
        harness.pass(seconds(89));
        assert_eq!(harness.requests_to("/oauth/token"), 0, "{busy}");
        harness.pass(seconds(1));
        assert_eq!(harness.requests_to("/oauth/token"), 1, "{busy}");
    }
}

#[test]
fn interrupted_refresh_is_retried_within_1s() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", interrupted());
    harness.pass(seconds(1));
    assert!(harness.form().contains("refresh_token=rt-1"));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[test]
fn interrupted_refresh_retries_are_under_12_per_minute() {
    let mut harness = Harness::refresh_in_flight();
    let mut sent = 0;
    for _ in 0..60 {
        while harness.requests_to("/oauth/token") > 0 {
            sent += 1;
            harness.respond("/oauth/token", interrupted());
        }
        harness.pass(seconds(1));
    }
    assert!((4..12).contains(&sent), "{sent}");
}

#[test]
fn refresh_token_of_unusable_response_is_stored() {
    let mut harness = Harness::refresh_in_flight();
    let useless = json!({"refresh_token": "rt-2", "token_type": "mac"});
    harness.respond("/oauth/token", Ok(json_response(200, &useless)));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    harness.pass(seconds(2));
    assert!(harness.form().contains("refresh_token=rt-2"));
}

// req: E5
#[test]
fn refresh_without_new_refresh_token_keeps_old_one() {
    let mut harness = Harness::refresh_in_flight();
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("refresh_token");
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
}

/// The user is not replaced, and neither is the session ended, which a user would only lose.
// req: D29, E7
#[test]
fn refresh_with_another_sub_keeps_only_new_refresh_token() {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.tokens_of("usr_2", "rt-2", None, &OURS);
    let before = harness.stored_session().unwrap();
    harness.gives(&tokens);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshResponseRejected);
    assert_eq!(problem.detail.as_deref(), Some("it is about another user"));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    let stored = harness.stored_session().unwrap();
    assert_eq!(stored["refresh_token"], "rt-2");
    for of_before in ["access_token", "id_token", "profile"] {
        assert_eq!(stored[of_before], before[of_before], "{of_before}");
    }
}

// req: G5
#[test]
fn jwks_503_during_refresh_keeps_session() {
    let mut harness = Harness::signed_in();
    harness.pass(seconds(200));
    harness.happens(Event::Refresh);
    let tokens = harness.tokens_of("usr_1", "rt-2", None, &THEIRS);
    harness.gives(&tokens);
    assert_eq!(
        harness.stored_refresh_token().as_deref(),
        Some("rt-2"),
        "saved before it is verified"
    );
    harness.respond("/keys", status(503, None));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
}

// req: E7
#[test]
fn refresh_with_wrong_at_hash_keeps_new_refresh_token() {
    let mut harness = Harness::refresh_in_flight();
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens["access_token"] = json!("swapped");
    harness.gives(&tokens);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshResponseRejected);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

// req: E7
#[test]
fn refreshed_id_token_with_unknown_nonce_is_discarded() {
    let harness = Harness::signed_in();
    let nonce = harness.sent_parameter("nonce");
    let mut harness = harness.restarted(seconds(10));
    harness.until_refresh();
    let tokens = harness.tokens_of("usr_1", "rt-2", Some(&nonce), &OURS);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
    harness.until_refresh();
    let tokens = harness.tokens_of("usr_1", "rt-3", Some("another"), &OURS);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-3"));
    let record =
        crate::storage::record::SessionRecord::decode(&harness.keychain[&RecordKind::Session])
            .unwrap();
    assert!(
        !record.id_token.matches(tokens["id_token"].as_str().unwrap()),
        "nothing is taken of it"
    );
}

// req: E12
#[test]
fn refresh_updates_roles_and_permissions() {
    let mut harness = Harness::refresh_in_flight();
    let now = harness.now.wall.seconds();
    let access = OURS.sign(&json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "roles": ["guest"], "permissions": [], "oid": "org_1", "scope": "openid",
    }));
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("id_token");
    tokens["access_token"] = json!(access.expose());
    harness.gives(&tokens);
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!() };
    assert_eq!(profile.roles.as_deref().unwrap(), ["guest"]);
    assert_eq!(profile.permissions, Some(Vec::new()));
}

#[test]
fn refresh_with_other_oid_than_pinned_is_rejected() {
    let mut harness = Harness::off(HashMap::new());
    let organization = OrganizationId::parse("org_1").ok();
    harness.happens(Event::Configured(Some(Configuration { organization, ..configuration() })));
    harness.signs_in();
    harness.until_refresh();
    let now = harness.now.wall.seconds();
    let access = OURS.sign(&json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "roles": ["owner"], "permissions": [], "oid": "org_2",
    }));
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("id_token");
    tokens["access_token"] = json!(access.expose());
    harness.gives(&tokens);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshResponseRejected);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
}

// req: E11
#[test]
fn wake_after_3h_of_sleep_refreshes_once() {
    for jump in [0, -86_400_000, 86_400_000] {
        let mut harness = Harness::signed_in();
        harness.now.monotonic = harness.now.monotonic.after(seconds(3 * 3600));
        harness.now.wall.0 += 3 * 3_600_000;
        harness.clock_is_set(jump);
        harness.happens(Event::TimerFired);
        harness.serve_discovery_if_requested();
        assert!(harness.form().contains("refresh_token=rt-1"));
        let tokens = harness.refreshed_tokens("rt-2");
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        harness.pass(seconds(200));
        assert!(harness.sent.is_empty());
    }
}

#[test]
fn session_without_refresh_token_ends_at_expiry() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    harness.gives(&tokens);
    assert!(matches!(harness.refresh(), RefreshView::Impossible { .. }));
    harness.pass(seconds(LIFETIME));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionExpired);
}

#[test]
fn expires_in_zero_delays_refresh_by_30s() {
    let mut harness = Harness::signed_in_with_lifetime(0);
    harness.pass(seconds(29));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    harness.pass(seconds(1));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn access_token_of_2s_is_refreshed_before_its_end() {
    let mut harness = Harness::signed_in_with_lifetime(2);
    harness.pass(seconds(2));
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

// req: H3
#[test]
fn keychain_failure_at_start_is_reported_until_retry() {
    let harness = Harness::signed_in();
    for (failure, code) in [
        (KeychainError::Locked(String::new()), ProblemCode::KeychainLocked),
        (KeychainError::Missing(String::new()), ProblemCode::KeychainMissing),
        (KeychainError::Slow, ProblemCode::KeychainSlow),
        (KeychainError::Failed(String::new()), ProblemCode::KeychainFailed),
    ] {
        let mut locked = Harness::off(harness.keychain.clone());
        locked.keychain_failure = Some(failure);
        locked.happens(Event::Configured(Some(configuration())));
        let SessionView::KeychainUnavailable { problem } = locked.view() else { panic!() };
        assert_eq!(problem.code, code);
        locked.wants_to_sign_in();
        assert!(locked.sent.is_empty());
        locked.keychain_failure = None;
        locked.happens(Event::Retry);
        assert_eq!(locked.profile_name(), "Ada Lovelace");
    }
}

// req: H8, X20
#[test]
fn stored_session_of_newer_version_is_preserved() {
    let newer = br#"{"version": 2, "surprise": true}"#.to_vec();
    let mut harness = Harness::with_keychain([(RecordKind::Session, newer.clone())].into());
    let SessionView::KeychainUnavailable { problem } = harness.view() else { panic!() };
    assert_eq!(problem.code, ProblemCode::StoredByNewerVersion);
    harness.wants_to_sign_in();
    assert_eq!(harness.keychain[&RecordKind::Session], newer);
}

// req: H8
#[test]
fn corrupt_stored_session_is_reported_and_replaceable() {
    for damaged in ["", "{}", "null", "{\"version\":1}", "\u{0}\u{1}"] {
        let bytes = damaged.as_bytes().to_vec();
        let mut harness = Harness::with_keychain([(RecordKind::Session, bytes)].into());
        let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
        assert_eq!(problem.code, ProblemCode::StoredSessionDamaged);
        harness.signs_in();
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    }
}

#[test]
fn corrupt_pending_sign_in_is_deleted_alone() {
    let mut harness = Harness::signed_in();
    harness.keychain.insert(RecordKind::SignIn, b"damaged".to_vec());
    let harness = harness.restarted(seconds(1));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert!(!harness.keychain.contains_key(&RecordKind::SignIn));
}

#[test]
fn token_response_after_sign_out_is_ignored() {
    let mut harness = Harness::refresh_in_flight();
    let (operation, _) = harness.sent.pop().unwrap();
    harness.wants_to_sign_out();
    harness.is_signed_out(SignedOutReason::SignedOut);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.happens(Event::HttpCompleted(operation, Ok(json_response(200, &tokens))));
    harness.is_signed_out(SignedOutReason::SignedOut);
    assert_eq!(harness.stored_refresh_token(), None);
}

#[test]
fn profile_picture_is_shown_and_not_stored() {
    let mut harness = Harness::signed_in();
    let (operation, address) = harness.pictures.pop().unwrap();
    assert_eq!(address, "https://acme.scalekit.com/ada.png");
    let picture = "data:image/png;base64,AAAA".to_owned();
    harness.happens(Event::PictureFetched(operation, Some(picture.clone())));
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!() };
    assert_eq!(profile.picture.as_ref(), Some(&picture));
    harness.until_refresh();
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    assert!(harness.pictures.is_empty(), "the same picture is fetched once");
    let stored = String::from_utf8(harness.keychain[&RecordKind::Session].clone()).unwrap();
    assert!(!stored.contains("data:image"), "{stored}");
    let harness = harness.restarted(seconds(1));
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!() };
    assert_eq!(profile.picture, None);
    assert_eq!(harness.pictures.len(), 1, "it is fetched anew");
}

#[test]
fn profile_picture_of_previous_session_is_not_shown() {
    let mut harness = Harness::signed_in();
    let (before, _) = harness.pictures.pop().unwrap();
    harness.signs_in();
    let picture = "data:image/png;base64,AAAA".to_owned();
    harness.happens(Event::PictureFetched(before, Some(picture)));
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!() };
    assert_eq!(profile.picture, None);
}
