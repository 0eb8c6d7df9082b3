//! A pending request for an access token.

use std::time::Duration;

use crate::session::{access_token::TokenRequestId, state::backoff::MAX_WAIT};
use crate::{secret::Secret, time::Monotonic};

/// The delay before the next refresh when a refreshed access token is rejected as well; doubled each time.
const REFUSED_AGAIN: Duration = Duration::from_secs(30);

/// The request of a caller.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct PendingTokenRequest {
    pub(crate) caller: TokenRequestId,
    /// The access token that a protected resource has rejected.
    pub(crate) rejected_token: Option<Secret>,
    /// The session was refreshed for this request: it receives the present access token in any case.
    pub(crate) refreshed_for: bool,
    pub(crate) until: Monotonic,
}

impl PendingTokenRequest {
    /// The refresh was for another session.
    pub(crate) fn for_another_account(self) -> Self {
        Self { refreshed_for: false, ..self }
    }
}

/// Counts the refreshes after a rejected access token. RFC 6750 §3.1: a protected resource may reject a valid
/// token, such as for another audience. A resource that rejects every token must not exhaust the environment's
/// rate limits.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Refusals {
    refreshes: u32,
    not_before: Option<Monotonic>,
    /// The present access token was rejected, and not refreshed for that.
    present_rejected: bool,
}

impl Refusals {
    pub(crate) fn may_refresh(self, now: Monotonic) -> bool {
        self.not_before.is_none_or(|at| at <= now)
    }

    /// A caller reports that the present access token was rejected.
    pub(crate) fn reported(&mut self) {
        self.present_rejected = true;
    }

    /// The refresh is due by its schedule. An access token that was used until then was not rejected.
    pub(crate) fn due(&mut self) {
        if !std::mem::take(&mut self.present_rejected) {
            *self = Self::default();
        }
    }

    pub(crate) fn refreshing(&mut self, now: Monotonic) {
        self.present_rejected = false;
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
        onto.word(format_args!("refusals {} {}", self.refreshes.min(3), self.present_rejected));
        onto.moment(self.not_before.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refresh_for_a_rejected_token_doubles_its_delay() {
        let mut refusals = Refusals::default();
        let mut now = Monotonic(Duration::from_secs(1000));
        for wait in [30, 60, 120, 240, 300, 300] {
            assert!(refusals.may_refresh(now));
            refusals.refreshing(now);
            assert!(!refusals.may_refresh(now.after(Duration::from_millis(wait * 1000 - 1))));
            now = now.after(Duration::from_secs(wait));
        }
    }
}
