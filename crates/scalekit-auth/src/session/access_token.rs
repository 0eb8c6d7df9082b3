//! An access token, as the application asks for it and gets it.

use std::sync::Arc;

use crate::{
    configuration::Configuration, problem::Problem, secret::Secret, storage::journal::SessionId,
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
