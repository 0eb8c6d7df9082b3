//! Tests of the redirect URIs: the deep link, a loopback redirect URI beside it, and a pasted URL.

use std::num::NonZeroU16;

use zeroize::Zeroizing;

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, LoopbackPort},
    problem::ProblemCode,
    session::{Effect, Event, OpenBrowserError, Operation, SchemeHandler},
    storage::record::RecordKind,
    view::{LoopbackView, SessionView, SignInStep},
};

fn with_loopback() -> Configuration {
    Configuration { loopback: Some(LoopbackPort::Any), ..configuration() }
}

/// A harness with a sign-in that is pending in the browser.
fn waiting() -> Harness {
    let mut harness = Harness::off(std::collections::HashMap::new());
    configured(&mut harness, with_loopback());
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks_if_requested();
    harness
}

fn uses_loopback(harness: &mut Harness) {
    let entropy = harness.entropy();
    harness.happens(Event::UseLoopback { entropy });
}

/// The operation of a listener that has not started yet.
fn starts_listener(harness: &mut Harness) -> Operation {
    let entropy = harness.entropy();
    let effects = harness.machine.step(Event::UseLoopback { entropy }, harness.now);
    let listen = effects.iter().find_map(|effect| match effect {
        Effect::Listen(operation, ..) => Some(*operation),
        _ => None,
    });
    listen.unwrap()
}

/// A harness with two pending authorization requests, and the `state` of the first.
fn two_outstanding() -> (String, Harness) {
    let mut harness = waiting();
    let first = harness.sent_parameter("state");
    uses_loopback(&mut harness);
    (first, harness)
}

fn responds(harness: &mut Harness, query: &str) {
    let operation = harness.listeners[0];
    let query = Zeroizing::new(query.as_bytes().to_vec());
    harness.happens(Event::LoopbackResponse(operation, query));
}

fn pastes(harness: &mut Harness, text: &str) {
    harness.happens(Event::LinkPasted(Zeroizing::new(text.as_bytes().to_vec())));
}

#[track_caller]
fn shown(harness: &Harness) -> (LoopbackView, Option<ProblemCode>) {
    match harness.view() {
        SessionView::SigningIn { loopback, problem, .. } => {
            (*loopback, problem.as_ref().map(|one| one.code))
        }
        other => panic!("no sign-in is under way: {other:?}"),
    }
}

#[test]
fn links_problem_is_not_shown_while_loopback_is_used() {
    let mut harness = waiting();
    harness.happens(Event::SchemeHandlerChanged(SchemeHandler::Another("other".to_owned())));
    assert_eq!(shown(&harness), (LoopbackView::Offered, Some(ProblemCode::LinksTaken)));
    uses_loopback(&mut harness);
    assert_eq!(shown(&harness), (LoopbackView::Listening, None));
}

// req: N7
#[test]
fn loopback_request_has_secrets_and_redirect_of_its_own() {
    let mut harness = waiting();
    assert_eq!(shown(&harness).0, LoopbackView::Offered);
    let names = ["state", "nonce", "code_challenge", "redirect_uri"];
    let first = names.map(|name| harness.sent_parameter(name));
    uses_loopback(&mut harness);
    assert_eq!(shown(&harness).0, LoopbackView::Listening);
    assert_eq!(harness.opened.len(), 2);
    for (name, before) in names.iter().zip(&first) {
        assert_ne!(harness.sent_parameter(name), *before, "{name}");
    }
    assert_eq!(harness.sent_parameter("redirect_uri"), "http://127.0.0.1:50123/callback");
    assert_eq!(first[3], "io.latchkey.desktop://callback");
}

