//! A sign-in that began outside, while it waits for the user or for the environment's keys.

use std::{collections::VecDeque, time::Duration};

use crate::{
    protocol::{authorization_request::Hints, initiate_login::TokenDigest},
    rate_limit::RateLimiter,
    secret::Secret,
    time::Monotonic,
};

const MINUTE: Duration = Duration::from_secs(60);

/// Tokens whose signature is verified at once, and then in a minute.
const MAX_VERIFICATIONS: u32 = 30;

/// Questions at once, and then in a minute: each brings the window to the front.
const MAX_PROMPTS: u32 = 3;

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
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct PendingInitiations {
    /// Tokens that wait for the environment's keys, while those are on their way.
    pub(crate) waiting: Vec<Secret>,
    /// Tokens that have been put to the user, the newest last.
    pub(crate) seen: VecDeque<TokenDigest>,
    pub(crate) questions: u32,
    pub(crate) verifying: RateLimiter,
    pub(crate) asking: RateLimiter,
    pub(crate) fetching: RateLimiter,
    pub(crate) unverified: RateLimiter,
}

impl Default for PendingInitiations {
    fn default() -> Self {
        let a_minute = |times: u32| RateLimiter::new(times, MINUTE / times);
        Self {
            waiting: Vec::new(),
            seen: VecDeque::new(),
            questions: 0,
            verifying: a_minute(MAX_VERIFICATIONS),
            asking: a_minute(MAX_PROMPTS),
            fetching: a_minute(1),
            unverified: a_minute(1),
        }
    }
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
