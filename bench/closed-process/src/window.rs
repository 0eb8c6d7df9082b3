//! The prototype's window: its title shows the text that the resident process sends, and it ends when it is closed or
//! that process ends.

use std::{
    io::{BufRead, BufReader},
    os::unix::net::UnixStream,
};

use tauri::Manager;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let socket = std::env::args_os().nth(1).ok_or("the socket is not named")?;
    let views = BufReader::new(UnixStream::connect(socket)?);
    tauri::Builder::default()
        .setup(|app| {
            let app = app.handle().clone();
            std::thread::spawn(move || {
                for view in views.lines().map_while(Result::ok) {
                    let view = serde_json::from_str::<serde_json::Value>(&view).unwrap_or_default();
                    let name = view["profile"]["name"].as_str().unwrap_or("Bare window");
                    if let Some(window) = app.get_webview_window("main") {
                        let _ = window.set_title(name);
                    }
                }
                app.exit(0);
            });
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
