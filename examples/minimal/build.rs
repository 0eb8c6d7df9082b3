//! Checks `tauri.conf.json` and collects the permissions of the plugins.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tauri_build::try_build(tauri_build::Attributes::new())?;
    Ok(())
}
