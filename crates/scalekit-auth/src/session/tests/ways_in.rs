//! Tests of the hints of a sign-in, and of the switch to another organization.

use serde_json::json;

use crate::session::tests::harness::*;
use crate::{
    configuration::{Configuration, OrganizationId, SignInRoute},
    problem::ProblemCode,
    protocol::signing::OURS,
    session::Event,
    sign_in_hints::{ConnectionId, DomainName, LoginHint, SocialProvider},
    sign_in_request::SignInRequest,
    storage::record::{RecordKind, SessionRecord},
    testing::parameter,
    view::{Organization, SessionView, SignInIntent, SignedOutReason},
};

fn requests_sign_in(harness: &mut Harness, request: SignInRequest) {
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request, entropy });
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
}

fn sent(harness: &Harness, name: &str) -> Option<String> {
    parameter(&harness.opened.last().unwrap().1, name)
}

fn organization(id: &str) -> Option<OrganizationId> {
    OrganizationId::parse(id).ok()
}

fn route() -> SignInRoute {
    SignInRoute {
        connection_id: ConnectionId::parse("conn_1").ok(),
        organization_id: organization("org_1"),
        domain: DomainName::parse("acme.example").ok(),
    }
}

fn routed() -> Harness {
    let mut harness = Harness::off(std::collections::HashMap::new());
    configured(&mut harness, Configuration { route: route(), ..configuration() });
    harness
}

// req: N1
#[test]
fn sign_in_request_hints_are_sent() {
    let mut harness = Harness::fresh();
    let request = SignInRequest {
        intent: SignInIntent::SignIn,
        login_hint: LoginHint::parse("ada@analytical.example").ok(),
        provider: SocialProvider::parse("google").ok(),
        connection_id: ConnectionId::parse("conn_1").ok(),
        organization_id: organization("org_1"),
        domain: DomainName::parse("analytical.example").ok(),
    };
    requests_sign_in(&mut harness, request);
    for (name, value) in [
        ("login_hint", "ada@analytical.example"),
        ("provider", "google"),
        ("connection_id", "conn_1"),
        ("organization_id", "org_1"),
        ("domain", "analytical.example"),
    ] {
        assert_eq!(sent(&harness, name).as_deref(), Some(value));
    }
    assert_eq!(sent(&harness, "prompt"), None);
}

// req: N1
#[test]
fn sign_in_with_another_account_prompts_without_hint() {
    let mut harness = Harness::signed_in();
    requests_sign_in(&mut harness, SignInIntent::UseAnotherAccount.into());
    assert_eq!(sent(&harness, "prompt").as_deref(), Some("login"));
    assert_eq!(sent(&harness, "login_hint"), None);
}

// req: N1
#[test]
fn configured_route_is_sent_unless_request_names_one() {
    let mut harness = routed();
    requests_sign_in(&mut harness, SignInIntent::SignIn.into());
    assert_eq!(sent(&harness, "connection_id").as_deref(), Some("conn_1"));
    assert_eq!(sent(&harness, "organization_id").as_deref(), Some("org_1"));
    assert_eq!(sent(&harness, "domain").as_deref(), Some("acme.example"));
    for request in [
        SignInRequest { provider: SocialProvider::parse("github").ok(), ..Default::default() },
        SignInRequest {
            login_hint: LoginHint::parse("ada@analytical.example").ok(),
            ..Default::default()
        },
    ] {
        requests_sign_in(&mut harness, request);
        for name in ["connection_id", "organization_id", "domain"] {
            assert_eq!(sent(&harness, name), None, "{name}");
        }
    }
    assert_eq!(sent(&harness, "login_hint").as_deref(), Some("ada@analytical.example"));
    for intent in [SignInIntent::SignUp, SignInIntent::SelectOrganization] {
        requests_sign_in(&mut harness, intent.into());
        assert_eq!(sent(&harness, "connection_id"), None, "{intent:?}");
    }
}

#[test]
fn configured_organization_of_route_is_verified() {
    let mut harness = routed();
    harness.organization = "org_2";
    requests_sign_in(&mut harness, SignInIntent::SignIn.into());
    harness.finishes_in_the_browser();
    harness.sign_in_failed_with(ProblemCode::AnswerRejected);
}

