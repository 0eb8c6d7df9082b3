//! The platform of `scalekit-auth`: HTTP, keychain, browser, clock, and the task that runs a session.
//!
//! [`runtime::session`] is the way in. Nothing in here knows Tauri.

pub mod browser;
pub mod clock;
pub mod entropy;
mod fail_point;
pub mod files;
pub mod hardening;
pub mod http;
pub mod instance;
pub mod keychain;
pub mod lock;
mod network;
pub mod picture;
pub mod runtime;
