//! Process hardening: prevents other processes of the same user from reading this one's memory, where the
//! operating system lets a process request that.
//!
//! | | |
//! |---|---|
//! | Linux | no core dump; no debugger, no `/proc/<pid>/mem` and `environ` for other processes of the same user (`PR_SET_DUMPABLE`). Does not apply to the administrator. |
//! | macOS | no core dump. The hardened runtime, which signing the bundle turns on, rejects debuggers. |
//! | Windows | nothing, as the interfaces are not available to safe code. |

/// Hardens this process in release builds; in debug builds, which developers attach debuggers to, only when
/// `LATCHKEY_HARDENED` is set. To be called before the process holds a secret.
///
/// Child processes inherit only the soft limit on core dumps, which they can raise again.
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