// req: N7
#[test]
fn loopback_response_exchanges_with_its_redirect_uri() {
    let (_, mut harness) = two_outstanding();
    let query = format!("code=c0de&state={}&iss={ISSUER}", harness.sent_parameter("state"));
    responds(&mut harness, &query);
    assert!(harness.form().contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A50123%2Fcallback"));
    assert_eq!(harness.listeners, []);
    assert_eq!(harness.fronts, 1);
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

// req: N7
#[test]
fn deep_link_response_destroys_loopback_request() {
    let (first, mut harness) = two_outstanding();
    let second = harness.sent_parameter("state");
    harness
        .follows(&format!("io.latchkey.desktop://callback?code=c0de&state={first}&iss={ISSUER}"));
    assert!(harness.form().contains("redirect_uri=io.latchkey.desktop%3A%2F%2Fcallback"));
    assert_eq!(harness.listeners, []);
    let late = Event::LoopbackResponse(
        harness.opened[1].0,
        Zeroizing::new(format!("code=other&state={second}").into_bytes()),
    );
    harness.happens(late);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// RFC 6749 §10.12: each `state` is valid with the redirect URI of its own request only.
// req: N7
#[test]
fn loopback_state_is_bound_to_its_way_back() {
    let (first, mut harness) = two_outstanding();
    let second = harness.sent_parameter("state");
    responds(&mut harness, &format!("code=c0de&state={first}&iss={ISSUER}"));
    responds(&mut harness, "code=c0de&state=guessed");
    responds(&mut harness, "code=c0de");
    responds(&mut harness, "state=%00");
    harness
        .follows(&format!("io.latchkey.desktop://callback?code=c0de&state={second}&iss={ISSUER}"));
    harness.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    assert_eq!(harness.listeners.len(), 1);
}

// req: N8
#[test]
fn loopback_not_configured_is_not_used() {
    let mut harness = Harness::in_browser();
    assert_eq!(shown(&harness).0, LoopbackView::NotConfigured);
    uses_loopback(&mut harness);
    assert_eq!((harness.listeners.len(), harness.opened.len()), (0, 1));
}

// req: N11
#[test]
fn loopback_port_in_use_is_reported_and_deep_link_waits() {
    let mut harness = waiting();
    harness.free_port = None;
    uses_loopback(&mut harness);
    assert_eq!(shown(&harness), (LoopbackView::Offered, Some(ProblemCode::LoopbackUnavailable)));
    harness.happens(Event::Dismiss);
    assert_eq!(shown(&harness), (LoopbackView::Offered, None));
    harness.free_port = Some(50123);
    uses_loopback(&mut harness);
    assert_eq!(shown(&harness), (LoopbackView::Listening, None));
}

#[test]
fn loopback_used_again_opens_same_request() {
    let (_, mut harness) = two_outstanding();
    let state = harness.sent_parameter("state");
    uses_loopback(&mut harness);
    assert_eq!((harness.opened.len(), harness.listeners.len()), (3, 1));
    assert_eq!(harness.sent_parameter("state"), state);
    harness.happens(Event::OpenBrowserAgain);
    assert_eq!(harness.sent_parameter("state"), state);
    let link = harness.machine.sign_in_link().unwrap();
    assert!(link.query().unwrap().contains(&format!("state={state}")), "the newest is copied");
}

// req: N8
#[test]
fn loopback_listener_ends_with_its_sign_in() {
    for end in 0..5 {
        let (_, mut harness) = two_outstanding();
        match end {
            0 => harness.happens(Event::CancelSignIn),
            1 => harness.pass(seconds(601)),
            2 => harness.wants_to_sign_in(),
            3 => configured(&mut harness, other_environment()),
            _ => harness.happens(Event::Configured(None)),
        }
        assert_eq!(harness.listeners, [], "{end}");
    }
}

// req: N8
#[test]
fn loopback_wanted_after_the_deadline_leaves_no_listener() {
    let mut harness = waiting();
    harness.now.monotonic = harness.now.monotonic.after(seconds(700));
    uses_loopback(&mut harness);
    harness.sign_in_failed_with(ProblemCode::SignInTimedOut);
    assert_eq!(harness.listeners, []);
}

#[test]
fn loopback_listener_of_replaced_sign_in_opens_no_browser() {
    let mut harness = waiting();
    let replaced = starts_listener(&mut harness);
    harness.wants_to_sign_in();
    let opened = harness.opened.len();
    starts_listener(&mut harness);
    harness.happens(Event::Listening(replaced, Ok(50123)));
    assert_eq!(harness.opened.len(), opened);
}

#[test]
fn loopback_error_response_ends_sign_in() {
    let (_, mut harness) = two_outstanding();
    let query =
        format!("error=access_denied&state={}&iss={ISSUER}", harness.sent_parameter("state"));
    responds(&mut harness, &query);
    harness.sign_in_failed_with(ProblemCode::AccessDenied);
    assert_eq!(harness.listeners, []);
}

#[test]
fn loopback_configuration_withdrawn_keeps_outstanding_request() {
    let (_, mut harness) = two_outstanding();
    configured(&mut harness, configuration());
    assert_eq!(harness.listeners.len(), 1);
    let port = Some(LoopbackPort::Fixed(NonZeroU16::MIN));
    configured(&mut harness, Configuration { loopback: port, ..configuration() });
    let query = format!("code=c0de&state={}&iss={ISSUER}", harness.sent_parameter("state"));
    responds(&mut harness, &query);
    assert!(harness.form().contains("127.0.0.1%3A50123"));
}

// req: N12
#[test]
fn pasted_callback_finishes_the_sign_in() {
    let mut harness = waiting();
    let link = format!("  {}\n", harness.good_link());
    pastes(&mut harness, &link);
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
}

#[test]
fn pasted_loopback_address_finishes_the_sign_in() {
    let (_, mut harness) = two_outstanding();
    let address = format!(
        "http://127.0.0.1:50123/callback?code=c0de&state={}&iss={ISSUER}#_=_",
        harness.sent_parameter("state")
    );
    pastes(&mut harness, &address);
    assert!(harness.form().contains("127.0.0.1%3A50123"));
    assert_eq!(harness.listeners, []);
}

// req: N12
#[test]
fn pasted_address_from_elsewhere_is_named_and_changes_nothing() {
    let (_, mut harness) = two_outstanding();
    for text in [
        "",
        "https://evil.example/callback?code=1&state=2",
        "io.latchkey.desktop://login",
        "io.latchkey.desktop://signed-out?state=1",
        "io.latchkey.desktop://callback?code=1",
        "http://127.0.0.1:50124/callback?code=1&state=2",
        "\u{202e}io.latchkey.desktop://callback?code=1&state=2",
    ] {
        pastes(&mut harness, text);
        assert_eq!(shown(&harness).1, Some(ProblemCode::PastedLinkUnusable), "{text:?}");
    }
    pastes(&mut harness, "io.latchkey.desktop://callback?code=1&state=2");
    assert_eq!(shown(&harness).1, Some(ProblemCode::PastedLinkOfAnotherSignIn));
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    harness.happens(Event::Dismiss);
    assert_eq!(shown(&harness), (LoopbackView::Listening, None));
    let query = format!("code=c0de&state={}&iss={ISSUER}", harness.sent_parameter("state"));
    responds(&mut harness, &query);
    harness.is_at(SignInStep::Finishing);
}

#[test]
fn pasted_address_without_sign_in_changes_nothing() {
    let mut harness = Harness::signed_in();
    let views = harness.views.len();
    pastes(&mut harness, "io.latchkey.desktop://callback?code=1&state=2");
    assert_eq!(harness.views.len(), views);
}

/// The keychain did not delete the pending sign-in when it was complete. The entry has the secrets of the first
/// request, the session those of the second.
#[test]
fn loopback_sign_in_left_in_keychain_is_not_resumed() {
    let (_, mut harness) = two_outstanding();
    let left = harness.keychain[&RecordKind::SignIn].clone();
    let query = format!("code=c0de&state={}&iss={ISSUER}", harness.sent_parameter("state"));
    responds(&mut harness, &query);
    let tokens = harness.tokens();
    harness.gives(&tokens);
    assert_eq!(harness.profile_name(), "Ada Lovelace");
    harness.keychain.insert(RecordKind::SignIn, left);
    let harness = harness.restarted(seconds(5));
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }), "{:?}", harness.view());
}

