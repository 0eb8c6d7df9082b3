//! A fixture with another vendor's provider instead of `scalekit-dev`.

use anyhow::Result;
use latchkey_tests::{Browser, Desktop, ForeignProvider, Vendor};

pub struct Fixture {
    pub browser: Browser,
    pub provider: ForeignProvider,
    pub desktop: Desktop,
}

impl Fixture {
    /// A fixture whose access tokens live this many seconds.
    pub async fn set(vendor: Vendor, access_token_seconds: u32) -> Result<Self> {
        let mut desktop = Desktop::start("en_US.UTF-8")?;
        let provider = ForeignProvider::start(&desktop, vendor, access_token_seconds)?;
        desktop.set("SCALEKIT_ENVIRONMENT_URL", provider.issuer());
        desktop.set("SCALEKIT_CLIENT_ID", ForeignProvider::CLIENT_ID);
        desktop.set("LATCHKEY_LOG", "debug,zbus=warn,hyper_util=warn");
        let browser = Browser::start(&desktop, provider.issuer()).await?;
        Ok(Self { browser, provider, desktop })
    }
}
