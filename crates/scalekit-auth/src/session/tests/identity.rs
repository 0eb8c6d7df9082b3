//! Tests of the identity of a session and its user.

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, OrganizationId},
    problem::ProblemCode,
    protocol::{
        http_response::HttpError,
        signing::{OURS, THEIRS, at_hash},
    },
    session::Event,
    view::{RefreshView, SessionView, SignedOutReason},
};

/// An environment that returns the same access token until it expires.
// req: E19
#[test]
fn session_with_reused_access_token_is_refreshed() {
    let mut harness = Harness::signed_in();
    let access = {
        wants_token(&mut harness, 1, None);
        harness.given.pop().unwrap().1.unwrap().token
    };
    harness.wants_to_sign_out();
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens["access_token"] = json!(access.expose());
    let nonce = harness.sent_parameter("nonce");
    let now = harness.now.wall.seconds();
    tokens["id_token"] = json!(
        OURS.sign(&json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT],
        "iat": now, "exp": now + 300, "nonce": nonce, "name": "Ada Lovelace"}))
            .expose()
    );
    tokens["refresh_token"] = json!("rt-new");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    harness.pass(seconds(290));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 1, "{:?}", harness.view());
}

/// A login initiation for another organization than the pinned one.
#[test]
fn initiate_login_with_pinned_org_shows_requested_org() {
    let mut harness = Harness::off(Default::default());
    let organization = OrganizationId::parse("org_1").ok();
    harness.happens(Event::Configured(Some(Configuration { organization, ..configuration() })));
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.happens(Event::CancelSignIn);
    let now = harness.now.wall.seconds();
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_of_org_2", "organization_id": "org_2"});
    let link =
        format!("io.latchkey.desktop://login?idp_initiated_login={}", OURS.sign(&claims).expose());
    harness.follows(&link);
    let SessionView::Invited { organization, question, .. } = harness.view().clone() else {
        return;
    };
    let shown = organization.map(|one| one.id);
    let entropy = harness.entropy();
    harness.happens(Event::AcceptInvitation { question, entropy });
    assert_eq!(
        shown.as_deref(),
        Some(&*harness.sent_parameter("organization_id")),
        "shown and asked for; connection asked for: {}",
        harness.sent_parameter("connection_id")
    );
}

/// RFC 9700 §4.1.3: a server may append `#_`, so that browsers attach no fragment of their own.
#[test]
fn authorization_response_fragment_is_ignored() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    let link = format!("{}#_", harness.good_link());
    harness.follows(&link);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// Core §12.2: a `nonce` that is empty or null is treated as absent.
#[test]
fn refresh_id_token_with_empty_nonce_is_accepted() {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.tokens_of("usr_1", "rt-2", Some(""), &OURS);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }), "{:?}", harness.refresh());
}

/// A refresh without an ID token, with the access token of another user.
#[test]
fn refresh_access_token_of_another_sub_is_not_released() {
    let mut harness = Harness::refresh_in_flight();
    let mut tokens = harness.tokens_of("usr_2", "rt-2", None, &OURS);
    tokens.as_object_mut().unwrap().remove("id_token");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    wants_token(&mut harness, 1, None);
    let given = harness.given.pop().map(|(_, response)| response);
    let of_usr_2 =
        matches!(given, Some(Ok(given)) if tokens["access_token"] == given.token.expose());
    assert!(!of_usr_2, "Ada is shown, and callers get the access token of usr_2");
}

/// RFC 6749 §1.4: an access token may be opaque.
#[test]
fn refresh_with_opaque_access_token_fetches_no_jwks() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::Refresh);
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens.as_object_mut().unwrap().remove("id_token");
    tokens["access_token"] = json!("opaque");
    harness.gives(&tokens);
    assert_eq!(harness.requests_to("/keys"), 0);
}

#[test]
fn refresh_with_opaque_access_token_removes_roles() {
    for with_id_token in [false, true] {
        let mut harness = Harness::refresh_in_flight();
        let roles = |harness: &Harness| match harness.view() {
            SessionView::SignedIn { profile, .. } => {
                (profile.roles.is_some(), profile.permissions.is_some())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(roles(&harness), (true, true));
        let mut tokens = harness.refreshed_tokens("rt-2");
        tokens["access_token"] = json!("opaque");
        tokens.as_object_mut().unwrap().remove("id_token");
        if with_id_token {
            let now = harness.now.wall.seconds();
            let claims = json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "oid": "org_1",
                "iat": now, "exp": now + 300});
            tokens["id_token"] = json!(OURS.sign(&claims).expose());
        }
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        assert_eq!(roles(&harness), (false, false), "with an ID token: {with_id_token}");
    }
}

