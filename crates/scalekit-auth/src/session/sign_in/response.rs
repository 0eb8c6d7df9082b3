//! The authorization response, and the exchange of its code.

use crate::{
    fingerprint::SessionId,
    problem::{Problem, ProblemCode, without},
    protocol::{
        authorization_error,
        authorization_response::{AuthorizationOutcome, AuthorizationResponse},
        http_response::HttpOutcome,
        token_response::{self, TokenResult},
    },
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, RequestPurpose},
    state::sign_in::{Pending, RedirectKind, SignInAttempt},
};

impl Account {
    /// RFC 6749 §10.12, RFC 9700 §4.7: `state` is verified first, also of an error response. A response that
    /// does not match has no effect, so that no web page can end a sign-in.
    pub(crate) fn authorization_response(
        &mut self,
        way: RedirectKind,
        callback: AuthorizationResponse,
    ) {
        if !self.attempt.waiting().is_some_and(|pending| pending.accepts_response(way, &callback)) {
            self.unrelated_link();
            return;
        }
        // A process that ends would not receive the tokens. The sign-in stays stored.
        if self.leaving {
            return;
        }
        let Some(pending) = self.attempt.take_waiting() else { return };
        let pending = pending.received(way);
        self.effects.push(Effect::BringToFront);
        if pending.deadline <= self.now.monotonic {
            self.sign_in_failed(Problem::new(ProblemCode::SignInTimedOut));
        } else if self.provider.metadata().is_some() {
            self.exchange_code(pending, callback);
        } else {
            self.attempt = SignInAttempt::CallbackReceived(pending, callback);
            self.discover();
        }
    }

    /// A response without a matching `state`, or a login initiation: the browser may have finished, as some errors have
    /// no `state`. Any party can open such a link, so its only effect is a hint to the user.
    pub(crate) fn unrelated_link(&mut self) {
        if let SignInAttempt::AwaitingCallback(pending, _) = &mut self.attempt {
            pending.unusable_callback = true;
        }
    }

    pub(crate) fn code_exchanged(&mut self, outcome: HttpOutcome) {
        let Some(pending) = self.attempt.take_exchanging() else { return };
        match token_response::read(outcome, self.now.wall) {
            TokenResult::Success(response) => {
                self.attempt = SignInAttempt::Verifying(pending, response, false);
                self.verify_sign_in();
            }
            TokenResult::Rejected { error, description } => {
                let code = authorization_error::code_of_token_endpoint(&error);
                let detail = without(&description.unwrap_or(error), pending.secrets());
                self.sign_in_failed(Problem::new(code).with_detail(detail));
            }
            TokenResult::Transient { unreached, rejection, detail, salvaged, .. } => {
                self.revoke_dropped(salvaged.as_ref());
                let error = rejection.and_then(|rejection| rejection.error);
                let problem = Problem::new(match (unreached, error) {
                    (None, Some(error)) => authorization_error::code_of_token_endpoint(&error),
                    (None, None) => ProblemCode::ServiceUnavailable,
                    (Some(ProblemCode::Offline), _) => ProblemCode::SignInOffline,
                    (Some(code), _) => code,
                });
                self.sign_in_failed(problem.with_detail(without(&detail, pending.secrets())));
            }
        }
    }

    pub(crate) fn exchange_code(&mut self, mut pending: Pending, callback: AuthorizationResponse) {
        let Some((configuration, metadata)) =
            self.configuration.as_ref().zip(self.provider.metadata())
        else {
            return;
        };
        // RFC 9207 §2.4: compared before any other parameter of the response is used, also of an error response.
        let issuer_fits = callback
            .issuer
            .as_ref()
            .map_or(!metadata.callback_carries_issuer, |issuer| *issuer == metadata.issuer);
        if !issuer_fits {
            self.sign_in_failed(Problem::rejected("The response names another issuer"));
            return;
        }
        match callback.outcome {
            AuthorizationOutcome::Code(code) => {
                let verifier = &pending.binding.code_verifier;
                let redirect_uri = if has_bug!(self, RedirectUriOfTheDeepLink) {
                    &configuration.redirect_uris.callback
                } else {
                    &pending.redirect_uri
                };
                let Some(request) = token_response::code_request(
                    configuration,
                    metadata,
                    &code,
                    verifier,
                    redirect_uri,
                ) else {
                    self.sign_in_failed(Problem::rejected("The token endpoint cannot be used"));
                    return;
                };
                pending.session = SessionId::of_sign_in(&pending.binding.nonce, &code);
                pending.code = Some(code);
                pending.sent = self.now.monotonic;
                // The pending sign-in is consumed: a second delivery of the same link matches nothing.
                self.delete_sign_in();
                let operation = self.operation();
                self.effects.push(Effect::Send(operation, RequestPurpose::CodeExchange, request));
                self.attempt = SignInAttempt::Exchanging(pending, operation);
            }
            AuthorizationOutcome::Error { error, description } => {
                let problem = authorization_error::problem(
                    &error,
                    description.as_deref(),
                    &pending.hints,
                    configuration,
                );
                self.sign_in_failed(problem);
            }
        }
    }
}
