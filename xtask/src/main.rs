//! The project's commands. Each one installs what it needs.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod bundle;
mod demo;
mod dev;
mod environment;
mod fuzz;
mod gallery;
mod measurements;
mod mutants;
mod plugin_readme;
mod requirements;
mod run;
mod setup;
mod simulate;
mod steps;
mod supply;
mod test;
#[cfg(test)]
mod vocabulary;
mod written_mutants;

use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::*;

const HELP: &str = "\
cargo xtask <command>

  run                   build and run the application with its own settings; the variables
                        of the caller reach it unchanged
  demo [--unattended]   run the application against scalekit-dev, or against the environment
                        in SCALEKIT_ENVIRONMENT_URL and SCALEKIT_CLIENT_ID if both are set;
                        unattended, a script plays the user on a virtual desktop
  test [part ...]       run every test, or only these parts of it:
                        format, ui, lint, rust, supply, gallery, application,
                        requirements, mutants; and, only when it is named, chaos: the
                        full dose of killed processes
  dev                   the demo with hot reload
  gallery [--full]      draw every view in every language and theme, run axe in each, and
                        in a choice of them in WebKitGTK; draw the main views of the
                        real window;
                        target/gallery/index.html shows the pictures, with --full in all
                        sizes; what axe finds is left in target/a11y/report.json
  gallery --check | --update
                        compare a choice of the views with the pictures that are stored
                        in ui/gallery/reference and the accessibility trees with those
                        in ui/gallery/trees, and run axe in Chromium and WebKitGTK; or
                        make these anew
  simulate [--seeds <number>] [--seed <number>]
                        play schedules of faults and crashes around the session;
                        one seed alone is played step by step
  simulate --exhaustive [--depth <number>] [--faults <number>]
                        try all orders of events in small worlds instead; the figures
                        are left in target/simulate/exhaustive.json
  fuzz [--seconds <number>] [target ...]
                        let libFuzzer loose on what reads bytes from outside, a minute
                        each; the figures are left in target/fuzz/report.json
  written-mutants [word ...]
                        apply the mutants of tests/mutants/written, one after the other, in a
                        copy, and see that the tests fail; only those that mention one
                        of the words
  mutants [--sample <number>] [--seed <number>] [--shard <one>/<of>]
          [--in-diff <file>] [--minutes <number>] [word ...]
                        let cargo-mutants change one thing after the other, in a copy,
                        and see that the tests fail: all of them, so many drawn by
                        chance, one of several parts, those in the lines of a diff, or
                        those with one of the words in their name. Those with a result are
                        not tested again; the figures are left in target/mutants/report.json
  requirements [--write]
                        check that each requirement has its proof, and count; with --write,
                        write the marked tests into docs/requirements.md instead
  measurements [name ...]
                        put the figures of the last runs into docs/measurements.md: those
                        of these rows, or of all; a report older than the commit is left out
  bench [--quick] [group ...]
                        measure the application beside a bare window and its other baselines:
                        size, start, unresponsive, idle, page, second, closed, core, fleet; quick,
                        with fewer runs and, unless it is named, without closed. Prints a
                        table, leaves target/bench/report.json, and fails where a ratio is
                        above that of bench/limits.toml
  bundle                build this platform's packages and check them
  help                  this text

Each installs what the machine lacks, and prompts first when a user is there.
";

