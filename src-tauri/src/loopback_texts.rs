//! What the browser shows once it has come back by the loopback redirect URI, in the language of the window.

use std::sync::{Arc, OnceLock};

use tauri_plugin_scalekit::{LoopbackOutcome, LoopbackText};

use crate::{preferences::Language, preferences_file::PreferencesFile};

/// The texts in the language that the user prefers, as far as that is known yet.
#[derive(Debug, Clone, Default)]
pub struct LoopbackTexts(Arc<OnceLock<PreferencesFile>>);

impl LoopbackTexts {
    /// From now on the language is that of these preferences.
    pub fn follow(&self, preferences: PreferencesFile) {
        // They are opened once.
        let _ = self.0.set(preferences);
    }

    /// What the page says now.
    #[must_use]
    pub fn text(&self, outcome: LoopbackOutcome) -> LoopbackText {
        let preferred = self.0.get().and_then(|file| file.preferences().language);
        text(preferred.unwrap_or_else(|| first_known(&system_languages())), outcome)
    }
}

fn text(language: Language, outcome: LoopbackOutcome) -> LoopbackText {
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
    }
}

/// The first of the user's languages that there is, as `navigator.language` decides for the window; else English.
fn first_known(names: &[String]) -> Language {
    let primary =
        |name: &str| name.split(['-', '_', '.', '@']).next().unwrap_or_default().to_lowercase();
    names
        .iter()
        .find_map(|name| Language::ALL.into_iter().find(|one| one.tag() == primary(name)))
        .unwrap_or(Language::En)
}

#[cfg(target_os = "linux")]
fn system_languages() -> Vec<String> {
    gtk::glib::language_names().into_iter().map(Into::into).collect()
}

/// Asking these systems needs a crate of its own; there the language counts that was chosen in the settings.
#[cfg(not(target_os = "linux"))]
fn system_languages() -> Vec<String> {
    Vec::new()
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
            let texts = Language::ALL.map(|language| text(language, outcome));
            let tags: BTreeSet<_> = texts.iter().map(|text| text.language.clone()).collect();
            assert_eq!(tags, of_window);
            let headings: BTreeSet<_> = texts.iter().map(|text| &text.heading).collect();
            let sentences: BTreeSet<_> = texts.iter().map(|text| &text.sentence).collect();
            assert_eq!((headings.len(), sentences.len()), (texts.len(), texts.len()));
        }
    }

    #[test]
    fn loopback_texts_follow_the_preferred_language() {
        let folder = tempfile::tempdir().unwrap();
        let texts = LoopbackTexts::default();
        let preferences = PreferencesFile::open(folder.path());
        texts.follow(preferences.clone());
        preferences.change(|it| it.language = Some(Language::Ja));
        assert_eq!(texts.text(LoopbackOutcome::Received).language, "ja");
        preferences.change(|it| it.language = Some(Language::Ar));
        assert_eq!(texts.text(LoopbackOutcome::Received).language, "ar");
    }

    #[test]
    fn system_language_that_is_not_known_yields_to_the_next() {
        let known = |names: &[&str]| {
            first_known(&names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(known(&["de_AT.UTF-8", "en"]), Language::De);
        assert_eq!(known(&["fr_FR", "fr", "ja"]), Language::Ja);
        assert_eq!(known(&["ar-EG"]), Language::Ar);
        assert_eq!(known(&["C"]), Language::En);
        assert_eq!(known(&[]), Language::En);
    }
}
