//! Tests of the environment's hosted pages, the scopes of a sign-out, and the announced end of a session.

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, RefreshPolicy},
    problem::ProblemCode,
    protocol::signing::json_response,
    secret::Secret,
    session::{Event, KeychainError, Network, OpenBrowserError, RequestPurpose},
    storage::record::{RecordKind, SessionRecord},
    testing::DISCOVERY,
    time::Wall,
    view::{HostedPage, RefreshView, SessionView, SignInStep, SignOutScope, SignedOutReason},
};

fn opens(harness: &mut Harness, page: HostedPage) {
    harness.happens(Event::OpenHostedPage(page));
    let (operation, _) = *harness.opened.last().unwrap();
    harness.happens(Event::BrowserOpened(operation, Ok(())));
}

fn pages(harness: &Harness) -> Vec<HostedPage> {
    match harness.view() {
        SessionView::SignedIn { pages, .. } => pages.clone(),
        other => panic!("nobody is signed in: {other:?}"),
    }
}

// req: N6
#[test]
fn hosted_page_opens_at_documented_path() {
    let mut harness = Harness::signed_in();
    for (page, address) in [
        (HostedPage::Account, "https://acme.scalekit.com/ui/"),
        (HostedPage::Passkeys, "https://acme.scalekit.com/ui/profile/passkeys"),
        (HostedPage::Security, "https://acme.scalekit.com/ui/"),
        (HostedPage::Organization, "https://acme.scalekit.com/ui/"),
    ] {
        opens(&mut harness, page);
        assert_eq!(harness.opened.last().unwrap().1.as_str(), address);
    }
}

// req: N6
#[test]
fn hosted_page_visit_refreshes_once_on_return() {
    let mut harness = Harness::signed_in();
    opens(&mut harness, HostedPage::Account);
    harness.happens(Event::RetryHint);
    assert_eq!(harness.requests_to("/oauth/token"), 0, "only the user can come back");
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

// req: N6
#[test]
fn user_return_refreshes_access_token_of_a_minute() {
    let mut harness = Harness::signed_in_with_lifetime(86_400);
    harness.pass(seconds(59));
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    harness.pass(seconds(1));
    harness.happens(Event::UserReturned);
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
    harness.respond("/oauth/token", refused("invalid_grant"));
    harness.is_signed_out(SignedOutReason::SessionEnded);
}

#[test]
fn user_return_honors_retry_after_and_a_missing_network() {
    let mut harness = Harness::signed_in_with_lifetime(86_400);
    harness.pass(seconds(60));
    harness.happens(Event::NetworkChanged(Network::Absent));
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
    harness.happens(Event::NetworkChanged(Network::Present));
    harness.happens(Event::UserReturned);
    harness.respond("/oauth/token", status(429, Some("600")));
    harness.pass(seconds(120));
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0, "RFC 9110 10.2.3");
}

#[test]
fn user_return_refreshes_by_the_policy_of_refreshes() {
    for in_use in [false, true] {
        let mut harness = Harness::off(std::collections::HashMap::new());
        let refresh = RefreshPolicy::WhileInUse;
        configured(&mut harness, Configuration { refresh, ..configuration() });
        harness.signs_in();
        harness.happens(Event::InUse(in_use));
        harness.pass(seconds(60));
        harness.happens(Event::UserReturned);
        assert_eq!(harness.requests_to("/oauth/token"), usize::from(in_use));
    }
}

#[test]
fn user_return_begins_no_refresh_of_an_unsaved_session() {
    let mut harness = Harness::signed_in();
    harness.until_refresh();
    harness.keychain_failure = Some(KeychainError::Locked(String::new()));
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.pass(seconds(61));
    harness.happens(Event::UserReturned);
    assert!(matches!(harness.refresh(), RefreshView::Scheduled { .. }));
}

#[test]
fn hosted_page_without_browser_is_reported() {
    let mut harness = Harness::signed_in();
    harness.happens(Event::OpenHostedPage(HostedPage::Account));
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0, "it is not open yet");
    let (operation, _) = *harness.opened.last().unwrap();
    let failure = OpenBrowserError("none".to_owned());
    harness.happens(Event::BrowserOpened(operation, Err(failure)));
    assert_eq!(harness.problem(), Some(ProblemCode::HostedPageNotOpened));
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

#[test]
fn hosted_page_of_nobody_is_not_opened() {
    let mut harness = Harness::fresh();
    harness.happens(Event::OpenHostedPage(HostedPage::Account));
    assert_eq!(harness.opened.len(), 0);
}

