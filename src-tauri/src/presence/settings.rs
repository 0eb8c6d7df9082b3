//! The settings of the tray and of the start at login.

use serde::Serialize;

/// How the application stays with its user when the window is closed, and after a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PresenceSettings {
    /// Whether the desktop has a tray, so that the window can be closed to it.
    pub tray: bool,
    /// Whether closing the window leaves the application in the tray.
    pub close_to_tray: bool,
    /// Whether the desktop starts the application at login; `null` where the application cannot change that.
    pub start_at_login: Option<bool>,
}
