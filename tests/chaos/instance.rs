//! Single instance, and the errors at which the application cannot start.

use std::{
    fs,
    process::{Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, Desktop, TEST_TIMEOUT, TestEnv};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{application::start, dose};

/// A link with secrets, which must not appear in any message.
const LINK: &str = "io.latchkey.desktop://callback?code=c0de&state=secret";

/// The title of the message box of a startup error.
pub const BOX: &str = "Latchkey cannot go on";

/// Starts two processes at the same time; returns the one that runs after the other has forwarded its arguments.
async fn one_of_two(env: &TestEnv, variables: &[(&str, &str)]) -> Result<Child> {
    let (mut one, mut other) = (start(env, variables)?, start(env, variables)?);
    let first_to_end = async {
        tokio::select! {
            status = one.wait() => (status, true),
            status = other.wait() => (status, false),
        }
    };
    let (ended, one_has) = timeout(TEST_TIMEOUT, first_to_end).await.context("both go on")?;
    ensure!(ended?.success(), "the second instance failed");
    Ok(if one_has { other } else { one })
}

/// Starts the application without a display, and waits for its end.
async fn without_display(desktop: &Desktop, arguments: &[&str]) -> Result<Output> {
    let mut command = desktop.command(Application::program()?);
    command.env_remove("DISPLAY").args(arguments);
    ended(command).await
}

async fn ended(mut command: std::process::Command) -> Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = Command::from(command).kill_on_drop(true).output();
    Ok(timeout(TEST_TIMEOUT, output).await.context("it goes on")??)
}

fn fails_with(output: &Output, sentence: &str) -> Result<()> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(stderr.contains(sentence), "it printed {stderr:?}");
    ensure!(output.status.code() == Some(1), "it ended with {}", output.status);
    ensure!(!stderr.contains("c0de") && !stderr.contains("secret"), "it shows the link: {stderr}");
    Ok(())
}

fn signal(process: &Child, signal: Signal) -> Result<()> {
    let pid = process.id().context("it has ended")?;
    Ok(kill_process(Pid::from_raw(pid.try_into()?).context("no process id")?, signal)?)
}

// req: J1
#[tokio::test(flavor = "multi_thread")]
async fn two_starts_elect_one_primary_even_after_a_kill() -> Result<()> {
    let rounds = dose(3, 100);
    let env = TestEnv::usual().await?;
    for round in 0..rounds {
        let mut first = one_of_two(&env, &[]).await?;
        // The primary instance receives the arguments of a third process, so it still runs.
        let third =
            timeout(TEST_TIMEOUT, start(&env, &[])?.wait()).await.context("it goes on")??;
        ensure!(third.success() && first.try_wait()?.is_none(), "round {round}: nobody is left");
        // Its remaining files must not prevent the next start.
        first.kill().await?;
    }
    Ok(())
}

// req: J4
#[tokio::test(flavor = "multi_thread")]
async fn two_starts_without_dbus_elect_one_primary() -> Result<()> {
    let env = TestEnv::usual().await?;
    let no_bus = [("DBUS_SESSION_BUS_ADDRESS", "")];
    let mut first = one_of_two(&env, &no_bus).await?;
    let third =
        timeout(TEST_TIMEOUT, start(&env, &no_bus)?.wait()).await.context("it goes on")??;
    ensure!(third.success() && first.try_wait()?.is_none());
    Ok(())
}

// req: J3
#[tokio::test(flavor = "multi_thread")]
async fn stopped_primary_is_reported_and_accepts_links_after_resume() -> Result<()> {
    let env = TestEnv::usual().await?;
    let first = one_of_two(&env, &[]).await?;
    signal(&first, Signal::STOP)?;
    let second = without_display(&env.desktop, &[LINK]).await?;
    fails_with(&second, "Latchkey is running already, but does not answer")?;
    // With a display the message box is shown, and the process waits until it is closed.
    let mut command = env.desktop.command(Application::program()?);
    command.arg(LINK);
    let third = tokio::spawn(ended(command));
    env.desktop.has_in_front(BOX).await?;
    ensure!(!third.is_finished());
    env.desktop.press_key("Escape")?;
    fails_with(&third.await??, "does not answer")?;
    signal(&first, Signal::CONT)?;
    ensure!(without_display(&env.desktop, &[LINK]).await?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_deep_link_is_rejected_and_primary_survives() -> Result<()> {
    let env = TestEnv::usual().await?;
    let mut first = one_of_two(&env, &[]).await?;
    let mut command = env.desktop.command(Application::program()?);
    command.arg(format!("{LINK}&x={}", "x".repeat(100_000)));
    fails_with(&ended(command).await?, "more than it takes")?;
    ensure!(first.try_wait()?.is_none());
    Ok(())
}

// req: J2
#[tokio::test(flavor = "multi_thread")]
async fn blocked_instance_socket_path_does_not_prevent_start() -> Result<()> {
    let env = TestEnv::usual().await?;
    let folder = env.desktop.home().join(".local/share/io.latchkey.desktop/instance");
    fs::create_dir_all(folder.join("socket/not empty"))?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    Ok(())
}

#[tokio::test]
async fn start_without_display_is_reported_and_exits_with_1() -> Result<()> {
    let desktop = Desktop::without_screen()?;
    fails_with(&without_display(&desktop, &[LINK]).await?, "Latchkey needs a desktop")
}

// req: J6
#[tokio::test]
async fn start_as_root_is_rejected_and_writes_nothing() -> Result<()> {
    // The check applies to root only.
    if !geteuid().is_root() {
        return Ok(());
    }
    let desktop = Desktop::without_screen()?;
    for value in ["", "0", "yes"] {
        let mut command = desktop.command(Application::program()?);
        command.env("LATCHKEY_ALLOW_ROOT", value).arg(LINK);
        fails_with(&ended(command).await?, "Latchkey does not run as root")?;
    }
    ensure!(!desktop.home().join(".local/share/io.latchkey.desktop").exists());
    Ok(())
}
