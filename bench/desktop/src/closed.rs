//! The cost of a closed window: two prototypes that free the webview's memory, with an idle process with the toolkit as
//! the baseline.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use latchkey_bench_row::{Goal, Pairs, Row};

use crate::{
    bench::{Bench, shown_at_rest},
    program::{Program, Running},
    screen::Edges,
};

/// The prefix of the names of WebKit's programs.
const WEBKIT: &str = "WebKit";

/// Converts milliseconds of processor time per second into seconds per hour.
const SECONDS_AN_HOUR: f64 = 3.6;

/// The rows of both prototypes.
///
/// # Errors
/// When a window does not appear or does not close.
pub fn prototypes(bench: &Bench) -> Result<Vec<Row>> {
    let resident = Program::bare_resident()?.start(&bench.env.desktop)?;
    let baseline = Closed::of(bench, &resident)?;
    drop(resident);
    let mut rows = Vec::new();
    for (name, program, title) in [
        ("webview destroyed", Program::closed_destroyed()?, "Bare window"),
        // The user's name, received over the socket.
        ("window as a process", Program::closed_process()?, "Ada Lovelace"),
    ] {
        rows.extend(measured(bench, (name, title), &program, &baseline)?);
    }
    Ok(rows)
}

/// The cost of a process while its window is closed.
struct Closed {
    memory: f64,
    web_kit: usize,
    wake_ups: f64,
    cpu: f64,
}

impl Closed {
    fn of(bench: &Bench, running: &Running) -> Result<Self> {
        let memory = running.tree().settled_memory()?;
        let seconds = if bench.quick { 20 } else { 120 };
        let rate = running.tree().rate(Duration::from_secs(seconds))?;
        Ok(Self {
            memory,
            web_kit: running.tree().count(WEBKIT)?,
            wake_ups: rate.wake_ups * 60.0,
            cpu: rate.cpu * SECONDS_AN_HOUR,
        })
    }
}

fn measured(
    bench: &Bench,
    (name, title): (&str, &str),
    program: &Program,
    bare: &Closed,
) -> Result<Vec<Row>> {
    let closings = if bench.quick { 5 } else { 20 };
    let mut running = program.start(&bench.env.desktop)?;
    command(&mut running, "open")?;
    // The first opening records the content, and allocates what later ones reuse: growth is counted after it.
    let shown = shown_at_rest(&bench.screen, &bench.empty)?;
    let edges = bench.screen.edges(&shown, &bench.empty);
    let shown = bench.env.desktop.window_in_front()?;
    ensure!(shown == title, "the window's title is {shown:?} instead of {title:?}");
    command(&mut running, "close")?;
    bench.screen.shows_again(&bench.empty)?;
    let closed = Closed::of(bench, &running)?;
    let mut again = Pairs::default();
    for _ in 0..closings {
        again.samples.push(opened(bench, &mut running, &edges)?);
        command(&mut running, "close")?;
        bench.screen.shows_again(&bench.empty)?;
        let (window, _, shown) = bench.open(&bench.bare)?;
        bench.close(window)?;
        again.baseline.push(shown.as_secs_f64() * 1000.0);
    }
    let growth = running.tree().settled_memory()? - closed.memory;
    ensure!(running.child().try_wait()?.is_none(), "the prototype has ended");
    let one = |value, baseline| Pairs { samples: vec![value], baseline: vec![baseline] };
    let row = |what: &str, unit, pairs: Pairs| {
        pairs.row(&format!("closed, {name}: {what}"), unit, "bare resident process")
    };
    #[expect(clippy::cast_precision_loss, reason = "few processes")]
    let web_kit = one(closed.web_kit as f64, bare.web_kit as f64);
    Ok(vec![
        row("memory", "MiB", one(closed.memory, bare.memory)).with_goal(Goal::AtMost(40.0)),
        row("WebKit processes", "", web_kit).with_goal(Goal::AtMost(0.0)),
        row("wake-ups", "a minute", one(closed.wake_ups, bare.wake_ups))
            .with_goal(Goal::AtMost(1.0)),
        row("processor", "s an hour", one(closed.cpu, bare.cpu)).with_goal(Goal::AtMost(0.1)),
        again
            .row(&format!("closed, {name}: window again"), "ms", "cold start of a bare window")
            .with_goal(Goal::TimesAtMost(1.15)),
        Pairs { samples: vec![growth], ..Pairs::default() }
            .row(&format!("closed, {name}: growth over {closings} closings"), "MiB", "")
            .with_goal(Goal::AtMost(2.0)),
    ])
}

/// The time until the window's content is on the screen again, in milliseconds.
fn opened(bench: &Bench, running: &mut Running, edges: &Edges) -> Result<f64> {
    let began = Instant::now();
    command(running, "open")?;
    let (_, shown) = bench.screen.until_shown(edges, began)?;
    Ok(shown.as_secs_f64() * 1000.0)
}

fn command(running: &mut Running, command: &str) -> Result<()> {
    let input = running.child().stdin.as_mut().context("no input")?;
    Ok(writeln!(input, "{command}")?)
}
