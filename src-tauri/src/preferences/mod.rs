//! The user's preferences for the window: language, colours and zoom. Its placement is in [`crate::preferences::placement`].

pub mod file;
pub mod placement;
pub mod window_language;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::texts::languages::Language;

/// The permitted range of the zoom.
const ZOOMS: std::ops::RangeInclusive<f64> = 0.5..=3.0;

/// What the user prefers, as the window gets it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// The language; `null` is the system's.
    pub language: Option<Language>,
    /// The colours.
    pub theme: Theme,
    /// How large everything is; 1 is the usual size.
    pub zoom: f64,
    /// Whether closing the window leaves the application in the tray, where there is one.
    #[serde(skip)]
    pub close_to_tray: bool,
}

/// Which colours the window is shown in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    /// Those of the desktop.
    #[default]
    System,
    /// Light ones.
    Light,
    /// Dark ones.
    Dark,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { language: None, theme: Theme::default(), zoom: 1.0, close_to_tray: false }
    }
}

impl Preferences {
    /// The preferences in the file's object. An absent or invalid member has its default.
    #[must_use]
    pub fn of(object: &Map<String, Value>) -> Self {
        let zoom = object.get("zoom").and_then(Value::as_f64);
        Self {
            language: read(object, "language"),
            theme: read(object, "theme").unwrap_or_default(),
            zoom: zoom.map_or(1.0, clamped_zoom),
            close_to_tray: read(object, "closeToTray").unwrap_or_default(),
        }
    }

    /// The members for the file that differ from `before`. Unchanged ones are not written: a language of a newer
    /// version stays until the user chooses another.
    #[must_use]
    pub fn changes_from(&self, before: &Self) -> Map<String, Value> {
        let mut changes = Map::new();
        if self.language != before.language {
            changes.insert("language".to_owned(), json!(self.language));
        }
        if self.theme != before.theme {
            changes.insert("theme".to_owned(), json!(self.theme));
        }
        if self.zoom.to_bits() != before.zoom.to_bits() {
            changes.insert("zoom".to_owned(), json!(self.zoom));
        }
        if self.close_to_tray != before.close_to_tray {
            changes.insert("closeToTray".to_owned(), json!(self.close_to_tray));
        }
        changes
    }
}

/// The zoom, clamped to the permitted range.
#[must_use]
pub fn clamped_zoom(wanted: f64) -> f64 {
    if wanted.is_nan() { 1.0 } else { wanted.clamp(*ZOOMS.start(), *ZOOMS.end()) }
}

fn read<T: serde::de::DeserializeOwned>(object: &Map<String, Value>, name: &str) -> Option<T> {
    object.get(name).and_then(|value| T::deserialize(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(object: &Value) -> Preferences {
        Preferences::of(object.as_object().unwrap())
    }

    #[test]
    fn preferences_are_read_from_their_members() {
        for language in Language::ALL {
            let expected = Preferences {
                language: Some(*language),
                theme: Theme::Dark,
                zoom: 1.5,
                close_to_tray: true,
            };
            let tag = language.tag();
            let object =
                json!({"language": tag, "theme": "dark", "zoom": 1.5, "closeToTray": true});
            assert_eq!(of(&object), expected);
            assert_eq!(Value::Object(expected.changes_from(&Preferences::default())), object);
        }
    }

    #[test]
    fn preferences_of_unknown_values_are_the_defaults() {
        for object in [
            json!({}),
            json!({"language": null, "theme": null, "zoom": null}),
            json!({"language": "tlh", "theme": "sepia", "zoom": "large"}),
            json!({"language": 7, "theme": {}, "zoom": [2], "closeToTray": "yes"}),
            json!({"language": ["en"], "theme": true, "zoom": {}}),
        ] {
            assert_eq!(of(&object), Preferences::default(), "{object}");
        }
    }

    #[test]
    fn zoom_is_clamped_to_half_and_threefold() {
        for (wanted, used) in [
            (0.0, 0.5),
            (-1.0, 0.5),
            (0.5, 0.5),
            (1.1, 1.1),
            (3.0, 3.0),
            (1e308, 3.0),
            (f64::INFINITY, 3.0),
            (f64::NAN, 1.0),
        ] {
            assert_eq!(clamped_zoom(wanted).to_bits(), f64::to_bits(used), "{wanted}");
        }
        assert_eq!(of(&json!({"zoom": 100})).zoom.to_bits(), 3.0_f64.to_bits());
    }

    #[test]
    fn unknown_language_is_not_among_the_changes() {
        let before = of(&json!({"language": "tlh"}));
        let after = Preferences { theme: Theme::Light, ..before };
        assert_eq!(Value::Object(after.changes_from(&before)), json!({"theme": "light"}));
        let chosen = Preferences { language: Some(Language::Ar), ..before };
        assert_eq!(Value::Object(chosen.changes_from(&before)), json!({"language": "ar"}));
        assert_eq!(Value::Object(before.changes_from(&chosen)), json!({"language": null}));
    }
}
