//! The system browser.

use std::{
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use url::Url;

/// How long a launcher may take to say that it failed. One that still runs then has a browser.
const LAUNCHER_TIMEOUT: Duration = Duration::from_secs(3);

/// How long launchers are tried one after the other. With the last one's [`LAUNCHER_TIMEOUT`] it takes five
/// seconds at most until the user is told that there is no browser.
const LAUNCH_BUDGET: Duration = Duration::from_secs(2);

/// Something that opens pages for a user.
pub trait Browser: Send + Sync {
    /// Opens the page. May block for a few seconds.
    ///
    /// # Errors
    /// When no browser could be opened.
    fn open(&self, page: &Url) -> Result<(), BrowserError>;
}

/// Why no browser was opened. Never carries the page's address, which holds a `state`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// The address is not one for a browser.
    #[error("Only web pages are opened")]
    NotAWebPage,
    /// There is no browser, or nothing that knows which it is.
    #[error("No browser is installed, or none is set as the default")]
    NotFound,
    /// The desktop's launcher failed.
    #[error("The desktop could not open the browser ({0})")]
    Failed(String),
}

/// Whatever the user has chosen as the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        // A launcher opens files and starts handlers of any scheme; this one must not.
        if !matches!(page.scheme(), "https" | "http") {
            return Err(BrowserError::NotAWebPage);
        }
        try_launchers(open::commands(page.as_str()), LAUNCH_BUDGET)
    }
}

/// Desktops differ in which launcher they have; the first that does not fail has done it.
fn try_launchers(launchers: Vec<Command>, trying: Duration) -> Result<(), BrowserError> {
    let began = Instant::now();
    let mut failure = BrowserError::NotFound;
    for mut launcher in launchers {
        if began.elapsed() > trying {
            break;
        }
        launcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match launch(launcher) {
            Ok(()) => return Ok(()),
            Err(BrowserError::NotFound) => {}
            Err(why) => failure = why,
        }
    }
    Err(failure)
}

fn launch(mut launcher: Command) -> Result<(), BrowserError> {
    let mut child = launcher.spawn().map_err(|why| {
        if why.kind() == std::io::ErrorKind::NotFound {
            BrowserError::NotFound
        } else {
            BrowserError::Failed(why.kind().to_string())
        }
    })?;
    let (ended, end) = mpsc::channel();
    // Waits for as long as the browser runs, where the launcher becomes the browser.
    thread::spawn(move || ended.send(child.wait()));
    match end.recv_timeout(LAUNCHER_TIMEOUT) {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(BrowserError::Failed(status.to_string())),
        Ok(Err(why)) => Err(BrowserError::Failed(why.kind().to_string())),
        Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: A1, A5
    #[test]
    fn browser_open_of_non_http_scheme_is_rejected() {
        for address in ["file:///etc/passwd", "io.latchkey.desktop://callback", "javascript:1"] {
            let outcome = SystemBrowser.open(&Url::parse(address).unwrap());
            assert_eq!(outcome, Err(BrowserError::NotAWebPage));
        }
    }

    #[cfg(unix)]
    #[test]
    fn browser_first_working_launcher_is_used() {
        let missing = || Command::new("/nowhere/to/be/found");
        let fails = || Command::new("false");
        let works = || Command::new("true");
        let first = |launchers| try_launchers(launchers, LAUNCH_BUDGET);
        assert_eq!(first(vec![missing(), fails(), works()]), Ok(()));
        assert_eq!(first(vec![missing()]), Err(BrowserError::NotFound));
        assert_eq!(first(Vec::new()), Err(BrowserError::NotFound));
        let failed = first(vec![fails(), missing()]);
        assert!(matches!(failed, Err(BrowserError::Failed(_))));
    }

    #[cfg(unix)]
    // req: A7
    #[test]
    fn browser_launchers_are_not_tried_past_launch_budget() {
        let launchers = vec![Command::new("false"), Command::new("true")];
        let outcome = try_launchers(launchers, Duration::ZERO);
        assert!(outcome.is_err(), "the second is not tried after that time");
        assert!(LAUNCH_BUDGET + LAUNCHER_TIMEOUT <= Duration::from_secs(5));
    }

    #[test]
    fn browser_launch_error_display_has_no_url() {
        let failure = BrowserError::Failed("exit status: 3".to_owned());
        assert!(!failure.to_string().contains("http"));
    }
}
