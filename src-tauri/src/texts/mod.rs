//! The texts that are shown outside the window's page.

// The generated texts of the tray are unused where there is none.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
#[rustfmt::skip]
pub mod languages;
pub mod wording;
