//! Crash tests: real processes that are killed, stopped and disconnected, with the real keychain, lock and journal.
//!
//! `LATCHKEY_TEST_SCALE=full` selects the full scale, as `cargo xtask test chaos` does. Measured values are written
//! to `target/chaos`.
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

/// The number of repetitions at the small scale of every test run, and at full scale.
fn dose(small: usize, full: usize) -> usize {
    if std::env::var("LATCHKEY_TEST_SCALE").is_ok_and(|dose| dose == "full") { full } else { small }
}
