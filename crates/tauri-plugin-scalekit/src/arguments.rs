//! Strict deserialization of the arguments that a webview sends.

use scalekit_auth::{Problem, ProblemCode};
use serde::{Deserialize, de::DeserializeOwned};
use tauri::{
    Runtime,
    ipc::{CommandArg, CommandItem, InvokeBody, InvokeError},
};

/// The limit of a text from a webview, in bytes. Texts that users enter are far shorter.
const MAX_TEXT_LEN: usize = 4096;

/// The arguments of a command: exactly those of `T`, whose type should reject unknown fields. Anything
/// else is rejected with a [`Problem`] before the command runs.
///
/// ```
/// # use tauri_plugin_scalekit::{Arguments, BoundedText};
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase", deny_unknown_fields)]
/// struct Check { environment_url: BoundedText }
///
/// #[tauri::command]
/// fn check(Arguments(Check { environment_url }): Arguments<Check>) -> usize {
///     environment_url.as_str().len()
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Arguments<T>(pub T);

/// An empty list of arguments.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoArgs {}

/// A text of at most four kibibytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BoundedText(String);

impl BoundedText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is longer than four kibibytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long")]
pub struct TextTooLong;

impl TryFrom<String> for BoundedText {
    type Error = TextTooLong;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > MAX_TEXT_LEN { Err(TextTooLong) } else { Ok(Self(text)) }
    }
}

impl<T: DeserializeOwned> Arguments<T> {
    fn read(body: &InvokeBody) -> Result<Self, Problem> {
        let InvokeBody::Json(object @ serde_json::Value::Object(_)) = body else {
            return Err(refused("the arguments are not an object"));
        };
        T::deserialize(object).map(Self).map_err(|why| refused(&why.to_string()))
    }
}

impl<'de, T: DeserializeOwned, R: Runtime> CommandArg<'de, R> for Arguments<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        Self::read(command.message.payload()).map_err(InvokeError::from)
    }
}

fn refused(why: &str) -> Problem {
    Problem::new(ProblemCode::CallRefused).with_detail(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        text: BoundedText,
    }

    fn read(value: Value) -> Result<String, Problem> {
        Arguments::<One>::read(&InvokeBody::Json(value)).map(|arguments| arguments.0.text.0)
    }

    // req: I9
    #[test]
    fn ipc_arguments_must_match_the_command_exactly() {
        assert_eq!(read(json!({"text": "a"})).unwrap(), "a");
        for other in [
            json!({}),
            json!({"text": "a", "more": 1}),
            json!({"text": "a", "__proto__": {}}),
            json!({"text": 7}),
            json!({"text": null}),
            json!({"text": ["a"]}),
            json!({"text": {"a": "b"}}),
            json!(["a"]),
            json!("a"),
            json!(null),
        ] {
            let problem = read(other.clone()).unwrap_err();
            assert_eq!(problem.code, ProblemCode::CallRefused, "{other}");
        }
        assert!(Arguments::<NoArgs>::read(&InvokeBody::Json(json!({}))).is_ok());
        assert!(Arguments::<NoArgs>::read(&InvokeBody::Json(json!({"a": 1}))).is_err());
        assert!(Arguments::<NoArgs>::read(&InvokeBody::Raw(vec![1, 2])).is_err());
    }

    /// Any JSON, a few levels deep, with texts that parsers are known to fail at.
    fn anything(random: &mut fastrand::Rng, depth: u32) -> Value {
        let texts = [
            "",
            "text",
            "intent",
            "signIn",
            "channel",
            "__CHANNEL__:1",
            "__CHANNEL__:-1",
            "__proto__",
            "constructor",
            "toString",
            "NaN",
            "\u{0}",
            "\u{202e}",
            "💥",
            "1e999",
            "../../etc/passwd",
        ];
        let text = |random: &mut fastrand::Rng| match random.u8(0..8) {
            0 => texts[random.usize(..texts.len())].repeat(random.usize(..2000)),
            _ => texts[random.usize(..texts.len())].to_owned(),
        };
        match random.u8(0..if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => Value::Bool(random.bool()),
            2 => json!(random.u64(..)),
            3 => json!(f64::from_bits(random.u64(..))),
            4 => Value::String(text(random)),
            5 => (0..random.usize(..4)).map(|_| anything(random, depth - 1)).collect(),
            _ => Value::Object(
                (0..random.usize(..4))
                    .map(|_| (text(random), anything(random, depth - 1)))
                    .collect(),
            ),
        }
    }

    // req: I9
    #[test]
    fn ipc_payloads_at_random_are_parsed_or_rejected() {
        let mut taken = 0;
        for seed in 0..10_000 {
            let mut random = fastrand::Rng::with_seed(seed);
            let body = match random.u8(0..10) {
                0 => InvokeBody::Raw((0..random.usize(..100)).map(|_| random.u8(..)).collect()),
                1 => InvokeBody::Json(json!({"text": anything(&mut random, 1)})),
                _ => InvokeBody::Json(anything(&mut random, 3)),
            };
            for refusal in [
                Arguments::<NoArgs>::read(&body).map(|_| ()),
                Arguments::<scalekit_auth::SignInRequest>::read(&body).map(|_| ()),
                Arguments::<crate::commands::Watch>::read(&body).map(|_| ()),
                Arguments::<One>::read(&body).map(|one| {
                    assert!(one.0.text.as_str().len() <= MAX_TEXT_LEN);
                    taken += 1;
                }),
            ] {
                let Err(problem) = refusal else { continue };
                assert_eq!(problem.code, ProblemCode::CallRefused, "seed {seed}");
                let detail = problem.detail.unwrap();
                assert!(detail.chars().count() <= 200 && !detail.chars().any(char::is_control));
            }
        }
        assert!(taken > 10, "{taken}: the payloads are not all nonsense");
    }

    // req: I9, X12
    #[test]
    fn ipc_arguments_of_100_mb_are_rejected_and_not_echoed() {
        assert!(read(json!({"text": "a".repeat(MAX_TEXT_LEN)})).is_ok());
        for other in [json!({"text": "a".repeat(100_000_000)}), json!({"a".repeat(100_000_000): 1})]
        {
            let problem = read(other).unwrap_err();
            assert_eq!(problem.code, ProblemCode::CallRefused);
            assert!(problem.detail.unwrap().len() <= 200);
        }
    }
}
