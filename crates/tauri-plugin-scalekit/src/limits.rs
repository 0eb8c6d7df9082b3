//! How often a webview may call each kind of command.

use std::time::Duration;

use scalekit_auth_native::CommandLimit;

/// What of the session a webview may set off only so often.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Pages in the browser.
    pub(crate) browser: CommandLimit,
    /// Requests to the token endpoint.
    pub(crate) refresh: CommandLimit,
    /// Tries of a keychain, which may ask the user each time.
    pub(crate) keychain: CommandLimit,
    /// What is written over the user's clipboard.
    pub(crate) clipboard: CommandLimit,
    /// Links that the application sends to itself.
    pub(crate) links: CommandLimit,
    /// Self-checks, each with a link, requests and an entry in the keychain.
    pub(crate) self_check: CommandLimit,
    /// Channels for the views.
    pub(crate) views: CommandLimit,
}

impl Default for Limits {
    fn default() -> Self {
        let one_in_two_seconds = || CommandLimit::new(1, Duration::from_secs(2));
        Self {
            browser: one_in_two_seconds(),
            refresh: one_in_two_seconds(),
            keychain: one_in_two_seconds(),
            clipboard: one_in_two_seconds(),
            links: one_in_two_seconds(),
            self_check: one_in_two_seconds(),
            views: CommandLimit::new(8, Duration::from_millis(250)),
        }
    }
}
