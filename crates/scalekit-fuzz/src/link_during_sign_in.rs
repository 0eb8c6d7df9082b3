//! The target for links to an application with a pending sign-in.

use scalekit_auth::view::{SessionView, SignInStep};

use crate::harness::{CALLBACK, Harness};

/// During a sign-in, a link without its `state` has no effect, and the correct link completes it afterwards
/// with one request. In the input, `STATE` represents the `state` of the sign-in. Without a sign-in, no link
/// opens a browser, sends a code or writes an entry: a login initiation only prompts the user.
pub fn link_during_sign_in(link: &[u8]) {
    let mut harness = Harness::with([]).in_the_browser();
    let state = harness.sent_parameter("state");
    let link = replaced(link, b"STATE", state.as_bytes());
    does_nothing_by_itself(&link);
    let (effects, view) = (harness.effects, harness.view.clone());
    harness.follows(&link);
    let waits =
        matches!(harness.view, SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. });
    if !holds(&link, state.as_bytes()) {
        let quiet = without_hint(harness.view.clone());
        // The hint itself is shown once.
        let shown = usize::from(quiet != harness.view);
        assert_eq!(
            (harness.effects, quiet),
            (effects + shown, view),
            "an untrusted link did something"
        );
    }
    if waits {
        harness.follows(format!("{CALLBACK}?code=c0de&state={state}").as_bytes());
        assert_eq!(harness.requests_to("/oauth/token"), 1, "the right link did nothing");
    }
    let requests = harness.requests_to("/oauth/token");
    assert!(requests <= 1);
    harness.follows(&link);
    harness.follows(format!("{CALLBACK}?code=c0de&state={state}").as_bytes());
    assert_eq!(harness.requests_to("/oauth/token"), requests, "a code was exchanged twice");
}

fn does_nothing_by_itself(link: &[u8]) {
    let mut harness = Harness::with([]);
    harness.follows(link);
    assert!(harness.opened.is_empty(), "a link opened the browser");
    assert_eq!(harness.requests_to("/oauth/token"), 0, "a link sent a code");
    assert!(harness.touched.is_empty(), "a link wrote something: {:?}", harness.touched);
}

/// The hint of an unusable authorization response is permitted.
fn without_hint(mut view: SessionView) -> SessionView {
    if let SessionView::SigningIn { unusable_callback, .. } = &mut view {
        *unusable_callback = false;
    }
    view
}

/// Whether the link contains the `state`, or text that may be decoded to it.
fn holds(link: &[u8], state: &[u8]) -> bool {
    link.contains(&b'%') || link.windows(state.len()).any(|part| part == state)
}

fn replaced(bytes: &[u8], placeholder: &[u8], value: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(placeholder.len()).position(|part| part == placeholder) {
        all.extend_from_slice(&rest[..at]);
        all.extend_from_slice(value);
        rest = &rest[at + placeholder.len()..];
    }
    all.extend_from_slice(rest);
    all
}
