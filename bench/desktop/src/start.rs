//! The time of a start, until the user's profile is on the screen.

use anyhow::Result;
use latchkey_bench_row::{Goal, Pairs, Row};

use crate::bench::Bench;

/// Cold starts of the application with a session in the keychain, alternately with the bare window.
///
/// # Errors
/// When a window does not appear.
pub fn cold(bench: &Bench) -> Result<Vec<Row>> {
    let runs = if bench.quick { 5 } else { 15 };
    let (mut first, mut shown) = (Pairs::default(), Pairs::default());
    // The first pair reads the programs from the disk, and is ignored.
    for run in 0..=runs {
        for (window, is_baseline) in [(&bench.latchkey, false), (&bench.bare, true)] {
            let (running, to_first, to_shown) = bench.open(window)?;
            bench.close(running)?;
            if run == 0 {
                continue;
            }
            for (pairs, time) in [(&mut first, to_first), (&mut shown, to_shown)] {
                let samples = if is_baseline { &mut pairs.baseline } else { &mut pairs.samples };
                samples.push(time.as_secs_f64() * 1000.0);
            }
        }
    }
    Ok(vec![
        shown
            .row("cold start to the restored profile on screen", "ms", "bare window")
            .with_goal(Goal::TimesAtMost(1.15)),
        first.row("cold start to the window's first pixels", "ms", "bare window"),
    ])
}