#[test]
fn organization_page_is_offered_to_administrator_roles() {
    let mut harness = Harness::signed_in();
    let own = [HostedPage::Account, HostedPage::Passkeys, HostedPage::Security];
    assert_eq!(pages(&harness), own);
    let administrator_roles = vec!["owner".to_owned(), "admin".to_owned()];
    configured(&mut harness, Configuration { administrator_roles, ..configuration() });
    assert_eq!(pages(&harness)[..3], own);
    assert_eq!(pages(&harness)[3..], [HostedPage::Organization]);
}

fn signs_out(harness: &mut Harness, scope: SignOutScope) {
    let entropy = harness.entropy();
    harness.happens(Event::SignOut { scope, entropy });
}

// req: N14
#[test]
fn sign_out_of_this_computer_opens_no_browser() {
    for mut harness in [Harness::signed_in(), in_memory()] {
        let opened = harness.opened.len();
        signs_out(&mut harness, SignOutScope::ThisComputer);
        harness.is_signed_out(SignedOutReason::SignedOut);
        assert_eq!(harness.opened.len(), opened);
        assert_eq!(harness.stored_refresh_token(), None);
    }
}

// req: N15
#[test]
fn sign_out_revokes_where_offered_to_public_clients() {
    for scope in [SignOutScope::SharedSession, SignOutScope::ThisComputer] {
        let mut harness = Harness::fresh();
        harness.wants_to_sign_in();
        let mut document = discovery();
        document["revocation_endpoint"] = json!(format!("{ISSUER}/revoke"));
        document["revocation_endpoint_auth_methods_supported"] = json!(["none"]);
        harness.respond(DISCOVERY, Ok(json_response(200, &document)));
        harness.serve_jwks();
        harness.finishes_in_the_browser();
        signs_out(&mut harness, scope);
        let (_, request) =
            harness.sent.iter().find(|(_, one)| one.uri().path() == "/revoke").unwrap();
        assert!(String::from_utf8_lossy(request.body()).starts_with("token=rt-1&"));
        harness.is_signed_out(SignedOutReason::SignedOut);
        assert!(harness.machine.is_quiescent(), "nobody waits for it");
        harness.respond("/revoke", status(503, None));
        assert!(harness.is_signed_out(SignedOutReason::SignedOut).is_none());
    }
    let mut harness = Harness::signed_in();
    signs_out(&mut harness, SignOutScope::ThisComputer);
    assert_eq!(harness.requests_to("/revoke"), 0);
    let _ = RequestPurpose::Revocation;
}

fn without_refresh_token(lifetime: u64) -> Harness {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    tokens["expires_in"] = json!(lifetime);
    harness.gives(&tokens);
    harness
}

fn ends_soon(harness: &Harness) -> bool {
    match harness.refresh() {
        RefreshView::Impossible { soon, .. } => *soon,
        other => panic!("it does not end: {other:?}"),
    }
}

// req: N13
#[test]
fn session_end_is_announced_ten_minutes_ahead() {
    let mut harness = without_refresh_token(3600);
    harness.pass(seconds(2999));
    assert!(!ends_soon(&harness));
    let views = harness.views.len();
    harness.pass(seconds(2));
    assert!(ends_soon(&harness));
    assert_eq!(harness.views.len(), views + 1, "once");
    harness.pass(seconds(600));
    harness.is_signed_out(SignedOutReason::SessionEnded);
}

// req: N13
#[test]
fn session_end_of_short_life_is_announced_at_half() {
    let mut harness = without_refresh_token(300);
    harness.pass(seconds(149));
    assert!(!ends_soon(&harness));
    harness.pass(seconds(2));
    assert!(ends_soon(&harness));
}

fn with_announced_end(seconds: u64) -> Harness {
    let mut harness = Harness::off(Default::default());
    harness
        .happens(Event::Configured(Some(Configuration { announced_end: true, ..configuration() })));
    harness.wants_to_sign_in();
    harness.serve_discovery();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens["authorization_expires_in"] = json!(seconds);
    harness.gives(&tokens);
    harness
}

fn announced_end(harness: &Harness) -> Option<f64> {
    let SessionView::SignedIn { announced_end, .. } = harness.view() else { panic!() };
    *announced_end
}

