//! The whole application: a real window, browser, keychain and deep link, against `scalekit-dev`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attack;
mod canaries;
mod desk;
mod foreign_desk;
mod invitations;
mod links;
mod second_provider;
mod session;
mod settings;
mod signing_in;
mod signing_out;
mod third_provider;
mod traces;

/// Who most stories are about.
const ADA: &str = "ada@analytical.example";
