//! What `tauri.conf.json` says about the plugin.

use serde::Deserialize;

/// The `plugins.scalekit` section. Everything in it is public; there is no secret to configure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// The environment, such as `https://acme.scalekit.com`.
    pub environment_url: Option<String>,
    /// The client id of the application's registration as a Native Application.
    pub client_id: Option<String>,
    /// The only organization whose people may sign in (`org_…`), whichever environment is used.
    pub organization_id: Option<String>,
    /// Where access tokens may be sent besides the environment, such as `https://api.acme.example`.
    pub services: Vec<String>,
}
