//! Where a debug build can be told to be killed, so that the tests see what a crash leaves behind. A
//! release build has none of it.

/// Between which two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailPoint {
    /// The journal says that the token is about to be sent.
    Noted,
    /// The environment has answered, and nobody has read the answer.
    Answered,
    /// The session is about to be written to the keychain.
    Storing,
    /// It has been.
    Stored,
}

/// Ends this process at once, as `kill -9` would, if `LATCHKEY_KILLED_AT` names this point.
pub(crate) fn reached(point: FailPoint) {
    #[cfg(all(debug_assertions, target_os = "linux"))]
    if std::env::var("LATCHKEY_KILLED_AT").is_ok_and(|name| name == format!("{point:?}")) {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
    let _ = point;
}
