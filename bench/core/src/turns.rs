//! Medians of two things that are measured in turn.

use std::time::Instant;

use anyhow::Result;
use latchkey_bench_row::median;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many runs a median is of.
    pub runs: usize,
    /// How many times something short is repeated in a run.
    pub repetitions: u32,
}

impl Effort {
    /// Enough for a comparison between machines.
    pub const FULL: Self = Self { runs: 21, repetitions: 4000 };
    /// Enough to see a regression.
    pub const QUICK: Self = Self { runs: 5, repetitions: 500 };
}

/// Two medians.
#[derive(Debug, Clone, Copy)]
pub struct Medians {
    /// Of what is measured.
    pub subject: f64,
    /// Of what it is compared with.
    pub baseline: f64,
}

/// Measures baseline and subject in turn, so that what else the machine does meets both.
///
/// # Errors
/// The first that one of them reports.
pub fn in_turn(
    runs: usize,
    mut baseline: impl FnMut() -> Result<f64>,
    mut subject: impl FnMut() -> Result<f64>,
) -> Result<Medians> {
    let (mut of_baseline, mut of_subject) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        of_baseline.push(baseline()?);
        of_subject.push(subject()?);
    }
    Ok(Medians { subject: median(of_subject), baseline: median(of_baseline) })
}

/// Nanoseconds that one of `repetitions` takes.
pub fn nanoseconds(repetitions: u32, mut work: impl FnMut()) -> f64 {
    let began = Instant::now();
    for _ in 0..repetitions {
        work();
    }
    began.elapsed().as_secs_f64() * 1e9 / f64::from(repetitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_alternate_and_begin_with_the_baseline() {
        let order = std::cell::RefCell::new(Vec::new());
        let measure = |name: &'static str, value: f64| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                Ok(value)
            }
        };
        let medians = in_turn(2, measure("a", 4.0), measure("b", 6.0)).unwrap();
        assert_eq!(*order.borrow(), ["a", "b", "a", "b"]);
        assert_eq!((medians.baseline, medians.subject), (4.0, 6.0));
    }
}
