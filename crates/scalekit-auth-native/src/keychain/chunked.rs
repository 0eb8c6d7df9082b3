//! Values longer than an entry of the keychain, stored in chunks.
//!
//! The entry with the value's own name, the head, then lists the chunks. New chunks are written under unused
//! names, and the head is replaced only after all of them: at a power failure the value is the old one or the
//! new one. Unused chunks are removed by name, whatever the head contains, and in descending order: what an
//! interruption leaves is found the next time.

#[cfg(test)]
mod model;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{CredentialStore, KeychainError};

/// The start of the head of a value in chunks; no stored record starts so.
const MARK: &str = "parts ";

/// The head of a value that is being removed: its chunks are ignored.
const REMOVED: &str = "parts removed";

/// The limit of chunks for one value. A head with a larger number is damaged; without a limit, a reader would
/// look for its chunks without end.
const MAX_CHUNKS: usize = 1000;

/// The number of consecutive absent chunks after which none is looked for. One would do if no other process
/// changed the entries and every write reached the disk in its order.
const MAX_GAP: usize = 8;

/// The limit of reads of a value that a process without the lock replaces meanwhile.
const MAX_READS: usize = 8;

/// The chunks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunks {
    generation: Generation,
    count: usize,
    /// A check sum of the whole value, so that chunks of two values are not combined. Heads of earlier versions
    /// have none.
    check: Option<u64>,
}

/// Two sets of chunk names, used alternately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    A,
    B,
}

pub fn load(
    entries: &mut dyn CredentialStore,
    name: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
    for _ in 0..MAX_READS {
        let Some(value) = entries.get(name)?.filter(|value| **value != REMOVED.as_bytes()) else {
            return Ok(None);
        };
        let Some(parts) = Chunks::read(&value) else { return Ok(Some(value)) };
        if let Some(whole) = parts.load(entries, name)? {
            return Ok(Some(whole));
        }
    }
    Err(incomplete())
}

/// The error for a value of which chunks are missing permanently.
pub fn incomplete() -> KeychainError {
    KeychainError::Failed("A part of the saved session is missing".to_owned())
}

pub fn store(
    entries: &mut dyn CredentialStore,
    name: &str,
    value: &[u8],
    longest: usize,
) -> Result<(), KeychainError> {
    // Most keychains store values of any length, without chunks to look for.
    if longest == usize::MAX {
        return entries.set(name, value);
    }
    if value.len() <= longest {
        entries.set(name, value)?;
        return remove_parts(entries, name, None);
    }
    let before = entries.get(name)?.and_then(|value| Chunks::read(&value));
    let generation = before.map_or(Generation::A, |before| before.generation.other());
    let chunks = value.chunks(longest);
    if chunks.len() > MAX_CHUNKS {
        return Err(KeychainError::Failed("It is too long for this keychain".to_owned()));
    }
    let parts = Chunks { generation, count: chunks.len(), check: Some(check(value)) };
    for (number, chunk) in chunks.enumerate() {
        entries.set(&generation.name(name, number), chunk)?;
    }
    entries.set(name, parts.written().as_bytes())?;
    remove_parts(entries, name, Some(parts))
}

pub fn clear(
    entries: &mut dyn CredentialStore,
    name: &str,
    longest: usize,
) -> Result<(), KeychainError> {
    if longest < usize::MAX {
        // From here on every reader finds no value, even if removing the chunks fails.
        if entries.get(name)?.is_some() {
            entries.set(name, REMOVED.as_bytes())?;
        }
        // Before the head, without which the chunks would not be removed by a retry.
        remove_parts(entries, name, None)?;
    }
    entries.remove(name)
}

/// Removes every chunk except those of the current value.
fn remove_parts(
    entries: &mut dyn CredentialStore,
    name: &str,
    but: Option<Chunks>,
) -> Result<(), KeychainError> {
    for generation in [Generation::A, Generation::B] {
        let in_use = but.filter(|parts| parts.generation == generation);
        remove_from(entries, name, generation, in_use.map_or(0, |parts| parts.count))?;
    }
    Ok(())
}

