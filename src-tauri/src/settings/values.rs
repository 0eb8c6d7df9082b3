//! The settings of each source, as they were entered.

use scalekit_auth::SignInRoute;
use serde::Deserialize;

use crate::{settings::sign_in::SignInSettings, variable::variable};

/// The environment variable with the environment's URL.
pub const URL_VARIABLE: &str = "SCALEKIT_ENVIRONMENT_URL";

/// The environment variable with the client id.
pub const CLIENT_VARIABLE: &str = "SCALEKIT_CLIENT_ID";

/// The environment URL and client id, from any source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// The environment's URL.
    pub environment_url: Option<String>,
    /// The client id.
    pub client_id: Option<String>,
}

/// The environment variables of this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvSettings(pub ConnectionSettings);

/// The route of this process's sign-ins, from its command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLineRoute(pub SignInRoute);

/// The members of the settings file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileSettings {
    /// The environment's URL.
    pub environment_url: Option<String>,
    /// The client id.
    pub client_id: Option<String>,
    /// How long a sign-in waits for the browser, in seconds.
    pub sign_in_seconds: Option<u64>,
    /// The URL of the protected resource.
    pub resource_url: Option<String>,
    /// The permission that it needs.
    pub resource_permission: Option<String>,
    /// How users sign in.
    #[serde(flatten)]
    pub sign_in: SignInSettings,
}

impl FileSettings {
    /// The environment URL and client id.
    #[must_use]
    pub fn connection(&self) -> ConnectionSettings {
        ConnectionSettings {
            environment_url: self.environment_url.clone(),
            client_id: self.client_id.clone(),
        }
    }
}

impl ConnectionSettings {
    /// Whether it has neither.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.environment_url.is_none() && self.client_id.is_none()
    }
}

impl EnvSettings {
    /// Reads them.
    #[must_use]
    pub fn read() -> Self {
        Self(ConnectionSettings {
            environment_url: variable(URL_VARIABLE),
            client_id: variable(CLIENT_VARIABLE),
        })
    }
}
