//! Why a session is not refreshed, or not any more, as a user reads it.

use crate::problem::{Problem, ProblemCode};

use crate::session::scheme_handler::SchemeHandler;

pub(super) fn ended() -> Problem {
    Problem::new(ProblemCode::SessionEnded)
}

pub(super) fn interrupted() -> Problem {
    Problem::new(ProblemCode::SessionInterrupted)
}

pub(super) fn not_saved() -> Problem {
    Problem::new(ProblemCode::NotSaved)
}

/// There is nothing to unlock, and no waiting helps.
pub(super) fn not_set_up() -> Problem {
    Problem::new(ProblemCode::KeychainNotSetUp)
}

pub(super) fn busy() -> Problem {
    Problem::new(ProblemCode::OtherProcess)
}

/// A session that only this process has, because another one keeps the lock.
pub(super) fn busy_and_not_saved() -> Problem {
    Problem::new(ProblemCode::SaveBlocked)
}

pub(super) fn not_refreshable() -> Problem {
    Problem::new(ProblemCode::NotRefreshable)
}

/// The answers that end a session are few (RFC 6749 §5.2), and this was none of them.
pub(super) fn refresh_refused() -> Problem {
    Problem::new(ProblemCode::RefreshRefused)
}

pub(super) fn clock_is_wrong_and_session_goes_on() -> Problem {
    Problem::new(ProblemCode::SessionClockWrong)
}

/// A code that another program gets is of no use to it (RFC 7636 §1), but the user waits in vain.
pub(super) fn scheme_handler_problem(handler: SchemeHandler) -> Option<Problem> {
    match handler {
        SchemeHandler::Ours => None,
        SchemeHandler::Another(other) => {
            Some(Problem::new(ProblemCode::LinksTaken).with_detail(other))
        }
        SchemeHandler::Perhaps(other) => {
            Some(Problem::new(ProblemCode::LinksPerhapsTaken).with_detail(other))
        }
        SchemeHandler::Unreachable => Some(Problem::new(ProblemCode::LinksUnreachable)),
        SchemeHandler::Nobody => Some(Problem::new(ProblemCode::LinksLost)),
    }
}
