//! A client in a process of its own; the test is its user and their browser.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use scalekit_dev::{Environment, LoginStart, ids};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::timeout,
};

/// Where the clients are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign_clients")
}

/// Runs a client until it reports that it is done.
///
/// # Errors
/// When it rejects a response of the environment.
pub async fn runs_to_the_end(environment: &Environment, mut client: Command) -> Result<()> {
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process =
        client.spawn().context("it could not be started; `cargo xtask test` installs it")?;
    let mut input = process.stdin.take().context("no standard input")?;
    let mut lines = BufReader::new(process.stdout.take().context("no standard output")?).lines();
    let mut complaints = process.stderr.take().context("no standard error")?;
    let complaint = tokio::spawn(async move {
        let mut text = String::new();
        let _ = complaints.read_to_string(&mut text).await;
        text
    });
    let mut is_done = false;
    let conversation = async {
        while let Some(line) = lines.next_line().await? {
            is_done = line == "done";
            if let Some(reply) = reply_to(environment, &line).await? {
                input.write_all(format!("{reply}\n").as_bytes()).await?;
            }
        }
        anyhow::Ok(process.wait().await?)
    };
    let status =
        timeout(latchkey_tests::TEST_TIMEOUT, conversation).await.context("it does not end")??;
    ensure!(status.success() && is_done, "it failed:\n{}", complaint.await?);
    Ok(())
}

/// The reply to a line; none where the line is no request.
async fn reply_to(environment: &Environment, line: &str) -> Result<Option<String>> {
    let words: Vec<&str> = line.split(' ').collect();
    Ok(match words[..] {
        ["user", email, page] => Some(environment.sign_in_as(email, page)?),
        ["visit", page] => Some(leads_to(page).await?),
        ["login-link"] => Some(environment.login_link(&LoginStart {
            connection_id: Some(ids::ORBIT_CONNECTION.to_owned()),
            organization_id: Some(ids::ORBIT.to_owned()),
            login_hint: Some("katherine@orbit.example".to_owned()),
            relay_state: None,
        })),
        _ => None,
    })
}

async fn leads_to(page: &str) -> Result<String> {
    let browser = Client::builder(TokioExecutor::new()).build_http::<String>();
    let reply = browser.get(page.parse()?).await?;
    let location = reply.headers().get("location").context("the page leads nowhere")?;
    Ok(location.to_str()?.to_owned())
}
