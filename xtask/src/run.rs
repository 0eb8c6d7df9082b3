//! `cargo xtask run`: builds and runs the application with its own settings and the caller's variables.

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
