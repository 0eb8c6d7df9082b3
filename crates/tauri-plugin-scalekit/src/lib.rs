//! Sign-in with Scalekit for Tauri applications.
//!
//! One line in the builder:
//!
//! ```no_run
//! tauri::Builder::default().plugin(tauri_plugin_scalekit::init::<tauri::Wry>());
//! ```
//!
//! and in `tauri.conf.json` the application's own scheme and the environment. (An application that
//! knows its environment only at run time starts with [`init_to_be_configured`].)
//!
//! ```json
//! "plugins": {
//!   "scalekit": { "environmentUrl": "https://acme.scalekit.com", "clientId": "ntvc_…" },
//!   "deep-link": { "desktop": { "schemes": ["com.example.tool"] } }
//! }
//! ```
//!
//! No command gives a secret away, neither the plugin's nor one of the application's own. This
//! does not compile, and it would with `SessionView`, which is what may be shown:
//!
//! ```compile_fail
//! #[tauri::command]
//! fn token() -> scalekit_auth::secret::Secret { todo!() }
//! let _ = tauri::generate_handler![token] as fn(tauri::ipc::Invoke) -> bool;
//! ```
//!
//! ```no_run
//! #[tauri::command]
//! fn token() -> scalekit_auth::view::SessionView { todo!() }
//! let _ = tauri::generate_handler![token] as fn(tauri::ipc::Invoke) -> bool;
//! ```
//!
//! The capability of the window needs `scalekit:default` and nothing else: views reach the webview
//! over a channel that it opened itself, and links are taken in Rust only. The plugin brings
//! `tauri-plugin-deep-link` with it; its commands are not reachable from any webview. It must be the
//! first plugin of the builder, because a second process of the application hands its link over and
//! ends there; nothing else is needed for that. [`claim`] does the same earlier, for an application that
//! wants to say so itself when the first process does not answer.

mod arguments;
mod clipboard;
mod commands;
mod config;
#[cfg(target_os = "linux")]
mod handler;
mod instance;
mod limit;
mod links;
mod plugin;
mod proof;
#[cfg(target_os = "linux")]
mod proxies;
#[cfg(target_os = "linux")]
mod registration;
mod scheme;
mod watchers;
mod windows;

pub use arguments::{Arguments, Nothing, Text};
pub use config::Config;
pub use instance::{Instance, claim};
pub use limit::Limit;
pub use plugin::{Plugin, Scalekit, ScalekitExt, init, init_to_be_configured};
pub use scalekit_auth_native::instance::NotHandedOver;
