//! Signing out: here first, then in the browser.

use anyhow::Result;
use latchkey_tests::{Kept, Scene};

use crate::ADA;

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_ends_both_sessions_and_returns_to_app() -> Result<()> {
    let mut scene = Scene::usual().await?;
    let application = scene.signed_in_as(ADA).await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out.").await?;
    assert!(Kept::session(&scene.desktop)?.is_none());

    let page = scene.browser.is_opened().await?;
    assert_eq!(page.path(), "/oidc/logout");
    scene.is_asked("/oidc/logout", 1).await?;
    let request = &scene.environment.requests_to("/oidc/logout")[0];
    assert!(request.query("id_token_hint").is_some());
    let back = request.query("post_logout_redirect_uri");
    assert_eq!(back, Some("io.latchkey.desktop://signed-out"));
    assert_eq!(request.status, Some(303));
    assert_eq!(scene.environment.live_refresh_token_of(ADA), None);
    scene.desktop.has_in_front("Latchkey").await?;
    application.is_headed("You are signed out.").await?;

    application.press("Sign in").await?;
    scene.browser.is_opened().await?;
    scene.browser.shows_form().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_succeeds_offline() -> Result<()> {
    let mut scene = Scene::usual().await?;
    let application = scene.signed_in_as(ADA).await?;
    scene.environment.go_offline().await;
    application.press("Sign out").await?;
    application.is_headed("You are signed out.").await?;
    assert!(Kept::session(&scene.desktop)?.is_none());
    application.quit()?;
    let application = scene.application().await?;
    application.is_headed("Welcome").await
}
