//! The project's commands. Each does all of its set-up itself.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bundle;
mod demo;
mod dev;
mod fuzz;
mod ledger;
mod setup;
mod simulate;
mod steps;
mod supply;
mod test;
mod weaken;

use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::*;

const HELP: &str = "\
cargo xtask <command>

  demo [--unattended]   run the application against an environment on this machine;
                        unattended, a script plays the person on a virtual desktop
  test [part ...]       run every test, or only these parts of it:
                        format, ui, lint, rust, supply, application, ledger; and, only
                        when it is named, chaos: the full dose of killed processes
  dev                   run the application with hot reload
  simulate [--seeds <number>] [--seed <number>]
                        play schedules of faults and crashes around the session;
                        one seed alone is played step by step
  simulate --exhaustive [--depth <number>] [--faults <number>]
                        try all orders of events in small worlds instead; the figures
                        are left in target/simulate/exhaustive.json
  fuzz [--seconds <number>] [target ...]
                        let libFuzzer loose on what reads bytes from outside, a minute
                        each; the figures are left in target/fuzz/report.json
  weaken [word ...]     weaken one check after the other, in a copy, and see that the
                        tests notice; only those that speak of one of the words
  ledger                check that each requirement has its proof, and count
  bundle                build this platform's packages and check them
  help                  this text

Each installs what the machine lacks, and asks first when a person is there.
";

enum Command {
    Demo { unattended: bool },
    Test(Vec<test::Part>),
    Dev,
    Simulate(simulate::Wish),
    Fuzz { seconds: Option<u64>, targets: Vec<String> },
    Weaken(Vec<String>),
    Ledger,
    Bundle,
    Help,
}

fn main() -> ExitCode {
    let command = match command(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n{why:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Demo { unattended } => demo::run(unattended),
        Command::Test(parts) => test::run(&parts),
        Command::Dev => dev::run(),
        Command::Simulate(wish) => simulate::run(&wish),
        Command::Fuzz { seconds, targets } => fuzz::run(seconds, &targets),
        Command::Weaken(words) => weaken::run(&words),
        Command::Ledger => ledger::run(),
        Command::Bundle => bundle::run(),
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
    }
}

fn command(mut arguments: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut command = match arguments.next()? {
        None | Some(Long("help") | Short('h')) => return Ok(Command::Help),
        Some(Value(name)) => match &*name.string()? {
            "demo" => Command::Demo { unattended: false },
            "test" => Command::Test(Vec::new()),
            "dev" => Command::Dev,
            "simulate" => Command::Simulate(simulate::Wish::default()),
            "fuzz" => Command::Fuzz { seconds: None, targets: Vec::new() },
            "weaken" => Command::Weaken(Vec::new()),
            "ledger" => Command::Ledger,
            "bundle" => Command::Bundle,
            "help" => Command::Help,
            other => return Err(format!("there is no command {other:?}").into()),
        },
        Some(other) => return Err(other.unexpected()),
    };
    while let Some(argument) = arguments.next()? {
        match (&mut command, argument) {
            (_, Long("help") | Short('h')) => return Ok(Command::Help),
            (Command::Demo { unattended }, Long("unattended")) => *unattended = true,
            (Command::Simulate(wish), Long("seeds")) => {
                wish.seeds = Some(arguments.value()?.parse()?);
            }
            (Command::Simulate(wish), Long("seed")) => {
                wish.seed = Some(arguments.value()?.parse()?);
            }
            (Command::Simulate(wish), Long("exhaustive")) => wish.exhaustive = true,
            (Command::Simulate(wish), Long("depth")) => {
                wish.depth = Some(arguments.value()?.parse()?);
            }
            (Command::Simulate(wish), Long("faults")) => {
                wish.faults = Some(arguments.value()?.parse()?);
            }
            (Command::Fuzz { seconds, .. }, Long("seconds")) => {
                *seconds = Some(arguments.value()?.parse()?);
            }
            (Command::Fuzz { targets, .. }, Value(target)) => targets.push(target.string()?),
            (Command::Weaken(words), Value(word)) => words.push(word.string()?),
            (Command::Test(parts), Value(part)) => parts.push(part.string()?.parse()?),
            (_, argument) => return Err(argument.unexpected()),
        }
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, lexopt::Error> {
        command(lexopt::Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn every_command_is_understood() {
        assert!(matches!(parsed(""), Ok(Command::Help)));
        assert!(matches!(parsed("demo"), Ok(Command::Demo { unattended: false })));
        assert!(matches!(parsed("demo --unattended"), Ok(Command::Demo { unattended: true })));
        assert!(matches!(parsed("test"), Ok(Command::Test(parts)) if parts.is_empty()));
        let two = [test::Part::Ui, test::Part::Rust];
        assert!(matches!(parsed("test ui rust"), Ok(Command::Test(parts)) if parts == two));
        assert!(matches!(parsed("dev"), Ok(Command::Dev)));
        assert!(matches!(parsed("ledger"), Ok(Command::Ledger)));
        let seeds = simulate::Wish { seeds: Some(9), seed: Some(7), ..simulate::Wish::default() };
        assert!(matches!(
            parsed("simulate --seeds 9 --seed 7"),
            Ok(Command::Simulate(wish)) if wish == seeds
        ));
        let orders = simulate::Wish {
            exhaustive: true,
            depth: Some(9),
            faults: Some(1),
            ..simulate::Wish::default()
        };
        assert!(matches!(
            parsed("simulate --exhaustive --depth 9 --faults 1"),
            Ok(Command::Simulate(wish)) if wish == orders
        ));
        assert!(matches!(
            parsed("fuzz callback --seconds 9 keys"),
            Ok(Command::Fuzz { seconds: Some(9), targets }) if targets == ["callback", "keys"]
        ));
        assert!(matches!(parsed("weaken keys"), Ok(Command::Weaken(words)) if words == ["keys"]));
        assert!(matches!(parsed("bundle --help"), Ok(Command::Help)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "deploy",
            "--demo",
            "demo now",
            "test --unattended",
            "test moon",
            "simulate --seeds x",
            "fuzz --seconds",
            "dev 1",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
