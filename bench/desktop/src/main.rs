//! Measures the application on a virtual desktop, with a bare window as the baseline in the same run. Prints each row as
//! JSON; `cargo xtask bench` builds the measured programs, and makes a table of the rows.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod closed;
mod handover;
mod idle_window;
mod page;
mod process_tree;
mod program;
mod screen;
mod start;
mod unresponsive_services;

use std::process::ExitCode;

use anyhow::Result;
use latchkey_bench_row::Row;
use lexopt::prelude::*;

use bench::Bench;

/// Measures a group of rows.
type Group = fn(&Bench) -> Result<Vec<Row>>;

/// The groups by their names on the command line.
const GROUPS: &[(&str, Group)] = &[
    ("start", start::cold),
    ("unresponsive", unresponsive_services::starts),
    ("idle", idle_window::still),
    ("page", page::loading),
    ("second", handover::callbacks),
    ("closed", closed::prototypes),
];

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result<()> {
    let (mut quick, mut words) = (false, Vec::new());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => quick = true,
            Value(word) => words.push(word.string()?),
            option @ (Short(_) | Long(_)) => return Err(option.unexpected().into()),
        }
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let bench = Bench::start(quick).await?;
    for (name, group) in GROUPS.iter().filter(|(name, _)| wanted(name)) {
        eprintln!("  {name}");
        // The environment responds on the other threads meanwhile.
        for row in tokio::task::block_in_place(|| group(&bench))? {
            println!("{}", serde_json::to_string(&row)?);
        }
    }
    Ok(())
}