/// The ID token is about this user and out of time; the access token is another user's, or may be.
// req: E7
#[test]
fn refresh_access_token_of_another_sub_beside_expired_id_token() {
    let expired = |harness: &Harness| {
        let now = harness.now.wall.seconds();
        let claims = json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "oid": "org_1",
            "iat": now - 7200, "exp": now - 3600});
        json!(OURS.sign(&claims).expose())
    };
    let refresh = |harness: &mut Harness, access_token: serde_json::Value| {
        harness.until_refresh();
        let mut tokens = harness.refreshed_tokens("rt-3");
        tokens["access_token"] = access_token;
        tokens["id_token"] = expired(harness);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        let stored = harness.stored_session().unwrap();
        assert_eq!(stored["refresh_token"], "rt-3");
        stored["access_token"] == tokens["access_token"]
    };
    let of = |harness: &Harness, subject: &str| {
        harness.tokens_of(subject, "rt-3", None, &OURS)["access_token"].clone()
    };

    let mut harness = Harness::signed_in();
    let (of_another, ours) = (of(&harness, "usr_2"), of(&harness, "usr_1"));
    assert!(!refresh(&mut harness, of_another));
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshResponseRejected);
    assert!(!refresh(&mut harness, json!("opaque")), "it may be that of usr_2");
    assert!(refresh(&mut harness, ours));

    // The session's access token is opaque.
    let mut harness = Harness::signed_in();
    assert!(refresh(&mut harness, json!("opaque")));
    let of_another = of(&harness, "usr_2");
    assert!(!refresh(&mut harness, of_another));
}

/// Scalekit: `guides/add-modular-sso.mdx`. The access token has no `oid`, and refreshes have no ID token.
#[test]
fn refresh_of_pinned_organization_without_oid_is_accepted() {
    for (oid, is_accepted) in [(json!(null), true), (json!("org_1"), true), (json!("org_2"), false)]
    {
        let mut harness = Harness::off(Default::default());
        let organization = OrganizationId::parse("org_1").ok();
        harness.happens(Event::Configured(Some(Configuration { organization, ..configuration() })));
        harness.signs_in();
        harness.until_refresh();
        let now = harness.now.wall.seconds();
        let claims = json!({"iss": ISSUER, "sub": "usr_1", "oid": oid, "exp": now + 300});
        let mut tokens = harness.refreshed_tokens("rt-2");
        tokens.as_object_mut().unwrap().remove("id_token");
        tokens["access_token"] = json!(OURS.sign(&claims).expose());
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        let is_stored = harness.stored_session().unwrap()["access_token"] == tokens["access_token"];
        assert_eq!(is_stored, is_accepted, "{oid}");
    }
}

/// After a response about another user, the refresh token may be that user's.
// req: E7
#[test]
fn refresh_with_opaque_token_after_another_sub_is_rejected() {
    for keys in [true, false] {
        let mut harness = Harness::refresh_in_flight();
        let tokens = harness.tokens_of("usr_2", "rt-2", None, &OURS);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        let opaque = |harness: &mut Harness| {
            harness.until_refresh();
            if !keys {
                harness.pass(seconds(600));
            }
            let mut tokens = harness.refreshed_tokens("rt-3");
            tokens.as_object_mut().unwrap().remove("id_token");
            tokens["access_token"] = json!("opaque");
            harness.gives(&tokens);
            if harness.requests_to("/keys") > 0 {
                harness.respond("/keys", status(503, None));
            }
            harness.stored_session().unwrap()
        };
        let stored = opaque(&mut harness);
        assert_ne!(stored["access_token"], "opaque", "with keys: {keys}");
        assert_eq!(stored["refresh_token"], "rt-3");

        // A response about this user ends the doubt.
        harness.until_refresh();
        let tokens = harness.refreshed_tokens("rt-4");
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        assert_eq!(harness.stored_session().unwrap()["access_token"], tokens["access_token"]);
        assert_eq!(opaque(&mut harness)["access_token"], "opaque", "with keys: {keys}");
    }
}

