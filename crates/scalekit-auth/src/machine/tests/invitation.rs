//! Sign-ins that began outside the program, and links that only look like one.

use serde_json::{Value, json};

use super::desk::*;
use crate::{
    configuration::Configuration,
    machine::{Event, KeychainError},
    problem::ProblemCode,
    record::RecordKind,
    signing::{OURS, Signer, THEIRS, encode, json_answer},
    view::{SessionView, SignInIntent, SignInStep, SignedOutReason},
};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What the environment says of a sign-in that began outside; `number` makes it another one.
fn claims(desk: &Desk, number: u32) -> Value {
    let now = desk.now.wall.seconds();
    json!({
        "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300, "jti": number,
        "connection_id": "conn_1", "organization_id": "org_2",
        "login_hint": "ada@analytical.example", "relay_state": "https://evil.example/",
    })
}

fn link_of(signer: &Signer, claims: &Value) -> String {
    let token = signer.sign(claims);
    format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose())
}

fn invitation(desk: &Desk, number: u32) -> String {
    link_of(&OURS, &claims(desk, number))
}

/// Nobody is signed in, and the environment's endpoints and keys are known.
fn desk_that_knows_the_keys() -> Desk {
    let mut desk = Desk::fresh();
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.happens(Event::CancelSignIn);
    desk
}

#[track_caller]
fn question(desk: &Desk) -> u32 {
    match desk.view() {
        SessionView::Invited { question, .. } => *question,
        other => panic!("nothing is asked: {other:?}"),
    }
}

fn agrees(desk: &mut Desk) {
    let (question, entropy) = (question(desk), desk.entropy());
    desk.happens(Event::AcceptInvitation { question, entropy });
}

fn declines(desk: &mut Desk) {
    let question = question(desk);
    desk.happens(Event::DeclineInvitation { question });
}

/// Everything that a link could have changed.
fn state(desk: &Desk) -> (usize, usize, usize, usize, Vec<(RecordKind, usize)>) {
    let mut kept: Vec<_> = desk.keychain.iter().map(|(kind, bytes)| (*kind, bytes.len())).collect();
    kept.sort_by_key(|(kind, _)| format!("{kind:?}"));
    (desk.views.len(), desk.fronts, desk.opened.len(), desk.sent.len(), kept)
}

#[test]
fn initiate_login_is_confirmed_and_its_hints_are_sent() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let SessionView::Invited { organization, connection, login_hint, signed_in_as, .. } =
        desk.view()
    else {
        panic!("nothing is asked")
    };
    assert_eq!(organization.as_ref().map(|one| &*one.id), Some("org_2"));
    assert_eq!(connection.as_deref(), Some("conn_1"));
    assert_eq!(login_hint.as_deref(), Some("ada@analytical.example"));
    assert_eq!(*signed_in_as, None);
    assert_eq!(
        (desk.fronts, desk.opened.len()),
        (1, 1),
        "only the sign-in before opened a browser"
    );

    agrees(&mut desk);
    desk.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(desk.asked("connection_id"), "conn_1");
    assert_eq!(desk.asked("organization_id"), "org_2");
    assert_eq!(desk.asked("login_hint"), "ada@analytical.example");
    assert_eq!(desk.asked("redirect_uri"), "io.latchkey.desktop://callback");
    assert!(
        !desk.opened.last().unwrap().1.as_str().contains("evil"),
        "`relay_state` leads nowhere"
    );
    assert_eq!(desk.fronts, 1);
    desk.organization = "org_2";
    desk.finishes_in_the_browser();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn initiate_login_sign_in_with_other_oid_is_rejected() {
    for organization in ["org_1", "org_20", ""] {
        let mut desk = desk_that_knows_the_keys();
        let link = invitation(&desk, 1);
        desk.follows(&link);
        agrees(&mut desk);
        desk.organization = organization;
        desk.finishes_in_the_browser();
        desk.sign_in_failed_with(ProblemCode::AnswerRejected);
        assert_eq!(desk.kept_refresh_token(), None);
    }
}

