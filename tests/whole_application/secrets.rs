//! What never leaves the Rust core.

use anyhow::Result;
use latchkey_tests::{Scene, Setting};

use crate::ADA;

#[tokio::test(flavor = "multi_thread")]
async fn no_token_code_verifier_or_state_is_in_the_window_or_in_the_log() -> Result<()> {
    let mut scene = Scene::set(Setting { log: "trace", ..Setting::default() }).await?;
    let application = scene.application().await?;
    application.press("Sign in").await?;
    let page = scene.browser.is_opened().await?;
    let while_waiting = application.everything().await?;
    scene.browser.sign_in_as(ADA).await?;
    application.button("Sign out").await?;
    application.press("Renew now").await?;
    scene.is_asked("/oauth/token", 2).await?;
    application.is_headed("Ada Lovelace").await?;

    let mut secrets: Vec<String> = ["state", "nonce"]
        .iter()
        .filter_map(|name| page.query_pairs().find(|(key, _)| key == name))
        .map(|(_, value)| value.into_owned())
        .collect();
    for request in scene.environment.requests_to("/oauth/token") {
        for name in ["code", "code_verifier", "refresh_token"] {
            secrets.extend(request.form(name).map(str::to_owned));
        }
    }
    secrets.extend(scene.environment.live_refresh_token_of(ADA));
    let kept = latchkey_tests::Kept::session(&scene.desktop)?.unwrap();
    for name in ["access_token", "id_token"] {
        secrets.extend(kept.0[name].as_str().map(str::to_owned));
    }
    assert_eq!(secrets.len(), 8);

    let window = application.everything().await?;
    let log = application.log();
    assert!(log.contains("TRACE"), "the log is at its most talkative");
    for secret in &secrets {
        assert!(!while_waiting.contains(secret) && !window.contains(secret));
        assert!(!log.contains(secret), "the log holds a secret");
    }
    Ok(())
}
