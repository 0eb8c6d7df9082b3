//! Tests of login initiations, and of links that only resemble one.

use serde_json::{Value, json};

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, OrganizationId, SignInRoute},
    problem::ProblemCode,
    protocol::signing::{OURS, Signer, THEIRS, encode, json_response},
    session::{Event, KeychainError},
    storage::record::RecordKind,
    view::{Organization, SessionView, SignInIntent, SignInStep, SignOutScope, SignedOutReason},
};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The claims of a login initiation; `number` distinguishes them.
fn claims(harness: &Harness, number: u32) -> Value {
    let now = harness.now.wall.seconds();
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

fn invitation(harness: &Harness, number: u32) -> String {
    link_of(&OURS, &claims(harness, number))
}

/// A signed-out harness with the environment's metadata and keys.
fn harness_with_jwks() -> Harness {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.happens(Event::CancelSignIn);
    harness
}

#[track_caller]
fn question(harness: &Harness) -> u32 {
    match harness.view() {
        SessionView::Invited { question, .. } => *question,
        other => panic!("there is no prompt: {other:?}"),
    }
}

fn agrees(harness: &mut Harness) {
    let (question, entropy) = (question(harness), harness.entropy());
    harness.happens(Event::AcceptInvitation { question, entropy });
}

fn declines(harness: &mut Harness) {
    let question = question(harness);
    harness.happens(Event::DeclineInvitation { question });
}

/// A configuration that passes on the parameter `intent` of a link.
fn forwards_intent() -> Configuration {
    let named = crate::protocol::forwarded_parameters::ForwardedName::parse("intent").unwrap();
    Configuration { forwarded: vec![named], ..configuration() }
}

/// Accepting or declining an earlier question has no effect on the present one.
#[track_caller]
fn ignores_responses_to(harness: &mut Harness, earlier: u32) {
    let (before, entropy) = (state(harness), harness.entropy());
    harness.happens(Event::AcceptInvitation { question: earlier, entropy });
    harness.happens(Event::DeclineInvitation { question: earlier });
    assert_eq!(state(harness), before);
    assert_ne!(question(harness), earlier);
}

/// All state that a link could change.
fn state(harness: &Harness) -> (usize, usize, usize, usize, Vec<(RecordKind, usize)>) {
    let mut stored: Vec<_> =
        harness.keychain.iter().map(|(kind, bytes)| (*kind, bytes.len())).collect();
    stored.sort_by_key(|(kind, _)| format!("{kind:?}"));
    (harness.views.len(), harness.fronts, harness.opened.len(), harness.sent.len(), stored)
}

#[test]
fn initiate_login_is_confirmed_and_its_hints_are_sent() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let SessionView::Invited { organization, connection, login_hint, signed_in_as, .. } =
        harness.view()
    else {
        panic!("there is no prompt")
    };
    assert_eq!(organization.as_ref().map(|one| &*one.id), Some("org_2"));
    assert_eq!(connection.as_deref(), Some("conn_1"));
    assert_eq!(login_hint.as_deref(), Some("ada@analytical.example"));
    assert_eq!(*signed_in_as, None);
    assert_eq!(
        (harness.fronts, harness.opened.len()),
        (1, 1),
        "only the sign-in before opened a browser"
    );

    agrees(&mut harness);
    harness.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(harness.sent_parameter("connection_id"), "conn_1");
    assert_eq!(harness.sent_parameter("organization_id"), "org_2");
    assert_eq!(harness.sent_parameter("login_hint"), "ada@analytical.example");
    assert_eq!(harness.sent_parameter("redirect_uri"), "io.latchkey.desktop://callback");
    assert!(
        !harness.opened.last().unwrap().1.as_str().contains("evil"),
        "`relay_state` leads nowhere"
    );
    assert_eq!(harness.fronts, 1);
    harness.organization = "org_2";
    harness.finishes_in_the_browser();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn initiate_login_sign_in_with_other_oid_is_rejected() {
    for organization in ["org_1", "org_20", ""] {
        let mut harness = harness_with_jwks();
        let link = invitation(&harness, 1);
        harness.follows(&link);
        agrees(&mut harness);
        harness.organization = organization;
        harness.finishes_in_the_browser();
        harness.sign_in_failed_with(ProblemCode::AnswerRejected);
        assert_eq!(harness.stored_refresh_token(), None);
    }
}

#[test]
fn initiate_login_sends_fresh_state_nonce_and_challenge() {
    let mut harness = harness_with_jwks();
    let before = (
        harness.sent_parameter("state"),
        harness.sent_parameter("nonce"),
        harness.sent_parameter("code_challenge"),
    );
    let link = invitation(&harness, 1);
    harness.follows(&link);
    agrees(&mut harness);
    let after = (
        harness.sent_parameter("state"),
        harness.sent_parameter("nonce"),
        harness.sent_parameter("code_challenge"),
    );
    assert!(before.0 != after.0 && before.1 != after.1 && before.2 != after.2);
}

#[test]
fn initiate_login_declined_restores_previous_view() {
    let mut harness = harness_with_jwks();
    let before = harness.view().clone();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let (_, _, opened, sent, stored) = state(&harness);
    declines(&mut harness);
    assert_eq!(harness.view(), &before);
    let after = state(&harness);
    assert_eq!((after.2, after.3, after.4), (opened, sent, stored));
    harness.follows(&link);
    assert_eq!(harness.view(), &before, "the same link asks no second time");
}

#[test]
fn initiate_login_confirmation_of_other_prompt_is_ignored() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let first = question(&harness);
    declines(&mut harness);
    let link = invitation(&harness, 2);
    harness.follows(&link);
    ignores_responses_to(&mut harness, first);
}

