//! When a session is refreshed.

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
    refresh::backoff::{Backoff, MAX_WAIT},
    sign_in,
    state::{
        lock::{LOCK_WAIT_NOTICE, WaitingFor},
        persistence::Persistence,
        refresh::{Delay, EndNotice, Refresh, RefreshConditions},
        session::{SignedIn, Visit},
        token_request::Refusals,
    },
};

/// A lifetime below this says nothing useful; such a token is refreshed every [`MIN_PERIOD`].
pub(crate) const MIN_LIFETIME: Duration = Duration::from_secs(2);
const MIN_PERIOD: Duration = Duration::from_secs(30);

/// How soon a refresh token is sent once more when its answer was lost: environments that forgive
/// a repeated one do so for seconds only.
pub(crate) const QUICK_RETRY: Duration = Duration::from_secs(1);

/// How long before its end a session that cannot be refreshed is announced to end; half of its life, if that is
/// shorter.
const END_NOTICE: Duration = Duration::from_secs(600);

/// A retry hint is taken at most this often: windows are clicked at, and networks flap.
const RETRY_HINTS: Duration = Duration::from_secs(5);

impl Account {
    /// Now, unless it is under way or cannot be done.
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

    /// What is known of this computer's networks. Its loopback addresses come and go as others do.
    pub(crate) fn network_changed(&mut self, network: Network) {
        self.network = network;
        if self.refresh_conditions().reachable {
            self.on_retry_hint();
        }
    }

    /// Times may be better. A refresh that waits for them is tried again.
    pub(crate) fn on_retry_hint(&mut self) {
        let (now, conditions) = (self.now.monotonic, self.refresh_conditions());
        let Some(signed_in) = self.session.signed_in() else { return };
        // One that comes while a request is on its way counts when that has failed.
        signed_in.hinted = true;
        let Refresh::Delayed { at, shown, problem, accepts_retry_hint: true } =
            &mut signed_in.refresh
        else {
            return;
        };
        // What is known of the networks may be wrong: one try shows it.
        if conditions.are_awaited_by(problem) {
            if self.retry_hints.try_acquire(now).is_ok() {
                self.begin_refresh();
            }
            return;
        }
        // A network that is back has no names and no routes yet for a second or two.
        if problem.code.is_unreached() {
            signed_in.refreshing = Backoff::default();
        }
        // One that comes too soon after a try is not lost: it brings the next one forward.
        let soonest = signed_in.last_refresh.map_or(now, |begun| begun.after(RETRY_HINTS).max(now));
        if soonest < *at && self.retry_hints.try_acquire(now).is_ok() {
            *at = soonest;
            *shown = self.now.wall_at(soonest);
        }
    }

    /// Whether a refresh that is due begins. An environment on this computer needs no network.
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

    pub(crate) fn refresh_deadlines(&mut self) {
        let (now, conditions) = (self.now.monotonic, self.refresh_conditions());
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.saved, Persistence::Failed { retry_at, .. } if retry_at <= now) {
            self.save();
        }
        self.saving_is_overdue();
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::Scheduled { at, .. } if *at <= now && conditions.by_itself => {
                // A token that served its time was not refused.
                signed_in.refusals = Refusals::default();
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

    /// Another process may have signed in anew, so what is stored is read before the end is believed.
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

    /// Endpoints that were good an hour ago, or in another run of this program, are better than none.
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

    /// When the access token of `record` is to be refreshed, `remaining` before it ends.
    pub(crate) fn scheduled(&mut self, record: &SessionRecord, remaining: Duration) -> Refresh {
        if self.leaving {
            return Refresh::Paused(None);
        }
        if record.refresh_token.is_none() {
            let at = self.now.monotonic.after(remaining);
            let due = remaining.saturating_sub(END_NOTICE.min(record.lifetime / 2));
            let notice = EndNotice::DueAt(self.now.monotonic.after(due));
            return Refresh::Impossible { at, shown: self.now.wall_at(at), notice };
        }
        let wait = remaining.saturating_sub(self.refresh_lead(record.lifetime));
        let wait = if remaining.is_zero() && record.lifetime >= MIN_LIFETIME {
            Duration::ZERO
        } else if record.lifetime < MIN_LIFETIME {
            MIN_PERIOD
        } else {
            wait
        };
        let at = self.now.monotonic.after(wait);
        Refresh::Scheduled { at, shown: self.now.wall_at(at) }
    }

    /// How long before its end an access token is refreshed: 15 to 35 % of its life. A slow response still comes in
    /// time, and desktops that an outage has brought into step are out of it after a few refreshes. With a spread of
    /// 5 % they stay in it for hours, and the environment has a peak in each period.
    fn refresh_lead(&mut self, lifetime: Duration) -> Duration {
        // Divided first: the record in the keychain may state any number of seconds.
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
        self.session.set_refresh(Refresh::Requested(operation, lost));
    }

    pub(crate) fn wait_before_retry(&mut self, retry_after: Option<Duration>) -> Duration {
        let rng = self.draw();
        let Some(signed_in) = self.session.signed_in() else { return MAX_WAIT };
        let wait = signed_in.refreshing.next(rng);
        retry_after.map_or(wait, |asked| asked.clamp(wait, Duration::from_secs(3600)))
    }

    /// RFC 9110 §10.2.3: where the environment itself has said how long to wait, nothing brings it forward.
    /// Otherwise a hint that came during the request counts now: a network that is back does not help a request that
    /// began without one.
    pub(crate) fn accepts_retry_hint(&mut self, may: bool) {
        let Some(SignedIn {
            refresh: Refresh::Delayed { accepts_retry_hint, problem, .. },
            hinted,
            ..
        }) = self.session.signed_in()
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
            // A refusal is looked into also where nobody looks on.
            signed_in.refresh = if leaving && signed_in.refused.is_none() {
                Refresh::Paused(Some(Delay { at, problem, accepts_retry_hint: true }))
            } else {
                Refresh::Delayed { at, shown, problem, accepts_retry_hint: true }
            };
        }
    }
}
