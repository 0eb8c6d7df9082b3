//! Eight hours without an environment, with the simulated clock of the fleet's desktops.

use anyhow::Result;
use latchkey_bench_fleet::outage::{Eight, Outage, eight_hours};
use latchkey_bench_row::{Goal, Row};

/// The row of a computer without a network.
pub const NO_NETWORK: &str = "eight-hours-without-network";
/// The row of an environment that responds with 503 to every request.
pub const NO_SERVICE: &str = "eight-hours-without-service";

/// The maximum over all desktops: refresh tokens sent, and timers.
pub fn rows() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, outage) in [(NO_NETWORK, Outage::NoNetwork), (NO_SERVICE, Outage::NoService)] {
        let Eight { tries, requests, timers, windows } = eight_hours(outage)?;
        let row = |what: &str, unit: &'static str, value: u32| {
            Row::new(format!("{name}-{what}"), unit, value.into(), 1)
        };
        let goal = match outage {
            // The network does not change.
            Outage::NoNetwork => Goal::Exactly(0.0),
            // The first is repeated once, as its response may have been lost.
            Outage::NoService => Goal::AtMost(f64::from(windows) + 1.0),
        };
        rows.push(
            row("tries", "refresh tokens", tries)
                .beside("windows of the backoff", windows.into())
                .with_goal(goal),
        );
        rows.push(row("requests", "requests of any kind", requests));
        let timer = row("timers", "timers", timers);
        rows.push(match outage {
            // The timer at which the refresh was due.
            Outage::NoNetwork => timer.with_goal(Goal::AtMost(1.0)),
            Outage::NoService => {
                timer.beside("tries", tries.into()).with_goal(Goal::TimesAtMost(1.0))
            }
        });
    }
    Ok(rows)
}