#[test]
fn initiate_login_confirmation_of_other_bare_prompt_is_ignored() {
    let mut harness = harness_with_jwks();
    harness.follows("io.latchkey.desktop://login");
    let first = question(&harness);
    declines(&mut harness);
    harness.pass(seconds(60));
    harness.follows("io.latchkey.desktop://login");
    ignores_responses_to(&mut harness, first);
}

#[test]
fn initiate_login_prompt_expires_after_300s() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let shown = question(&harness);
    harness.pass(seconds(299));
    question(&harness);
    harness.pass(seconds(1));
    harness.is_signed_out(SignedOutReason::Cancelled);
    let entropy = harness.entropy();
    harness.happens(Event::AcceptInvitation { question: shown, entropy });
    harness.is_signed_out(SignedOutReason::Cancelled);
}

// req: B9
#[test]
fn initiate_login_invalid_token_changes_nothing() {
    let mut harness = harness_with_jwks();
    harness.pass(seconds(61));
    let before = state(&harness);
    let other = |name: &str, value: Value| {
        let mut claims = claims(&harness, 1);
        claims[name] = value;
        link_of(&OURS, &claims)
    };
    let forged = THEIRS.sign_with(
        &json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id}),
        &claims(&harness, 1).to_string(),
    );
    let unsigned = OURS.sign_with(
        &json!({"alg": "none", "typ": "JWT", "kid": OURS.id}),
        &claims(&harness, 1).to_string(),
    );
    let expired_forgery = {
        let mut claims = claims(&harness, 1);
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
        format!("{}&idp_initiated_login=a.b.c", invitation(&harness, 1)),
    ] {
        harness.follows(&link);
        assert_eq!(state(&harness), before, "{link}");
    }
    let link = invitation(&harness, 1);
    harness.follows(&link);
    question(&harness);
}

#[test]
fn initiate_login_fetches_missing_jwks() {
    let mut harness = Harness::fresh();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    harness.is_signed_out(SignedOutReason::Fresh);
    assert_eq!(harness.fronts, 0);
    harness.serve_discovery();
    harness.serve_jwks();
    question(&harness);
    assert_eq!(harness.fronts, 1);
}

#[test]
fn initiate_login_with_jwks_unreachable_is_reported_once() {
    for unreachable_at in [DISCOVERY, "/keys"] {
        let mut harness = Harness::fresh();
        let link = invitation(&harness, 1);
        harness.follows(&link);
        if unreachable_at == "/keys" {
            harness.serve_discovery();
        }
        let (views, fronts) = (harness.views.len(), harness.fronts);
        harness.respond(unreachable_at, offline());
        assert_eq!((harness.views.len(), harness.fronts), (views + 1, fronts));
        let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
        assert_eq!((problem.code, &problem.detail), (ProblemCode::InvitationUnavailable, &None));
        harness.follows(&link);
        assert!(harness.sent.is_empty(), "and it is not tried again at once");
        assert_eq!(harness.views.len(), views + 1);
        harness.pass(seconds(60));
        harness.follows(&link);
        harness.serve_discovery_if_requested();
        harness.serve_jwks();
        question(&harness);
    }
}

