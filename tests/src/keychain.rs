//! The desktop's keychain, read as any other program can.

use anyhow::Result;
use serde_json::Value;

use crate::{Desktop, IDENTIFIER, driver::until};

/// The stored session.
pub struct StoredSession {
    /// The parsed record.
    pub record: Value,
    /// The record's text.
    pub text: String,
}

impl StoredSession {
    /// The session in the keychain, if there is one. Only for tests with one environment.
    ///
    /// # Errors
    /// When the keychain returns an error.
    pub fn session(desktop: &Desktop) -> Result<Option<Self>> {
        let mut command = desktop.command("secret-tool");
        command.args(["search", "--all", "service", IDENTIFIER]);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let secrets = text.lines().filter_map(|line| line.strip_prefix("secret = "));
        let mut records = secrets.filter_map(|secret| {
            Some(Self { record: serde_json::from_str(secret).ok()?, text: secret.to_owned() })
        });
        Ok(records.find(|stored| stored.record.get("id_token").is_some()))
    }

    /// The refresh token in it.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.record["refresh_token"].as_str()
    }

    /// Waits until the keychain contains this refresh token.
    ///
    /// # Errors
    /// When it does not.
    pub async fn comes_to_hold(desktop: &Desktop, refresh_token: &str) -> Result<()> {
        until("the refresh token in the keychain", || async {
            let stored = Self::session(desktop).ok()??;
            (stored.refresh_token() == Some(refresh_token)).then_some(())
        })
        .await
    }
}
