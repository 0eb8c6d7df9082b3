//! The refresh schedule: when a session is refreshed.

use std::time::Duration;

use crate::{
    configuration::RefreshPolicy,
    problem::{Problem, ProblemCode},
    protocol::token_response::{self},
    storage::record::SessionRecord,
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, Network, RequestPurpose},
    sign_in,
    state::{
        backoff::{Backoff, MAX_WAIT},
        lock::{LOCK_WAIT_NOTICE, WaitingFor},
        persistence::Persistence,
        refresh::{Delay, EndNotice, MIN_PERIOD, Refresh, RefreshConditions, SHORT_LIVED_IN_A_ROW},
        session::{SignedIn, Visit},
    },
};

/// The minimum lifetime that is plausible; a token with a shorter one is refreshed every [`MIN_PERIOD`].
const MIN_LIFETIME: Duration = Duration::from_secs(2);

/// The delay of the first retry after a lost response: environments with a grace period for reuse of a refresh
/// token accept it for seconds only.
pub(crate) const QUICK_RETRY: Duration = Duration::from_secs(1);

/// The time before the end of a session without refresh token at which its end is announced; at most half of
/// its lifetime.
const END_NOTICE: Duration = Duration::from_secs(600);

/// The lead of the wall clock over the monotonic clock above which the access token is assumed to be older than the
/// monotonic clock shows.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The minimum interval between a refresh and a retry hint for it: windows are focused often, and networks flap.
const RETRY_HINTS: Duration = Duration::from_secs(5);