/// The rate limit would permit another fetch, as this one has taken a minute.
#[test]
fn initiate_login_with_jwks_failure_after_60s_is_not_retried() {
    let mut harness = Harness::fresh();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    harness.serve_discovery();
    harness.pass(seconds(60));
    harness.respond("/keys", offline());
    assert!(harness.sent.is_empty());
}

#[test]
fn initiate_login_queues_at_most_4_links_without_jwks() {
    for (before, waits) in [(3, true), (4, false)] {
        let mut harness = Harness::fresh();
        for _ in 0..before {
            harness.follows("io.latchkey.desktop://login?idp_initiated_login=a.b.c");
        }
        let link = invitation(&harness, 1);
        harness.follows(&link);
        harness.serve_discovery();
        harness.serve_jwks();
        assert_eq!(matches!(harness.view(), SessionView::Invited { .. }), waits, "{before} before");
    }
}

// req: G4
#[test]
fn initiate_login_unknown_kids_refetch_jwks_once_a_minute() {
    let mut harness = harness_with_jwks();
    let flood = |harness: &mut Harness| {
        for number in 0..1000 {
            let header = json!({"alg": "RS256", "kid": format!("random-{number}")}).to_string();
            let token = [header.as_str(), "{}", "signature"].map(encode).join(".");
            harness.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={token}"));
        }
    };
    flood(&mut harness);
    assert!(harness.sent.is_empty(), "the keys have just been fetched");
    harness.pass(seconds(61));
    flood(&mut harness);
    assert_eq!(harness.sent.len(), 1);
    harness.serve_jwks();
    flood(&mut harness);
    assert!(harness.sent.is_empty());
    harness.is_signed_out(SignedOutReason::Cancelled);

    // The environment begins to sign with a new key: the sign-in may still fetch it.
    harness.wants_to_sign_in();
    harness.comes_back_signed_with_unknown_kid();
    harness.serve_rotated_jwks();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn initiate_login_with_rotated_key_refetches_jwks() {
    let mut harness = harness_with_jwks();
    harness.pass(seconds(61));
    let link = link_of(&THEIRS, &claims(&harness, 1));
    harness.follows(&link);
    harness.serve_rotated_jwks();
    question(&harness);
}

#[test]
fn initiate_login_verification_burst_is_30() {
    let mut harness = harness_with_jwks();
    let forged = |number: u32| {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": OURS.id, "n": number});
        let token = THEIRS.sign_with(&header, "{}");
        format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose())
    };
    let link = invitation(&harness, 1);
    for number in 0..30 {
        harness.follows(&forged(number));
    }
    harness.follows(&link);
    harness.is_signed_out(SignedOutReason::Cancelled);
    harness.pass(seconds(60));
    harness.follows(&link);
    question(&harness);
}

// req: B11
#[test]
fn initiate_login_flood_shows_at_most_3_prompts_at_once() {
    let mut harness = harness_with_jwks();
    let first = invitation(&harness, 0);
    harness.follows(&first);
    let shown = question(&harness);
    for number in 1..20 {
        let mut other = claims(&harness, number);
        other["organization_id"] = json!("org_evil");
        let link = link_of(&OURS, &other);
        harness.follows(&link);
    }
    assert_eq!(
        (question(&harness), harness.fronts),
        (shown, 1),
        "what is read stays what is agreed to"
    );
    for number in 20..30 {
        if matches!(harness.view(), SessionView::Invited { .. }) {
            declines(&mut harness);
        }
        let link = invitation(&harness, number);
        harness.follows(&link);
    }
    assert_eq!(harness.fronts, 3);
}

#[test]
fn initiate_login_token_is_single_use() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    agrees(&mut harness);
    harness.happens(Event::CancelSignIn);
    let before = state(&harness);
    harness.follows(&link);
    harness.follows(&link.replace("://login?", "://login/?"));
    assert_eq!(state(&harness), before);
}

