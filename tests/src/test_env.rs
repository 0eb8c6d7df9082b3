//! A desktop with a browser, a keychain and a `scalekit-dev` environment.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use scalekit_auth_native::hand_over;
use scalekit_dev::{Environment, Options, Settings};
use serde_json::json;

use tokio::time::timeout;

use crate::{Application, Browser, Desktop, Links, ScreenReader, TEST_TIMEOUT, process::running};

/// The options of a test environment.
#[derive(Debug, Clone)]
pub struct TestOptions {
    /// The user's language.
    pub locale: &'static str,
    /// The lifetime of access tokens.
    pub access_token_lifetime: Duration,
    /// How long the environment accepts a used refresh token again.
    pub reuse_grace: Duration,
    /// How long a sign-in waits, in seconds, if not the default.
    pub sign_in_seconds: Option<u64>,
    /// Whether the application is configured for the environment.
    pub configured: bool,
    /// The kind of keychain.
    pub keychain: Keychain,
    /// The log filter of the application.
    pub log: &'static str,
    /// Further members of the settings file.
    pub settings: serde_json::Value,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            locale: "en_US.UTF-8",
            access_token_lifetime: Duration::from_secs(299),
            reuse_grace: Duration::ZERO,
            sign_in_seconds: None,
            configured: true,
            keychain: Keychain::Unlocked,
            log: "debug,zbus=warn,hyper_util=warn",
            settings: json!({}),
        }
    }
}

/// The keychain of a test environment.
#[derive(Debug, Clone, Copy)]
pub enum Keychain {
    /// A service with an unlocked keyring.
    Unlocked,
    /// A service without a keyring, as on desktops whose login creates none.
    WithoutKeyring,
    /// No service, and no way to start one.
    Missing,
    /// KeePassXC with an open database that exposes one of its groups.
    KeePassXc,
    /// KeePassXC that exposes no group.
    KeePassXcWithoutGroup,
}

/// Desktop, environment and browser; the test starts the application.
pub struct TestEnv {
    /// The browser.
    pub browser: Browser,
    /// The environment.
    pub environment: Environment,
    /// The desktop.
    pub desktop: Desktop,
}

impl TestEnv {
    /// A test environment with default options.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn usual() -> Result<Self> {
        Self::set(TestOptions::default()).await
    }

    /// A test environment with these options.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn set(options: TestOptions) -> Result<Self> {
        let (environment, desktop) = Self::parts(options).await?;
        Self::with_browser(environment, desktop).await
    }

    /// A test environment with a screen reader, for an application that is hardened like a release build.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn with_screen_reader(options: TestOptions) -> Result<(Self, ScreenReader)> {
        let (environment, mut desktop) = Self::parts(options).await?;
        // Before the browser, which would start an accessibility bus without the display.
        let reader = ScreenReader::start(&mut desktop).await?;
        // The browser's speech must not be taken for the application's.
        desktop.set("AT_SPI_BUS_ADDRESS", "unix:path=/nonexistent");
        let mut env = Self::with_browser(environment, desktop).await?;
        env.desktop.unset("AT_SPI_BUS_ADDRESS");
        env.desktop.set("NO_AT_BRIDGE", "0");
        env.desktop.set("LATCHKEY_HARDENED", "1");
        Ok((env, reader))
    }

    async fn with_browser(environment: Environment, desktop: Desktop) -> Result<Self> {
        let browser = Browser::start(&desktop, environment.url()).await?;
        Ok(Self { browser, environment, desktop })
    }

    async fn parts(options: TestOptions) -> Result<(Environment, Desktop)> {
        let loopback = options.settings.get("loopback");
        let mut settings = Settings {
            access_token_lifetime: options.access_token_lifetime,
            reuse_grace: options.reuse_grace,
            options: Options {
                any_loopback_port: loopback == Some(&json!("any")),
                ..Options::default()
            },
            ..Settings::default()
        };
        if let Some(port) = loopback {
            let port = port.as_u64().map(|port| format!(":{port}")).unwrap_or_default();
            settings.redirect_uris.push(format!("http://127.0.0.1{port}/callback"));
        }
        let environment = Environment::start(settings).await?;
        let mut desktop = match options.keychain {
            Keychain::Unlocked => Desktop::start(options.locale)?,
            Keychain::WithoutKeyring => Desktop::start_without_keyring(options.locale)?,
            Keychain::Missing => Desktop::start_without_keychain(options.locale)?,
            Keychain::KeePassXc => Desktop::start_with_keepassxc(options.locale)?,
            Keychain::KeePassXcWithoutGroup => {
                Desktop::start_with_keepassxc_without_group(options.locale)?
            }
        };
        if options.configured {
            desktop.set("SCALEKIT_ENVIRONMENT_URL", environment.url());
            desktop.set("SCALEKIT_CLIENT_ID", environment.client_id());
        }
        desktop.set("LATCHKEY_LOG", options.log);
        let mut settings = options.settings;
        if let Some(seconds) = options.sign_in_seconds {
            settings["signInSeconds"] = json!(seconds);
        }
        if settings != json!({}) {
            desktop.write_settings(&settings)?;
        }
        Ok((environment, desktop))
    }

    /// A second browser, with a profile of its own.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn other_browser(&self, links: Links) -> Result<Browser> {
        Browser::start_profile(&self.desktop, self.environment.url(), "other-browser", links).await
    }

    /// Starts the application.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn application(&self) -> Result<Application> {
        Application::start(&self.desktop).await
    }

    /// Starts the application and signs this user in.
    ///
    /// # Errors
    /// When that fails.
    pub async fn signed_in_as(&mut self, email: &str) -> Result<Application> {
        let application = self.application().await?;
        self.sign_in(&application, email).await?;
        Ok(application)
    }

    /// Signs this user in.
    ///
    /// # Errors
    /// When that fails.
    pub async fn sign_in(&mut self, application: &Application, email: &str) -> Result<()> {
        application.press("Sign in").await?;
        self.browser.is_opened().await?;
        self.browser.sign_in_as(email).await?;
        application.button("Sign out").await?;
        Ok(())
    }

    /// Opens a link as the desktop does: by starting a second instance with it.
    ///
    /// # Errors
    /// When the second instance fails.
    pub fn open_link(&self, link: &str) -> Result<()> {
        let log = self.desktop.logs().join("second.log");
        let log = fs::File::options().create(true).append(true).open(log)?;
        let mut second = self.desktop.command(Application::program()?);
        let ended = second.arg(link).stdout(log.try_clone()?).stderr(log).status()?;
        ensure!(ended.success(), "the second process failed");
        Ok(())
    }

    /// Forwards many links over the socket of the primary instance.
    ///
    /// # Errors
    /// When they are not acknowledged.
    pub async fn forward_links(&self, links: impl Iterator<Item = String>) -> Result<()> {
        let place = self.desktop.place();
        for link in links {
            hand_over(&place, &["latchkey".to_owned(), link])
                .await
                .context("nobody takes the link")?;
        }
        Ok(())
    }

    /// Waits until the environment has responded to this many requests to this path.
    ///
    /// # Errors
    /// When they do not arrive.
    pub async fn has_requests(&self, path: &str, count: usize) -> Result<()> {
        timeout(TEST_TIMEOUT, self.environment.wait_for(path, count))
            .await
            .with_context(|| format!("the environment did not receive {count} requests for {path}"))
    }

    /// Closes the window of an application that the desktop has started.
    ///
    /// # Errors
    /// When it does not end.
    pub fn close_application(&self) -> Result<()> {
        let processes = running(&Application::program()?, &self.desktop.home());
        self.desktop.surroundings.close_application(processes)
    }
}
