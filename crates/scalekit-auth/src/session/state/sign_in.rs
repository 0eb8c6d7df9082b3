//! The states of a sign-in.

use url::Url;

use crate::session::event::Operation;
use crate::{
    configuration::Configuration,
    fingerprint::{Fingerprint, SessionId},
    problem::Problem,
    protocol::{
        authorization_request::{AuthorizationSecrets, Hints, authorization_url},
        authorization_response::AuthorizationResponse,
        metadata::Metadata,
        token_response::TokenResponse,
    },
    secret::Secret,
    time::{Monotonic, Wall},
    view::SignInIntent,
};

/// The state of a sign-in.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum SignInAttempt {
    /// There is none.
    None,
    /// The metadata is being fetched.
    Discovering(Pending),
    /// The pending sign-in is being stored, so that an authorization response matches it even after a restart.
    Saving(Pending, Operation),
    /// The browser was opened; no authorization response has been received.
    AwaitingCallback(Pending, Browser),
    /// The authorization response was received; the metadata is not known yet after a restart.
    CallbackReceived(Pending, AuthorizationResponse),
    /// The authorization code is being exchanged.
    Exchanging(Pending, Operation),
    /// The keys for the tokens are being fetched. `true` once an unknown `kid` was the reason.
    Verifying(Pending, TokenResponse, bool),
}

/// The data of a sign-in from its beginning to its end.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Pending {
    pub(crate) binding: AuthorizationSecrets,
    /// The redirect URI of the authorization request.
    pub(crate) redirect_uri: String,
    pub(crate) intent: SignInIntent,
    pub(crate) began: Wall,
    pub(crate) deadline: Monotonic,
    /// The deadline on the wall clock, computed once so that its display does not flicker.
    pub(crate) waits_until: Wall,
    /// The hints of the authorization request.
    pub(crate) hints: Hints,
    /// The authorization code that was sent, and when.
    pub(crate) code: Option<Secret>,
    pub(crate) sent: Monotonic,
    /// The id of the session that the sign-in creates, once there is a code.
    pub(crate) session: SessionId,
    /// The nonce of the stored record, where the response belongs to another request.
    pub(crate) stored_as: Option<Fingerprint>,
    /// Whether an unusable authorization response was received.
    pub(crate) unusable_callback: bool,
    /// The second authorization request.
    pub(crate) loopback: Loopback,
    /// The problem with the URL that the user has pasted.
    pub(crate) pasted: Option<Problem>,
}

/// The redirect URIs by which an authorization response can arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RedirectKind {
    DeepLink,
    Loopback,
}

/// The second authorization request, with a loopback redirect URI.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Loopback {
    Unused,
    /// The listener is being started.
    Starting(Operation, AuthorizationSecrets),
    /// The browser was opened with the second request.
    Listening(LoopbackRequest),
    /// The listener could not be started.
    Failed(Problem),
}

/// An authorization request with a loopback redirect URI.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct LoopbackRequest {
    /// The operation of the listener.
    pub(crate) operation: Operation,
    pub(crate) binding: AuthorizationSecrets,
    pub(crate) redirect_uri: String,
}

impl Loopback {
    /// Leaves [`Starting`](Self::Starting), if this is its operation.
    pub(crate) fn take_starting(&mut self, operation: Operation) -> Option<AuthorizationSecrets> {
        let is_starting = matches!(self, Self::Starting(starting, _) if *starting == operation);
        let taken = if is_starting { std::mem::replace(self, Self::Unused) } else { Self::Unused };
        if let Self::Starting(_, binding) = taken { Some(binding) } else { None }
    }

    /// Whether the loopback redirect URI is in use, or about to be.
    pub(crate) fn is_used(&self) -> bool {
        match self {
            Self::Starting(..) | Self::Listening(_) => true,
            Self::Unused | Self::Failed(_) => false,
        }
    }
}

impl Pending {
    /// The URL of the newest authorization request.
    pub(crate) fn authorization_url(
        &self,
        configuration: &Configuration,
        metadata: &Metadata,
    ) -> Option<Url> {
        let (binding, redirect_uri) = match &self.loopback {
            Loopback::Listening(request) => (&request.binding, &request.redirect_uri),
            Loopback::Unused | Loopback::Starting(..) | Loopback::Failed(_) => {
                (&self.binding, &self.redirect_uri)
            }
        };
        authorization_url(configuration, metadata, binding, redirect_uri, self.intent, &self.hints)
    }

