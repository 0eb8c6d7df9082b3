//! The application that the desktop has registered for this application's URI scheme.

use crate::problem::{Problem, ProblemCode};

/// The handler of this application's deep links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeHandler {
    /// This application, as far as it can be determined.
    Ours,
    /// Another application with this name.
    Another(String),
    /// This application or another one: the handler has this name, and no link has arrived through it yet.
    Perhaps(String),
    /// No application.
    Nobody,
    /// A second process of this application, which cannot forward links: the first one could not create a socket.
    Unreachable,
}

impl SchemeHandler {
    /// Another application cannot use the code that it receives (RFC 7636 §1), but the user would wait for nothing.
    pub(super) fn problem(self) -> Option<Problem> {
        match self {
            Self::Ours => None,
            Self::Another(other) => Some(Problem::new(ProblemCode::LinksTaken).with_detail(other)),
            Self::Perhaps(other) => {
                Some(Problem::new(ProblemCode::LinksPerhapsTaken).with_detail(other))
            }
            Self::Unreachable => Some(Problem::new(ProblemCode::LinksUnreachable)),
            Self::Nobody => Some(Problem::new(ProblemCode::LinksLost)),
        }
    }
}
