#![doc = include_str!("../README.md")]
//! ## Secrets and the webview
//!
//! No command returns a secret, neither the plugin's nor one of the application's own. This
//! does not compile, and it would with `SessionView`, which is what may be shown:
//!
//! ```compile_fail
//! #[tauri::command]
//! fn token() -> tauri_plugin_scalekit::Secret { todo!() }
//! let _ = tauri::generate_handler![token] as fn(tauri::ipc::Invoke) -> bool;
//! ```
//!
//! ```no_run
//! #[tauri::command]
//! fn token() -> tauri_plugin_scalekit::SessionView { todo!() }
//! let _ = tauri::generate_handler![token] as fn(tauri::ipc::Invoke) -> bool;
//! ```

#[macro_use]
mod command_names;

#[cfg(target_os = "linux")]
mod activation;
mod arguments;
mod clipboard;
mod command_limits;
mod commands;
mod config;
mod deep_link_config;
mod http;
mod instance;
mod plugin;
#[cfg(target_os = "linux")]
mod proxies;
mod scheme;
mod second_instance;
mod self_check;
mod state;
mod watchers;
mod windows;

pub use arguments::{Arguments, BoundedText, NoArgs, TextTooLong};
pub use config::Config;
pub use deep_link_config::{NoScheme, scheme};
pub use instance::{Instance, claim};
pub use plugin::{Plugin, init, init_configured_at_runtime};
pub use scalekit_auth::{
    BearerChallenge, CheckName, ClaimsError, ClientId, Configuration, ConnectionId, DomainName,
    EnvironmentUrl, Finding, FindingCode, FindingLevel, FindingText, HintError, HostedPage,
    HttpError, HttpResponse, LoginHint, LoopbackPort, LoopbackView, Organization, OrganizationId,
    Parameter, PermissionError, Permissions, Problem, ProblemCode, Profile, RedirectUris,
    RefreshView, Remedy, Secret, SelfCheckReport, SessionView, SignInIntent, SignInRequest,
    SignInRoute, SignInStep, SignOutScope, SignedOutReason, SocialProvider, Stored,
    TokenUnavailable,
};
pub use scalekit_auth_native::{
    ColorScheme, CommandLimit, HandoverError, LoopbackOutcome, LoopbackText, SendError, Session,
    check_environment,
};
pub use self_check::self_check_without_instance;
pub use state::{Scalekit, ScalekitExt};
pub use windows::bring_to_front;
