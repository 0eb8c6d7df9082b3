//! The application's custom scheme: its registration with the desktop, the program that handles it, and the proof by
//! a link that it is this application.

mod check;
#[cfg(target_os = "linux")]
mod handler;
mod probe;
#[cfg(target_os = "linux")]
mod registration;

pub use check::{CheckedScheme, record_late_arrival};
#[cfg(target_os = "linux")]
pub use handler::this_program;
pub use probe::{ProbeLink, ProbeReceipts, SchemeCheck, SchemeProbe};
pub(crate) use probe::{is_probe_link, unexpected_probe_link};
#[cfg(target_os = "linux")]
pub use registration::{Registered, Registration};