#[test]
fn initiate_login_sends_fresh_state_nonce_and_challenge() {
    let mut desk = desk_that_knows_the_keys();
    let before = (desk.asked("state"), desk.asked("nonce"), desk.asked("code_challenge"));
    let link = invitation(&desk, 1);
    desk.follows(&link);
    agrees(&mut desk);
    let after = (desk.asked("state"), desk.asked("nonce"), desk.asked("code_challenge"));
    assert!(before.0 != after.0 && before.1 != after.1 && before.2 != after.2);
}

#[test]
fn initiate_login_declined_restores_previous_view() {
    let mut desk = desk_that_knows_the_keys();
    let before = desk.view().clone();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let (_, _, opened, sent, kept) = state(&desk);
    declines(&mut desk);
    assert_eq!(desk.view(), &before);
    let after = state(&desk);
    assert_eq!((after.2, after.3, after.4), (opened, sent, kept));
    desk.follows(&link);
    assert_eq!(desk.view(), &before, "the same link asks no second time");
}

#[test]
fn initiate_login_confirmation_of_other_prompt_is_ignored() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let first = question(&desk);
    declines(&mut desk);
    let link = invitation(&desk, 2);
    desk.follows(&link);
    let before = state(&desk);
    let entropy = desk.entropy();
    desk.happens(Event::AcceptInvitation { question: first, entropy });
    desk.happens(Event::DeclineInvitation { question: first });
    assert_eq!(state(&desk), before);
    assert_ne!(question(&desk), first);
}

#[test]
fn initiate_login_prompt_expires_after_300s() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let asked = question(&desk);
    desk.pass(seconds(299));
    question(&desk);
    desk.pass(seconds(1));
    desk.is_signed_out(SignedOutReason::Cancelled);
    let entropy = desk.entropy();
    desk.happens(Event::AcceptInvitation { question: asked, entropy });
    desk.is_signed_out(SignedOutReason::Cancelled);
}

#[test]
fn initiate_login_invalid_token_changes_nothing() {
    let mut desk = desk_that_knows_the_keys();
    desk.pass(seconds(61));
    let before = state(&desk);
    let other = |name: &str, value: Value| {
        let mut claims = claims(&desk, 1);
        claims[name] = value;
        link_of(&OURS, &claims)
    };
    let forged = THEIRS.sign_with(
        &json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id}),
        &claims(&desk, 1).to_string(),
    );
    let unsigned = OURS.sign_with(
        &json!({"alg": "none", "typ": "JWT", "kid": OURS.id}),
        &claims(&desk, 1).to_string(),
    );
    let expired_forgery = {
        let mut claims = claims(&desk, 1);
        claims["exp"] = json!(1);
        THEIRS.sign_with(&json!({"alg": "RS256", "kid": OURS.id}), &claims.to_string())
    };
    let at_login = |token: &str| format!("io.latchkey.desktop://login?idp_initiated_login={token}");
    for link in [
        at_login(forged.expose()),
        at_login(unsigned.expose()),
        at_login(expired_forgery.expose()),
        other("iss", json!("https://evil.example")),
        other("aud", json!("skc_other")),
        other("sid", json!("ses_1")),
        other("login_hint", json!("\u{202e}x")),
        at_login("a.b.c"),
        at_login("a.b"),
        format!("{}&idp_initiated_login=a.b.c", invitation(&desk, 1)),
        "io.latchkey.desktop://login?idp_initiated_login=".to_owned(),
    ] {
        desk.follows(&link);
        assert_eq!(state(&desk), before, "{link}");
    }
    let link = invitation(&desk, 1);
    desk.follows(&link);
    question(&desk);
}

#[test]
fn initiate_login_fetches_missing_jwks() {
    let mut desk = Desk::fresh();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    desk.is_signed_out(SignedOutReason::Fresh);
    assert_eq!(desk.fronts, 0);
    desk.answer_discovery();
    desk.answer_keys();
    question(&desk);
    assert_eq!(desk.fronts, 1);
}

#[test]
fn initiate_login_with_jwks_unreachable_is_silent() {
    for unreachable_at in [DISCOVERY, "/keys"] {
        let mut desk = Desk::fresh();
        let link = invitation(&desk, 1);
        desk.follows(&link);
        if unreachable_at == "/keys" {
            desk.answer_discovery();
        }
        let (views, fronts) = (desk.views.len(), desk.fronts);
        desk.answer(unreachable_at, offline());
        assert_eq!((desk.views.len(), desk.fronts), (views, fronts));
        desk.follows(&link);
        assert!(desk.sent.is_empty(), "and it is not tried again at once");
        desk.pass(seconds(60));
        desk.follows(&link);
        desk.answer_discovery_if_asked();
        desk.answer_keys();
        question(&desk);
    }
}

