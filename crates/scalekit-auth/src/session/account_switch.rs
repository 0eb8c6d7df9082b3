//! An account whose configuration gives way to another one, or comes back.
//!
//! RFC 9700 §4.14.2: a refresh token that is on its way is spent, so its answer is awaited and kept under the
//! names of the account that sent it, and the lock is held until then. Nothing new is begun.

use zeroize::Zeroizing;

use crate::{
    configuration::Configuration,
    protocol::authorization_response::{self, Link},
    storage::record::{AccountKey, RecordKind},
    time::Now,
};

use crate::session::{
    account::Account,
    event::Effect,
    state::{
        lock::Lock,
        persistence::Persistence,
        refresh::{Delay, Refresh},
        session::{Session, SignedIn, SignedOut},
        sign_in::SignInAttempt,
        token_request::PendingTokenRequest,
    },
};

impl Account {
    /// Whether this configuration is about the session of this account.
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

    /// Is told its configuration, another one for the same session, or that it is current again.
    pub(super) fn configure(
        &mut self,
        configuration: Option<Configuration>,
        now: Now,
    ) -> Vec<Effect> {
        self.now = now;
        let returns = std::mem::take(&mut self.leaving);
        let before = std::mem::replace(&mut self.configuration, configuration);
        if matches!(self.session, Session::AwaitingSettings) {
            self.key = self.configuration.as_ref().map(AccountKey::of);
            self.load_session();
        } else if returns {
            self.resume();
            // Links that came while another account could not be read yet.
            if !self.session.is_unread() {
                self.take_queued_links();
            }
        } else {
            let redirect_uris =
                |one: &Option<Configuration>| one.as_ref().map(|one| one.redirect_uris.clone());
            // RFC 6749 §4.1.3: the redirect URI of the code is the one that was asked with.
            if redirect_uris(&before) != redirect_uris(&self.configuration)
                && !self.attempt.has_spent_code()
            {
                self.cancel_sign_in();
                self.withdraw_invitation();
            }
        }
        self.end_step()
    }

    /// Another account takes its place. Pending token requests move to the new account.
    pub(super) fn leave(&mut self, next: &mut Self, now: Now) -> Vec<Effect> {
        self.now = now;
        self.leaving = true;
        next.token_requests
            .extend(self.token_requests.drain(..).map(PendingTokenRequest::for_another_account));
        next.early_links = std::mem::take(&mut self.early_links);
        next.links_problem = self.links_problem.take();
        self.withdraw_invitation();
        // A code that is being exchanged is spent: what comes of it is kept for whoever comes back.
        if let SignInAttempt::Saving(..) = self.attempt {
            // No browser has been opened, so none will come back to what is being written.
            self.clear(RecordKind::SignIn);
        }
        if !self.attempt.has_spent_code() {
            self.attempt = SignInAttempt::None;
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.pause();
        }
        self.end_step()
    }

    /// Gives back what others may wait for, of an account that will not be heard of again.
    pub(super) fn give_up(&mut self) -> Vec<Effect> {
        self.release_lock();
        self.effects.extend(self.listening.take().map(Effect::StopListening));
        std::mem::take(&mut self.effects)
    }

    /// Whether an account that was left has nothing more to do or to say.
    pub(super) fn is_finished(&self) -> bool {
        let now = self.now.monotonic;
        !self.attempt.has_spent_code()
            && self.tombstone_writes.is_empty()
            // It comes some time, and asking anew each time would be one more that waits for it.
            && !matches!(self.lock, Lock::Asked(_))
            && match &self.session {
                Session::AwaitingSettings
                | Session::NotConfigured
                | Session::Starting(_)
                | Session::Unavailable { .. } => true,
                // What is kept nowhere else is here when the user comes back.
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
                        && signed_in.journaling.is_none()
                        && signed_in.refused.is_none()
                        && matches!(signed_in.saved, Persistence::Stored)
                }
                Session::SignedOut(signed_out) => {
                    signed_out.uncleared.is_none()
                        && signed_out.returning.is_none()
                        && signed_out.problem.is_none()
                }
                Session::SigningOut { .. } => false,
            }
    }

    /// A link that came while another account is current. It can only end this one's signing out.
    pub(super) fn post_logout_redirect(
        &mut self,
        link: &Zeroizing<Vec<u8>>,
        now: Now,
    ) -> Vec<Effect> {
        self.now = now;
        let redirect_uris =
            self.configuration.as_ref().map(|configuration| &configuration.redirect_uris);
        if let Some(Ok(Link::SignedOut { state })) =
            redirect_uris.map(|redirect_uris| authorization_response::read(link, redirect_uris))
        {
            self.returned_from_signing_out(state);
        }
        std::mem::take(&mut self.effects)
    }

    fn resume(&mut self) {
        let now = self.now;
        if let Session::SignedOut(SignedOut { uncleared: None, .. }) = &self.session
            && !self.attempt.has_spent_code()
        {
            // Another process may have signed in, and the browser may come back to a sign-in of before.
            let session = std::mem::replace(&mut self.session, Session::AwaitingSettings);
            self.in_memory = false;
            self.load_session();
            if let Session::SignedOut(signed_out) = session {
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

    /// What is kept has been read again: where still nobody is signed in, what was to be said still is.
    pub(super) fn adopt_signed_out(&mut self) {
        let Some(before) = self.left_signed_out.take() else { return };
        if let Session::SignedOut(signed_out) = &mut self.session
            && signed_out.problem.is_none()
        {
            let uncleared = signed_out.uncleared.take();
            *signed_out = SignedOut { uncleared, ..before };
        }
    }
}

impl SignedIn {
    /// What has not been sent is not sent.
    fn pause(&mut self) {
        // A refusal is believed only after what is kept has been read once more, which goes on.
        if self.refused.is_some() {
            return;
        }
        let idle = Refresh::Paused(None);
        self.refresh = match std::mem::replace(&mut self.refresh, idle) {
            Refresh::Delayed { at, problem, accepts_retry_hint, .. } => {
                Refresh::Paused(Some(Delay { at, problem, accepts_retry_hint }))
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::Impossible { .. }
            | Refresh::AwaitingLock(_) => Refresh::Paused(None),
            other @ (Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Paused(_)) => other,
        };
    }
}
