//! The smallest application with `tauri-plugin-scalekit`: one window that shows the user.

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        // First of all plugins: a second process forwards its deep link and exits here.
        .plugin(tauri_plugin_scalekit::init())
        .run(tauri::generate_context!())
}
