//! Every kind of sign-in, authorization response and sign-out, against `scalekit-dev`.

use reqwest::header::USER_AGENT;
use scalekit_auth::{
    Configuration, HostedPage, LoopbackPort, LoopbackView, OrganizationId, ProblemCode,
    SessionView, SignInIntent, SignInRequest, SignOutScope,
};
use scalekit_dev::{Environment, GRACE, Options, Settings};
use url::Url;
use zeroize::Zeroizing;

use crate::program::{ADA, Memory, Program, configuration, organization_of, within_timeout};

const REGISTERED: &str = "http://127.0.0.1/callback";

/// An environment at which the loopback redirect URI is registered, and a program that uses it.
async fn with_loopback(memory: &Memory) -> (Environment, Program) {
    let mut settings = Settings {
        options: Options { any_loopback_port: true, ..Options::default() },
        ..Settings::default()
    };
    settings.redirect_uris.push(REGISTERED.to_owned());
    let environment = Environment::start(settings).await.unwrap();
    let program = Program::start(memory);
    program.session.configure(Some(Configuration {
        loopback: Some(LoopbackPort::Any),
        ..configuration(&environment)
    }));
    (environment, program)
}

/// Both pages of a sign-in that was continued with the loopback redirect URI.
async fn two_pages(program: &mut Program) -> (Url, Url) {
    let first = program.begins().await;
    program.waits().await;
    program.session.use_loopback().unwrap();
    (first, program.page().await)
}

