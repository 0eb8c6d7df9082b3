//! A caller that waits for an access token.

use std::time::Duration;

use crate::session::{access_token::TokenRequestId, refresh::backoff::MAX_WAIT};
use crate::{secret::Secret, time::Monotonic};

/// A token that took the place of a refused one and is refused as well is refreshed again after this at
/// the earliest, and after twice that the next time.
const REFUSED_AGAIN: Duration = Duration::from_secs(30);

/// A caller and what they know.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct PendingTokenRequest {
    pub(crate) caller: TokenRequestId,
    /// A token that a service has refused.
    pub(crate) rejected_token: Option<Secret>,
    /// The session was refreshed for them: they get what there is now, whatever it is worth.
    pub(crate) refreshed_for: bool,
    pub(crate) until: Monotonic,
}

impl PendingTokenRequest {
    /// What was refreshed for them was another session.
    pub(crate) fn for_another_account(self) -> Self {
        Self { refreshed_for: false, ..self }
    }
}

/// RFC 6750 §3.1: a service may refuse a token that is good, as for an audience of its own. How often the
/// session has been refreshed for that, so that a service that refuses every token does not use the
/// environment up.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Refusals {
    refreshes: u32,
    not_before: Option<Monotonic>,
}

impl Refusals {
    pub(crate) fn may_refresh(self, now: Monotonic) -> bool {
        self.not_before.is_none_or(|at| at <= now)
    }

    pub(crate) fn refreshing(&mut self, now: Monotonic) {
        let wait = REFUSED_AGAIN * (1 << self.refreshes.min(4));
        self.refreshes = self.refreshes.saturating_add(1);
        self.not_before = Some(now.after(wait.min(MAX_WAIT)));
    }
}

#[cfg(feature = "testing")]
impl PendingTokenRequest {
    pub(crate) fn project(&self, onto: &mut crate::session::projection::Projection<'_>) {
        onto.word(format_args!("caller {} {}", self.caller.0, self.refreshed_for));
        onto.secret(self.rejected_token.as_ref());
        onto.moment(self.until);
    }
}

#[cfg(feature = "testing")]
impl Refusals {
    pub(crate) fn project(self, onto: &mut crate::session::projection::Projection<'_>) {
        onto.word(format_args!("refusals {}", self.refreshes.min(3)));
        onto.moment(self.not_before.unwrap_or_default());
    }
}
