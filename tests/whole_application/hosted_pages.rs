//! The return from the environment's own pages, where the user and administrators change what the session is about.

use anyhow::{Result, ensure};
use latchkey_tests::{Application, TestEnv, until};

use crate::ADA;

const WINDOW: &str = "latchkey.Latchkey";

/// Signs Ada in, opens her account's page, and leaves the browser in front of the window.
pub async fn visits_account(env: &mut TestEnv) -> Result<Application> {
    let application = env.signed_in_as(ADA).await?;
    application.press("Manage account").await?;
    env.browser.is_opened().await?;
    env.browser.shows_text("Your account").await?;
    to_browser(env).await?;
    Ok(application)
}

async fn to_browser(env: &TestEnv) -> Result<()> {
    env.desktop.brings_to_front("chromium")?;
    env.desktop.has_behind("Latchkey").await.map(drop)
}

/// Brings the window to the front until it shows this heading. It is no return from the page before the launcher of the
/// browser has ended.
async fn returns_to(env: &TestEnv, application: &Application, heading: &str) -> Result<()> {
    until(heading, async || {
        to_browser(env).await.ok()?;
        env.desktop.brings_to_front(WINDOW).ok()?;
        env.desktop.has_in_front("Latchkey").await.ok()?;
        application.text().await.ok()?.contains(heading).then_some(())
    })
    .await
}

/// The number of refreshes so far.
pub fn refreshes(env: &TestEnv) -> usize {
    env.environment.token_requests("refresh_token").len()
}

// req: N6
#[tokio::test(flavor = "multi_thread")]
async fn sign_out_on_hosted_page_is_shown_on_return() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = visits_account(&mut env).await?;
    env.browser.clicks("submit").await?;
    env.browser.shows_text("You are signed out").await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(refreshes(&env) == 0, "it was refreshed before the return");
    returns_to(&env, &application, "Please sign in again").await?;
    ensure!(refreshes(&env) == 1, "{} refreshes", refreshes(&env));
    Ok(())
}

// req: N6
#[tokio::test(flavor = "multi_thread")]
async fn name_and_role_changed_meanwhile_are_shown_on_return() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = visits_account(&mut env).await?;
    env.environment.rename(ADA, "Ada", "King");
    env.environment.set_roles_of(ADA, &["countess"]);
    returns_to(&env, &application, "Ada King").await?;
    application.shows_in_details("countess").await?;
    // Another return is after no visit.
    returns_to(&env, &application, "Ada King").await?;
    // The task processes events in order, so this command follows the return.
    application.press("Passkeys").await?;
    env.browser.receives_url().await?;
    ensure!(refreshes(&env) == 1, "{} refreshes", refreshes(&env));
    Ok(())
}