#[test]
fn initiate_login_replay_cache_holds_64_tokens() {
    let follows = |harness: &mut Harness, link: &str| {
        harness.pass(seconds(20));
        harness.follows(link);
        harness.serve_jwks_if_requested();
    };
    let mut harness = harness_with_jwks();
    let first = invitation(&harness, 0);
    for number in 0..64 {
        let link = invitation(&harness, number);
        follows(&mut harness, &link);
        declines(&mut harness);
    }
    let before = state(&harness);
    follows(&mut harness, &first);
    assert_eq!(state(&harness), before);
    let link = invitation(&harness, 64);
    follows(&mut harness, &link);
    declines(&mut harness);
    follows(&mut harness, &first);
    harness.sign_in_failed_with(ProblemCode::InvitationExpired);
}

#[test]
fn initiate_login_expired_token_is_reported_once() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.pass(seconds(421));
    harness.follows(&link);
    harness.sign_in_failed_with(ProblemCode::InvitationExpired);
    assert_eq!((harness.fronts, harness.opened.len()), (1, 1));
    harness.happens(Event::Dismiss);
    harness.follows(&link);
    harness.is_signed_out(SignedOutReason::Fresh);
}

#[test]
fn initiate_login_expiry_does_not_replace_unread_problem() {
    let mut harness = harness_with_jwks();
    let old = invitation(&harness, 1);
    harness.pass(seconds(421));
    harness.wants_to_sign_in();
    harness.pass(seconds(600));
    harness.sign_in_failed_with(ProblemCode::SignInTimedOut);
    harness.serve_jwks_if_requested();
    harness.follows(&old);
    harness.serve_jwks_if_requested();
    assert_eq!(harness.fronts, 1);
    harness.sign_in_failed_with(ProblemCode::SignInTimedOut);
}

#[test]
fn initiate_login_iat_in_future_is_rejected_if_clocks_agree() {
    for (ahead, code) in [(0, ProblemCode::AnswerRejected), (86_400_000, ProblemCode::ClockWrong)] {
        let mut harness = harness_with_jwks();
        harness.clock_is_set(ahead);
        let mut early = claims(&harness, 1);
        early["iat"] = json!(harness.now.wall.seconds() + 121);
        early["exp"] = json!(harness.now.wall.seconds() + 300);
        harness.follows(&link_of(&OURS, &early));
        harness.respond(DISCOVERY, status(405, None));
        harness.sign_in_failed_with(code);
    }
}

#[test]
fn initiate_login_for_unpinned_organization_is_reported() {
    let mut harness = harness_with_jwks();
    configured(&mut harness, pinned_to("org_1"));
    harness.follows(&invitation(&harness, 1));
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
    harness.sign_in_failed_with(ProblemCode::InvitationElsewhere);
}

#[test]
fn initiate_login_with_server_error_is_reported_as_unavailable() {
    for (error, code) in [
        ("server_error", ProblemCode::InvitationUnavailable),
        ("temporarily_unavailable", ProblemCode::InvitationUnavailable),
        ("invalid_request", ProblemCode::InvitationFailed),
    ] {
        let mut harness = harness_with_jwks();
        harness.follows(&format!("io.latchkey.desktop://login?error={error}"));
        let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
        assert_eq!(problem.code, code, "{error}");
    }
}

#[test]
fn initiate_login_prompt_names_only_the_own_organization() {
    let named = |organization: &'static str| {
        let mut harness = harness_with_jwks();
        harness.organization = organization;
        harness.signs_in();
        let record = &mut harness.machine.current.session.signed_in().unwrap().record;
        record.profile.organization.as_mut().unwrap().name = Some("Acme".to_owned());
        let name = Some("Acme".to_owned());
        record.organizations =
            vec![Organization { id: "org_2".to_owned(), name, external_id: None }];
        harness.follows(&invitation(&harness, 1));
        harness.serve_jwks_if_requested();
        let SessionView::Invited { organization, .. } = harness.view() else {
            panic!("{:?}", harness.view())
        };
        organization.clone().unwrap().name
    };
    assert_eq!(named("org_2").as_deref(), Some("Acme"));
    assert_eq!(named("org_1"), None);
}

