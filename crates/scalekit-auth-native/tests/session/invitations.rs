//! IdP-initiated logins.

use std::sync::atomic::{AtomicUsize, Ordering};

use scalekit_auth::{ProblemCode, SessionView};
use scalekit_dev::{
    Endpoint, Environment, InjectedFault, LoginStart, Settings, Times, TokenKind, ids,
};
use serde_json::json;

use crate::program::{ADA, Memory, Program, configuration};

use scalekit_dev::GRACE;

/// A login link for Grace with one of her two organizations. Each differs: tokens have no `jti`, so two of
/// one second would be equal.
fn to_compilers() -> LoginStart {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    LoginStart {
        organization_id: Some(ids::COMPILERS.to_owned()),
        login_hint: Some(GRACE.to_owned()),
        relay_state: Some(format!("https://elsewhere.example/{number}")),
        ..LoginStart::default()
    }
}

async fn environment() -> Environment {
    Environment::start(Settings::default()).await.unwrap()
}

/// A program that shows Grace the invitation; the question's number, and the organization in it.
async fn invited(environment: &Environment, memory: &Memory) -> (Program, u32, Option<String>) {
    let program = Program::at(environment, memory);
    assert_eq!(program.nobody().await, None);
    program.follows(&environment.login_link(&to_compilers()));
    let (question, organization) = program.invited().await;
    (program, question, organization)
}

// req: oidcc-client-test-3rd-party-init-login
#[tokio::test]
async fn initiate_login_accepted_signs_in_to_its_organization() {
    let (environment, memory) = (environment().await, Memory::default());
    let (mut program, question, organization) = invited(&environment, &memory).await;
    assert_eq!(organization.as_deref(), Some(ids::COMPILERS));
    assert_eq!(program.fronts.load(Ordering::SeqCst), 1);
    assert!(environment.requests_to("/oauth/authorize").is_empty());

    program.session.accept_invitation(question).unwrap();
    let page = program.page().await;
    let parameter = |name: &str| {
        page.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("organization_id").as_deref(), Some(ids::COMPILERS));
    assert_eq!(parameter("login_hint").as_deref(), Some(GRACE));
    assert_eq!(parameter("relay_state"), None);
    program.follows(&environment.sign_in_as(GRACE, page.as_str()).unwrap());
    let organization = program
        .shows(|view| match view {
            SessionView::SignedIn { profile, .. } => profile.organization.clone(),
            _ => None,
        })
        .await;
    assert_eq!(organization.id, ids::COMPILERS);
}

/// The authorization request passes through a browser, where it can be changed.
// req: oidcc-client-test-3rd-party-init-login
#[tokio::test]
async fn initiate_login_accepted_then_other_oid_is_rejected() {
    let (environment, memory) = (environment().await, Memory::default());
    let (mut program, question, _) = invited(&environment, &memory).await;
    program.session.accept_invitation(question).unwrap();
    let page = program.page().await.as_str().replace(ids::COMPILERS, ids::NAVY);
    program.follows(&environment.sign_in_as(GRACE, &page).unwrap());
    let problem = program
        .shows(|view| match view {
            SessionView::SignedOut { problem, .. } => problem.clone(),
            _ => None,
        })
        .await;
    assert_eq!(problem.code, ProblemCode::AnswerRejected);
    assert!(problem.detail.unwrap().contains("it is for another organization"));
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), None);
}

#[tokio::test]
async fn initiate_login_on_cold_start_waits_for_configuration() {
    let (environment, memory) = (environment().await, Memory::default());
    let program = Program::start(&memory);
    program.follows(&environment.login_link(&to_compilers()));
    program.session.configure(Some(configuration(&environment)));
    program.invited().await;
}

#[tokio::test]
async fn initiate_login_invalid_jwt_is_hidden_and_jwks_fetched_once() {
    let (environment, memory) = (environment().await, Memory::default());
    let (program, first, _) = invited(&environment, &memory).await;
    program.session.decline_invitation(first);
    let wrong = |claim: &str| InjectedFault::WrongClaim {
        token: TokenKind::LoginLink,
        claim: claim.to_owned(),
        value: json!("other"),
    };
    for fault in [
        InjectedFault::WrongKey,
        InjectedFault::UnknownKey,
        InjectedFault::Unsigned,
        wrong("iss"),
        wrong("aud"),
        wrong("exp"),
        InjectedFault::MissingClaim { token: TokenKind::LoginLink, claim: "iat".to_owned() },
    ] {
        environment.inject_fault(Endpoint::LoginLink, fault, Times::Once);
        program.follows(&environment.login_link(&to_compilers()));
    }
    // A valid link after them: when the program shows it, the others have been processed.
    program.follows(&environment.login_link(&to_compilers()));
    let question = program
        .shows(|view| match view {
            SessionView::Invited { question, .. } if *question != first => Some(*question),
            _ => None,
        })
        .await;
    assert_eq!(question, first + 1, "nothing else was asked");
    assert_eq!(program.fronts.load(Ordering::SeqCst), 2);
    assert_eq!(environment.requests_to("/keys").len(), 1);
}

#[tokio::test]
async fn initiate_login_expired_token_is_reported() {
    let (environment, memory) = (environment().await, Memory::default());
    let program = Program::at(&environment, &memory);
    assert_eq!(program.nobody().await, None);
    environment.inject_fault(
        Endpoint::LoginLink,
        InjectedFault::Old { seconds: 3600 },
        Times::Once,
    );
    program.follows(&environment.login_link(&to_compilers()));
    let code = program
        .shows(|view| match view {
            SessionView::SignedOut { problem: Some(problem), .. } => Some(problem.code),
            _ => None,
        })
        .await;
    assert_eq!(code, ProblemCode::InvitationExpired);
}

#[tokio::test]
async fn initiate_login_replaces_session_only_when_completed() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let stored = memory.refresh_token();

    program.follows(&environment.login_link(&to_compilers()));
    let (question, _) = program.invited().await;
    program.session.decline_invitation(question);
    assert_eq!(program.user().await, "Ada Lovelace");

    program.follows(&environment.login_link(&to_compilers()));
    let (question, _) = program.invited().await;
    program.session.accept_invitation(question).unwrap();
    let page = program.page().await;
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), stored);
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
    program.follows(&environment.sign_in_as(GRACE, page.as_str()).unwrap());
    assert_eq!(program.user().await, "Grace Hopper");
}

/// Scalekit: only environments with modular SSO send such links (`sso/guides/idp-init-sso.mdx`).
#[tokio::test]
async fn initiate_login_of_modular_sso_signs_in() {
    let (environment, memory) = (environment().await, Memory::default());
    environment.change_options(|options| options.modular_sso = true);
    let mut program = Program::at(&environment, &memory);
    assert_eq!(program.nobody().await, None);
    let start = LoginStart {
        connection_id: Some(ids::ORBIT_CONNECTION.to_owned()),
        organization_id: Some(ids::ORBIT.to_owned()),
        login_hint: Some(scalekit_dev::KATHERINE.to_owned()),
        ..LoginStart::default()
    };
    program.follows(&environment.login_link(&start));
    let (question, _) = program.invited().await;
    program.session.accept_invitation(question).unwrap();
    let page = program.page().await;
    program.follows(&environment.sign_in_as(scalekit_dev::KATHERINE, page.as_str()).unwrap());
    let outcome = program
        .shows(|view| match view {
            SessionView::SignedIn { .. } => Some(None),
            SessionView::SignedOut { problem: Some(problem), .. } => Some(Some(problem.clone())),
            _ => None,
        })
        .await;
    assert!(outcome.is_none(), "{outcome:?}");
}
