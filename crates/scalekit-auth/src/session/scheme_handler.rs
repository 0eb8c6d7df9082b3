//! Which program the desktop hands the application's links to.

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
