//! Keeps other processes of the same user from reading this one's memory, where the system lets a
//! program ask for that.
//!
//! | | |
//! |---|---|
//! | Linux | no core dump; no debugger, no `/proc/<pid>/mem` and `environ` for other processes of the same user (`PR_SET_DUMPABLE`). The administrator is not kept out. |
//! | macOS | no core dump. Debuggers are kept out by the hardened runtime, which signing the bundle turns on. |
//! | Windows | nothing that safe code could do. |

/// Asks for it, in release builds; in debug builds, which users attach debuggers to, only when
/// `LATCHKEY_HARDENED` is set. To be called before there is a secret to read.
///
/// Programs that this one starts are not concerned, except that their core dumps are off until they ask
/// for them.
pub fn harden() {
    if cfg!(debug_assertions) && std::env::var_os("LATCHKEY_HARDENED").is_none() {
        return;
    }
    if let Err(why) = without_core_dumps().and_then(|()| unreadable()) {
        tracing::warn!(%why, "other processes of the same user may be able to read this one's memory");
    }
}

#[cfg(unix)]
fn without_core_dumps() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Core);
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum })?)
}

#[cfg(not(unix))]
fn without_core_dumps() -> std::io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn unreadable() -> std::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(not(target_os = "linux"))]
fn unreadable() -> std::io::Result<()> {
    Ok(())
}
