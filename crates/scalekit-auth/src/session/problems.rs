//! Why a session is not refreshed, or not any more, as a user reads it.

use crate::problem::{Problem, ProblemCode};

use crate::session::scheme_handler::SchemeHandler;

pub(super) fn ended() -> Problem {
    Problem::new(
        ProblemCode::SessionEnded,
        "The environment ended your session: it ran its time, or you or an administrator signed out elsewhere. Sign in again.",
    )
}

pub(super) fn interrupted() -> Problem {
    Problem::new(
        ProblemCode::SessionInterrupted,
        "Your session could not be continued: the connection was lost, or this program ended, in the middle of refreshing it, and the environment does not accept the refresh a second time. Sign in again.",
    )
}

pub(super) fn not_saved() -> Problem {
    Problem::new(
        ProblemCode::NotSaved,
        "Your session could not be saved in the keychain. You stay signed in until you close this program, and it is not refreshed until it is saved. Unlock the keychain; saving is tried again.",
    )
}

/// There is nothing to unlock, and no waiting helps.
pub(super) fn not_set_up() -> Problem {
    Problem::new(
        ProblemCode::KeychainNotSetUp,
        "This computer's keychain service has no keyring to save your session in, so it is neither saved nor refreshed. Try again, and choose a password for a new keyring when you are asked; or continue without a keychain, and sign in again whenever this program is started.",
    )
}

pub(super) fn busy() -> Problem {
    Problem::new(
        ProblemCode::OtherProcess,
        "Another program on this computer is using this session and does not let go of it, so it is not refreshed for now. You stay signed in. Close other windows of this program if it stays so.",
    )
}

/// A session that only this process has, because another one keeps the lock.
pub(super) fn busy_and_not_saved() -> Problem {
    Problem::new(
        ProblemCode::SaveBlocked,
        "Another program on this computer keeps the lock of this session, so yours is not saved yet. You stay signed in until you close this program. Close other windows of this program; saving goes on by itself then.",
    )
}

pub(super) fn not_refreshable() -> Problem {
    Problem::new(
        ProblemCode::NotRefreshable,
        "The environment gives this application no means to refresh the session, so there is no other access token. Sign in again for a new one.",
    )
}

/// The answers that end a session are few (RFC 6749 §5.2), and this was none of them.
pub(super) fn refresh_refused() -> Problem {
    Problem::new(
        ProblemCode::RefreshRefused,
        "The environment refuses to refresh your session again and again. You stay signed in here, but other programs get no access any more. Sign in again; until then it is tried now and then.",
    )
}

pub(super) fn clock_is_wrong_and_session_goes_on() -> Problem {
    Problem::new(
        ProblemCode::ClockWrong,
        "This computer's clock and the environment's are more than half an hour apart. You stay signed in. Set the clock: other programs and web pages may fail.",
    )
}

/// A code that another program gets is of no use to it (RFC 7636 §1), but the user waits in vain.
pub(super) fn scheme_handler_problem(handler: SchemeHandler) -> Option<Problem> {
    match handler {
        SchemeHandler::Ours => None,
        SchemeHandler::Another(other) => Some(
            Problem::new(
                ProblemCode::LinksTaken,
                "Another program on this computer has taken the links that lead back here from the browser, so a sign-in may not arrive. It can do nothing with them. Remove that program, or choose this one for these links, then check again.",
            )
            .with_detail(other),
        ),
        SchemeHandler::Perhaps(other) => Some(
            Problem::new(
                ProblemCode::LinksPerhapsTaken,
                "The links that lead back here from the browser are opened by a script or another program, and none has arrived by it so far. If a sign-in does not come back, choose this program for these links, then check again.",
            )
            .with_detail(other),
        ),
        SchemeHandler::Unreachable => Some(Problem::new(
            ProblemCode::LinksUnreachable,
            "No socket could be made for this program, neither in its own folder nor in the runtime folder. So a second start cannot hand its link over to this one, and a sign-in would not arrive from the browser. Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk, then start this program again.",
        )),
        SchemeHandler::Nobody => Some(Problem::new(
            ProblemCode::LinksLost,
            "Nothing on this computer opens the links that lead back here from the browser, so a sign-in would not arrive. Install this program with its package, or make sure that it may write into the folder for applications (on Linux ~/.local/share/applications) and that xdg-utils is installed; then check again.",
        )),
    }
}
