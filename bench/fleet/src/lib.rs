//! The fleet: many desktops, each the real state machine of `scalekit-auth` and nothing else, over a simulated working
//! day, and what of them reaches the environment.

pub mod day;
pub mod desktop;
pub mod environment;
pub mod figures;
pub mod plot;
pub mod queue;
pub mod quiet;
pub mod shards;
pub mod simulation;
pub mod tokens;
