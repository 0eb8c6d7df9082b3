//! Real processes that are killed, stopped and cut off, with the real keychain, lock and journal.
//!
//! `LATCHKEY_TEST_SCALE=full` takes the full dose; `cargo xtask test chaos` does. What was measured is in
//! `target/chaos`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod application;
mod concurrent_refresh;
mod crash_recovery;
mod disk_full;
mod faults;
mod fixture;
mod hardening;
mod instance;
mod outages;

/// How often, in the small dose that every test run takes and in the full one.
fn dose(small: usize, full: usize) -> usize {
    if std::env::var("LATCHKEY_TEST_SCALE").is_ok_and(|dose| dose == "full") { full } else { small }
}
