//! The system browser.

use std::{
    io::ErrorKind,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use url::Url;

/// Time within which a launcher can report a failure. One that still runs afterwards has opened a browser.
const LAUNCHER_TIMEOUT: Duration = Duration::from_secs(3);

/// Time within which further launchers are tried. Together with the last one's [`LAUNCHER_TIMEOUT`], a missing
/// browser is reported after five seconds at most.
const LAUNCH_BUDGET: Duration = Duration::from_secs(2);

/// An adapter that opens web pages.
pub trait Browser: Send + Sync {
    /// Opens the page. May block for a few seconds.
    ///
    /// # Errors
    /// When no browser could be opened.
    fn open(&self, page: &Url) -> Result<(), BrowserError>;
}

/// Why no browser was opened. Never contains the page's URL, which holds a `state`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// The URL's scheme is neither `https` nor `http`.
    #[error("Only web pages are opened")]
    NotAWebPage,
    /// No browser is installed, or no launcher that finds the default one.
    #[error("No browser is installed, or none is set as the default")]
    NotFound,
    /// The desktop's launcher could not be started or waited for.
    #[error("The desktop could not open the browser ({0})")]
    Io(ErrorKind),
    /// The desktop's launcher failed.
    #[error("The desktop could not open the browser ({0})")]
    Failed(ExitStatus),
}

/// The user's default browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        // A launcher also opens files and starts the handlers of other schemes.
        if !matches!(page.scheme(), "https" | "http") {
            return Err(BrowserError::NotAWebPage);
        }
        try_launchers(open::commands(page.as_str()), LAUNCH_BUDGET)
    }
}

/// Tries the launchers in order until one succeeds: which are installed depends on the desktop.
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
        if why.kind() == ErrorKind::NotFound {
            BrowserError::NotFound
        } else {
            BrowserError::Io(why.kind())
        }
    })?;
    let (ended, end) = mpsc::channel();
    // Where the launcher becomes the browser, this thread waits until the browser exits.
    thread::spawn(move || ended.send(child.wait()));
    match end.recv_timeout(LAUNCHER_TIMEOUT) {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(BrowserError::Failed(status)),
        Ok(Err(why)) => Err(BrowserError::Io(why.kind())),
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
        let failure = BrowserError::Failed(ExitStatus::default());
        assert!(!failure.to_string().contains("http"));
    }
}
