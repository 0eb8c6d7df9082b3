//! A sign-in: from the command to a verified identity. Its types are [`crate::session::state::sign_in`].

pub(crate) mod begin;
pub(crate) mod browser;
pub(crate) mod initiation;
pub(crate) mod queued_links;
pub(crate) mod response;
pub(crate) mod verify;

use crate::problem::{Problem, ProblemCode};

pub(crate) fn clock_wrong() -> Problem {
    Problem::new(ProblemCode::ClockWrong)
}

pub(crate) fn rejected(detail: &str) -> Problem {
    Problem::new(ProblemCode::AnswerRejected).with_detail(detail)
}

/// In the browser it would be an error without a `state`, or a page of JSON.
pub(crate) fn no_sign_up() -> Problem {
    Problem::new(ProblemCode::SignUpUnavailable)
}

pub(crate) fn took_too_long() -> Problem {
    Problem::new(ProblemCode::SignInTimedOut)
}