// req: B6
#[test]
fn initiate_login_during_sign_in_only_sets_a_hint_once() {
    let mut harness = harness_with_jwks();
    harness.wants_to_sign_in();
    let (link, callback) = (invitation(&harness, 1), harness.good_link());
    let (views, fronts, opened, sent, stored) = state(&harness);
    for link in
        [&*link, "io.latchkey.desktop://login", "io.latchkey.desktop://login?error=access_denied"]
    {
        harness.follows(link);
        let SessionView::SigningIn { unusable_callback: true, .. } = harness.view() else {
            panic!("{:?}", harness.view())
        };
        assert_eq!(state(&harness), (views + 1, fronts, opened, sent, stored.clone()), "{link}");
    }
    harness.follows(&callback);
    harness.follows(&link);
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert_eq!(harness.fronts, 1);
}

#[test]
fn initiate_login_prompt_is_dropped_by_own_sign_in() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    harness.wants_to_sign_in();
    harness.is_at(SignInStep::WaitingForBrowser);
    let (_, url) = harness.opened.last().unwrap();
    assert!(!url.as_str().contains("org_2"));
    harness.happens(Event::CancelSignIn);
    harness.is_signed_out(SignedOutReason::Cancelled);
}

#[test]
fn initiate_login_waiting_for_jwks_is_dropped_by_sign_in() {
    let mut harness = Harness::fresh();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.is_at(SignInStep::WaitingForBrowser);
    harness.happens(Event::CancelSignIn);
    harness.is_signed_out(SignedOutReason::Cancelled);
}

#[test]
fn initiate_login_keeps_session_until_new_one_is_complete() {
    let mut harness = Harness::signed_in();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let SessionView::Invited { signed_in_as, organization, .. } = harness.view() else { panic!() };
    assert_eq!(signed_in_as.as_deref(), Some("Ada Lovelace"));
    assert_eq!(organization.as_ref().and_then(|one| one.name.clone()), None);
    let form = harness.until_refresh();
    assert!(form.contains("refresh_token=rt-1"), "the session is refreshed meanwhile");
    let refreshed = harness.refreshed_tokens("rt-2");
    harness.respond("/oauth/token", Ok(json_response(200, &refreshed)));
    agrees(&mut harness);
    harness.happens(Event::CancelSignIn);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));

    let link = invitation(&harness, 2);
    harness.follows(&link);
    agrees(&mut harness);
    let callback = harness.good_link();
    harness.follows(&callback);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-2"));
    harness.organization = "org_2";
    let tokens = harness.tokens_of("usr_2", "rt-3", Some(&harness.sent_parameter("nonce")), &OURS);
    harness.gives(&tokens);
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-3"));
}

#[test]
fn initiate_login_prompt_keeps_unread_problem() {
    let mut harness = Harness::signed_in();
    harness.keychain_failure = Some(KeychainError::Failed("broken".to_owned()));
    harness.wants_to_sign_out();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let SessionView::Invited { problem: Some(problem), .. } = harness.view() else {
        panic!("{:?}", harness.view())
    };
    assert_eq!(problem.code, ProblemCode::NotCleared);
    harness.happens(Event::Dismiss);
    let SessionView::Invited { problem: None, .. } = harness.view() else { panic!() };
}

#[test]
fn sign_out_dismisses_initiate_login_prompt() {
    let mut harness = Harness::signed_in();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    question(&harness);
    harness.wants_to_sign_out();
    harness.is_signed_out(SignedOutReason::SignedOut);
}

#[test]
fn initiate_login_during_sign_out_is_ignored() {
    let mut harness = Harness::signed_in();
    let entropy = harness.entropy();
    let _not_carried_out = harness
        .machine
        .step(Event::SignOut { scope: SignOutScope::SharedSession, entropy }, harness.now);
    let before = state(&harness);
    let link = invitation(&harness, 1);
    harness.follows(&link);
    assert_eq!(state(&harness), before);
}

