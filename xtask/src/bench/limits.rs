//! `bench/limits.toml`: above which ratio a row is a regression. The goals are elsewhere: a limit is what was reached,
//! with room for what differs from run to run.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use latchkey_bench_row::Row;
use serde::Deserialize;

use super::table::figure;

/// In the checkout.
pub const FILE: &str = "bench/limits.toml";

/// The ratios, by the rows' names.
#[derive(Debug, Deserialize)]
pub struct Limits {
    ratios: BTreeMap<String, f64>,
}

impl Limits {
    /// Reads them.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).with_context(|| format!("{FILE} cannot be read"))
    }

    /// What is to be said of the rows that are above their limits.
    pub fn above(&self, rows: &[Row]) -> Vec<String> {
        let above = |row: &Row| {
            let (limit, ratio) = (*self.ratios.get(&row.name)?, row.ratio?);
            let said =
                || format!("{}: {} ×, allowed are {} ×", row.name, figure(ratio), figure(limit));
            (ratio > limit).then(said)
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
