//! The only window. It shows the application's own pages, and permits no other window and no download.

#[cfg(target_os = "linux")]
pub mod announcements;
pub mod webview_crash;
#[cfg(test)]
mod webview_hardening;

use std::time::Duration;

use tauri::{
    App, Manager, Monitor, PhysicalPosition, Runtime, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
    utils::config::{Color, WindowConfig},
    webview::NewWindowResponse,
};
use tauri_plugin_scalekit::ScalekitExt;
use url::Url;

use crate::preferences::{
    Theme,
    file::{Debounce, PreferencesFile},
    placement::{Placement, Screen, Sizes},
};

/// How long the window waits for the preferences, which a directory on a network may not deliver.
const PREFERENCES_TIMEOUT: Duration = Duration::from_millis(300);

/// How long the window must be unchanged before its placement is stored.
const REST: Duration = Duration::from_millis(500);

/// Opens the window that `tauri.conf.json` describes and does not create itself, with the stored placement and
/// preferences, if they are read in time; visible at once or later.
///
/// # Errors
/// When the window cannot be created.
pub fn open<R: Runtime>(app: &App<R>, visible: bool) -> tauri::Result<WebviewWindow<R>> {
    let config = app.config();
    let pages = NavigationPolicy::new(config.build.dev_url.clone().filter(|_| tauri::is_dev()));
    let [window] = config.app.windows.as_slice() else {
        return Err(tauri::Error::WindowNotFound);
    };
    let file = app.state::<PreferencesFile>().inner().clone();
    let is_read = file.wait_until_read(Some(PREFERENCES_TIMEOUT));
    let mut placement = file.placement();
    if !has_window_positions() {
        placement.corner = None;
    }
    let opening = placement.opening(&screens(app), sizes(window));
    let mut builder = WebviewWindowBuilder::from_config(app.handle(), window)?
        .visible(visible)
        .inner_size(opening.size.0, opening.size.1)
        .maximized(opening.maximized)
        .background_color(ground(app, file.preferences().theme))
        // Called before any link, form, redirect or script is followed, in every frame.
        .on_navigation(move |address| pages.hold(address))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false);
    if let Some((x, y)) = opening.logical_corner() {
        builder = builder.position(x, y);
    }
    let window = builder.build()?;
    if let Some((x, y)) = opening.corner {
        window.set_position(PhysicalPosition::new(x, y))?;
    }
    apply_preferences(&window, &file);
    if !is_read {
        tracing::warn!("the preferences were not read in time");
        apply_when_read(&window, &file);
    }
    remember_placement(&window, file);
    Ok(window)
}

const GROUND_LIGHT: Color = Color(0xf5, 0xf6, 0xf4, 0xff);
const GROUND_DARK: Color = Color(0x13, 0x17, 0x16, 0xff);

/// The page's background (`--ground` in `ui/src/app.css`), which the window has until the page is drawn, to avoid a
/// white flash.
fn ground<R: Runtime>(app: &App<R>, theme: Theme) -> Color {
    if is_dark(app, theme) { GROUND_DARK } else { GROUND_LIGHT }
}

#[cfg(target_os = "linux")]
fn is_dark<R: Runtime>(app: &App<R>, theme: Theme) -> bool {
    app.state::<crate::desktop::ColourScheme>().is_dark(theme)
}

/// On the other systems the window follows the system's colours by itself.
#[cfg(not(target_os = "linux"))]
fn is_dark<R: Runtime>(_: &App<R>, theme: Theme) -> bool {
    matches!(theme, Theme::Dark)
}

/// Applies the preferences that are current when the main thread runs this: of two concurrent changes, the later one
/// stays.
pub fn apply_preferences<R: Runtime>(window: &WebviewWindow<R>, file: &PreferencesFile) {
    let (on_main, file) = (window.clone(), file.clone());
    let posted = window.run_on_main_thread(move || {
        let preferences = file.preferences();
        let applied = apply_theme(&on_main, preferences.theme);
        if let Err(why) = applied.and_then(|()| on_main.set_zoom(preferences.zoom)) {
            tracing::warn!(%why, "the preferences could not be applied");
        }
    });
    if let Err(why) = posted {
        tracing::debug!(%why, "there is no window for the preferences");
    }
}

