//! A strict JSON parser: no duplicate names, nothing after the value, no deep nesting.
//!
//! `serde_json` alone uses the last of two members with the same name; two parsers that use different ones
//! interpret the same token differently (RFC 8259 §4).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The maximum nesting depth of values.
const MAX_DEPTH: usize = 32;

/// Parses `text` as a JSON object.
///
/// # Errors
/// A short reason that contains nothing of `text`.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|_| "not strict JSON")?;
    reader.end().map_err(|_| "something stands after the JSON value")?;
    match value {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err("not a JSON object")
        }
    }
}

/// The non-empty string member `name`.
#[must_use]
pub fn string<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The value of an optional member. `null` and an empty string or array are treated as absent: serializers of
/// Go and .NET write them for absent values.
#[must_use]
pub fn optional<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
    })
}

/// The strings in the array member `name`; other elements are skipped. A single string is an array of one and
/// is never split.
#[must_use]
pub fn strings(object: &Map<String, Value>, name: &str) -> Vec<String> {
    match optional(object, name) {
        Some(Value::String(only)) => vec![only.clone()],
        Some(Value::Array(all)) => {
            all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
            Vec::new()
        }
    }
}

/// The boolean member `name`; the strings `"true"` and `"false"` are accepted too.
#[must_use]
pub fn flag(object: &Map<String, Value>, name: &str) -> Option<bool> {
    match object.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom("too deep"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Strict { depth: self.depth + 1 })? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Strict { depth: self.depth + 1 })?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated name"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_object_is_read_unchanged() {
        let read = object(br#"{"a":[1,-2,3.5,null,true,"x"],"b":{"c":{}}}"#).unwrap();
        assert_eq!(
            Value::Object(read),
            serde_json::json!({"a":[1,-2,3.5,null,true,"x"],"b":{"c":{}}})
        );
    }

    // req: C9, D25
    #[test]
    fn json_duplicate_names_are_rejected_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":{"b":1,"b":2}}"#, r#"{"a":[{"b":1,"\u0062":2}]}"#]
        {
            object(text.as_bytes()).unwrap_err();
        }
    }

    // req: M5
    #[test]
    fn json_null_or_empty_optional_members_are_absent() {
        let read = object(br#"{"a":null,"b":"","c":[],"d":0,"e":"x","f":[null],"g":{}}"#).unwrap();
        let present: Vec<_> = read.keys().filter(|name| optional(&read, name).is_some()).collect();
        assert_eq!(present, ["d", "e", "f", "g"]);
    }

    #[test]
    fn json_string_in_place_of_list_is_one_entry() {
        let read = object(br#"{"a":"x y,z","b":["x",1,"y"],"c":7,"d":""}"#).unwrap();
        assert_eq!(strings(&read, "a"), ["x y,z"]);
        assert_eq!(strings(&read, "b"), ["x", "y"]);
        for name in ["c", "d", "e"] {
            assert!(strings(&read, name).is_empty(), "{name}");
        }
    }

    #[test]
    fn json_boolean_as_text_is_only_true_or_false() {
        let text =
            br#"{"a":true,"b":"true","c":"false","d":"True","e":1,"f":"1","g":null,"h":"yes"}"#;
        let read = object(text).unwrap();
        let flags: Vec<_> = read.keys().map(|name| flag(&read, name)).collect();
        let expected = [Some(true), Some(true), Some(false), None, None, None, None, None];
        assert_eq!(flags, expected);
    }

    // req: C9
    #[test]
    fn json_other_than_one_object_is_rejected() {
        for text in ["", "{} x", "{}{}", "[]", "\"a\"", "\u{feff}{}", "{\"a\":1e999}", "{'a':1}"] {
            assert!(object(text.as_bytes()).is_err(), "{text}");
        }
    }

    // req: C9
    #[test]
    fn json_nesting_deeper_than_32_is_rejected() {
        for (depth, read) in
            [(MAX_DEPTH, true), (MAX_DEPTH + 1, false), (120, false), (5_000, false)]
        {
            let lists = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            assert_eq!(object(lists.as_bytes()).is_ok(), read, "{depth} lists");
            let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            assert_eq!(object(objects.as_bytes()).is_ok(), read, "{depth} objects");
        }
    }
}
