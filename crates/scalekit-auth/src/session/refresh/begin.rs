//! The beginning of a refresh: when it is due, requested, or possible again.

use std::time::Duration;

use crate::problem::Problem;

use crate::session::{
    account::Account,
    event::Network,
    state::{refresh::Refresh, session::SignedIn},
};

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
        signed_in.refreshes.hint();
        let Refresh::Delayed { at, shown, problem, accepts_retry_hint: true } =
            &mut signed_in.refresh
        else {
            return;
        };
        // The reported network state may be wrong: one attempt verifies it.
        if conditions.are_awaited_by(problem) {
            if conditions.is_wanted() && self.retry_hints.try_acquire(now).is_ok() {
                self.begin_refresh();
            }
            return;
        }
        // A hint that arrives soon after an attempt brings the next one forward.
        let soonest = signed_in.refreshes.hinted_retry(now);
        let unreached = problem.code.is_unreached();
        if !(unreached || soonest < *at) || self.retry_hints.try_acquire(now).is_err() {
            return;
        }
        if unreached {
            signed_in.refreshes.network_returns();
        }
        if soonest < *at {
            *at = soonest;
            *shown = self.now.wall_at(soonest);
        }
    }

    pub(crate) fn begin_refresh(&mut self) {
        let now = self.now.monotonic;
        let leaving = self.leaving;
        if let Some(signed_in) = self.session.signed_in() {
            if leaving && !signed_in.refreshes.is_rejected() {
                return;
            }
            signed_in.refreshes.begins(now);
            signed_in.page.refresh_begins();
        }
        if self.provider.recent_metadata(now).is_some() || self.provider.is_left_alone(now) {
            self.wait_for_lock();
        } else if let Some(signed_in) = self.session.signed_in() {
            signed_in.refresh = Refresh::AwaitingMetadata;
            self.discover();
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

    /// RFC 9110 §10.2.3: a delay that the environment requested is not shortened. Otherwise a hint that arrived
    /// during the request applies now: a returning network does not help a request that began without one.
    pub(crate) fn accepts_retry_hint(&mut self, may: bool) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if let Refresh::Paused(Some(delay)) = &mut signed_in.refresh {
            delay.accepts_retry_hint = may;
        }
        let SignedIn {
            refresh: Refresh::Delayed { accepts_retry_hint, problem, .. },
            refreshes,
            ..
        } = signed_in
        else {
            return;
        };
        *accepts_retry_hint = may;
        if may && refreshes.is_hinted() && problem.code.is_unreached() {
            self.on_retry_hint();
        }
    }
}
