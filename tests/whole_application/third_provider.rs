//! The unchanged application with a provider of a third vendor: its access tokens are opaque, `aud` is a string, and
//! a refreshed ID token has no `nonce`.

use anyhow::Result;
use latchkey_tests::{Application, StoredSession, Vendor};

use crate::foreign_fixture::Fixture;

async fn set(access_token_seconds: u32) -> Result<Fixture> {
    Fixture::set(Vendor::DjangoOauthToolkit, access_token_seconds).await
}

/// Signs a user in on the provider's own page.
async fn sign_in(fixture: &mut Fixture, application: &Application, name: &str) -> Result<()> {
    application.press("Sign in").await?;
    fixture.browser.is_opened().await?;
    fixture.browser.enter("username", name).await?;
    fixture.browser.enter("password", "any").await?;
    fixture.browser.press_labelled("Log in").await?;
    application.is_headed(&format!("{name} of the third provider")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn django_oauth_toolkit_sign_in_restart_and_refresh_succeed() -> Result<()> {
    let mut fixture = set(299).await?;
    let application = Application::start(&fixture.desktop).await?;
    sign_in(&mut fixture, &application, "rosalind").await?;
    application.shows("rosalind@third.example").await?;
    let record = fixture.provider.record().await?;
    assert_eq!(record.iter().filter(|one| *one == "POST /token/").count(), 1);
    assert!(!record.iter().any(|one| one.ends_with(" /userinfo/")), "userinfo is not used");

    application.quit()?;
    let application = Application::start(&fixture.desktop).await?;
    application.is_headed("rosalind of the third provider").await?;
    // The second refresh uses the refresh token of the first response.
    for refreshes in 1..=2 {
        application.refresh_now().await?;
        fixture.provider.has_requests("POST /token/", 1 + refreshes).await?;
        application.button("Renew now").await?;
    }
    application.is_headed("rosalind of the third provider").await
}

#[tokio::test(flavor = "multi_thread")]
async fn django_oauth_toolkit_token_rotation_keeps_the_session() -> Result<()> {
    let mut fixture = set(5).await?;
    let application = Application::start(&fixture.desktop).await?;
    sign_in(&mut fixture, &application, "rosalind").await?;
    // This provider revokes all tokens of a session when a refresh token is reused.
    fixture.provider.has_requests("POST /token/", 4).await?;
    application.is_headed("rosalind of the third provider").await
}

#[tokio::test(flavor = "multi_thread")]
async fn django_oauth_toolkit_logout_ends_session_and_returns_to_app() -> Result<()> {
    let mut fixture = set(299).await?;
    let application = Application::start(&fixture.desktop).await?;
    sign_in(&mut fixture, &application, "rosalind").await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    assert!(StoredSession::session(&fixture.desktop)?.is_none());
    let page = fixture.browser.is_opened().await?;
    assert_eq!(page.path(), "/logout/");
    // By a click, as Chromium permits a page only once to start a program without one.
    fixture.browser.choose("Logout").await?;
    fixture.provider.has_requests("POST /logout/", 1).await?;
    fixture.desktop.has_in_front("Latchkey").await?;
    sign_in(&mut fixture, &application, "barbara").await
}
