//! A prototype of a closed window: the webview is destroyed, and created again in the same process when the window is
//! opened. The session continues meanwhile in the plugin, as in Latchkey. A line on standard input is a command:
//! `open` or `close`.

use std::io::BufRead;

use tauri::{AppHandle, Manager, RunEvent, WebviewWindowBuilder};
use tauri_plugin_scalekit::{ClientId, Configuration, EnvironmentUrl, RedirectUris, ScalekitExt};

// As in Latchkey: freed memory is wiped, which takes time.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let configuration = Configuration::new(
        EnvironmentUrl::parse(&std::env::var("SCALEKIT_ENVIRONMENT_URL")?)?,
        ClientId::parse(&std::env::var("SCALEKIT_CLIENT_ID")?)?,
        RedirectUris::with_scheme("io.latchkey.desktop")?,
    );
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_scalekit::init_configured_at_runtime())
        .setup(|app| {
            app.scalekit().configure(Some(configuration));
            let app = app.handle().clone();
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                    let here = app.clone();
                    let _ = app.run_on_main_thread(move || obey(&here, &line));
                }
            });
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(|_, event| {
        // The process continues after its last window is closed.
        if let RunEvent::ExitRequested { api, code: None, .. } = event {
            api.prevent_exit();
        }
    });
    Ok(())
}

fn obey(app: &AppHandle, command: &str) {
    let done = match (command, app.get_webview_window("main")) {
        ("close", Some(window)) => window.destroy(),
        ("open", None) => {
            let windows = app.config().app.windows.first();
            let window = windows.ok_or(tauri::Error::WindowNotFound);
            window
                .and_then(|window| WebviewWindowBuilder::from_config(app, window))
                .and_then(WebviewWindowBuilder::build)
                .map(drop)
        }
        _ => Ok(()),
    };
    if done.is_err() {
        app.exit(1);
    }
}