/// In memory, a response is lost, and the environment rejects the repeated refresh token.
#[test]
fn interrupted_refresh_in_memory_is_reported() {
    let mut harness = in_memory();
    harness.until_refresh();
    harness.respond("/oauth/token", Err(HttpError::TimedOut));
    harness.pass(seconds(5));
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
}

#[test]
fn refresh_token_reissued_unchanged_is_not_interrupted() {
    let mut harness = Harness::signed_in();
    for _ in 0..3 {
        harness.until_refresh();
        let tokens = harness.refreshed_tokens("rt-1");
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
    }
    harness.until_refresh();
    harness.respond("/oauth/token", refused("invalid_grant"));
    let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

#[test]
fn restart_after_reissued_refresh_token_keeps_schedule() {
    let mut harness = Harness::refresh_in_flight();
    let tokens = harness.refreshed_tokens("rt-1");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    let harness = harness.restarted(seconds(1));
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }), "{:?}", harness.refresh());
}

#[test]
fn access_token_of_another_sub_is_rejected_after_jwks_outage() {
    let mut harness = Harness::signed_in();
    let refresh = |harness: &mut Harness, subject: &str, token: &str, keys: bool| {
        harness.until_refresh();
        // The response is late, and the keys are older than ten minutes when it arrives.
        harness.pass(seconds(600));
        let mut tokens = harness.tokens_of(subject, token, None, &OURS);
        tokens.as_object_mut().unwrap().remove("id_token");
        harness.gives(&tokens);
        if harness.requests_to("/keys") > 0 {
            if keys {
                harness.serve_jwks();
            } else {
                harness.respond("/keys", status(503, None));
            }
        }
    };
    refresh(&mut harness, "usr_1", "rt-2", true);
    refresh(&mut harness, "usr_1", "rt-3", true);
    refresh(&mut harness, "usr_2", "rt-4", false);
    let before = harness.stored_session().unwrap();
    refresh(&mut harness, "usr_2", "rt-5", true);
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshResponseRejected);
    let stored = harness.stored_session().unwrap();
    assert_eq!(stored["access_token"], before["access_token"]);
    assert_eq!(stored["refresh_token"], "rt-5");
}

/// OpenID Connect Core §3.1.3.6: `at_hash` states which access token the ID token belongs to.
#[test]
fn refresh_access_token_of_another_sub_with_at_hash_is_released() {
    for signer in [&OURS, &THEIRS] {
        let mut harness = Harness::refresh_in_flight();
        let access = harness.tokens_of("acct_1", "rt-2", None, signer)["access_token"].clone();
        let now = harness.now.wall.seconds();
        let claims = json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now,
            "exp": now + 300, "oid": "org_1", "at_hash": at_hash(access.as_str().unwrap())});
        let mut tokens = harness.refreshed_tokens("rt-2");
        tokens["access_token"] = access;
        tokens["id_token"] = json!(OURS.sign(&claims).expose());
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        wants_token(&mut harness, 1, None);
        let given = harness.given.pop().unwrap().1.unwrap();
        assert_eq!(tokens["access_token"], given.token.expose());
    }
}

#[test]
fn refresh_access_token_of_another_sub_is_rejected_in_each_form() {
    for with_id_token in [false, true] {
        let mut harness = Harness::refresh_in_flight();
        // The key is unknown, or an ID token of the same user has no `at_hash`.
        let signer = if with_id_token { &OURS } else { &THEIRS };
        let mut tokens = harness.tokens_of("usr_2", "rt-2", None, signer);
        if with_id_token {
            let now = harness.now.wall.seconds();
            let claims = json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT],
                "iat": now, "exp": now + 300, "name": "Ada Lovelace", "oid": "org_1"});
            tokens["id_token"] = json!(OURS.sign(&claims).expose());
        } else {
            tokens.as_object_mut().unwrap().remove("id_token");
        }
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        harness.serve_jwks_if_requested();
        wants_token(&mut harness, 1, None);
        let given = harness.given.pop().map(|(_, response)| response);
        let released =
            matches!(given, Some(Ok(given)) if tokens["access_token"] == given.token.expose());
        assert!(!released, "with an ID token: {with_id_token}");
    }
}