/// Refreshes until this time, by responses that announce the end after this many seconds.
fn refreshes_until(harness: &mut Harness, until: Wall, ends_in: impl Fn(&Harness) -> u64) {
    while harness.now.wall < until {
        harness.pass(seconds(30));
        harness.serve_discovery_if_requested();
        if harness.requests_to("/oauth/token") > 0 {
            let mut tokens = harness.refreshed_tokens("rt-next");
            tokens["authorization_expires_in"] = json!(ends_in(harness));
            harness.gives(&tokens);
            harness.serve_jwks_if_requested();
        }
    }
}

// req: N13
#[test]
fn session_end_announced_by_responses_is_shown_ahead_once() {
    let mut harness = with_announced_end(3600);
    let end = harness.now.wall.after(seconds(3600));
    let remaining = |harness: &Harness| end.since(harness.now.wall).as_secs();
    refreshes_until(&mut harness, Wall(end.0 - 630_000), remaining);
    assert_eq!(announced_end(&harness), None);
    refreshes_until(&mut harness, Wall(end.0 - 590_000), remaining);
    let shown = announced_end(&harness);
    assert_eq!(shown, Some(end.for_view()));
    refreshes_until(&mut harness, Wall(end.0 - 60_000), remaining);
    assert_eq!(announced_end(&harness), shown, "it does not change by a second");
    // The sign-in that it offers is for the same user.
    harness.wants_to_sign_in();
    harness.is_at(SignInStep::WaitingForBrowser);
    assert_eq!(harness.sent_parameter("login_hint"), "ada@analytical.example");
    // The environment decides, not the announcement.
    harness.happens(Event::CancelSignIn);
    harness.pass(seconds(61));
    assert_eq!(announced_end(&harness), None);
}

/// The environment's session, at which the browser is signed in, ends at the same time.
// req: N13
#[test]
fn sign_in_at_announced_end_authenticates_and_announces_once() {
    let mut harness = with_announced_end(3600);
    let end = harness.now.wall.after(seconds(3600));
    let remaining = |harness: &Harness| end.since(harness.now.wall).as_secs();
    refreshes_until(&mut harness, Wall(end.0 - 590_000), remaining);
    let shown = announced_end(&harness);
    assert!(shown.is_some());
    harness.wants_to_sign_in();
    assert_eq!(harness.sent_parameter("prompt"), "login");
    harness.comes_back();
    // The environment has not begun another session for it.
    let mut tokens = harness.tokens();
    tokens["authorization_expires_in"] = json!(remaining(&harness));
    harness.gives(&tokens);
    assert_eq!(announced_end(&harness), shown, "it is announced already");
    // The next one has another end.
    harness.wants_to_sign_in();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens["authorization_expires_in"] = json!(3600);
    harness.gives(&tokens);
    assert_eq!(announced_end(&harness), None);
    harness.wants_to_sign_in();
    assert!(!harness.opened.last().unwrap().1.as_str().contains("prompt="));
}

#[test]
fn login_initiation_at_announced_end_authenticates() {
    let mut harness = with_announced_end(3600);
    let end = harness.now.wall.after(seconds(3600));
    let remaining = |harness: &Harness| end.since(harness.now.wall).as_secs();
    refreshes_until(&mut harness, Wall(end.0 - 590_000), remaining);
    harness.follows("io.latchkey.desktop://login");
    let SessionView::Invited { question, .. } = *harness.view() else { panic!("no prompt") };
    let entropy = harness.entropy();
    harness.happens(Event::AcceptInvitation { question, entropy });
    harness.serve_discovery_if_requested();
    assert_eq!(harness.sent_parameter("prompt"), "login");
}

#[test]
fn session_end_that_refreshes_move_is_not_shown() {
    let mut harness = with_announced_end(900);
    let until = harness.now.wall.after(seconds(4 * 3600));
    refreshes_until(&mut harness, until, |harness| {
        assert_eq!(announced_end(harness), None);
        900
    });
}

#[test]
fn session_end_announced_before_a_restart_is_known_to_be_fixed() {
    let harness = with_announced_end(700);
    let end = harness.now.wall.after(seconds(700));
    let mut harness = harness.closed();
    harness.pass(seconds(400));
    configured(&mut harness, Configuration { announced_end: true, ..configuration() });
    assert_eq!(announced_end(&harness), None);
    let until = Wall(harness.now.wall.0 + 60_000);
    refreshes_until(&mut harness, until, |harness| end.since(harness.now.wall).as_secs());
    assert_eq!(announced_end(&harness), Some(end.for_view()));
}

