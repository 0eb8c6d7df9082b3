//! An access token, as the application asks for it and gets it.

use std::sync::Arc;

use crate::{
    configuration::Configuration, problem::Problem, secret::Secret, storage::journal::SessionId,
    time::Monotonic,
};

/// Names a caller. The runtime's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenRequestId(pub u64);

/// An access token, and the configuration that says where it may be sent.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The token.
    pub token: Secret,
    /// Whose it is: the one answer of the one owner, so that no token is sent by another's rules.
    pub configuration: Arc<Configuration>,
    /// Of which session it is: what was begun with one is not gone on with in another.
    pub session: SessionId,
}

/// The access token that every caller gets until `until`, unless an event comes before: what
/// [`Event::AccessTokenRequested`](crate::Event::AccessTokenRequested) returns to a caller that knows of no rejected
/// token.
#[derive(Debug, Clone, Copy)]
pub struct AccessTokenAtHand<'a> {
    /// The token.
    pub token: &'a Secret,
    /// Whose it is.
    pub configuration: &'a Configuration,
    /// Of which session it is.
    pub session: &'a SessionId,
    /// From then on it may end before it arrives.
    pub until: Monotonic,
}

impl AccessTokenAtHand<'_> {
    /// As a caller gets it.
    #[must_use]
    pub fn issue(&self) -> IssuedToken {
        IssuedToken {
            token: self.token.clone(),
            configuration: Arc::new(self.configuration.clone()),
            session: self.session.clone(),
        }
    }
}

/// Why there is no access token.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TokenUnavailable {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The environment refuses to refresh the session again and again: the user has to sign in again.
    #[error("{}", .0.message)]
    SignInAgain(Problem),
    /// Somebody may be, but there is none to be had now.
    #[error("{}", .0.message)]
    Retryable(Problem),
}
