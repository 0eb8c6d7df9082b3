//! The query of a link, and its parameters.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The maximum length of a link, in bytes; longer ones are rejected unread.
///
/// It exceeds real links and an 8 KiB `error_description` that was observed: an unusual authorization response
/// still ends its sign-in.
pub const MAX_LINK_LEN: usize = 15 * 1024;

/// The values of the `known` parameters, or nothing where one of these is repeated.
pub(crate) fn parameters(query: &str, known: &[&str]) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        // OAuth 2.1 §3.1: a parameter must not be repeated. Unknown parameters are ignored.
        let is_known = known.contains(&name.as_ref());
        if is_known && parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(parameters)
}

/// Scalekit's documentation shows quotation marks around the code.
pub(crate) fn without_quotation_marks(error: &str) -> String {
    error.trim_matches('"').to_owned()
}
