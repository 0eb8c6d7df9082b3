//! Sign-in, and its failures.

use anyhow::Result;
use latchkey_tests::{StoredSession, TestEnv, TestOptions};
use scalekit_dev::{Endpoint, InjectedFault, Times, ids};

use crate::ADA;

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_with_browser_shows_profile_and_stores_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    for text in [ADA, ids::ANALYTICAL, "ae-1843", "admin", "reports:write"] {
        application.shows_in_details(text).await?;
    }
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    assert_eq!(env.environment.token_requests("authorization_code").len(), 1);
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_in_browser_signs_in_the_new_user() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Create account").await?;
    env.browser.is_opened().await?;
    env.browser.sign_up_as("Emmy Noether", "emmy@algebra.example").await?;
    application.is_headed("Emmy Noether").await?;
    application.shows("E-mail not verified").await?;
    application.shows_in_details("profile:write").await
}

// req: A8, B12
#[tokio::test(flavor = "multi_thread")]
async fn callback_starts_closed_app_and_completes_sign_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.shows_form().await?;
    application.is_headed("Continue in your browser").await?;
    application.quit()?;

    env.browser.sign_in_as(ADA).await?;
    env.has_requests("/oauth/token", 1).await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    env.close_application()?;

    let application = env.application().await?;
    application.is_headed("Ada Lovelace").await?;
    assert_eq!(env.environment.requests_to("/oauth/token").len(), 1);
    Ok(())
}

// req: B8, B12, X14
#[tokio::test(flavor = "multi_thread")]
async fn callback_delivered_repeatedly_is_used_only_once() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    let link = env.environment.sign_in_as(ADA, page.as_str())?;
    env.open_link(&link)?;
    env.open_link(&link)?;
    application.is_headed("Ada Lovelace").await?;
    env.open_link(&link)?;
    application.is_headed("Ada Lovelace").await?;
    assert_eq!(env.environment.requests_to("/oauth/token").len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn callback_after_cancelled_sign_in_is_ignored() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    application.press("Cancel").await?;
    application.is_headed("Welcome").await?;
    let late = env.environment.sign_in_as(ADA, page.as_str())?;
    env.open_link(&late)?;
    application.is_headed("Welcome").await?;
    assert!(env.environment.requests_to("/oauth/token").is_empty());
    env.sign_in(&application, ADA).await
}

// req: X22
#[tokio::test(flavor = "multi_thread")]
async fn access_denied_is_shown_and_sign_in_can_be_retried() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.decline().await?;
    application.is_headed("Sign in").await?;
    application.shows("The sign-in was declined").await?;
    application.press("Dismiss").await?;
    application.is_headed("Welcome").await?;
    assert!(StoredSession::session(&env.desktop)?.is_none());
    env.sign_in(&application, ADA).await
}

// req: B6, B11, X15
#[tokio::test(flavor = "multi_thread")]
async fn thousand_callbacks_with_wrong_state_change_nothing() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    application.is_headed("Continue in your browser").await?;
    env.desktop.brings_to_front("chromium")?;
    env.desktop.has_behind("Latchkey").await?;
    let issuer = env.environment.issuer().to_owned();
    let wrong = |number: usize| {
        let response = if number.is_multiple_of(2) { "code=c0de" } else { "error=access_denied" };
        format!("io.latchkey.desktop://callback?{response}&state=wrong{number}&iss={issuer}")
    };
    env.forward_links((0..995).map(wrong)).await?;
    for number in 995..1000 {
        env.open_link(&wrong(number))?;
    }
    application.shows("that does not belong to this sign-in").await?;
    application.is_headed("Continue in your browser").await?;
    // The browser's title changes while its page loads.
    assert_ne!(env.desktop.window_in_front()?, "Latchkey", "the hint raised the window");
    assert!(env.environment.requests_to("/oauth/token").is_empty());
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    assert_eq!(env.environment.requests_to("/oauth/token").len(), 1);
    Ok(())
}

/// Some social providers append `#_=_`, and a browser carries a fragment through redirects.
#[tokio::test(flavor = "multi_thread")]
async fn authorization_response_with_fragment_signs_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    let fragment = InjectedFault::Fragment { fragment: "_=_".to_owned() };
    env.environment.inject_fault(Endpoint::Authorize, fragment, Times::Once);
    env.sign_in(&application, ADA).await?;
    application.is_headed("Ada Lovelace").await
}

// req: X22
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_timeout_is_shown_and_late_callback_ignored() -> Result<()> {
    let options = TestOptions { sign_in_seconds: Some(5), ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    application.shows("The sign-in took too long").await?;
    let late = env.environment.sign_in_as(ADA, page.as_str())?;
    env.open_link(&late)?;
    application.is_headed("Sign in").await?;
    assert!(env.environment.requests_to("/oauth/token").is_empty());
    env.sign_in(&application, ADA).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_link_can_be_reopened_and_copied() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let first = env.browser.is_opened().await?;
    application.press("Open browser again").await?;
    let second = env.browser.is_opened().await?;
    assert_eq!(first, second);
    application.press("Copy link").await?;
    application.shows("Copied").await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_shows_the_organization_chosen_in_browser() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as("grace@two-orgs.example").await?;
    env.browser.choose(ids::COMPILERS).await?;
    application.is_headed("Grace Hopper").await?;
    application.shows_in_details(ids::COMPILERS).await?;
    application.shows_in_details("compilers:read").await
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_shows_no_permissions_and_unverified_email() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as("alan@bletchley.example").await?;
    application.is_headed("Alan Turing").await?;
    application.shows_in_details("No roles").await?;
    application.shows_in_details("No permissions").await?;
    application.press("Sign out").await?;
    env.browser.is_opened().await?;
    application.is_headed("You are signed out").await?;
    env.sign_in(&application, "mary@unverified.example").await?;
    application.is_headed("Mary Somerville").await?;
    application.shows("E-mail not verified").await
}

#[tokio::test(flavor = "multi_thread")]
async fn keyboard_alone_suffices_to_sign_in_and_out() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    env.desktop.brings_to_front("latchkey.Latchkey")?;
    env.desktop.has_in_front("Latchkey").await?;
    application.focuses_by_tab(&env.desktop, "Sign in").await?;
    env.desktop.press_key("Return")?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    application.button("Sign out").await?;
    env.desktop.has_in_front("Latchkey").await?;
    application.focuses_by_tab(&env.desktop, "Sign out").await?;
    env.desktop.press_key("space")?;
    application.is_headed("You are signed out").await
}

#[tokio::test(flavor = "multi_thread")]
async fn arabic_locale_shows_translated_rtl_view() -> Result<()> {
    let options = TestOptions { locale: "ar_EG.UTF-8", ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    let application = env.application().await?;
    application.press("تسجيل الدخول").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as("fatima@qarawiyyin.example").await?;
    application.is_headed("فاطمة الفهرية").await?;
    application.shows_in_details("library:read").await?;
    let direction = application.run_script("return document.documentElement.dir").await?;
    assert_eq!(direction, "rtl");
    Ok(())
}
