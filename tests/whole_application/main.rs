//! The whole application: a real window, browser, keychain and deep link, against `scalekit-dev`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attack;
mod desktop;
mod foreign_fixture;
mod hosted_pages;
mod invitations;
mod large_text;
mod leaked_secrets;
mod leftover_files;
mod links;
mod other_browsers;
mod preferences;
mod protected_resource;
mod screen_reader;
mod second_provider;
mod self_check;
mod session;
mod settings;
mod sign_in_methods;
mod signing_in;
mod signing_out;
mod third_provider;
mod tray_and_notifications;

use scalekit_dev::ADA;
