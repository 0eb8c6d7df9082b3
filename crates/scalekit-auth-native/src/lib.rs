//! The platform adapters of `scalekit-auth`: HTTP, keychain, browser, clock, and the task that runs a session.
//!
//! [`session`] is the entry point. The crate does not depend on Tauri.

mod browser;
mod clipboard;
mod clock;
mod command_limit;
mod entropy;
mod fail_point;
mod files;
mod hardening;
mod http;
mod instance;
mod keychain;
mod link_argument;
mod lock;
mod loopback;
mod network;
mod picture;
mod runtime;
#[cfg(target_os = "linux")]
mod scheme_handler;
mod self_check;
#[cfg(test)]
mod test_variables;

pub use browser::{Browser, BrowserError, SystemBrowser};
pub use clipboard::{Clipboard, ClipboardError};
pub use clock::now;
pub use command_limit::{CommandLimit, too_often};
pub use entropy::fill as fill_random;
pub use files::Files;
pub use hardening::harden;
pub use http::{HttpClient, Limits, Origin, ProxyLookupError, ProxyResolver};
pub use instance::{
    HandoverError, InstanceDir, InstanceState, Listener, Primary, Role, activation_token,
    claim as claim_instance, hand_over, probe as probe_instance, split_activation_token,
    with_activation_token,
};
pub use keychain::{CredentialStore, Keychain, KeychainError};
pub use link_argument::link_among;
pub use lock::HeldLock;
pub use loopback::{
    ColorScheme, LoopbackOutcome, LoopbackServer, LoopbackText, LoopbackTexts,
    english_loopback_text,
};
pub use runtime::{
    Platform, SendError, Session, SessionTask, SessionTaskPanicked, check_environment, session,
};
#[cfg(target_os = "linux")]
pub use scheme_handler::{Handler as DesktopHandler, of as desktop_handler_of, this_program};
pub use self_check::{SelfCheck, self_check};
