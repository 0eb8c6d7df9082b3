//! The platform of `scalekit-auth`: HTTP, keychain, browser, clock, and the task that runs a session.
//!
//! [`session`] is the way in. Nothing in here knows Tauri.

mod browser;
mod clock;
mod entropy;
mod fail_point;
mod files;
mod hardening;
mod http;
mod instance;
mod keychain;
mod lock;
mod network;
mod picture;
mod runtime;

pub use browser::{Browser, BrowserError, SystemBrowser};
pub use clock::now;
pub use entropy::fill as fill_random;
pub use files::Files;
pub use hardening::harden;
pub use http::{HttpClient, Limits, Origin, ProxyResolver};
pub use instance::{
    HandoverError, InstanceDir, Listener, Primary, Role, claim as claim_instance, hand_over,
};
pub use keychain::{CredentialStore, Keychain, KeychainError};
pub use lock::HeldLock;
pub use runtime::{
    Platform, SendError, Session, SessionTask, SessionTaskPanicked, check_environment, session,
};