#[test]
fn initiate_login_at_startup_waits_for_keychain() {
    let mut harness = Harness::off(std::collections::HashMap::new());
    let link = invitation(&harness, 1);
    harness.follows(&link);
    assert!(harness.sent.is_empty() && harness.fronts == 0);
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    harness.happens(Event::Configured(Some(configuration())));
    assert!(matches!(harness.view(), SessionView::KeychainUnavailable { .. }));
    harness.keychain_failure = None;
    harness.happens(Event::Retry);
    harness.serve_discovery();
    harness.serve_jwks();
    question(&harness);
}

#[test]
fn initiate_login_prompt_is_dropped_when_client_id_changes() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let mut other = configuration();
    other.client_id = crate::configuration::ClientId::parse("skc_other").unwrap();
    harness.happens(Event::Configured(Some(other)));
    harness.is_signed_out(SignedOutReason::Fresh);
    harness.happens(Event::Configured(None));
    harness.follows(&link);
    assert_eq!(harness.view(), &SessionView::NotConfigured);
}

#[test]
fn initiate_login_without_token_prompts_in_background() {
    let mut harness = harness_with_jwks();
    harness.follows("io.latchkey.desktop://login");
    let SessionView::Invited { organization: None, login_hint: None, connection: None, .. } =
        harness.view()
    else {
        panic!("there is no prompt")
    };
    assert_eq!((harness.fronts, harness.opened.len()), (0, 1));
    agrees(&mut harness);
    let (_, url) = harness.opened.last().unwrap();
    assert!(!url.query().unwrap().contains("organization_id"));
    harness.is_at(SignInStep::WaitingForBrowser);
}

#[test]
fn initiate_login_without_token_sends_lost_session_login_hint() {
    let mut harness = Harness::signed_in();
    harness.until_refresh();
    harness.respond("/oauth/token", refused("invalid_grant"));
    harness.is_signed_out(SignedOutReason::SessionEnded);
    // The expired sign-in page leads to a bare link; the user has not dismissed the end of the session.
    harness.follows("io.latchkey.desktop://login");
    agrees(&mut harness);
    assert_eq!(harness.sent_parameter("login_hint"), "ada@analytical.example");
}

#[test]
fn initiate_login_without_token_rate_limit_is_1_a_minute() {
    let mut harness = harness_with_jwks();
    harness.follows("io.latchkey.desktop://login");
    declines(&mut harness);
    for _ in 0..100 {
        harness.follows("io.latchkey.desktop://login");
        harness.follows("io.latchkey.desktop://login?error=access_denied");
    }
    harness.is_signed_out(SignedOutReason::Cancelled);
    harness.pass(seconds(59));
    harness.follows("io.latchkey.desktop://login");
    harness.is_signed_out(SignedOutReason::Cancelled);
    harness.pass(seconds(1));
    harness.follows("io.latchkey.desktop://login?error=access_denied&error_description=call+me");
    let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
    assert_eq!((problem.code, &problem.detail), (ProblemCode::InvitationDeclined, &None));
    harness.pass(seconds(60));
    harness.follows("io.latchkey.desktop://login?error=server_error");
    let same = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
    assert_eq!(same.code, ProblemCode::InvitationDeclined, "what the user has not read yet stays");
    harness.pass(seconds(60));
    harness.follows("io.latchkey.desktop://login");
    let SessionView::Invited { problem, .. } = harness.view() else { panic!("there is no prompt") };
    assert_eq!(problem.as_ref().map(|one| one.code), Some(ProblemCode::InvitationDeclined));
    declines(&mut harness);
    harness.is_signed_out(SignedOutReason::SignInFailed);
    assert_eq!(harness.fronts, 0);

    let mut harness = Harness::signed_in();
    let before = state(&harness);
    harness.follows("io.latchkey.desktop://login?error=access_denied");
    assert_eq!(state(&harness), before, "a failure elsewhere does not concern a signed-in user");
}

