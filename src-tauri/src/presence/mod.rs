//! Latchkey without its window: tray, notifications, start at login, and the return of the user.

#[cfg(target_os = "linux")]
pub mod autostart;
#[cfg(target_os = "linux")]
pub mod content;
#[cfg(target_os = "linux")]
pub mod notifications;
pub mod settings;
#[cfg(target_os = "linux")]
pub mod task;
#[cfg(target_os = "linux")]
pub mod tray;
#[cfg(target_os = "linux")]
pub mod tray_texts;
#[cfg(target_os = "linux")]
pub mod user_return;
