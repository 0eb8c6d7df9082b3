//! Which program the desktop hands the application's links to.

use crate::problem::{Problem, ProblemCode};

/// Who gets this program's links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeHandler {
    /// This program, as far as anybody can tell.
    Ours,
    /// Another one, of this name.
    Another(String),
    /// This one or another: what is started is of this name, and no link has come by it so far.
    Perhaps(String),
    /// Nobody.
    Nobody,
    /// A second process of this program, which cannot hand them over: this one could make no socket.
    Unreachable,
}

impl SchemeHandler {
    /// A code that another program gets is of no use to it (RFC 7636 §1), but the user waits in vain.
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
