//! Persistence of the session.

use std::time::Duration;

use anyhow::{Context, Result};
use latchkey_tests::{Application, Keychain, StoredSession, TestEnv, TestOptions, until};
use scalekit_dev::{Endpoint, InjectedFault, Times};

use crate::ADA;

#[tokio::test(flavor = "multi_thread")]
async fn refresh_runs_automatically_and_stores_rotated_token() -> Result<()> {
    let options =
        TestOptions { access_token_lifetime: Duration::from_secs(5), ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    let application = env.signed_in_as(ADA).await?;
    env.has_requests("/oauth/token", 3).await?;
    env.environment.set_access_token_lifetime(Duration::from_secs(299));
    env.has_requests("/oauth/token", 4).await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    application.is_headed("Ada Lovelace").await?;
    let sent: Vec<_> = env
        .environment
        .token_requests("refresh_token")
        .iter()
        .filter_map(|request| request.form("refresh_token").map(str::to_owned))
        .collect();
    assert!(sent.len() >= 3 && sent.windows(2).all(|pair| pair[0] != pair[1]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_on_demand_stores_rotated_token() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let before = env.environment.live_refresh_token_of(ADA).unwrap();
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    let after = env.environment.live_refresh_token_of(ADA).unwrap();
    assert_ne!(before, after);
    StoredSession::comes_to_hold(&env.desktop, &after).await
}

#[tokio::test(flavor = "multi_thread")]
async fn restart_restores_the_session_without_a_token_request() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    application.quit()?;
    let requests = env.environment.requests_to("/oauth/token").len();
    let application = env.application().await?;
    application.is_headed("Ada Lovelace").await?;
    application.shows_in_details("reports:write").await?;
    assert_eq!(env.environment.requests_to("/oauth/token").len(), requests);
    Ok(())
}

// req: X7
#[tokio::test(flavor = "multi_thread")]
async fn offline_session_stays_signed_in_and_refreshes_when_back() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    env.environment.go_offline().await;
    application.refresh_now().await?;
    application.shows("The sign-in service cannot be reached.").await?;
    application.is_headed("Ada Lovelace").await?;
    env.environment.come_back().await?;
    env.has_requests("/oauth/token", 2).await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await
}

// req: X23
#[tokio::test(flavor = "multi_thread")]
async fn session_ended_by_provider_is_shown_and_sign_in_works_again() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    env.environment.end_sessions_of(ADA);
    application.refresh_now().await?;
    application.is_headed("Please sign in again").await?;
    assert!(StoredSession::session(&env.desktop)?.is_none());
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    let hint = page.query_pairs().find(|(name, _)| name == "login_hint");
    assert_eq!(hint.context("no login_hint")?.1, ADA);
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await
}

// req: X10
#[tokio::test(flavor = "multi_thread")]
async fn refresh_after_503_is_retried_and_keeps_the_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let failure = InjectedFault::Status { status: 503, retry_after: None };
    env.environment.inject_fault(Endpoint::Token, failure, Times::Once);
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 3).await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    application.is_headed("Ada Lovelace").await
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_rejected_three_times_offers_sign_in_beside_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let live = env.environment.live_refresh_token_of(ADA).context("no session")?;
    // It ends no session (RFC 6749 §5.2: 400 or 401), and it is no outage.
    let rejected = InjectedFault::Body {
        status: 403,
        content_type: "application/json".to_owned(),
        body: r#"{"error":"invalid_grant"}"#.to_owned(),
    };
    env.environment.inject_fault(Endpoint::Token, rejected, Times::Always);
    for refreshes in 1..=3 {
        application.refresh_now().await?;
        env.has_requests("/oauth/token", 1 + refreshes).await?;
    }
    application.is_headed("Ada Lovelace").await?;
    application.button("Sign in again").await?;
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    // The browser's session makes this sign-in silent, so the page is delayed until its token request can succeed.
    let delay = InjectedFault::Delay { milliseconds: 3000 };
    env.environment.inject_fault(Endpoint::Authorize, delay, Times::Once);
    application.press("Sign in again").await?;
    let page = env.browser.is_opened().await?;
    env.environment.clear_faults();
    let hint = page.query_pairs().find(|(name, _)| name == "login_hint");
    assert_eq!(hint.context("no login_hint")?.1, ADA);
    application.no_longer_shows("Sign in again").await?;
    application.is_headed("Ada Lovelace").await?;
    let newest = env.environment.live_refresh_token_of(ADA).context("no session")?;
    assert_ne!(newest, live);
    StoredSession::comes_to_hold(&env.desktop, &newest).await
}