#[test]
fn unverified_login_initiation_follows_configured_route() {
    let mut harness = routed();
    harness.follows("io.latchkey.desktop://login");
    let SessionView::Invited { question, organization, connection, .. } = harness.view() else {
        panic!("no question: {:?}", harness.view());
    };
    assert_eq!(organization.as_ref().map(|one| &*one.id), Some("org_1"));
    assert_eq!(connection.as_deref(), Some("conn_1"));
    let (question, entropy) = (*question, harness.entropy());
    harness.happens(Event::AcceptInvitation { question, entropy });
    harness.serve_discovery_if_requested();
    assert_eq!(sent(&harness, "connection_id").as_deref(), Some("conn_1"));
}

fn switches(harness: &mut Harness, id: Option<&str>) {
    let request = SignInRequest {
        intent: SignInIntent::SelectOrganization,
        organization_id: id.and_then(organization),
        ..SignInRequest::default()
    };
    requests_sign_in(harness, request);
}

fn remembered(harness: &Harness) -> Option<Vec<String>> {
    let SessionView::SignedIn { organizations, .. } = harness.view() else {
        panic!("nobody is signed in: {:?}", harness.view());
    };
    organizations.as_ref().map(|all| all.iter().map(|one| one.id.clone()).collect())
}

#[test]
fn organization_switch_requests_the_selector() {
    let mut harness = Harness::signed_in();
    switches(&mut harness, Some("org_2"));
    assert_eq!(sent(&harness, "prompt").as_deref(), Some("select_account"));
    assert_eq!(sent(&harness, "organization_id").as_deref(), Some("org_2"));
    switches(&mut harness, None);
    assert_eq!(sent(&harness, "organization_id"), None);
}

// req: N4
#[test]
fn organization_switch_keeps_session_until_verified() {
    let mut harness = Harness::signed_in();
    assert_eq!(remembered(&harness).as_deref(), Some(&[][..]));
    switches(&mut harness, Some("org_2"));
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"));
    harness.organization = "org_2";
    harness.finishes_in_the_browser();
    assert_eq!(remembered(&harness).unwrap(), ["org_1"]);
    switches(&mut harness, Some("org_1"));
    harness.organization = "org_1";
    harness.finishes_in_the_browser();
    assert_eq!(remembered(&harness).unwrap(), ["org_2"]);
}

// req: N4
#[test]
fn organization_switch_to_other_oid_keeps_old_session() {
    let mut harness = Harness::signed_in();
    switches(&mut harness, Some("org_2"));
    harness.organization = "org_3";
    harness.finishes_in_the_browser();
    assert_eq!(harness.problem(), Some(ProblemCode::AnswerRejected));
    let SessionView::SignedIn { profile, .. } = harness.view() else { panic!("not signed in") };
    assert_eq!(profile.organization.as_ref().unwrap().id, "org_1");
}

// req: N5
#[test]
fn remembered_organizations_are_eight_and_unique() {
    let mut harness = Harness::signed_in();
    for id in ["org_2", "org_3", "org_2", "org_4", "org_5", "org_6", "org_7", "org_8", "org_9"] {
        switches(&mut harness, Some(id));
        harness.organization = id;
        harness.finishes_in_the_browser();
    }
    let newest_first =
        ["org_8", "org_7", "org_6", "org_5", "org_4", "org_2", "org_3", "org_1"].map(str::to_owned);
    assert_eq!(remembered(&harness).unwrap(), newest_first);
    switches(&mut harness, Some("org_10"));
    harness.organization = "org_10";
    harness.finishes_in_the_browser();
    let all = remembered(&harness).unwrap();
    assert_eq!((all.len(), &*all[0], &*all[7]), (8, "org_9", "org_3"));
}

