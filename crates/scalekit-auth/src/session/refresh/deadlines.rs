//! The deadlines of a signed-in session.

use std::time::Duration;

use crate::problem::{Problem, ProblemCode};

use crate::session::{
    account::Account,
    refresh::schedule::MAX_PAUSE,
    state::{
        lock::{LOCK_WAIT_NOTICE, WaitingFor},
        refresh::{EndNotice, Refresh},
    },
};

impl Account {
    pub(crate) fn refresh_deadlines(&mut self) {
        self.check_wall_clock();
        let (now, conditions) = (self.now.monotonic, self.refresh_conditions());
        let Some(signed_in) = self.session.signed_in() else { return };
        signed_in.announced_end = signed_in.announced_end.and_then(|end| end.at(now));
        if signed_in.saved.is_retried_within(Duration::ZERO, now) {
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
                if *at <= now && conditions.permit_retry(problem) =>
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

    /// Another process may have signed in since, so the stored session is read before this one ends.
    fn session_expired(&mut self) {
        let problem = Problem::new(ProblemCode::SessionExpired);
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.saved.is_stored() {
            signed_in.refreshes.reject(problem);
            self.wait_for_lock();
        } else {
            self.end_session(problem);
        }
    }
}
