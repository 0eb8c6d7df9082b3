//! Checks `tauri.conf.json` and generates the permissions of this application's own commands.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands = tauri_build::AppManifest::new().commands(&[
        "settings",
        "check_environment",
        "save_settings",
        "reports",
        "preferences",
        "save_preferences",
        "set_zoom",
        "presence",
        "save_presence",
        "announce",
    ]);
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(commands);
    tauri_build::try_build(attributes)?;
    Ok(())
}
