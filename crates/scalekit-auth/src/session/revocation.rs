//! The revocation of tokens that are dropped (RFC 7009), best effort.

use crate::{
    protocol::{
        http_response::HttpOutcome,
        revocation,
        token_response::{self, TokenResult},
    },
    secret::Secret,
};

use crate::session::{
    account::Account,
    event::{Effect, Operation, RequestPurpose},
    state::{
        refresh::Refresh,
        sign_in::{PendingRevocation, SignInAttempt},
    },
};

impl Account {
    /// Revokes the present tokens, and those of pending requests on receipt.
    pub(crate) fn revoke_all(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let refresh_token = match signed_in.refresh {
            Refresh::Requested(operation, _) => {
                let sent = signed_in.record.refresh_token.clone();
                self.dropped.push(PendingRevocation::Refresh(operation, sent));
                None
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => signed_in.record.refresh_token.clone(),
        };
        self.revoke(refresh_token.as_ref());
        self.revoke_attempt(PendingRevocation::SignedOut);
    }

    /// Revokes the tokens of a sign-in that is dropped, unless a user is signed in: both may belong to one session of
    /// the environment.
    pub(crate) fn revoke_dropped_attempt(&mut self) {
        if self.session.record().is_none() {
            self.revoke_attempt(PendingRevocation::SignIn);
        }
    }

    /// The same for tokens that such a sign-in has received.
    pub(crate) fn revoke_dropped(&mut self, refresh_token: Option<&Secret>) {
        if self.session.record().is_none() {
            self.revoke(refresh_token);
        }
    }

    /// Revokes tokens that were received after they were dropped, from an otherwise unusable response too, and the
    /// one that was sent where the response has none.
    pub(crate) fn revoke_response(&mut self, dropped: PendingRevocation, outcome: HttpOutcome) {
        let received = match token_response::read(outcome, self.now.wall) {
            TokenResult::Success(response) => response.refresh_token,
            TokenResult::Transient { salvaged, .. } => salvaged,
            TokenResult::Rejected { .. } => None,
        };
        match dropped {
            PendingRevocation::Refresh(_, sent) => self.revoke(received.or(sent).as_ref()),
            PendingRevocation::SignedOut(_) => self.revoke(received.as_ref()),
            PendingRevocation::SignIn(_) => self.revoke_dropped(received.as_ref()),
        }
    }

    fn revoke_attempt(&mut self, dropped: fn(Operation) -> PendingRevocation) {
        match &self.attempt {
            SignInAttempt::Exchanging(_, operation) => self.dropped.push(dropped(*operation)),
            SignInAttempt::Verifying(_, response, _) => {
                let refresh_token = response.refresh_token.clone();
                self.revoke(refresh_token.as_ref());
            }
            SignInAttempt::None
            | SignInAttempt::Discovering(_)
            | SignInAttempt::Saving(..)
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::CallbackReceived(..) => {}
        }
    }

    /// Best effort: the sign-out does not wait for the response. Tokens that another sign-in replaces are not
    /// revoked, as both may belong to one session of the environment.
    fn revoke(&mut self, refresh_token: Option<&Secret>) {
        let Some((configuration, metadata)) =
            self.configuration.as_ref().zip(self.provider.last_good_metadata())
        else {
            return;
        };
        let request =
            refresh_token.and_then(|token| revocation::request(configuration, metadata, token));
        if let Some(request) = request {
            let operation = self.operation();
            self.effects.push(Effect::Send(operation, RequestPurpose::Revocation, request));
        }
    }
}
