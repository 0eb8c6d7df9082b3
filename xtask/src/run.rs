//! `cargo xtask run`: the application as its user gets it, with the variables of the caller.

use anyhow::Result;

use crate::{
    demo::{LATCHKEY, build},
    setup::{For, set_up},
    steps::{built, program, step},
};

/// Runs it until it is closed.
pub fn run() -> Result<()> {
    set_up(&[For::Building])?;
    build(&[LATCHKEY])?;
    step("The application", &mut program(built("latchkey"), &[]))
}
