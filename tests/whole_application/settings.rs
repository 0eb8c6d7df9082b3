//! The settings of an application that is not configured yet.

use anyhow::{Result, ensure};
use latchkey_tests::{StoredSession, TestEnv, TestOptions};
use scalekit_dev::{Environment, KATHERINE, Settings, ids};
use serde_json::{Value, json};

use crate::ADA;

fn unconfigured() -> TestOptions {
    TestOptions { configured: false, ..TestOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_on_first_run_are_entered_checked_and_saved() -> Result<()> {
    let mut env = TestEnv::set(unconfigured()).await?;
    let application = env.application().await?;
    application.is_headed("Set up Latchkey").await?;
    application.shows("io.latchkey.desktop://callback").await?;
    application.shows("io.latchkey.desktop://signed-out").await?;
    application.enter("Environment URL", env.environment.url()).await?;
    application.enter("Client ID", &env.environment.client_id()).await?;
    application.press("Save").await?;
    env.sign_in(&application, ADA).await?;
    application.is_headed("Ada Lovelace").await?;

    let file = std::fs::read_to_string(env.desktop.settings_file())?;
    let file: Value = serde_json::from_str(&file)?;
    assert_eq!(file["environmentUrl"], env.environment.url());
    assert_eq!(file.as_object().unwrap().len(), 2, "nothing but the two values is in it");
    application.quit()?;
    env.application().await?.is_headed("Ada Lovelace").await
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_environment_url_is_shown_at_its_field_and_not_saved() -> Result<()> {
    let env = TestEnv::set(unconfigured()).await?;
    let application = env.application().await?;
    application.enter("Client ID", ids::NATIVE_APPLICATION).await?;
    for (url, sentence) in [
        ("http://acme.scalekit.com", "must start with https://"),
        ("not a url", "has spaces in it"),
        ("https://ada@acme.scalekit.com", "with a user name in it"),
    ] {
        application.enter("Environment URL", url).await?;
        application.press("Save").await?;
        application.shows(sentence).await?;
        assert!(!env.desktop.settings_file().exists());
    }
    // An environment responds there, but with another issuer.
    let other = env.environment.url().replace("127.0.0.1", "localhost");
    application.enter("Environment URL", &other).await?;
    application.press("Save").await?;
    application.shows("calls itself").await?;
    assert!(!env.desktop.settings_file().exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn environment_of_another_issuer_is_adopted_by_one_click() -> Result<()> {
    let mut env = TestEnv::set(unconfigured()).await?;
    let application = env.application().await?;
    let other = env.environment.url().replace("127.0.0.1", "localhost");
    application.enter("Environment URL", &other).await?;
    application.enter("Client ID", &env.environment.client_id()).await?;
    application.press("Save").await?;
    application.press("Use this address").await?;
    env.sign_in(&application, ADA).await?;
    let file: Value = serde_json::from_str(&std::fs::read_to_string(env.desktop.settings_file())?)?;
    assert_eq!(file["environmentUrl"], env.environment.url());
    // Nothing but its discovery document was requested at the host that was entered.
    assert_eq!(env.environment.requests_to("/oauth/token").len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_environment_is_saved_after_question_and_sign_out() -> Result<()> {
    let mut env = TestEnv::set(unconfigured()).await?;
    let application = env.application().await?;
    application.enter("Environment URL", env.environment.url()).await?;
    application.enter("Client ID", &env.environment.client_id()).await?;
    application.press("Save").await?;
    env.sign_in(&application, ADA).await?;
    let other = Environment::start(Settings::default()).await?;
    application.press("Settings").await?;
    application.enter("Environment URL", other.url()).await?;
    application.press("Save").await?;
    application.shows("Sign out and save?").await?;
    application.press("Cancel").await?;
    let saved = || std::fs::read_to_string(env.desktop.settings_file());
    assert!(saved()?.contains(env.environment.url()), "nothing is saved before the response");
    assert!(StoredSession::session(&env.desktop)?.is_some(), "nobody is signed out before it");

    application.press("Save").await?;
    application.press("Sign out and save").await?;
    let page = env.browser.is_opened().await?;
    assert!(page.as_str().starts_with(env.environment.url()), "{page}");
    application.is_headed("Welcome").await?;
    assert!(saved()?.contains(other.url()));
    assert!(StoredSession::session(&env.desktop)?.is_none());
    assert!(other.requests_to("/oauth/authorize").is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_environment_url_is_saved_only_on_request() -> Result<()> {
    let mut env = TestEnv::set(unconfigured()).await?;
    env.environment.go_offline().await;
    let application = env.application().await?;
    application.enter("Environment URL", env.environment.url()).await?;
    application.enter("Client ID", &env.environment.client_id()).await?;
    application.press("Save").await?;
    application.shows("cannot be reached").await?;
    assert!(!env.desktop.settings_file().exists());
    application.press("Save anyway").await?;
    application.is_headed("Welcome").await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_from_env_are_shown_read_only() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Settings").await?;
    application.shows("Set by environment variables").await?;
    // The check boxes below are the user's own preferences.
    let fields = "document.querySelectorAll('input[type=text]')";
    let script =
        format!("return {fields}.length === 2 && [...{fields}].every((one) => one.readOnly)");
    assert_eq!(application.run_script(&script).await?, true);
    application.press("Close").await?;
    application.is_headed("Welcome").await
}

/// Writes the policy of this computer.
fn write_policy(env: &mut TestEnv, policy: &str) -> Result<()> {
    let folder = env.desktop.home().join("etc");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("policy.json"), policy)?;
    env.desktop.set("LATCHKEY_POLICY_FOLDER", folder.display().to_string());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_precedes_the_variables_and_pins_the_organization() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let policy = json!({
        "environmentUrl": env.environment.url(), "clientId": env.environment.client_id(),
        "organizationId": ids::ORBIT,
    });
    write_policy(&mut env, &policy.to_string())?;
    let application = env.application().await?;
    application.press("Settings").await?;
    application.shows("Set by the policy of this computer").await?;
    application.shows("Set by your administrator").await?;
    application.press("Close").await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    let organization = page.query_pairs().find(|(name, _)| name == "organization_id");
    assert_eq!(organization.unwrap().1, ids::ORBIT);
    env.browser.choose(KATHERINE).await?;
    application.is_headed("Katherine Johnson").await?;
    application.no_longer_shows("Switch organization").await
}

/// The variables of the environment are set, and do not count.
#[tokio::test(flavor = "multi_thread")]
async fn policy_that_cannot_be_used_lets_nobody_sign_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    write_policy(&mut env, r#"{"organisationId": "org_1"}"#)?;
    let application = env.application().await?;
    application.shows("The policy cannot be used").await?;
    application.shows("Ask your administrator to do that").await?;
    let buttons =
        "return [...document.querySelectorAll('button')].map((one) => one.innerText.trim())";
    let buttons = application.run_script(buttons).await?;
    let buttons = buttons.as_array().unwrap();
    assert!(
        buttons.contains(&json!("Check this computer")) && !buttons.contains(&json!("Sign in"))
    );
    env.desktop.set("LATCHKEY_POLICY_FOLDER", "/nonexistent");
    application.quit()?;
    env.application().await?.is_headed("Welcome").await
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_settings_file_is_shown_and_backed_up() -> Result<()> {
    let env = TestEnv::set(unconfigured()).await?;
    let file = env.desktop.settings_file();
    std::fs::create_dir_all(file.parent().unwrap())?;
    std::fs::write(&file, "{ damaged")?;
    let application = env.application().await?;
    application.shows("cannot be read").await?;
    // As the path of a file in a folder with a long name would be.
    let longer = "document.querySelector('.notice p').append('x'.repeat(200))";
    application.run_script(longer).await?;
    ensure!(application.fits_its_window().await?, "a long path makes the page too wide");
    application.enter("Environment URL", env.environment.url()).await?;
    application.enter("Client ID", &env.environment.client_id()).await?;
    application.press("Save").await?;
    application.is_headed("Welcome").await?;
    assert_eq!(std::fs::read_to_string(file.with_extension("json.damaged"))?, "{ damaged");
    Ok(())
}
