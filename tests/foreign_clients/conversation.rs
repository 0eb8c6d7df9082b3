//! A client in a process of its own, to which the test is the user and their browser.

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

/// Runs a client to its good end.
///
/// # Errors
/// When it is not content with what it is answered.
pub async fn content(environment: &Environment, mut client: Command) -> Result<()> {
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process =
        client.spawn().context("it could not be started; `cargo xtask test` installs it")?;
    let mut told = process.stdin.take().context("no standard input")?;
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
            if let Some(answer) = answered(environment, &line).await? {
                told.write_all(format!("{answer}\n").as_bytes()).await?;
            }
        }
        anyhow::Ok(process.wait().await?)
    };
    let status =
        timeout(latchkey_tests::TEST_TIMEOUT, conversation).await.context("it does not end")??;
    ensure!(status.success() && is_done, "it is not content:\n{}", complaint.await?);
    Ok(())
}

/// What a line asks for; nothing where it asks for nothing.
async fn answered(environment: &Environment, line: &str) -> Result<Option<String>> {
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
    let answer = browser.get(page.parse()?).await?;
    let location = answer.headers().get("location").context("the page leads nowhere")?;
    Ok(location.to_str()?.to_owned())
}
