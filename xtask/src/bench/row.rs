//! A row, as the programs under `bench/` print it.

use serde::{Deserialize, Serialize};

/// A figure, what it is measured against, and what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// In what.
    pub unit: String,
    /// The median.
    pub value: f64,
    /// What it is measured against; empty where there is nothing.
    pub baseline_name: String,
    /// The median of that.
    pub baseline: Option<f64>,
    /// The value as a multiple of the baseline.
    pub ratio: Option<f64>,
    /// What the figure should be.
    pub goal: Option<String>,
    /// Whether it is.
    pub ok: Option<bool>,
    /// How many times it was measured.
    pub runs: u64,
    /// Each run's figure, where the program tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<f64>,
    /// Each run's baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baseline_samples: Vec<f64>,
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A row of this name, with this ratio to a baseline of 100 ms.
    pub fn row(name: &str, ratio: f64, goal: Option<(&str, bool)>) -> Row {
        Row {
            name: name.to_owned(),
            unit: "ms".to_owned(),
            value: 100.0 * ratio,
            baseline_name: "bare window".to_owned(),
            baseline: Some(100.0),
            ratio: Some(ratio),
            goal: goal.map(|(goal, _)| goal.to_owned()),
            ok: goal.map(|(_, ok)| ok),
            runs: 15,
            samples: Vec::new(),
            baseline_samples: Vec::new(),
        }
    }

    #[test]
    fn bench_row_is_read_with_and_without_samples_and_baseline() {
        let line = r#"{"name":"a","unit":"ms","value":1,"baseline_name":"","baseline":null,"ratio":null,"goal":null,"ok":null,"runs":3}"#;
        let row: Row = serde_json::from_str(line).unwrap();
        assert_eq!((row.value, row.ratio, row.samples.len()), (1.0, None, 0));
        assert_eq!(
            serde_json::from_str::<Row>(&serde_json::to_string(&row).unwrap()).unwrap(),
            row
        );
    }
}
