//! The stored results. A line is added for each; a mutant with a result is not tested again.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The outcome of a mutant in one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Caught,
    Missed,
    Timeout,
    Unviable,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Caught => "caught",
            Self::Missed => "missed",
            Self::Timeout => "timeout",
            Self::Unviable => "unviable",
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    stage: String,
    mutant: String,
    outcome: Outcome,
}

pub struct Results {
    known: BTreeMap<String, Outcome>,
    file: File,
}

impl Results {
    /// Reads the file, or creates it. A truncated line is ignored.
    pub fn open(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let known = lines.map(|line| (line.key, line.outcome)).collect();
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self { known, file })
    }

    pub fn of(&self, key: &str) -> Option<Outcome> {
        self.known.get(key).copied()
    }

    pub fn record(&mut self, key: &str, stage: &str, mutant: &str, outcome: Outcome) -> Result<()> {
        let (stage, mutant) = (stage.to_owned(), mutant.to_owned());
        let line = Line { key: key.to_owned(), stage, mutant, outcome };
        let line = serde_json::to_string(&line)? + "\n";
        self.file.write_all(line.as_bytes())?;
        self.known.insert(key.to_owned(), outcome);
        Ok(())
    }
}

/// A digest of these parts, in hexadecimal digits.
pub fn key(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutant_results_survive_a_truncated_line() {
        let path = crate::steps::target().join("mutants-results-of-a-test.jsonl");
        fs::write(&path, "{\"key\":\"a\",\"sta").unwrap();
        let mut results = Results::open(&path).unwrap();
        assert_eq!(results.of("a"), None);
        results.record("a", "own", "x", Outcome::Missed).unwrap();
        results.record("b", "own", "y", Outcome::Caught).unwrap();
        let results = Results::open(&path).unwrap();
        assert_eq!(results.of("a"), Some(Outcome::Missed));
        assert_eq!(results.of("b"), Some(Outcome::Caught));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn mutant_result_keys_keep_their_parts_apart() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
    }
}
