//! What the window costs while it stands still: memory, processor and wake-ups.

use std::time::Duration;

use anyhow::Result;
use latchkey_bench_row::{Goal, Pairs, Row};

use crate::bench::Bench;

/// Memory of all processes, and what they do while nobody does anything, in turn with the bare window.
///
/// # Errors
/// When a window does not come.
pub fn still(bench: &Bench) -> Result<Vec<Row>> {
    let (runs, seconds) = if bench.quick { (2, 15) } else { (4, 30) };
    let [mut memory, mut cpu, mut wake_ups] =
        [Pairs::default(), Pairs::default(), Pairs::default()];
    for _ in 0..runs {
        for (window, is_baseline) in [(&bench.latchkey, false), (&bench.bare, true)] {
            let (running, ..) = bench.open(window)?;
            // A scroll bar that fades is not standing still.
            bench.screen.at_rest()?;
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
