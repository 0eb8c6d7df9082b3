//! Sentences with the application's name and other values in them.

use crate::texts::languages::{Language, Texts};

/// The isolates of the Unicode bidirectional algorithm: a value keeps its direction and that of the sentence.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// A language, and the name of the application in its configuration.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// The language.
    pub language: Language,
    /// The application's name.
    pub app: &'a str,
}

impl Wording<'_> {
    /// The texts of the language.
    #[must_use]
    pub fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// The sentence with its values; `{app}` is the name of the application. A value is not searched for placeholders.
    pub fn format(&self, sentence: &str, values: &[(&str, &str)]) -> String {
        let (mut text, mut rest) = (String::new(), sentence);
        while let Some((words, behind)) = rest.split_once('{') {
            text.push_str(words);
            let (name, words) = behind.split_once('}').unwrap_or((behind, ""));
            match values.iter().find(|(placeholder, _)| *placeholder == name) {
                Some((_, value)) => self.push(&mut text, value),
                None if name == "app" => text.push_str(self.app),
                None => {}
            }
            rest = words;
        }
        text + rest
    }

    fn push(&self, text: &mut String, value: &str) {
        if self.language.is_rtl() {
            let [start, end] = ISOLATES;
            text.push(start);
            text.push_str(value);
            text.push(end);
        } else {
            text.push_str(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wording_fills_in_values_once_and_isolates_them_in_arabic() {
        let wording = |language| Wording { language, app: "Tool" };
        let format = |language| wording(language).format("{app}: {name}.", &[("name", "{app}")]);
        assert_eq!(format(Language::En), "Tool: {app}.");
        assert_eq!(format(Language::Ar), "Tool: \u{2068}{app}\u{2069}.");
        assert_eq!(wording(Language::En).format("{name", &[("name", "Ada")]), "Ada");
    }
}
