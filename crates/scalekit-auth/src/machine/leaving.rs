//! An account whose configuration gives way to another one, or comes back.
//!
//! RFC 9700 §4.14.2: a refresh token that is on its way is spent, so its answer is awaited and kept under the
//! names of the account that sent it, and the lock is held until then. Nothing new is begun.

use zeroize::Zeroizing;

use crate::{
    callback, callback::Link, configuration::Configuration, record::AccountKey, time::Now,
};

use super::{
    Effect,
    account::Account,
    attempt::Attempt,
    keeping::Saved,
    links::EarlyLinks,
    renewal::Renewal,
    session::{Session, SignedIn},
    turn::Turn,
};

impl Account {
    /// Whether this configuration is about the session of this account.
    pub(super) fn takes(&self, configuration: Option<&Configuration>) -> bool {
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
        } else {
            let addresses =
                |one: &Option<Configuration>| one.as_ref().map(|one| one.addresses.clone());
            // RFC 6749 §4.1.3: the redirect URI of the code is the one that was asked with.
            if addresses(&before) != addresses(&self.configuration) {
                self.cancel_sign_in();
                self.withdraw_invitation();
            }
        }
        self.end_step()
    }

    /// Another account takes its place. Whoever waits for this one waits for that one.
    pub(super) fn leave(&mut self, next: &mut Self, now: Now) -> Vec<Effect> {
        self.now = now;
        self.leaving = true;
        next.callers.append(&mut self.callers);
        next.early_links = std::mem::replace(&mut self.early_links, EarlyLinks::default());
        next.links_taken = self.links_taken.take();
        self.withdraw_invitation();
        // A code that is being exchanged is spent: what comes of it is kept for whoever comes back.
        if !matches!(self.attempt, Attempt::Exchanging(..) | Attempt::Verifying(..)) {
            self.attempt = Attempt::None;
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.pause();
        }
        self.end_step()
    }

    /// Gives back what others may wait for, of an account that will not be heard of again.
    pub(super) fn give_up(&mut self) -> Vec<Effect> {
        self.give_turn_back();
        std::mem::take(&mut self.effects)
    }

    /// Whether an account that was left has nothing more to do or to say.
    pub(super) fn is_finished(&self) -> bool {
        let signing_in = matches!(self.attempt, Attempt::Exchanging(..) | Attempt::Verifying(..));
        !signing_in
            && self.notes.is_empty()
            && match &self.session {
                Session::AwaitingSettings
                | Session::NotConfigured
                | Session::Starting(_)
                | Session::Unavailable { .. } => true,
                // What is kept nowhere else is here when the person comes back.
                Session::SignedIn(signed_in) => {
                    signed_in.is_at_rest()
                        && signed_in.journaling.is_none()
                        && matches!(signed_in.renewal, Renewal::Paused)
                        && matches!(signed_in.saved, Saved::Yes)
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
    pub(super) fn returned(&mut self, link: &Zeroizing<Vec<u8>>, now: Now) -> Vec<Effect> {
        self.now = now;
        let addresses = self.configuration.as_ref().map(|configuration| &configuration.addresses);
        if let Some(Ok(Link::SignedOut { state })) =
            addresses.map(|addresses| callback::read(link, addresses))
        {
            self.returned_from_signing_out(state);
        }
        std::mem::take(&mut self.effects)
    }

    fn resume(&mut self) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.renewal, Renewal::Paused) {
            let remaining = signed_in.access_token_ends.since(now);
            let record = signed_in.record.clone();
            let renewal = self.scheduled(&record, remaining);
            if let Some(signed_in) = self.session.signed_in() {
                signed_in.renewal = renewal;
            }
        }
    }
}

impl SignedIn {
    /// What has not been sent is not sent.
    fn pause(&mut self) {
        match &self.renewal {
            Renewal::Scheduled { .. }
            | Renewal::AwaitingMetadata
            | Renewal::Delayed { .. }
            | Renewal::Impossible { .. }
            | Renewal::AwaitingTurn(Turn::Saved | Turn::Lock(_)) => self.renewal = Renewal::Paused,
            // A refusal is believed only after what is kept has been read once more.
            Renewal::AwaitingTurn(Turn::Reading(_)) if self.refused.is_none() => {
                self.renewal = Renewal::Paused;
            }
            Renewal::AwaitingTurn(Turn::Reading(_))
            | Renewal::Noting(..)
            | Renewal::Requested(..)
            | Renewal::AwaitingKeys(..)
            | Renewal::Paused => {}
        }
    }
}
