//! Tests of refresh responses that are repeatedly or partly unusable.
use std::collections::HashMap;

use serde_json::{Value, json};

use crate::session::tests::harness::*;
use crate::{
    problem::ProblemCode,
    protocol::{
        http_response::HttpOutcome,
        signing::{OURS, THEIRS, at_hash, json_response},
    },
    secret::Secret,
    session::TokenUnavailable,
    storage::record::{RecordKind, SessionRecord},
    view::{RefreshView, SessionView, SignInIntent, SignedOutReason},
};

fn offers_sign_in(harness: &Harness) -> bool {
    let SessionView::SignedIn { sign_in_again, .. } = harness.view() else { panic!() };
    *sign_in_again
}

fn is_refused(harness: &mut Harness, outcome: HttpOutcome) {
    harness.until_refresh();
    harness.respond("/oauth/token", outcome);
}

fn refusal(status: u16, error: &str) -> HttpOutcome {
    Ok(json_response(status, &json!({ "error": error })))
}

/// Signed in, and rejected until another sign-in is offered.
fn stuck() -> Harness {
    let mut harness = Harness::signed_in();
    for _ in 0..3 {
        is_refused(&mut harness, refusal(403, "invalid_grant"));
    }
    assert!(offers_sign_in(&harness));
    harness
}

// req: M8
#[test]
fn refresh_rejected_3_times_offers_sign_in_and_keeps_session() {
    for (status, error) in [
        (403, "invalid_grant"),
        (400, "invalid_request"),
        (400, "interaction_required"),
        (400, "login_required"),
        (403, "user_not_active"),
        (401, "application_not_active"),
    ] {
        let mut harness = Harness::signed_in();
        for refusals in 0..4 {
            assert_eq!(offers_sign_in(&harness), refusals > 2, "{status} {error}: {refusals}");
            is_refused(&mut harness, refusal(status, error));
        }
        let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
        assert_eq!(problem.code, ProblemCode::RefreshRefused);
        assert!(problem.detail.as_ref().unwrap().contains(error), "{problem:?}");
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    }
}

#[test]
fn refresh_transient_errors_offer_no_sign_in() {
    let mut page = json_response(403, &json!({}));
    page.content_type = Some("text/html".to_owned());
    let mut harness = Harness::signed_in();
    for outcome in [status(503, None), status(429, None), offline(), Ok(page)] {
        is_refused(&mut harness, outcome);
        assert!(!offers_sign_in(&harness));
    }
}

/// The environment has moved or is gone. A gateway's redirect to its page offers no sign-in.
#[test]
fn refresh_at_a_moved_environment_offers_sign_in_and_says_where() {
    let mut moved = json_response(308, &json!({}));
    moved.location = Some("https://auth.example/oauth/token".to_owned());
    let gone = json_response(404, &json!({}));
    let mut harness = Harness::signed_in();
    for _ in 0..4 {
        let mut gateway = json_response(302, &json!({}));
        gateway.location = Some("https://gateway.example/login?to=x".to_owned());
        is_refused(&mut harness, Ok(gateway));
        assert!(!offers_sign_in(&harness));
    }
    for (outcome, detail) in [(moved, "redirect to https://auth.example"), (gone, "Status 404")] {
        let mut harness = Harness::signed_in();
        for _ in 0..3 {
            assert!(!offers_sign_in(&harness));
            is_refused(&mut harness, Ok(outcome.clone()));
        }
        assert!(offers_sign_in(&harness));
        let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
        assert!(problem.detail.as_ref().unwrap().contains(detail), "{problem:?}");
        // The response was received: a rejection later is no interruption.
        harness.until_refresh();
        harness.respond("/oauth/token", refused("invalid_grant"));
        let problem = harness.is_signed_out(SignedOutReason::SessionEnded).unwrap();
        assert_eq!(problem.code, ProblemCode::SessionEnded);
    }
}

#[test]
fn refresh_success_withdraws_sign_in_offer() {
    let mut harness = stuck();
    harness.until_refresh();
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert!(!offers_sign_in(&harness));
    is_refused(&mut harness, refusal(403, "invalid_grant"));
    assert!(!offers_sign_in(&harness), "it counts from the beginning");
}

