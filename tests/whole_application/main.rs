//! The whole application: a real window, browser, keychain and deep link, against `scalekit-dev`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attack;
mod canaries;
mod desktop;
mod foreign_fixture;
mod invitations;
mod large_text;
mod leftover_files;
mod links;
mod preferences;
mod presence;
mod protected;
mod screen_reader;
mod second_provider;
mod self_check;
mod session;
mod settings;
mod signing_in;
mod signing_out;
mod third_provider;
mod ways;

use scalekit_dev::ADA;
