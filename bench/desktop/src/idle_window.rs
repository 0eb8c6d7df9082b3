//! The cost of an idle window: memory, processor time and wake-ups.

use std::time::{Duration, Instant};

use anyhow::Result;
use latchkey_bench_row::{Goal, Pairs, Row};

use crate::bench::Bench;

/// The time after its start until a window is idle. WebKit compiles and collects garbage for most of a minute, longer
/// with more script; that is counted as part of the start.
const SETTLED: Duration = Duration::from_secs(60);

/// Memory and activity of all processes without input, alternately with the bare window.
///
/// # Errors
/// When a window does not appear.
pub fn still(bench: &Bench) -> Result<Vec<Row>> {
    let (runs, seconds) = if bench.quick { (2, 15) } else { (4, 30) };
    let [mut memory, mut cpu, mut wake_ups] =
        [Pairs::default(), Pairs::default(), Pairs::default()];
    for _ in 0..runs {
        for (window, is_baseline) in [(&bench.latchkey, false), (&bench.bare, true)] {
            let settled_at = Instant::now() + SETTLED;
            let (running, ..) = bench.open(window)?;
            bench.screen.at_rest()?;
            std::thread::sleep(settled_at.saturating_duration_since(Instant::now()));
            let settled = running.tree().settled_memory()?;
            let rate = running.tree().rate(Duration::from_secs(seconds))?;
            bench.close(running)?;
            for (pairs, figure) in [
                (&mut memory, settled),
                (&mut cpu, rate.cpu / 10.0),
                (&mut wake_ups, rate.wake_ups * 60.0),
            ] {
                let samples = if is_baseline { &mut pairs.baseline } else { &mut pairs.samples };
                samples.push(figure);
            }
        }
    }
    Ok(vec![
        memory
            .row("memory, signed in with its window", "MiB", "bare window")
            .with_goal(Goal::TimesAtMost(1.10)),
        cpu.row("idle with its window: processor", "% of a core", "bare window")
            .with_goal(Goal::TimesAtMost(1.05)),
        wake_ups
            .row("idle with its window: wake-ups", "a minute", "bare window")
            .with_goal(Goal::TimesAtMost(1.05)),
    ])
}
