//! Environment variables of a test.

use std::ffi::OsString;

/// The value of each of these variables; no other one is set.
pub fn variables(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    move |requested| {
        let pair = pairs.iter().find(|(name, _)| *name == requested);
        pair.map(|(_, value)| OsString::from(value))
    }
}
