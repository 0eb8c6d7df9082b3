//! A second instance that forwards an authorization response to the running application, until the user is signed in.

use std::{
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use latchkey_bench_row::{Goal, Pairs, Row};
use latchkey_tests::{Application, TestEnv, TestOptions};
use scalekit_dev::ADA;

use crate::bench::Bench;

/// The log message when the user is signed in.
const SIGNED_IN: &str = "the session is signed in";

/// The interval of reading the log.
const PAUSE: Duration = Duration::from_millis(1);

/// Sign-ins, each with a process that the desktop starts with the link; alternately with a process that only starts.
///
/// # Errors
/// When a sign-in fails.
pub fn callbacks(bench: &Bench) -> Result<Vec<Row>> {
    let runs = if bench.quick { 3 } else { 10 };
    let pairs = tokio::runtime::Handle::current().block_on(measured(runs))?;
    let row = pairs.row("second launch with a callback, to signed in", "ms", "process start");
    Ok(vec![row.with_goal(Goal::TimesAtMost(1.5))])
}

/// Measures on a separate desktop, with a signed-out user.
async fn measured(runs: usize) -> Result<Pairs> {
    let options = TestOptions { log: "warn,scalekit_auth_native=debug", ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    let application = env.application().await?;
    let mut pairs = Pairs::default();
    for run in 0..=runs {
        application.press("Sign in").await?;
        let page = env.browser.receives_url().await?;
        let callback = env.environment.sign_in_as(ADA, page.as_str())?;
        let (whole, by_environment) = signed_in(&env, &application, &callback).await?;
        application.is_headed("Ada Lovelace").await?;
        application.press("Sign out").await?;
        application.button("Sign in").await?;
        env.browser.receives_url().await?;
        let bare = process_start(&env)?;
        // The first pair reads the program from the disk, and is ignored.
        if run > 0 {
            pairs.samples.push((whole.saturating_sub(by_environment)).as_secs_f64() * 1000.0);
            pairs.baseline.push(bare.as_secs_f64() * 1000.0);
        }
    }
    application.quit()?;
    Ok(pairs)
}

/// The time from the start of the second process until the user is signed in, and the environment's part
/// of it.
async fn signed_in(
    env: &TestEnv,
    application: &Application,
    callback: &str,
) -> Result<(Duration, Duration)> {
    const TOKEN: &str = "/oauth/token";
    let environment = &env.environment;
    let [before, count] =
        [application.log().matches(SIGNED_IN).count(), environment.arrived(TOKEN)];
    let log = application.log_file().to_owned();
    let began = Instant::now();
    let watched = tokio::task::spawn_blocking(move || time_to_message(&log, before + 1, began));
    let mut second = env.desktop.command(Application::program()?);
    second.arg(callback).stdout(Stdio::null()).stderr(Stdio::null());
    let mut second = second.spawn()?;
    environment.wait_for_arrival(TOKEN, count + 1).await;
    let arrived = Instant::now();
    environment.wait_for(TOKEN, count + 1).await;
    let by_environment = arrived.elapsed();
    let whole = watched.await??;
    tokio::task::spawn_blocking(move || second.wait()).await??;
    Ok((whole, by_environment))
}

/// The time from `began` until the log contains the message `times` times.
fn time_to_message(log: &Path, times: usize, began: Instant) -> Result<Duration> {
    while fs::read_to_string(log)?.matches(SIGNED_IN).count() < times {
        ensure!(began.elapsed() < latchkey_tests::TEST_TIMEOUT, "the user is not signed in");
        std::thread::sleep(PAUSE);
    }
    Ok(began.elapsed())
}

/// The duration of a process of the application that only starts and exits.
fn process_start(env: &TestEnv) -> Result<Duration> {
    let mut command = env.desktop.command(Application::program()?);
    command.arg("--version").stdout(Stdio::null());
    let began = Instant::now();
    ensure!(command.status().context("it cannot be started")?.success(), "it failed");
    Ok(began.elapsed())
}
