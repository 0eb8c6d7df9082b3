//! The language of the window, for texts outside of it.

use crate::{preferences::file::PreferencesFile, texts::languages::Language};

/// The user's language, or while that is unknown, the system's.
pub fn of(preferences: Option<&PreferencesFile>) -> Language {
    let chosen = preferences.and_then(|file| file.preferences().language);
    preferred(chosen, &of_system())
}

/// The user's choice, otherwise the first supported language of the system, as `navigator.language` decides in the
/// window; otherwise English.
fn preferred(chosen: Option<Language>, system: &[String]) -> Language {
    let of_system = || system.iter().find_map(|name| supported(name));
    chosen.or_else(of_system).unwrap_or(Language::En)
}

/// The language of a locale's name (`de_AT.UTF-8`) or of a language tag (`de-AT`).
fn supported(name: &str) -> Option<Language> {
    let primary = name.split(['_', '-', '.', '@']).next()?.to_ascii_lowercase();
    Language::ALL.iter().copied().find(|language| language.tag() == primary)
}

#[cfg(target_os = "linux")]
fn of_system() -> Vec<String> {
    gtk::glib::language_names().into_iter().map(Into::into).collect()
}

/// Reading the language of these systems needs a further crate; only the chosen language applies there.
#[cfg(not(target_os = "linux"))]
fn of_system() -> Vec<String> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_language_is_chosen_or_first_supported_of_system() {
        let system =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (chosen, names, used) in [
            (Some(Language::Ja), &["de_DE.UTF-8"][..], Language::Ja),
            (None, &["tlh_AQ.UTF-8", "tlh", "de_AT@euro", "C"], Language::De),
            (None, &["de_AT.UTF-8", "en"], Language::De),
            (None, &["tlh_AQ", "tlh", "ja"], Language::Ja),
            (None, &["ar-EG"], Language::Ar),
            (None, &["tlh", "C"], Language::En),
            (None, &["C"], Language::En),
            (None, &[], Language::En),
        ] {
            assert_eq!(preferred(chosen, &system(names)), used, "{names:?}");
        }
    }
}