#[test]
fn session_end_stays_announced_without_new_refresh_token() {
    for (new_refresh_token, is_shown) in [(false, true), (true, false)] {
        let mut harness = with_announced_end(3600);
        let end = harness.now.wall.after(seconds(3600));
        let until = Wall(end.0 - 500_000);
        refreshes_until(&mut harness, until, |harness| end.since(harness.now.wall).as_secs());
        assert!(announced_end(&harness).is_some());
        harness.happens(Event::Refresh);
        let mut tokens = harness.refreshed_tokens("rt-last");
        if !new_refresh_token {
            tokens.as_object_mut().unwrap().remove("refresh_token");
        }
        harness.gives(&tokens);
        harness.serve_jwks_if_requested();
        assert_eq!(announced_end(&harness).is_some(), is_shown, "{new_refresh_token}");
    }
}

#[test]
fn session_end_announced_is_ignored_unless_configured() {
    let mut harness = Harness::refresh_in_flight();
    let mut tokens = harness.refreshed_tokens("rt-2");
    tokens["authorization_expires_in"] = json!(60);
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.pass(seconds(40));
    assert_eq!(announced_end(&harness), None);
    assert!(harness.stored_session().unwrap().get("announced_end").is_none());

    // Stored by a process whose configuration has the option.
    let mut harness = Harness::with_keychain(with_announced_end(60).keychain);
    let end = harness.now.wall.after(seconds(60));
    let until = Wall(end.0 - 5_000);
    refreshes_until(&mut harness, until, |harness| end.since(harness.now.wall).as_secs());
    assert_eq!(announced_end(&harness), None);
}

/// The session expires by the clock, and another process has signed in.
#[test]
fn session_expiry_adopts_the_sign_in_of_another_process() {
    let mut harness = without_refresh_token(300);
    let mut other = harness.closed();
    configured(&mut other, configuration());
    other.entropy();
    other.signs_in();
    harness.keychain = other.keychain;
    harness.pass(seconds(301));
    assert!(matches!(harness.view(), SessionView::SignedIn { .. }), "{:?}", harness.view());
}

#[test]
fn session_end_during_switch_is_shown_after_cancel() {
    let mut harness = without_refresh_token(300);
    selects_organization(&mut harness);
    harness.pass(seconds(301));
    harness.happens(Event::CancelSignIn);
    harness.is_signed_out(SignedOutReason::SessionEnded);
}

#[test]
fn session_end_during_switch_is_shown_after_timeout() {
    let mut harness = without_refresh_token(300);
    selects_organization(&mut harness);
    harness.pass(seconds(601));
    harness.is_signed_out(SignedOutReason::SessionEnded);
}

/// The pending response was requested before the user could change something.
#[test]
fn hosted_page_visit_during_refresh_refreshes_on_return() {
    let mut harness = Harness::refresh_in_flight();
    opens(&mut harness, HostedPage::Account);
    harness.happens(Event::UserReturned);
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

/// RFC 9110 §10.2.3: a delay that the environment requested is not shortened.
#[test]
fn hosted_page_return_honors_retry_after() {
    let mut harness = Harness::refresh_in_flight();
    harness.respond("/oauth/token", status(503, Some("600")));
    harness.pass(seconds(10));
    opens(&mut harness, HostedPage::Account);
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 0);
}

#[test]
fn hosted_page_visit_outlives_adoption_from_other_process() {
    let mut harness = Harness::signed_in();
    opens(&mut harness, HostedPage::Account);
    let mut record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
    record.generation += 1;
    record.refresh_token = Some(Secret::new("rt-2"));
    record.access_token_ends = harness.now.wall.after(seconds(500));
    harness.keychain.insert(RecordKind::Session, record.encode().to_vec());
    harness.pass(seconds(290));
    assert_eq!(harness.requests_to("/oauth/token"), 0, "it is adopted");
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}

#[test]
fn hosted_page_that_does_not_open_keeps_the_visit_before() {
    let mut harness = Harness::signed_in();
    opens(&mut harness, HostedPage::Account);
    harness.happens(Event::OpenHostedPage(HostedPage::Passkeys));
    let (operation, _) = *harness.opened.last().unwrap();
    harness.happens(Event::BrowserOpened(operation, Err(OpenBrowserError("none".to_owned()))));
    harness.happens(Event::UserReturned);
    assert_eq!(harness.requests_to("/oauth/token"), 1);
}
