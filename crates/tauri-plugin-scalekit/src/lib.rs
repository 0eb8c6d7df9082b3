//! tauri-plugin-scalekit
