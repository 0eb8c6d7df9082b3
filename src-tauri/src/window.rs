//! The one window. It shows the application's own pages, opens no other, and saves nothing.

use tauri::{App, Runtime, WebviewWindow, WebviewWindowBuilder, webview::NewWindowResponse};
use url::Url;

/// Opens the window that `tauri.conf.json` describes and does not create itself.
///
/// # Errors
/// When the desktop gives no window.
pub fn open<R: Runtime>(app: &App<R>) -> tauri::Result<WebviewWindow<R>> {
    let config = app.config();
    let pages = NavigationPolicy::new(config.build.dev_url.clone().filter(|_| tauri::is_dev()));
    let [window] = config.app.windows.as_slice() else {
        return Err(tauri::Error::WindowNotFound);
    };
    WebviewWindowBuilder::from_config(app.handle(), window)?
        // Tauri itself asks before it follows any link, form, redirect or script, in every frame.
        .on_navigation(move |address| pages.hold(address))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()
}

/// Where the application's own pages are. RFC 8252 §8.12: the environment's are for the browser.
#[derive(Debug, Clone)]
struct NavigationPolicy {
    /// The development server, in a build that is made for one.
    dev: Option<Url>,
}

impl NavigationPolicy {
    fn new(dev: Option<Url>) -> Self {
        Self { dev }
    }

    /// By scheme, whole host and port: `tauri.localhost.evil.example` and `app.evil.com` are somebody
    /// else's (CVE-2026-42184).
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
        // The origin of a `blob:` address is that of the address in it.
        let is_dev = self.dev.as_ref().is_some_and(|dev| {
            dev.scheme() == address.scheme() && dev.origin() == address.origin()
        });
        is_bare_origin && (is_bundled || is_dev)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
