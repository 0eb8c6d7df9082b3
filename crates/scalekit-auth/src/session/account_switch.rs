//! The account switch: an account is left when the configuration names another one, and may be resumed later.
//!
//! RFC 9700 §4.14.2: a refresh token that was sent is spent, so its response is awaited and stored in the
//! entries of the account that sent it, and the lock is held until then. A left account begins nothing new.

use zeroize::Zeroizing;

use crate::{
    configuration::Configuration,
    protocol::deep_link::{self, Link},
    storage::record::AccountKey,
    time::Now,
};

use crate::session::{
    account::Account,
    event::Effect,
    state::{
        lock::Lock,
        refresh::{Delay, Refresh},
        session::{Session, SignedIn, SignedOut},
        sign_in::SignInAttempt,
        token_request::PendingTokenRequest,
    },
};

impl Account {
    /// Whether this configuration belongs to the session of this account.
    pub(super) fn is_same_account(&self, configuration: Option<&Configuration>) -> bool {
        match &self.session {
            Session::AwaitingSettings => true,
            Session::NotConfigured => configuration.is_none(),
            Session::Starting(_)
            | Session::Unavailable { .. }
            | Session::SignedOut(_)
            | Session::SignedIn(_)
            | Session::SigningOut { .. } => self.key == configuration.map(AccountKey::of),
        }
    }

    /// Sets the configuration: the first one, another one for the same session, or that of a resumed account.
    pub(super) fn configure(&mut self, configuration: Option<Configuration>) {
        let returns = std::mem::take(&mut self.leaving);
        let before = std::mem::replace(&mut self.configuration, configuration);
        if matches!(self.session, Session::AwaitingSettings) {
            self.key = self.configuration.as_ref().map(AccountKey::of);
            self.load_session();
            return;
        }
        let redirect_uris =
            |one: &Option<Configuration>| one.as_ref().map(|one| one.redirect_uris.clone());
        // RFC 6749 §4.1.3: the token request repeats the redirect URI of the authorization request.
        if redirect_uris(&before) != redirect_uris(&self.configuration)
            && !self.attempt.has_response()
        {
            self.cancel_sign_in();
            self.withdraw_invitation();
        }
        if returns {
            self.resume();
            if self.attempt.wants_browser() {
                self.open_browser_again();
            }
            // Links that were received under another account could not be parsed yet.
            if !self.session.is_unread() {
                self.take_queued_links();
            }
        }
    }

    /// Another account becomes current. Pending token requests move to the new account.
    pub(super) fn leave(&mut self, next: &mut Self) {
        next.token_requests
            .extend(self.token_requests.drain(..).map(PendingTokenRequest::for_another_account));
        next.early_links = std::mem::take(&mut self.early_links);
        // It was a redirect URI of this configuration.
        next.early_links.unusable_callback = false;
        next.links_problem = self.links_problem.take();
        self.withdraw_invitation();
        // The user may return from the browser after this account has become current again.
        self.attempt.drop_loopback();
        self.begin_nothing_new();
    }

    /// Pauses the refresh, unless its token was sent; the next configuration resumes it. A sign-in whose browser was not
    /// opened ends.
    pub(super) fn begin_nothing_new(&mut self) {
        self.leaving = true;
        match &self.attempt {
            SignInAttempt::Saving(..) => {
                // No response will need the entry that is being written.
                self.delete_sign_in();
                self.attempt = SignInAttempt::None;
            }
            SignInAttempt::Discovering(_) => self.attempt = SignInAttempt::None,
            SignInAttempt::None
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::CallbackReceived(..)
            | SignInAttempt::Exchanging(..)
            | SignInAttempt::Verifying(..) => {}
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.pause();
        }
    }

    /// Releases the resources of an account that is discarded.
    pub(super) fn give_up(&mut self) -> Vec<Effect> {
        self.release_lock();
        self.effects.extend(self.listening.take().map(Effect::StopListening));
        std::mem::take(&mut self.effects)
    }

    /// Whether a left account has nothing more to complete or to report.
    pub(super) fn is_finished(&self) -> bool {
        let now = self.now.monotonic;
        !self.attempt.has_response()
            && self.tombstone_writes.is_empty()
            // Tokens that arrive after a sign-out are revoked.
            && self.dropped.is_empty()
            // The lock will be acquired eventually; a repeated request for it would add another waiting operation.
            && !matches!(self.lock, Lock::Requested(..))
            && match &self.session {
                Session::AwaitingSettings
                | Session::NotConfigured
                | Session::Starting(_)
                | Session::Unavailable { .. } => true,
                // A session that is stored nowhere else stays here until the user returns.
                Session::SignedIn(signed_in) => {
                    let delayed = match &signed_in.refresh {
                        Refresh::Paused(delay) => delay.as_ref().is_some_and(|delay| delay.at > now),
                        Refresh::Scheduled { .. }
                        | Refresh::AwaitingMetadata
                        | Refresh::AwaitingLock(_)
                        | Refresh::Journaling(..)
                        | Refresh::Requested(..)
                        | Refresh::AwaitingKeys(..)
                        | Refresh::Delayed { .. }
                        | Refresh::Impossible { .. } => return false,
                    };
                    !delayed
                        && signed_in.is_quiescent()
                        && !signed_in.refreshes.is_rejected()
                        && signed_in.saved.is_complete()
                }
                Session::SignedOut(signed_out) => {
                    signed_out.uncleared.is_none()
                        && signed_out.returning.is_none()
                        && signed_out.problem.is_none()
                }
                Session::SigningOut { .. } => false,
            }
    }

    /// A link received while another account is current. It can only complete a sign-out of this account.
    pub(super) fn post_logout_redirect(
        &mut self,
        link: &Zeroizing<Vec<u8>>,
        now: Now,
    ) -> Vec<Effect> {
        self.now = now;
        let redirect_uris =
            self.configuration.as_ref().map(|configuration| &configuration.redirect_uris);
        if let Some(Ok(Link::SignedOut { state })) =
            redirect_uris.map(|redirect_uris| deep_link::read(link, redirect_uris))
        {
            self.returned_from_signing_out(state);
        }
        std::mem::take(&mut self.effects)
    }

    fn resume(&mut self) {
        let now = self.now;
        if let Session::SignedOut(SignedOut { uncleared: None, .. }) = &self.session
            && !self.attempt.has_response()
        {
            // Another process may have signed in, and the browser may return to an earlier sign-in.
            self.attempt = SignInAttempt::None;
            self.in_memory = false;
            let starting = self.starting();
            if let Session::SignedOut(signed_out) = self.session.enter(starting) {
                self.left_signed_out = Some(signed_out);
            }
            return;
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        let Refresh::Paused(delay) = &mut signed_in.refresh else { return };
        match delay.take().filter(|delay| delay.at > now.monotonic) {
            Some(Delay { at, problem, accepts_retry_hint }) => {
                let shown = now.wall_at(at);
                signed_in.refresh = Refresh::Delayed { at, shown, problem, accepts_retry_hint };
            }
            None => {
                let remaining = signed_in.access_token_ends.since(now.monotonic);
                let record = signed_in.record.clone();
                let refresh = self.scheduled(&record, remaining);
                self.session.set_refresh(refresh);
            }
        }
    }
}

impl SignedIn {
    /// Cancels a refresh that has not been sent.
    fn pause(&mut self) {
        // A rejection takes effect only after the stored session has been read again, which continues.
        if !self.refreshes.is_rejected() {
            self.refresh.pause();
        }
    }
}