    /// The secrets of the token request.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.code.iter().chain([&self.binding.code_verifier])
    }

    /// The problem with the pasted URL or the listener.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        let of_loopback = match &self.loopback {
            Loopback::Failed(problem) => Some(problem),
            Loopback::Unused | Loopback::Starting(..) | Loopback::Listening(_) => None,
        };
        self.pasted.as_ref().or(of_loopback)
    }

    /// RFC 6749 §10.12: whether the request with the redirect URI of this response has its `state`.
    pub(crate) fn accepts_response(
        &self,
        way: RedirectKind,
        response: &AuthorizationResponse,
    ) -> bool {
        let binding = match (way, &self.loopback) {
            (RedirectKind::DeepLink, _) => &self.binding,
            (RedirectKind::Loopback, Loopback::Listening(request)) => &request.binding,
            (
                RedirectKind::Loopback,
                Loopback::Unused | Loopback::Starting(..) | Loopback::Failed(_),
            ) => {
                return false;
            }
        };
        binding.state.matches(response.state.expose())
    }

    /// Completes one request and discards the other one.
    pub(crate) fn received(self, way: RedirectKind) -> Self {
        match (way, self.loopback) {
            (RedirectKind::Loopback, Loopback::Listening(request)) => Self {
                stored_as: Some(Fingerprint::of_nonce(&self.binding.nonce)),
                binding: request.binding,
                redirect_uri: request.redirect_uri,
                loopback: Loopback::Unused,
                ..self
            },
            (RedirectKind::DeepLink | RedirectKind::Loopback, _) => {
                Self { loopback: Loopback::Unused, ..self }
            }
        }
    }
}

/// A token request whose tokens are dropped, and so revoked on receipt.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum PendingRevocation {
    /// A refresh, by a sign-out, and the refresh token that was sent: the response may leave it valid.
    Refresh(Operation, Option<Secret>),
    /// A code exchange, by a sign-out.
    SignedOut(Operation),
    /// Of a sign-in that was given up. Its tokens may belong to the environment's session of a later sign-in.
    SignIn(Operation),
}

impl PendingRevocation {
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Self::Refresh(operation, _) | Self::SignedOut(operation) | Self::SignIn(operation) => {
                *operation
            }
        }
    }
}

/// The state of the browser.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Browser {
    /// It is being opened.
    Opening(Operation),
    /// It is open, as far as the system reports.
    Opened,
    /// It could not be opened; the user can still copy the URL.
    Failed(Problem),
    /// It will be opened when the metadata is known.
    Wanted,
}

impl SignInAttempt {
    pub(crate) fn pending(&self) -> Option<&Pending> {
        match self {
            Self::None => None,
            Self::Discovering(pending)
            | Self::Saving(pending, _)
            | Self::AwaitingCallback(pending, _)
            | Self::CallbackReceived(pending, _)
            | Self::Exchanging(pending, _)
            | Self::Verifying(pending, _, _) => Some(pending),
        }
    }

    /// The sign-in, while it waits for the authorization response.
    pub(crate) fn waiting(&self) -> Option<&Pending> {
        match self {
            Self::AwaitingCallback(pending, _) => Some(pending),
            Self::None
            | Self::Discovering(_)
            | Self::Saving(..)
            | Self::CallbackReceived(..)
            | Self::Exchanging(..)
            | Self::Verifying(..) => None,
        }
    }

    /// The listener of this sign-in.
    pub(crate) fn listener(&self) -> Option<Operation> {
        match &self.waiting()?.loopback {
            Loopback::Starting(operation, _) => Some(*operation),
            Loopback::Listening(request) => Some(request.operation),
            Loopback::Unused | Loopback::Failed(_) => None,
        }
    }

    pub(crate) fn exchanges(&self, operation: Operation) -> bool {
        matches!(self, Self::Exchanging(_, sent) if *sent == operation)
    }

