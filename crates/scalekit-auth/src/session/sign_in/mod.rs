//! An attempt to sign in: from the command to a verified identity.

pub(crate) mod initiation;
pub(crate) mod queued_links;

use std::time::Duration;

use url::Url;

use crate::{
    configuration::{Configuration, SIGN_IN_WAIT},
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_error,
        authorization_request::{AuthorizationSecrets, Entropy, Hints, authorization_url},
        authorization_response::{AuthorizationOutcome, AuthorizationResponse},
        http_response::HttpOutcome,
        id_token::{self, TokenBinding, Validation, VerifyError},
        metadata::Metadata,
        profile::profile,
        token_response::{self, TokenResponse, TokenResult},
    },
    secret::Secret,
    storage::{
        journal::{Fingerprint, SessionId},
        record::{RecordKind, SessionRecord, SignInRecord},
    },
    time::{Monotonic, Wall},
    view::SignInIntent,
};

use crate::session::{
    Effect, OpenBrowserError, Operation, RequestPurpose,
    account::{Account, has_bug},
};

/// By how much this computer's clock may have been set back since a sign-in was begun, as by a time server.
const MAX_SET_BACK: Duration = Duration::from_secs(120);

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
    pub(crate) intent: SignInIntent,
    pub(crate) began: Wall,
    pub(crate) deadline: Monotonic,
    /// The deadline as a user reads it, fixed once so that it does not flicker.
    pub(crate) waits_until: Wall,
    /// What the environment is told of who is to sign in.
    pub(crate) hints: Hints,
    /// The name of the session that its code begins, once there is a code.
    pub(crate) session: SessionId,
    /// Whether something came to the callback that is of no use to this sign-in.
    pub(crate) unusable_callback: bool,
}

impl Pending {
    pub(crate) fn authorization_url(
        &self,
        configuration: &Configuration,
        metadata: &Metadata,
    ) -> Option<Url> {
        authorization_url(configuration, metadata, &self.binding, self.intent, &self.hints)
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

    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::None)
    }
}

impl Account {
    /// The user wants to sign in. Where a session of theirs was lost, the environment need not ask
    /// who they are.
    pub(crate) fn begin_sign_in(&mut self, intent: SignInIntent, entropy: &Entropy) {
        let login_hint = match intent {
            SignInIntent::SignIn => self.session.login_hint(),
            SignInIntent::SignUp | SignInIntent::SelectOrganization => None,
        };
        self.begin_sign_in_with(intent, Hints { login_hint, ..Hints::default() }, entropy);
    }

    /// A second sign-in takes the place of the first: its callback will no longer match.
    pub(crate) fn begin_sign_in_with(
        &mut self,
        intent: SignInIntent,
        hints: Hints,
        entropy: &Entropy,
    ) {
        let Some(configuration) = &self.configuration else { return };
        if !self.session.may_begin_sign_in() {
            return;
        }
        let wait = configuration.sign_in_wait.min(SIGN_IN_WAIT);
        let pending = Pending {
            binding: AuthorizationSecrets::from_entropy(entropy),
            intent,
            began: self.now.wall,
            deadline: self.now.monotonic.after(wait),
            waits_until: self.now.wall.after(wait),
            hints,
            session: SessionId::default(),
            unusable_callback: false,
        };
        self.session.forget_problem();
        self.withdraw_invitation();
        if self.provider.recent_metadata(self.now.monotonic).is_some() {
            self.save_attempt(pending);
        } else {
            self.attempt = SignInAttempt::Discovering(pending);
            self.discover();
        }
    }

    pub(crate) fn cancel_sign_in(&mut self) {
        if self.attempt.pending().is_some() {
            self.attempt = SignInAttempt::None;
            self.clear(RecordKind::SignIn);
            self.session.sign_in_cancelled();
        }
    }

    pub(crate) fn open_browser_again(&mut self) {
        if let SignInAttempt::AwaitingCallback(pending, _) = self.attempt.take_if_waiting() {
            self.go_to_browser(pending);
        }
    }

