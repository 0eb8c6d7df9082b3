//! A certified OpenID provider that nobody here wrote (`tests/second_provider`): what works with it is
//! what the standards say, not what two halves of one project agree on.

use anyhow::{Context, Result};
use scalekit_auth_native::http::HttpClient;

use crate::{Desktop, driver::until, process::Process};

/// The provider. It ends when this is dropped.
pub struct SecondProvider {
    issuer: String,
    http: HttpClient,
    _process: Process,
}

impl SecondProvider {
    /// The id the application is registered with.
    pub const CLIENT_ID: &str = "latchkey";

    /// Starts it. Its access tokens live so many seconds.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(desktop: &Desktop, access_token_seconds: u32) -> Result<Self> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/second_provider");
        let mut command = desktop.command("node");
        command.current_dir(folder).arg("server.js").arg(access_token_seconds.to_string());
        let address = |line: &str| line.strip_prefix("second provider at ").map(str::to_owned);
        let (process, issuer) =
            Process::start_announced("second-provider", command, &desktop.logs(), address)?;
        Ok(Self { issuer, http: HttpClient::new("latchkey-tests/0"), _process: process })
    }

    /// Its address, and what it calls itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Every request so far, as `POST /token`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn record(&self) -> Result<Vec<String>> {
        let request = http::Request::get(format!("{}/_record", self.issuer)).body(Vec::new())?;
        let answer = self.http.send(request).await.ok().context("the second provider is gone")?;
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Waits until it has had so many of these requests.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn is_asked(&self, request: &str, count: usize) -> Result<()> {
        until(&format!("{count} of {request}"), || async {
            let record = self.record().await.ok()?;
            (record.iter().filter(|one| *one == request).count() >= count).then_some(())
        })
        .await
    }
}
