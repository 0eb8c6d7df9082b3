//! IdP-initiated logins: a tile of a portal, an invitation, a bookmark; and untrusted links that resemble
//! one.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use latchkey_tests::{Application, StoredSession, TestEnv};
use scalekit_dev::{Endpoint, InjectedFault, LoginStart, Times, ids};

use crate::ADA;

const INVITED: &str = "A link asks Latchkey to sign you in:";

use scalekit_dev::KATHERINE;

/// A login link. Each differs: tokens have no `jti`, so two of one second would be equal.
fn to_bletchley() -> LoginStart {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    LoginStart {
        organization_id: Some(ids::BLETCHLEY.to_owned()),
        login_hint: Some("alan@bletchley.example".to_owned()),
        relay_state: Some(format!("https://elsewhere.example/{number}")),
        ..LoginStart::default()
    }
}

// req: oidcc-client-test-3rd-party-init-login
#[tokio::test(flavor = "multi_thread")]
async fn idp_initiated_login_prompts_then_signs_in_to_organization() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.is_headed("Welcome").await?;
    env.browser.visits(&format!("{}/portal", env.environment.url())).await?;
    env.browser.clicks(KATHERINE).await?;
    application.shows(INVITED).await?;
    application.shows_in_details(ids::ORBIT).await?;
    env.desktop.has_in_front("Latchkey").await?;
    let focused = application.run_script("return document.activeElement.role").await?;
    assert_eq!(focused, "alertdialog", "a screen reader reads the question first");
    assert!(env.environment.requests_to("/oauth/authorize").is_empty());

    application.press("Continue").await?;
    let page = env.browser.is_opened().await?;
    let parameter = |name: &str| {
        page.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("organization_id").as_deref(), Some(ids::ORBIT));
    assert_eq!(parameter("connection_id").as_deref(), Some(ids::ORBIT_CONNECTION));
    env.browser.choose(KATHERINE).await?;
    application.is_headed("Katherine Johnson").await?;
    application.shows_in_details(ids::ORBIT).await
}

// req: B12
#[tokio::test(flavor = "multi_thread")]
async fn idp_initiated_login_starts_a_closed_app_and_prompts() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.is_headed("Welcome").await?;
    env.desktop.has_in_front("Latchkey").await?;
    application.quit()?;
    env.browser.visits(&format!("{}/portal", env.environment.url())).await?;
    env.browser.clicks(KATHERINE).await?;
    env.has_requests("/keys", 1).await?;
    env.desktop.has_in_front("Latchkey").await?;
    env.close_application()?;

    let link = env.environment.login_link(&to_bletchley());
    let application = Application::start_by_link(&env.desktop, &link).await?;
    application.shows(INVITED).await?;
    application.press("Continue").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as("alan@bletchley.example").await?;
    application.is_headed("Alan Turing").await?;
    application.shows_in_details(ids::BLETCHLEY).await
}

#[tokio::test(flavor = "multi_thread")]
async fn idp_initiated_login_declined_does_not_prompt_again() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.is_headed("Welcome").await?;
    let link = env.environment.login_link(&to_bletchley());
    env.open_link(&link)?;
    application.shows(INVITED).await?;
    application.shows("alan@bletchley.example").await?;
    application.press("Not now").await?;
    application.is_headed("Welcome").await?;
    assert!(StoredSession::session(&env.desktop)?.is_none());

    // A link that is processed after the one before.
    env.open_link(&link)?;
    env.environment.inject_fault(
        Endpoint::LoginLink,
        InjectedFault::Old { seconds: 3600 },
        Times::Once,
    );
    env.open_link(&env.environment.login_link(&to_bletchley()))?;
    application.shows("The link that asked you to sign in is too old").await?;
    application.is_headed("Sign in").await?;
    assert!(env.environment.requests_to("/oauth/authorize").is_empty());
    Ok(())
}

// req: B9
#[tokio::test(flavor = "multi_thread")]
async fn forged_idp_initiated_logins_are_ignored_and_fetch_jwks_once() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.is_headed("Welcome").await?;
    env.desktop.brings_to_front("chromium")?;
    let front = env.desktop.has_behind("Latchkey").await?;
    let forged = |number: u32| {
        let fault = match number % 3 {
            0 => InjectedFault::WrongKey,
            1 => InjectedFault::UnknownKey,
            _ => InjectedFault::Unsigned,
        };
        env.environment.inject_fault(Endpoint::LoginLink, fault, Times::Once);
        env.environment.login_link(&to_bletchley())
    };
    env.forward_links((0..300).map(forged)).await?;
    env.open_link(&forged(0))?;
    // An unsigned login link is shown, without raising the window: all links before it have been processed.
    env.open_link("io.latchkey.desktop://login")?;
    application.shows("It does not say who sent it.").await?;
    assert_eq!(env.desktop.window_in_front()?, front);
    assert!(env.environment.requests_to("/keys").len() <= 1);
    assert!(env.environment.requests_to("/oauth/authorize").is_empty());
    application.press("Not now").await?;
    application.is_headed("Welcome").await
}

/// Links after an accepted invitation are bare.
#[tokio::test(flavor = "multi_thread")]
async fn bare_initiate_login_link_prompts_beside_the_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    env.desktop.brings_to_front("chromium")?;
    env.desktop.has_behind("Latchkey").await?;
    env.open_link("io.latchkey.desktop://login")?;
    application.shows("It does not say who sent it.").await?;
    application.shows("You are signed in as Ada Lovelace").await?;
    assert_ne!(env.desktop.window_in_front()?, "Latchkey", "an unsigned link raised it");
    application.button("Sign in again").await?;
    application.press("Switch organization").await?;
    let page = env.browser.is_opened().await?;
    assert!(page.query_pairs().any(|(name, value)| name == "prompt" && value == "select_account"));
    application.press("Cancel").await?;
    application.is_headed("Ada Lovelace").await
}

// req: E13
#[tokio::test(flavor = "multi_thread")]
async fn idp_initiated_login_replaces_session_only_on_completion() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    env.open_link(&env.environment.login_link(&to_bletchley()))?;
    application.shows(INVITED).await?;
    application.shows("You are signed in as Ada Lovelace").await?;
    application.press("Continue").await?;
    env.browser.is_opened().await?;
    env.browser.shows_form().await?;
    application.press("Cancel").await?;
    application.is_headed("Ada Lovelace").await?;
    StoredSession::comes_to_hold(&env.desktop, &live).await?;

    env.open_link(&env.environment.login_link(&to_bletchley()))?;
    application.press("Continue").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as("alan@bletchley.example").await?;
    application.is_headed("Alan Turing").await?;
    let live = env.environment.live_refresh_token_of("alan@bletchley.example").unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await
}