impl Account {
    /// Begins a refresh, unless one is in progress or impossible.
    pub(crate) fn refresh(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::Scheduled { .. } | Refresh::Delayed { .. } => self.begin_refresh(),
            Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => {}
        }
    }

    /// Records the state of this computer's networks. Changes of its loopback addresses are reported too.
    pub(crate) fn network_changed(&mut self, network: Network) {
        self.network = network;
        if self.refresh_conditions().reachable {
            self.on_retry_hint();
        }
    }

    /// Brings a delayed refresh forward.
    pub(crate) fn on_retry_hint(&mut self) {
        let (now, conditions) = (self.now.monotonic, self.refresh_conditions());
        let Some(signed_in) = self.session.signed_in() else { return };
        // A hint that arrives during a request applies after that has failed.
        signed_in.hinted = true;
        let Refresh::Delayed { at, shown, problem, accepts_retry_hint: true } =
            &mut signed_in.refresh
        else {
            return;
        };
        // The reported network state may be wrong: one attempt verifies it.
        if conditions.are_awaited_by(problem) {
            if self.retry_hints.try_acquire(now).is_ok() {
                self.begin_refresh();
            }
            return;
        }
        // A hint that arrives soon after an attempt brings the next one forward.
        let soonest = signed_in.last_refresh.map_or(now, |begun| begun.after(RETRY_HINTS).max(now));
        let unreached = problem.code.is_unreached();
        if !(unreached || soonest < *at) || self.retry_hints.try_acquire(now).is_err() {
            return;
        }
        // A network has no name resolution and no routes for a second or two after it returns.
        if unreached {
            signed_in.refreshing = Backoff::default();
        }
        if soonest < *at {
            *at = soonest;
            *shown = self.now.wall_at(soonest);
        }
    }

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
        RefreshConditions { by_itself, reachable }
    }

    /// This computer's monotonic clock stood still, as in a paused virtual machine, or its wall clock was set forward:
    /// the access token may have expired.
    fn check_wall_clock(&mut self) {
        let now = self.now;
        let Some(signed_in) = self.session.signed_in() else { return };
        let ends = signed_in.record.access_token_ends;
        let is_expired = signed_in.access_token_ends <= now.monotonic;
        if is_expired || now.wall_at(signed_in.access_token_ends).since(ends) <= MAX_PAUSE {
            return;
        }
        let remaining = ends.since(now.wall);
        signed_in.access_token_ends = now.monotonic.after(remaining);
        // A session without a refresh token ends by the monotonic clock, which no user can set.
        if matches!(signed_in.refresh, Refresh::Scheduled { .. }) {
            let record = signed_in.record.clone();
            let refresh = self.scheduled(&record, remaining);
            self.session.set_refresh(refresh);
        }
    }

    pub(crate) fn refresh_deadlines(&mut self) {
        self.check_wall_clock();
        let (now, conditions) = (self.now.monotonic, self.refresh_conditions());
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.saved, Persistence::Failed { retry_at, .. } if retry_at <= now) {
            self.save();
        }
        self.saving_is_overdue();
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::Scheduled { at, .. } if *at <= now && conditions.by_itself => {
                signed_in.refusals.due();
                if conditions.reachable {
                    self.begin_refresh();
                } else {
                    self.delay_refresh(Duration::ZERO, Problem::new(ProblemCode::RefreshOffline));
                }
            }
            Refresh::Delayed { at, problem, .. }
                if *at <= now && !conditions.are_awaited_by(problem) =>
            {
                self.begin_refresh();
            }
            Refresh::Impossible { at, .. } if *at <= now => {
                self.session_expired();
            }
            Refresh::Impossible { at, shown, notice: EndNotice::DueAt(due) } if *due <= now => {
                let (at, shown) = (*at, *shown);
                signed_in.refresh = Refresh::Impossible { at, shown, notice: EndNotice::Given };
            }
            Refresh::AwaitingLock(WaitingFor::Lock(since))
                if since.after(LOCK_WAIT_NOTICE) <= now =>
            {
                self.delay_refresh(LOCK_WAIT_NOTICE * 4, Problem::new(ProblemCode::OtherProcess));
            }
            Refresh::Scheduled { .. }
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Paused(_) => {}
        }
    }

    /// Another process may have signed in since, so the stored session is read before this one ends.
    fn session_expired(&mut self) {
        let problem = Problem::new(ProblemCode::SessionExpired);
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.saved, Persistence::Stored) {
            signed_in.refused = Some(problem);
            self.wait_for_lock();
        } else {
            self.end_session(problem);
        }
    }

    pub(crate) fn refresh_discovered(&mut self) {
        if let Some(SignedIn { refresh: Refresh::AwaitingMetadata, .. }) = self.session.signed_in()
        {
            self.wait_for_lock();
        }
    }

    /// Falls back to the last known metadata.
    pub(crate) fn refresh_not_discovered(
        &mut self,
        problem: Problem,
        retry_after: Option<Duration>,
    ) {
        let known = self.provider.last_good_metadata().is_some();
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.refresh, Refresh::AwaitingMetadata) {
            if known {
                self.wait_for_lock();
            } else {
                let wait = self.wait_before_retry(retry_after);
                self.delay_refresh(wait, problem);
                self.accepts_retry_hint(retry_after.is_none());
            }
        }
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

    pub(crate) fn begin_refresh(&mut self) {
        let now = self.now.monotonic;
        let leaving = self.leaving;
        if let Some(signed_in) = self.session.signed_in() {
            if leaving && signed_in.refused.is_none() {
                return;
            }
            signed_in.last_refresh = Some(now);
            signed_in.hinted = false;
            if signed_in.visit == Visit::Back {
                signed_in.visit = Visit::None;
            }
        }
        if self.provider.recent_metadata(now).is_some() || self.provider.is_left_alone(now) {
            self.wait_for_lock();
        } else if let Some(signed_in) = self.session.signed_in() {
            signed_in.refresh = Refresh::AwaitingMetadata;
            self.discover();
        }
    }

    pub(crate) fn send_refresh_token(&mut self, lost: u32) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        let Some(refresh_token) = signed_in.record.refresh_token.clone() else { return };
        let request = self.configuration.as_ref().zip(self.provider.last_good_metadata()).and_then(
            |(configuration, metadata)| {
                token_response::refresh_request(configuration, metadata, &refresh_token)
            },
        );
        let Some(request) = request else {
            let problem = sign_in::rejected("The token endpoint cannot be used");
            self.delay_refresh(MAX_WAIT, problem);
            return;
        };
        let operation = self.operation();
        self.effects.push(Effect::Send(operation, RequestPurpose::Refresh, request));
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.sent = now;
            signed_in.refresh = Refresh::Requested(operation, lost);
        }
    }

    pub(crate) fn wait_before_retry(&mut self, retry_after: Option<Duration>) -> Duration {
        let rng = self.draw();
        let Some(signed_in) = self.session.signed_in() else { return MAX_WAIT };
        let wait = signed_in.refreshing.next(rng);
        let retry_after = retry_after.filter(|_| !has_bug!(self, NoRetryAfter));
        retry_after.map_or(wait, |asked| asked.clamp(wait, Duration::from_secs(3600)))
    }

    /// RFC 9110 §10.2.3: a delay that the environment requested is not shortened. Otherwise a hint that arrived
    /// during the request applies now: a returning network does not help a request that began without one.
    pub(crate) fn accepts_retry_hint(&mut self, may: bool) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if let Refresh::Paused(Some(delay)) = &mut signed_in.refresh {
            delay.accepts_retry_hint = may;
        }
        let SignedIn {
            refresh: Refresh::Delayed { accepts_retry_hint, problem, .. }, hinted, ..
        } = signed_in
        else {
            return;
        };
        *accepts_retry_hint = may;
        if may && *hinted && problem.code.is_unreached() {
            self.on_retry_hint();
        }
    }

    /// Where discovery names another issuer, that is why the responses of the old endpoints cannot be used.
    fn explained(&self, problem: Problem) -> Problem {
        match (problem.code, &self.provider.renamed) {
            (
                ProblemCode::RefreshUnavailable
                | ProblemCode::RefreshResponseRejected
                | ProblemCode::RefreshRefused,
                Some(renamed),
            ) => renamed.clone(),
            _ => problem,
        }
    }

    pub(crate) fn delay_refresh(&mut self, wait: Duration, problem: Problem) {
        let problem = self.explained(problem);
        let at = self.now.monotonic.after(wait);
        let shown = self.now.wall_at(at);
        let leaving = self.leaving;
        if let Some(signed_in) = self.session.signed_in() {
            // A rejection is processed also in an account that is not current.
            signed_in.refresh = if leaving && signed_in.refused.is_none() {
                Refresh::Paused(Some(Delay { at, problem, accepts_retry_hint: true }))
            } else {
                Refresh::Delayed { at, shown, problem, accepts_retry_hint: true }
            };
        }
    }
}
