//! Values that are longer than a keychain takes, in parts.
//!
//! The entry of the value's own name then holds which parts there are. New parts are written under
//! names that are not in use, and only when all of them are there does that entry change: whenever
//! the power goes, the value is the old one or the new one.

use zeroize::Zeroizing;

use super::{Entries, KeychainFailure};

/// What the entry of a value in parts begins with; no record of ours begins so.
const MARK: &str = "parts ";

/// No value is in more parts than this. An entry that claims so is damaged, and whoever believed it
/// would look for its parts for ever.
const MOST: usize = 1000;

/// Which parts a value is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    generation: Generation,
    count: usize,
}

/// Two sets of names, used in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    A,
    B,
}

pub fn load(
    entries: &mut dyn Entries,
    name: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure> {
    let Some(value) = entries.get(name)? else { return Ok(None) };
    let Some(parts) = Parts::read(&value) else { return Ok(Some(value)) };
    let mut whole = Zeroizing::new(Vec::new());
    for number in 0..parts.count {
        let part = entries.get(&parts.generation.name(name, number))?;
        let part = part.ok_or_else(|| {
            KeychainFailure::Failed("A part of the saved session is missing".to_owned())
        })?;
        whole.extend_from_slice(&part);
    }
    Ok(Some(whole))
}

pub fn store(
    entries: &mut dyn Entries,
    name: &str,
    value: &[u8],
    longest: usize,
) -> Result<(), KeychainFailure> {
    // Most keychains take values of any length, and then nobody has to look first.
    if longest == usize::MAX {
        return entries.set(name, value);
    }
    let before = entries.get(name)?.and_then(|value| Parts::read(&value));
    if value.len() <= longest {
        entries.set(name, value)?;
    } else {
        let generation = before.map_or(Generation::A, |before| before.generation.other());
        let chunks = value.chunks(longest);
        if chunks.len() > MOST {
            return Err(KeychainFailure::Failed("It is too long for this keychain".to_owned()));
        }
        let parts = Parts { generation, count: chunks.len() };
        for (number, chunk) in chunks.enumerate() {
            entries.set(&generation.name(name, number), chunk)?;
        }
        entries.set(name, parts.written().as_bytes())?;
    }
    before.map_or(Ok(()), |before| remove_parts(entries, name, before))
}

pub fn clear(entries: &mut dyn Entries, name: &str) -> Result<(), KeychainFailure> {
    let parts = entries.get(name)?.and_then(|value| Parts::read(&value));
    entries.remove(name)?;
    parts.map_or(Ok(()), |parts| remove_parts(entries, name, parts))
}

fn remove_parts(
    entries: &mut dyn Entries,
    name: &str,
    parts: Parts,
) -> Result<(), KeychainFailure> {
    (0..parts.count).try_for_each(|number| entries.remove(&parts.generation.name(name, number)))
}

impl Parts {
    fn read(value: &[u8]) -> Option<Self> {
        let (generation, count) =
            std::str::from_utf8(value).ok()?.strip_prefix(MARK)?.split_once(' ')?;
        let generation = match generation {
            "a" => Generation::A,
            "b" => Generation::B,
            _ => return None,
        };
        let count = count.parse().ok().filter(|count| *count <= MOST)?;
        Some(Self { generation, count })
    }

    fn written(self) -> String {
        format!("{MARK}{} {}", self.generation.letter(), self.count)
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
    #![allow(clippy::unwrap_used)]
    use std::sync::{Arc, atomic::AtomicUsize};

    use super::{super::testing::Memory, *};

    fn loaded(memory: &mut Memory) -> Option<Vec<u8>> {
        load(memory, "s").unwrap().map(|value| value.to_vec())
    }

    #[test]
    fn a_long_value_comes_back_whole_and_leaves_no_part_behind() {
        let mut memory = Memory::default();
        for length in [5, 10, 11, 35, 100, 20, 3, 0] {
            let value: Vec<u8> = (0..length).collect();
            store(&mut memory, "s", &value, 10).unwrap();
            assert_eq!(loaded(&mut memory), Some(value));
            let parts = if length > 10 { usize::from(length).div_ceil(10) } else { 0 };
            assert_eq!(memory.values.lock().unwrap().len(), parts + 1);
            assert!(memory.values.lock().unwrap().values().all(|value| value.len() <= 10));
        }
        clear(&mut memory, "s").unwrap();
        assert!(memory.values.lock().unwrap().is_empty());
    }

    #[test]
    fn whenever_the_power_goes_the_value_is_the_old_one_or_the_new_one() {
        for (old, new) in [(35, 25), (25, 35), (5, 35), (35, 5)] {
            let (old, new) = (vec![b'o'; old], vec![b'n'; new]);
            for writes in 0..20 {
                let mut memory = Memory::default();
                store(&mut memory, "s", &old, 10).unwrap();
                memory.writes_left = Some(Arc::new(AtomicUsize::new(writes)));
                let outcome = store(&mut memory, "s", &new, 10);
                memory.writes_left = None;
                let value = loaded(&mut memory).unwrap();
                assert!(value == old || value == new, "{writes}");
                assert!(outcome.is_err() || value == new);
                store(&mut memory, "s", &new, 10).unwrap();
                assert_eq!(loaded(&mut memory), Some(new.clone()));
            }
        }
    }

    #[test]
    fn eight_kilobytes_of_tokens_fit_where_a_value_may_have_2560_bytes() {
        let mut memory = Memory::default();
        let value: Vec<u8> = (0..8192).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
        store(&mut memory, "s", &value, 2560).unwrap();
        assert_eq!(loaded(&mut memory), Some(value));
        assert!(memory.values.lock().unwrap().values().all(|value| value.len() <= 2560));
    }

    #[test]
    fn an_entry_that_claims_parts_without_end_is_a_damaged_value_and_can_be_replaced() {
        let mut memory = Memory::default();
        let damaged = format!("{MARK}a {}", usize::MAX).into_bytes();
        memory.values.lock().unwrap().insert("s".to_owned(), damaged.clone());
        assert_eq!(loaded(&mut memory), Some(damaged));
        store(&mut memory, "s", &[1; 35], 10).unwrap();
        assert_eq!(loaded(&mut memory), Some(vec![1; 35]));
        store(&mut memory, "s", &vec![1; 10 * (MOST + 1)], 10).unwrap_err();
        assert_eq!(loaded(&mut memory), Some(vec![1; 35]));
        clear(&mut memory, "s").unwrap();
    }

    #[test]
    fn a_part_that_is_missing_is_said() {
        let mut memory = Memory::default();
        store(&mut memory, "s", &[1; 35], 10).unwrap();
        memory.values.lock().unwrap().remove("s.a2");
        assert!(load(&mut memory, "s").is_err());
    }
}
