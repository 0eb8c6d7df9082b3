//! Refreshes whose answers are of no use again and again, and those of which only a part is.
use serde_json::{Value, json};

use super::desk::*;
use crate::{
    http_response::HttpOutcome,
    machine::TokenUnavailable,
    problem::ProblemCode,
    record::{RecordKind, SessionRecord},
    signing::{OURS, at_hash, json_answer},
    view::{RefreshView, SessionView, SignInIntent},
};

fn offers_sign_in(desk: &Desk) -> bool {
    let SessionView::SignedIn { sign_in_again, .. } = desk.view() else { panic!() };
    *sign_in_again
}

fn is_refused(desk: &mut Desk, outcome: HttpOutcome) {
    desk.until_refresh();
    desk.answer("/oauth/token", outcome);
}

fn refusal(status: u16, error: &str) -> HttpOutcome {
    Ok(json_answer(status, &json!({ "error": error })))
}

/// Signed in, and refused until another sign-in is offered.
fn stuck() -> Desk {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for _ in 0..3 {
        is_refused(&mut desk, refusal(403, "invalid_grant"));
    }
    assert!(offers_sign_in(&desk));
    desk
}

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
        let mut desk = Desk::fresh();
        desk.signs_in();
        for refusals in 0..4 {
            assert_eq!(offers_sign_in(&desk), refusals > 2, "{status} {error}: {refusals}");
            is_refused(&mut desk, refusal(status, error));
        }
        let RefreshView::Delayed { problem, .. } = desk.refresh() else { panic!() };
        assert_eq!(problem.code, ProblemCode::RefreshRefused);
        assert!(problem.detail.as_ref().unwrap().contains(error), "{problem:?}");
        assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    }
}

#[test]
fn refresh_transient_errors_offer_no_sign_in() {
    let mut page = json_answer(403, &json!({}));
    page.content_type = Some("text/html".to_owned());
    let mut desk = Desk::fresh();
    desk.signs_in();
    for outcome in [status(503, None), status(429, None), offline(), Ok(page)] {
        is_refused(&mut desk, outcome);
        assert!(!offers_sign_in(&desk));
    }
}

#[test]
fn refresh_success_withdraws_sign_in_offer() {
    let mut desk = stuck();
    desk.until_refresh();
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(!offers_sign_in(&desk));
    is_refused(&mut desk, refusal(403, "invalid_grant"));
    assert!(!offers_sign_in(&desk), "it counts from the beginning");
}

#[test]
fn access_token_request_on_rejected_refresh_needs_sign_in() {
    let mut desk = stuck();
    desk.pass(seconds(LIFETIME));
    wants_token(&mut desk, 1, None);
    if desk.requests_to("/oauth/token") > 0 {
        desk.answer("/oauth/token", refusal(403, "invalid_grant"));
    }
    let [(_, Err(TokenUnavailable::SignInAgain(problem)))] = &desk.given[..] else { panic!() };
    assert_eq!(problem.code, ProblemCode::RefreshRefused);
}

#[test]
fn sign_in_again_sets_login_hint_and_keeps_session() {
    let mut desk = stuck();
    desk.wants_to_sign_in();
    desk.answer_discovery_if_asked();
    desk.answer_keys_if_asked();
    assert_eq!(desk.asked("login_hint"), "ada@analytical.example");
    desk.happens(crate::machine::Event::CancelSignIn);
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-1"));
    desk.signs_in();
    assert!(!offers_sign_in(&desk));
}

#[test]
fn sign_up_after_rejected_refresh_sets_no_login_hint() {
    let mut desk = stuck();
    let entropy = desk.entropy();
    desk.happens(crate::machine::Event::SignIn { intent: SignInIntent::SignUp, entropy });
    desk.answer_discovery_if_asked();
    let (_, url) = desk.opened.last().unwrap();
    assert!(!url.query_pairs().any(|(name, _)| name == "login_hint"));
}

/// A refreshed ID token with these claims changed, beside a good access token.
fn refreshed_with(desk: &Desk, refresh_token: &str, changes: &[(&str, Value)]) -> Value {
    let now = desk.now.wall.seconds();
    let mut tokens = desk.refreshed_tokens(refresh_token);
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let mut claims = json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "at_hash": at_hash(&access), "name": "Somebody Else", "oid": desk.organization,
    });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    tokens["id_token"] = json!(OURS.sign(&claims).expose());
    tokens
}

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
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.until_refresh();
        let tokens = refreshed_with(&desk, "rt-2", &[(name, value.clone())]);
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
        assert!(matches!(desk.refresh(), RefreshView::Scheduled { .. }), "{name}: {value}");
        assert_eq!(desk.profile_name(), "Ada Lovelace");
        let record = SessionRecord::decode(&desk.keychain[&RecordKind::Session]).unwrap();
        assert!(record.access_token.matches(tokens["access_token"].as_str().unwrap()));
        assert!(!record.id_token.matches(tokens["id_token"].as_str().unwrap()));
    }
}

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
        let mut desk = Desk::fresh();
        desk.signs_in();
        desk.until_refresh();
        let changes = [(name, value.clone()), ("exp", json!(1)), ("nonce", json!("another"))];
        let tokens = refreshed_with(&desk, "rt-2", &changes);
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
        let RefreshView::Delayed { problem, .. } = desk.refresh() else {
            panic!("{name}: {value}")
        };
        assert_eq!(problem.code, ProblemCode::AnswerRejected, "{name}: {value}");
        let record = SessionRecord::decode(&desk.keychain[&RecordKind::Session]).unwrap();
        assert!(record.refresh_token.unwrap().matches("rt-2"));
        assert!(!record.access_token.matches(tokens["access_token"].as_str().unwrap()));
    }
}

#[test]
fn refreshed_id_token_with_old_iat_or_far_exp_is_accepted() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for (number, (name, value)) in
        [("iat", json!(1_000_000_000)), ("exp", json!(99_999_999_999_i64))].into_iter().enumerate()
    {
        desk.until_refresh();
        let tokens = refreshed_with(&desk, &format!("rt-{}", number + 2), &[(name, value)]);
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
        assert_eq!(desk.profile_name(), "Somebody Else");
        assert_eq!(desk.problem(), None);
    }
}

#[test]
fn refresh_failing_verification_3_times_offers_sign_in() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for number in 0..3 {
        assert!(!offers_sign_in(&desk));
        desk.until_refresh();
        let refresh_token = format!("rt-{}", number + 2);
        let tokens = refreshed_with(&desk, &refresh_token, &[("aud", json!("skc_other"))]);
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
    }
    assert!(offers_sign_in(&desk));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-4"));
}

#[test]
fn id_token_valid_only_by_local_clock_is_accepted() {
    // The load balancer's clock dates the answers, 150 s behind the signer's and this computer's.
    let mut desk = Desk::fresh();
    desk.clock_is_set(150);
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys_if_asked();
    let link = desk.good_link();
    desk.follows(&link);
    let now = desk.now.wall.seconds();
    let mut tokens = desk.tokens();
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let claims = json!({
        "iss": ISSUER, "sub": "usr_1", "aud": [CLIENT], "iat": now, "exp": now + 300,
        "at_hash": at_hash(&access), "name": "Ada Lovelace", "nonce": desk.asked("nonce"),
        "oid": desk.organization,
    });
    tokens["id_token"] = json!(OURS.sign(&claims).expose());
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}