// req: M3
#[test]
fn initiate_login_without_token_prompts_signed_in_user() {
    let mut harness = Harness::signed_in();
    let fronts = harness.fronts;
    harness.follows("io.latchkey.desktop://login?intent=join");
    let SessionView::Invited { signed_in_as, parameters, .. } = harness.view() else { panic!() };
    assert_eq!((signed_in_as.as_deref(), parameters.len()), (Some("Ada Lovelace"), 0));
    assert_eq!(harness.fronts, fronts);
    declines(&mut harness);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    for _ in 0..50 {
        harness.follows("io.latchkey.desktop://login");
        assert_eq!(harness.profile_name(), "Ada Lovelace", "once in a minute");
    }
    harness.pass(seconds(60));
    harness.follows("io.latchkey.desktop://login");
    agrees(&mut harness);
    harness.finishes_in_the_browser();
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn initiate_login_prompt_allows_select_organization() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::Configured(Some(forwards_intent())));
    harness.follows("io.latchkey.desktop://login?intent=join&x=y");
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request: SignInIntent::SelectOrganization.into(), entropy });
    harness.serve_discovery_if_requested();
    assert_eq!(harness.sent_parameter("prompt"), "select_account");
    assert_eq!(harness.sent_parameter("intent"), "join", "it was shown in the question");
    harness.happens(Event::CancelSignIn);
    assert_eq!(harness.profile_name(), "Ada Lovelace", "the question has been answered");
}

// req: M4
#[test]
fn initiate_login_forwards_only_configured_parameters() {
    let mut harness = Harness::fresh();
    harness.happens(Event::Configured(Some(forwards_intent())));
    harness
        .follows("io.latchkey.desktop://login?intent=join&redirect_uri=https://evil.example&x=y");
    let SessionView::Invited { parameters, .. } = harness.view() else { panic!() };
    let shown: Vec<_> = parameters.iter().map(|one| (&*one.name, &*one.value)).collect();
    assert_eq!(shown, [("intent", "join")]);
    agrees(&mut harness);
    harness.serve_discovery_if_requested();
    assert_eq!(harness.sent_parameter("intent"), "join");
    assert_eq!(harness.sent_parameter("redirect_uri"), "io.latchkey.desktop://callback");
    let (_, url) = harness.opened.last().unwrap();
    assert!(!url.as_str().contains("evil") && !url.query_pairs().any(|(name, _)| name == "x"));
}

#[test]
fn initiate_login_with_token_replaces_one_without() {
    let mut harness = harness_with_jwks();
    harness.follows("io.latchkey.desktop://login");
    let bare = question(&harness);
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let signed = question(&harness);
    assert_ne!(bare, signed, "a decision on the one is none on the other");
    harness.pass(seconds(61));
    harness.follows("io.latchkey.desktop://login");
    assert_eq!(question(&harness), signed);
}

#[test]
fn initiate_login_url_is_reopened_after_restart() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    agrees(&mut harness);
    let page = harness.opened.last().unwrap().1.clone();
    let mut harness = harness.restarted(seconds(5));
    harness.is_at(SignInStep::WaitingForBrowser);
    harness.happens(Event::OpenBrowserAgain);
    harness.serve_discovery();
    assert_eq!(harness.opened.last().unwrap().1, page);
}

#[test]
fn sign_up_drops_pending_initiate_login_hints() {
    let mut harness = harness_with_jwks();
    let link = invitation(&harness, 1);
    harness.follows(&link);
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request: SignInIntent::SignUp.into(), entropy });
    let (_, url) = harness.opened.last().unwrap();
    assert!(!url.as_str().contains("org_2") && url.as_str().contains("prompt=create"));
}

#[test]
fn view_never_contains_initiate_login_token() {
    let mut harness = harness_with_jwks();
    let claims = claims(&harness, 1);
    let token = OURS.sign(&claims);
    harness.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    question(&harness);
    let shown = serde_json::to_string(&harness.views).unwrap();
    assert!(token.expose().split('.').all(|part| !shown.contains(part)));
}

/// Scalekit: links with a token are of modular SSO (`sso/guides/idp-init-sso.mdx`), whose ID tokens have no `oid` and
/// the connection in `amr` (`guides/idtoken-claims.mdx`).
/// A token of another organization is still rejected (`initiate_login_sign_in_with_other_oid_is_rejected`).
#[test]
fn initiate_login_of_modular_sso_without_oid_signs_in() {
    for (amr, oid_of_access_token, is_signed_in) in [
        (json!(["conn_1"]), Value::Null, true),
        (json!(["pwd", "conn_1"]), json!("org_2"), true),
        (json!(["conn_2"]), Value::Null, false),
        (json!([]), Value::Null, false),
        (json!(["conn_1"]), json!("org_1"), false),
    ] {
        let harness = returns_from_modular_sso(configuration(), &amr, &oid_of_access_token);
        let view = harness.view();
        assert_eq!(matches!(view, SessionView::SignedIn { .. }), is_signed_in, "{amr}: {view:?}");
    }
    let harness = returns_from_modular_sso(pinned_to("org_2"), &json!(["conn_1"]), &Value::Null);
    assert!(!matches!(harness.view(), SessionView::SignedIn { .. }), "the pinned one is required");
}

