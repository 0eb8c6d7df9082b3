//! `bench/limits.toml`: the ratio above which a row is a regression. Unlike a goal, a limit is the ratio that was
//! reached, with a margin for the variation between runs.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use latchkey_bench_row::Row;
use serde::Deserialize;

use super::table::figure;

/// The path relative to the checkout.
pub const FILE: &str = "bench/limits.toml";

/// The ratios by the names of the rows.
#[derive(Debug, Deserialize)]
pub struct Limits {
    ratios: BTreeMap<String, f64>,
}

impl Limits {
    /// Parses the file.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).with_context(|| format!("{FILE} cannot be read"))
    }

    /// A message for each row above its limit.
    pub fn above(&self, rows: &[Row]) -> Vec<String> {
        let above = |row: &Row| {
            let (limit, ratio) = (*self.ratios.get(&row.name)?, row.ratio?);
            let message =
                || format!("{}: {} ×, allowed are {} ×", row.name, figure(ratio), figure(limit));
            (ratio > limit).then(message)
        };
        rows.iter().filter_map(above).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bench::tests::row, steps::root};

    #[test]
    fn bench_row_above_its_limit_is_reported() {
        let limits = Limits::parse("[ratios]\n\"start\" = 1.3\n\"memory\" = 1.2").unwrap();
        let rows = [row("start", 1.31, None), row("memory", 1.2, None), row("other", 9.0, None)];
        assert_eq!(limits.above(&rows), ["start: 1.31 ×, allowed are 1.30 ×"]);
    }

    #[test]
    fn bench_limits_of_the_checkout_can_be_read() {
        let text = std::fs::read_to_string(root().join(FILE)).unwrap();
        assert!(!Limits::parse(&text).unwrap().ratios.is_empty());
    }
}