    /// An attempt from before a restart goes on, if its time is not over.
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
            intent: record.intent,
            began: record.began,
            deadline: self.now.monotonic.after(wait - age),
            waits_until: record.began.after(wait),
            hints: record.hints,
            session: SessionId::default(),
            unusable_callback: false,
        };
        self.attempt = SignInAttempt::AwaitingCallback(pending, Browser::Opened);
        true
    }

    pub(crate) fn attempt_deadline(&mut self) {
        if self.attempt.deadline().is_some_and(|deadline| deadline <= self.now.monotonic) {
            self.sign_in_failed(took_too_long());
        }
    }

    pub(crate) fn attempt_discovered(&mut self) {
        match self.attempt.take() {
            SignInAttempt::Discovering(pending) => self.save_attempt(pending),
            SignInAttempt::AwaitingCallback(pending, Browser::Wanted) => {
                self.go_to_browser(pending)
            }
            SignInAttempt::CallbackReceived(pending, callback) => {
                self.exchange_code(pending, callback)
            }
            other @ (SignInAttempt::None
            | SignInAttempt::Saving(..)
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::Exchanging(..)
            | SignInAttempt::Verifying(..)) => self.attempt = other,
        }
    }

    pub(crate) fn attempt_time_asked(&mut self) {
        if matches!(self.attempt, SignInAttempt::Discovering(_)) {
            self.attempt_discovered();
        }
    }

    pub(crate) fn attempt_not_discovered(&mut self, problem: &Problem) {
        match &self.attempt {
            SignInAttempt::Discovering(_)
            | SignInAttempt::CallbackReceived(..)
            | SignInAttempt::AwaitingCallback(_, Browser::Wanted) => {
                self.sign_in_failed(problem.clone())
            }
            SignInAttempt::None
            | SignInAttempt::Saving(..)
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::Exchanging(..)
            | SignInAttempt::Verifying(..) => {}
        }
    }

    /// Whether it was saved or not, the sign-in goes on: without a keychain it only does not
    /// survive a restart.
    pub(crate) fn attempt_stored(&mut self, operation: Operation) {
        if matches!(&self.attempt, SignInAttempt::Saving(_, saving) if *saving == operation)
            && let SignInAttempt::Saving(pending, _) = self.attempt.take()
        {
            self.go_to_browser(pending);
        }
    }

    pub(crate) fn attempt_opened(
        &mut self,
        operation: Operation,
        outcome: Result<(), OpenBrowserError>,
    ) {
        if let SignInAttempt::AwaitingCallback(_, browser) = &mut self.attempt
            && matches!(browser, Browser::Opening(opening) if *opening == operation)
        {
            *browser = match outcome {
                Ok(()) => Browser::Opened,
                Err(OpenBrowserError(detail)) => Browser::Failed(
                    Problem::new(
                        ProblemCode::BrowserUnavailable,
                        "No browser could be opened. Copy the link and open it in a browser on this computer.",
                    )
                    .with_detail(detail),
                ),
            };
        }
    }

    /// RFC 6749 §10.12, RFC 9700 §4.7: `state` before anything else, the error included. A callback
    /// that does not match changes nothing, so that no web page can end a sign-in.
    pub(crate) fn callback(&mut self, callback: AuthorizationResponse) {
        let expected = match &self.attempt {
            SignInAttempt::AwaitingCallback(pending, _) => &pending.binding.state,
            SignInAttempt::None
            | SignInAttempt::Discovering(_)
            | SignInAttempt::Saving(..)
            | SignInAttempt::CallbackReceived(..)
            | SignInAttempt::Exchanging(..)
            | SignInAttempt::Verifying(..) => return,
        };
        if !expected.matches(callback.state.expose()) {
            self.unusable_callback();
            return;
        }
        let SignInAttempt::AwaitingCallback(pending, _) = self.attempt.take() else { return };
        self.effects.push(Effect::BringToFront);
        if pending.deadline <= self.now.monotonic {
            self.sign_in_failed(took_too_long());
        } else if self.provider.metadata().is_some() {
            self.exchange_code(pending, callback);
        } else {
            self.attempt = SignInAttempt::CallbackReceived(pending, callback);
            self.discover();
        }
    }

    /// The browser may be done without this program knowing: some errors come without a `state`. Anybody can
    /// open such a link, so it changes nothing but that the user is told what to do in that case.
    pub(crate) fn unusable_callback(&mut self) {
        if let SignInAttempt::AwaitingCallback(pending, _) = &mut self.attempt {
            pending.unusable_callback = true;
        }
    }

    pub(crate) fn code_exchanged(&mut self, outcome: HttpOutcome) {
        let SignInAttempt::Exchanging(pending, _) = self.attempt.take() else { return };
        match token_response::read(outcome, self.now.wall) {
            TokenResult::Success(response) => {
                self.attempt = SignInAttempt::Verifying(pending, response, false);
                self.verify_sign_in();
            }
            TokenResult::Rejected { error, description } => {
                let detail = description.unwrap_or(error);
                self.sign_in_failed(
                    Problem::new(
                        ProblemCode::SignInRefused,
                        "The environment did not accept this sign-in. Start again; if it stays so, tell your administrator.",
                    )
                    .with_detail(detail),
                );
            }
            TokenResult::Transient { offline, detail, .. } => {
                let problem = if offline {
                    Problem::new(
                        ProblemCode::Offline,
                        "The connection was lost while signing in. Check the network, then start again.",
                    )
                } else {
                    Problem::new(
                        ProblemCode::ServiceTrouble,
                        "The environment could not finish the sign-in. Try again in a little while.",
                    )
                };
                self.sign_in_failed(problem.with_detail(detail));
            }
        }
    }

    pub(crate) fn verify_sign_in(&mut self) {
        let (pending, response, refetched) = match self.attempt.take() {
            SignInAttempt::Verifying(pending, response, refetched) => {
                (pending, response, refetched)
            }
            other @ (SignInAttempt::None
            | SignInAttempt::Discovering(_)
            | SignInAttempt::Saving(..)
            | SignInAttempt::AwaitingCallback(..)
            | SignInAttempt::CallbackReceived(..)
            | SignInAttempt::Exchanging(..)) => {
                self.attempt = other;
                return;
            }
        };
        if self.provider.fetching_keys.is_some() {
            self.attempt = SignInAttempt::Verifying(pending, response, refetched);
            return;
        }
        match self.verified_session(&pending, &response) {
            Ok(record) => {
                self.clear(RecordKind::SignIn);
                self.signed_in(record);
            }
            Err(SignInVerifyError::Keys) if !refetched => {
                self.attempt = SignInAttempt::Verifying(pending, response, true);
                self.fetch_jwks();
            }
            Err(SignInVerifyError::UnknownKey)
                if !refetched && self.provider.try_refetch_keys(self.now.monotonic) =>
            {
                self.attempt = SignInAttempt::Verifying(pending, response, true);
                self.fetch_jwks();
            }
            Err(why) => self.sign_in_failed(why.problem()),
        }
    }

    fn save_attempt(&mut self, pending: Pending) {
        let known = self.provider.metadata();
        if pending.intent == SignInIntent::SignUp
            && known.is_some_and(|metadata| !metadata.offers_sign_up)
        {
            self.sign_in_failed(no_sign_up());
            return;
        }
        // Said before the user has typed a password, not after it; and of this computer's clock only when
        // it is certain that no cache is the one that is late.
        if self.provider.clock.is_in_doubt(self.now) {
            self.attempt = SignInAttempt::Discovering(pending);
            self.ask_time();
            return;
        }
        if self.provider.asking_time.is_some() {
            self.attempt = SignInAttempt::Discovering(pending);
            return;
        }
        if self.provider.clock.is_wrong(self.now) {
            self.sign_in_failed(clock_wrong());
            return;
        }
        let record = SignInRecord {
            binding: pending.binding.clone(),
            intent: pending.intent,
            hints: pending.hints.clone(),
            redirect_uri: self.configuration.as_ref().map(|one| one.redirect_uris.callback.clone()),
            began: pending.began,
        };
        let operation = self.store(RecordKind::SignIn, record.encode());
        self.attempt = SignInAttempt::Saving(pending, operation);
    }

    fn go_to_browser(&mut self, pending: Pending) {
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
        // The user takes seconds; the keys are here before they are needed.
        if self.provider.recent_keys(self.now.monotonic).is_none() {
            self.fetch_jwks();
        }
    }

    fn exchange_code(&mut self, mut pending: Pending, callback: AuthorizationResponse) {
        let Some((configuration, metadata)) =
            self.configuration.as_ref().zip(self.provider.metadata())
        else {
            return;
        };
        // RFC 9207 §2.4: compared before anything else of the answer is used, errors included.
        let issuer_fits = callback
            .issuer
            .as_ref()
            .map_or(!metadata.callback_carries_issuer, |issuer| *issuer == metadata.issuer);
        if !issuer_fits {
            self.sign_in_failed(rejected("The answer names another issuer"));
            return;
        }
        match callback.answer {
            AuthorizationOutcome::Code(code) => {
                let verifier = &pending.binding.code_verifier;
                let Some(request) =
                    token_response::code_request(configuration, metadata, &code, verifier)
                else {
                    self.sign_in_failed(rejected("The token endpoint cannot be used"));
                    return;
                };
                pending.session = SessionId::of_sign_in(&pending.binding.nonce, &code);
                // Consumed: a second delivery of the same link finds nothing that waits for it.
                self.clear(RecordKind::SignIn);
                let operation = self.operation();
                self.effects.push(Effect::Send(operation, RequestPurpose::CodeExchange, request));
                self.attempt = SignInAttempt::Exchanging(pending, operation);
            }
            AuthorizationOutcome::Error { error, description } => {
                self.sign_in_failed(authorization_error::problem(&error, description.as_deref()));
            }
        }
    }

    fn verified_session(
        &self,
        pending: &Pending,
        response: &TokenResponse,
    ) -> Result<SessionRecord, SignInVerifyError> {
        let configuration = self.configuration.as_ref().ok_or(SignInVerifyError::Keys)?;
        let keys = self.provider.recent_keys(self.now.monotonic).ok_or(SignInVerifyError::Keys)?;
        let id_token = response
            .id_token
            .as_ref()
            .ok_or(SignInVerifyError::Rejected("There is no ID token"))?;
        let (issuer, custom) = (configuration.environment.issuer(), &configuration.custom_claims);
        let who = id_token::verify(
            id_token,
            keys,
            &Validation {
                issuer,
                client_id: configuration.client_id.as_str(),
                organization: pending.hints.organization(configuration),
                binding: TokenBinding::SignIn { nonce: &pending.binding.nonce },
                access_token: &response.access_token,
                clocks: self.clocks(),
            },
        )
        .map_err(|why| match why {
            VerifyError::UnknownKey => SignInVerifyError::UnknownKey,
            VerifyError::Time => SignInVerifyError::Time,
            VerifyError::OtherSubject => SignInVerifyError::Rejected("it is about another user"),
            VerifyError::Claims(rule) | VerifyError::Unusable(rule) => {
                SignInVerifyError::Rejected(rule)
            }
        })?;
        let access = id_token::access_claims(&response.access_token, keys, issuer, who.subject());
        let session = if has_bug!(self, SessionNamedByAccessToken) {
            SessionId::of_sign_in(&Secret::new(""), &response.access_token)
        } else {
            pending.session.clone()
        };
        Ok(SessionRecord {
            session,
            generation: 0,
            refresh_token: response.refresh_token.clone(),
            access_token: response.access_token.clone(),
            access_token_ends: self.now.wall.after(response.lifetime),
            lifetime: response.lifetime,
            id_token: id_token.clone(),
            nonce: Some(Fingerprint::of_nonce(&pending.binding.nonce)),
            profile: profile(&who, access.verify_access_token_sub().as_ref(), None, custom),
            picture_url: who.text("picture").map(str::to_owned),
        })
    }
}