#[test]
fn remembered_organizations_survive_refresh_and_restart() {
    let mut harness = Harness::signed_in();
    switches(&mut harness, Some("org_2"));
    harness.organization = "org_2";
    harness.finishes_in_the_browser();
    harness.until_refresh();
    let tokens = harness.refreshed_tokens("rt-2");
    harness.gives(&tokens);
    harness.serve_jwks_if_requested();
    assert_eq!(remembered(&harness).unwrap(), ["org_1"]);
    let harness = harness.restarted(seconds(5));
    assert_eq!(remembered(&harness).unwrap(), ["org_1"]);
    let record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
    let id = |one: &Organization| one.id.clone();
    assert_eq!(record.organizations.iter().map(id).collect::<Vec<_>>(), ["org_1"]);
}

// req: N5
#[test]
fn another_user_remembers_no_organizations() {
    let mut harness = Harness::signed_in();
    switches(&mut harness, None);
    harness.organization = "org_2";
    harness.comes_back();
    let nonce = harness.sent_parameter("nonce");
    let tokens = harness.tokens_of("usr_2", "rt-9", Some(&nonce), &OURS);
    harness.gives(&tokens);
    assert_eq!(remembered(&harness).unwrap(), [""; 0]);
}

// req: N5
#[test]
fn pinned_application_offers_no_organizations() {
    let mut harness = Harness::off(std::collections::HashMap::new());
    configured(&mut harness, pinned_to("org_1"));
    harness.signs_in();
    assert_eq!(remembered(&harness), None);
    switches(&mut harness, Some("org_2"));
    assert_eq!(sent(&harness, "organization_id").as_deref(), Some("org_1"));
}

// req: N13
#[test]
fn sign_in_for_session_known_to_end_has_login_hint() {
    let mut harness = Harness::in_browser();
    harness.serve_jwks();
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    harness.gives(&tokens);
    requests_sign_in(&mut harness, SignInIntent::SignIn.into());
    assert_eq!(sent(&harness, "login_hint").as_deref(), Some("ada@analytical.example"));
    let provider = SocialProvider::parse("github").ok();
    requests_sign_in(&mut harness, SignInRequest { provider, ..SignInRequest::default() });
    assert_eq!(sent(&harness, "login_hint"), None);
}

// req: N2
#[test]
fn sign_in_request_of_webview_is_read_strictly() {
    let read = |value| serde_json::from_value::<SignInRequest>(value);
    let request = read(json!({
        "intent": "useAnotherAccount", "loginHint": " ada@analytical.example ",
        "organizationId": "org_1", "connectionId": "conn_1", "domain": "acme.example",
        "provider": "google",
    }));
    assert_eq!(request.unwrap().login_hint.unwrap().as_str(), "ada@analytical.example");
    assert_eq!(read(json!({"intent": "signIn"})).unwrap(), SignInRequest::default());
    for value in [
        json!({}),
        json!({"intent": "other"}),
        json!({"intent": "signIn", "loginHint": ""}),
        json!({"intent": "signIn", "provider": "a b"}),
        json!({"intent": "signIn", "organizationId": "org 1"}),
        json!({"intent": "signIn", "prompt": "none"}),
        json!({"intent": "signIn", "redirectUri": "https://evil.example"}),
    ] {
        assert!(read(value.clone()).is_err(), "{value}");
    }
}

// req: N3
#[test]
fn refused_provider_or_organization_changes_nothing_else() {
    let provider = SocialProvider::parse("salesforce").ok();
    let organization_id = OrganizationId::parse("org_none").ok();
    for (request, error, code) in [
        (
            SignInRequest { provider, ..SignInRequest::default() },
            "no_active_connections",
            ProblemCode::ProviderUnavailable,
        ),
        (
            SignInRequest { organization_id, ..SignInRequest::default() },
            "invalid_organization_id",
            ProblemCode::OrganizationUnknown,
        ),
    ] {
        let mut harness = Harness::fresh();
        requests_sign_in(&mut harness, request);
        let link = format!(
            "io.latchkey.desktop://callback?error={error}&state={}&iss={ISSUER}",
            harness.sent_parameter("state")
        );
        harness.follows(&link);
        let problem = harness.is_signed_out(SignedOutReason::SignInFailed).unwrap();
        assert_eq!(problem.code, code);
    }
}

fn organization_shown(harness: &Harness) -> Option<&str> {
    match harness.view() {
        SessionView::SignedIn { profile, .. } => profile.organization.as_ref().map(|one| &*one.id),
        _ => None,
    }
}

