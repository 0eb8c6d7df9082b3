//! The loopback redirect URI: a second authorization request beside the first one.
//!
//! It is used where the desktop does not deliver the deep link; the first request stays valid. Each has its own
//! `state`, nonce, code verifier and redirect URI; the first valid response completes the sign-in and discards the
//! other request, and the token request contains the redirect URI of the request that got the response (RFC 6749 §4.1.3).

use zeroize::Zeroizing;

use crate::{
    configuration::loopback_redirect_uri,
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::{AuthorizationSecrets, Entropy},
        authorization_response,
        deep_link::{self, Link},
    },
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, ListenError, Operation},
    state::sign_in::{Loopback, LoopbackRequest, RedirectKind, SignInAttempt},
};

impl Account {
    /// The deep link did not arrive, or the user expects that it will not.
    pub(crate) fn use_loopback(&mut self, entropy: &Entropy) {
        let Some(port) = self.configuration.as_ref().and_then(|one| one.loopback) else { return };
        let operation = self.operation();
        let SignInAttempt::AwaitingCallback(pending, _) = &mut self.attempt else { return };
        match &pending.loopback {
            Loopback::Unused | Loopback::Failed(_) => {
                let binding = AuthorizationSecrets::from_entropy(entropy);
                let state = binding.state.clone();
                pending.loopback = Loopback::Starting(operation, binding);
                self.effects.push(Effect::Listen(operation, port, state));
                // The sign-in may end in this very step.
                self.listening = Some(operation);
            }
            Loopback::Starting(..) => {}
            Loopback::Listening(_) => self.open_browser_again(),
        }
    }

    /// The browser is opened at the second request after the listener has started.
    pub(crate) fn listening(&mut self, operation: Operation, outcome: Result<u16, ListenError>) {
        let SignInAttempt::AwaitingCallback(pending, _) = &mut self.attempt else { return };
        let Some(binding) = pending.loopback.take_starting(operation) else { return };
        match outcome {
            Ok(port) => {
                let redirect_uri = loopback_redirect_uri(port);
                pending.loopback =
                    Loopback::Listening(LoopbackRequest { operation, binding, redirect_uri });
                self.open_browser_again();
            }
            Err(ListenError(detail)) => {
                let problem = Problem::new(ProblemCode::LoopbackUnavailable);
                pending.loopback = Loopback::Failed(problem.with_detail(detail));
                pending.pasted = None;
            }
        }
    }

    /// Any party that knows the port can send this. Other queries than a response to the request have no effect.
    pub(crate) fn loopback_response(&mut self, operation: Operation, query: &Zeroizing<Vec<u8>>) {
        if self.attempt.listener() == Some(operation)
            && let Some(response) = authorization_response::read_query(query)
        {
            self.authorization_response(RedirectKind::Loopback, response);
        }
    }

    /// The URL in the browser, as the user has copied it. It is as untrusted as a deep link and is verified
    /// like one, but a rejection is shown to the user.
    pub(crate) fn link_pasted(&mut self, link: &Zeroizing<Vec<u8>>) {
        let Some(configuration) = &self.configuration else { return };
        let SignInAttempt::AwaitingCallback(pending, _) = &mut self.attempt else { return };
        let link = link.trim_ascii();
        let by_loopback = match &pending.loopback {
            Loopback::Listening(request) => {
                authorization_response::read_loopback(link, &request.redirect_uri)
            }
            Loopback::Unused | Loopback::Starting(..) | Loopback::Failed(_) => None,
        };
        let by_link = || match deep_link::read(link, &configuration.redirect_uris) {
            Ok(Link::Callback(response)) => Some(response),
            Ok(Link::UnusableCallback | Link::SignedOut { .. } | Link::InitiateLogin(_))
            | Err(_) => None,
        };
        let response = match by_loopback {
            Some(response) => Some((RedirectKind::Loopback, response)),
            None => by_link().map(|response| (RedirectKind::DeepLink, response)),
        };
        match response {
            Some((way, response)) if pending.accepts_response(way, &response) => {
                self.authorization_response(way, response);
            }
            Some(_) => pending.pasted = Some(Problem::new(ProblemCode::PastedLinkOfAnotherSignIn)),
            None => {
                let callback = &configuration.redirect_uris.callback;
                pending.pasted =
                    Some(Problem::new(ProblemCode::PastedLinkUnusable).with("address", callback));
            }
        }
    }

    /// The listener stops with its sign-in, however that ends.
    pub(crate) fn update_listener(&mut self) {
        let wanted = self.attempt.listener();
        if self.listening == wanted || has_bug!(self, ListenerOutlivesItsSignIn) {
            return;
        }
        if let Some(before) = std::mem::replace(&mut self.listening, wanted) {
            self.effects.push(Effect::StopListening(before));
        }
    }
}
