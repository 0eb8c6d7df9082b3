//! WebDriver, which has no notifications: conditions are polled here, and nowhere else.

use std::{future::Future, time::Duration};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, error::CmdError};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use crate::TEST_TIMEOUT;

/// The interval of polling.
const PAUSE: Duration = Duration::from_millis(25);

/// Polls until there is a result.
///
/// # Errors
/// When there is none before the timeout.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut poll: impl FnMut() -> F,
) -> Result<T> {
    let deadline = Instant::now() + TEST_TIMEOUT;
    // A driver whose program hangs does not respond.
    while let Ok(result) = timeout_at(deadline, poll()).await {
        if let Some(result) = result {
            return Ok(result);
        }
        if Instant::now() > deadline {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("waited in vain for {what}")
}

/// The response to a command of WebDriver.
///
/// # Errors
/// When the command fails, or there is no response before the timeout.
pub async fn response<T>(command: impl Future<Output = Result<T, CmdError>>) -> Result<T> {
    Ok(timeout(TEST_TIMEOUT, command).await.context("the driver does not respond")??)
}

/// A session with the driver at this port, once it listens.
pub async fn connect(port: u16, capabilities: Map<String, Value>) -> Result<Client> {
    until("the driver to listen", || async {
        TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
    })
    .await?;
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    let address = format!("http://127.0.0.1:{port}");
    // A driver whose program exits at once does not respond.
    let session = timeout(TEST_TIMEOUT, builder.connect(&address)).await;
    Ok(session.context("the driver's program does not come up")??)
}

/// The first visible element that matches.
pub async fn visible(client: &Client, what: &str, xpath: &str) -> Result<Element> {
    until(what, || async {
        for element in client.find_all(Locator::XPath(xpath)).await.ok()? {
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    })
    .await
}

/// A free port, for drivers that cannot choose one themselves.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A text as a string literal of XPath.
pub fn quoted(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}
