//! Crash tests of the application with its window.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, TEST_TIMEOUT, TestEnv, TestOptions};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{
    dose,
    fixture::{ADA, measured},
};

/// A fixture with Ada signed in and the application closed. Access tokens live two seconds, so the application
/// refreshes the session continuously.
pub async fn signed_in() -> Result<TestEnv> {
    let mut env = TestEnv::set(TestOptions {
        access_token_lifetime: Duration::from_secs(2),
        reuse_grace: Duration::from_secs(30),
        ..TestOptions::default()
    })
    .await?;
    env.signed_in_as(ADA).await?.quit()?;
    Ok(env)
}

pub fn start(env: &TestEnv, variables: &[(&str, &str)]) -> Result<Child> {
    let mut command = env.desktop.command(Application::program()?);
    command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(Command::from(command).kill_on_drop(true).spawn()?)
}

/// Asserts that the window shows Ada, and that her session can be refreshed.
pub async fn is_still_signed_in(env: &TestEnv) -> Result<()> {
    let application = env.application().await?;
    application.is_headed("Ada Lovelace").await?;
    let so_far = env.environment.requests_to("/oauth/token").len();
    env.has_requests("/oauth/token", so_far + 1).await?;
    application.is_headed("Ada Lovelace").await?;
    let requests = env.environment.token_requests("refresh_token");
    ensure!(requests.iter().all(|request| request.status != Some(400)), "a refresh was refused");
    application.quit()
}

// req: X1
#[tokio::test(flavor = "multi_thread")]
async fn app_killed_at_each_refresh_step_restarts_signed_in() -> Result<()> {
    let env = signed_in().await?;
    for point in ["Journaled", "ResponseReceived", "Storing", "Stored"] {
        let mut application = start(&env, &[("LATCHKEY_FAILPOINT_KILL", point)])?;
        let ended = timeout(TEST_TIMEOUT, application.wait()).await.context("it lives on")??;
        ensure!(ended.code().is_none(), "{point}: it ended by itself, {ended}");
    }
    is_still_signed_in(&env).await
}

// req: X1
#[tokio::test(flavor = "multi_thread")]
async fn app_killed_at_random_moments_of_refresh_stays_signed_in() -> Result<()> {
    let kills = dose(3, 200);
    let env = signed_in().await?;
    let began = Instant::now();
    for kill in 0..kills {
        let so_far = env.environment.arrived("/oauth/token");
        let mut application = start(&env, &[])?;
        let arrival = env.environment.wait_for_arrival("/oauth/token", so_far + 1);
        timeout(TEST_TIMEOUT, arrival).await.context("it does not refresh")?;
        // Waits for no condition: the crash is to happen at a different time in each round.
        tokio::time::sleep(Duration::from_millis((kill as u64 * 7) % 31)).await;
        application.kill().await?;
    }
    is_still_signed_in(&env).await?;
    measured(
        "application-kills",
        &[format!(
            "{kills} kills of the application while it refreshes: {} token requests, none refused, no session lost, {:.0} s",
            env.environment.token_requests("refresh_token").len(),
            began.elapsed().as_secs_f64()
        )],
    )
}
