//! The whole application: a real window, browser, keychain and deep link, against `scalekit-dev`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attack;
mod canaries;
mod desktop;
mod foreign_fixture;
mod heard;
mod invitations;
mod large_text;
mod links;
mod preferences;
mod presence;
mod protected;
mod residue;
mod second_provider;
mod self_check;
mod session;
mod settings;
mod signing_in;
mod signing_out;
mod third_provider;
mod ways;

use scalekit_dev::ADA;
