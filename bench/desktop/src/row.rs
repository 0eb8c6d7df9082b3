//! A row of the report: a figure, what it is measured against, and what it should be.

use serde::Serialize;

/// A row, as `cargo xtask bench` reads it.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// In what.
    pub unit: &'static str,
    /// The median.
    pub value: f64,
    /// What it is measured against.
    pub baseline_name: String,
    /// The median of that.
    pub baseline: f64,
    /// The value as a multiple of the baseline. None where the baseline is nothing.
    pub ratio: Option<f64>,
    /// What the figure should be.
    pub goal: Option<String>,
    /// Whether it is.
    pub ok: Option<bool>,
    /// How many times each was measured.
    pub runs: usize,
    /// Each run's figure.
    pub samples: Vec<f64>,
    /// Each run's baseline.
    pub baseline_samples: Vec<f64>,
}

/// Figures, and in turn with them those of the baseline.
#[derive(Debug, Default, Clone)]
pub struct Pairs {
    /// The figures.
    pub samples: Vec<f64>,
    /// The baseline's.
    pub baseline: Vec<f64>,
}

impl Pairs {
    /// The row of these.
    #[must_use]
    pub fn row(self, name: &str, unit: &'static str, baseline_name: &str) -> Row {
        let (value, baseline) = (median(&self.samples), median(&self.baseline));
        Row {
            name: name.to_owned(),
            unit,
            value,
            baseline_name: baseline_name.to_owned(),
            baseline,
            ratio: (baseline > 0.0).then(|| value / baseline),
            goal: None,
            ok: None,
            runs: self.samples.len(),
            samples: self.samples,
            baseline_samples: self.baseline,
        }
    }
}

impl Row {
    /// The row with a goal for its ratio.
    #[must_use]
    pub fn at_most_times(mut self, limit: f64) -> Self {
        self.goal = Some(format!("≤ {limit} ×"));
        self.ok = self.ratio.map(|ratio| ratio <= limit);
        self
    }

    /// The row with a goal for its value.
    #[must_use]
    pub fn at_most(mut self, limit: f64) -> Self {
        self.goal = Some(format!("≤ {limit} {}", self.unit).trim_end().to_owned());
        self.ok = Some(self.value <= limit);
        self
    }
}

/// The middle of these; 0 of none.
fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => 0.0,
        (Some(one), 1) => *one,
        (Some(one), _) => f64::midpoint(sorted[middle - 1], *one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(samples: &[f64], baseline: &[f64]) -> Row {
        let pairs = Pairs { samples: samples.to_vec(), baseline: baseline.to_vec() };
        pairs.row("start", "ms", "bare window")
    }

    #[test]
    fn row_compares_the_medians_with_the_goal() {
        let row = row(&[9.0, 1.0, 3.0], &[4.0, 2.0]).at_most_times(1.0);
        assert_eq!((row.value, row.baseline, row.ratio, row.runs), (3.0, 3.0, Some(1.0), 3));
        assert_eq!((row.goal.as_deref(), row.ok), (Some("≤ 1 ×"), Some(true)));
    }

    #[test]
    fn row_without_baseline_has_no_ratio_and_may_have_a_limit() {
        let row = row(&[2.0], &[]).at_most(1.5);
        assert_eq!((row.ratio, row.goal.as_deref()), (None, Some("≤ 1.5 ms")));
        assert_eq!(row.ok, Some(false));
    }
}
