//! Points at which a debug build on Linux can be killed or can panic, so that tests see what a crash and a
//! panic leave behind. In every other build [`fail_point!`] is empty, and neither the points nor the names of
//! the variables are compiled.

/// `fail_point!(Stored)` reaches a point; with `if`, under a condition.
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

/// Between which two operations.
#[cfg(all(debug_assertions, target_os = "linux"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailPoint {
    /// The user asks for a refresh, and the session's task has received the command.
    RefreshRequested,
    /// The journal says that the token is about to be sent.
    Journaled,
    /// The token endpoint has responded, and the response has not been read.
    ResponseReceived,
    /// The session is about to be written to the keychain.
    Storing,
    /// It has been.
    Stored,
}

/// Ends this process at once, as `kill -9` would, if `LATCHKEY_FAILPOINT_KILL` names this point, and panics if
/// `LATCHKEY_FAILPOINT_PANIC` does.
#[cfg(all(debug_assertions, target_os = "linux"))]
pub(crate) fn reached(point: FailPoint) {
    use rustix::process::{Signal, getpid, kill_process};
    let named_by = |name| std::env::var(name).is_ok_and(|value| value == format!("{point:?}"));
    if named_by("LATCHKEY_FAILPOINT_KILL") {
        let _ = kill_process(getpid(), Signal::KILL);
    }
    assert!(!named_by("LATCHKEY_FAILPOINT_PANIC"), "told to panic at {point:?}");
}
