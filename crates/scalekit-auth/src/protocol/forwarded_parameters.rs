//! Parameters of an initiate-login link that the application passes on to the authorization request.
//!
//! Scalekit recommends passing them on without naming any. Any party can create such a link, so only parameters
//! that the configuration names are passed on, and the user sees them first.

use serde::{Deserialize, Serialize};

use crate::problem::is_readable;

/// Reserved names: parameters that this application sets, and those that would change the user or the response.
const NEVER: &[&str] = &[
    "acr_values",
    "audience",
    "authorization_details",
    "claims",
    "client_id",
    "client_secret",
    "code",
    "connection",
    "connection_id",
    "display",
    "domain",
    "domain_hint",
    "dpop_jkt",
    "error",
    "error_description",
    "error_uri",
    "id_token_hint",
    "idp_initiated_login",
    "iss",
    "login_hint",
    "max_age",
    "nonce",
    "organization",
    "organization_id",
    "prompt",
    "provider",
    "redirect_uri",
    "registration",
    "resource",
    "scope",
    "state",
    "target_link_uri",
];

/// Reserved prefixes of names.
const NEVER_BEGINNING: &[&str] = &["code_challenge", "request", "response"];

/// The maximum length of a name and of a value, in bytes.
const MAX_VALUE_LEN: usize = 256;

/// A parameter name that the configuration may permit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ForwardedName(String);

impl TryFrom<String> for ForwardedName {
    type Error = ForwardedNameError;

    fn try_from(name: String) -> Result<Self, ForwardedNameError> {
        Self::parse(&name)
    }
}

impl ForwardedName {
    /// Parses a name that a developer or an administrator wrote.
    ///
    /// # Errors
    /// When the name is invalid or reserved.
    pub fn parse(name: &str) -> Result<Self, ForwardedNameError> {
        if name.is_empty()
            || name.len() > MAX_VALUE_LEN
            || !name.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(ForwardedNameError::Malformed(name.to_owned()));
        }
        let lower = name.to_ascii_lowercase();
        let is_own = NEVER.contains(&&*lower)
            || NEVER_BEGINNING.iter().any(|beginning| lower.starts_with(beginning));
        if is_own {
            return Err(ForwardedNameError::Reserved(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }
}

/// The reason a parameter name is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForwardedNameError {
    /// Not a valid parameter name.
    #[error(
        "{0:?} is no name of a parameter: it has between 1 and {MAX_VALUE_LEN} visible ASCII characters."
    )]
    Malformed(String),
    /// The protocol reserves the name.
    #[error("The parameter {0:?} is never taken from a link: it would change the sign-in itself.")]
    Reserved(String),
}

/// A parameter as it came with a link, and as it goes into the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The link's parameters that the configuration names and that can be displayed unchanged. A repeated parameter
/// is ignored (OAuth 2.1 §3.1).
pub(crate) fn forwarded(parameters: &[Parameter], named: &[ForwardedName]) -> Vec<Parameter> {
    let once = |name: &str| {
        let mut all = parameters.iter().filter(|parameter| parameter.name == name);
        all.next().filter(|_| all.next().is_none())
    };
    let can_be_shown = |parameter: &&Parameter| {
        let value = &*parameter.value;
        value.len() <= MAX_VALUE_LEN && value.trim() == value && value.chars().all(is_readable)
    };
    let is_first = |at: usize| !named[..at].contains(&named[at]);
    let named = named.iter().enumerate().filter(|(at, _)| is_first(*at));
    named.filter_map(|(_, name)| once(&name.0)).filter(can_be_shown).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, value: &str) -> Parameter {
        Parameter { name: name.to_owned(), value: value.to_owned() }
    }

    // req: M4
    #[test]
    fn forwarded_parameter_with_reserved_name_is_rejected() {
        for name in [
            "state",
            "nonce",
            "redirect_uri",
            "client_id",
            "scope",
            "response_type",
            "response_mode",
            "code_challenge",
            "code_challenge_method",
            "request",
            "request_uri",
            "claims",
            "resource",
            "prompt",
            "Prompt",
            "organization_id",
            "organization",
            "connection_id",
            "connection",
            "login_hint",
            "provider",
            "domain",
            "domain_hint",
            "audience",
            "acr_values",
            "max_age",
            "id_token_hint",
            "iss",
            "code",
            "error",
            "idp_initiated_login",
        ] {
            let reserved = ForwardedNameError::Reserved(name.to_owned());
            assert_eq!(ForwardedName::parse(name).unwrap_err(), reserved);
        }
        for name in ["", "a b", "\u{fc}", &"x".repeat(257)] {
            let malformed = ForwardedNameError::Malformed(name.to_owned());
            assert_eq!(ForwardedName::parse(name).unwrap_err(), malformed);
        }
        for name in ["intent", "invitation", &"x".repeat(256)] {
            ForwardedName::parse(name).unwrap();
        }
    }

    #[test]
    fn forwarded_parameter_must_be_named_single_and_printable() {
        let longest = "x".repeat(256);
        let link = [
            parameter("intent", "join"),
            parameter("twice", "a"),
            parameter("twice", "b"),
            parameter("unnamed", "x"),
            parameter("long", &"x".repeat(257)),
            parameter("longest", &longest),
            parameter("hidden", "a\u{202e}b"),
            parameter("spaced", " a"),
        ];
        let named = ["intent", "twice", "long", "longest", "hidden", "spaced", "absent"];
        let named = named.map(|name| ForwardedName::parse(name).unwrap());
        let expected = [parameter("intent", "join"), parameter("longest", &longest)];
        assert_eq!(forwarded(&link, &named), expected);
        assert!(forwarded(&link, &[]).is_empty());
    }

    /// The question shows what is passed on. None of these has a glyph.
    #[test]
    fn forwarded_parameter_with_invisible_characters_is_rejected() {
        let named = [ForwardedName::parse("intent").unwrap()];
        let passed: Vec<_> =
            ['\u{e0061}', '\u{3164}', '\u{115f}', '\u{180e}', '\u{206a}', '\u{fe0f}', '\u{2800}']
                .into_iter()
                .filter(|c| {
                    !forwarded(&[parameter("intent", &format!("join{c}"))], &named).is_empty()
                })
                .map(|c| format!("U+{:04X}", u32::from(c)))
                .collect();
        assert!(passed.is_empty(), "{passed:?}");
    }
}