/// The process crashes after the tokens are verified, while another one holds the lock: the new session is not
/// stored.
#[test]
fn organization_switch_crash_before_store_keeps_a_session() {
    let mut harness = Harness::signed_in();
    switches(&mut harness, Some("org_2"));
    harness.organization = "org_2";
    harness.lock_held_elsewhere = true;
    harness.finishes_in_the_browser();
    assert_eq!(organization_shown(&harness), Some("org_2"));
    let mut harness = harness.restarted(seconds(5));
    harness.pass(seconds(5));
    assert!(organization_shown(&harness).is_some(), "{:?}", harness.view());
}

/// Switched to `org_2`, where the session cannot be refreshed.
fn switched_and_known_to_end() -> Harness {
    let mut harness = routed();
    harness.signs_in();
    switches(&mut harness, Some("org_2"));
    harness.organization = "org_2";
    harness.comes_back();
    let mut tokens = harness.tokens();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    harness.gives(&tokens);
    assert_eq!(organization_shown(&harness), Some("org_2"));
    harness
}

/// "Stay signed in" of the window, the tray and the notification is a sign-in without hints.
#[test]
fn sign_in_again_after_switch_keeps_the_organization() {
    let mut harness = switched_and_known_to_end();
    requests_sign_in(&mut harness, SignInIntent::SignIn.into());
    assert_eq!(sent(&harness, "organization_id").as_deref(), Some("org_2"));
}

#[test]
fn sign_in_again_with_named_organization_requests_that_one() {
    let mut harness = switched_and_known_to_end();
    let organization_id = organization("org_3");
    requests_sign_in(&mut harness, SignInRequest { organization_id, ..SignInRequest::default() });
    assert_eq!(sent(&harness, "organization_id").as_deref(), Some("org_3"));
}

fn organization_requested(harness: &Harness) -> Option<(String, Option<String>)> {
    match harness.view() {
        SessionView::SignedOut { organization, .. }
        | SessionView::SigningIn { organization, .. } => {
            organization.clone().map(|one| (one.id, one.name))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn pinned_organization_is_shown_before_and_during_sign_in() {
    let mut harness = Harness::off(std::collections::HashMap::new());
    configured(&mut harness, pinned_to("org_1"));
    let expected = Some(("org_1".to_owned(), None));
    assert_eq!(organization_requested(&harness), expected);
    requests_sign_in(&mut harness, SignInIntent::SignIn.into());
    assert_eq!(organization_requested(&harness), expected);
}

#[test]
fn organization_of_switch_is_shown_by_its_known_name() {
    let mut harness = Harness::signed_in();
    let known = |id: &str, name: &str| Organization {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        external_id: None,
    };
    let mut record = SessionRecord::decode(&harness.keychain[&RecordKind::Session]).unwrap();
    record.profile.organization = Some(known("org_1", "Analytical Engines"));
    record.organizations = vec![known("org_2", "Difference Works")];
    harness.keychain.insert(RecordKind::Session, record.encode().to_vec());
    let mut harness = harness.restarted(seconds(1));
    for (id, name) in [
        ("org_1", Some("Analytical Engines")),
        ("org_2", Some("Difference Works")),
        ("org_3", None),
    ] {
        switches(&mut harness, Some(id));
        let expected = Some((id.to_owned(), name.map(str::to_owned)));
        assert_eq!(organization_requested(&harness), expected);
        harness.happens(Event::CancelSignIn);
    }
    switches(&mut harness, None);
    assert_eq!(organization_requested(&harness), None);
}

/// `Stored::No` implies a problem with the reason.
#[test]
fn organization_switch_cancelled_keeps_save_warning() {
    let mut harness = Harness::fresh();
    harness.lock_held_elsewhere = true;
    harness.signs_in();
    harness.pass(seconds(16));
    assert_eq!(harness.problem(), Some(ProblemCode::SaveBlocked));
    switches(&mut harness, Some("org_2"));
    harness.happens(Event::CancelSignIn);
    assert_eq!(harness.problem(), Some(ProblemCode::SaveBlocked));
}