enum Command {
    Run,
    Demo { unattended: bool },
    Test(Vec<test::Part>),
    Dev,
    Gallery(gallery::Mode),
    Simulate(simulate::Options),
    Fuzz { seconds: Option<u64>, targets: Vec<String> },
    WrittenMutants(Vec<String>),
    Mutants(mutants::Wanted),
    Requirements { write: bool },
    Measurements(Vec<String>),
    Bench(bench::Options),
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
        Command::Run => run::run(),
        Command::Demo { unattended } => demo::run(unattended),
        Command::Test(parts) => test::run(&parts),
        Command::Dev => dev::run(),
        Command::Gallery(mode) => gallery::run(mode),
        Command::Simulate(options) => simulate::run(&options),
        Command::Fuzz { seconds, targets } => fuzz::run(seconds, &targets),
        Command::WrittenMutants(words) => written_mutants::run(&words),
        Command::Mutants(wanted) => mutants::run(&wanted),
        Command::Requirements { write: false } => requirements::run(),
        Command::Requirements { write: true } => requirements::write(),
        Command::Measurements(names) => measurements::run(&names),
        Command::Bench(options) => bench::run(&options),
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
            "run" => Command::Run,
            "demo" => Command::Demo { unattended: false },
            "test" => Command::Test(Vec::new()),
            "dev" => Command::Dev,
            "gallery" => Command::Gallery(gallery::Mode::default()),
            "simulate" => Command::Simulate(simulate::Options::default()),
            "fuzz" => Command::Fuzz { seconds: None, targets: Vec::new() },
            "written-mutants" => Command::WrittenMutants(Vec::new()),
            "mutants" => Command::Mutants(mutants::Wanted::default()),
            "requirements" => Command::Requirements { write: false },
            "measurements" => Command::Measurements(Vec::new()),
            "bench" => Command::Bench(bench::Options::default()),
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
            (Command::Requirements { write }, Long("write")) => *write = true,
            (Command::Gallery(mode @ gallery::Mode::Draw), Long(option)) => {
                *mode = match option {
                    "full" => gallery::Mode::DrawAll,
                    "check" => gallery::Mode::Check,
                    "update" => gallery::Mode::Update,
                    _ => return Err(Long(option).unexpected()),
                }
            }
            (Command::Simulate(options), Long("seeds")) => {
                options.seeds = Some(arguments.value()?.parse()?);
            }
            (Command::Simulate(options), Long("seed")) => {
                options.seed = Some(arguments.value()?.parse()?);
            }
            (Command::Simulate(options), Long("exhaustive")) => options.exhaustive = true,
            (Command::Simulate(options), Long("depth")) => {
                options.depth = Some(arguments.value()?.parse()?);
            }
            (Command::Simulate(options), Long("faults")) => {
                options.faults = Some(arguments.value()?.parse()?);
            }
            (Command::Fuzz { seconds, .. }, Long("seconds")) => {
                *seconds = Some(arguments.value()?.parse()?);
            }
            (Command::Fuzz { targets, .. }, Value(target)) => targets.push(target.string()?),
            (Command::WrittenMutants(words), Value(word)) => words.push(word.string()?),
            (Command::Mutants(wanted), Long("sample")) => {
                wanted.sample = Some(arguments.value()?.parse()?);
            }
            (Command::Mutants(wanted), Long("seed")) => {
                wanted.seed = Some(arguments.value()?.parse()?);
            }
            (Command::Mutants(wanted), Long("shard")) => {
                wanted.shard = Some(arguments.value()?.parse()?);
            }
            (Command::Mutants(wanted), Long("minutes")) => {
                wanted.minutes = Some(arguments.value()?.parse()?);
            }
            (Command::Mutants(wanted), Long("in-diff")) => {
                wanted.in_diff = Some(arguments.value()?.into());
            }
            (Command::Mutants(wanted), Value(word)) => wanted.words.push(word.string()?),
            (Command::Bench(options), Long("quick")) => options.quick = true,
            (Command::Bench(options), Value(group)) => options.groups.push(group.string()?),
            (Command::Measurements(names), Value(name)) => names.push(name.string()?),
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
    fn xtask_commands_are_parsed() {
        assert!(matches!(parsed(""), Ok(Command::Help)));
        assert!(matches!(parsed("run"), Ok(Command::Run)));
        assert!(matches!(parsed("demo"), Ok(Command::Demo { unattended: false })));
        assert!(matches!(parsed("demo --unattended"), Ok(Command::Demo { unattended: true })));
        assert!(matches!(parsed("test"), Ok(Command::Test(parts)) if parts.is_empty()));
        let two = [test::Part::Ui, test::Part::Rust];
        assert!(matches!(parsed("test ui rust"), Ok(Command::Test(parts)) if parts == two));
        assert!(matches!(parsed("dev"), Ok(Command::Dev)));
        for (line, wanted) in [
            ("gallery", gallery::Mode::Draw),
            ("gallery --full", gallery::Mode::DrawAll),
            ("gallery --check", gallery::Mode::Check),
            ("gallery --update", gallery::Mode::Update),
        ] {
            assert!(matches!(parsed(line), Ok(Command::Gallery(mode)) if mode == wanted), "{line}");
        }
        assert!(matches!(parsed("requirements"), Ok(Command::Requirements { write: false })));
        assert!(matches!(
            parsed("requirements --write"),
            Ok(Command::Requirements { write: true })
        ));
        assert!(
            matches!(parsed("measurements Requirements"), Ok(Command::Measurements(names)) if names == ["Requirements"])
        );
        let seeds =
            simulate::Options { seeds: Some(9), seed: Some(7), ..simulate::Options::default() };
        assert!(matches!(
            parsed("simulate --seeds 9 --seed 7"),
            Ok(Command::Simulate(options)) if options == seeds
        ));
        let orders = simulate::Options {
            exhaustive: true,
            depth: Some(9),
            faults: Some(1),
            ..simulate::Options::default()
        };
        assert!(matches!(
            parsed("simulate --exhaustive --depth 9 --faults 1"),
            Ok(Command::Simulate(options)) if options == orders
        ));
        assert!(matches!(
            parsed("fuzz deep_link --seconds 9 jwks"),
            Ok(Command::Fuzz { seconds: Some(9), targets }) if targets == ["deep_link", "jwks"]
        ));
        assert!(
            matches!(parsed("written-mutants keys"), Ok(Command::WrittenMutants(words)) if words == ["keys"])
        );
        let all = "mutants --sample 9 --seed 7 --shard 2/4 --minutes 5 --in-diff a.diff keys";
        assert!(matches!(parsed(all), Ok(Command::Mutants(wanted)) if wanted.sample == Some(9)
            && wanted.seed == Some(7) && wanted.shard.is_some() && wanted.minutes == Some(5)
            && wanted.in_diff == Some("a.diff".into()) && wanted.words == ["keys"]));
        assert!(matches!(
            parsed("bench --quick start"),
            Ok(Command::Bench(options)) if options.quick && options.groups == ["start"]
        ));
        assert!(matches!(parsed("bundle --help"), Ok(Command::Help)));
    }

    #[test]
    fn xtask_rejects_unknown_commands_and_options() {
        for line in [
            "deploy",
            "--demo",
            "demo now",
            "test --unattended",
            "test moon",
            "simulate --seeds x",
            "fuzz --seconds",
            "mutants --shard 5/4",
            "mutants --sample",
            "mutants --keys",
            "gallery --check --update",
            "gallery --all",
            "dev 1",
            "run 1",
            "run --unattended",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
