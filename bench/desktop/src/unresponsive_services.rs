//! Starts on a desktop with an unresponsive part: the window must open nevertheless.

use std::time::Instant;

use anyhow::{Context, Result};
use latchkey_bench_row::{Goal, Pairs, Row};
use latchkey_tests::unresponsive_services;
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::Bench;

/// The limit until the window is shown, in milliseconds.
const LIMIT: f64 = 2000.0;

/// The portal that is called for the colour scheme, and by WebKit.
const PORTAL: &str = "org.freedesktop.portal.Desktop";

/// A stopped process; it continues when this is dropped.
struct Stopped(Pid);

impl Stopped {
    /// Stops the process of this program on the measured desktop.
    fn program(bench: &Bench, name: &str) -> Result<Self> {
        let processes = bench.env.desktop.processes();
        let found = processes.into_iter().find(|(_, program)| program.ends_with(name));
        let (process, _) = found.with_context(|| format!("{name} is not running"))?;
        let process = Pid::from_raw(process.try_into()?).context("no process id")?;
        kill_process(process, Signal::STOP)?;
        Ok(Self(process))
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// Starts with an unresponsive portal, session bus and keychain, alternately with ordinary starts.
///
/// # Errors
/// When a window does not appear.
pub fn starts(bench: &Bench) -> Result<Vec<Row>> {
    let runs = if bench.quick { 2 } else { 5 };
    let [mut portal, mut bus, mut keychain] =
        [Pairs::default(), Pairs::default(), Pairs::default()];
    for _ in 0..runs {
        let ordinary = started(bench)?;
        let services = tokio::runtime::Handle::current()
            .block_on(unresponsive_services(&bench.env.desktop, &[PORTAL]))?;
        portal.samples.push(started(bench).context("with an unresponsive portal")?);
        drop(services);
        let stopped = Stopped::program(bench, "dbus-daemon")?;
        bus.samples.push(started(bench).context("with an unresponsive session bus")?);
        drop(stopped);
        let stopped = Stopped::program(bench, "gnome-keyring-daemon")?;
        keychain.samples.push(started(bench).context("with an unresponsive keychain")?);
        drop(stopped);
        for pairs in [&mut portal, &mut bus, &mut keychain] {
            pairs.baseline.push(ordinary);
        }
    }
    let row = |what: &str, pairs: Pairs| {
        let name = format!("start to the window's first pixels, {what} unresponsive");
        pairs.row(&name, "ms", "ordinary start").with_goal(Goal::AtMost(LIMIT))
    };
    Ok(vec![row("portal", portal), row("session bus", bus), row("keychain", keychain)])
}

/// The time until the window is shown, in milliseconds. Afterwards the program is killed, as the unresponsive part
/// would delay its exit.
fn started(bench: &Bench) -> Result<f64> {
    let began = Instant::now();
    let running = bench.latchkey.program.start(&bench.env.desktop)?;
    let first = bench.screen.until_changed(&bench.empty, began)?;
    drop(running);
    bench.screen.shows_again(&bench.empty)?;
    Ok(first.as_secs_f64() * 1000.0)
}
