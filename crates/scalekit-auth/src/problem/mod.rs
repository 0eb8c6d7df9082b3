//! Problems: errors in the form that a user reads.

mod code;

use std::collections::BTreeMap;

use serde::Serialize;

pub use code::{ProblemCode, ProblemText};

use crate::secret::Secret;

/// Something that went wrong: a stable code to branch on and a sentence to read.
///
/// The sentence is the code's own ([`ProblemCode::english`]). Text from outside is in [`Problem::detail`] and, where
/// the sentence needs a value, in [`Problem::parameters`], shortened and stripped of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// What happened, what it means and what to do, in English.
    pub message: String,
    /// The values of the sentence by their names, for a catalogue in another language.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, string>"))]
    pub parameters: BTreeMap<&'static str, String>,
    /// What the other side reported about it, if anything.
    pub detail: Option<String>,
}

/// The maximum length of a detail that is shown, in characters.
pub(crate) const MAX_DETAIL_LEN: usize = 200;

/// The maximum length of a parameter, in characters: that of an environment URL.
const MAX_PARAMETER_CHARS: usize = 256;

impl ProblemCode {
    /// Whether it is about an entered environment URL.
    #[must_use]
    pub fn is_of_environment_url(self) -> bool {
        matches!(
            self,
            Self::EnvironmentUrlMissing
                | Self::EnvironmentUrlMalformed
                | Self::EnvironmentUrlInvalid
                | Self::EnvironmentUrlNotHttps
                | Self::EnvironmentUrlHasUserName
        )
    }

    /// Whether the environment was not reached, because of the network, a proxy or a certificate.
    pub(crate) fn is_unreached(self) -> bool {
        matches!(
            self,
            Self::Offline
                | Self::RefreshOffline
                | Self::ProxySignIn
                | Self::ProxyRejected
                | Self::CertificateNotYetValid
                | Self::CertificateExpired
                | Self::CertificateUnknownIssuer
                | Self::CertificateOtherName
                | Self::CertificateRevoked
                | Self::CertificateRefused
        )
    }
}

impl Problem {
    /// A problem with this code. [`Problem::with`] adds the parameters of its sentence.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        let message = code.english().sentence.to_owned();
        Self { code, message, parameters: BTreeMap::new(), detail: None }
    }

    /// Adds a parameter of the sentence, truncated to 256 characters and sanitized for display.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.parameters.insert(name, printable(value.as_ref(), MAX_PARAMETER_CHARS));
        self.message = fill(self.code.english().sentence, &self.parameters);
        self
    }

    /// A response, or a token in it, that is not accepted for this reason.
    pub(crate) fn rejected(reason: &str) -> Self {
        Self::new(ProblemCode::AnswerRejected).with_detail(reason)
    }

    /// Adds a message of another party, truncated to 200 characters and sanitized for display.
    #[must_use]
    pub fn with_detail(mut self, detail: impl AsRef<str>) -> Self {
        let shown = printable(detail.as_ref(), MAX_DETAIL_LEN);
        self.detail = (!shown.is_empty()).then_some(shown);
        self
    }
}

/// A text of a response without the secrets of its request, which it may repeat.
pub(crate) fn without<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut text = text.to_owned();
    for secret in secrets.into_iter().filter(|secret| !secret.expose().is_empty()) {
        text = text.replace(secret.expose(), "…");
    }
    text
}

pub(crate) fn printable(text: &str, longest: usize) -> String {
    let shown: String = text
        .chars()
        .filter(|c| !c.is_control() && !is_bidirectional_control(*c))
        .take(longest)
        .collect();
    shown.trim().to_owned()
}

/// Replaces each name in braces by its value, once: a value that contains braces is not expanded.
pub(crate) fn fill(sentence: &str, parameters: &BTreeMap<&'static str, String>) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        match parameters.get(name) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["{", name, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Whether a character is visible and does not change the order of the text.
pub(crate) fn is_readable(c: char) -> bool {
    // Line and paragraph separators, and the blank pattern of Braille.
    let is_blank = matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}');
    !c.is_control() && !is_bidirectional_control(c) && !is_default_ignorable(c) && !is_blank
}