// req: M9
#[test]
fn access_token_request_on_rejected_refresh_needs_sign_in() {
    let mut harness = stuck();
    harness.pass(seconds(LIFETIME));
    wants_token(&mut harness, 1, None);
    if harness.requests_to("/oauth/token") > 0 {
        harness.respond("/oauth/token", refusal(403, "invalid_grant"));
    }
    let [(_, Err(TokenUnavailable::SignInAgain(problem)))] = &harness.given[..] else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshRefused);
}

// req: M8
#[test]
fn sign_in_again_sets_login_hint_and_keeps_session() {
    let mut harness = stuck();
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
    assert_eq!(harness.sent_parameter("login_hint"), "ada@analytical.example");
    harness.happens(crate::session::Event::CancelSignIn);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.signs_in();
    assert!(!offers_sign_in(&harness));
}

/// The ID token of the second sign-in fails its verification.
// req: M8
#[test]
fn sign_in_again_with_rejected_id_token_keeps_session() {
    let signed_with_another_key = |tokens: &mut Value, harness: &Harness| {
        let nonce = harness.sent_parameter("nonce");
        *tokens = harness.tokens_of("usr_1", "rt-9", Some(&nonce), &THEIRS);
    };
    let of_another_sign_in = |tokens: &mut Value, harness: &Harness| {
        *tokens = harness.tokens_of("usr_1", "rt-9", Some("of-another-sign-in"), &OURS);
    };
    for change in [signed_with_another_key as fn(&mut Value, &Harness), of_another_sign_in] {
        let mut harness = stuck();
        harness.wants_to_sign_in();
        harness.serve_discovery_if_requested();
        harness.serve_jwks_if_requested();
        harness.comes_back();
        let mut tokens = harness.tokens();
        change(&mut tokens, &harness);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        assert_eq!(harness.problem(), Some(ProblemCode::AnswerRejected));
        assert_eq!(harness.profile_name(), "Ada Lovelace");
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
        assert!(offers_sign_in(&harness));
    }
}

#[test]
fn sign_up_after_rejected_refresh_sets_no_login_hint() {
    let mut harness = stuck();
    let entropy = harness.entropy();
    harness
        .happens(crate::session::Event::SignIn { request: SignInIntent::SignUp.into(), entropy });
    harness.serve_discovery_if_requested();
    let (_, url) = harness.opened.last().unwrap();
    assert!(!url.query_pairs().any(|(name, _)| name == "login_hint"));
}

/// A token response whose ID token has these claims changed, with a valid access token.
fn refreshed_with(harness: &Harness, refresh_token: &str, changes: &[(&str, Value)]) -> Value {
    let now = harness.now.wall.seconds();
    let mut tokens = harness.refreshed_tokens(refresh_token);
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let mut claims = json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "at_hash": at_hash(&access), "name": "Grace Hopper", "oid": harness.organization,
    });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    tokens["id_token"] = json!(OURS.sign(&claims).expose());
    tokens
}

// req: M10
#[test]
fn refreshed_id_token_with_bad_nonce_or_times_is_discarded() {
    for (name, value) in [
        ("nonce", json!("another")),
        ("nonce", json!(7)),
        ("exp", json!(1)),
        ("iat", json!("soon")),
        ("iat", json!(4_000_000_000_i64)),
        ("nbf", json!(4_000_000_000_i64)),
    ] {
        let mut harness = Harness::refresh_in_flight();
        let tokens = refreshed_with(&harness, "rt-2", &[(name, value.clone())]);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }), "{name}: {value}");
        assert_eq!(harness.profile_name(), "Ada Lovelace");
        let record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
        assert!(record.access_token.matches(tokens["access_token"].as_str().unwrap()));
        assert!(!record.id_token.matches(tokens["id_token"].as_str().unwrap()));
    }
}

// req: M10
#[test]
fn refresh_with_wrong_iss_or_aud_keeps_only_refresh_token() {
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("skc_other")),
        ("aud", json!([CLIENT, "skc_other"])),
        ("azp", json!("skc_other")),
        ("at_hash", json!("AAAA")),
        ("sub", json!("")),
    ] {
        let mut harness = Harness::refresh_in_flight();
        let changes = [(name, value.clone()), ("exp", json!(1)), ("nonce", json!("another"))];
        let tokens = refreshed_with(&harness, "rt-2", &changes);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        let RefreshView::Delayed { problem, .. } = harness.refresh() else {
            panic!("{name}: {value}")
        };
        assert_eq!(problem.code, ProblemCode::RefreshResponseRejected, "{name}: {value}");
        let record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
        assert!(record.refresh_token.unwrap().matches("rt-2"));
        assert!(!record.access_token.matches(tokens["access_token"].as_str().unwrap()));
    }
}

