//! A check that Latchkey does not run as root.

use crate::startup::error::StartupError;

/// The variable that permits root if it is `1`, as in a container.
pub const ALLOW_ROOT: &str = "LATCHKEY_ALLOW_ROOT";

/// Rejects a start as root: a window with a browser engine does not need these privileges, and files that it writes
/// into a user's home would not be accessible to the user (`sudo latchkey`).
///
/// On Windows a program can determine whether it is elevated only through unsafe calls, and an elevated program uses
/// the profile of its own user; so nothing is rejected there.
pub fn refuse_root() -> Result<(), StartupError> {
    if is_root() && std::env::var_os(ALLOW_ROOT).is_none_or(|value| value != "1") {
        let variable = vec![("variable", ALLOW_ROOT.to_owned())];
        return Err(StartupError::new(|texts| texts.root, variable));
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
