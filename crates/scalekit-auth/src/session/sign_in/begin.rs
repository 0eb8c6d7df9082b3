//! The beginning of a sign-in, its resumption after a restart, and its discovery.

use std::time::Duration;

use crate::{
    configuration::SIGN_IN_WAIT,
    fingerprint::{Fingerprint, SessionId},
    problem::{Problem, ProblemCode},
    protocol::authorization_request::{AuthorizationSecrets, Entropy, Hints},
    sign_in_request::SignInRequest,
    storage::record::{RecordKind, SignInRecord},
    view::SignInIntent,
};

use crate::session::{
    account::Account,
    provider::cache::ProviderRequest,
    state::{
        login_prompt::LoginPrompt,
        persistence::is_about_saving,
        sign_in::{Browser, Loopback, Pending, SignInAttempt},
    },
};

/// The maximum correction of this computer's clock since a sign-in began, such as by a time server.
const MAX_SET_BACK: Duration = Duration::from_secs(120);

impl Account {
    /// Begins a sign-in of the user. After a lost session, `login_hint` spares the user from entering their
    /// e-mail address.
    pub(crate) fn begin_sign_in(&mut self, request: SignInRequest, entropy: &Entropy) {
        let Some(configuration) = &self.configuration else { return };
        let intent = request.intent;
        let expects = match intent {
            SignInIntent::SignIn if request.provider.is_none() => self.session.login_hint(),
            SignInIntent::SignIn
            | SignInIntent::SignUp
            | SignInIntent::SelectOrganization
            | SignInIntent::UseAnotherAccount => None,
        };
        let goes_on = intent == SignInIntent::SignIn && !request.names_route();
        let mut hints = Hints::of(request, configuration);
        // The question shows what its link asks to pass on, and offers this page of the service too.
        if let (SignInIntent::SelectOrganization, LoginPrompt::Unverified(question)) =
            (intent, &mut self.login_prompt)
        {
            hints.forwarded = std::mem::take(&mut question.hints.forwarded);
        }
        hints.login_hint = hints.login_hint.or(expects);
        // The organization that the user has switched to, not that of the configuration.
        if let Some(organization) = self.session.ending_organization().filter(|_| goes_on) {
            hints.organization_id = Some(organization.to_owned());
            hints.connection_id = None;
            hints.domain = None;
        }
        self.begin_sign_in_with(intent, hints, entropy);
    }

    /// Replaces a pending sign-in: its authorization response will no longer match.
    pub(crate) fn begin_sign_in_with(
        &mut self,
        intent: SignInIntent,
        mut hints: Hints,
        entropy: &Entropy,
    ) {
        let Some(configuration) = &self.configuration else { return };
        if self.leaving || !self.session.may_begin_sign_in() {
            return;
        }
        hints.reauthenticates = self.session.ends_with_the_environments();
        let wait = configuration.sign_in_wait.min(SIGN_IN_WAIT);
        let pending = Pending {
            binding: AuthorizationSecrets::from_entropy(entropy),
            redirect_uri: configuration.redirect_uris.callback.clone(),
            intent,
            began: self.now.wall,
            deadline: self.now.monotonic.after(wait),
            waits_until: self.now.wall.after(wait),
            hints,
            code: None,
            sent: self.now.monotonic,
            session: SessionId::default(),
            stored_as: None,
            unusable_callback: false,
            loopback: Loopback::Unused,
            pasted: None,
        };
        // The reason the session cannot be stored persists.
        if !self.session.problem().is_some_and(|problem| is_about_saving(problem.code)) {
            self.session.forget_problem();
        }
        self.withdraw_invitation();
        self.revoke_dropped_attempt();
        if self.provider.recent_metadata(self.now.monotonic).is_some() {
            self.save_attempt(pending);
        } else {
            self.attempt = SignInAttempt::Discovering(pending);
            self.discover();
        }
    }

    pub(crate) fn cancel_sign_in(&mut self) {
        if self.attempt.pending().is_some() {
            self.revoke_dropped_attempt();
            self.attempt = SignInAttempt::None;
            self.delete_sign_in();
            self.session.sign_in_cancelled();
        }
    }