#[test]
fn initiate_login_queues_at_most_4_links_without_jwks() {
    for (before, waits) in [(3, true), (4, false)] {
        let mut desk = Desk::fresh();
        for _ in 0..before {
            desk.follows("io.latchkey.desktop://login?idp_initiated_login=a.b.c");
        }
        let link = invitation(&desk, 1);
        desk.follows(&link);
        desk.answer_discovery();
        desk.answer_keys();
        assert_eq!(matches!(desk.view(), SessionView::Invited { .. }), waits, "{before} before");
    }
}

#[test]
fn initiate_login_unknown_kids_refetch_jwks_once_a_minute() {
    let mut desk = desk_that_knows_the_keys();
    let flood = |desk: &mut Desk| {
        for number in 0..1000 {
            let header = json!({"alg": "RS256", "kid": format!("random-{number}")}).to_string();
            let token = [header.as_str(), "{}", "signature"].map(encode).join(".");
            desk.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={token}"));
        }
    };
    flood(&mut desk);
    assert!(desk.sent.is_empty(), "the keys have just been fetched");
    desk.pass(seconds(61));
    flood(&mut desk);
    assert_eq!(desk.sent.len(), 1);
    desk.answer_keys();
    flood(&mut desk);
    assert!(desk.sent.is_empty());
    desk.is_signed_out(SignedOutReason::Cancelled);

    // The environment signs with a new key at this moment: the sign-in may still ask for it.
    desk.wants_to_sign_in();
    let link = desk.good_link();
    desk.follows(&link);
    let tokens = desk.tokens_of("usr_1", "rt-1", Some(&desk.asked("nonce")), &THEIRS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer("/keys", Ok(json_answer(200, &json!({ "keys": [OURS.jwk(), THEIRS.jwk()] }))));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn initiate_login_with_rotated_key_refetches_jwks() {
    let mut desk = desk_that_knows_the_keys();
    desk.pass(seconds(61));
    let link = link_of(&THEIRS, &claims(&desk, 1));
    desk.follows(&link);
    desk.answer("/keys", Ok(json_answer(200, &json!({ "keys": [OURS.jwk(), THEIRS.jwk()] }))));
    question(&desk);
}

#[test]
fn initiate_login_verification_rate_limit_is_30_a_minute() {
    let mut desk = desk_that_knows_the_keys();
    let forged = |number: u32| {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id, "n": number});
        let token = THEIRS.sign_with(&header, "{}");
        format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose())
    };
    let link = invitation(&desk, 1);
    for number in 0..30 {
        desk.follows(&forged(number));
    }
    desk.follows(&link);
    desk.is_signed_out(SignedOutReason::Cancelled);
    desk.pass(seconds(60));
    desk.follows(&link);
    question(&desk);
}

#[test]
fn initiate_login_flood_shows_at_most_3_prompts_a_minute() {
    let mut desk = desk_that_knows_the_keys();
    let first = invitation(&desk, 0);
    desk.follows(&first);
    let asked = question(&desk);
    for number in 1..20 {
        let mut other = claims(&desk, number);
        other["organization_id"] = json!("org_evil");
        let link = link_of(&OURS, &other);
        desk.follows(&link);
    }
    assert_eq!((question(&desk), desk.fronts), (asked, 1), "what is read stays what is agreed to");
    for number in 20..30 {
        if matches!(desk.view(), SessionView::Invited { .. }) {
            declines(&mut desk);
        }
        let link = invitation(&desk, number);
        desk.follows(&link);
    }
    assert_eq!(desk.fronts, 3);
}

#[test]
fn initiate_login_token_is_single_use() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    agrees(&mut desk);
    desk.happens(Event::CancelSignIn);
    let before = state(&desk);
    desk.follows(&link);
    desk.follows(&link.replace("://login?", "://login/?"));
    assert_eq!(state(&desk), before);
}

