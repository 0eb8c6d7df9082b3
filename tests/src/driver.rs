//! WebDriver: the one place where something is asked again and again, because WebDriver knows no
//! other way to wait.

use std::{future::Future, time::Duration};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::TEST_TIMEOUT;

/// How often is asked.
const PAUSE: Duration = Duration::from_millis(25);

/// Asks until there is an answer.
///
/// # Errors
/// When there is none for long.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> Result<T> {
    let deadline = Instant::now() + TEST_TIMEOUT;
    loop {
        if let Some(answer) = ask().await {
            return Ok(answer);
        }
        if Instant::now() > deadline {
            bail!("waited in vain for {what}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A session with the driver on this port, once it listens.
pub async fn connect(port: u16, capabilities: Map<String, Value>) -> Result<Client> {
    until("the driver to listen", || async {
        TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
    })
    .await?;
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    let address = format!("http://127.0.0.1:{port}");
    // A driver whose program ends at once says nothing at all.
    let session = timeout(TEST_TIMEOUT, builder.connect(&address)).await;
    Ok(session.context("the driver's program does not come up")??)
}

/// The first visible element that fits.
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

/// A port that was free a moment ago, for drivers that cannot choose one themselves.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Text as XPath writes it.
pub fn quoted(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}
