//! The evaluation of a fleet's counts.

use std::ops::Range;

use latchkey_bench_row::{Goal, Row};

use crate::{
    day::{self, BEGIN, Plan, SECOND, policy_name},
    simulation::Outcome,
};

/// The lengths of bins from which peaks are read, in seconds.
const BINS: [usize; 5] = [1, 10, 60, 300, 600];

/// The mean number of requests in a bin: that many independent requests vary by 3 %, so that a peak is caused by the
/// schedule and not by chance.
const REQUESTS_IN_A_BIN: f64 = 1000.0;

/// The rates of a day, in requests per second.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// The length of the bins.
    pub bin: usize,
    /// The mean of the steady hours.
    pub mean: f64,
    /// The busiest bin of the steady hours.
    pub steady: f64,
    /// The busiest bin after the outage.
    pub after_outage: f64,
    /// The busiest bin after a site's network has recovered.
    pub after_site: f64,
}

impl Rates {
    /// The rates for requests by second.
    #[must_use]
    pub fn of(requests: &[u32]) -> Self {
        let steady = day::STEADY.map(|range| window(requests, &range));
        let seconds = steady.iter().map(|window| window.len()).sum::<usize>();
        let mean = mean(steady.iter().copied().flatten().copied().map(f64::from).sum(), seconds);
        let bin = bin_for(mean);
        let peak_of = |range: &Range<u64>| peak(window(requests, range), bin);
        Self {
            bin,
            mean,
            steady: steady.iter().map(|window| peak(window, bin)).fold(0.0, f64::max),
            after_outage: peak_of(&day::AFTER_OUTAGE),
            after_site: peak_of(&day::AFTER_SITE),
        }
    }
}

impl Rates {
    /// Whether a bin has enough requests that its peak is not caused by chance.
    fn is_significant(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred seconds")]
        let requests = self.mean * self.bin as f64;
        requests >= REQUESTS_IN_A_BIN
    }
}

fn bin_for(mean: f64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred seconds")]
    let holds = |bin: &usize| mean * *bin as f64 >= REQUESTS_IN_A_BIN;
    BINS.into_iter().find(holds).unwrap_or(BINS[BINS.len() - 1])
}

fn window<'a>(requests: &'a [u32], range: &Range<u64>) -> &'a [u32] {
    let second = |at: u64| usize::try_from(at.saturating_sub(BEGIN) / SECOND).unwrap_or(usize::MAX);
    requests.get(second(range.start)..second(range.end)).unwrap_or_default()
}

fn peak(requests: &[u32], bin: usize) -> f64 {
    let bins = requests.chunks_exact(bin);
    bins.map(|bin| mean(bin.iter().copied().map(f64::from).sum(), bin.len())).fold(0.0, f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
fn mean(sum: f64, seconds: usize) -> f64 {
    if seconds == 0 { 0.0 } else { sum / seconds as f64 }
}

/// The rows of a fleet. `smallest` is the cost of one desktop in the smallest fleet, in microseconds.
#[must_use]
pub fn rows(plan: Plan, outcome: &Outcome, smallest: Option<f64>) -> Vec<Row> {
    let rates = Rates::of(&outcome.counts.reached());
    let name = |what: &str| format!("fleet-{}-{}-{what}", policy_name(plan.policy), plan.desktops);
    let mean = "the mean of the steady hours";
    let bins = format!("bins of {} s", rates.bin);
    let peak = |what: &str, value: f64, bound: f64| {
        let row = Row::new(name(what), "requests/s", value, 1).beside(mean, rates.mean);
        if rates.is_significant() {
            row.with_goal(Goal::TimesAtMost(bound)).with_note(bins.clone())
        } else {
            row.with_note(format!("{bins}, which hold too few requests for a verdict"))
        }
    };
    let none = |what: &str, unit: &'static str, count: u64| {
        Row::new(name(what), unit, number(count), 1).with_goal(Goal::Exactly(0.0))
    };
    let cost = cost(outcome);
    let cost_row = Row::new(name("cost-per-desktop"), "µs of one core", cost, 1);
    vec![
        peak("peak-steady", rates.steady, 1.2),
        peak("peak-after-outage", rates.after_outage, 3.0),
        peak("peak-after-site", rates.after_site, 3.0),
        none("unrecovered", "desktops", outcome.unrecovered),
        none("sessions-lost", "sessions", outcome.lost),
        Row::new(name("sessions-interrupted"), "sessions", number(outcome.interrupted), 1)
            .with_note(
                "the token response was lost on its way, at an environment without a grace period",
            ),
        none("never-signed-in", "users", outcome.never_signed_in),
        Row::new(name("callers-with-retryable-error"), "callers", number(outcome.callers[1]), 1)
            .beside("callers that got an access token", number(outcome.callers[0])),
        Row::new(
            name("bytes-per-desktop"),
            "bytes beside the tokens",
            number(outcome.bytes) / number(outcome.desktops),
            1,
        )
        .with_goal(Goal::AtMost(1024.0)),
        Row::new(name("seconds"), "s of one core", outcome.seconds, 1)
            .with_note("signatures through a double that verifies each token once"),
        match smallest {
            Some(smallest) => cost_row
                .beside("the same of the smallest fleet of this run", smallest)
                .with_goal(Goal::TimesAtMost(1.5)),
            None => cost_row,
        },
    ]
}

/// The cost of one desktop, in microseconds of processor time.
#[must_use]
pub fn cost(outcome: &Outcome) -> f64 {
    outcome.seconds * 1e6 / number(outcome.desktops)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a day are exact in a double")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{END, MINUTE, OUTAGE};

    fn flat(rate: u32) -> Vec<u32> {
        vec![rate; usize::try_from((END - BEGIN) / SECOND).unwrap()]
    }

    #[test]
    fn rates_of_a_flat_day_have_no_peak() {
        let rates = Rates::of(&flat(50));
        assert_eq!((rates.bin, rates.mean, rates.steady), (60, 50.0, 50.0));
        assert!(rates.is_significant() && !Rates::of(&flat(0)).is_significant());
    }

    #[test]
    fn rates_find_the_peak_of_each_part_of_the_day() {
        let mut day = flat(2000);
        let second = |at: u64| usize::try_from((at - BEGIN) / SECOND).unwrap();
        day[second(OUTAGE.start + MINUTE)] = 90_000;
        day[second(OUTAGE.end)] = 5000;
        day[second(day::SITE_DOWN.end)] = 3000;
        let rates = Rates::of(&day);
        assert_eq!((rates.bin, rates.steady), (1, 2000.0));
        assert_eq!((rates.after_outage, rates.after_site), (5000.0, 3000.0));
    }

    #[test]
    fn bin_is_long_enough_for_the_rate() {
        assert_eq!([5000.0, 420.0, 42.0, 4.2, 0.1].map(bin_for), [1, 10, 60, 300, 600]);
    }
}
