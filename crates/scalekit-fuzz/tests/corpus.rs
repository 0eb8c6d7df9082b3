//! All targets with the committed corpus and some random bytes.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{collections::BTreeSet, fs, panic::catch_unwind, path::PathBuf};

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestRunner},
};
use scalekit_fuzz::TARGETS;

/// The maximum size of the committed corpus, in bytes.
const MAX_CORPUS_BYTES: u64 = 300 * 1024;

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The files of a target's corpus, with their names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("corpus/{target}");
    let files = names(&folder);
    files
        .into_iter()
        .map(|name| (name.clone(), fs::read(fuzz().join(&folder).join(name)).unwrap()))
        .collect()
}

// req: D27, L8, X16
#[test]
fn fuzz_corpus_panics_no_target() {
    let mut broken = Vec::new();
    for (target, run) in TARGETS {
        let files = corpus(target);
        assert!(files.len() >= 3, "{target} has hardly any corpus");
        for (name, bytes) in files {
            if catch_unwind(|| run(&bytes)).is_err() {
                broken.push(format!("{target}/{name}"));
            }
        }
    }
    assert!(broken.is_empty(), "broken by {broken:#?}");
}

#[test]
fn fuzz_targets_each_have_a_fuzzer_and_a_corpus() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    let fuzzers: BTreeSet<_> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names("fuzz_targets"), fuzzers);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not built");
    }
}

#[test]
fn fuzz_corpus_is_at_most_300_kib() {
    let size: usize =
        TARGETS.iter().flat_map(|(name, _)| corpus(name)).map(|(_, bytes)| bytes.len()).sum();
    assert!(size as u64 <= MAX_CORPUS_BYTES, "{size} bytes");
}

/// One mutation of a file of the corpus.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index, Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
    Flip(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        vec(any::<u8>(), 1..8),
        select(vec![
            "\0",
            "%00",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            ",",
            "&",
            "=",
            ".",
            "\n",
            "1e308",
            "null",
            "-1",
            "18446744073709551616",
            "\u{202e}",
            "\u{e9}",
            "\u{feff}",
            "STATE",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Cut(from, to)),
        (any::<Index>(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Repeat(from, to)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, with)| Change::Flip(at, with)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let at = |index: &Index| index.index(bytes.len() + 1);
        let between = |one: &Index, other: &Index| {
            let (one, other) = (at(one), at(other));
            one.min(other)..one.max(other)
        };
        match change {
            Change::Cut(from, to) => {
                bytes.drain(between(from, to));
            }
            Change::Insert(index, piece) => {
                let at = at(index);
                bytes.splice(at..at, piece.iter().copied());
            }
            Change::Repeat(from, to) => {
                let range = between(from, to);
                let (end, piece) = (range.end, bytes[range].to_vec());
                bytes.splice(end..end, piece);
            }
            Change::Flip(index, with) => {
                let at = index.index(bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= with;
                }
            }
        }
    }
    bytes
}

/// Fuzzing without coverage guidance, so it begins with mutations of the corpus.
// req: X16
#[test]
fn fuzz_corpus_mutations_panic_no_target() {
    for (target, run) in TARGETS {
        let files: Vec<_> = corpus(target).into_iter().map(|(_, bytes)| bytes).collect();
        let inputs = (select(files), vec(change(), 0..4))
            .prop_map(|(bytes, changes)| changed(bytes, &changes));
        let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&inputs, |bytes| {
            run(&bytes);
            Ok(())
        });
        outcome.unwrap_or_else(|why| panic!("{target}: {why}"));
    }
}
