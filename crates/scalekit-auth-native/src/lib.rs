//! The platform adapters of `scalekit-auth`: HTTP, keychain, browser, clock, single instance, custom scheme, and the
//! task that runs a session.
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
mod private_folder;
mod runtime;
mod scheme;
mod self_check;
mod start_arguments;
#[cfg(test)]
mod test_variables;

pub use browser::{Browser, BrowserError, SystemBrowser};
pub use clipboard::{Clipboard, ClipboardError};
pub use clock::now;
pub use command_limit::{CommandLimit, too_often};
pub use files::Files;
pub use hardening::harden;
pub use http::{HttpClient, Limits, Origin, ProxyLookupError, ProxyResolver};
pub use instance::{
    HandoverError, InstanceDir, Listener, Primary, Role, claim as claim_instance, hand_over,
    split_activation_token,
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
pub use scheme::{
    CheckedScheme, ProbeLink, ProbeReceipts, SchemeCheck, SchemeProbe, record_late_arrival,
};
#[cfg(target_os = "linux")]
pub use scheme::{Registered, Registration, this_program};
pub use self_check::{SelfCheck, instance_finding, instance_finding_of_primary, self_check};
pub use start_arguments::StartArguments;
