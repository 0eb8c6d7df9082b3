//! Sign-ins that began outside the program, and links that only look like one.

use serde_json::{Value, json};

use super::desk::*;
use crate::{
    configuration::Configuration,
    machine::{Event, KeychainFailure},
    problem::ProblemCode,
    record::Slot,
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
fn state(desk: &Desk) -> (usize, usize, usize, usize, Vec<(Slot, usize)>) {
    let mut kept: Vec<_> = desk.keychain.iter().map(|(slot, bytes)| (*slot, bytes.len())).collect();
    kept.sort_by_key(|(slot, _)| format!("{slot:?}"));
    (desk.views.len(), desk.fronts, desk.opened.len(), desk.sent.len(), kept)
}

#[test]
fn an_invited_person_is_asked_and_signs_in_where_the_invitation_says() {
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
fn whoever_agreed_to_one_organization_is_not_signed_in_to_another() {
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
fn the_sign_in_that_follows_has_values_of_its_own() {
    let mut desk = desk_that_knows_the_keys();
    let before = (desk.asked("state"), desk.asked("nonce"), desk.asked("code_challenge"));
    let link = invitation(&desk, 1);
    desk.follows(&link);
    agrees(&mut desk);
    let after = (desk.asked("state"), desk.asked("nonce"), desk.asked("code_challenge"));
    assert!(before.0 != after.0 && before.1 != after.1 && before.2 != after.2);
}

#[test]
fn who_does_not_agree_has_what_was_there_before() {
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
fn an_answer_to_another_question_answers_nothing() {
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
fn a_question_that_nobody_answers_goes_away() {
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
fn a_link_that_the_environment_has_not_signed_changes_nothing_at_all() {
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
fn the_keys_are_fetched_for_it_where_they_are_not_known() {
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
fn where_the_keys_cannot_be_fetched_nothing_is_said() {
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
fn four_letters_wait_for_the_keys_and_no_more() {
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
fn a_flood_of_strange_key_ids_costs_one_request_a_minute_and_no_sign_in_its_own() {
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
fn an_invitation_signed_with_a_new_key_is_verified_with_it() {
    let mut desk = desk_that_knows_the_keys();
    desk.pass(seconds(61));
    let link = link_of(&THEIRS, &claims(&desk, 1));
    desk.follows(&link);
    desk.answer("/keys", Ok(json_answer(200, &json!({ "keys": [OURS.jwk(), THEIRS.jwk()] }))));
    question(&desk);
}

#[test]
fn a_flood_of_bad_signatures_is_not_verified_without_end() {
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
fn however_many_invitations_come_the_person_is_asked_one_thing_and_seldom() {
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
fn an_invitation_is_used_once() {
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
fn the_last_64_invitations_are_remembered() {
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
fn an_old_invitation_is_said_to_be_old_once_and_begins_nothing() {
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
fn what_the_person_has_not_read_yet_is_more_important_than_an_old_invitation() {
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
fn an_invitation_from_the_future_points_to_the_clock() {
    let mut desk = desk_that_knows_the_keys();
    let mut early = claims(&desk, 1);
    early["iat"] = json!(desk.now.wall.seconds() + 121);
    let link = link_of(&OURS, &early);
    desk.follows(&link);
    desk.sign_in_failed_with(ProblemCode::ClockWrong);
}

#[test]
fn during_a_sign_in_no_invitation_disturbs_it() {
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
fn whoever_begins_a_sign_in_of_their_own_is_asked_no_more() {
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
fn a_letter_whose_keys_come_during_a_sign_in_is_forgotten() {
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
fn while_somebody_is_signed_in_their_session_goes_on_until_another_is_complete() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let SessionView::Invited { signed_in_as, organization, .. } = desk.view() else { panic!() };
    assert_eq!(signed_in_as.as_deref(), Some("Ada Lovelace"));
    assert_eq!(organization.as_ref().and_then(|one| one.name.clone()), None);
    let form = desk.until_renewal();
    assert!(form.contains("refresh_token=rt-1"), "the session is renewed meanwhile");
    let renewed = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &renewed)));
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
fn what_was_to_be_read_before_the_question_still_is() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    desk.keychain_failure = Some(KeychainFailure::Failed("broken".to_owned()));
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
fn a_sign_out_takes_the_question_along() {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    question(&desk);
    desk.wants_to_sign_out();
    desk.is_signed_out(SignedOutReason::SignedOut);
}

#[test]
fn while_the_session_is_being_removed_nothing_is_asked() {
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
fn an_invitation_that_starts_the_program_waits_until_everything_has_been_read() {
    let mut desk = Desk::off(std::collections::HashMap::new());
    let link = invitation(&desk, 1);
    desk.follows(&link);
    assert!(desk.sent.is_empty() && desk.fronts == 0);
    desk.keychain_failure = Some(KeychainFailure::Locked(String::new()));
    desk.happens(Event::Configured(Some(configuration())));
    assert!(matches!(desk.view(), SessionView::KeychainUnavailable { .. }));
    desk.keychain_failure = None;
    desk.happens(Event::Retry);
    desk.answer_discovery();
    desk.answer_keys();
    question(&desk);
}

#[test]
fn an_invitation_for_other_settings_is_forgotten_with_them() {
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
fn a_bookmark_is_put_to_the_person_quietly_and_leads_to_the_usual_page() {
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
fn unsigned_links_are_heard_once_a_minute_and_only_where_nothing_else_is_shown() {
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
    assert!(same.message.contains("declined"), "what the person has not read yet stays");
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
fn bare_initiate_login_link_asks_also_whoever_is_signed_in_and_raises_no_window() {
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
fn whoever_is_asked_by_a_bare_link_may_select_another_organization_instead() {
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
fn parameters_of_a_bare_link_are_shown_and_passed_on_if_the_configuration_names_them() {
    let mut desk = Desk::fresh();
    let named = crate::forwarded::ForwardedName::parse("intent").unwrap();
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
fn a_signed_invitation_takes_the_place_of_a_bookmark_and_not_the_other_way() {
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
fn after_a_restart_the_browser_opened_again_still_leads_where_the_person_agreed_to_go() {
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
fn a_sign_up_begins_without_what_an_invitation_said() {
    let mut desk = desk_that_knows_the_keys();
    let link = invitation(&desk, 1);
    desk.follows(&link);
    let entropy = desk.entropy();
    desk.happens(Event::SignIn { intent: SignInIntent::SignUp, entropy });
    let (_, url) = desk.opened.last().unwrap();
    assert!(!url.as_str().contains("org_2") && url.as_str().contains("prompt=create"));
}

#[test]
fn no_view_holds_the_token() {
    let mut desk = desk_that_knows_the_keys();
    let claims = claims(&desk, 1);
    let token = OURS.sign(&claims);
    desk.follows(&format!("io.latchkey.desktop://login?idp_initiated_login={}", token.expose()));
    question(&desk);
    let shown = serde_json::to_string(&desk.views).unwrap();
    assert!(token.expose().split('.').all(|part| !shown.contains(part)));
}
