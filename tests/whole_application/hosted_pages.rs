//! The return from the environment's own pages, where the user and administrators change what the session is about.

use anyhow::{Result, ensure};
use latchkey_tests::{Application, TestEnv};

use crate::ADA;

const WINDOW: &str = "latchkey.Latchkey";

/// Signs Ada in, opens her account's page, and leaves the browser in front of the window.
async fn visits_account(env: &mut TestEnv) -> Result<Application> {
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

async fn back_to_window(env: &TestEnv) -> Result<()> {
    env.desktop.brings_to_front(WINDOW)?;
    env.desktop.has_in_front("Latchkey").await
}

fn refreshes(env: &TestEnv) -> usize {
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
    back_to_window(&env).await?;
    application.is_headed("Please sign in again").await?;
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
    back_to_window(&env).await?;
    application.is_headed("Ada King").await?;
    application.shows_in_details("countess").await?;
    // Another return is after no visit.
    to_browser(&env).await?;
    back_to_window(&env).await?;
    // The task processes events in order, so this command follows the return.
    application.press("Passkeys").await?;
    env.browser.receives_url().await?;
    ensure!(refreshes(&env) == 1, "{} refreshes", refreshes(&env));
    Ok(())
}
