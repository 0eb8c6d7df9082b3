//! The hints of an authorization request about the user and the connection: validated values, none of them secret.
//!
//! The names are those of Scalekit's authorization request (`sso/guides/authorization-url.mdx`). Only the environment
//! knows which connections, domains and providers exist, so every well-formed value is sent.

use serde::{Deserialize, Serialize};

/// The maximum length of a hint, in bytes. An e-mail address has at most 254 (RFC 5321 §4.5.3.1.3).
const MAX_LEN: usize = 256;

/// The reason a hint is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The {what} {text:?} is empty, too long, or has characters that none has. {remedy}")]
pub struct HintError {
    what: &'static str,
    text: String,
    remedy: &'static str,
}

macro_rules! hints {
    ($($(#[$meta:meta])* $name:ident: $what:literal, $remedy:literal, $is_valid:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a value that a user, an administrator or an application wrote.
            ///
            /// # Errors
            /// When it is malformed; the error's sentence describes the correction.
            pub fn parse(text: &str) -> Result<Self, HintError> {
                let trimmed = text.trim();
                let is_valid: fn(&str) -> bool = $is_valid;
                if trimmed.is_empty() || trimmed.len() > MAX_LEN || !is_valid(trimmed) {
                    let text = text.chars().take(MAX_LEN).collect();
                    return Err(HintError { what: $what, text, remedy: $remedy });
                }
                Ok(Self(trimmed.to_owned()))
            }

            /// The text as it is sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = HintError;

            fn try_from(text: String) -> Result<Self, HintError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(hint: $name) -> Self {
                hint.0
            }
        }
    )+};
}

hints! {
    /// The expected user (`login_hint`, OpenID Connect Core §3.1.2.1): usually an e-mail address, whose domain
    /// selects the connection.
    LoginHint: "sign-in name", "Write it as you would on the sign-in page.", is_text;
    /// The e-mail domain whose organization's connection is used (`domain`).
    DomainName: "domain", "Write it as it stands behind the @ of an e-mail address, such as acme.example.", is_domain;
    /// The connection to use (`connection_id`).
    ConnectionId: "connection id", "Copy it from the connection in the Scalekit dashboard.", is_visible;
    /// The social provider to use (`provider`), such as `google`, `microsoft`, `github`, `gitlab`, `linkedin`
    /// or `salesforce`. Others are sent unchanged: Scalekit may support more.
    SocialProvider: "provider", "Write it as Scalekit does, such as google or microsoft.", is_provider;
}

fn is_text(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

/// Non-ASCII letters too: the domain is sent as it was entered (RFC 5890).
fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| !label.is_empty())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
}

fn is_provider(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_hint_of_any_alphabet_is_accepted() {
        for text in ["ada@analytical.example", "  用户@例え.jp ", "CORP\\ada", "ada lovelace"] {
            assert_eq!(LoginHint::parse(text).unwrap().as_str(), text.trim());
        }
        let long = "a".repeat(257);
        for text in ["", "  ", "a\nb", "a\0", &*long] {
            assert!(LoginHint::parse(text).is_err(), "{text:?}");
        }
        assert!(LoginHint::parse(&"a".repeat(256)).is_ok());
    }

    #[test]
    fn domain_hint_without_address_parts_is_accepted() {
        for text in ["acme.example", "müller.example", "a-b.c.example"] {
            assert!(DomainName::parse(text).is_ok(), "{text}");
        }
        for text in ["acme", "ada@acme.example", "https://acme.example", ".example", "a..b", ""] {
            assert!(DomainName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn connection_and_provider_hints_are_visible_ascii() {
        assert!(ConnectionId::parse("conn_70087756327420172").is_ok());
        assert!(ConnectionId::parse("conn 1").is_err());
        assert!(SocialProvider::parse("google").is_ok());
        assert!(SocialProvider::parse("of_tomorrow-2").is_ok());
        for text in ["google&prompt=none", "göögle", "goo gle"] {
            assert!(SocialProvider::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hint_error_names_what_to_write_instead() {
        let error = DomainName::parse("ada@acme.example").unwrap_err().to_string();
        assert!(error.contains("domain \"ada@acme.example\""), "{error}");
        assert!(error.ends_with("such as acme.example."), "{error}");
    }
}
