//! The access token as the application requests and receives it.

use std::sync::Arc;

use crate::{
    configuration::Configuration,
    fingerprint::SessionId,
    problem::Problem,
    secret::Secret,
    time::{Monotonic, Wall},
};

/// Identifies the request of a caller; the runtime assigns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenRequestId(pub u64);

/// An access token, and the configuration that determines where it may be sent.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The token.
    pub token: Secret,
    /// Its configuration, in the same value, so that a token is never sent by the rules of another account.
    pub configuration: Arc<Configuration>,
    /// The session of the token: an operation of one session is not continued in another.
    pub session: SessionId,
}

/// The access token that every caller gets until `until`, unless an event occurs before: what
/// [`Event::AccessTokenRequested`](crate::Event::AccessTokenRequested) returns to a caller that reports no
/// rejected token.
#[derive(Debug, Clone, Copy)]
pub struct CachedAccessToken<'a> {
    /// The token.
    pub token: &'a Secret,
    /// The configuration of its account.
    pub configuration: &'a Configuration,
    /// The session of the token.
    pub session: &'a SessionId,
    /// Afterwards the token may expire before a request with it arrives.
    pub until: Monotonic,
    /// The same by the wall clock, which the monotonic clock falls behind in a paused virtual machine: afterwards
    /// [`Event::AccessTokenRequested`](crate::Event::AccessTokenRequested) has to decide.
    pub until_wall: Wall,
}

impl CachedAccessToken<'_> {
    /// The token in the form that a caller receives.
    #[must_use]
    pub fn issue(&self) -> IssuedToken {
        IssuedToken {
            token: self.token.clone(),
            configuration: Arc::new(self.configuration.clone()),
            session: self.session.clone(),
        }
    }
}

/// The reason there is no access token.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TokenUnavailable {
    /// No user is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The environment has rejected the refresh repeatedly: the user has to sign in again.
    #[error("{}", .0.message)]
    SignInAgain(Problem),
    /// A user may be signed in, but no access token is available at present.
    #[error("{}", .0.message)]
    Retryable(Problem),
}