    /// Resumes a sign-in after a restart, unless it has expired.
    pub(crate) fn resume_attempt(&mut self, record: SignInRecord) -> bool {
        let Some(configuration) = &self.configuration else { return false };
        let callback = &configuration.redirect_uris.callback;
        if record.redirect_uri.as_ref().is_some_and(|one| one != callback) {
            return false;
        }
        let wait = configuration.sign_in_wait.min(SIGN_IN_WAIT);
        let age = self.now.wall.since(record.began);
        if age >= wait || record.began.since(self.now.wall) > MAX_SET_BACK {
            return false;
        }
        let pending = Pending {
            binding: record.binding,
            redirect_uri: callback.clone(),
            intent: record.intent,
            began: record.began,
            deadline: self.now.monotonic.after(wait - age),
            waits_until: record.began.after(wait),
            hints: record.hints,
            code: None,
            sent: self.now.monotonic,
            session: SessionId::default(),
            stored_as: None,
            unusable_callback: false,
            loopback: Loopback::Unused,
            pasted: None,
        };
        self.attempt = SignInAttempt::AwaitingCallback(pending, Browser::Opened);
        true
    }

    pub(crate) fn attempt_deadline(&mut self) {
        if self.attempt.deadline().is_some_and(|deadline| deadline <= self.now.monotonic) {
            self.sign_in_failed(Problem::new(ProblemCode::SignInTimedOut));
        }
    }

    pub(crate) fn attempt_discovered(&mut self) {
        // A process that ends would not receive the response.
        if self.leaving && !self.attempt.has_response() {
            return;
        }
        if let Some(pending) = self.attempt.take_discovering() {
            self.save_attempt(pending);
        } else if self.attempt.wants_browser() {
            self.open_browser_again();
        } else if let Some((pending, callback)) = self.attempt.take_received() {
            self.exchange_code(pending, callback);
        }
    }

    pub(crate) fn attempt_time_requested(&mut self) {
        if matches!(self.attempt, SignInAttempt::Discovering(_)) {
            self.attempt_discovered();
        }
    }

    pub(crate) fn attempt_not_discovered(&mut self, problem: &Problem) {
        match &mut self.attempt {
            SignInAttempt::Discovering(_) | SignInAttempt::CallbackReceived(..) => {
                self.sign_in_failed(problem.clone())
            }
            // The browser was opened before a restart and may still return.
            SignInAttempt::AwaitingCallback(_, browser @ Browser::Wanted) => {
                *browser = Browser::Failed(problem.clone());
            }
            SignInAttempt::None
            | SignInAttempt::Saving(..)
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::Exchanging(..)
            | SignInAttempt::Verifying(..) => {}
        }
    }

    fn save_attempt(&mut self, pending: Pending) {
        let known = self.provider.metadata();
        if pending.intent == SignInIntent::SignUp
            && known.is_some_and(|metadata| !metadata.offers_sign_up)
        {
            self.sign_in_failed(Problem::new(ProblemCode::SignUpUnavailable));
            return;
        }
        // A wrong clock is reported before the user enters a password, and only when it is certain that no
        // cache has delayed the response.
        if self.provider.clock().is_in_doubt(self.now) {
            self.attempt = SignInAttempt::Discovering(pending);
            self.ask_time();
            return;
        }
        if self.provider.awaits(ProviderRequest::Time) {
            self.attempt = SignInAttempt::Discovering(pending);
            return;
        }
        if self.provider.clock().is_certainly_wrong(self.now) {
            self.sign_in_failed(Problem::new(ProblemCode::ClockWrong));
            return;
        }
        // A session in memory does not outlive the process either.
        if self.in_memory {
            self.go_to_browser(pending);
            return;
        }
        let record = SignInRecord {
            binding: pending.binding.clone(),
            intent: pending.intent,
            hints: pending.hints.clone(),
            redirect_uri: Some(pending.redirect_uri.clone()),
            began: pending.began,
        };
        self.stored_sign_ins.push(Fingerprint::of_nonce(&pending.binding.nonce));
        let operation = self.store(RecordKind::SignIn, record.encode());
        self.attempt = SignInAttempt::Saving(pending, operation);
    }
}