/// Responds to a refresh with this ID token, and its requests for the keys. Only the refresh token may be adopted.
fn keeps_only_refresh_token(harness: &mut Harness, refresh_token: &str, id_token: &Secret) {
    harness.until_refresh();
    let mut tokens = harness.refreshed_tokens(refresh_token);
    tokens["id_token"] = json!(id_token.expose());
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshResponseRejected);
    let record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
    assert!(record.refresh_token.unwrap().matches(refresh_token));
    assert!(!record.access_token.matches(tokens["access_token"].as_str().unwrap()));
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

fn refreshed_claims(harness: &Harness) -> Value {
    let now = harness.now.wall.seconds();
    json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "name": "Grace Hopper", "oid": harness.organization,
    })
}

// req: M10
#[test]
fn refresh_with_unknown_or_no_kid_keeps_only_refresh_token() {
    for header in [
        json!({"alg": "RS256", "typ": "JWT", "kid": THEIRS.id}),
        json!({"alg": "RS256", "typ": "JWT"}),
    ] {
        let mut harness = Harness::signed_in();
        for refresh_token in ["rt-2", "rt-3"] {
            // The second response comes within a minute, when the keys may not be fetched again.
            let token = THEIRS.sign_with(&header, &refreshed_claims(&harness).to_string());
            keeps_only_refresh_token(&mut harness, refresh_token, &token);
        }
    }
}

/// The key was rotated, and its JWKS cannot be fetched. The second refresh comes within a minute.
#[test]
fn refresh_with_unknown_kid_is_adopted_while_jwks_fails() {
    let mut harness = Harness::signed_in();
    harness.until_refresh();
    for refresh_token in ["rt-2", "rt-3"] {
        let tokens = harness.tokens_of("usr_1", refresh_token, None, &THEIRS);
        harness.gives(&tokens);
        if harness.requests_to("/keys") > 0 {
            harness.respond("/keys", offline());
        }
        assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }), "{refresh_token}");
        harness.happens(crate::session::Event::Refresh);
    }
}

// req: M10
#[test]
fn refreshed_id_token_of_others_is_not_adopted_while_jwks_fails() {
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another")),
        ("azp", json!("another")),
        ("sub", json!("usr_2")),
        ("oid", json!("org_2")),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ] {
        let mut harness = Harness::off(HashMap::new());
        configured(&mut harness, pinned_to("org_1"));
        harness.signs_in();
        let mut claims = refreshed_claims(&harness);
        claims["oid"] = json!("org_1");
        claims[claim] = value;
        harness.until_refresh();
        let mut tokens = harness.tokens_of("usr_1", "rt-2", None, &THEIRS);
        tokens["id_token"] = json!(THEIRS.sign(&claims).expose());
        harness.gives(&tokens);
        harness.respond("/keys", offline());
        assert!(matches!(harness.refresh(), RefreshView::Delayed { .. }), "{claim}");
        assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"), "{claim}");
    }
}

// req: M10
#[test]
fn refresh_with_forged_signature_keeps_only_refresh_token() {
    let mut harness = Harness::signed_in();
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id});
    let claims = refreshed_claims(&harness).to_string();
    keeps_only_refresh_token(&mut harness, "rt-2", &THEIRS.sign_with(&header, &claims));
}

// req: M10
#[test]
fn refresh_with_other_oid_than_pinned_keeps_only_refresh_token() {
    for oid in [json!("org_2"), json!(""), Value::Null] {
        for expires in [1, 4_000_000_000_i64] {
            let mut harness = Harness::off(HashMap::new());
            configured(&mut harness, pinned_to("org_1"));
            harness.signs_in();
            let mut claims = refreshed_claims(&harness);
            claims["oid"] = oid.clone();
            claims["exp"] = json!(expires);
            keeps_only_refresh_token(&mut harness, "rt-2", &OURS.sign(&claims));
        }
    }
}

#[test]
fn refreshed_id_token_with_old_iat_or_far_exp_is_accepted() {
    let mut harness = Harness::signed_in();
    for (number, (name, value)) in
        [("iat", json!(1_000_000_000)), ("exp", json!(99_999_999_999_i64))].into_iter().enumerate()
    {
        harness.until_refresh();
        let tokens = refreshed_with(&harness, &format!("rt-{}", number + 2), &[(name, value)]);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        assert_eq!(harness.profile_name(), "Grace Hopper");
        assert_eq!(harness.problem(), None);
    }
}

