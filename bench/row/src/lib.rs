//! A measured row. The measuring programs print one JSON object per line, and `cargo xtask bench` reads them.

use serde::{Deserialize, Serialize};

/// A measured row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The row's name.
    pub name: String,
    /// The unit of `value` and `baseline`.
    pub unit: String,
    /// The median; absent if it was not measured.
    pub value: Option<f64>,
    /// The name of the baseline.
    pub baseline_name: Option<String>,
    /// The median of the baseline, in the same run.
    pub baseline: Option<f64>,
    /// `value` by `baseline`; for a gain, `baseline` by `value`.
    pub ratio: Option<f64>,
    /// The goal, as text.
    pub goal: Option<String>,
    /// Whether the goal is met; absent without a goal or a value.
    pub ok: Option<bool>,
    /// The number of runs for the medians.
    pub runs: usize,
    /// A note for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The value of each run, if they are stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<f64>,
    /// The baseline of each run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baseline_samples: Vec<f64>,
}

/// Samples that were measured alternately with those of the baseline.
#[derive(Debug, Default, Clone)]
pub struct Pairs {
    /// The samples.
    pub samples: Vec<f64>,
    /// The samples of the baseline.
    pub baseline: Vec<f64>,
}

/// A goal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// `value` is at most this multiple of `baseline`.
    TimesAtMost(f64),
    /// `value` is at least this many times smaller than `baseline`.
    FasterBy(f64),
    /// `value` is at most this.
    AtMost(f64),
    /// `value` is exactly this.
    Exactly(f64),
}

impl Row {
    /// A row without baseline and goal.
    #[must_use]
    pub fn new(name: impl Into<String>, unit: impl Into<String>, value: f64, runs: usize) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            value: Some(value),
            baseline_name: None,
            baseline: None,
            ratio: None,
            goal: None,
            ok: None,
            runs,
            note: None,
            samples: Vec::new(),
            baseline_samples: Vec::new(),
        }
    }

    /// A row that could not be measured here.
    #[must_use]
    pub fn not_measured(name: impl Into<String>, unit: impl Into<String>, why: String) -> Self {
        Self {
            value: None,
            note: Some(format!("not measured: {why}")),
            ..Self::new(name, unit, 0.0, 0)
        }
    }

    /// The row with this baseline.
    #[must_use]
    pub fn beside(mut self, name: impl Into<String>, baseline: f64) -> Self {
        self.baseline_name = Some(name.into());
        self.baseline = Some(baseline);
        self.ratio = self.value.map(|value| value / baseline).filter(|ratio| ratio.is_finite());
        self
    }

    /// The row with this goal.
    #[must_use]
    pub fn with_goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal.text(&self.unit));
        match goal {
            Goal::TimesAtMost(bound) => self.ok = self.ratio.map(|ratio| ratio <= bound),
            Goal::FasterBy(bound) => {
                self.ratio = self.ratio.map(f64::recip).filter(|ratio| ratio.is_finite());
                self.ok = self.ratio.map(|ratio| ratio >= bound);
            }
            Goal::AtMost(bound) => self.ok = self.value.map(|value| value <= bound),
            Goal::Exactly(expected) => {
                self.ok = self.value.map(|value| (value - expected).abs() < f64::EPSILON);
            }
        }
        self
    }

    /// The row with a note for readers.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

impl Goal {
    fn text(self, unit: &str) -> String {
        match self {
            Self::TimesAtMost(bound) => format!("≤ {bound} ×"),
            Self::FasterBy(bound) => format!("≥ {bound} × faster"),
            Self::AtMost(bound) => format!("≤ {bound} {unit}").trim_end().to_owned(),
            Self::Exactly(expected) => format!("exactly {expected}"),
        }
    }
}

impl Pairs {
    /// The row of the medians.
    #[must_use]
    pub fn row(self, name: &str, unit: &str, baseline_name: &str) -> Row {
        let runs = self.samples.len();
        let row = Row::new(name, unit, median(self.samples.clone()), runs);
        let row = if self.baseline.is_empty() {
            row
        } else {
            row.beside(baseline_name, median(self.baseline.clone()))
        };
        Row { samples: self.samples, baseline_samples: self.baseline, ..row }
    }
}

/// The median; of an even number, the mean of the middle two. Zero without values.
#[must_use]
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.as_slice() {
        [] => 0.0,
        all if all.len() % 2 == 1 => all[middle],
        all => f64::midpoint(all[middle - 1], all[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_even_and_empty_lists_is_the_middle() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }

    #[test]
    fn row_goal_decides_by_ratio_value_or_gain() {
        let row = |value| Row::new("a", "ns", value, 3).beside("b", 10.0);
        for (row, ok, text) in [
            (row(11.0).with_goal(Goal::TimesAtMost(1.15)), true, "≤ 1.15 ×"),
            (row(12.0).with_goal(Goal::TimesAtMost(1.15)), false, "≤ 1.15 ×"),
            (row(0.01).with_goal(Goal::FasterBy(1000.0)), true, "≥ 1000 × faster"),
            (row(0.02).with_goal(Goal::FasterBy(1000.0)), false, "≥ 1000 × faster"),
            (row(1024.0).with_goal(Goal::AtMost(1024.0)), true, "≤ 1024 ns"),
            (row(2.0).with_goal(Goal::Exactly(1.0)), false, "exactly 1"),
        ] {
            assert_eq!((row.ok, row.goal.as_deref()), (Some(ok), Some(text)));
        }
    }

    #[test]
    fn row_not_measured_has_no_value_and_no_verdict() {
        let row = Row::not_measured("a", "ns", "there is no keychain".to_owned());
        let row = row.beside("b", 1.0).with_goal(Goal::TimesAtMost(3.0));
        let json = serde_json::to_value(&row).unwrap();
        assert_eq!((json["value"].is_null(), json["ok"].is_null()), (true, true));
        assert_eq!(json["note"], "not measured: there is no keychain");
    }

    #[test]
    fn row_of_pairs_compares_their_medians() {
        let pairs = Pairs { samples: vec![9.0, 1.0, 3.0], baseline: vec![4.0, 2.0] };
        let row = pairs.row("start", "ms", "bare window").with_goal(Goal::TimesAtMost(1.0));
        assert_eq!((row.value, row.baseline, row.ratio), (Some(3.0), Some(3.0), Some(1.0)));
        assert_eq!((row.runs, row.goal.as_deref(), row.ok), (3, Some("≤ 1 ×"), Some(true)));
        let alone = Pairs { samples: vec![2.0], ..Pairs::default() }.row("start", "ms", "");
        let alone = alone.with_goal(Goal::AtMost(1.5));
        assert_eq!((alone.baseline_name, alone.ratio, alone.ok), (None, None, Some(false)));
    }

    #[test]
    fn row_is_read_as_it_was_printed_measured_or_not() {
        let measured = Row::new("a", "ns", 2.0, 3).beside("b", 1.0).with_note("c");
        for row in [
            Row { samples: vec![2.0], ..measured },
            Row::new("a", "requests", 1.0, 1).with_goal(Goal::Exactly(1.0)),
            Row::not_measured("a", "ns", "there is no keychain".to_owned()),
        ] {
            let line = serde_json::to_string(&row).unwrap();
            assert_eq!(serde_json::from_str::<Row>(&line).unwrap(), row, "{line}");
        }
    }
}
