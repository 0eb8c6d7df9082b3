//! Where a debug build can be told to be killed or to panic, so that the tests see what a crash and a
//! fault leave behind. A release build has none of it.

/// Between which two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailPoint {
    /// The user asks for the session to be refreshed, and the session's task has heard it.
    RefreshRequested,
    /// The journal says that the token is about to be sent.
    Journaled,
    /// The environment has answered, and nobody has read the answer.
    ResponseReceived,
    /// The session is about to be written to the keychain.
    Storing,
    /// It has been.
    Stored,
}

/// Ends this process at once, as `kill -9` would, if `LATCHKEY_FAILPOINT_KILL` names this point, and panics if
/// `LATCHKEY_FAILPOINT_PANIC` does.
pub(crate) fn reached(point: FailPoint) {
    #[cfg(all(debug_assertions, target_os = "linux"))]
    {
        let named_by = |name| std::env::var(name).is_ok_and(|value| value == format!("{point:?}"));
        if named_by("LATCHKEY_FAILPOINT_KILL") {
            use rustix::process::{Signal, getpid, kill_process};
            let _ = kill_process(getpid(), Signal::KILL);
        }
        assert!(!named_by("LATCHKEY_FAILPOINT_PANIC"), "told to panic at {point:?}");
    }
    let _ = point;
}