/// Tauri's own implementation treats the system's theme as light on Linux.
#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "the other platforms can fail")]
fn apply_theme<R: Runtime>(window: &WebviewWindow<R>, theme: Theme) -> tauri::Result<()> {
    window.state::<crate::desktop::ColourScheme>().choose(theme);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn apply_theme<R: Runtime>(window: &WebviewWindow<R>, theme: Theme) -> tauri::Result<()> {
    window.set_theme(match theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    })
}

/// Applies the preferences when they have been read. The window is not moved any more.
fn apply_when_read<R: Runtime>(window: &WebviewWindow<R>, file: &PreferencesFile) {
    let (window, file) = (window.clone(), file.clone());
    std::thread::spawn(move || {
        if file.wait_until_read(None) {
            apply_preferences(&window, &file);
        }
    });
}

/// Stores the window's placement when it has not changed for [`REST`], and when it is closed.
fn remember_placement<R: Runtime>(window: &WebviewWindow<R>, file: PreferencesFile) {
    let (rests, at_rest) = (window.clone(), file.clone());
    let debounce = Debounce::new(REST, move || {
        let (window, file) = (rests.clone(), at_rest.clone());
        let _ = rests.run_on_main_thread(move || remember(&window, &file));
    });
    let closes = window.clone();
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events change no place")]
    window.on_window_event(move |event| match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) => debounce.happened(),
        WindowEvent::CloseRequested { api, .. } => {
            remember(&closes, &file);
            if file.preferences().close_to_tray && has_tray(&closes) {
                api.prevent_close();
                hide(&closes);
            }
        }
        WindowEvent::Focused(in_front) => focused(&closes, *in_front),
        _ => {}
    });
}

/// Hides the window. The tray shows it again, and so does another start.
fn hide<R: Runtime>(window: &WebviewWindow<R>) {
    if let Err(why) = window.hide() {
        tracing::warn!(%why, "the window could not be hidden");
    }
    focused(window, false);
    window.scalekit().session().in_use(false);
}

#[cfg(target_os = "linux")]
fn has_tray<R: Runtime>(window: &WebviewWindow<R>) -> bool {
    window.state::<crate::presence::task::Presence>().has_tray()
}

#[cfg(not(target_os = "linux"))]
fn has_tray<R: Runtime>(_: &WebviewWindow<R>) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn focused<R: Runtime>(window: &WebviewWindow<R>, in_front: bool) {
    window.state::<crate::presence::task::Presence>().focused(in_front);
}

#[cfg(not(target_os = "linux"))]
fn focused<R: Runtime>(_: &WebviewWindow<R>, _: bool) {}

fn remember<R: Runtime>(window: &WebviewWindow<R>, file: &PreferencesFile) {
    match placement(window) {
        Ok(Some(placement)) => file.place(&placement),
        Ok(None) => {}
        Err(why) => tracing::debug!(%why, "the window does not report its position"),
    }
}

/// The window's placement; none in a state in which it should not be opened again.
fn placement<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<Option<Placement>> {
    if !window.is_visible()? || window.is_minimized()? || window.is_fullscreen()? {
        return Ok(None);
    }
    if window.is_maximized()? {
        return Ok(Some(Placement { maximized: true, ..Placement::default() }));
    }
    let corner = if has_window_positions() { Some(window.outer_position()?.into()) } else { None };
    Ok(Some(Placement { size: Some(content_size(window)?), corner, maximized: false }))
}

/// The size of the content in logical pixels. Where GTK draws the frame, as on Wayland, Tauri's size includes it, and
/// the window would grow with each start.
#[cfg(target_os = "linux")]
fn content_size<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<(f64, f64)> {
    let (width, height) = gtk::prelude::GtkWindowExt::size(&window.gtk_window()?);
    Ok((width.into(), height.into()))
}

#[cfg(not(target_os = "linux"))]
fn content_size<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<(f64, f64)> {
    let size = window.inner_size()?.to_logical(window.scale_factor()?);
    Ok((size.width, size.height))
}

/// Whether the desktop lets a window's position be read and set.
fn has_window_positions() -> bool {
    #[cfg(target_os = "linux")]
    let has_positions = crate::desktop::has_window_positions();
    #[cfg(not(target_os = "linux"))]
    let has_positions = true;
    has_positions
}