/// Removes a generation's chunks from this number on.
fn remove_from(
    entries: &mut dyn CredentialStore,
    name: &str,
    generation: Generation,
    first: usize,
) -> Result<(), KeychainError> {
    let (mut there, mut number) = (Vec::new(), first);
    while number <= there.last().map_or(first, |last| last + 1) + MAX_GAP {
        if entries.get(&generation.name(name, number))?.is_some() {
            there.push(number);
        }
        number += 1;
    }
    // In descending order: after an interruption the remaining ones have no gap.
    there.iter().rev().try_for_each(|number| entries.remove(&generation.name(name, *number)))
}

/// A check sum that detects a change; it need not resist collisions that are made on purpose.
fn check(value: &[u8]) -> u64 {
    Sha256::digest(value).iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

impl Chunks {
    /// None where a chunk is missing or is one of another value.
    fn load(
        self,
        entries: &mut dyn CredentialStore,
        name: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        let mut parts = Vec::with_capacity(self.count);
        for number in 0..self.count {
            let Some(part) = entries.get(&self.generation.name(name, number))? else {
                return Ok(None);
            };
            parts.push(part);
        }
        // Allocated once: growing would leave copies that are not wiped.
        let length = parts.iter().map(|part| part.len()).sum();
        let mut whole = Zeroizing::new(Vec::with_capacity(length));
        parts.iter().for_each(|part| whole.extend_from_slice(part));
        Ok(self.check.is_none_or(|expected| check(&whole) == expected).then_some(whole))
    }

    fn read(value: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(value).ok()?.strip_prefix(MARK)?.split(' ');
        let generation = match words.next()? {
            "a" => Generation::A,
            "b" => Generation::B,
            _ => return None,
        };
        let count = words.next()?.parse().ok().filter(|count| *count <= MAX_CHUNKS)?;
        let check = match words.next() {
            Some(check) => Some(u64::from_str_radix(check, 16).ok()?),
            None => None,
        };
        words.next().is_none().then_some(Self { generation, count, check })
    }

    fn written(self) -> String {
        let check = self.check.map_or_else(String::new, |check| format!(" {check:016x}"));
        format!("{MARK}{} {}{check}", self.generation.letter(), self.count)
    }
}

impl Generation {
    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::A => 'a',
            Self::B => 'b',
        }
    }

    fn name(self, name: &str, number: usize) -> String {
        format!("{name}.{}{number}", self.letter())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicUsize};

    use super::{super::testing::Memory, *};

    /// Large enough for a head.
    const MAX_CHUNK_BYTES: usize = 30;

    fn loaded(memory: &mut Memory) -> Option<Vec<u8>> {
        load(memory, "s").unwrap().map(|value| value.to_vec())
    }

    fn names(memory: &Memory) -> Vec<String> {
        memory.values.lock().unwrap().keys().cloned().collect()
    }

    #[test]
    fn keychain_chunked_value_round_trips_without_leftovers() {
        let mut memory = Memory::default();
        for length in [5, 30, 31, 105, 250, 60, 3, 0] {
            let value: Vec<u8> = (0..length).collect();
            store(&mut memory, "s", &value, MAX_CHUNK_BYTES).unwrap();
            assert_eq!(loaded(&mut memory), Some(value));
            let parts = if length > 30 { usize::from(length).div_ceil(MAX_CHUNK_BYTES) } else { 0 };
            assert_eq!(memory.values.lock().unwrap().len(), parts + 1);
            assert!(
                memory.values.lock().unwrap().values().all(|value| value.len() <= MAX_CHUNK_BYTES)
            );
        }
        clear(&mut memory, "s", MAX_CHUNK_BYTES).unwrap();
        assert_eq!(names(&memory), [""; 0]);
    }

    /// Chunks after a gap are found as long as the gap does not exceed [`MAX_GAP`].
    #[test]
    fn keychain_chunks_behind_the_longest_gap_are_removed() {
        for (second, left) in [(MAX_GAP + 1, 0), (MAX_GAP + 2, 1)] {
            let mut memory = Memory::default();
            for number in [0, second] {
                memory.set(&Generation::A.name("s", number), b"x").unwrap();
            }
            remove_from(&mut memory, "s", Generation::A, 0).unwrap();
            assert_eq!(names(&memory).len(), left, "{second}");
        }
    }

    // req: H2
    #[test]
    fn keychain_chunked_store_survives_power_cut_at_any_write() {
        for (old, new) in [(105, 75), (75, 105), (5, 105), (105, 5)] {
            let (old, new) = (vec![b'o'; old], vec![b'n'; new]);
            for writes in 0..20 {
                let mut memory = Memory::default();
                store(&mut memory, "s", &old, MAX_CHUNK_BYTES).unwrap();
                memory.writes_left = Some(Arc::new(AtomicUsize::new(writes)));
                let outcome = store(&mut memory, "s", &new, MAX_CHUNK_BYTES);
                memory.writes_left = None;
                let value = loaded(&mut memory).unwrap();
                assert!(value == old || value == new, "{writes}");
                assert!(outcome.is_err() || value == new);
                store(&mut memory, "s", &new, MAX_CHUNK_BYTES).unwrap();
                assert_eq!(loaded(&mut memory), Some(new.clone()));
            }
        }
    }

    // req: H2
    #[test]
    fn keychain_stores_8_kib_in_2560_byte_chunks() {
        let mut memory = Memory::default();
        let value: Vec<u8> = (0..8192).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
        store(&mut memory, "s", &value, 2560).unwrap();
        assert_eq!(loaded(&mut memory), Some(value));
        assert!(memory.values.lock().unwrap().values().all(|value| value.len() <= 2560));
    }

    // req: H8
    #[test]
    fn keychain_unbounded_chunk_count_is_corrupt_and_replaceable() {
        let mut memory = Memory::default();
        let damaged = format!("{MARK}a {}", usize::MAX).into_bytes();
        memory.values.lock().unwrap().insert("s".to_owned(), damaged.clone());
        assert_eq!(loaded(&mut memory), Some(damaged));
        store(&mut memory, "s", &[1; 105], MAX_CHUNK_BYTES).unwrap();
        assert_eq!(loaded(&mut memory), Some(vec![1; 105]));
        store(&mut memory, "s", &vec![1; MAX_CHUNK_BYTES * (MAX_CHUNKS + 1)], MAX_CHUNK_BYTES)
            .unwrap_err();
        assert_eq!(loaded(&mut memory), Some(vec![1; 105]));
        clear(&mut memory, "s", MAX_CHUNK_BYTES).unwrap();
    }

    #[test]
    fn keychain_missing_chunk_is_reported() {
        let mut memory = Memory::default();
        store(&mut memory, "s", &[1; 105], MAX_CHUNK_BYTES).unwrap();
        memory.values.lock().unwrap().remove("s.a2");
        assert!(load(&mut memory, "s").is_err());
    }

    #[test]
    fn keychain_chunk_of_another_value_is_rejected() {
        let mut memory = Memory::default();
        store(&mut memory, "s", &[1; 105], MAX_CHUNK_BYTES).unwrap();
        memory.values.lock().unwrap().insert("s.a2".to_owned(), vec![2; MAX_CHUNK_BYTES]);
        assert!(load(&mut memory, "s").is_err());
    }

    /// Entries in the format of version 0.1.0, and the remains of its removals and power failures.
    #[test]
    fn keychain_chunks_of_v0_1_0_are_read_and_cleaned_up() {
        let mut memory = Memory::default();
        let written = [("s", "parts a 2"), ("s.a0", "one "), ("s.a1", "value"), ("s.b3", "old")];
        let written = || written.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        memory.values.lock().unwrap().extend(written());
        assert_eq!(loaded(&mut memory).unwrap(), b"one value");
        store(&mut memory, "s", &[1; 105], MAX_CHUNK_BYTES).unwrap();
        assert_eq!(names(&memory), ["s", "s.b0", "s.b1", "s.b2", "s.b3"]);
        memory.values.lock().unwrap().clear();
        memory.values.lock().unwrap().extend(written().into_iter().skip(2));
        clear(&mut memory, "s", MAX_CHUNK_BYTES).unwrap();
        assert_eq!(names(&memory), [""; 0]);
    }
}
