//! How far a sign-in is.

use url::Url;

use crate::session::event::Operation;
use crate::{
    configuration::Configuration,
    problem::Problem,
    protocol::{
        authorization_request::{AuthorizationSecrets, Hints, authorization_url},
        authorization_response::AuthorizationResponse,
        metadata::Metadata,
        token_response::TokenResponse,
    },
    storage::journal::{Fingerprint, SessionId},
    time::{Monotonic, Wall},
    view::SignInIntent,
};

/// How far a sign-in is.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum SignInAttempt {
    /// There is none.
    None,
    /// The environment is being asked for its endpoints.
    Discovering(Pending),
    /// The pending sign-in is being saved, so that a callback finds it even after a restart.
    Saving(Pending, Operation),
    /// The user is in the browser.
    AwaitingCallback(Pending, Browser),
    /// The browser has answered; the endpoints of an attempt from before a restart are still unknown.
    CallbackReceived(Pending, AuthorizationResponse),
    /// The code is being exchanged.
    Exchanging(Pending, Operation),
    /// The keys for the tokens are being fetched. `true` once the token's unknown key was the reason.
    Verifying(Pending, TokenResponse, bool),
}

/// What belongs to an attempt from its beginning to its end.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Pending {
    pub(crate) binding: AuthorizationSecrets,
    /// Where the browser is told to come back to.
    pub(crate) redirect_uri: String,
    pub(crate) intent: SignInIntent,
    pub(crate) began: Wall,
    pub(crate) deadline: Monotonic,
    /// The deadline as a user reads it, fixed once so that it does not flicker.
    pub(crate) waits_until: Wall,
    /// What the environment is told of who is to sign in.
    pub(crate) hints: Hints,
    /// The name of the session that its code begins, once there is a code.
    pub(crate) session: SessionId,
    /// The nonce of the record, where the request that was answered has another one.
    pub(crate) stored_as: Option<Fingerprint>,
    /// Whether something came to the callback that is of no use to this sign-in.
    pub(crate) unusable_callback: bool,
    /// The request beside the first one.
    pub(crate) loopback: Loopback,
    /// What is wrong with the address that the user has pasted.
    pub(crate) pasted: Option<Problem>,
}

/// The ways on which the browser can come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WayBack {
    DeepLink,
    Loopback,
}

/// The request beside the first one, whose answer comes to a loopback redirect URI.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Loopback {
    Unused,
    /// The listener is being started.
    Starting(Operation, AuthorizationSecrets),
    /// The browser was sent off with it.
    Listening(LoopbackRequest),
    /// There is no listener.
    Failed(Problem),
}

/// An authorization request with a loopback redirect URI.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct LoopbackRequest {
    /// The listener.
    pub(crate) operation: Operation,
    pub(crate) binding: AuthorizationSecrets,
    pub(crate) redirect_uri: String,
}

impl Loopback {
    /// Whether the browser comes back by it, or is about to be sent off with it.
    pub(crate) fn is_used(&self) -> bool {
        match self {
            Self::Starting(..) | Self::Listening(_) => true,
            Self::Unused | Self::Failed(_) => false,
        }
    }
}

impl Pending {
    /// The newest request.
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

    /// What is to be said of the other ways back.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        let of_loopback = match &self.loopback {
            Loopback::Failed(problem) => Some(problem),
            Loopback::Unused | Loopback::Starting(..) | Loopback::Listening(_) => None,
        };
        self.pasted.as_ref().or(of_loopback)
    }

    /// RFC 6749 §10.12: whether the request whose answers come on this way has this `state`.
    pub(crate) fn is_answered_by(&self, way: WayBack, response: &AuthorizationResponse) -> bool {
        let binding = match (way, &self.loopback) {
            (WayBack::DeepLink, _) => &self.binding,
            (WayBack::Loopback, Loopback::Listening(request)) => &request.binding,
            (
                WayBack::Loopback,
                Loopback::Unused | Loopback::Starting(..) | Loopback::Failed(_),
            ) => {
                return false;
            }
        };
        binding.state.matches(response.state.expose())
    }

    /// One request has been answered; the other one is destroyed.
    pub(crate) fn answered(self, way: WayBack) -> Self {
        match (way, self.loopback) {
            (WayBack::Loopback, Loopback::Listening(request)) => Self {
                stored_as: Some(Fingerprint::of_nonce(&self.binding.nonce)),
                binding: request.binding,
                redirect_uri: request.redirect_uri,
                loopback: Loopback::Unused,
                ..self
            },
            (WayBack::DeepLink | WayBack::Loopback, _) => {
                Self { loopback: Loopback::Unused, ..self }
            }
        }
    }
}

/// What is known of the browser.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Browser {
    /// It is being opened.
    Opening(Operation),
    /// It is open, as far as the system says.
    Opened,
    /// It could not be opened; the link can still be copied.
    Failed(Problem),
    /// It will be opened once the endpoints are known.
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

    /// What the browser was opened with, while it is waited for.
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

    /// What listens for this attempt.
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

    /// When to give up. Once the browser has answered, HTTP's own deadlines apply.
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

    /// Whether its code has been sent: what comes of it is lost if nobody waits for it.
    pub(crate) fn has_spent_code(&self) -> bool {
        match self {
            Self::Exchanging(..) | Self::Verifying(..) => true,
            Self::None
            | Self::Discovering(_)
            | Self::Saving(..)
            | Self::AwaitingCallback(..)
            | Self::CallbackReceived(..) => false,
        }
    }

    /// The user has read what is said beside it.
    pub(crate) fn dismiss(&mut self) {
        if let Self::AwaitingCallback(pending, _) = self {
            pending.pasted = None;
            if let Loopback::Failed(_) = pending.loopback {
                pending.loopback = Loopback::Unused;
            }
        }
    }

    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::None)
    }

    pub(crate) fn take_if_waiting(&mut self) -> Self {
        if matches!(self, Self::AwaitingCallback(..)) { self.take() } else { Self::None }
    }
}
