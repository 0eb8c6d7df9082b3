//! The unattended demo: a script signs in, opens the views, refreshes, restarts and signs out, and
//! writes a report and a picture of every step.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, StoredSession, TestEnv};
use scalekit_dev::ids;
use serde::Serialize;

use scalekit_dev::ADA;

#[tokio::main]
async fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| "target/demo".into(), PathBuf::from);
    match demo(&folder).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("The report could not be written: {why:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every step succeeded.
async fn demo(folder: &Path) -> Result<bool> {
    if folder.exists() {
        fs::remove_dir_all(folder).context("the last demo's folder could not be removed")?;
    }
    fs::create_dir_all(folder)?;
    let mut steps = Steps { folder, taken: Vec::new() };
    let outcome = take(&mut steps).await;
    if let Err(why) = &outcome {
        eprintln!("\n{why:#}");
    }
    let ok = outcome.is_ok();
    let report = folder.join("report.json");
    fs::write(&report, serde_json::to_vec_pretty(&Report { steps: &steps.taken, ok })?)?;
    println!("\n{} and a picture of every step beside it", report.display());
    Ok(ok)
}

async fn take(steps: &mut Steps<'_>) -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let env = &mut env;
    let resource = format!("{}/api/reports", env.environment.url());
    env.desktop.set("LATCHKEY_RESOURCE_URL", &resource);
    env.desktop.set("LATCHKEY_RESOURCE_PERMISSION", "reports:read");
    let application = steps.take("open the application", env, open).await?;
    steps.take("open the browser", env, async |env| go_to_browser(env, &application).await).await?;
    steps.take("sign in", env, async |env| sign_in(env, &application).await).await?;
    steps.take("show the profile", env, async |_| profile(&application).await).await?;
    steps.take("show the reports", env, async |env| reports(env, &application).await).await?;
    steps.take("refresh", env, async |env| refresh(env, &application).await).await?;
    let application = steps
        .take("restart and find the session", env, async |env| {
            application.quit()?;
            restart(env).await
        })
        .await?;
    steps.take("sign out", env, async |env| sign_out(env, &application).await).await?;
    steps
        .take("return signed out", env, async |env| return_signed_out(env, &application).await)
        .await
}

async fn open(env: &mut TestEnv) -> Result<Application> {
    let application = env.application().await?;
    application.button("Sign in").await?;
    Ok(application)
}

async fn go_to_browser(env: &mut TestEnv, application: &Application) -> Result<()> {
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.shows_form().await?;
    application.is_headed("Continue in your browser").await
}

async fn sign_in(env: &mut TestEnv, application: &Application) -> Result<()> {
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    let live = env.environment.live_refresh_token_of(ADA).context("there is no session")?;
    StoredSession::comes_to_hold(&env.desktop, &live).await
}

async fn profile(application: &Application) -> Result<()> {
    for text in [ADA, ids::ANALYTICAL, "admin", "reports:write"] {
        application.shows_in_details(text).await?;
    }
    Ok(())
}

async fn reports(env: &mut TestEnv, application: &Application) -> Result<()> {
    application.press("Show reports").await?;
    application.shows("On the Analytical Engine").await?;
    env.has_requests("/api/reports", 1).await
}

async fn refresh(env: &mut TestEnv, application: &Application) -> Result<()> {
    let before = env.environment.live_refresh_token_of(ADA);
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    let after = env.environment.live_refresh_token_of(ADA);
    ensure!(before != after, "the refresh token was not rotated");
    StoredSession::comes_to_hold(&env.desktop, &after.context("the session is gone")?).await?;
    application.button("Renew now").await.map(drop)
}

async fn restart(env: &mut TestEnv) -> Result<Application> {
    let requests = env.environment.requests_to("/oauth/token").len();
    let application = env.application().await?;
    application.is_headed("Ada Lovelace").await?;
    let now = env.environment.requests_to("/oauth/token").len();
    ensure!(now == requests, "the session was requested again");
    Ok(application)
}

async fn sign_out(env: &mut TestEnv, application: &Application) -> Result<()> {
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    ensure!(
        StoredSession::session(&env.desktop)?.is_none(),
        "the keychain still holds the session"
    );
    Ok(())
}

async fn return_signed_out(env: &mut TestEnv, application: &Application) -> Result<()> {
    env.browser.is_opened().await?;
    env.has_requests("/oidc/logout", 1).await?;
    env.desktop.has_in_front("Latchkey").await?;
    ensure!(env.environment.live_refresh_token_of(ADA).is_none(), "the session still lives");
    application.is_headed("You are signed out").await
}

#[derive(Serialize)]
struct Report<'a> {
    steps: &'a [Taken],
    ok: bool,
}

#[derive(Serialize)]
struct Taken {
    name: &'static str,
    ok: bool,
    ms: u128,
}

struct Steps<'a> {
    folder: &'a Path,
    taken: Vec<Taken>,
}

impl Steps<'_> {
    /// Performs a step, and takes a picture of its result.
    async fn take<T>(
        &mut self,
        name: &'static str,
        env: &mut TestEnv,
        step: impl AsyncFnOnce(&mut TestEnv) -> Result<T>,
    ) -> Result<T> {
        let began = Instant::now();
        let outcome = step(env).await.with_context(|| format!("This step failed: {name}"));
        let ms = began.elapsed().as_millis();
        let number = self.taken.len() + 1;
        let file = self.folder.join(format!("{number:02}-{}.png", name.replace(' ', "-")));
        let seen = env.desktop.settled_picture(&file);
        let ok = outcome.is_ok() && seen.is_ok();
        println!("  {} {name}, {ms} ms", if ok { "✓" } else { "✗" });
        self.taken.push(Taken { name, ok, ms });
        let taken = outcome?;
        seen.with_context(|| format!("There is no picture of this step: {name}"))?;
        Ok(taken)
    }
}
