//! The webview of any program, controlled by a driver.

use std::path::Path;

use anyhow::Result;
use fantoccini::Client;
use serde_json::{Map, Value, json};

use crate::{
    Desktop,
    driver::{connect, free_port, response},
    process::Process,
};

/// A program with a controllable webview. Program and driver end when this is dropped.
pub struct Page {
    pub(crate) client: Client,
    pub(crate) driver: Process,
}

impl Page {
    /// Starts the program with these arguments.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open(desktop: &Desktop, program: &Path, arguments: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut driver = desktop.command("WebKitWebDriver");
        driver.arg("--host=127.0.0.1").arg(format!("--port={port}"));
        driver.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = Process::start("latchkey", driver, &desktop.logs())?;
        let mut capabilities = Map::<String, Value>::new();
        capabilities.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": program, "args": arguments }),
        );
        Ok(Self { client: connect(port, capabilities).await?, driver })
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run_script(&self, script: &str) -> Result<Value> {
        response(self.client.execute(script, Vec::new())).await
    }

    /// Ends the program.
    ///
    /// # Errors
    /// When it has ended already.
    pub async fn quit(self) -> Result<()> {
        response(self.client.close()).await
    }
}
