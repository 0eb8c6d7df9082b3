//! The login initiation: a sign-in that began outside the application, from the link to the user's
//! confirmation.
//!
//! Any party can create such a link, and any user of the environment can obtain a signed one. So a link begins
//! no sign-in: the application asks the user about one that the environment has signed, and only the
//! confirmation begins an ordinary sign-in with its own `state` and nonce. An unsigned link does not raise the
//! window, replaces nothing, and causes at most one fetch of the JWKS per minute.

use std::time::Duration;

use crate::{
    configuration::Configuration,
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::{Entropy, Hints},
        forwarded_parameters::{Parameter, forwarded},
        initiate_login::{TokenDigest, Validation, VerifyError, verify},
        login_initiation::LoginInitiation,
    },
    secret::Secret,
    sign_in_request::SignInRequest,
    view::SignInIntent,
};

use crate::session::{
    account::Account,
    event::Effect,
    provider::cache::ProviderRequest,
    state::{
        login_prompt::{LoginPrompt, Question},
        session::Session,
    },
};

/// The timeout of the question. Afterwards the user has to begin again outside the application.
const LOGIN_PROMPT_TIMEOUT: Duration = Duration::from_secs(300);

/// The maximum number of tokens that wait for the keys.
const MAX_WAITING: usize = 4;

/// The maximum number of digests that are stored so that the user is not asked twice. A token expires within
/// minutes, so few are accepted again after a restart, which loses the digests.
const MAX_SEEN: usize = 64;

impl Account {
    /// A pending sign-in is the user's choice: no link replaces it, and a hint shows that one was received. After an
    /// invitation or a verified e-mail address, the browser says that it is done while this sign-in still waits.
    pub(crate) fn initiated(&mut self, initiation: LoginInitiation) {
        if self.attempt.pending().is_some() {
            self.unrelated_link();
            return;
        }
        if !self.session.may_begin_sign_in() {
            return;
        }
        match initiation {
            LoginInitiation::Token(token) => {
                if !self.initiations.seen.contains(&TokenDigest::of(&token)) {
                    self.verify_initiation(token, true);
                }
            }
            LoginInitiation::Plain(parameters) => self.prompt_unverified(&parameters),
            LoginInitiation::Error(error) => self.report_unverified(failed(&error)),
        }
    }

    pub(crate) fn accept_invitation(&mut self, question: u32, entropy: &Entropy) {
        match self.login_prompt.take(question) {
            LoginPrompt::Unverified(prompt) => {
                let mut hints = prompt.hints;
                hints.login_hint = hints.login_hint.or_else(|| self.session.login_hint());
                self.begin_sign_in_with(SignInIntent::SignIn, hints, entropy);
            }
            LoginPrompt::Verified(prompt) => {
                self.begin_sign_in_with(SignInIntent::SignIn, prompt.hints, entropy);
            }
            LoginPrompt::None => {}
        }
    }

    pub(crate) fn decline_invitation(&mut self, question: u32) {
        drop(self.login_prompt.take(question));
    }

    pub(crate) fn invitation_deadline(&mut self) {
        if self.login_prompt.deadline().is_some_and(|deadline| deadline <= self.now.monotonic) {
            self.login_prompt = LoginPrompt::None;
        }
    }

    pub(crate) fn invitation_discovered(&mut self) {
        if !self.initiations.waiting.is_empty() {
            self.fetch_jwks();
        }
    }

    /// A link that cannot be verified prompts nobody, as its origin is unknown; that it does not work now is shown.
    pub(crate) fn invitation_not_discovered(&mut self) {
        if !std::mem::take(&mut self.initiations.waiting).is_empty() {
            self.report_unverified(Problem::new(ProblemCode::InvitationUnavailable));
        }
    }

    /// The JWKS was fetched, or the fetch has failed.
    pub(crate) fn verify_invitations(&mut self) {
        if self.provider.awaits_any() {
            return;
        }
        for token in std::mem::take(&mut self.initiations.waiting) {
            self.verify_initiation(token, false);
        }
    }

    fn verify_initiation(&mut self, token: Secret, may_fetch: bool) {
        let Some(configuration) = &self.configuration else { return };
        let now = self.now.monotonic;
        if self.login_prompt.is_signed() || self.initiations.verifying.try_acquire(now).is_err() {
            return;
        }
        let expected = Validation {
            issuer: configuration.environment.issuer(),
            client_id: configuration.client_id.as_str(),
            now: self.provider.clock().time(self.now),
        };
        let verdict = self
            .provider
            .recent_keys(now)
            .map_or(Err(VerifyError::UnknownKey), |keys| verify(&token, keys, &expected));
        match verdict {
            Ok(verified) => match elsewhere(configuration, verified.hints()) {
                Some(problem) => self.report(&token, problem),
                None => self.ask(&token, verified.hints().clone()),
            },
            // The response that the time was taken from may have been cached.
            Err(why @ (VerifyError::TooOld | VerifyError::NotYet))
                if self.is_time_in_doubt(&why) =>
            {
                if self.initiations.waiting.len() < MAX_WAITING {
                    self.initiations.waiting.push(token);
                }
                self.ask_time();
            }
            Err(VerifyError::UnknownKey) if may_fetch => self.wait_for_keys(token),
            Err(VerifyError::TooOld) => self.report(&token, too_old()),
            Err(VerifyError::NotYet) if self.provider.clock().agrees(self.now) => {
                self.report(
                    &token,
                    Problem::rejected("The login token was refused: it is not valid yet"),
                );
            }
            Err(VerifyError::NotYet) => self.report(&token, Problem::new(ProblemCode::ClockWrong)),
            // Whether the environment has signed it is unknown.
            Err(VerifyError::UnknownKey) if self.provider.has_failed_keys() => {
                self.report_unverified(Problem::new(ProblemCode::InvitationUnavailable));
            }
            // A link that the environment has not signed has no effect.
            Err(VerifyError::UnknownKey | VerifyError::Claims(_)) => {}
        }
    }

