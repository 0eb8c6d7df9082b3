//! The application itself, killed.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, PATIENCE, Scene, Setting};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{
    desk::{ADA, measured},
    dose,
};

/// A desk at which Ada is signed in and the application closed. Tokens last two seconds there, so
/// the application refreshes them all the time.
pub async fn signed_in() -> Result<Scene> {
    let mut scene = Scene::set(Setting {
        access_token_lifetime: Duration::from_secs(2),
        reuse_grace: Duration::from_secs(30),
        ..Setting::default()
    })
    .await?;
    scene.signed_in_as(ADA).await?.quit()?;
    Ok(scene)
}

pub fn start(scene: &Scene, variables: &[(&str, &str)]) -> Result<Child> {
    let mut command = scene.desktop.command(Application::program()?);
    command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(Command::from(command).kill_on_drop(true).spawn()?)
}

/// The window shows Ada, and her session can be refreshed.
pub async fn is_still_signed_in(scene: &Scene) -> Result<()> {
    let application = scene.application().await?;
    application.is_headed("Ada Lovelace").await?;
    let so_far = scene.environment.requests_to("/oauth/token").len();
    scene.is_asked("/oauth/token", so_far + 1).await?;
    application.is_headed("Ada Lovelace").await?;
    let requests = scene.environment.token_requests("refresh_token");
    ensure!(requests.iter().all(|request| request.status != Some(400)), "a refresh was refused");
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn app_killed_at_each_refresh_step_restarts_signed_in() -> Result<()> {
    let scene = signed_in().await?;
    for point in ["Noted", "Answered", "Storing", "Stored"] {
        let mut application = start(&scene, &[("LATCHKEY_KILLED_AT", point)])?;
        let ended = timeout(PATIENCE, application.wait()).await.context("it lives on")??;
        ensure!(ended.code().is_none(), "{point}: it ended by itself, {ended}");
    }
    is_still_signed_in(&scene).await
}

#[tokio::test(flavor = "multi_thread")]
async fn app_killed_at_random_moments_of_refresh_stays_signed_in() -> Result<()> {
    let kills = dose(3, 200);
    let scene = signed_in().await?;
    let began = Instant::now();
    for kill in 0..kills {
        let so_far = scene.environment.arrived("/oauth/token");
        let mut application = start(&scene, &[])?;
        let arrival = scene.environment.wait_for_arrival("/oauth/token", so_far + 1);
        timeout(PATIENCE, arrival).await.context("it does not refresh")?;
        // Not a wait for anything: this is the moment, and it is another one each time.
        tokio::time::sleep(Duration::from_millis((kill as u64 * 7) % 31)).await;
        application.kill().await?;
    }
    is_still_signed_in(&scene).await?;
    measured(
        "application-kills",
        &[format!(
            "{kills} kills of the application while it refreshes: {} token requests, none refused, no session lost, {:.0} s",
            scene.environment.token_requests("refresh_token").len(),
            began.elapsed().as_secs_f64()
        )],
    )
}
