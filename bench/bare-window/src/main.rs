//! A Tauri window with a static page, with the versions and the profile of Latchkey: the minimum of start time, memory
//! and processor time that the toolkit permits.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())
}
