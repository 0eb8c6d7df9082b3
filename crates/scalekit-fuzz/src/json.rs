//! A JSON parser that is independent of the code under test.

use std::fmt;

use serde_json::{Map, Value};

/// The object, if `bytes` are exactly one JSON object in which no name repeats.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let object = value.as_object()?.clone();
    (!repeats_a_name(bytes)).then_some(object)
}

/// The maximum nesting depth.
pub(crate) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// `serde_json` uses the last of two equal names, so one is missing when the value is formatted again. The
/// names that were parsed are counted and compared with those that remain.
fn repeats_a_name(bytes: &[u8]) -> bool {
    let read = serde_json::from_slice::<Names>(bytes).map_or(0, |names| names.0);
    let left = serde_json::from_slice::<Value>(bytes).map_or(0, |value| names(&value));
    read != left
}

fn names(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(names).sum(),
        Value::Object(entries) => entries.values().map(|one| 1 + names(one)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The number of names in a JSON text, including repeated ones.
struct Names(usize);

impl<'de> serde::Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counting)
    }
}

struct Counting;

impl<'de> serde::de::Visitor<'de> for Counting {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names(0))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
        Ok(Names(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
        Ok(Names(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
        Ok(Names(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
        Ok(Names(0))
    }

    fn visit_str<E>(self, _: &str) -> Result<Names, E> {
        Ok(Names(0))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Names, A::Error> {
        let mut all = 0;
        while let Some(Names(more)) = items.next_element()? {
            all += more;
        }
        Ok(Names(all))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Names, A::Error> {
        let mut all = 0;
        while let Some((_, Names(more))) = entries.next_entry::<String, Names>()? {
            all += 1 + more;
        }
        Ok(Names(all))
    }
}
