//! Latchkey: the window, the settings, and who this application is. The sign-in itself is
//! `tauri-plugin-scalekit`, used here as any other program would use it.

mod commands;
mod logging;
pub mod settings;
mod settings_file;
#[cfg(test)]
mod stranger;
mod window;

use tauri::{Manager, webview::PageLoadEvent};
use tauri_plugin_scalekit::ScalekitExt;

use settings::FromVariables;
use settings_file::SettingsFile;

/// Runs the application until its window is closed.
///
/// # Errors
/// When the desktop gives no window, or another thing without which there is nothing to show.
pub fn run() -> tauri::Result<()> {
    logging::start();
    tauri::Builder::default()
        .plugin(tauri_plugin_scalekit::init_to_be_configured())
        .invoke_handler(tauri::generate_handler![
            commands::settings,
            commands::check_environment,
            commands::save_settings,
        ])
        .setup(|app| {
            app.manage(SettingsFile::new(app.path().app_config_dir()?));
            app.manage(FromVariables::read());
            app.manage(commands::Limits::default());
            window::open(app)?;
            // Reading a file may take long in a home folder on a network; the window does not wait.
            let app = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                let (_, configuration) = commands::present(&app).await;
                app.scalekit().configure(configuration);
            });
            Ok(())
        })
        // Shown when there is something to see: no white flash in a dark room.
        .on_page_load(|webview, page| {
            if page.event() == PageLoadEvent::Finished {
                let _ = webview.window().show();
            }
        })
        .run(tauri::generate_context!())
}