#[test]
fn initiate_login_replay_cache_holds_64_tokens() {
    let follows = |desk: &mut Desk, link: &str| {
        desk.pass(seconds(20));
        desk.follows(link);
        desk.answer_keys_if_asked();
    };
    let mut desk = desk_that_knows_the_keys();
    let first = invitation(&desk, 0);
    for number in 0..64 {
        let link = invitation(&desk, number);
        follows(&mut desk, &link);
        declines(&mut desk);
    }
    let before = state(&desk);
    follows(&mut desk, &first);
    assert_eq!(state(&desk), before);
    let link = invitation(&desk, 64);
    follows(&mut desk, &link);
    declines(&mut desk);
    follows(&mut desk, &first);
    desk.sign_in_failed_with(ProblemCode::InvitationExpired);
}

#[test]
fn initiate_login_expired_token_is_reported_once() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.pass(seconds(421));
    desk.follows(&link);
    desk.sign_in_failed_with(ProblemCode::InvitationExpired);
    assert_eq!((desk.fronts, desk.opened.len()), (1, 1));
    desk.happens(Event::Dismiss);
    desk.follows(&link);
    desk.is_signed_out(SignedOutReason::Fresh);
}

#[test]
fn initiate_login_expiry_does_not_replace_unread_problem() {
    let mut desk = desk_that_knows_the_keys();
    let old = invitation(&desk, 1);
    desk.pass(seconds(421));
    desk.wants_to_sign_in();
    desk.pass(seconds(600));
    desk.sign_in_failed_with(ProblemCode::SignInTimedOut);
    desk.answer_keys_if_asked();
    desk.follows(&old);
    desk.answer_keys_if_asked();
    assert_eq!(desk.fronts, 1);
    desk.sign_in_failed_with(ProblemCode::SignInTimedOut);
}

#[test]
fn initiate_login_iat_in_future_is_reported_as_clock_wrong() {
    let mut desk = desk_that_knows_the_keys();
    let mut early = claims(&desk, 1);
    early["iat"] = json!(desk.now.wall.seconds() + 121);
    let link = link_of(&OURS, &early);
    desk.follows(&link);
    desk.sign_in_failed_with(ProblemCode::ClockWrong);
}

#[test]
fn initiate_login_during_sign_in_is_ignored() {
    let mut desk = desk_that_knows_the_keys();
    desk.wants_to_sign_in();
    let (link, callback) = (invitation(&desk, 1), desk.good_link());
    let before = state(&desk);
    desk.follows(&link);
    desk.follows("io.latchkey.desktop://login");
    desk.follows("io.latchkey.desktop://login?error=access_denied");
    assert_eq!(state(&desk), before);
    desk.follows(&callback);
    desk.follows(&link);
    let tokens = desk.tokens();
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert_eq!(desk.fronts, 1);
}

#[test]
fn initiate_login_prompt_is_dropped_by_own_sign_in() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    desk.wants_to_sign_in();
    desk.is_at(SignInStep::WaitingForBrowser);
    let (_, url) = desk.opened.last().unwrap();
    assert!(!url.as_str().contains("org_2"));
    desk.happens(Event::CancelSignIn);
    desk.is_signed_out(SignedOutReason::Cancelled);
}

#[test]
fn initiate_login_waiting_for_jwks_is_dropped_by_sign_in() {
    let mut desk = Desk::fresh();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    desk.wants_to_sign_in();
    desk.answer_discovery();
    desk.answer_keys();
    desk.is_at(SignInStep::WaitingForBrowser);
    desk.happens(Event::CancelSignIn);
    desk.is_signed_out(SignedOutReason::Cancelled);
}

#[test]
fn initiate_login_keeps_session_until_new_one_is_complete() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let SessionView::Invited { signed_in_as, organization, .. } = desk.view() else { panic!() };
    assert_eq!(signed_in_as.as_deref(), Some("Ada Lovelace"));
    assert_eq!(organization.as_ref().and_then(|one| one.name.clone()), None);
    let form = desk.until_refresh();
    assert!(form.contains("refresh_token=rt-1"), "the session is refreshed meanwhile");
    let refreshed = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &refreshed)));
    agrees(&mut desk);
    desk.happens(Event::CancelSignIn);
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));

    let link = invitation(&desk, 2);
    desk.follows(&link);
    agrees(&mut desk);
    let callback = desk.good_link();
    desk.follows(&callback);
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-2"));
    desk.organization = "org_2";
    let tokens = desk.tokens_of("usr_2", "rt-3", Some(&desk.asked("nonce")), &OURS);
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    assert_eq!(desk.kept_refresh_token().as_deref(), Some("rt-3"));
}

