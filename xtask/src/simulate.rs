//! `cargo xtask simulate`: random schedules of faults and crashes around the state machine, or all orders of
//! events in small configurations.

use std::fs;

use anyhow::Result;

use crate::{
    setup::{For, set_up},
    steps::{cargo, program, step, target},
};

/// The options of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub seeds: Option<u64>,
    pub seed: Option<u64>,
    pub exhaustive: bool,
    pub depth: Option<u64>,
    pub faults: Option<u64>,
}

/// Runs this many schedules, or one of them step by step, or all orders of events.
pub fn run(options: &Options) -> Result<()> {
    set_up(&[For::Building])?;
    let package =
        &["build", "--package", "scalekit-simulation", "--profile", "simulate", "--locked"];
    step("Building the simulation", &mut cargo(package))?;
    let folder = target().join("simulate");
    fs::create_dir_all(&folder)?;
    let name = folder.join("scalekit-simulation").with_extension(std::env::consts::EXE_EXTENSION);
    let mut simulation = program(name, &[]);
    let numbers = [
        ("--seeds", options.seeds),
        ("--seed", options.seed),
        ("--depth", options.depth),
        ("--faults", options.faults),
    ];
    for (name, number) in numbers {
        simulation.args(number.map(|number| format!("{name}={number}")));
    }
    if !options.exhaustive {
        simulation.arg("--report").arg(folder.join("report.json"));
        return step("Playing the schedules", &mut simulation);
    }
    simulation.arg("--exhaustive").arg("--report").arg(folder.join("exhaustive.json"));
    step("Trying all orders of events", &mut simulation)
}