/// Unicode Standard Annex #44, `Default_Ignorable_Code_Point`: characters without a glyph.
fn is_default_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

pub(crate) fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(sentence: &str) -> Vec<&str> {
        let mut rest = sentence;
        std::iter::from_fn(|| {
            let (_, name, after) = next_placeholder(rest)?;
            rest = after;
            Some(name)
        })
        .collect()
    }

    #[test]
    fn problem_of_an_environment_url_is_about_its_syntax() {
        assert!(ProblemCode::EnvironmentUrlNotHttps.is_of_environment_url());
        assert!(!ProblemCode::EnvironmentNotFound.is_of_environment_url());
    }

    #[test]
    fn problem_codes_have_a_heading_and_a_sentence_of_their_own() {
        let all = ProblemCode::ALL;
        let headings: BTreeSet<_> = all.iter().map(|code| code.english().heading).collect();
        let sentences: BTreeSet<_> = all.iter().map(|code| code.english().sentence).collect();
        assert_eq!((headings.len(), sentences.len()), (all.len(), all.len()));
        for text in all.iter().map(|code| code.english()) {
            assert!(text.sentence.ends_with('.'), "{}", text.sentence);
            assert!(!text.heading.ends_with('.'), "{}", text.heading);
        }
    }

    #[test]
    fn problem_text_names_no_product() {
        for text in ProblemCode::ALL.iter().map(|code| code.english()) {
            assert!(!format!("{text:?}").to_lowercase().contains("latchkey"), "{text:?}");
        }
    }

    #[test]
    fn problem_parameters_have_known_names() {
        let known =
            ["environment", "address", "path", "urlVariable", "clientVariable", "permission"];
        for code in ProblemCode::ALL {
            for name in names(code.english().sentence) {
                assert!(known.contains(&name), "{code:?}: {name}");
            }
        }
    }

    #[test]
    fn problem_sentence_is_filled_with_its_parameters_once() {
        let problem = Problem::new(ProblemCode::EnvironmentRenamed);
        assert!(problem.message.contains("at {environment} calls itself {address}, as"));
        let problem = problem.with("environment", "https://{address}").with("address", "https://b");
        assert!(problem.message.contains("at https://{address} calls itself https://b, as"));
        assert_eq!(problem.parameters["address"], "https://b");
    }

    #[test]
    fn problem_parameter_is_sanitized_and_truncated() {
        let of = |value: &str| {
            Problem::new(ProblemCode::SettingsFileSlow).with("path", value).parameters["path"]
                .clone()
        };
        assert_eq!(of(" /a\u{0}b\u{202e}c\r\n"), "/abc");
        assert_eq!(of(&"é".repeat(10_000)), "é".repeat(256));
    }

    #[test]
    fn problem_detail_is_sanitized_and_truncated() {
        for (received, shown) in [
            ("No such user", Some("No such user")),
            ("a\u{0}b\r\n\u{1b}[31mc\u{85}", Some("ab[31mc")),
            ("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e", Some("abcde")),
            (" \n a \u{200e} ", Some("a")),
            ("", None),
            (" \u{202e}\n ", None),
            (&*"é".repeat(200), Some(&*"é".repeat(200))),
            (&*"é".repeat(10_000), Some(&*"é".repeat(200))),
        ] {
            let problem = Problem::new(ProblemCode::SignInRefused).with_detail(received);
            assert_eq!(problem.detail.as_deref(), shown);
            assert_eq!(problem.message, ProblemCode::SignInRefused.english().sentence);
        }
    }

    #[test]
    fn problem_display_is_message_without_detail() {
        let problem = Problem::new(ProblemCode::SignInRefused).with_detail("because");
        assert_eq!(problem.to_string(), ProblemCode::SignInRefused.english().sentence);
    }
}
