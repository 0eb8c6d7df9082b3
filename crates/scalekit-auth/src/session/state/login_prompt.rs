//! A login initiation that waits for the user or for the environment's keys.

use std::{collections::VecDeque, time::Duration};

use crate::{
    protocol::{authorization_request::Hints, initiate_login::TokenDigest},
    rate_limit::RateLimiter,
    secret::Secret,
    time::Monotonic,
};

const MINUTE: Duration = Duration::from_secs(60);

/// The number of tokens that are verified in a burst, and then per minute.
const MAX_VERIFICATIONS: u32 = 30;

/// The number of questions in a burst, and then per minute: each raises the window.
const MAX_PROMPTS: u32 = 3;

/// The login initiation that waits for the user's confirmation.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum LoginPrompt {
    /// There is none.
    None,
    /// The link is unsigned: any party can have created it. A signed one replaces it.
    Unverified(Question),
    /// The environment has signed it. No other replaces it, so that the user confirms what was displayed.
    Verified(Question),
}

/// The question to the user.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Question {
    pub(crate) id: u32,
    pub(crate) hints: Hints,
    pub(crate) deadline: Monotonic,
}

/// The login initiations that were received.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct PendingInitiations {
    /// Tokens that wait for the environment's keys while these are being fetched.
    pub(crate) waiting: Vec<Secret>,
    /// Tokens that the user was asked about, the newest last.
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
    fn question(&self) -> Option<&Question> {
        match self {
            Self::None => None,
            Self::Unverified(question) | Self::Verified(question) => Some(question),
        }
    }

    /// Leaves the question with this id. Another one stays.
    pub(crate) fn take(&mut self, id: u32) -> Self {
        let is_this = self.question().is_some_and(|question| question.id == id);
        if is_this { std::mem::replace(self, Self::None) } else { Self::None }
    }

    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        self.question().map(|question| question.deadline)
    }

    pub(crate) fn is_signed(&self) -> bool {
        match self {
            Self::Verified(_) => true,
            Self::None | Self::Unverified(_) => false,
        }
    }
}