#[test]
fn refresh_failing_verification_3_times_offers_sign_in() {
    let mut harness = Harness::signed_in();
    for number in 0..3 {
        assert!(!offers_sign_in(&harness));
        harness.until_refresh();
        let refresh_token = format!("rt-{}", number + 2);
        let tokens = refreshed_with(&harness, &refresh_token, &[("aud", json!("skc_other"))]);
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
    }
    assert!(offers_sign_in(&harness));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-4"));
}

// req: M16
#[test]
fn id_token_valid_only_by_local_clock_is_accepted() {
    // The load balancer's clock sets `Date`, 150 s behind the signer's and this computer's.
    let mut harness = Harness::fresh();
    harness.clock_is_set(150);
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks_if_requested();
    harness.comes_back();
    let now = harness.now.wall.seconds();
    let mut tokens = harness.tokens();
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let claims = json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "at_hash": at_hash(&access), "name": "Ada Lovelace", "nonce": harness.sent_parameter("nonce"),
        "oid": harness.organization,
    });
    tokens["id_token"] = json!(OURS.sign(&claims).expose());
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

/// An environment whose custom domain has become its issuer (Discovery §4.3).
fn renamed_environment() -> HttpOutcome {
    let mut document = discovery();
    document["issuer"] = json!("https://login.acme.example");
    Ok(json_response(200, &document))
}

/// Until a refresh asks for the discovery document. Refreshes before get such a response.
fn until_discovery(harness: &mut Harness, response: impl Fn(&Harness) -> HttpOutcome) {
    for _ in 0..40 {
        harness.pass(seconds(100));
        if harness.requests_to(DISCOVERY) > 0 {
            return;
        }
        if harness.requests_to("/oauth/token") > 0 {
            let response = response(harness);
            harness.respond("/oauth/token", response);
            harness.serve_jwks_if_requested();
        }
    }
    panic!("discovery is not repeated");
}

/// Signed in for an hour, and the environment has been renamed meanwhile.
fn renamed() -> Harness {
    let mut harness = Harness::signed_in();
    until_discovery(&mut harness, |harness| {
        Ok(json_response(200, &harness.refreshed_tokens("rt-2")))
    });
    harness.respond(DISCOVERY, renamed_environment());
    harness
}

fn refresh_problem(harness: &Harness) -> (ProblemCode, Option<&str>) {
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    (problem.code, problem.detail.as_deref())
}

#[test]
fn refresh_rejected_after_issuer_change_reports_renamed() {
    let mut harness = renamed();
    harness.respond("/oauth/token", refusal(404, "not_found"));
    assert_eq!(refresh_problem(&harness), RENAMED);

    until_discovery(&mut harness, |_| refusal(404, "not_found"));
    harness.serve_discovery();
    harness.respond("/oauth/token", status(503, None));
    assert_eq!(refresh_problem(&harness).0, ProblemCode::RefreshUnavailable);
}

const RENAMED: (ProblemCode, Option<&str>) =
    (ProblemCode::EnvironmentRenamed, Some("https://login.acme.example"));

/// The claims of an environment whose custom domain has become its issuer.
fn claims_of_renamed(harness: &Harness) -> Value {
    let mut claims = refreshed_claims(harness);
    claims["iss"] = json!("https://login.acme.example");
    claims
}

#[test]
fn refresh_from_another_issuer_reports_renamed() {
    let mut harness = Harness::signed_in();
    let token = OURS.sign(&claims_of_renamed(&harness));
    keeps_only_refresh_token(&mut harness, "rt-2", &token);
    assert_eq!(harness.requests_to(DISCOVERY), 0);
    harness.pass(seconds(60));
    harness.respond(DISCOVERY, renamed_environment());
    // The refresh goes to the endpoints that were verified last.
    let (_, request) = harness.sent.last().unwrap();
    assert!(request.uri().to_string().starts_with(ISSUER), "{}", request.uri());
    let mut tokens = harness.refreshed_tokens("rt-3");
    tokens["id_token"] = json!(OURS.sign(&claims_of_renamed(&harness)).expose());
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert_eq!(refresh_problem(&harness), RENAMED);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-3"));
}

