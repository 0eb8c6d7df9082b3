//! Latchkey runs as the user who uses it, and as nobody else.

use crate::startup_error::StartupError;

/// Set to `1`, it lets the administrator run Latchkey all the same, as in a container.
pub const ALLOW_ROOT: &str = "LATCHKEY_ALLOW_ROOT";

/// Refuses to run as root: a window with a browser engine in it needs no such rights, and what it writes
/// in a user's home would lock the user out of it (`sudo latchkey`).
///
/// Windows tells a program whether it is elevated only through calls that safe code cannot make, and an
/// elevated program still has its own user's profile there; so nothing is refused there.
pub fn refuse_root() -> Result<(), StartupError> {
    if is_root() && std::env::var_os(ALLOW_ROOT).is_none_or(|value| value != "1") {
        return Err(StartupError::new(format!(
            "Latchkey does not run as root, which would give its window rights over this whole computer. Start it as yourself, without sudo. In a container that has no other user, set {ALLOW_ROOT}=1."
        )));
    }
    Ok(())
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
