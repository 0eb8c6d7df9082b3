//! Copying by the application's own window, which needs Tauri and GTK; otherwise
//! [`Clipboard`](scalekit_auth_native::Clipboard) copies.

use tauri::{AppHandle, Runtime};

/// Copies the text by the application's own window, and says whether that was the way. On Wayland a program may
/// copy only from a window with the keyboard's focus. The protocol that spares it the window (data-control) is not
/// there with every compositor, and without it the text would have to go through an X server.
#[cfg(target_os = "linux")]
pub async fn by_window<R: Runtime>(app: &AppHandle<R>, text: &str) -> bool {
    let (done, copied) = tokio::sync::oneshot::channel();
    let (on_it, text) = (app.clone(), text.to_owned());
    let asked = app.run_on_main_thread(move || {
        let is_copied = crate::windows::one_has_focus(&on_it) && on_wayland(&text);
        let _ = done.send(is_copied);
    });
    asked.is_ok() && copied.await.unwrap_or(false)
}

/// For the main thread. False where GTK is not there, or there is an X server.
#[cfg(target_os = "linux")]
fn on_wayland(text: &str) -> bool {
    use gtk::gdk::{self, prelude::DisplayExtManual};
    if !gtk::is_initialized_main_thread() {
        return false;
    }
    let display = gdk::Display::default().filter(|display| display.backend().is_wayland());
    let Some(clipboard) = display.and_then(|display| gtk::Clipboard::default(&display)) else {
        return false;
    };
    clipboard.set_text(text);
    true
}

#[cfg(not(target_os = "linux"))]
pub async fn by_window<R: Runtime>(_: &AppHandle<R>, _: &str) -> bool {
    false
}
