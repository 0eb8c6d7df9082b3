//! A sign-in that began outside the program, from the link to the user's answer.
//!
//! Anybody can write such a link, and whoever has an account at the environment can have one signed.
//! So a link begins nothing: one that the environment has signed is put to the user as a question,
//! and only their answer begins a sign-in, an ordinary one with values of its own. What is not signed
//! raises no window, takes the place of nothing, and costs the environment at most one look for its
//! keys in a minute.

use std::time::Duration;

use crate::{
    configuration::Configuration,
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::{Entropy, Hints},
        authorization_response::LoginInitiation,
        forwarded_parameters::{Parameter, forwarded},
        initiate_login::{TokenDigest, Validation, VerifyError, verify},
    },
    secret::Secret,
    sign_in_request::SignInRequest,
    view::SignInIntent,
};

use crate::session::{
    account::Account,
    event::Effect,
    state::{
        login_prompt::{LoginPrompt, Question},
        session::Session,
    },
};

/// How long the user is asked. Whoever comes back later begins again outside.
const ASKING: Duration = Duration::from_secs(300);

/// Tokens that wait for the keys at the same time.
const MAX_WAITING: usize = 4;

/// Tokens that are remembered, so that none is put to the user twice. They live for minutes, so a
/// restart, which forgets them, brings back little.
const MAX_SEEN: usize = 64;

impl Account {
    /// A sign-in under way is what the user has asked for: no link disturbs it.
    pub(crate) fn initiated(&mut self, initiation: LoginInitiation) {
        if self.attempt.pending().is_some() || !self.session.may_begin_sign_in() {
            return;
        }
        match initiation {
            LoginInitiation::Token(token) => {
                if !self.initiations.seen.contains(&TokenDigest::of(&token)) {
                    self.verify_initiation(token, true);
                }
            }
            LoginInitiation::Plain(parameters) => self.prompt_unverified(&parameters),
            LoginInitiation::Error(error) => self.report_initiation_error(&error),
        }
    }

    pub(crate) fn accept_invitation(&mut self, question: u32, entropy: &Entropy) {
        match std::mem::replace(&mut self.login_prompt, LoginPrompt::None) {
            LoginPrompt::Unverified(asked) if asked.id == question => {
                let mut hints = asked.hints;
                hints.login_hint = hints.login_hint.or_else(|| self.session.login_hint());
                self.begin_sign_in_with(SignInIntent::SignIn, hints, entropy);
            }
            LoginPrompt::Verified(asked) if asked.id == question => {
                self.begin_sign_in_with(SignInIntent::SignIn, asked.hints, entropy);
            }
            other @ (LoginPrompt::None | LoginPrompt::Unverified(_) | LoginPrompt::Verified(_)) => {
                self.login_prompt = other;
            }
        }
    }

    pub(crate) fn decline_invitation(&mut self, question: u32) {
        match &self.login_prompt {
            LoginPrompt::Unverified(asked) | LoginPrompt::Verified(asked)
                if asked.id == question =>
            {
                self.login_prompt = LoginPrompt::None;
            }
            LoginPrompt::None | LoginPrompt::Unverified(_) | LoginPrompt::Verified(_) => {}
        }
    }

    /// The user does something else, or it is about another environment from now on.
    pub(crate) fn withdraw_invitation(&mut self) {
        self.login_prompt = LoginPrompt::None;
        self.initiations.waiting.clear();
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

    /// Of a link that cannot be verified, nothing is said: who knows whose it is.
    pub(crate) fn invitation_not_discovered(&mut self) {
        self.initiations.waiting.clear();
    }

    /// The keys have come, or have not.
    pub(crate) fn verify_invitations(&mut self) {
        if self.provider.asking_time.is_some() {
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
            now: self.provider.clock.time(self.now),
        };
        let verdict = self
            .provider
            .recent_keys(now)
            .map_or(Err(VerifyError::UnknownKey), |keys| verify(&token, keys, &expected));
        match verdict {
            Ok(verified) => match elsewhere(configuration, verified.hints()) {
                Some(problem) => self.tell(&token, problem),
                None => self.ask(&token, verified.hints().clone()),
            },
            // A cache may have kept the answer that told the time.
            Err(VerifyError::TooOld) if self.is_time_in_doubt() => {
                if self.initiations.waiting.len() < MAX_WAITING {
                    self.initiations.waiting.push(token);
                }
                self.ask_time();
            }
            Err(VerifyError::UnknownKey) if may_fetch => self.wait_for_keys(token),
            Err(VerifyError::TooOld) => self.tell(&token, too_old()),
            Err(VerifyError::NotYet) => self.tell(&token, Problem::new(ProblemCode::ClockWrong)),
            // A link that the provider has not signed changes nothing at all.
            Err(VerifyError::UnknownKey | VerifyError::Claims(_)) => {}
        }
    }

    fn is_time_in_doubt(&self) -> bool {
        self.provider.asking_time.is_some() || self.provider.clock.is_in_doubt(self.now)
    }

    /// An untrusted link must not make this program send requests at will. Its minute is not the
    /// one in which a sign-in may ask for a new key, so that it cannot be used up from outside.
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

    /// Says what is wrong with a link that the provider did sign.
    fn tell(&mut self, token: &Secret, problem: Problem) {
        if self.initiations.asking.try_acquire(self.now.monotonic).is_ok() {
            self.remember(token);
            self.session.tell(problem);
            self.effects.push(Effect::BringToFront);
        }
    }

    /// Also where somebody is signed in: an accepted invitation and a verified address come so. It raises no
    /// window.
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

    fn report_initiation_error(&mut self, error: &str) {
        if matches!(self.session, Session::SignedOut(_)) && self.accepts_unverified() {
            self.session.tell(failed(error));
        }
    }

    /// What nobody has signed is heard where there is nothing else to be read, and seldom.
    fn accepts_unverified(&mut self) -> bool {
        self.session.problem().is_none()
            && matches!(self.login_prompt, LoginPrompt::None)
            && self.initiations.unverified.try_acquire(self.now.monotonic).is_ok()
    }

    /// What is shown is what will be sent: where the application is for one organization, that one.
    fn question(&mut self, mut hints: Hints) -> Question {
        if let Some(configuration) = &self.configuration {
            hints.organization_id = hints.organization(configuration).map(str::to_owned);
        }
        self.initiations.questions = self.initiations.questions.wrapping_add(1);
        let deadline = self.now.monotonic.after(ASKING);
        Question { id: self.initiations.questions, hints, deadline }
    }

    fn remember(&mut self, token: &Secret) {
        if self.initiations.seen.len() == MAX_SEEN {
            self.initiations.seen.pop_front();
        }
        self.initiations.seen.push_back(TokenDigest::of(token));
    }
}

/// Where the application is for one organization, an invitation to another one leads nowhere.
fn elsewhere(configuration: &Configuration, hints: &Hints) -> Option<Problem> {
    let invited = hints.organization_id.as_deref()?;
    (hints.organization(configuration) != Some(invited))
        .then(|| Problem::new(ProblemCode::InvitationElsewhere).with_detail(invited))
}

fn too_old() -> Problem {
    Problem::new(ProblemCode::InvitationExpired)
}

/// RFC 6749 §4.1.2.1 names the codes. The sentence is ours alone: nobody has signed the link.
fn failed(error: &str) -> Problem {
    Problem::new(match error {
        "access_denied" => ProblemCode::InvitationDeclined,
        "server_error" | "temporarily_unavailable" => ProblemCode::InvitationUnavailable,
        _ => ProblemCode::InvitationFailed,
    })
}
