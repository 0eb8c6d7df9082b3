//! The fleet: many desktops, each with the real state machine of `scalekit-auth` only, over a simulated working day, and
//! the requests that reach the environment.

pub mod day;
pub mod desktop;
pub mod environment;
pub mod figures;
pub mod outage;
pub mod plot;
pub mod queue;
pub mod shards;
pub mod simulation;
pub mod tokens;
