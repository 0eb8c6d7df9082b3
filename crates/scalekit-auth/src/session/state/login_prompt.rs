//! A sign-in that began outside, while it waits for the user or for the environment's keys.

use std::collections::VecDeque;

use crate::session::budget::Budget;
use crate::{
    protocol::{authorization_request::Hints, initiate_login::TokenDigest},
    secret::Secret,
    time::Monotonic,
};

/// Whether a sign-in that began outside waits for the user's answer.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum LoginPrompt {
    /// None does.
    None,
    /// Anybody may have written the link. It names nobody, and gives way to one that is signed.
    Unverified(Question),
    /// The environment has signed for it. Nothing takes its place: what the user reads must be
    /// what they agree to.
    Verified(Question),
}

/// What the user is asked.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Question {
    pub(crate) id: u32,
    pub(crate) hints: Hints,
    pub(crate) deadline: Monotonic,
}

/// What is known of the links that came.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct PendingInitiations {
    /// Tokens that wait for the environment's keys, while those are on their way.
    pub(crate) waiting: Vec<Secret>,
    /// Tokens that have been put to the user, the newest last.
    pub(crate) seen: VecDeque<TokenDigest>,
    pub(crate) questions: u32,
    pub(crate) verifying: Budget,
    pub(crate) asking: Budget,
    pub(crate) fetching: Budget,
    pub(crate) unverified: Budget,
}

impl LoginPrompt {
    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        match self {
            Self::None => None,
            Self::Unverified(question) | Self::Verified(question) => Some(question.deadline),
        }
    }

    pub(crate) fn is_signed(&self) -> bool {
        match self {
            Self::Verified(_) => true,
            Self::None | Self::Unverified(_) => false,
        }
    }
}