    /// The time at which it is given up. After the authorization response only the HTTP timeouts apply.
    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        match self {
            Self::Discovering(pending)
            | Self::Saving(pending, _)
            | Self::AwaitingCallback(pending, _) => Some(pending.deadline),
            Self::None
            | Self::CallbackReceived(..)
            | Self::Exchanging(..)
            | Self::Verifying(..) => None,
        }
    }

    /// Whether the authorization response was received. The browser sends it once, so the sign-in would be lost if it
    /// were dropped.
    pub(crate) fn has_response(&self) -> bool {
        match self {
            Self::CallbackReceived(..) | Self::Exchanging(..) | Self::Verifying(..) => true,
            Self::None | Self::Discovering(_) | Self::Saving(..) | Self::AwaitingCallback(..) => {
                false
            }
        }
    }

    /// The user dismisses the problem that is shown.
    pub(crate) fn dismiss(&mut self) {
        if let Self::AwaitingCallback(pending, _) = self {
            pending.pasted = None;
            if let Loopback::Failed(_) = pending.loopback {
                pending.loopback = Loopback::Unused;
            }
        }
    }

    /// Discards the second authorization request.
    pub(crate) fn drop_loopback(&mut self) {
        if let Self::AwaitingCallback(pending, _) = self {
            pending.loopback = Loopback::Unused;
        }
    }

    /// Whether the browser could not be opened yet.
    pub(crate) fn wants_browser(&self) -> bool {
        matches!(self, Self::AwaitingCallback(_, Browser::Wanted))
    }

    /// Leaves [`Discovering`](Self::Discovering).
    pub(crate) fn take_discovering(&mut self) -> Option<Pending> {
        let taken = self.take_if(|one| matches!(one, Self::Discovering(_)));
        if let Self::Discovering(pending) = taken { Some(pending) } else { None }
    }

    /// Leaves [`Saving`](Self::Saving), if this is its operation.
    pub(crate) fn take_saving(&mut self, operation: Operation) -> Option<Pending> {
        let taken =
            self.take_if(|one| matches!(one, Self::Saving(_, saving) if *saving == operation));
        if let Self::Saving(pending, _) = taken { Some(pending) } else { None }
    }

    /// Leaves [`AwaitingCallback`](Self::AwaitingCallback).
    pub(crate) fn take_waiting(&mut self) -> Option<Pending> {
        let taken = self.take_if(|one| matches!(one, Self::AwaitingCallback(..)));
        if let Self::AwaitingCallback(pending, _) = taken { Some(pending) } else { None }
    }

    /// Leaves [`CallbackReceived`](Self::CallbackReceived).
    pub(crate) fn take_received(&mut self) -> Option<(Pending, AuthorizationResponse)> {
        let taken = self.take_if(|one| matches!(one, Self::CallbackReceived(..)));
        if let Self::CallbackReceived(pending, response) = taken {
            Some((pending, response))
        } else {
            None
        }
    }

    /// Leaves [`Exchanging`](Self::Exchanging).
    pub(crate) fn take_exchanging(&mut self) -> Option<Pending> {
        let taken = self.take_if(|one| matches!(one, Self::Exchanging(..)));
        if let Self::Exchanging(pending, _) = taken { Some(pending) } else { None }
    }

    /// Leaves [`Verifying`](Self::Verifying).
    pub(crate) fn take_verifying(&mut self) -> Option<(Pending, TokenResponse, bool)> {
        let taken = self.take_if(|one| matches!(one, Self::Verifying(..)));
        if let Self::Verifying(pending, response, refetched) = taken {
            Some((pending, response, refetched))
        } else {
            None
        }
    }

    /// Leaves this state, if it is the one: then there is no sign-in until the next state is entered.
    fn take_if(&mut self, is: impl FnOnce(&Self) -> bool) -> Self {
        if is(self) { std::mem::replace(self, Self::None) } else { Self::None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        configuration::{ClientId, EnvironmentUrl, RedirectUris},
        protocol::authorization_request::Entropy,
        sign_in_request::SignInRequest,
    };

    fn pending() -> Pending {
        let configuration = Configuration::new(
            EnvironmentUrl::parse(crate::testing::ISSUER).unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        );
        Pending {
            binding: secrets(),
            redirect_uri: String::new(),
            intent: SignInIntent::SignIn,
            began: Wall::default(),
            deadline: Monotonic::default(),
            waits_until: Wall::default(),
            hints: Hints::of(SignInRequest::default(), &configuration),
            code: None,
            sent: Monotonic::default(),
            session: SessionId::default(),
            stored_as: None,
            unusable_callback: false,
            loopback: Loopback::Unused,
            pasted: None,
        }
    }

    fn secrets() -> AuthorizationSecrets {
        AuthorizationSecrets::from_entropy(&Entropy([7; 96]))
    }

    #[test]
    fn sign_in_state_is_taken_by_its_own_transition_once() {
        let mut attempt = SignInAttempt::Saving(pending(), Operation(1));
        assert!(attempt.take_saving(Operation(2)).is_none());
        assert!(attempt.take_discovering().is_none() && attempt.take_waiting().is_none());
        assert!(attempt.take_received().is_none() && attempt.take_exchanging().is_none());
        assert!(attempt.take_verifying().is_none());
        assert!(matches!(attempt, SignInAttempt::Saving(..)), "the others leave it");
        assert!(attempt.take_saving(Operation(1)).is_some());
        assert!(attempt.pending().is_none());
        assert!(attempt.take_saving(Operation(1)).is_none());
    }

    #[test]
    fn loopback_start_is_taken_by_its_own_operation_once() {
        let mut loopback = Loopback::Starting(Operation(1), secrets());
        assert!(loopback.take_starting(Operation(2)).is_none());
        assert!(loopback.is_used());
        assert!(loopback.take_starting(Operation(1)).is_some());
        assert!(matches!(loopback, Loopback::Unused));
        assert!(loopback.take_starting(Operation(1)).is_none());
    }
}
