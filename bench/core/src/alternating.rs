//! Medians of two subjects that are measured alternately.

use std::time::Instant;

use anyhow::Result;
use latchkey_bench_row::median;

/// The number of measurements.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// The number of runs for a median.
    pub runs: usize,
    /// The number of repetitions of a short operation in a run.
    pub repetitions: u32,
}

impl Effort {
    /// Enough for a comparison between computers.
    pub const FULL: Self = Self { runs: 21, repetitions: 4000 };
    /// Enough to see a regression.
    pub const QUICK: Self = Self { runs: 5, repetitions: 500 };
}

/// The medians of a subject and its baseline.
#[derive(Debug, Clone, Copy)]
pub struct Medians {
    /// The median of the subject.
    pub subject: f64,
    /// The median of the baseline.
    pub baseline: f64,
}

/// Measures baseline and subject alternately, so that other load on the computer affects both.
///
/// # Errors
/// The first error of a measurement.
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

/// Nanoseconds per repetition of `work`.
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
