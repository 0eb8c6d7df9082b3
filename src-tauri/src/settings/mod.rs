//! The settings: their sources, the order of these, and the configuration that results.

mod chosen;
pub mod file;
pub mod policy_file;
pub mod read_order;
mod sign_in;
mod values;

pub use chosen::{Application, CheckedEnvironment, Settings, Sources, locked, resolve, validated};
pub use values::{CommandLineRoute, ConnectionSettings, EnvSettings};
