//! A model of values in chunks: every interruption, retry and concurrent read.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Large enough for a head.
const MAX_CHUNK_BYTES: usize = 30;

type Values = BTreeMap<String, Vec<u8>>;

/// An operation on the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Store(&'static [u8]),
    Clear,
}

/// One entry, two chunks, three chunks, and another value in two chunks to be mixed up with the first.
const ASKS: [Ask; 5] = [
    Ask::Store(&[b'p'; 5]),
    Ask::Store(&[b'q'; 50]),
    Ask::Store(&[b'r'; 75]),
    Ask::Clear,
    Ask::Store(&[b's'; 55]),
];

/// A keychain that fails at one call, or at every call from one on.
#[derive(Clone, Default)]
struct CrashingStore {
    values: Values,
    /// Calls that succeed before the failure.
    calls_left: Option<usize>,
    /// The failed call takes effect nevertheless.
    does_it: bool,
    /// Every call after the failure fails too, as after a power failure.
    for_good: bool,
    /// Reads can fail too. They change nothing, so one kind of failure is enough for them.
    reads_fail: bool,
    /// The values after every write.
    history: Vec<Values>,
}

impl CrashingStore {
    fn of(values: &Values) -> Self {
        Self { values: values.clone(), ..Self::default() }
    }

    fn write<T>(&mut self, work: impl FnOnce(&mut Values) -> T) -> Result<T, KeychainError> {
        let succeeds = self.calls_left != Some(0);
        self.calls_left = match self.calls_left {
            Some(0) if !self.for_good => None,
            Some(left) => Some(left.saturating_sub(1)),
            None => None,
        };
        let failed = KeychainError::Failed("the power went".to_owned());
        if !succeeds && !self.does_it {
            return Err(failed);
        }
        let done = work(&mut self.values);
        if self.history.last() != Some(&self.values) {
            self.history.push(self.values.clone());
        }
        if succeeds { Ok(done) } else { Err(failed) }
    }

    fn ask(&mut self, ask: Ask) -> Result<(), KeychainError> {
        match ask {
            Ask::Store(value) => store(self, "s", value, MAX_CHUNK_BYTES),
            Ask::Clear => clear(self, "s", MAX_CHUNK_BYTES),
        }
    }
}

impl CredentialStore for CrashingStore {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        if self.reads_fail {
            return self.write(|values| values.get(name).cloned().map(Zeroizing::new));
        }
        Ok(self.values.get(name).cloned().map(Zeroizing::new))
    }

    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
        assert!(value.len() <= MAX_CHUNK_BYTES);
        self.write(|values| drop(values.insert(name.to_owned(), value.to_vec())))
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
        self.write(|values| drop(values.remove(name)))
    }
}

fn loaded(values: &Values) -> Option<Vec<u8>> {
    load(&mut CrashingStore::of(values), "s").unwrap().map(|value| value.to_vec())
}

/// All outcomes of an operation: done, or interrupted at any call.
fn outcomes(values: &Values, ask: Ask) -> BTreeSet<(bool, Values)> {
    let mut outcomes = BTreeSet::new();
    for (does_it, for_good, reads_fail) in
        [(false, false, true), (false, true, false), (true, false, false), (true, true, false)]
    {
        for calls in 0.. {
            let calls_left = Some(calls);
            let mut frail = CrashingStore {
                calls_left,
                does_it,
                for_good,
                reads_fail,
                ..CrashingStore::of(values)
            };
            let is_done = frail.ask(ask).is_ok();
            // None means that a call failed and later ones succeeded; more than 0, that none failed.
            let all_done = frail.calls_left.is_some_and(|left| left > 0);
            outcomes.insert((is_done, frail.values));
            if all_done {
                break;
            }
        }
    }
    outcomes
}

/// From nothing, through every sequence of values, removals, failures, power cuts and tries again.
// req: H2
#[test]
fn keychain_chunks_survive_every_modelled_interruption() {
    let mut seen = BTreeSet::from([Values::new()]);
    let mut to_do = vec![Values::new()];
    while let Some(values) = to_do.pop() {
        let before = loaded(&values);
        for ask in ASKS.into_iter().take(4) {
            let wanted = match ask {
                Ask::Store(value) => Some(value.to_vec()),
                Ask::Clear => None,
            };
            for (is_done, values_after) in outcomes(&values, ask) {
                let after = loaded(&values_after);
                let case = || format!("{ask:?} at {values:?}: done: {is_done}, {values_after:?}");
                assert!(after == wanted || !is_done && after == before, "{}", case());
                let entries = match &wanted {
                    Some(value) if value.len() > MAX_CHUNK_BYTES => {
                        1 + value.len().div_ceil(MAX_CHUNK_BYTES)
                    }
                    Some(_) => 1,
                    None => 0,
                };
                assert!(!is_done || values_after.len() == entries, "left: {}", case());
                if seen.insert(values_after.clone()) {
                    to_do.push(values_after);
                }
            }
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

/// A keychain that returns the recorded results, and records the first read beyond them.
struct ScriptedStore<'a> {
    known: std::slice::Iter<'a, Option<Vec<u8>>>,
    requested: Option<String>,
}

impl CredentialStore for ScriptedStore<'_> {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        match self.known.next() {
            Some(value) => Ok(value.clone().map(Zeroizing::new)),
            None => {
                self.requested = Some(name.to_owned());
                Err(KeychainError::Slow)
            }
        }
    }

    fn set(&mut self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
        panic!("a reader writes")
    }

    fn remove(&mut self, _: &str) -> Result<(), KeychainError> {
        panic!("a reader removes")
    }
}

/// All results of a reader that starts at the beginning of `history` and reads at any speed.
fn read_beside(history: &[Values], served: &mut Vec<Option<Vec<u8>>>, found: &mut Found) {
    let mut entries = ScriptedStore { known: served.iter(), requested: None };
    let outcome = load(&mut entries, "s");
    let Some(name) = entries.requested else {
        found.insert(outcome.map(|value| value.map(|value| value.to_vec())).map_err(|_| ()));
        return;
    };
    // Of the moments with one result, the first leaves every later result possible.
    let mut given = BTreeSet::new();
    for (moment, values) in history.iter().enumerate() {
        if given.insert(values.get(&name)) {
            served.push(values.get(&name).cloned());
            read_beside(&history[moment..], served, found);
            served.pop();
        }
    }
}

type Found = BTreeSet<Result<Option<Vec<u8>>, ()>>;

// req: H2
#[test]
fn keychain_concurrent_reader_sees_only_stored_values() {
    let scripts = ASKS.iter().flat_map(|first| {
        ASKS.iter().flat_map(move |second| ASKS.iter().map(move |third| [*first, *second, *third]))
    });
    for [before, first, second] in scripts {
        let mut writer = CrashingStore::default();
        writer.ask(before).unwrap();
        writer.history = vec![writer.values.clone()];
        writer.ask(first).unwrap();
        writer.ask(second).unwrap();
        let there: Found = writer.history.iter().map(|values| Ok(loaded(values))).collect();
        let mut found = Found::new();
        read_beside(&writer.history, &mut Vec::new(), &mut found);
        let case = format!("{before:?}, {first:?}, {second:?}");
        assert!(found.is_subset(&there), "{case}: {found:?}");
        assert!(found.contains(&Ok(loaded(&writer.values))), "{case}: {found:?}");
    }
}
