//! A sign-in that is finished in another browser than the one that the application has opened.

use anyhow::{Result, bail, ensure};
use latchkey_tests::{Application, Browser, Links, StoredSession, TestEnv, until};

use crate::{ADA, sign_in_methods::copied_page};

/// Copies the page of the sign-in that waits, and shows it in the other browser.
async fn carries_over(env: &TestEnv, application: &Application, other: &Browser) -> Result<()> {
    application.press("Copy link").await?;
    let page = copied_page(env).await?;
    other.visits(page.as_str()).await
}

/// Asserts that there is one session, from one exchange.
async fn has_one_session(env: &TestEnv, application: &Application) -> Result<()> {
    application.is_headed("Ada Lovelace").await?;
    let exchanges = env.environment.requests_to("/oauth/token");
    let [exchange] = exchanges.as_slice() else { bail!("{} token requests", exchanges.len()) };
    ensure!(exchange.status == Some(200), "{exchange:?}");
    until("the session in the keychain", async || StoredSession::session(&env.desktop).ok()?)
        .await
        .map(drop)
}

// req: N21
#[tokio::test(flavor = "multi_thread")]
async fn mail_link_opened_in_another_browser_signs_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let other = env.other_browser(Links::Open).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.enter("email", ADA).await?;
    env.browser.choose("1").await?;
    env.browser.shows_text("Check your mail").await?;
    other.visits(&format!("{}/mails", env.environment.url())).await?;
    other.clicks(&format!("sign-in {ADA}")).await?;
    has_one_session(&env, &application).await
}

// req: N21
#[tokio::test(flavor = "multi_thread")]
async fn copied_link_opened_in_another_browser_signs_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let other = env.other_browser(Links::Open).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    carries_over(&env, &application, &other).await?;
    other.sign_in_as(ADA).await?;
    has_one_session(&env, &application).await
}

/// How often another process has handed over a link.
fn links_arrived(application: &Application) -> usize {
    application.log().matches("another process has been started has_link=true").count()
}

// req: N21
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_finished_in_two_browsers_is_one_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let other = env.other_browser(Links::Open).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.shows_form().await?;
    carries_over(&env, &application, &other).await?;
    other.shows_form().await?;
    other.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    let before = links_arrived(&application);
    env.browser.sign_in_as(ADA).await?;
    until("the second authorization response", async || {
        (links_arrived(&application) > before).then_some(())
    })
    .await?;
    // The task processes events in order, so this command follows the link.
    application.press("Manage account").await?;
    env.browser.receives_url().await?;
    // Each notice of a problem has details.
    let text = application.text().await?;
    ensure!(!text.contains("Copy details"), "{text}");
    has_one_session(&env, &application).await
}
