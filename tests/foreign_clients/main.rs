//! Clients of other vendors with `scalekit-dev`: Scalekit's own SDKs for Node and Python, the current ones and those of
//! a year before, and a certified client. They accept the protocol of the service, not an agreement between two parts
//! of one project.
#![allow(clippy::unwrap_used)]

mod conversation;

use anyhow::Result;
use conversation::{folder, runs_to_the_end};
use scalekit_dev::{Environment, Options, Settings, ids};
use tokio::process::Command;

async fn environment() -> Environment {
    Environment::start(Settings::default()).await.unwrap()
}

/// One whose token responses name their type, as RFC 6749 §5.1 requires and the service's guides do not show.
async fn conforming_environment() -> Environment {
    let options = Options { token_type: true, ..Options::default() };
    Environment::start(Settings { options, ..Settings::default() }).await.unwrap()
}

async fn node_quick_start(version: &str) -> Result<()> {
    let environment = environment().await;
    let mut client = Command::new("node");
    client.current_dir(folder()).arg("quick_start.js").arg(version).arg(environment.url());
    client.args([ids::WEB_APPLICATION, ids::WEB_SECRET]);
    runs_to_the_end(&environment, client).await
}

async fn python_quick_start(version: &str) -> Result<()> {
    let environment = environment().await;
    let mut client = Command::new(folder().join(version).join(".venv/bin/python"));
    client.current_dir(folder()).arg("quick_start.py").arg(environment.url());
    client.args([ids::WEB_APPLICATION, ids::WEB_SECRET]);
    runs_to_the_end(&environment, client).await
}

#[tokio::test]
async fn node_sdk_completes_its_quick_start() -> Result<()> {
    node_quick_start("current").await
}

#[tokio::test]
async fn node_sdk_of_a_year_before_completes_its_quick_start() -> Result<()> {
    node_quick_start("older").await
}

#[tokio::test]
async fn python_sdk_completes_its_quick_start() -> Result<()> {
    python_quick_start("current").await
}

#[tokio::test]
async fn python_sdk_of_a_year_before_completes_its_quick_start() -> Result<()> {
    python_quick_start("older").await
}

#[tokio::test]
async fn certified_client_works_as_native_and_web_application() -> Result<()> {
    let environment = conforming_environment().await;
    let mut client = Command::new("node");
    client.current_dir(folder().join("current")).arg("openid_client.js").arg(environment.url());
    client.args([ids::NATIVE_APPLICATION, ids::WEB_APPLICATION, ids::WEB_SECRET]);
    runs_to_the_end(&environment, client).await
}
