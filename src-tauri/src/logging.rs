//! What the application tells about itself, on standard error.

use tracing_subscriber::{EnvFilter, fmt};

/// `LATCHKEY_LOG` chooses how much (`debug`, `latchkey=trace`, …); warnings and errors otherwise.
/// Nothing that is logged anywhere holds a token, code, verifier or link, at any level.
pub fn start() {
    let filter = EnvFilter::try_from_env("LATCHKEY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true).init();
}
