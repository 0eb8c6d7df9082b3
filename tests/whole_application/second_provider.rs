//! The unchanged application with another vendor's certified provider.

use anyhow::Result;
use latchkey_tests::{Application, StoredSession, Vendor};

use crate::foreign_fixture::Fixture;

async fn set(access_token_seconds: u32) -> Result<Fixture> {
    Fixture::set(Vendor::OidcProvider, access_token_seconds).await
}

/// Signs a user in on the provider's own pages.
async fn signed_in_as(fixture: &mut Fixture, login: &str) -> Result<Application> {
    let application = Application::start(&fixture.desktop).await?;
    application.press("Sign in").await?;
    fixture.browser.is_opened().await?;
    fixture.browser.enter("login", login).await?;
    fixture.browser.enter("password", "any").await?;
    fixture.browser.press_labelled("Sign-in").await?;
    fixture.browser.press_labelled("Continue").await?;
    application.is_headed(&format!("{login} of the second provider")).await?;
    Ok(application)
}

// req: D28
#[tokio::test(flavor = "multi_thread")]
async fn node_oidc_provider_sign_in_restart_and_refresh_succeed() -> Result<()> {
    let mut fixture = set(299).await?;
    let application = signed_in_as(&mut fixture, "emmy").await?;
    application.shows("emmy@second.example").await?;
    let record = fixture.provider.record().await?;
    assert_eq!(record.iter().filter(|one| *one == "POST /token").count(), 1);
    assert!(!record.iter().any(|one| one.ends_with(" /me")), "userinfo is not used");

    application.quit()?;
    let application = Application::start(&fixture.desktop).await?;
    application.is_headed("emmy of the second provider").await?;
    application.refresh_now().await?;
    fixture.provider.has_requests("POST /token", 2).await?;
    application.button("Renew now").await?;
    application.is_headed("emmy of the second provider").await
}

#[tokio::test(flavor = "multi_thread")]
async fn node_oidc_provider_token_rotation_keeps_the_session() -> Result<()> {
    let mut fixture = set(5).await?;
    let application = signed_in_as(&mut fixture, "emmy").await?;
    // This provider ends the session when a refresh token is reused, so the new one must have been used.
    fixture.provider.has_requests("POST /token", 4).await?;
    application.is_headed("emmy of the second provider").await
}

#[tokio::test(flavor = "multi_thread")]
async fn node_oidc_provider_logout_ends_session_and_returns_to_app() -> Result<()> {
    let mut fixture = set(299).await?;
    let application = signed_in_as(&mut fixture, "emmy").await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    assert!(StoredSession::session(&fixture.desktop)?.is_none());
    let page = fixture.browser.is_opened().await?;
    assert_eq!(page.path(), "/session/end");
    // By a click, as Chromium permits a page only once to start a program without one.
    fixture.browser.choose("yes").await?;
    fixture.provider.has_requests("POST /session/end/confirm", 1).await?;
    fixture.desktop.has_in_front("Latchkey").await?;

    application.press("Sign in").await?;
    fixture.browser.is_opened().await?;
    fixture.browser.enter("login", "sofia").await?;
    fixture.browser.enter("password", "any").await?;
    fixture.browser.press_labelled("Sign-in").await?;
    fixture.browser.press_labelled("Continue").await?;
    application.is_headed("sofia of the second provider").await
}
