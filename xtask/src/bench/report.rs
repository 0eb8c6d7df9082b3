//! `target/bench/report.json`.

use anyhow::{Context, Result};
use latchkey_bench_row::Row;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Report {
    rows: Vec<Row>,
}

/// An earlier report in which these rows replace those with the same names.
pub fn merged(earlier: Option<&str>, rows: &[Row]) -> Result<String> {
    let mut report = match earlier {
        Some(text) => serde_json::from_str(text).context("the earlier report cannot be read")?,
        None => Report { rows: Vec::new() },
    };
    for row in rows {
        match report.rows.iter_mut().find(|there| there.name == row.name) {
            Some(there) => *there = row.clone(),
            None => report.rows.push(row.clone()),
        }
    }
    Ok(serde_json::to_string_pretty(&report)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::row;

    #[test]
    fn bench_report_keeps_rows_that_were_not_measured_again() {
        let first = merged(None, &[row("a", 1.0, None), row("b", 2.0, None)]).unwrap();
        let second = merged(Some(&first), &[row("b", 3.0, None), row("c", 4.0, None)]).unwrap();
        let report: Report = serde_json::from_str(&second).unwrap();
        let found: Vec<_> = report.rows.iter().map(|row| (row.name.as_str(), row.ratio)).collect();
        assert_eq!(found, [("a", Some(1.0)), ("b", Some(3.0)), ("c", Some(4.0))]);
    }
}
