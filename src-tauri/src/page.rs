//! The process that draws the page can die: of too little memory, of a driver, by a user's hand. The
//! session is not in it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tauri::{Runtime, WebviewWindow};

/// A second end within this time has a cause that loading once more does not mend.
const SHORTLY_AFTER: Duration = Duration::from_secs(60);

/// What the user reads then.
const ENDED_AGAIN: &str = "The part of Latchkey that draws its window has stopped twice within a minute. You stay signed in, and your session goes on. Close this message to load the window once more; if it stops again, end other programs, which may need too much memory, or restart the computer.";

/// What is done about an end.
#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    LoadAgain,
    TellFirst,
}

/// When the process has ended last.
#[derive(Debug, Default)]
struct Ends(Mutex<Option<Instant>>);

impl Ends {
    fn one_more(&self, now: Instant) -> Remedy {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        match before {
            Some(before) if now.saturating_duration_since(before) < SHORTLY_AFTER => {
                Remedy::TellFirst
            }
            Some(_) | None => Remedy::LoadAgain,
        }
    }
}

/// Loads the page again when its process has died. WebView2 does so by itself.
///
/// # Errors
/// When the window is gone already.
#[cfg(target_os = "linux")]
pub fn outlive<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;
    let (ends, on_end) = (Ends::default(), window.clone());
    window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |_, why| {
            tracing::warn!(?why, "the process that draws the page has ended");
            ended(&on_end, ends.one_more(Instant::now()));
        });
    })
}

#[cfg(target_os = "linux")]
fn ended<R: Runtime>(window: &WebviewWindow<R>, remedy: Remedy) {
    match remedy {
        Remedy::LoadAgain => load_again(window),
        Remedy::TellFirst => {
            let window = window.clone();
            crate::startup_error::report_beside(ENDED_AGAIN, move || load_again(&window));
        }
    }
}

/// Loads the page again when its process has died. To be called when that has happened.
#[cfg(target_os = "macos")]
pub fn ended<R: Runtime>(window: &WebviewWindow<R>) {
    static ENDS: Ends = Ends(Mutex::new(None));
    let window = window.clone();
    match ENDS.one_more(Instant::now()) {
        Remedy::LoadAgain => load_again(&window),
        Remedy::TellFirst => {
            crate::startup_error::report_beside(ENDED_AGAIN, move || load_again(&window));
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn load_again<R: Runtime>(window: &WebviewWindow<R>) {
    if let Err(why) = window.reload() {
        tracing::warn!(%why, "the page could not be loaded again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: X27
    #[test]
    fn second_webview_crash_in_60s_is_shown_before_reload() {
        let (ends, first) = (Ends::default(), Instant::now());
        let after = |seconds| first + Duration::from_secs(seconds);
        assert_eq!(ends.one_more(first), Remedy::LoadAgain);
        assert_eq!(ends.one_more(after(59)), Remedy::TellFirst);
        assert_eq!(ends.one_more(after(70)), Remedy::TellFirst);
        assert_eq!(ends.one_more(after(130)), Remedy::LoadAgain);
    }
}