    fn is_time_in_doubt(&self, why: &VerifyError) -> bool {
        let clock = self.provider.clock();
        self.provider.awaits(ProviderRequest::Time)
            || match why {
                VerifyError::NotYet => clock.is_unconfirmed(self.now),
                VerifyError::UnknownKey | VerifyError::TooOld | VerifyError::Claims(_) => {
                    clock.is_in_doubt(self.now)
                }
            }
    }

    /// An untrusted link must not cause any number of requests. It has a rate limit of its own, so that it
    /// cannot exhaust the one for a refresh with an unknown `kid`.
    fn wait_for_keys(&mut self, token: Secret) {
        let now = self.now.monotonic;
        let on_their_way = !self.initiations.waiting.is_empty();
        if self.initiations.waiting.len() >= MAX_WAITING {
            return;
        }
        if on_their_way {
            self.initiations.waiting.push(token);
        } else if !self.provider.has_new_keys(now)
            && self.initiations.fetching.try_acquire(now).is_ok()
        {
            self.initiations.waiting.push(token);
            if self.provider.metadata().is_some() {
                self.fetch_jwks();
            } else {
                self.discover();
            }
        }
    }

    fn ask(&mut self, token: &Secret, hints: Hints) {
        if self.initiations.asking.try_acquire(self.now.monotonic).is_ok() {
            self.remember(token);
            self.login_prompt = LoginPrompt::Verified(self.question(hints));
            self.effects.push(Effect::BringToFront);
        }
    }

    /// Reports a problem with a link that the environment has signed.
    fn report(&mut self, token: &Secret, problem: Problem) {
        if self.initiations.asking.try_acquire(self.now.monotonic).is_ok() {
            self.remember(token);
            self.session.report(problem);
            self.effects.push(Effect::BringToFront);
        }
    }

    /// Also while a user is signed in: links after an accepted invitation and a verified e-mail address are
    /// unsigned. The window is not raised.
    fn prompt_unverified(&mut self, parameters: &[Parameter]) {
        let Some(configuration) = &self.configuration else { return };
        let hints = Hints {
            forwarded: forwarded(parameters, &configuration.forwarded),
            ..Hints::of(SignInRequest::default(), configuration)
        };
        if self.accepts_unverified() {
            self.login_prompt = LoginPrompt::Unverified(self.question(hints));
        }
    }

    /// Reports a problem with a link that the environment may not have signed: in our words only, without raising the
    /// window, and not over a problem that the user has not read. Not while a user is signed in: any page can open
    /// such a link, and the notice would stand in the place of one about the session.
    fn report_unverified(&mut self, problem: Problem) {
        let may_report = matches!(self.session, Session::SignedOut(_));
        if may_report && self.session.problem().is_none() && self.accepts_unverified() {
            self.session.report(problem);
        }
    }

    /// An unsigned link is shown only if no other question is, and at most once a minute. A problem that the user has
    /// not read stays beside the question.
    fn accepts_unverified(&mut self) -> bool {
        matches!(self.login_prompt, LoginPrompt::None)
            && self.initiations.unverified.try_acquire(self.now.monotonic).is_ok()
    }

    /// The user is shown what will be sent: in an application pinned to one organization, that one.
    fn question(&mut self, mut hints: Hints) -> Question {
        if let Some(configuration) = &self.configuration {
            hints.organization_id = hints.organization(configuration).map(str::to_owned);
        }
        self.initiations.questions = self.initiations.questions.wrapping_add(1);
        let deadline = self.now.monotonic.after(LOGIN_PROMPT_TIMEOUT);
        Question { id: self.initiations.questions, hints, deadline }
    }

    fn remember(&mut self, token: &Secret) {
        if self.initiations.seen.len() == MAX_SEEN {
            self.initiations.seen.pop_front();
        }
        self.initiations.seen.push_back(TokenDigest::of(token));
    }
}

/// An application pinned to one organization rejects an invitation to another one.
fn elsewhere(configuration: &Configuration, hints: &Hints) -> Option<Problem> {
    let invited = hints.organization_id.as_deref()?;
    (hints.organization(configuration) != Some(invited))
        .then(|| Problem::new(ProblemCode::InvitationElsewhere).with_detail(invited))
}

fn too_old() -> Problem {
    Problem::new(ProblemCode::InvitationExpired)
}

/// RFC 6749 §4.1.2.1 defines the codes. The link is unsigned, so none of its text is shown.
fn failed(error: &str) -> Problem {
    Problem::new(match error {
        "access_denied" => ProblemCode::InvitationDeclined,
        "server_error" | "temporarily_unavailable" => ProblemCode::InvitationUnavailable,
        _ => ProblemCode::InvitationFailed,
    })
}