/// The same, and a response to the discarded request arrives.
#[test]
fn deep_link_after_loopback_sign_in_is_not_exchanged() {
    let (first, mut harness) = two_outstanding();
    let left = harness.keychain[&RecordKind::SignIn].clone();
    let query = format!("code=c0de&state={}&iss={ISSUER}", harness.sent_parameter("state"));
    responds(&mut harness, &query);
    let tokens = harness.tokens();
    harness.gives(&tokens);
    harness.keychain.insert(RecordKind::SignIn, left);
    let mut harness = harness.restarted(seconds(5));
    harness
        .follows(&format!("io.latchkey.desktop://callback?code=0ther&state={first}&iss={ISSUER}"));
    harness.serve_discovery_if_requested();
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

/// After a restart the metadata is unknown. The deep link may still arrive.
#[test]
fn loopback_without_discovery_keeps_the_deep_link_request() {
    let harness = waiting();
    let mut harness = harness.closed();
    harness.entropy();
    harness.pass(seconds(5));
    configured(&mut harness, with_loopback());
    harness.is_at(SignInStep::WaitingForBrowser);
    uses_loopback(&mut harness);
    harness.respond(DISCOVERY, offline());
    harness.is_at(SignInStep::WaitingForBrowser);
}

#[test]
fn loopback_failure_after_unusable_paste_is_reported() {
    let mut harness = waiting();
    pastes(&mut harness, "https://evil.example/");
    harness.free_port = None;
    uses_loopback(&mut harness);
    assert_eq!(shown(&harness).1, Some(ProblemCode::LoopbackUnavailable));
}

#[test]
fn browser_failure_after_unusable_paste_is_reported() {
    let mut harness = waiting();
    pastes(&mut harness, "https://evil.example/");
    harness.happens(Event::OpenBrowserAgain);
    let (operation, _) = *harness.opened.last().unwrap();
    harness.happens(Event::BrowserOpened(operation, Err(OpenBrowserError("none".to_owned()))));
    assert_eq!(shown(&harness).1, Some(ProblemCode::BrowserUnavailable));
}

/// Browsers omit port 80 (WHATWG URL §4.4).
#[test]
fn pasted_loopback_address_without_port_80_finishes_the_sign_in() {
    let mut harness = waiting();
    harness.free_port = Some(80);
    uses_loopback(&mut harness);
    let state = harness.sent_parameter("state");
    pastes(
        &mut harness,
        &format!("http://127.0.0.1/callback?code=c0de&state={state}&iss={ISSUER}"),
    );
    harness.is_at(SignInStep::Finishing);
}
