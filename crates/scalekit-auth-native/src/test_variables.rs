//! Environment variables of a test.

use std::ffi::OsString;

/// The value of each of these variables; no other one is set.
pub fn variables(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    move |asked| {
        let pair = pairs.iter().find(|(name, _)| *name == asked);
        pair.map(|(_, value)| OsString::from(value))
    }
}
