//! A Tauri window with a static page, of the same versions and the same profile as Latchkey: what starts, weighs
//! and works less than this cannot be had with the toolkit.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())
}
