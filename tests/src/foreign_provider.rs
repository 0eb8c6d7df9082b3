//! OpenID providers of other vendors: the application works with them because of the standards, and not because both
//! sides are from one project.

use anyhow::{Context, Result};
use scalekit_auth_native::HttpClient;

use crate::{Desktop, driver::until, process::Process};

/// The vendor of a provider.
#[derive(Debug, Clone, Copy)]
pub enum Vendor {
    /// oidc-provider, in JavaScript, certified (`tests/second_provider`).
    OidcProvider,
    /// django-oauth-toolkit, in Python (`tests/third_provider`).
    DjangoOauthToolkit,
}

/// A running provider. It ends when this is dropped.
pub struct ForeignProvider {
    issuer: String,
    http: HttpClient,
    _process: Process,
}

impl ForeignProvider {
    /// The client id that is registered for the application.
    pub const CLIENT_ID: &str = "latchkey";

    /// Starts a provider whose access tokens live this many seconds.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(desktop: &Desktop, vendor: Vendor, access_token_seconds: u32) -> Result<Self> {
        let tests = env!("CARGO_MANIFEST_DIR");
        let (name, program, script) = match vendor {
            Vendor::OidcProvider => ("second", "node".to_owned(), "server.js"),
            Vendor::DjangoOauthToolkit => {
                ("third", format!("{tests}/third_provider/.venv/bin/python"), "server.py")
            }
        };
        let folder = format!("{tests}/{name}_provider");
        let mut command = desktop.command(program);
        command.current_dir(folder).arg(script).arg(access_token_seconds.to_string());
        let announced = format!("{name} provider at ");
        let address = move |line: &str| line.strip_prefix(&announced).map(str::to_owned);
        let log = format!("{name}-provider");
        let (process, issuer) = Process::start_announced(&log, command, &desktop.logs(), address)?;
        Ok(Self { issuer, http: HttpClient::new("latchkey-tests/0"), _process: process })
    }

    /// Its URL, which is also its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Every request so far, such as `POST /token`.
    ///
    /// # Errors
    /// When it does not respond.
    pub async fn record(&self) -> Result<Vec<String>> {
        let request = http::Request::get(format!("{}/_record", self.issuer)).body(Vec::new())?;
        let response = self.http.send(request).await.ok().context("the provider is gone")?;
        Ok(serde_json::from_slice(&response.body)?)
    }

    /// Waits until it has received this request `count` times.
    ///
    /// # Errors
    /// When they do not arrive.
    pub async fn has_requests(&self, request: &str, count: usize) -> Result<()> {
        until(&format!("{count} of {request}"), || async {
            let record = self.record().await.ok()?;
            (record.iter().filter(|one| *one == request).count() >= count).then_some(())
        })
        .await
    }
}
