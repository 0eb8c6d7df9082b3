//! Deterministic simulation of the session machine: the real machine in two processes, and a model of
//! everything around it that can go wrong. A schedule is a number; the same number plays the same
//! schedule to the last step.
//!
//! [`run`] plays one. After every step rules are checked that no schedule may break.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a model names what it treats in a way of its own"
)]

mod coverage;
mod device;
mod events;
pub mod exhaustive;
mod hour;
mod plan;
mod rates;
mod rules;
mod server;
mod settings;
mod signing;
mod tokens;
mod world;

pub use coverage::Coverage;
pub use hour::{Disturbance, Hour, Mode};
pub use plan::{Machines, Outcome, run};
pub use rules::{Judged, Rule};
pub use signing::SigningKey;
