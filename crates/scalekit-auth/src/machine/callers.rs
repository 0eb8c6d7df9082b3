//! Those who need an access token. Any number of them cause one renewal, and all get what came of it.

use std::time::Duration;

use crate::{problem::Problem, secret::Secret};

use super::{
    Effect, Machine, broken,
    keeping::Saved,
    renewal::Renewal,
    session::{Session, SignedIn},
};

/// A token that ends sooner than this may end before it arrives.
const MARGIN: Duration = Duration::from_secs(10);

/// Names a caller. The runtime's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller(pub u64);

/// Why there is no access token.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoAccessToken {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// Somebody may be, but there is none to be had now.
    #[error("{}", .0.message)]
    NotNow(Problem),
}

/// A caller and what they know.
pub(super) struct Waiting {
    caller: Caller,
    /// A token that a service has refused.
    instead_of: Option<Secret>,
    /// The session was renewed for them: they get what there is now, whatever it is worth.
    renewed_for: bool,
}

impl Machine {
    pub(super) fn access_token_wanted(&mut self, caller: Caller, instead_of: Option<Secret>) {
        self.callers.push(Waiting { caller, instead_of, renewed_for: false });
    }

    /// Answers whoever can be answered, and renews the session for the others.
    pub(super) fn serve_callers(&mut self) {
        for waiting in std::mem::take(&mut self.callers) {
            match self.access_token_for(&waiting) {
                Some(answer) => self.effects.push(Effect::GiveAccessToken(waiting.caller, answer)),
                None => self.callers.push(waiting),
            }
        }
        if !self.callers.is_empty()
            && let Some(SignedIn {
                renewal: Renewal::Scheduled { .. },
                saved: Saved::Yes | Saved::InMemory,
                ..
            }) = self.session.signed_in()
        {
            self.begin_renewal();
        }
    }

    pub(super) fn renewed_for_callers(&mut self) {
        self.callers.iter_mut().for_each(|waiting| waiting.renewed_for = true);
    }

    /// RFC 9700 §4.14.2: nobody sees a new access token before the new refresh token is kept, or is
    /// known to be in this process only.
    fn access_token_for(&self, waiting: &Waiting) -> Option<Result<Secret, NoAccessToken>> {
        let signed_in = match &self.session {
            Session::SignedIn(signed_in) => signed_in,
            Session::AwaitingSettings | Session::Starting(_) => return None,
            Session::Unavailable(problem) => {
                return Some(Err(NoAccessToken::NotNow(problem.clone())));
            }
            Session::NotConfigured | Session::SignedOut(_) | Session::SigningOut { .. } => {
                return Some(Err(NoAccessToken::NotSignedIn));
            }
        };
        let token = &signed_in.record.access_token;
        let refused = waiting.instead_of.as_ref().is_some_and(|one| one.matches(token.expose()));
        let margin = MARGIN.min(signed_in.record.lifetime / 10);
        let lasts = signed_in.access_token_ends > self.now.monotonic.after(margin);
        if waiting.renewed_for || (lasts && !refused) {
            if broken!(self, TokensGivenEarly) {
                return Some(Ok(token.clone()));
            }
            return match signed_in.saved {
                Saved::Yes | Saved::InMemory | Saved::No { .. } => Some(Ok(token.clone())),
                Saved::Unsaved | Saved::Storing(_) => None,
            };
        }
        match &signed_in.renewal {
            Renewal::Delayed { problem, .. } => Some(Err(NoAccessToken::NotNow(problem.clone()))),
            Renewal::Impossible { .. } => Some(Err(NoAccessToken::NotSignedIn)),
            Renewal::Scheduled { .. }
            | Renewal::AwaitingMetadata
            | Renewal::AwaitingTurn(_)
            | Renewal::Noting(..)
            | Renewal::Requested(..)
            | Renewal::AwaitingKeys(..) => None,
        }
    }
}
