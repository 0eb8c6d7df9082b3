//! Measures the session without a window, and prints each row as JSON.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod alternating;
mod program;
mod rows;

use std::{io::Write, process::ExitCode};

use alternating::Effort;
use anyhow::{Result, ensure};
use latchkey_bench_row::Row;
use lexopt::prelude::*;
use rows::{access_token, callers, offline, sign_in, verify};

/// The application's allocator, so that its cost is included; the inner one counts allocated bytes.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<peak_alloc::PeakAlloc> =
    zeroizing_alloc::ZeroAlloc(peak_alloc::PeakAlloc);

/// The number of allocated bytes.
fn allocated() -> usize {
    MEMORY.0.current_usage()
}

const HELP: &str = "\
Measures the session without a window, and prints a row for each figure, as JSON.

  <name>     measures this row alone, or those whose names begin so; may be repeated
  --quick    fewer runs
  --list     prints the names
";

/// The names of all rows, or their prefixes.
const NAMES: &[&str] = &[
    verify::NAME,
    access_token::ONE,
    access_token::MANY,
    access_token::KEYCHAIN,
    callers::NAME,
    sign_in::FIRST,
    sign_in::LATER,
    offline::NO_NETWORK,
    offline::NO_SERVICE,
];

struct Options {
    names: Vec<String>,
    quick: bool,
    client: Option<(String, String, usize)>,
}

impl Options {
    fn selects(&self, row: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| row.starts_with(name.as_str()))
    }
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some((environment, client_id, sign_ins)) = &options.client {
        return runtime.block_on(sign_in::play_client(environment, client_id, *sign_ins));
    }
    let known = |name: &String| NAMES.iter().any(|row| row.starts_with(name.as_str()));
    let unknown = options.names.iter().find(|name| !known(name));
    ensure!(unknown.is_none(), "there is no row {unknown:?}; --list names them");
    let selects = |row: &str| options.selects(row);
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    let few = if options.quick { 1 } else { 5 };
    if selects(verify::NAME) {
        print(&verify::rows(effort)?)?;
    }
    if [access_token::ONE, access_token::MANY, access_token::KEYCHAIN].into_iter().any(selects) {
        print(&runtime.block_on(access_token::rows(effort, selects))?)?;
    }
    if selects(callers::NAME) {
        print(&runtime.block_on(callers::rows(few))?)?;
    }
    if selects(sign_in::FIRST) || selects(sign_in::LATER) {
        print(&runtime.block_on(sign_in::rows(few * 2 + 1))?)?;
    }
    if selects(offline::NO_NETWORK) || selects(offline::NO_SERVICE) {
        print(&offline::rows()?)?;
    }
    Ok(())
}

fn print(rows: &[Row]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for row in rows {
        writeln!(out, "{}", serde_json::to_string(row)?)?;
    }
    Ok(())
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options { names: Vec::new(), quick: false, client: None };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => options.quick = true,
            // Internal: one client of the sign-in rows, started by this program.
            Long("client") => {
                let mut text = || arguments.value().and_then(|value| value.string());
                let (environment, client_id, sign_ins) = (text()?, text()?, text()?);
                let sign_ins = sign_ins.parse().map_err(|_| "not a number")?;
                options.client = Some((environment, client_id, sign_ins));
            }
            Long("list") => {
                NAMES.iter().for_each(|name| println!("{name}"));
                return Ok(None);
            }
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(None);
            }
            Value(name) => options.names.push(name.string()?),
            Long(_) | Short(_) => return Err(argument.unexpected()),
        }
    }
    Ok(Some(options))
}
