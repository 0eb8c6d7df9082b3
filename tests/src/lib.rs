//! The harness of the end-to-end tests: a virtual screen with a window manager, a session bus, an unlocked keychain,
//! a browser, and a Scalekit environment. All of it is created for one test and removed after it; the user's own
//! desktop is not used.

mod application;
mod browser;
mod canaries;
mod desktop;
mod driver;
mod foreign_provider;
mod keepassxc;
mod keychain;
mod main_views;
mod page;
mod pictures;
mod portal;
mod process;
mod screen_reader;
mod test_env;
mod tray;
mod watchdog;

pub use application::Application;
pub use browser::{Browser, Links};
pub use canaries::{Canaries, Findings};
pub use desktop::Desktop;
pub use driver::until;
pub use foreign_provider::{ForeignProvider, Vendor};
pub use keychain::StoredSession;
pub use main_views::{WINDOW, enlarges_text, is_readable, visit_main_views};
pub use page::Page;
pub use pictures::MIN_COLOURS;
pub use portal::{Portal, unresponsive_services};
pub use screen_reader::{Heard, ScreenReader};
pub use test_env::{Keychain, TestEnv, TestOptions};
pub use tray::Tray;

/// Cargo's target folder.
#[must_use]
pub fn target() -> std::path::PathBuf {
    let usual = || concat!(env!("CARGO_MANIFEST_DIR"), "/../target").into();
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(usual, Into::into)
}

/// The timeout of any condition. Long, because a computer may be busy; no test waits until it expires.
/// `cargo xtask written-mutants`, where tests are expected to fail, uses a shorter one.
pub const TEST_TIMEOUT: std::time::Duration =
    std::time::Duration::from_secs(if option_env!("LATCHKEY_TEST_SHORT_TIMEOUTS").is_some() {
        20
    } else {
        60
    });

/// The application's identifier, which is also its scheme.
pub const IDENTIFIER: &str = "io.latchkey.desktop";
