//! The step: one event is dispatched, then the deadlines and the pending effects are processed.

use crate::{
    configuration::Configuration,
    protocol::http_response::HttpOutcome,
    time::{Monotonic, Now},
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, Event, KeychainError, Operation},
    provider::{cache::ProviderRequest, fetch::Discovery},
    state::{
        lock::{ReadOutcome, WaitingFor},
        refresh::Refresh,
        session::{PendingDeletion, Session, SignedOut},
        tombstone::TombstoneWrite,
    },
};

impl Account {
    pub(super) fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.now = now;
        match event {
            // Processed by the machine.
            Event::Configured(_) | Event::TimerFired => {}
            Event::SignIn { request, entropy } => self.begin_sign_in(request, &entropy),
            Event::AcceptInvitation { question, entropy } => {
                self.accept_invitation(question, &entropy);
            }
            Event::DeclineInvitation { question } => self.decline_invitation(question),
            Event::CancelSignIn => self.cancel_sign_in(),
            Event::OpenBrowserAgain => self.open_browser_again(),
            Event::UseLoopback { entropy } => self.use_loopback(&entropy),
            Event::LinkPasted(link) => self.link_pasted(&link),
            Event::OpenHostedPage(page) => self.open_hosted_page(page),
            Event::Refresh => self.refresh(),
            Event::SignOut { scope, entropy } => self.sign_out(scope, &entropy),
            Event::Retry => self.retry(),
            Event::ContinueWithoutKeychain => self.continue_without_keychain(),
            Event::Dismiss => self.dismiss(),
            Event::Link(link) => self.link(link),
            Event::HttpCompleted(operation, outcome) => self.completed(operation, outcome),
            Event::RetryHint => self.on_retry_hint(),
            Event::UserReturned => self.user_returned(),
            Event::InUse(in_use) => self.in_use = in_use,
            Event::Exit if has_bug!(self, BeginsAfterExit) => {}
            Event::Exit => self.begin_nothing_new(),
            Event::NetworkChanged(network) => self.network_changed(network),
            Event::SchemeHandlerChanged(handler) => {
                self.links_problem = handler.problem();
            }
            Event::AccessTokenRequested { caller, rejected_token } => {
                self.access_token_requested(caller, rejected_token);
            }
            Event::Locked(operation, outcome) => {
                if self.locked(operation, outcome) {
                    self.on_lock_acquired();
                }
            }
            Event::Loaded(operation, outcome) => self.loaded(operation, outcome),
            Event::Stored(operation, outcome) => self.stored(operation, outcome),
            Event::Deleted(operation, outcome) => self.deleted(operation, outcome),
            Event::BrowserOpened(operation, outcome) => {
                self.sign_out_opened(operation, &outcome);
                self.hosted_page_opened(operation, &outcome);
                self.attempt_opened(operation, outcome);
            }
            Event::Listening(operation, outcome) => self.listening(operation, outcome),
            Event::LoopbackResponse(operation, query) => self.loopback_response(operation, &query),
            Event::PictureFetched(operation, picture) => self.picture_fetched(operation, picture),
        }
        self.end_step()
    }

    /// Sets the configuration of this account.
    pub(super) fn configured(
        &mut self,
        configuration: Option<Configuration>,
        now: Now,
    ) -> Vec<Effect> {
        self.now = now;
        self.configure(configuration);
        self.end_step()
    }

    /// Makes `next` the current account.
    pub(super) fn left(&mut self, next: &mut Self, now: Now) -> Vec<Effect> {
        self.now = now;
        self.leave(next);
        self.end_step()
    }

    /// Processes all elapsed deadlines after each event, so that a late timer loses nothing.
    fn end_step(&mut self) -> Vec<Effect> {
        self.attempt_deadline();
        self.invitation_deadline();
        self.session_deadlines();
        self.refresh_after_visit();
        self.tombstone_deadlines();
        self.complete_token_requests();
        self.store_dirty_session();
        self.update_listener();
        if self.ignores_lock() {
            self.on_lock_acquired();
            self.store_dirty_session();
        }
        self.update_lock();
        std::mem::take(&mut self.effects)
    }

    fn completed(&mut self, operation: Operation, outcome: HttpOutcome) {
        let request = self.provider.completed(operation);
        let token_request_sent = self.token_request_sent(operation);
        self.provider.observe_date(request, token_request_sent, &outcome, self.now);
        match request {
            Some(ProviderRequest::Time) => self.time_requested(),
            Some(ProviderRequest::Discovery) => self.discovered(outcome),
            Some(ProviderRequest::Keys) => {
                self.jwks_fetched(outcome);
                self.verify_sign_in();
                self.verify_refresh();
                self.verify_invitations();
            }
            None => self.token_request_completed(operation, outcome),
        }
    }

    fn token_request_completed(&mut self, operation: Operation, outcome: HttpOutcome) {
        if self.attempt.exchanges(operation) {
            self.code_exchanged(outcome);
        } else if self.session.refreshes_with(operation) {
            self.refresh_responded(outcome);
            self.verify_sign_in();
        } else if let Some(at) = self.dropped.iter().position(|one| one.operation() == operation) {
            let dropped = self.dropped.remove(at);
            self.revoke_response(dropped, outcome);
        }
    }

    fn discovered(&mut self, outcome: HttpOutcome) {
        match self.metadata_fetched(outcome) {
            None => {}
            Some(Discovery::Succeeded) => {
                self.attempt_discovered();
                self.refresh_discovered();
                self.invitation_discovered();
            }
            Some(Discovery::Failed(problem, retry_after)) => {
                self.attempt_not_discovered(&problem);
                self.session.explain_rejected_sign_in(&problem);
                self.refresh_not_discovered(problem, retry_after);
                self.invitation_not_discovered();
            }
        }
    }

    /// The request for the time has completed. If it failed, this computer's clock is the best estimate.
    fn time_requested(&mut self) {
        self.attempt_time_requested();
        self.verify_sign_in();
        self.verify_invitations();
    }

    /// When the token request of this operation was sent, if it is one.
    fn token_request_sent(&self, operation: Operation) -> Option<Monotonic> {
        let exchange = self.attempt.pending().filter(|_| self.attempt.exchanges(operation));
        exchange.map(|pending| pending.sent).or_else(|| self.session.refresh_sent(operation))
    }

    pub(super) fn deadline(&self) -> Option<Monotonic> {
        let deadlines = [
            self.attempt.deadline(),
            self.login_prompt.deadline(),
            self.session.deadline(self.refresh_conditions()),
            self.token_requests_deadline(),
            self.lock.deadline(),
            self.tombstone_writes.iter().filter_map(TombstoneWrite::deadline).min(),
        ];
        deadlines.into_iter().flatten().min()
    }

    pub(super) fn stored(&mut self, operation: Operation, outcome: Result<(), KeychainError>) {
        self.attempt_stored(operation, &outcome);
        self.journal_stored(operation);
        self.tombstone_stored(operation, &outcome);
        self.session_stored(operation, outcome);
        self.verify_sign_in();
    }

    pub(super) fn dismiss(&mut self) {
        self.links_problem = None;
        self.attempt.dismiss();
        self.session.forget_problem();
    }

    pub(super) fn session_deadlines(&mut self) {
        let now = self.now.monotonic;
        match &self.session {
            Session::SignedIn(_) => self.refresh_deadlines(),
            Session::Unavailable { retry: Some((at, backoff)), .. } if *at <= now => {
                self.reading = *backoff;
                self.load_session();
            }
            Session::SignedOut(SignedOut {
                uncleared: Some(PendingDeletion::RetryAt(at, _)),
                ..
            }) if *at <= now => self.retry_deletion(),
            Session::AwaitingSettings
            | Session::NotConfigured
            | Session::Starting(_)
            | Session::Unavailable { .. }
            | Session::SignedOut(_)
            | Session::SigningOut { .. } => {}
        }
    }

    fn loaded(&mut self, operation: Operation, outcome: ReadOutcome) {
        if let Session::Starting(readings) = &mut self.session {
            readings.take_in(operation, outcome);
            if let Some(readings) = readings.take_complete() {
                self.on_startup_loaded(readings);
            }
        } else if let Some(signed_in) = self.session.signed_in()
            && let Refresh::AwaitingLock(WaitingFor::Reading(readings)) = &mut signed_in.refresh
        {
            readings.take_in(operation, outcome);
            if let Some(readings) = readings.take_complete() {
                self.on_reloaded(readings);
            }
        }
    }
}
