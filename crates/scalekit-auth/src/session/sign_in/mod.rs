//! A sign-in: from the command to a verified identity. Its types are [`crate::session::state::sign_in`].

pub(crate) mod begin;
pub(crate) mod browser;
pub(crate) mod initiation;
pub(crate) mod queued_links;
pub(crate) mod response;
pub(crate) mod verify;

use crate::problem::{Problem, ProblemCode};

pub(crate) fn clock_wrong() -> Problem {
    Problem::new(
        ProblemCode::ClockWrong,
        "This computer's clock and the environment's are too far apart. Set the clock, then try again.",
    )
}

pub(crate) fn rejected(detail: &str) -> Problem {
    Problem::new(
        ProblemCode::AnswerRejected,
        "The environment's answer did not pass the security checks, so nobody was signed in. Try again; if it stays so, tell your administrator.",
    )
    .with_detail(detail)
}

/// In the browser it would be an error without a `state`, or a page of JSON.
pub(crate) fn no_sign_up() -> Problem {
    Problem::new(
        ProblemCode::SignUpUnavailable,
        "This environment lets nobody create an account. Sign in with the one you have, or ask your administrator for one.",
    )
}

pub(crate) fn took_too_long() -> Problem {
    Problem::new(
        ProblemCode::SignInTimedOut,
        "The sign-in was not finished in the browser in time. Start again when you are ready.",
    )
}
