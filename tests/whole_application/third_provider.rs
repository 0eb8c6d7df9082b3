//! The unchanged application at a provider of another house, in another language: its access tokens are opaque,
//! `aud` is a text, a refreshed ID token has no `nonce`.

use anyhow::Result;
use latchkey_tests::{Application, House, Kept};

use crate::foreign_desk::Desk;

async fn set(access_token_seconds: u32) -> Result<Desk> {
    Desk::set(House::DjangoOauthToolkit, access_token_seconds).await
}

/// Signs somebody in on the provider's own page.
async fn sign_in(desk: &mut Desk, application: &Application, name: &str) -> Result<()> {
    application.press("Sign in").await?;
    desk.browser.is_opened().await?;
    desk.browser.enter("username", name).await?;
    desk.browser.enter("password", "any").await?;
    desk.browser.press_labelled("Log in").await?;
    application.is_headed(&format!("{name} of the third provider")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn django_oauth_toolkit_sign_in_restart_and_refresh_succeed() -> Result<()> {
    let mut desk = set(299).await?;
    let application = Application::start(&desk.desktop).await?;
    sign_in(&mut desk, &application, "rosalind").await?;
    application.sees("rosalind@third.example").await?;
    let record = desk.provider.record().await?;
    assert_eq!(record.iter().filter(|one| *one == "POST /token/").count(), 1);
    assert!(!record.iter().any(|one| one.ends_with(" /userinfo/")), "userinfo is not used");

    application.quit()?;
    let application = Application::start(&desk.desktop).await?;
    application.is_headed("rosalind of the third provider").await?;
    // The second is made with what the first has brought.
    for refreshes in 1..=2 {
        application.press("Refresh now").await?;
        desk.provider.is_asked("POST /token/", 1 + refreshes).await?;
        application.button("Refresh now").await?;
    }
    application.is_headed("rosalind of the third provider").await
}

#[tokio::test(flavor = "multi_thread")]
async fn django_oauth_toolkit_token_rotation_keeps_the_session() -> Result<()> {
    let mut desk = set(5).await?;
    let application = Application::start(&desk.desktop).await?;
    sign_in(&mut desk, &application, "rosalind").await?;
    // One that is used twice ends its family there.
    desk.provider.is_asked("POST /token/", 4).await?;
    application.is_headed("rosalind of the third provider").await
}

#[tokio::test(flavor = "multi_thread")]
async fn django_oauth_toolkit_logout_ends_session_and_returns_to_app() -> Result<()> {
    let mut desk = set(299).await?;
    let application = Application::start(&desk.desktop).await?;
    sign_in(&mut desk, &application, "rosalind").await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out.").await?;
    assert!(Kept::session(&desk.desktop)?.is_none());
    let page = desk.browser.is_opened().await?;
    assert_eq!(page.path(), "/logout/");
    // With a click of a user's own: Chromium lets no page start a program without one, twice.
    desk.browser.choose("Logout").await?;
    desk.provider.is_asked("POST /logout/", 1).await?;
    desk.desktop.has_in_front("Latchkey").await?;
    sign_in(&mut desk, &application, "barbara").await
}
