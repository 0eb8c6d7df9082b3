//! The protected resource: permitted for one user and forbidden for another, and the behaviour when the access token
//! expires or is revoked.

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, TestEnv};
use scalekit_auth_native::HttpClient;
use scalekit_dev::{ALAN, Endpoint, Environment, InjectedFault, Settings, Times, TokenKind};
use serde_json::Value;

use crate::ADA;

const REPORT: &str = "On the Analytical Engine, 1843";
const PATH: &str = "/api/reports";

/// A test environment with a resource at this path of the environment.
async fn offering(path: &str, permission: &str) -> Result<TestEnv> {
    let mut env = TestEnv::usual().await?;
    let address = format!("{}{path}", env.environment.url());
    env.desktop.set("LATCHKEY_RESOURCE_URL", &address);
    env.desktop.set("LATCHKEY_RESOURCE_PERMISSION", permission);
    Ok(env)
}

/// A signed-in user with the reports in the window.
async fn showing() -> Result<(TestEnv, Application)> {
    let mut env = offering(PATH, "reports:read").await?;
    let application = env.signed_in_as(ADA).await?;
    application.press("Show reports").await?;
    application.shows(REPORT).await?;
    Ok((env, application))
}

/// The access token of the last request for the reports.
fn access_token_sent(env: &TestEnv) -> Result<String> {
    let requests = env.environment.requests_to(PATH);
    let header = requests.last().and_then(|request| request.header("authorization"));
    let token = header.and_then(|header| header.strip_prefix("Bearer "));
    token.map(str::to_owned).context("no access token was sent")
}

