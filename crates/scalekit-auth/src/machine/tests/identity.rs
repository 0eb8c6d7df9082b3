//! Whose session it is.

use serde_json::json;

use super::desk::*;
use crate::{
    configuration::{Configuration, OrganizationId},
    http_response::HttpError,
    machine::Event,
    problem::ProblemCode,
    signing::{OURS, json_answer},
    view::{RefreshView, SessionView, SignedOutReason},
};

/// An environment that gives the same access token while it lasts.
#[test]
fn session_with_reused_access_token_is_refreshed() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let access = {
        wants_token(&mut desk, 1, None);
        desk.given.pop().unwrap().1.unwrap().token
    };
    desk.wants_to_sign_out();
    desk.wants_to_sign_in();
    desk.answer_discovery_if_asked();
    let link = desk.good_link();
    desk.follows(&link);
    let mut tokens = desk.tokens();
    tokens["access_token"] = json!(access.expose());
    let nonce = desk.asked("nonce");
    let now = desk.now.wall.seconds();
    tokens["id_token"] = json!(
        OURS.sign(&json!({"iss": ISSUER, "sub": "usr_1", "aud": [CLIENT],
        "iat": now, "exp": now + 300, "nonce": nonce, "name": "Ada Lovelace"}))
            .expose()
    );
    tokens["refresh_token"] = json!("rt-new");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    desk.pass(seconds(290));
    desk.answer_discovery_if_asked();
    assert_eq!(desk.requests_to("/oauth/token"), 1, "{:?}", desk.view());
}

/// An application for one organization, and an invitation to another.
#[test]
fn initiate_login_with_pinned_org_shows_requested_org() {
    let mut desk = Desk::off(Default::default());
    let organization = OrganizationId::parse("org_1").ok();
    desk.happens(Event::Configured(Some(Configuration { organization, ..configuration() })));
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.happens(Event::CancelSignIn);
    let now = desk.now.wall.seconds();
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300,
        "connection_id": "conn_of_org_2", "organization_id": "org_2"});
    let link =
        format!("io.latchkey.desktop://login?idp_initiated_login={}", OURS.sign(&claims).expose());
    desk.follows(&link);
    let SessionView::Invited { organization, question, .. } = desk.view().clone() else { return };
    let shown = organization.map(|one| one.id);
    let entropy = desk.entropy();
    desk.happens(Event::AcceptInvitation { question, entropy });
    assert_eq!(
        shown.as_deref(),
        Some(&*desk.asked("organization_id")),
        "shown and asked for; connection asked for: {}",
        desk.asked("connection_id")
    );
}

/// RFC 9700 §4.1.3: a server may append `#_` so that browsers attach no fragment of their own.
#[test]
fn authorization_response_fragment_is_ignored() {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    let link = format!("{}#_", desk.good_link());
    desk.follows(&link);
    assert_eq!(desk.requests_to("/oauth/token"), 1);
}

/// Core §12.2: a `nonce` that is empty or null says nothing.
#[test]
fn refresh_id_token_with_empty_nonce_is_accepted() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let tokens = desk.tokens_of("usr_1", "rt-2", Some(""), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    assert!(matches!(desk.refresh(), RefreshView::Scheduled { .. }), "{:?}", desk.refresh());
}

/// A refresh without an ID token whose access token is about somebody else.
#[test]
fn refresh_access_token_of_another_sub_is_not_released() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let mut tokens = desk.tokens_of("usr_2", "rt-2", None, &OURS);
    tokens.as_object_mut().unwrap().remove("id_token");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    wants_token(&mut desk, 1, None);
    let given = desk.given.pop().map(|(_, answer)| answer);
    let of_usr_2 =
        matches!(given, Some(Ok(given)) if tokens["access_token"] == given.token.expose());
    assert!(!of_usr_2, "Ada is shown, and callers get the access token of usr_2");
}

/// The answer is lost in memory mode, and the environment refuses the repeated token.
#[test]
fn interrupted_refresh_in_memory_is_reported() {
    let mut desk = in_memory();
    desk.until_refresh();
    desk.answer("/oauth/token", Err(HttpError::TimedOut));
    desk.pass(seconds(5));
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionInterrupted);
}

#[test]
fn refresh_token_reissued_unchanged_is_not_interrupted() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    for _ in 0..3 {
        desk.until_refresh();
        let tokens = desk.refreshed_tokens("rt-1");
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        desk.answer_keys_if_asked();
    }
    desk.until_refresh();
    desk.answer("/oauth/token", refused("invalid_grant"));
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::SessionEnded);
}

#[test]
fn restart_after_reissued_refresh_token_keeps_schedule() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.until_refresh();
    let tokens = desk.refreshed_tokens("rt-1");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    let desk = desk.restarted(seconds(1));
    assert!(matches!(desk.refresh(), RefreshView::Scheduled { .. }), "{:?}", desk.refresh());
}

#[test]
fn access_token_of_another_sub_is_rejected_after_jwks_outage() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    // The keys are older than ten minutes.
    let refresh = |desk: &mut Desk, subject: &str, token: &str, keys: bool| {
        desk.until_refresh();
        let mut tokens = desk.tokens_of(subject, token, None, &OURS);
        tokens.as_object_mut().unwrap().remove("id_token");
        desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
        if desk.requests_to("/keys") > 0 {
            if keys {
                desk.answer_keys();
            } else {
                desk.answer("/keys", status(503, None));
            }
        }
    };
    refresh(&mut desk, "usr_1", "rt-2", true);
    refresh(&mut desk, "usr_1", "rt-3", true);
    refresh(&mut desk, "usr_2", "rt-4", false);
    refresh(&mut desk, "usr_2", "rt-5", true);
    let problem = desk.is_signed_out(SignedOutReason::SessionEnded).unwrap();
    assert_eq!(problem.code, ProblemCode::IdentityChanged);
}
