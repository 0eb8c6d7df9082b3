//! The stages of tests for a mutant, fast ones first. A mutant that survives one stage is tested in the next.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;

use super::results;

const AUTH: &str = "scalekit-auth";
const NATIVE: &str = "scalekit-auth-native";

/// Tests of scalekit-auth that take more than 0.1 s each, ten together. All others together take one second.
const SLOW: &[&str] = &[
    "jwks_is_fetched_once_for_1000_unknown_kids",
    "jwks_reads_at_most_100_keys",
    "refresh_token_is_used_once_across_149_refreshes",
    "access_token_requests_by_200_callers_refresh_once",
    "id_token_with_duplicate_claim_is_rejected",
    "metadata_endpoint_off_issuer_origin_is_rejected",
    "authorization_secrets_are_unique_in_10000_sign_ins",
    "refresh_timing_is_jittered_across_50_devices",
    "initiate_login_verification_burst_is_30",
    "initiate_login_unknown_kids_refetch_jwks_once_a_minute",
    "initiate_login_replay_cache_holds_64_tokens",
    "id_token_with_foreign_or_empty_signature_is_rejected",
    "initiate_login_token_with_foreign_signature_is_rejected",
];

/// A subset of the tests.
pub struct Stage {
    pub name: &'static str,
    /// The package whose mutants are tested.
    package: &'static str,
    /// The packages whose tests are run.
    pub packages: &'static [&'static str],
    /// Cargo's arguments that select the targets.
    pub targets: &'static [&'static str],
    filter: Filter,
    /// Their timeout in seconds: a multiple of their duration on a busy computer.
    pub longest: u64,
    /// The sources that the tests are built from.
    sources: &'static [&'static str],
}

enum Filter {
    None,
    Without(&'static [&'static str]),
    Only(&'static [&'static str]),
}

/// The stages, in order.
pub const ALL: &[Stage] = &[
    Stage {
        name: "auth",
        package: AUTH,
        packages: &[AUTH],
        targets: &["--lib"],
        filter: Filter::Without(SLOW),
        longest: 40,
        sources: &["crates/scalekit-auth"],
    },
    Stage {
        name: "auth, slow ones",
        package: AUTH,
        packages: &[AUTH],
        targets: &["--lib"],
        filter: Filter::Only(SLOW),
        longest: 120,
        sources: &["crates/scalekit-auth"],
    },
    Stage {
        name: "conformance and simulation",
        package: AUTH,
        packages: &[NATIVE, "scalekit-simulation"],
        targets: &["--test", "conformance", "--test", "schedules"],
        filter: Filter::None,
        longest: 600,
        sources: &[
            "crates/scalekit-auth",
            "crates/scalekit-auth-native",
            "crates/scalekit-simulation",
            "crates/scalekit-dev",
        ],
    },
    Stage {
        name: "native",
        package: NATIVE,
        packages: &[NATIVE],
        targets: &["--lib"],
        filter: Filter::None,
        longest: 120,
        sources: &["crates/scalekit-auth", "crates/scalekit-auth-native"],
    },
    Stage {
        name: "conformance and session",
        package: NATIVE,
        packages: &[NATIVE],
        targets: &["--test", "conformance", "--test", "session"],
        filter: Filter::None,
        longest: 300,
        sources: &["crates/scalekit-auth", "crates/scalekit-auth-native", "crates/scalekit-dev"],
    },
];

/// The packages that are mutated.
pub const PACKAGES: &[&str] = &[AUTH, NATIVE];

impl Stage {
    pub fn is_for(&self, package: &str) -> bool {
        self.package == package
    }

    /// The arguments that Cargo passes to the test programs.
    pub fn filter(&self) -> Vec<&'static str> {
        match self.filter {
            Filter::None => Vec::new(),
            Filter::Without(names) => names.iter().flat_map(|name| ["--skip", name]).collect(),
            Filter::Only(names) => names.to_vec(),
        }
    }
}

/// For each stage a digest of all sources of its tests.
pub fn digests(tree: &Path) -> Result<BTreeMap<&'static str, String>> {
    let of = |stage: &'static Stage| {
        let mut parts =
            vec![format!("{:?} {:?} {:?}", stage.packages, stage.targets, stage.filter())];
        for part in [&["Cargo.toml", "Cargo.lock"], stage.sources].concat() {
            gather(&tree.join(part), &mut parts)?;
        }
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        Ok((stage.name, results::key(&parts)))
    };
    ALL.iter().map(of).collect()
}

fn gather(path: &Path, parts: &mut Vec<String>) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        let mut entries = entries.collect::<Result<Vec<_>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| gather(entry, parts));
    }
    parts.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    parts.push(String::from_utf8_lossy(&fs::read(path)?).into_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutant_stages_run_each_slow_test_exactly_once() {
        let stages: Vec<_> = ALL.iter().filter(|stage| stage.is_for(AUTH)).collect();
        let without = stages[0].filter();
        assert!(without.iter().filter(|word| **word != "--skip").eq(stages[1].filter().iter()));
        let tests = crate::requirements::markers::tests(crate::steps::root()).unwrap();
        for slow in SLOW {
            assert!(tests.iter().any(|test| test.function == *slow), "there is no {slow}");
        }
        assert!(PACKAGES.iter().all(|package| ALL.iter().any(|stage| stage.is_for(package))));
    }

    #[test]
    fn mutant_stage_digests_are_distinct() {
        let digests = digests(crate::steps::root()).unwrap();
        assert_eq!(digests.len(), ALL.len());
        let mut different: Vec<_> = digests.values().collect();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), ALL.len());
    }
}