#[test]
fn initiate_login_prompt_keeps_unread_problem() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainError::Failed("broken".to_owned()));
    desk.wants_to_sign_out();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let SessionView::Invited { problem: Some(problem), .. } = desk.view() else {
        panic!("{:?}", desk.view())
    };
    assert_eq!(problem.code, ProblemCode::NotCleared);
    desk.happens(Event::Dismiss);
    let SessionView::Invited { problem: None, .. } = desk.view() else { panic!() };
}

#[test]
fn sign_out_dismisses_initiate_login_prompt() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    question(&desk);
    desk.wants_to_sign_out();
    desk.is_signed_out(SignedOutReason::SignedOut);
}

#[test]
fn initiate_login_during_sign_out_is_ignored() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let entropy = desk.entropy();
    let _not_carried_out = desk.machine.step(Event::SignOut { entropy }, desk.now);
    let before = state(&desk);
    let link = invitation(&desk, 1);
    desk.follows(&link);
    assert_eq!(state(&desk), before);
}

#[test]
fn initiate_login_at_startup_waits_for_keychain() {
    let mut desk = Desk::off(std::collections::HashMap::new());
    let link = invitation(&desk, 1);
    desk.follows(&link);
    assert!(desk.sent.is_empty() && desk.fronts == 0);
    desk.keychain_failure = Some(KeychainError::Locked(String::new()));
    desk.happens(Event::Configured(Some(configuration())));
    assert!(matches!(desk.view(), SessionView::KeychainUnavailable { .. }));
    desk.keychain_failure = None;
    desk.happens(Event::Retry);
    desk.answer_discovery();
    desk.answer_keys();
    question(&desk);
}

#[test]
fn initiate_login_prompt_is_dropped_when_client_id_changes() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let mut other = configuration();
    other.client_id = crate::configuration::ClientId::parse("skc_other").unwrap();
    desk.happens(Event::Configured(Some(other)));
    desk.is_signed_out(SignedOutReason::Fresh);
    desk.happens(Event::Configured(None));
    desk.follows(&link);
    assert_eq!(desk.view(), &SessionView::NotConfigured);
}

#[test]
fn initiate_login_without_token_prompts_in_background() {
    let mut desk = desk_that_knows_the_keys();
    desk.follows("io.latchkey.desktop://login");
    let SessionView::Invited { organization: None, login_hint: None, connection: None, .. } =
        desk.view()
    else {
        panic!("nothing is asked")
    };
    assert_eq!((desk.fronts, desk.opened.len()), (0, 1));
    agrees(&mut desk);
    let (_, url) = desk.opened.last().unwrap();
    assert!(!url.query().unwrap().contains("organization_id"));
    desk.is_at(SignInStep::WaitingForBrowser);
}

#[test]
fn initiate_login_without_token_rate_limit_is_1_a_minute() {
    let mut desk = desk_that_knows_the_keys();
    desk.follows("io.latchkey.desktop://login");
    declines(&mut desk);
    for _ in 0..100 {
        desk.follows("io.latchkey.desktop://login");
        desk.follows("io.latchkey.desktop://login?error=access_denied");
    }
    desk.is_signed_out(SignedOutReason::Cancelled);
    desk.pass(seconds(60));
    desk.follows("io.latchkey.desktop://login?error=access_denied&error_description=call+me");
    let problem = desk.is_signed_out(SignedOutReason::SignInFailed).unwrap();
    assert_eq!((problem.code, &problem.detail), (ProblemCode::InvitationFailed, &None));
    desk.pass(seconds(60));
    desk.follows("io.latchkey.desktop://login?error=server_error");
    let same = desk.is_signed_out(SignedOutReason::SignInFailed).unwrap();
    assert!(same.message.contains("declined"), "what the user has not read yet stays");
    desk.pass(seconds(60));
    desk.follows("io.latchkey.desktop://login");
    desk.is_signed_out(SignedOutReason::SignInFailed);
    assert_eq!(desk.fronts, 0);

    let mut desk = Desk::fresh();
    desk.signs_in();
    let before = state(&desk);
    desk.follows("io.latchkey.desktop://login?error=access_denied");
    assert_eq!(state(&desk), before, "a failure elsewhere is nothing to somebody who is signed in");
}

