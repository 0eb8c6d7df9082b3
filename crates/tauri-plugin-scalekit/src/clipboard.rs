//! The clipboard through the application's own window, with Tauri and GTK; otherwise
//! [`Clipboard`](scalekit_auth_native::Clipboard) is used.

use tauri::{AppHandle, Runtime};
use zeroize::Zeroizing;

/// Copies the text through the application's own window; returns whether it did. On Wayland a client may copy only
/// from a window with the keyboard's focus. Not every compositor has the protocol that needs no window
/// (data-control), and without it the text would have to go through an X server.
#[cfg(target_os = "linux")]
pub async fn by_window<R: Runtime>(app: &AppHandle<R>, text: &str) -> bool {
    let (done, copied) = tokio::sync::oneshot::channel();
    let (on_it, text) = (app.clone(), text.to_owned());
    let queued = app.run_on_main_thread(move || {
        let is_copied = crate::windows::one_has_focus(&on_it) && on_wayland(&text);
        let _ = done.send(is_copied);
    });
    queued.is_ok() && copied.await.unwrap_or(false)
}

/// For the main thread. False where GTK is not initialized, or the display is not Wayland.
#[cfg(target_os = "linux")]
fn on_wayland(text: &str) -> bool {
    let clipboard = of_wayland();
    if let Some(clipboard) = &clipboard {
        clipboard.set_text(text);
    }
    clipboard.is_some()
}

/// For the main thread.
#[cfg(target_os = "linux")]
fn of_wayland() -> Option<gtk::Clipboard> {
    use gtk::gdk::{self, prelude::DisplayExtManual};
    if !gtk::is_initialized_main_thread() {
        return None;
    }
    let display = gdk::Display::default().filter(|display| display.backend().is_wayland())?;
    gtk::Clipboard::default(&display)
}

/// The clipboard's text through the application's own window; none where another way is needed.
#[cfg(target_os = "linux")]
pub async fn of_window<R: Runtime>(app: &AppHandle<R>) -> Option<Zeroizing<String>> {
    let (done, pasted) = tokio::sync::oneshot::channel();
    let on_it = app.clone();
    app.run_on_main_thread(move || {
        if !crate::windows::one_has_focus(&on_it) {
            return;
        }
        if let Some(clipboard) = of_wayland() {
            // The owner of the text is another process, which may respond late.
            clipboard.request_text(move |_, text| {
                let text = text.unwrap_or_default().to_owned();
                let _ = done.send(Zeroizing::new(text));
            });
        }
    })
    .ok()?;
    pasted.await.ok()
}

#[cfg(not(target_os = "linux"))]
pub async fn of_window<R: Runtime>(_: &AppHandle<R>) -> Option<Zeroizing<String>> {
    None
}

#[cfg(not(target_os = "linux"))]
pub async fn by_window<R: Runtime>(_: &AppHandle<R>, _: &str) -> bool {
    false
}
