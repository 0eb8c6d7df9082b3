//! The browser: it is opened at the URL of the authorization request.

use crate::{
    fingerprint::Fingerprint,
    problem::{Problem, ProblemCode},
};

use crate::session::{
    account::Account,
    event::{KeychainError, OpenBrowserError, Operation},
    state::sign_in::{Browser, Pending, SignInAttempt},
};

impl Account {
    pub(crate) fn open_browser_again(&mut self) {
        if let Some(pending) = self.attempt.take_waiting() {
            self.go_to_browser(pending);
        }
    }

    /// The sign-in continues even if it was not stored: without a keychain it only does not survive a restart.
    pub(crate) fn attempt_stored(
        &mut self,
        operation: Operation,
        outcome: &Result<(), KeychainError>,
    ) {
        if let Some(pending) = self.attempt.take_saving(operation) {
            if outcome.is_ok() {
                self.stored_sign_ins = vec![Fingerprint::of_nonce(&pending.binding.nonce)];
            }
            self.go_to_browser(pending);
        }
    }

    pub(crate) fn attempt_opened(
        &mut self,
        operation: Operation,
        outcome: Result<(), OpenBrowserError>,
    ) {
        if let SignInAttempt::AwaitingCallback(pending, browser) = &mut self.attempt
            && matches!(browser, Browser::Opening(opening) if *opening == operation)
        {
            *browser = match outcome {
                Ok(()) => Browser::Opened,
                Err(OpenBrowserError(detail)) => {
                    pending.pasted = None;
                    let problem = Problem::new(ProblemCode::BrowserUnavailable);
                    Browser::Failed(problem.with_detail(detail))
                }
            };
        }
    }

    pub(crate) fn go_to_browser(&mut self, pending: Pending) {
        let url = self.configuration.as_ref().zip(self.provider.metadata()).and_then(
            |(configuration, metadata)| pending.authorization_url(configuration, metadata),
        );
        let Some(url) = url else {
            self.attempt = SignInAttempt::AwaitingCallback(pending, Browser::Wanted);
            self.discover();
            return;
        };
        let operation = self.open_browser(url);
        self.attempt = SignInAttempt::AwaitingCallback(pending, Browser::Opening(operation));
        // The user needs seconds in the browser; the keys are fetched meanwhile.
        if self.provider.recent_keys(self.now.monotonic).is_none() {
            self.fetch_jwks();
        }
    }
}