// req: H5
#[tokio::test(flavor = "multi_thread")]
async fn missing_keychain_allows_memory_only_session_on_consent() -> Result<()> {
    let mut env =
        TestEnv::set(TestOptions { keychain: Keychain::Missing, ..TestOptions::default() }).await?;
    let application = env.application().await?;
    application.shows("There is no keychain").await?;
    application.press("Continue without a keychain").await?;
    env.sign_in(&application, ADA).await?;
    application.shows("Your sign-in is not saved. You").await?;
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await
}

/// KeePassXC reads `/proc/<pid>` of its clients, which a hardened process does not permit.
#[tokio::test(flavor = "multi_thread")]
async fn keepassxc_stores_the_session_of_a_hardened_process() -> Result<()> {
    let options = TestOptions { keychain: Keychain::KeePassXc, ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    env.desktop.set("LATCHKEY_HARDENED", "1");
    let application = env.signed_in_as(ADA).await?;
    let live = env.environment.live_refresh_token_of(ADA).context("no session")?;
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    let live = env.environment.live_refresh_token_of(ADA).context("no session")?;
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    application.quit()?;
    env.application().await?.is_headed("Ada Lovelace").await
}

/// Closes each prompt of KeePassXC until the window shows this text: it prompts for a database to unlock at each search for
/// an entry, and for a new database where something is to be stored.
async fn declines_until(env: &TestEnv, application: &Application, text: &str) -> Result<()> {
    until(text, async || {
        let front = env.desktop.window_in_front().ok()?;
        if ["Unlock Database", "Create a new"].iter().any(|prompt| front.starts_with(prompt)) {
            env.desktop.press_key("Escape").ok()?;
        }
        application.text().await.ok()?.contains(text).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn keepassxc_without_exposed_group_allows_memory_only_session() -> Result<()> {
    let options =
        TestOptions { keychain: Keychain::KeePassXcWithoutGroup, ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    let application = env.application().await?;
    declines_until(&env, &application, "Welcome").await?;
    application.press("Sign in").await?;
    declines_until(&env, &application, "Continue in your browser").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    declines_until(&env, &application, "Your sign-in is not saved").await?;
    application.is_headed("Ada Lovelace").await?;
    application.press("Continue without a keychain").await?;
    declines_until(&env, &application, "Your sign-in is not saved. You").await?;
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    application.shows_in_details("Renews by itself").await
}

/// A keychain service without a keyring.
async fn without_keyring() -> Result<(TestEnv, Application)> {
    let options = TestOptions { keychain: Keychain::WithoutKeyring, ..TestOptions::default() };
    let env = TestEnv::set(options).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    Ok((env, application))
}

// req: X26
#[tokio::test(flavor = "multi_thread")]
async fn missing_keyring_is_created_by_prompt_and_stores_session() -> Result<()> {
    let (mut env, application) = without_keyring().await?;
    env.desktop.types_into_prompt(&["open sesame", "Tab", "open sesame", "Return"]).await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await
}

// req: X26
#[tokio::test(flavor = "multi_thread")]
async fn declined_keyring_allows_memory_only_session_with_refresh() -> Result<()> {
    let (mut env, application) = without_keyring().await?;
    env.desktop.types_into_prompt(&["Escape"]).await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    // Prompted once, and not again for the session.
    application.shows("There is no keyring yet").await?;
    application.shows("Your sign-in is not saved yet, and not renewed until it is.").await?;
    application.refresh_now().await?;
    application.shows_in_details("Tried again").await?;
    assert_eq!(env.environment.requests_to("/oauth/token").len(), 1);
    application.press("Continue without a keychain").await?;
    env.has_requests("/oauth/token", 2).await?;
    application.shows_in_details("Renews by itself").await?;
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 3).await?;
    application.shows("Your sign-in is not saved. You").await?;
    application.quit()?;
    // The consent applied until the program ended.
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.desktop.types_into_prompt(&["Escape"]).await
}
