//! `cargo xtask simulate`: schedules of faults and crashes around the session machine.

use std::fs;

use anyhow::Result;

use crate::{
    setup::{For, set_up},
    steps::{cargo, program, step, target},
};

/// Plays so many schedules, or the one that is asked for, step by step.
pub fn run(seeds: Option<u64>, seed: Option<u64>) -> Result<()> {
    set_up(&[For::Building])?;
    let package =
        &["build", "--package", "scalekit-simulation", "--profile", "simulate", "--locked"];
    step("Building the simulation", &mut cargo(package))?;
    let folder = target().join("simulate");
    fs::create_dir_all(&folder)?;
    let name = folder.join("scalekit-simulation").with_extension(std::env::consts::EXE_EXTENSION);
    let mut simulation = program(name, &[]);
    if let Some(seeds) = seeds {
        simulation.arg("--seeds").arg(seeds.to_string());
    }
    if let Some(seed) = seed {
        simulation.arg("--seed").arg(seed.to_string());
    }
    simulation.arg("--report").arg(folder.join("report.json"));
    step("Playing the schedules", &mut simulation)
}