/// A route of the settings that names an organization, in an environment with modular SSO.
#[test]
fn sign_in_to_requested_org_without_oid_needs_a_connection() {
    for (amr, oid, is_signed_in) in [
        (json!(["conn_9"]), Value::Null, true),
        (json!(["pwd"]), Value::Null, false),
        (json!(["conn_9"]), json!("org_1"), false),
    ] {
        let organization_id = OrganizationId::parse("org_2").ok();
        let route = SignInRoute { organization_id, ..SignInRoute::default() };
        let mut harness = harness_with_jwks();
        configured(&mut harness, Configuration { route, ..configuration() });
        harness.wants_to_sign_in();
        harness.serve_discovery_if_requested();
        harness.serve_jwks_if_requested();
        gives_modular_sso(&mut harness, &amr, &oid);
        let view = harness.view();
        assert_eq!(matches!(view, SessionView::SignedIn { .. }), is_signed_in, "{amr}: {view:?}");
    }
}

/// A switch and a link are the choice of an organization, which the tokens must name.
#[test]
fn sign_in_to_chosen_org_without_oid_is_rejected() {
    let mut harness = harness_with_jwks();
    harness.signs_in();
    let request = crate::SignInRequest {
        organization_id: OrganizationId::parse("org_2").ok(),
        ..crate::SignInRequest::default()
    };
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request, entropy });
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
    gives_modular_sso(&mut harness, &json!(["conn_9"]), &Value::Null);
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!() };
    assert_eq!(profile.organization.as_ref().unwrap().id, "org_1");
}

/// Comes back from a login link for `org_2` and `conn_1` with an ID token that has no `oid`.
fn returns_from_modular_sso(
    configuration: Configuration,
    amr: &Value,
    oid_of_access_token: &Value,
) -> Harness {
    let mut harness = harness_with_jwks();
    configured(&mut harness, configuration);
    let link = invitation(&harness, 1);
    harness.follows(&link);
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
    agrees(&mut harness);
    gives_modular_sso(&mut harness, amr, oid_of_access_token);
    harness
}

fn gives_modular_sso(harness: &mut Harness, amr: &Value, oid_of_access_token: &Value) {
    harness.comes_back();
    let mut tokens = harness.tokens();
    let now = harness.now.wall.seconds();
    let claims = json!({
        "iss": ISSUER, "aud": [CLIENT], "azp": CLIENT, "client_id": CLIENT, "amr": amr,
        "sub": "conn_1;ada@analytical.example", "sid": "ses_1", "nonce": harness.sent_parameter("nonce"),
        "email": "ada@analytical.example", "name": "Ada Lovelace", "iat": now, "exp": now + 1800,
    });
    tokens["id_token"] = json!(OURS.sign(&claims).expose());
    let access = json!({
        "iss": ISSUER, "sub": "conn_1;ada@analytical.example", "oid": oid_of_access_token, "exp": now + 300,
    });
    tokens["access_token"] = json!(OURS.sign(&access).expose());
    harness.gives(&tokens);
}

#[test]
fn forwarded_parameter_named_twice_is_sent_once() {
    let named = crate::protocol::forwarded_parameters::ForwardedName::parse("intent").unwrap();
    let mut harness = harness_with_jwks();
    let twice = Configuration { forwarded: vec![named.clone(), named], ..configuration() };
    configured(&mut harness, twice);
    harness.follows("io.latchkey.desktop://login?intent=join");
    agrees(&mut harness);
    harness.serve_discovery_if_requested();
    let (_, url) = harness.opened.last().unwrap();
    assert_eq!(url.query_pairs().filter(|(name, _)| name == "intent").count(), 1);
}
