//! Fail points at which a debug build on Linux can be killed or can panic, so that tests see the state after a
//! crash and after a panic. In every other build [`fail_point!`] is empty, and neither the fail points nor the
//! names of the variables are compiled.

/// `fail_point!(Stored)` reaches a fail point; with `if`, under a condition.
macro_rules! fail_point {
    ($point:ident) => {
        fail_point!($point if true)
    };
    ($point:ident if $condition:expr) => {
        #[cfg(all(debug_assertions, target_os = "linux"))]
        if $condition {
            crate::fail_point::reached(crate::fail_point::FailPoint::$point);
        }
    };
}
pub(crate) use fail_point;

/// The position of a fail point between two operations.
#[cfg(all(debug_assertions, target_os = "linux"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailPoint {
    /// The user has requested a refresh, and the session's task has received the command.
    RefreshRequested,
    /// The journal records that the refresh token is about to be sent.
    Journaled,
    /// The token endpoint has responded, and the response has not been read.
    ResponseReceived,
    /// The session is about to be written to the keychain.
    Storing,
    /// The session has been written to the keychain.
    Stored,
}

/// Ends this process as `kill -9` does if `LATCHKEY_FAILPOINT_KILL` names this fail point, and panics if
/// `LATCHKEY_FAILPOINT_PANIC` does.
#[cfg(all(debug_assertions, target_os = "linux"))]
pub(crate) fn reached(point: FailPoint) {
    use rustix::process::{Signal, getpid, kill_process};
    let named_by = |name| std::env::var(name).is_ok_and(|value| value == format!("{point:?}"));
    if named_by("LATCHKEY_FAILPOINT_KILL") {
        let _ = kill_process(getpid(), Signal::KILL);
    }
    assert!(!named_by("LATCHKEY_FAILPOINT_PANIC"), "panics on request at {point:?}");
}
