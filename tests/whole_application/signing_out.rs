//! Sign-out: locally first, then in the browser.

use anyhow::Result;
use latchkey_tests::{StoredSession, TestEnv};

use crate::ADA;

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_ends_both_sessions_and_returns_to_app() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    assert!(StoredSession::session(&env.desktop)?.is_none());

    let page = env.browser.is_opened().await?;
    assert_eq!(page.path(), "/oidc/logout");
    env.has_requests("/oidc/logout", 1).await?;
    let request = &env.environment.requests_to("/oidc/logout")[0];
    assert!(request.query("id_token_hint").is_some());
    let back = request.query("post_logout_redirect_uri");
    assert_eq!(back, Some("io.latchkey.desktop://signed-out"));
    assert_eq!(request.status, Some(303));
    assert_eq!(env.environment.live_refresh_token_of(ADA), None);
    env.desktop.has_in_front("Latchkey").await?;
    application.is_headed("You are signed out").await?;

    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.shows_form().await
}

// req: F6
#[tokio::test(flavor = "multi_thread")]
async fn sign_out_succeeds_offline() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    env.environment.go_offline().await;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    assert!(StoredSession::session(&env.desktop)?.is_none());
    application.quit()?;
    let application = env.application().await?;
    application.is_headed("Welcome").await
}
