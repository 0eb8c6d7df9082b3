//! Eight hours without an environment, with the simulated clock of the fleet's desktops.

use anyhow::Result;
use latchkey_bench_fleet::quiet::{Eight, Trouble, eight_hours};
use latchkey_bench_row::{Goal, Row};

/// The row of a computer without a network.
pub const NO_NETWORK: &str = "eight-hours-without-network";
/// The row of an environment that responds with 503 to every request.
pub const NO_SERVICE: &str = "eight-hours-without-service";

/// The maximum over all desktops: refresh tokens sent, and timers.
pub fn rows() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, trouble) in [(NO_NETWORK, Trouble::NoNetwork), (NO_SERVICE, Trouble::NoService)] {
        let Eight { tries, requests, timers, windows } = eight_hours(trouble)?;
        let row = |what: &str, unit: &'static str, value: u32| {
            Row::new(format!("{name}-{what}"), unit, value.into(), 1)
        };
        let goal = match trouble {
            // The network does not change.
            Trouble::NoNetwork => Goal::Exactly(0.0),
            // The first is repeated once, as its response may have been lost.
            Trouble::NoService => Goal::AtMost(f64::from(windows) + 1.0),
        };
        rows.push(
            row("tries", "refresh tokens", tries)
                .beside("windows of the backoff", windows.into())
                .with_goal(goal),
        );
        rows.push(row("requests", "requests of any kind", requests));
        let timer = row("timers", "timers", timers);
        rows.push(match trouble {
            // The timer at which the refresh was due.
            Trouble::NoNetwork => timer.with_goal(Goal::AtMost(1.0)),
            Trouble::NoService => {
                timer.beside("tries", tries.into()).with_goal(Goal::TimesAtMost(1.0))
            }
        });
    }
    Ok(rows)
}