impl SignInAttempt {
    fn take_if_waiting(&mut self) -> Self {
        if matches!(self, Self::AwaitingCallback(..)) { self.take() } else { Self::None }
    }
}

/// Why tokens did not become a session.
enum SignInVerifyError {
    Keys,
    UnknownKey,
    Time,
    Rejected(&'static str),
}

impl SignInVerifyError {
    fn problem(&self) -> Problem {
        match self {
            Self::Keys => Problem::new(
                ProblemCode::ServiceTrouble,
                "The environment's signing keys could not be fetched, so the sign-in could not be checked. Try again in a little while.",
            ),
            Self::UnknownKey => rejected("The ID token is signed with an unknown key"),
            Self::Time => clock_wrong(),
            Self::Rejected(rule) => rejected(&format!("The ID token was refused: {rule}")),
        }
    }
}

pub(crate) fn clock_wrong() -> Problem {
    Problem::new(
        ProblemCode::ClockWrong,
        "This computer's clock and the environment's are too far apart. Set the clock, then try again.",
    )
}

pub(crate) fn rejected(detail: &str) -> Problem {
    Problem::new(
        ProblemCode::AnswerRejected,
        "The environment's answer did not pass the security checks, so nobody was signed in. Try again; if it stays so, tell your administrator.",
    )
    .with_detail(detail)
}

/// In the browser it would be an error without a `state`, or a page of JSON.
fn no_sign_up() -> Problem {
    Problem::new(
        ProblemCode::SignUpUnavailable,
        "This environment lets nobody create an account. Sign in with the one you have, or ask your administrator for one.",
    )
}

pub(crate) fn took_too_long() -> Problem {
    Problem::new(
        ProblemCode::SignInTimedOut,
        "The sign-in was not finished in the browser in time. Start again when you are ready.",
    )
}