/// Tokens of another issuer, although discovery names ours: a fault that asking does not mend.
#[test]
fn refresh_from_another_issuer_fetches_metadata_once_an_hour() {
    let mut harness = Harness::signed_in();
    let (mut discoveries, mut refreshes) = (0, 0);
    for _ in 0..3600 {
        harness.pass(seconds(1));
        discoveries += harness.requests_to(DISCOVERY);
        harness.serve_discovery_if_requested();
        if harness.requests_to("/oauth/token") > 0 {
            refreshes += 1;
            let mut tokens = harness.refreshed_tokens(&format!("rt-{refreshes}"));
            tokens["id_token"] = json!(OURS.sign(&claims_of_renamed(&harness)).expose());
            harness.gives(&tokens);
            harness.serve_jwks_if_requested();
        }
    }
    assert!(refreshes > 5, "{refreshes}");
    assert!((1..=2).contains(&discoveries), "{discoveries}");
}

/// A sign-in whose ID token is from another issuer.
fn signs_in_to_renamed(harness: &mut Harness) {
    harness.wants_to_sign_in();
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
    harness.comes_back();
    let mut claims = claims_of_renamed(harness);
    claims["nonce"] = json!(harness.sent_parameter("nonce"));
    let mut tokens = harness.tokens();
    tokens["id_token"] = json!(OURS.sign(&claims).expose());
    harness.gives(&tokens);
}

#[test]
fn sign_in_by_another_issuer_reports_renamed() {
    let mut harness = Harness::fresh();
    signs_in_to_renamed(&mut harness);
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    harness.respond(DISCOVERY, renamed_environment());
    let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
    assert_eq!((problem.code, problem.detail.as_deref()), RENAMED);
}

#[test]
fn sign_in_by_another_issuer_is_rejected_otherwise() {
    let mut harness = Harness::fresh();
    signs_in_to_renamed(&mut harness);
    harness.serve_discovery();
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    // The next one within an hour fetches nothing for this.
    signs_in_to_renamed(&mut harness);
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
    assert_eq!(harness.requests_to(DISCOVERY), 0);
}

#[test]
fn refresh_without_network_after_issuer_change_reports_offline() {
    let mut harness = renamed();
    harness.respond("/oauth/token", offline());
    assert_eq!(refresh_problem(&harness).0, ProblemCode::RefreshOffline);
}

/// Two processes that share a keychain, whose refresh responses fail verification.
#[test]
fn unusable_refresh_responses_back_off_across_two_processes() {
    let mut one = Harness::signed_in();
    let mut two = one.closed();
    two.entropy();
    configured(&mut two, configuration());
    let (mut requests, mut number) = (0, 1);
    for _ in 0..3600 {
        for _ in 0..2 {
            one.pass(seconds(1));
            one.serve_discovery_if_requested();
            while one.requests_to("/oauth/token") > 0 {
                requests += 1;
                number += 1;
                let other = [("aud", json!("skc_other"))];
                let tokens = refreshed_with(&one, &format!("rt-{number}"), &other);
                one.gives(&tokens);
                one.serve_jwks_if_requested();
            }
            two.keychain = one.keychain.clone();
            std::mem::swap(&mut one, &mut two);
        }
    }
    assert!(requests < 2 * 60, "{requests} token requests in an hour");
    assert!(offers_sign_in(&one) && offers_sign_in(&two));
}

#[test]
fn refresh_responses_never_usable_offer_sign_in() {
    let mut without: Vec<String> = Vec::new();
    for body in [
        json!({"error": "invalid_grant", "error_description": "no"}),
        json!({"access_token": "AT", "token_type": "DPoP", "expires_in": 299}),
        json!({"expires_in": 299}),
    ] {
        let mut harness = Harness::signed_in();
        for _ in 0..6 {
            is_refused(&mut harness, Ok(json_response(200, &body)));
        }
        if !offers_sign_in(&harness) {
            without.push(body.to_string());
        }
    }
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn refresh_error_object_with_status_200_is_explained() {
    let mut harness = Harness::signed_in();
    is_refused(
        &mut harness,
        Ok(json_response(
            200,
            &json!({"error": "access_denied", "error_description": "by policy"}),
        )),
    );
    let RefreshView::Delayed { problem, .. } = harness.refresh() else { panic!() };
    assert!(
        problem.detail.as_deref().unwrap_or_default().contains("by policy"),
        "{:?}",
        problem.detail
    );
}