/// RFC 7009, as sent by another program.
async fn revoke(env: &TestEnv, token: &str) -> Result<()> {
    let form = format!("client_id={}&token={token}", env.environment.client_id());
    let request = http::Request::post(format!("{}/revoke", env.environment.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_bytes())?;
    let status = HttpClient::new("another/0").send(request).await.map(|response| response.status);
    ensure!(status == Ok(200), "the token was not revoked: {status:?}");
    Ok(())
}

/// The result for a page that calls the command `reports` by itself.
async fn result_for_script(application: &Application) -> Result<Value> {
    let script = "const done = arguments[arguments.length - 1]; \
         window.__TAURI_INTERNALS__.invoke('reports', {}).then(done, (why) => done({ why }))";
    application.run_async_script(script).await
}

fn statuses(env: &TestEnv) -> Vec<Option<u16>> {
    env.environment.requests_to(PATH).iter().map(|request| request.status).collect()
}

// req: N18
#[tokio::test(flavor = "multi_thread")]
async fn reports_are_fetched_by_the_core_for_a_user_who_may() -> Result<()> {
    let mut env = offering(PATH, "reports:read").await?;
    let application = env.signed_in_as(ADA).await?;
    application.button("Show reports").await?;
    assert_eq!(env.environment.arrived(PATH), 0, "nothing was requested");
    application.press("Show reports").await?;
    application.shows(REPORT).await?;
    assert_eq!(statuses(&env), [Some(200)]);
    let token = access_token_sent(&env)?;
    ensure!(!application.everything().await?.contains(&token), "the page holds the access token");
    ensure!(!application.log().contains(&token), "the log holds the access token");
    application.press("Load again").await?;
    env.has_requests(PATH, 2).await?;
    application.shows(REPORT).await
}

// req: N19
#[tokio::test(flavor = "multi_thread")]
async fn permission_missing_is_named_and_works_once_granted() -> Result<()> {
    let mut env = offering(PATH, "reports:read").await?;
    let application = env.signed_in_as(ALAN).await?;
    application.shows("You need the permission reports:read to see the reports.").await?;
    application.shows("Ask your administrator for the permission").await?;
    application.button("Switch organization").await?;
    // Rust checks the permission too: a page that calls the command all the same gets nothing, and nothing is sent.
    let result = result_for_script(&application).await?;
    assert_eq!(result["outcome"], "forbidden");
    assert_eq!(result["permission"], "reports:read");
    assert_eq!(env.environment.arrived(PATH), 0);

    env.environment.set_permissions_of(ALAN, &["reports:read"]);
    application.press("Renew and try again").await?;
    application.shows(REPORT).await?;
    application.no_longer_shows("You need the permission").await?;
    assert_eq!(statuses(&env), [Some(200)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_that_only_the_service_names_is_shown() -> Result<()> {
    let mut env = offering("/api/audits", "").await?;
    let application = env.signed_in_as(ADA).await?;
    application.press("Show reports").await?;
    application.shows("You need the permission audits:read to see the reports.").await?;
    assert_eq!(env.environment.requests_to("/api/audits").len(), 1);
    assert!(env.environment.token_requests("refresh_token").is_empty());
    application.is_headed("Ada Lovelace").await
}

#[tokio::test(flavor = "multi_thread")]
async fn access_token_revoked_in_use_is_refreshed_once() -> Result<()> {
    let (env, application) = showing().await?;
    revoke(&env, &access_token_sent(&env)?).await?;
    application.press("Load again").await?;
    env.has_requests(PATH, 3).await?;
    application.button("Load again").await?;
    application.shows(REPORT).await?;
    assert_eq!(statuses(&env), [Some(200), Some(401), Some(200)]);
    assert_eq!(env.environment.token_requests("refresh_token").len(), 1);
    application.is_headed("Ada Lovelace").await
}

#[tokio::test(flavor = "multi_thread")]
async fn access_token_expired_early_is_refreshed_once() -> Result<()> {
    let mut env = offering(PATH, "reports:read").await?;
    let expired = InjectedFault::WrongClaim {
        token: TokenKind::Access,
        claim: "exp".to_owned(),
        value: 1_000_000_000.into(),
    };
    env.environment.inject_fault(Endpoint::Token, expired, Times::Once);
    let application = env.signed_in_as(ADA).await?;
    application.press("Show reports").await?;
    application.shows(REPORT).await?;
    assert_eq!(statuses(&env), [Some(401), Some(200)]);
    assert_eq!(env.environment.token_requests("refresh_token").len(), 1);
    Ok(())
}

// req: N19
#[tokio::test(flavor = "multi_thread")]
async fn session_ended_in_use_is_shown_and_sign_in_shows_reports() -> Result<()> {
    let (mut env, application) = showing().await?;
    env.environment.end_sessions_of(ADA);
    application.press("Load again").await?;
    application.is_headed("Please sign in again").await?;
    application.shows("an administrator ended your sign-in").await?;
    application.no_longer_shows(REPORT).await?;
    assert_eq!(statuses(&env), [Some(200), Some(401)]);
    application.press("Sign in again").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    application.press("Show reports").await?;
    application.shows(REPORT).await
}

// req: N18
#[tokio::test(flavor = "multi_thread")]
async fn resource_at_a_foreign_origin_gets_no_token() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let foreign = Environment::start(Settings::default()).await?;
    env.desktop.set("LATCHKEY_RESOURCE_URL", format!("{}{PATH}", foreign.url()));
    let application = env.signed_in_as(ADA).await?;
    application.shows("This service is not allowed").await?;
    application.shows(foreign.url()).await?;
    let result = result_for_script(&application).await?;
    assert_eq!(result["problem"]["code"], "resourceNotAllowed");
    assert!(foreign.arrivals().is_empty());
    application.is_headed("Ada Lovelace").await
}

#[tokio::test(flavor = "multi_thread")]
async fn resource_failure_is_shown_and_works_when_it_is_back() -> Result<()> {
    let mut env = offering(PATH, "reports:read").await?;
    let application = env.signed_in_as(ADA).await?;
    let html = InjectedFault::Body {
        status: 200,
        content_type: "text/html".to_owned(),
        body: "<h1>Log in to the hotel</h1>".to_owned(),
    };
    let elsewhere = format!("{}/api/me", env.environment.url());
    for (fault, heading) in [
        (InjectedFault::Status { status: 503, retry_after: None }, "The service is not working"),
        (InjectedFault::Huge, "The service's reply cannot be used"),
        (InjectedFault::DropBefore, "The service cannot be reached"),
        (html, "The service's reply cannot be used"),
        (InjectedFault::Status { status: 503, retry_after: None }, "The service is not working"),
        (
            InjectedFault::Redirect { location: elsewhere, status: 302 },
            "The service's reply cannot be used",
        ),
    ] {
        env.environment.inject_fault(Endpoint::Api, fault, Times::Once);
        application.press("Show reports").await?;
        application.shows(heading).await?;
    }
    assert!(env.environment.requests_to("/api/me").is_empty(), "no redirect is followed");
    ensure!(!application.text().await?.contains("hotel"), "the page shows the body");
    application.press("Show reports").await?;
    application.shows(REPORT).await?;
    assert!(env.environment.token_requests("refresh_token").is_empty());
    Ok(())
}
