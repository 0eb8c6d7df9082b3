//! Recovery after a crash of the web process, which draws the page: for lack of memory, through a driver, or
//! killed by a user. It contains nothing of the session.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

#[cfg(any(target_os = "linux", target_os = "macos"))]
use tauri::{Manager, Runtime, WebviewWindow};

#[cfg(any(target_os = "linux", target_os = "macos"))]
use crate::{startup::error::report_beside, texts::languages::MessageBoxTexts};

/// A second crash within this time has a cause that reloading does not remove.
const SHORTLY_AFTER: Duration = Duration::from_secs(60);

/// The reaction to a crash.
#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    LoadAgain,
    ReportFirst,
}

/// The time of the last crash.
#[derive(Debug, Default)]
struct Ends(Mutex<Option<Instant>>);

impl Ends {
    fn one_more(&self, now: Instant) -> Remedy {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        match before {
            Some(before) if now.saturating_duration_since(before) < SHORTLY_AFTER => {
                Remedy::ReportFirst
            }
            Some(_) | None => Remedy::LoadAgain,
        }
    }
}

/// Reloads the page when the web process has crashed. WebView2 does so itself.
///
/// # Errors
/// When the window is closed already.
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
        Remedy::ReportFirst => {
            let window = window.clone();
            let app = window.app_handle().clone();
            let sentence = |texts: &MessageBoxTexts| texts.page_crashed;
            report_beside(&app, sentence, move || load_again(&window));
        }
    }
}

/// Reloads the page. To be called when the web process has crashed.
#[cfg(target_os = "macos")]
pub fn ended<R: Runtime>(window: &WebviewWindow<R>) {
    static ENDS: Ends = Ends(Mutex::new(None));
    let window = window.clone();
    match ENDS.one_more(Instant::now()) {
        Remedy::LoadAgain => load_again(&window),
        Remedy::ReportFirst => {
            let app = window.app_handle().clone();
            let sentence = |texts: &MessageBoxTexts| texts.page_crashed;
            report_beside(&app, sentence, move || load_again(&window));
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
        assert_eq!(ends.one_more(after(59)), Remedy::ReportFirst);
        assert_eq!(ends.one_more(after(70)), Remedy::ReportFirst);
        assert_eq!(ends.one_more(after(130)), Remedy::LoadAgain);
    }
}
