//! The texts of the page at the loopback redirect URI, in the language of the window.

use std::sync::{Arc, OnceLock};

use tauri_plugin_scalekit::{ColorScheme, LoopbackOutcome, LoopbackText};

use crate::{
    preferences::{Theme, file::PreferencesFile, window_language},
    texts::wording::Wording,
};

/// The texts in the user's language, as soon as the preferences have been read.
#[derive(Debug, Clone)]
pub struct LoopbackTexts {
    app: Arc<str>,
    preferences: Arc<OnceLock<PreferencesFile>>,
}

impl LoopbackTexts {
    /// The texts of the application with this name.
    pub fn new(app: &str) -> Self {
        Self { app: app.into(), preferences: Arc::default() }
    }

    /// Uses the language of these preferences from now on.
    pub fn follow(&self, preferences: PreferencesFile) {
        // They are opened only once.
        let _ = self.preferences.set(preferences);
    }

    /// The page's text in the current language.
    #[must_use]
    pub fn text(&self, outcome: LoopbackOutcome) -> LoopbackText {
        let preferences = self.preferences.get();
        let theme = preferences.map(|file| file.preferences().theme).unwrap_or_default();
        let wording = Wording { language: window_language::of(preferences), app: &self.app };
        text(wording, theme, outcome)
    }
}

fn text(wording: Wording<'_>, theme: Theme, outcome: LoopbackOutcome) -> LoopbackText {
    let texts = &wording.texts().loopback_page;
    let (heading, sentence) = match outcome {
        LoopbackOutcome::Received => (texts.received, texts.received_lede),
        LoopbackOutcome::Unexpected => (texts.unexpected, texts.unexpected_lede),
    };
    LoopbackText {
        language: wording.language.tag().to_owned(),
        heading: wording.format(heading, &[]),
        sentence: wording.format(sentence, &[]),
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
    use crate::texts::languages::Language;

    #[test]
    fn loopback_page_follows_the_preferred_language_and_theme() {
        let folder = tempfile::tempdir().unwrap();
        let texts = LoopbackTexts::new("Tool");
        let preferences = PreferencesFile::open(folder.path());
        texts.follow(preferences.clone());
        preferences.change(|it| it.language = Some(Language::Ja));
        assert_eq!(texts.text(LoopbackOutcome::Received).language, "ja");
        preferences.change(|it| it.language = Some(Language::Ar));
        assert_eq!(texts.text(LoopbackOutcome::Received).language, "ar");
        assert!(texts.text(LoopbackOutcome::Received).sentence.contains("Tool"));
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
