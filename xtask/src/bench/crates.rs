//! The size of the program's code by crate.

use std::{collections::BTreeMap, fmt::Write};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The file, relative to the checkout, with the reasons for the large crates.
pub const FILE: &str = "bench/crates.toml";

/// The size in bytes from which a crate needs a reason.
pub const LARGE: u64 = 100 * 1000;

/// The reasons by crate.
#[derive(Debug, Deserialize)]
pub struct Reasons {
    reasons: BTreeMap<String, String>,
}

impl Reasons {
    /// Parses the file.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).with_context(|| format!("{FILE} cannot be read"))
    }

    /// The large crates without a reason.
    pub fn missing(&self, sizes: &[(String, u64)]) -> Vec<String> {
        let large = sizes.iter().filter(|(_, size)| *size >= LARGE);
        large
            .filter(|(name, _)| !self.reasons.contains_key(name))
            .map(|(name, size)| format!("{name}, {} KB", size / 1000))
            .collect()
    }

    /// A table of the large crates with their reasons, and the sum of the others.
    pub fn table(&self, sizes: &[(String, u64)]) -> String {
        let mut text = String::from("| Crate | Code, KB | Why it is there |\n|---|---:|---|\n");
        let (large, small): (Vec<_>, Vec<_>) = sizes.iter().partition(|(_, size)| *size >= LARGE);
        for (name, size) in large {
            let reason = self.reasons.get(name).map_or("", String::as_str);
            let _ = writeln!(text, "| `{name}` | {} | {reason} |", size / 1000);
        }
        let rest: u64 = small.iter().map(|(_, size)| size).sum();
        let _ = writeln!(text, "| {} others | {} | |", small.len(), rest / 1000);
        text
    }
}

/// The size of the code by crate in descending order, from the output of `nm --print-size --demangle`.
pub fn sizes(symbols: &str) -> Vec<(String, u64)> {
    let mut sizes = BTreeMap::<&str, u64>::new();
    for line in symbols.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some(_), Some(size), Some(kind), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        if let (Ok(size), "t" | "T" | "w" | "W") = (u64::from_str_radix(size, 16), kind) {
            *sizes.entry(crate_of(name)).or_default() += size;
        }
    }
    let mut sizes: Vec<_> = sizes.into_iter().map(|(name, size)| (name.to_owned(), size)).collect();
    sizes.sort_by_key(|(name, size)| (std::cmp::Reverse(*size), name.clone()));
    sizes
}

/// The crate that defines a function: the first segment of its path, also where that is of a type or a trait.
fn crate_of(symbol: &str) -> &str {
    if symbol.starts_with("aws_lc_") {
        return "aws-lc (C)";
    }
    let Some((before, _)) = symbol.split_once("::") else { return "C" };
    let begin = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    before.get(begin..).filter(|name| !name.is_empty()).unwrap_or("core")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::root;

    const SYMBOLS: &str = "\
0000000000001000 0000000000020000 t tokio::runtime::task::run
0000000000001000 0000000000000010 t <&mut url::Url as core::fmt::Display>::fmt
0000000000001000 0000000000000020 T aws_lc_0_42_0_RSA_verify
0000000000001000 0000000000000030 T main
0000000000001000 0000000000000040 r url::TABLE
                 U malloc";

    #[test]
    fn crate_sizes_are_summed_by_the_first_name_of_the_path() {
        let named = |name: &str, size| (name.to_owned(), size);
        let expected = [
            named("tokio", 0x20000),
            named("C", 0x30),
            named("aws-lc (C)", 0x20),
            named("url", 0x10),
        ];
        assert_eq!(sizes(SYMBOLS), expected);
    }

    #[test]
    fn crate_reasons_cover_the_large_ones() {
        let reasons = Reasons::parse("[reasons]\ntokio = \"the runtime\"").unwrap();
        let sizes = sizes(SYMBOLS);
        assert!(reasons.missing(&sizes).is_empty());
        assert!(
            reasons
                .table(&sizes)
                .ends_with("| `tokio` | 131 | the runtime |\n| 3 others | 0 | |\n")
        );
        let none = Reasons::parse("[reasons]").unwrap();
        assert_eq!(none.missing(&sizes), ["tokio, 131 KB"]);
    }

    #[test]
    fn crate_reasons_of_the_checkout_can_be_read() {
        let text = std::fs::read_to_string(root().join(FILE)).unwrap();
        assert!(!Reasons::parse(&text).unwrap().reasons.is_empty());
    }
}
