//! Deterministic simulation of the session machine: the real machine in two processes, and a model of its
//! environment with fault injection. A schedule is determined by a number.
//!
//! [`run`] runs one. After every step it checks rules that must hold in all schedules.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a model names what it treats in a way of its own"
)]

mod coverage;
mod device;
mod events;
pub mod exhaustive;
mod invariants;
mod persistent_fault;
mod plan;
mod rates;
mod server;
mod settings;
mod signing;
mod tokens;
mod transitions;
mod world;

pub use coverage::Coverage;
pub use events::EVENTS;
pub use invariants::{Checks, Invariant};
pub use persistent_fault::{Disturbance, Hour, Mode};
pub use plan::{Machines, Outcome, run};
pub use signing::SigningKey;
pub use transitions::{Diagram, Transition, Transitions};
