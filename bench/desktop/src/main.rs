//! Measures the application on a virtual desktop, beside a bare window in the same run. Prints a row of JSON for each
//! figure; `cargo xtask bench` builds what is measured, and makes a table of them.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod closed;
mod handover;
mod mute;
mod page;
mod process_tree;
mod program;
mod screen;
mod standing;
mod start;

use std::process::ExitCode;

use anyhow::Result;
use latchkey_bench_row::Row;
use lexopt::prelude::*;

use bench::Bench;

/// Measures some rows that belong together.
type Group = fn(&Bench) -> Result<Vec<Row>>;

/// What can be measured, by the word that asks for it.
const GROUPS: &[(&str, Group)] = &[
    ("start", start::cold),
    ("mute", mute::starts),
    ("still", standing::still),
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
        // The environment answers on the other threads meanwhile.
        for row in tokio::task::block_in_place(|| group(&bench))? {
            println!("{}", serde_json::to_string(&row)?);
        }
    }
    Ok(())
}
