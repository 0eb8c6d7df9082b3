//! The whole application: a real window, browser, keychain and deep link, against `scalekit-dev`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod signing_in;