/// Sends a request as a browser does that follows a redirect.
async fn navigates(address: &str) -> (u16, String) {
    let response = reqwest::Client::new()
        .get(address)
        .header(USER_AGENT, "Browser/1")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document")
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn loopback_redirect_signs_in_beside_the_deep_link() {
    let memory = Memory::default();
    let (environment, mut program) = with_loopback(&memory).await;
    let (_, page) = two_pages(&mut program).await;
    let address = environment.sign_in_as(ADA, page.as_str()).unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    let (status, body) = navigates(&address).await;
    assert_eq!((status, body.contains("You can close this page")), (200, true));
    assert_eq!(program.user().await, "Ada Lovelace");
    let refused = reqwest::get(&address).await;
    assert!(refused.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn loopback_and_deep_link_outstanding_first_response_wins() {
    let memory = Memory::default();
    let (environment, mut program) = with_loopback(&memory).await;
    let (first, second) = two_pages(&mut program).await;
    let late = environment.sign_in_as(ADA, second.as_str()).unwrap();
    program.follows(&environment.sign_in_as(ADA, first.as_str()).unwrap());
    assert_eq!(program.user().await, "Ada Lovelace");
    assert!(reqwest::get(&late).await.is_err());
    assert_eq!(environment.token_requests("authorization_code").len(), 1);
}

// req: N9
#[tokio::test]
async fn loopback_request_of_a_page_does_not_end_the_sign_in() {
    let memory = Memory::default();
    let (environment, mut program) = with_loopback(&memory).await;
    let (_, page) = two_pages(&mut program).await;
    let address = environment.sign_in_as(ADA, page.as_str()).unwrap();
    let forged = address.replace("state=", "state=x");
    assert_eq!(navigates(&forged).await.0, 400);
    let framed = reqwest::Client::new().get(&address).header("sec-fetch-dest", "iframe");
    assert_eq!(framed.send().await.unwrap().status(), 403);
    assert_eq!(navigates(&address).await.0, 200);
    assert_eq!(program.user().await, "Ada Lovelace");
}

#[tokio::test]
async fn pasted_loopback_address_of_another_computer_signs_in() {
    let memory = Memory::default();
    let (environment, mut program) = with_loopback(&memory).await;
    let (_, page) = two_pages(&mut program).await;
    let address = environment.sign_in_as(ADA, page.as_str()).unwrap();
    program.session.paste_link(Zeroizing::new(b"https://evil.example/?code=1&state=2".to_vec()));
    let code = program
        .shows(|view| match view {
            SessionView::SigningIn { problem: Some(problem), loopback, .. } => {
                assert_eq!(*loopback, LoopbackView::Listening);
                Some(problem.code)
            }
            _ => None,
        })
        .await;
    assert_eq!(code, ProblemCode::PastedLinkUnusable);
    program.session.paste_link(Zeroizing::new(address.into_bytes()));
    assert_eq!(program.user().await, "Ada Lovelace");
}

#[tokio::test]
async fn loopback_cancelled_sign_in_closes_the_port() {
    let memory = Memory::default();
    let (environment, mut program) = with_loopback(&memory).await;
    let (_, page) = two_pages(&mut program).await;
    let address = environment.sign_in_as(ADA, page.as_str()).unwrap();
    program.session.cancel_sign_in();
    program.nobody().await;
    assert!(reqwest::get(&address).await.is_err());
}

#[tokio::test]
async fn loopback_port_is_closed_with_the_session() {
    let memory = Memory::default();
    let (environment, mut program) = with_loopback(&memory).await;
    let (_, page) = two_pages(&mut program).await;
    let address = environment.sign_in_as(ADA, page.as_str()).unwrap();
    program.dies().await;
    within_timeout(async {
        // Another request than the redirect, which would end the server.
        while reqwest::Client::new().post(&address).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn organization_switch_replaces_session_and_remembers() {
    let memory = Memory::default();
    let environment = Environment::start(Settings::default()).await.unwrap();
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    program.follows(&environment.sign_in_as(GRACE, page.as_str()).unwrap());
    let first = program.shows(organization_of).await;
    program.requests(SignInIntent::SelectOrganization).await;
    let selector = program.page().await;
    let query = |page: &Url, name: &str| {
        page.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(query(&selector, "prompt").as_deref(), Some("select_account"));
    let navy = scalekit_dev::NAVY;
    let other = if first == navy { scalekit_dev::COMPILERS } else { navy };
    program
        .session
        .sign_in(SignInRequest {
            intent: SignInIntent::SelectOrganization,
            organization_id: OrganizationId::parse(other).ok(),
            ..SignInRequest::default()
        })
        .unwrap();
    let page = program.page().await;
    assert_eq!(query(&page, "organization_id").as_deref(), Some(other));
    program.follows(&environment.sign_in_as(GRACE, page.as_str()).unwrap());
    let remembered = program
        .shows(|view| match view {
            SessionView::SignedIn { organizations: Some(all), .. }
                if organization_of(view).as_deref() == Some(other) =>
            {
                Some(all.iter().map(|one| one.id.clone()).collect::<Vec<_>>())
            }
            _ => None,
        })
        .await;
    assert_eq!(remembered, [first]);
}

#[tokio::test]
async fn hosted_page_return_refreshes_the_session() {
    let memory = Memory::default();
    let environment = Environment::start(Settings::default()).await.unwrap();
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.open_hosted_page(HostedPage::Account);
    assert_eq!(program.page().await.as_str(), format!("{}/ui/", environment.url()));
    // The browser's thread reports later that it is open; before that, a focused window has no effect.
    within_timeout(async {
        while environment.arrived("/oauth/token") < 2 {
            program.session.user_returned();
            tokio::task::yield_now().await;
        }
    })
    .await;
}

// req: N15
#[tokio::test]
async fn sign_out_of_this_computer_revokes_and_opens_nothing() {
    let memory = Memory::default();
    let environment = Environment::start(Settings {
        options: Options { public_revocation: true, ..Options::default() },
        ..Settings::default()
    })
    .await
    .unwrap();
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let token = memory.refresh_token().unwrap();
    program.session.sign_out(SignOutScope::ThisComputer).unwrap();
    program.nobody().await;
    within_timeout(environment.wait_for("/revoke", 1)).await;
    let revoked = environment.requests_to("/revoke");
    assert_eq!(revoked[0].form("token"), Some(&*token));
    assert!(environment.requests_to("/oidc/logout").is_empty());
    program.requests(SignInIntent::SignIn).await;
    assert_eq!(program.page().await.path(), "/oauth/authorize", "no page before this one");
}
