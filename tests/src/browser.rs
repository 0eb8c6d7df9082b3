//! Chromium as the system browser, controlled by the test.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, Locator};
use scalekit_dev::PASSWORD;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::unix::pipe,
    time::timeout,
};

use crate::{
    Desktop, IDENTIFIER, TEST_TIMEOUT,
    driver::{connect, quoted, response, visible},
    process::Process,
};

/// Options that turn off prompts and background requests, and permit to run as root.
const OPTIONS: &[&str] = &[
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--window-position=560,20",
    "--window-size=700,820",
];

/// The browser.
///
/// A Chromium that a driver controls accepts no pages from other programs. So the default browser of the desktop
/// is a program that reports the requested page, and the test opens it.
pub struct Browser {
    client: Client,
    /// The pages that programs open; none for a browser that is not the default one.
    urls: Option<BufReader<pipe::Receiver>>,
    _driver: Process,
}

/// What a browser does with a link to the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It opens the application, as after a user's permission.
    Open,
    /// It prompts for a permission that the user does not give.
    Prompt,
}

/// How often the driver is started until it has a port.
const DRIVER_STARTS: usize = 5;

impl Browser {
    /// Starts it as the default browser. Pages of this environment may start the application without a prompt, as after
    /// a user's permission.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(desktop: &Desktop, environment: &str) -> Result<Self> {
        let wrapper = desktop.home().join("browser");
        let urls = desktop.home().join("urls");
        ensure!(desktop.command("mkfifo").arg(&urls).status()?.success(), "no pipe could be made");
        fs::write(&wrapper, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" > '{}'\n", urls.display()))?;
        let urls = pipe::OpenOptions::new().read_write(true).open_receiver(urls)?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
        desktop.set_browser(&wrapper)?;
        let browser = Self::start_profile(desktop, environment, "browser", Links::Open).await?;
        Ok(Self { urls: Some(BufReader::new(urls)), ..browser })
    }

    /// Starts one with a profile of its own, which no program opens by itself.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_profile(
        desktop: &Desktop,
        environment: &str,
        profile: &str,
        links: Links,
    ) -> Result<Self> {
        let program = program()?;
        let profile = desktop.home().join(".config").join(profile);
        let (driver, port) = start_driver(desktop)?;
        let mut options: Vec<String> = OPTIONS.iter().map(|one| (*one).to_owned()).collect();
        options.push(format!("--user-data-dir={}", profile.display()));
        let allowed = match links {
            Links::Open => json!({ environment: { IDENTIFIER: true } }),
            Links::Prompt => json!({}),
        };
        let mut capabilities = Map::<String, Value>::new();
        // A page that starts the application at once never finishes loading.
        capabilities.insert("pageLoadStrategy".to_owned(), json!("none"));
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({
                "binary": program,
                "args": options,
                "prefs": { "protocol_handler": { "allowed_origin_protocol_pairs": allowed } },
            }),
        );
        let client = connect(port.parse()?, capabilities).await?;
        Ok(Self { client, urls: None, _driver: driver })
    }

    /// Closes it. Pages that the application opens are still reported.
    ///
    /// # Errors
    /// When it is closed already.
    pub async fn quit(&self) -> Result<()> {
        response(self.client.clone().close()).await
    }

    /// Waits until the application has opened a page, and opens it in a tab.
    ///
    /// # Errors
    /// When none is opened.
    pub async fn is_opened(&mut self) -> Result<url::Url> {
        let page = self.receives_url().await?;
        self.shows(&page).await?;
        Ok(page)
    }

    /// Opens a reported page in front of the window.
    ///
    /// # Errors
    /// When the browser is closed.
    pub async fn shows(&self, page: &url::Url) -> Result<()> {
        let tab = response(self.client.new_window(true)).await?;
        response(self.client.switch_to_window(tab.handle)).await?;
        response(self.client.goto(page.as_str())).await
    }

    /// Waits until the application has opened a page; the browser stays behind the window.
    ///
    /// # Errors
    /// When none is opened.
    pub async fn receives_url(&mut self) -> Result<url::Url> {
        let mut page = String::new();
        timeout(TEST_TIMEOUT, self.urls()?.read_line(&mut page))
            .await
            .context("the browser is not opened")??;
        Ok(page.trim().parse()?)
    }

    /// The number of reported pages so far that have not been opened.
    ///
    /// # Errors
    /// When the browser is closed.
    pub async fn times_opened_meanwhile(&mut self) -> Result<usize> {
        let (mut times, mut page) = (0, String::new());
        let urls = self.urls()?;
        while let Ok(read) = timeout(Duration::ZERO, urls.read_line(&mut page)).await {
            read?;
            times += 1;
        }
        Ok(times)
    }

    fn urls(&mut self) -> Result<&mut BufReader<pipe::Receiver>> {
        self.urls.as_mut().context("another browser is the default one")
    }

    /// Opens a page, as with a bookmark.
    ///
    /// # Errors
    /// When the browser is closed.
    pub async fn visits(&self, page: &str) -> Result<()> {
        response(self.client.goto(page)).await
    }

    /// Clicks the element with this id.
    ///
    /// # Errors
    /// When the page has none.
    pub async fn clicks(&self, id: &str) -> Result<()> {
        self.press(id).await
    }

    /// Signs in on the environment's page.
    ///
    /// # Errors
    /// When the current page is another one.
    pub async fn sign_in_as(&self, email: &str) -> Result<()> {
        self.fill("email", email).await?;
        self.fill("password", PASSWORD).await?;
        self.press("submit").await
    }

    /// Signs up on the environment's page.
    ///
    /// # Errors
    /// When the current page is another one.
    pub async fn sign_up_as(&self, name: &str, email: &str) -> Result<()> {
        self.fill("name", name).await?;
        self.fill("email", email).await?;
        self.fill("password", "a long password").await?;
        self.press("submit").await
    }

    /// Cancels the sign-in on the environment's page.
    ///
    /// # Errors
    /// When the current page is another one.
    pub async fn decline(&self) -> Result<()> {
        self.press("cancel").await
    }

    /// Presses the button with this value.
    ///
    /// # Errors
    /// When the page has none.
    pub async fn choose(&self, value: &str) -> Result<()> {
        let button = visible(&self.client, value, &format!("//button[@value='{value}']")).await?;
        response(button.click()).await
    }

    /// The URL of the current page.
    ///
    /// # Errors
    /// When the browser is closed.
    pub async fn address(&self) -> Result<url::Url> {
        response(self.client.current_url()).await
    }

    /// Waits until the page shows its form.
    ///
    /// # Errors
    /// When it is not shown.
    pub async fn shows_form(&self) -> Result<()> {
        visible(&self.client, "the form", "//*[@id='submit']").await.map(drop)
    }

    /// Enters text into the field with this name.
    ///
    /// # Errors
    /// When the page has none.
    pub async fn enter(&self, name: &str, text: &str) -> Result<()> {
        let field = visible(&self.client, name, &format!("//input[@name='{name}']")).await?;
        response(field.clear()).await?;
        response(field.send_keys(text)).await
    }

    /// Presses the button with this text.
    ///
    /// # Errors
    /// When the page has none.
    pub async fn press_labelled(&self, text: &str) -> Result<()> {
        let button = format!("//button[normalize-space(.)='{text}']");
        let element = visible(&self.client, text, &button).await?;
        // As in `press`: WebDriver would wait for the page that the click opens.
        let script = "const button = arguments[0]; setTimeout(() => button.click())";
        response(self.client.execute(script, vec![serde_json::to_value(element)?])).await?;
        Ok(())
    }

    async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let field = visible(&self.client, id, &format!("//input[@id='{id}']")).await?;
        response(field.clear()).await?;
        response(field.send_keys(text)).await
    }

    async fn press(&self, id: &str) -> Result<()> {
        visible(&self.client, id, &format!("//*[@id='{id}']")).await?;
        // WebDriver would wait for the page that the click opens, and a custom scheme opens none.
        let script = format!("setTimeout(() => document.getElementById('{id}').click())");
        response(self.client.execute(&script, Vec::new())).await?;
        Ok(())
    }

    /// Waits until the page contains this text.
    ///
    /// # Errors
    /// When it does not.
    pub async fn shows_text(&self, text: &str) -> Result<()> {
        let xpath = format!("//*[contains(., {})]", quoted(text));
        visible(&self.client, text, &xpath).await.map(drop)
    }

    /// Follows a link on a page, as a user does who has received it by mail.
    ///
    /// # Errors
    /// When the browser is closed.
    pub async fn follows(&self, link: &str) -> Result<()> {
        response(self.client.find(Locator::Css("body"))).await?;
        let script = "const to = arguments[0]; setTimeout(() => { location.href = to })";
        response(self.client.execute(script, vec![json!(link)])).await.map(drop)
    }
}

fn program() -> Result<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file())
        .context("there is no Chromium; `cargo xtask test` installs it")
}

/// The driver and its port. It takes the port that the system has chosen for IPv4 on IPv6 too, where another process may
/// have it: then it ends, and is started again.
fn start_driver(desktop: &Desktop) -> Result<(Process, String)> {
    let port = |line: &str| {
        line.strip_suffix('.')?.rsplit_once("on port ").map(|(_, port)| port.to_owned())
    };
    let start = || {
        let mut driver = desktop.command("chromedriver");
        driver.arg("--port=0");
        Process::start_announced("chromedriver", driver, &desktop.logs(), port)
    };
    let mut started = start();
    for _ in 1..DRIVER_STARTS {
        if started.is_ok() {
            break;
        }
        started = start();
    }
    started
}