#[test]
fn initiate_login_without_token_prompts_signed_in_user() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let fronts = desk.fronts;
    desk.follows("io.latchkey.desktop://login?intent=join");
    let SessionView::Invited { signed_in_as, parameters, .. } = desk.view() else { panic!() };
    assert_eq!((signed_in_as.as_deref(), parameters.len()), (Some("Ada Lovelace"), 0));
    assert_eq!(desk.fronts, fronts);
    declines(&mut desk);
    assert_eq!(desk.profile_name(), "Ada Lovelace");
    for _ in 0..50 {
        desk.follows("io.latchkey.desktop://login");
        assert_eq!(desk.profile_name(), "Ada Lovelace", "once in a minute");
    }
    desk.pass(seconds(60));
    desk.follows("io.latchkey.desktop://login");
    agrees(&mut desk);
    desk.finishes_in_the_browser();
    assert_eq!(desk.profile_name(), "Ada Lovelace");
}

#[test]
fn initiate_login_prompt_allows_select_organization() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.follows("io.latchkey.desktop://login");
    let entropy = desk.entropy();
    desk.happens(Event::SignIn { intent: SignInIntent::SelectOrganization, entropy });
    desk.answer_discovery_if_asked();
    assert_eq!(desk.asked("prompt"), "select_account");
    desk.happens(Event::CancelSignIn);
    assert_eq!(desk.profile_name(), "Ada Lovelace", "the question has been answered");
}

#[test]
fn initiate_login_forwards_only_configured_parameters() {
    let mut desk = Desk::fresh();
    let named = crate::forwarded_parameters::ForwardedName::parse("intent").unwrap();
    let named = Configuration { forwarded: vec![named], ..configuration() };
    desk.happens(Event::Configured(Some(named)));
    desk.follows("io.latchkey.desktop://login?intent=join&redirect_uri=https://evil.example&x=y");
    let SessionView::Invited { parameters, .. } = desk.view() else { panic!() };
    let shown: Vec<_> = parameters.iter().map(|one| (&*one.name, &*one.value)).collect();
    assert_eq!(shown, [("intent", "join")]);
    agrees(&mut desk);
    desk.answer_discovery_if_asked();
    assert_eq!(desk.asked("intent"), "join");
    assert_eq!(desk.asked("redirect_uri"), "io.latchkey.desktop://callback");
    let (_, url) = desk.opened.last().unwrap();
    assert!(!url.as_str().contains("evil") && !url.query_pairs().any(|(name, _)| name == "x"));
}

#[test]
fn initiate_login_with_token_replaces_one_without() {
    let mut desk = desk_that_knows_the_keys();
    desk.follows("io.latchkey.desktop://login");
    let bare = question(&desk);
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let signed = question(&desk);
    assert_ne!(bare, signed, "an answer to the one is no answer to the other");
    desk.pass(seconds(61));
    desk.follows("io.latchkey.desktop://login");
    assert_eq!(question(&desk), signed);
}

#[test]
fn initiate_login_url_is_reopened_after_restart() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    agrees(&mut desk);
    let page = desk.opened.last().unwrap().1.clone();
    let mut desk = desk.restarted(seconds(5));
    desk.is_at(SignInStep::WaitingForBrowser);
    desk.happens(Event::OpenBrowserAgain);
    desk.answer_discovery();
    assert_eq!(desk.opened.last().unwrap().1, page);
}

#[test]
fn sign_up_drops_pending_initiate_login_hints() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let entropy = desk.entropy();
    desk.happens(Event::SignIn { intent: SignInIntent::SignUp, entropy });
    let (_, url) = desk.opened.last().unwrap();
    assert!(!url.as_str().contains("org_2") && url.as_str().contains("prompt=create"));
}

#[test]
fn view_never_contains_initiate_login_token() {
    let mut desk = desk_that_knows_the_keys();
    let claims = claims(&desk, 1);
    let token = OURS.sign(&claims);
    desk.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    question(&desk);
    let shown = serde_json::to_string(&desk.views).unwrap();
    assert!(token.expose().split('.').all(|part| !shown.contains(part)));
}
