//! OpenID providers that nobody here wrote: what works with them is what the standards say, not what two halves
//! of one project agree on.

use anyhow::{Context, Result};
use scalekit_auth_native::HttpClient;

use crate::{Desktop, driver::until, process::Process};

/// Which provider.
#[derive(Debug, Clone, Copy)]
pub enum House {
    /// oidc-provider, in JavaScript, which is certified (`tests/second_provider`).
    OidcProvider,
    /// django-oauth-toolkit, in Python (`tests/third_provider`).
    DjangoOauthToolkit,
}

/// A provider. It ends when this is dropped.
pub struct ForeignProvider {
    issuer: String,
    http: HttpClient,
    _process: Process,
}

impl ForeignProvider {
    /// The id the application is registered with.
    pub const CLIENT_ID: &str = "latchkey";

    /// Starts one. Its access tokens live so many seconds.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(desktop: &Desktop, house: House, access_token_seconds: u32) -> Result<Self> {
        let tests = env!("CARGO_MANIFEST_DIR");
        let (name, program, script) = match house {
            House::OidcProvider => ("second", "node".to_owned(), "server.js"),
            House::DjangoOauthToolkit => {
                ("third", format!("{tests}/third_provider/.venv/bin/python"), "server.py")
            }
        };
        let folder = format!("{tests}/{name}_provider");
        let mut command = desktop.command(program);
        command.current_dir(folder).arg(script).arg(access_token_seconds.to_string());
        let announced = format!("{name} provider at ");
        let address = |line: &str| line.strip_prefix(&announced).map(str::to_owned);
        let log = format!("{name}-provider");
        let (process, issuer) = Process::start_announced(&log, command, &desktop.logs(), address)?;
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
        let answer = self.http.send(request).await.ok().context("the provider is gone")?;
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