/// The current screens, the primary one first.
fn screens<R: Runtime>(app: &App<R>) -> Vec<Screen> {
    let main = app.primary_monitor().ok().flatten();
    let others = app.available_monitors().unwrap_or_default();
    main.iter().chain(&others).map(screen).collect()
}

fn screen(monitor: &Monitor) -> Screen {
    let area = monitor.work_area();
    Screen { corner: area.position.into(), size: area.size.into(), scale: monitor.scale_factor() }
}

fn sizes(window: &WindowConfig) -> Sizes {
    Sizes {
        usual: (window.width, window.height),
        minimum: (window.min_width.unwrap_or_default(), window.min_height.unwrap_or_default()),
    }
}

/// The origins of the application's own pages. RFC 8252 §8.12: the provider's pages are opened in the browser.
#[derive(Debug, Clone)]
struct NavigationPolicy {
    /// The development server, in a development build.
    dev: Option<Url>,
}

impl NavigationPolicy {
    fn new(dev: Option<Url>) -> Self {
        Self { dev }
    }

    /// Compares scheme, complete host and port: `tauri.localhost.evil.example` and `app.evil.com` are other
    /// origins (CVE-2026-42184).
    fn hold(&self, address: &Url) -> bool {
        let is_bare_origin = address.username().is_empty() && address.password().is_none();
        let is_bundled = if cfg!(windows) {
            matches!(address.scheme(), "http" | "https")
                && address.host_str() == Some("tauri.localhost")
                && address.port().is_none()
        } else {
            address.scheme() == "tauri"
                && address.host_str() == Some("localhost")
                && address.port().is_none()
        };
        // The origin of a `blob:` URL is that of the URL in it.
        let is_dev = self.dev.as_ref().is_some_and(|dev| {
            dev.scheme() == address.scheme() && dev.origin() == address.origin()
        });
        is_bare_origin && (is_bundled || is_dev)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_ground_is_that_of_the_page() {
        let css = include_str!("../../../ui/src/app.css");
        let grounds: Vec<&str> =
            css.lines().filter_map(|line| line.trim().strip_prefix("--ground: ")).collect();
        let ours = [GROUND_LIGHT, GROUND_DARK]
            .map(|Color(red, green, blue, _)| format!("#{red:02x}{green:02x}{blue:02x};"));
        assert_eq!(grounds, ours);
    }

    fn holds(dev: Option<&str>, address: &str) -> bool {
        NavigationPolicy::new(dev.map(|dev| dev.parse().unwrap())).hold(&address.parse().unwrap())
    }

    // req: A1, I7
    #[test]
    fn webview_navigation_to_own_pages_is_allowed() {
        let bundled = if cfg!(windows) { "http://tauri.localhost/" } else { "tauri://localhost/" };
        assert!(holds(None, bundled));
        assert!(holds(None, &format!("{bundled}index.html")));
        assert!(holds(Some("http://127.0.0.1:1420"), "http://127.0.0.1:1420/src/main.ts"));
    }

    // req: A1, I7
    #[test]
    fn webview_navigation_elsewhere_is_rejected() {
        for address in [
            "http://app.evil.com/",
            "https://tauri.localhost.evil.example/",
            "https://acme.scalekit.com/oauth/authorize?client_id=skc_1",
            "http://localhost/",
            "http://127.0.0.1:1420/",
            "tauri://localhost:1/",
            "tauri://localhost.evil.example/",
            "tauri://user@localhost/",
            "ipc://localhost/plugin:scalekit%7Csign_out",
            "asset://localhost/etc/passwd",
            "file:///etc/passwd",
            "data:text/html,<script>1</script>",
            "blob:tauri://localhost/1",
            "about:blank",
            "about:srcdoc",
            "javascript:alert(1)",
            "io.latchkey.desktop://callback?code=1",
        ] {
            assert!(!holds(None, address), "{address}");
        }
        for address in [
            "http://127.0.0.1:1421/",
            "https://127.0.0.1:1420/",
            "http://localhost:1420/",
            "blob:http://127.0.0.1:1420/1",
        ] {
            assert!(!holds(Some("http://127.0.0.1:1420"), address), "{address}");
        }
    }
}
