//! The rate limits of the commands.

use std::time::Duration;

use scalekit_auth_native::CommandLimit;

/// A rate limit for each kind of command.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Commands that open pages in the browser.
    pub(crate) browser: CommandLimit,
    /// Requests to the token endpoint.
    pub(crate) refresh: CommandLimit,
    /// Retries of the keychain, which may prompt the user each time.
    pub(crate) keychain: CommandLimit,
    /// Commands that read or overwrite the user's clipboard.
    pub(crate) clipboard: CommandLimit,
    /// Probe links that the application sends to itself.
    pub(crate) links: CommandLimit,
    /// Self-checks, each with a probe link, requests and a keychain entry.
    pub(crate) self_check: CommandLimit,
    /// Channels for views.
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
