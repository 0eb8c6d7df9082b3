//! The refresh schedule: when a session is refreshed.

use std::time::Duration;

use crate::{
    configuration::RefreshPolicy, problem::Problem, protocol::retry_after::MAX_RETRY_AFTER,
    storage::record::SessionRecord,
};

use crate::session::{
    account::{Account, has_bug},
    event::Network,
    state::{
        backoff::MAX_WAIT,
        refresh::{
            Delay, END_NOTICE, EndNotice, MIN_PERIOD, Refresh, RefreshConditions,
            SHORT_LIVED_IN_A_ROW,
        },
        session::Session,
    },
};

/// The minimum lifetime that is plausible; a token with a shorter one is refreshed every [`MIN_PERIOD`].
const MIN_LIFETIME: Duration = Duration::from_secs(2);

/// The delay of the first retry after a lost response: environments with a grace period for reuse of a refresh
/// token accept it for seconds only.
pub(crate) const QUICK_RETRY: Duration = Duration::from_secs(1);

/// The lead of the wall clock over the monotonic clock above which the access token is assumed to be older than the
/// monotonic clock shows.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(60);

impl Account {
    /// The conditions for a due refresh. An environment on this computer needs no network.
    pub(crate) fn refresh_conditions(&self) -> RefreshConditions {
        let configuration = self.configuration.as_ref();
        let by_itself = match configuration.map(|one| one.refresh).unwrap_or_default() {
            RefreshPolicy::Always => true,
            RefreshPolicy::WhileInUse => self.in_use,
        };
        let reachable = match self.network {
            Network::Present => true,
            Network::Absent if has_bug!(self, SendsWithoutNetwork) => true,
            Network::Absent => configuration.is_some_and(|one| one.environment.is_loopback()),
        };
        let is_owed = !self.token_requests.is_empty() || self.has_unfinished_refresh();
        RefreshConditions { by_itself, is_owed, reachable }
    }

    /// Whether a response to the present refresh token was lost, also of an earlier process, or a rejection of it was
    /// received and has not taken effect.
    fn has_unfinished_refresh(&self) -> bool {
        let Session::SignedIn(signed_in) = &self.session else { return false };
        let token = signed_in.record.refresh_token.as_ref();
        signed_in.refreshes.lost_responses() > 0
            || signed_in.refreshes.is_rejected()
            || token.is_some_and(|token| self.journal.lost_responses(token) > 0)
    }

    /// The schedule for the access token of `record`, which has just been received and expires after `remaining`.
    pub(crate) fn scheduled_after_response(
        &mut self,
        record: &SessionRecord,
        remaining: Duration,
    ) -> Refresh {
        let is_short = record.lifetime < MIN_PERIOD;
        self.short_lived = if is_short { self.short_lived.saturating_add(1) } else { 0 };
        self.scheduled_with(record, remaining, self.is_limited(record))
    }

    /// The schedule for an access token that was received earlier. An expired one is refreshed now: no response has
    /// led to this, so that nothing repeats.
    pub(crate) fn scheduled(&mut self, record: &SessionRecord, remaining: Duration) -> Refresh {
        let is_limited = !remaining.is_zero() && self.is_limited(record);
        self.scheduled_with(record, remaining, is_limited)
    }

    fn is_limited(&self, record: &SessionRecord) -> bool {
        record.lifetime < MIN_LIFETIME
            || record.lifetime < MIN_PERIOD && self.short_lived > SHORT_LIVED_IN_A_ROW
    }

    fn scheduled_with(
        &mut self,
        record: &SessionRecord,
        remaining: Duration,
        is_limited: bool,
    ) -> Refresh {
        if self.leaving {
            return Refresh::Paused(None);
        }
        let now = self.now.monotonic;
        if record.refresh_token.is_none() {
            let at = now.after(remaining);
            let due = remaining.saturating_sub(END_NOTICE.min(record.lifetime / 2));
            let notice = EndNotice::DueAt(now.after(due));
            return Refresh::Impossible { at, shown: self.now.wall_at(at), notice };
        }
        let wait = remaining.saturating_sub(self.refresh_lead(record.lifetime));
        let at = now.after(if is_limited { MIN_PERIOD } else { wait });
        Refresh::Scheduled { at, shown: self.now.wall_at(at) }
    }

    /// The time before its expiry at which an access token is refreshed: 15 to 35 % of its lifetime. A slow response
    /// still arrives in time, and computers that an outage has synchronized are spread after a few refreshes. With a
    /// range of 5 % they would stay synchronized for hours, with a peak of requests in each period.
    fn refresh_lead(&mut self, lifetime: Duration) -> Duration {
        // Divided first, to avoid an overflow: the stored record may contain any number of seconds.
        lifetime / 1000 * (150 + u32::try_from(self.draw() % 201).unwrap_or(100))
    }

    pub(crate) fn wait_before_retry(&mut self, retry_after: Option<Duration>) -> Duration {
        let rng = self.draw();
        let Some(signed_in) = self.session.signed_in() else { return MAX_WAIT };
        let wait = signed_in.refreshes.retry_delay(rng);
        let retry_after = retry_after.filter(|_| !has_bug!(self, NoRetryAfter));
        retry_after.map_or(wait, |requested| requested.clamp(wait, MAX_RETRY_AFTER))
    }

    pub(crate) fn delay_refresh(&mut self, wait: Duration, problem: Problem) {
        let problem = self.provider.explained(problem);
        let at = self.now.monotonic.after(wait);
        let shown = self.now.wall_at(at);
        let leaving = self.leaving;
        if let Some(signed_in) = self.session.signed_in() {
            // A rejection is processed also in an account that is not current.
            signed_in.refresh = if leaving && !signed_in.refreshes.is_rejected() {
                Refresh::Paused(Some(Delay { at, problem, accepts_retry_hint: true }))
            } else {
                Refresh::Delayed { at, shown, problem, accepts_retry_hint: true }
            };
        }
    }
}
