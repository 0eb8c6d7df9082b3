//! The texts of the page at the loopback redirect URI, in the language of the window.

use std::sync::{Arc, OnceLock};

use tauri_plugin_scalekit::{ColorScheme, LoopbackOutcome, LoopbackText};

use crate::{
    preferences::{Language, Theme},
    preferences_file::PreferencesFile,
    window_language,
};

/// The texts in the user's language, as soon as the preferences are known.
#[derive(Debug, Clone, Default)]
pub struct LoopbackTexts(Arc<OnceLock<PreferencesFile>>);

impl LoopbackTexts {
    /// Uses the language of these preferences from now on.
    pub fn follow(&self, preferences: PreferencesFile) {
        // They are opened only once.
        let _ = self.0.set(preferences);
    }

    /// The page's text in the current language.
    #[must_use]
    pub fn text(&self, outcome: LoopbackOutcome) -> LoopbackText {
        let theme = self.0.get().map(|file| file.preferences().theme).unwrap_or_default();
        text(window_language::of(self.0.get()), theme, outcome)
    }
}

fn text(language: Language, theme: Theme, outcome: LoopbackOutcome) -> LoopbackText {
    let (heading, sentence) = match (language, outcome) {
        (Language::En, LoopbackOutcome::Received) => {
            ("You can close this page", "Go back to the application to go on.")
        }
        (Language::En, LoopbackOutcome::Unexpected) => (
            "This page belongs to no sign-in",
            "No sign-in waits for it. Go back to the application, and start again there.",
        ),
        (Language::De, LoopbackOutcome::Received) => (
            "Sie können diese Seite schließen",
            "Kehren Sie zur Anwendung zurück, um fortzufahren.",
        ),
        (Language::De, LoopbackOutcome::Unexpected) => (
            "Diese Seite gehört zu keiner Anmeldung",
            "Keine Anmeldung wartet darauf. Kehren Sie zur Anwendung zurück und beginnen Sie dort neu.",
        ),
        (Language::Ja, LoopbackOutcome::Received) => {
            ("このページを閉じてかまいません", "アプリに戻って続けてください。")
        }
        (Language::Ja, LoopbackOutcome::Unexpected) => (
            "このページに対応するサインインはありません",
            "このページを待っているサインインはありません。アプリに戻って、もう一度始めてください。",
        ),
        (Language::Ar, LoopbackOutcome::Received) => {
            ("يمكنك إغلاق هذه الصفحة", "عُد إلى التطبيق للمتابعة.")
        }
        (Language::Ar, LoopbackOutcome::Unexpected) => (
            "لا تخص هذه الصفحة أي تسجيل دخول",
            "لا يوجد تسجيل دخول ينتظرها. عُد إلى التطبيق وابدأ من جديد هناك.",
        ),
    };
    LoopbackText {
        language: language.tag().to_owned(),
        heading: heading.to_owned(),
        sentence: sentence.to_owned(),
        color_scheme: match theme {
            Theme::System => ColorScheme::System,
            Theme::Light => ColorScheme::Light,
            Theme::Dark => ColorScheme::Dark,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs};

    #[test]
    fn loopback_texts_exist_for_each_language_of_the_picker() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/languages");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let of_window: BTreeSet<String> = files
            .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| name != "messages")
            .collect();
        for outcome in [LoopbackOutcome::Received, LoopbackOutcome::Unexpected] {
            let texts = Language::ALL.map(|language| text(language, Theme::System, outcome));
            let tags: BTreeSet<_> = texts.iter().map(|text| text.language.clone()).collect();
            assert_eq!(tags, of_window);
            let headings: BTreeSet<_> = texts.iter().map(|text| &text.heading).collect();
            let sentences: BTreeSet<_> = texts.iter().map(|text| &text.sentence).collect();
            assert_eq!((headings.len(), sentences.len()), (texts.len(), texts.len()));
        }
    }

    #[test]
    fn loopback_page_follows_the_preferred_language_and_theme() {
        let folder = tempfile::tempdir().unwrap();
        let texts = LoopbackTexts::default();
        let preferences = PreferencesFile::open(folder.path());
        texts.follow(preferences.clone());
        preferences.change(|it| it.language = Some(Language::Ja));
        assert_eq!(texts.text(LoopbackOutcome::Received).language, "ja");
        preferences.change(|it| it.language = Some(Language::Ar));
        assert_eq!(texts.text(LoopbackOutcome::Received).language, "ar");
        for (theme, expected) in [
            (Theme::System, ColorScheme::System),
            (Theme::Light, ColorScheme::Light),
            (Theme::Dark, ColorScheme::Dark),
        ] {
            preferences.change(|it| it.theme = theme);
            assert_eq!(texts.text(LoopbackOutcome::Received).color_scheme, expected);
        }
    }
}
