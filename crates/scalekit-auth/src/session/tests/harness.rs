//! The harness: the machine, a clock, a keychain in memory, and an environment that signs tokens.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    configuration::{ClientId, Configuration, EnvironmentUrl, OrganizationId, RedirectUris},
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::Entropy,
        http_response::{HttpError, HttpOutcome, HttpResponse},
        signing::{OURS, Signer, THEIRS, at_hash, json_response},
    },
    secret::Secret,
    session::{
        Effect, Event, IssuedToken, KeychainError, ListenError, Machine, Operation, TokenRequestId,
        TokenUnavailable,
    },
    storage::record::{AccountKey, RecordKind, StorageKey},
    testing::{self, Interpreter, parameter, requests_to, take_request},
    time::{Monotonic, Now, Wall},
    view::{RefreshView, SessionView, SignInIntent, SignInStep, SignOutScope, SignedOutReason},
};

pub use crate::testing::{CLIENT, DISCOVERY, ISSUER};
pub const LIFETIME: u64 = 300;

pub struct Harness {
    pub machine: Machine,
    pub now: Now,
    pub keychain: HashMap<RecordKind, Vec<u8>>,
    /// The account of `keychain`: the first one.
    pub account: Option<AccountKey>,
    /// The stored entries of other accounts.
    pub of_others: HashMap<StorageKey, Vec<u8>>,
    /// The error of all keychain operations, if they are to fail.
    pub keychain_failure: Option<KeychainError>,
    /// The test completes the writes to the keychain itself.
    pub keychain_held: bool,
    /// The keychain can be read and written, but deletes nothing.
    pub undeletable: bool,
    /// Files that cannot be written, such as on a full disk.
    pub unwritable: Vec<RecordKind>,
    /// Files that cannot be read.
    pub unreadable: Vec<RecordKind>,
    /// The pending effects in order, without those that the harness has completed.
    pub sent: Vec<(Operation, http::Request<Vec<u8>>)>,
    pub opened: Vec<(Operation, Url)>,
    pub held: Vec<(Operation, StorageKey, Zeroizing<Vec<u8>>)>,
    /// Another process holds the lock.
    pub lock_held_elsewhere: bool,
    /// Locks that are held or requested.
    pub locks: Vec<Operation>,
    pub given: Vec<(TokenRequestId, Result<IssuedToken, TokenUnavailable>)>,
    pub pictures: Vec<(Operation, String)>,
    /// Listeners at the loopback redirect URI.
    pub listeners: Vec<Operation>,
    /// The port of the next listener; `None` if it is to fail.
    pub free_port: Option<u16>,
    pub fronts: usize,
    pub views: Vec<SessionView>,
    pub wakes_at: Option<Monotonic>,
    /// The lead of this computer's clock over the environment's, in milliseconds.
    pub clock_is_ahead: i64,
    /// Whether the environment's responses have a `Date`.
    pub environment_sends_time: bool,
    /// The organization that users sign in to.
    pub organization: &'static str,
    draws: u8,
}

impl Interpreter for Harness {
    fn step(&mut self, event: Event) -> Vec<Effect> {
        self.machine.step(event, self.now)
    }

    fn perform(&mut self, effect: Effect) -> Option<Event> {
        self.carry_out(effect)
    }
}

impl Harness {
    /// A harness after the first start of the application.
    pub fn fresh() -> Self {
        Self::with_keychain(HashMap::new())
    }

    /// A harness with a signed-in user.
    pub fn signed_in() -> Self {
        let mut harness = Self::fresh();
        harness.signs_in();
        harness
    }

    /// A harness with a signed-in user whose access token has this lifetime in seconds.
    pub fn signed_in_with_lifetime(lifetime: u64) -> Self {
        let mut harness = Self::in_browser();
        harness.serve_jwks();
        harness.comes_back();
        let mut tokens = harness.tokens();
        tokens["expires_in"] = json!(lifetime);
        harness.gives(&tokens);
        harness
    }

    /// A harness with a signed-in user and a pending refresh request.
    pub fn refresh_in_flight() -> Self {
        let mut harness = Self::signed_in();
        harness.until_refresh();
        harness
    }

    /// A harness whose refresh has failed many times, the last time a while ago.
    pub fn unreached_for_hours(outcome: fn() -> HttpOutcome) -> Self {
        let mut harness = Self::refresh_in_flight();
        for _ in 0..12 {
            harness.respond("/oauth/token", outcome());
            harness.pass(seconds(700));
            harness.serve_discovery_if_requested();
        }
        harness.respond("/oauth/token", outcome());
        harness.pass(seconds(6));
        harness
    }

    /// A harness with a sign-in that is pending in the browser.
    pub fn in_browser() -> Self {
        let mut harness = Self::fresh();
        harness.wants_to_sign_in();
        harness.serve_discovery();
        harness
    }

    pub fn with_keychain(keychain: HashMap<RecordKind, Vec<u8>>) -> Self {
        let mut harness = Self::off(keychain);
        harness.happens(Event::Configured(Some(configuration())));
        harness
    }

    /// A harness before its first configuration.
    pub fn off(keychain: HashMap<RecordKind, Vec<u8>>) -> Self {
        Self {
            machine: Machine::new(7),
            now: Now {
                monotonic: Monotonic(Duration::from_secs(1000)),
                wall: Wall(1_800_000_000_000),
            },
            keychain,
            account: None,
            of_others: HashMap::new(),
            unwritable: Vec::new(),
            unreadable: Vec::new(),
            keychain_failure: None,
            keychain_held: false,
            undeletable: false,
            sent: Vec::new(),
            opened: Vec::new(),
            held: Vec::new(),
            lock_held_elsewhere: false,
            locks: Vec::new(),
            given: Vec::new(),
            pictures: Vec::new(),
            listeners: Vec::new(),
            free_port: Some(50123),
            fronts: 0,
            views: Vec::new(),
            wakes_at: None,
            clock_is_ahead: 0,
            environment_sends_time: true,
            organization: "org_1",
            draws: 0,
        }
    }

    /// The application after an exit, with the stored entries, before its first configuration.
    pub fn closed(&self) -> Self {
        let mut harness = Self::off(self.keychain.clone());
        harness.now = self.now;
        harness
    }

    /// Restarts the application after `later`, with the stored entries.
    pub fn restarted(self, later: Duration) -> Self {
        let mut harness = self.closed();
        harness.pass(later);
        harness.happens(Event::Configured(Some(configuration())));
        harness
    }

    pub fn happens(&mut self, event: Event) {
        self.run(event);
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Send(operation, _, request) => self.sent.push((operation, request)),
            Effect::OpenBrowser(operation, url) => self.opened.push((operation, url)),
            Effect::Lock(operation, _) => {
                self.locks.push(operation);
                if self.lock_held_elsewhere {
                    return None;
                }
                return Some(Event::Locked(operation, Ok(())));
            }
            Effect::Unlock(operation) => {
                let held = self.locks.iter().position(|one| *one == operation);
                self.locks.remove(held.expect("a lock that is ours"));
            }
            Effect::CompleteTokenRequest(caller, response) => self.given.push((caller, response)),
            Effect::Load(operation, entry) => {
                self.account.get_or_insert_with(|| entry.account.clone());
                let found = self.stored(&entry).map(Zeroizing::new);
                let outcome = match self.failure(entry.kind, &self.unreadable) {
                    Some(failure) => Err(failure),
                    None => Ok(found),
                };
                return Some(Event::Loaded(operation, outcome));
            }
            Effect::Store(operation, entry, bytes) => {
                if self.keychain_held && entry.kind.is_secret() {
                    self.held.push((operation, entry, bytes));
                    return None;
                }
                let outcome = self.failure(entry.kind, &self.unwritable).map_or(Ok(()), Err);
                if outcome.is_ok() {
                    self.keep(entry, Some(bytes.to_vec()));
                }
                return Some(Event::Stored(operation, outcome));
            }
            Effect::Append(operation, entry, line) => {
                let outcome = self.failure(entry.kind, &self.unwritable).map_or(Ok(()), Err);
                if outcome.is_ok() {
                    let mut lines = self.stored(&entry).unwrap_or_default();
                    lines.extend(line);
                    self.keep(entry, Some(lines));
                }
                return Some(Event::Stored(operation, outcome));
            }
            Effect::Delete(operation, entry, only) => {
                let undeletable =
                    self.undeletable.then(|| KeychainError::Failed("not deleted".to_owned()));
                let failure = self.failure(entry.kind, &[]).or(undeletable);
                let outcome = failure.map_or(Ok(()), Err);
                let is_permitted = self.stored(&entry).is_none_or(|bytes| only.permits(&bytes));
                if outcome.is_ok() && is_permitted {
                    self.keep(entry, None);
                }
                return Some(Event::Deleted(operation, outcome));
            }
            Effect::FetchPicture(operation, url, _) => self.pictures.push((operation, url)),
            Effect::Listen(operation, ..) => {
                let port = self.free_port.ok_or_else(|| ListenError("in use".to_owned()));
                if port.is_ok() {
                    self.listeners.push(operation);
                }
                return Some(Event::Listening(operation, port));
            }
            Effect::StopListening(operation) => self.listeners.retain(|one| *one != operation),
            Effect::SetTimer(at) => self.wakes_at = at,
            Effect::BringToFront => self.fronts += 1,
            Effect::PublishView(view) => self.views.push(view),
        }
        None
    }

    fn stored(&self, entry: &StorageKey) -> Option<Vec<u8>> {
        if self.account.as_ref() == Some(&entry.account) {
            return self.keychain.get(&entry.kind).cloned();
        }
        self.of_others.get(entry).cloned()
    }

    fn keep(&mut self, entry: StorageKey, bytes: Option<Vec<u8>>) {
        let ours = self.account.as_ref() == Some(&entry.account);
        match (bytes, ours) {
            (Some(bytes), true) => drop(self.keychain.insert(entry.kind, bytes)),
            (Some(bytes), false) => drop(self.of_others.insert(entry, bytes)),
            (None, true) => drop(self.keychain.remove(&entry.kind)),
            (None, false) => drop(self.of_others.remove(&entry)),
        }
    }

    /// The error of this entry: the keychain's, or that of a file.
    fn failure(&self, kind: RecordKind, files: &[RecordKind]) -> Option<KeychainError> {
        if kind.is_secret() {
            return self.keychain_failure.clone();
        }
        files.contains(&kind).then(|| KeychainError::Failed("input/output error".to_owned()))
    }

    /// Advances the clock and fires the timer at each time that the machine has set.
    pub fn pass(&mut self, time: Duration) {
        let until = self.now.monotonic.after(time);
        while let Some(at) = self.wakes_at.filter(|at| *at <= until) {
            let at = at.max(self.now.monotonic);
            self.now.wall = self.now.wall_at(at);
            self.now.monotonic = at;
            self.happens(Event::TimerFired);
            assert_ne!(self.wakes_at, Some(at), "the machine would spin");
        }
        self.now.wall = self.now.wall_at(until);
        self.now.monotonic = until;
    }

    pub fn wants_to_sign_in(&mut self) {
        let entropy = self.entropy();
        self.happens(Event::SignIn { request: SignInIntent::SignIn.into(), entropy });
    }

    pub fn wants_to_sign_out(&mut self) {
        let entropy = self.entropy();
        self.happens(Event::SignOut { scope: SignOutScope::SharedSession, entropy });
    }

    pub fn entropy(&mut self) -> Entropy {
        self.draws += 1;
        Entropy([self.draws; 96])
    }

    /// Completes the oldest request to this path, which must exist.
    #[track_caller]
    pub fn respond(&mut self, path: &str, mut outcome: HttpOutcome) {
        if let Ok(response) = &mut outcome
            && self.environment_sends_time
        {
            let time = std::time::UNIX_EPOCH
                + Duration::from_millis(self.environment_time().0.try_into().unwrap());
            response.date = Some(httpdate::fmt_http_date(time));
        }
        let operation = take_request(&mut self.sent, path);
        let operation = operation.unwrap_or_else(|| panic!("no {path} was sent"));
        self.happens(Event::HttpCompleted(operation, outcome));
    }

    fn environment_time(&self) -> Wall {
        Wall(self.now.wall.0 - self.clock_is_ahead)
    }

    /// Sets this computer's clock.
    pub fn clock_is_set(&mut self, ahead: i64) {
        self.now.wall.0 += ahead - self.clock_is_ahead;
        self.clock_is_ahead = ahead;
    }

    pub fn requests_to(&self, path: &str) -> usize {
        requests_to(&self.sent, path)
    }

    pub fn serve_discovery(&mut self) {
        self.respond(DISCOVERY, Ok(json_response(200, &discovery())));
        // The machine bypasses caches before it reports a wrong clock.
        if self.requests_to(DISCOVERY) > 0 {
            self.respond(DISCOVERY, status(405, None));
        }
    }

    pub fn serve_discovery_if_requested(&mut self) {
        if self.requests_to(DISCOVERY) > 0 {
            self.serve_discovery();
        }
    }

    pub fn serve_jwks(&mut self) {
        self.respond("/keys", Ok(json_response(200, &json!({ "keys": [OURS.jwk()] }))));
    }

    pub fn serve_jwks_if_requested(&mut self) {
        if self.requests_to("/keys") > 0 {
            self.serve_jwks();
        }
    }

    /// A parameter of the URL that was opened last.
    #[track_caller]
    pub fn sent_parameter(&self, name: &str) -> String {
        let (_, url) = self.opened.last().unwrap();
        parameter(url, name).unwrap_or_else(|| panic!("no {name}"))
    }

    /// The authorization response of a successful sign-in.
    pub fn good_link(&self) -> String {
        format!(
            "io.latchkey.desktop://callback?code=c0de&state={}&iss={ISSUER}",
            self.sent_parameter("state")
        )
    }

    pub fn follows(&mut self, link: &str) {
        self.happens(Event::Link(Zeroizing::new(link.as_bytes().to_vec())));
    }

    /// A token response for the pending sign-in.
    pub fn tokens(&self) -> Value {
        self.tokens_of("usr_1", "rt-1", Some(&self.sent_parameter("nonce")), &OURS)
    }

    pub fn refreshed_tokens(&self, refresh_token: &str) -> Value {
        self.tokens_of("usr_1", refresh_token, None, &OURS)
    }

    pub fn tokens_of(
        &self,
        subject: &str,
        refresh_token: &str,
        nonce: Option<&str>,
        signer: &Signer,
    ) -> Value {
        let now = self.environment_time().seconds();
        let access = signer.sign(&json!({
            "iss": ISSUER, "sub": subject, "aud": [CLIENT], "iat": now, "exp": now + 300,
            "jti": refresh_token, "roles": ["admin"], "permissions": ["reports:read"],
            "oid": self.organization,
        }));
        let mut claims = json!({
            "iss": ISSUER, "sub": subject, "aud": [CLIENT], "iat": now, "exp": now + 300,
            "at_hash": at_hash(access.expose()), "name": "Ada Lovelace",
            "email": "ada@analytical.example", "email_verified": true,
            "oid": self.organization,
            "picture": "https://acme.scalekit.com/ada.png",
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        json!({
            "access_token": access.expose(), "id_token": signer.sign(&claims).expose(),
            "refresh_token": refresh_token, "token_type": "Bearer", "expires_in": LIFETIME,
        })
    }

    /// Performs a whole sign-in.
    pub fn signs_in(&mut self) {
        self.wants_to_sign_in();
        self.serve_discovery_if_requested();
        self.serve_jwks_if_requested();
        self.finishes_in_the_browser();
        assert_eq!(self.profile_name(), "Ada Lovelace");
    }

    /// Delivers the authorization response and the token response.
    pub fn finishes_in_the_browser(&mut self) {
        self.comes_back();
        let tokens = self.tokens();
        self.gives(&tokens);
    }

    /// Delivers the authorization response.
    pub fn comes_back(&mut self) {
        let link = self.good_link();
        self.follows(&link);
    }

    /// Delivers the authorization response, and tokens that are signed with a key that is not in the JWKS yet.
    pub fn comes_back_signed_with_unknown_kid(&mut self) {
        self.comes_back();
        let tokens = self.tokens_of("usr_1", "rt-1", Some(&self.sent_parameter("nonce")), &THEIRS);
        self.gives(&tokens);
    }

    /// Completes the JWKS request with the keys after a rotation.
    pub fn serve_rotated_jwks(&mut self) {
        self.respond(
            "/keys",
            Ok(json_response(200, &json!({ "keys": [OURS.jwk(), THEIRS.jwk()] }))),
        );
    }

    /// Completes the token request with this token response.
    pub fn gives(&mut self, tokens: &Value) {
        self.respond("/oauth/token", Ok(json_response(200, tokens)));
    }

    /// Advances the clock until the next refresh request was sent, and returns its form.
    pub fn until_refresh(&mut self) -> String {
        for _ in 0..290 {
            self.pass(Duration::from_secs(1));
            self.serve_discovery_if_requested();
            if self.requests_to("/oauth/token") > 0 {
                break;
            }
        }
        self.form()
    }

    /// Completes the writes to the keychain that were held.
    pub fn completes_held_writes(&mut self) {
        for (operation, entry, bytes) in std::mem::take(&mut self.held) {
            self.keep(entry, Some(bytes.to_vec()));
            self.happens(Event::Stored(operation, Ok(())));
        }
    }

    /// The form of the pending token request.
    #[track_caller]
    pub fn form(&self) -> String {
        let request = self.sent.iter().find(|(_, request)| request.uri().path() == "/oauth/token");
        String::from_utf8(request.unwrap().1.body().clone()).unwrap()
    }

    #[track_caller]
    pub fn view(&self) -> &SessionView {
        self.views.last().unwrap()
    }

    #[track_caller]
    pub fn problem(&self) -> Option<ProblemCode> {
        match self.view() {
            SessionView::SignedIn { problem, .. } => problem.as_ref().map(|problem| problem.code),
            other => panic!("nobody is signed in: {other:?}"),
        }
    }

    #[track_caller]
    pub fn profile_name(&self) -> &str {
        match self.view() {
            SessionView::SignedIn { profile, .. } => profile.name.as_deref().unwrap(),
            other => panic!("nobody is signed in: {other:?}"),
        }
    }

    #[track_caller]
    pub fn refresh(&self) -> &RefreshView {
        match self.view() {
            SessionView::SignedIn { refresh, .. } => refresh,
            other => panic!("nobody is signed in: {other:?}"),
        }
    }

    #[track_caller]
    pub fn is_signed_out(&self, expected: SignedOutReason) -> Option<&Problem> {
        match self.view() {
            SessionView::SignedOut { reason, problem, .. } => {
                assert_eq!(*reason, expected, "{problem:?}");
                problem.as_ref()
            }
            other => panic!("not signed out: {other:?}"),
        }
    }

    #[track_caller]
    pub fn sign_in_failed_with(&self, code: ProblemCode) {
        let problem = self.is_signed_out(SignedOutReason::SignInFailed);
        assert_eq!(problem.map(|problem| problem.code), Some(code));
    }

    #[track_caller]
    pub fn is_at(&self, expected: SignInStep) {
        match self.view() {
            SessionView::SigningIn { step, .. } => assert_eq!(*step, expected),
            other => panic!("no sign-in is under way: {other:?}"),
        }
    }

    /// The refresh token in the keychain.
    pub fn stored_refresh_token(&self) -> Option<String> {
        self.stored_session()?["refresh_token"].as_str().map(str::to_owned)
    }

    pub fn stored_session(&self) -> Option<Value> {
        Some(serde_json::from_slice(self.keychain.get(&RecordKind::Session)?).unwrap())
    }
}

pub fn configuration() -> Configuration {
    testing::configuration("io.latchkey.desktop")
}

pub fn numbered_environment(number: usize) -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse(&format!("https://e{number}.scalekit.com")).unwrap(),
        ClientId::parse("skc_other").unwrap(),
        RedirectUris::with_scheme("io.latchkey.desktop").unwrap(),
    )
}

pub fn other_environment() -> Configuration {
    numbered_environment(0)
}

pub fn pinned_to(organization: &str) -> Configuration {
    let organization = OrganizationId::parse(organization).ok();
    Configuration { organization, ..configuration() }
}

pub fn configured(harness: &mut Harness, configuration: Configuration) {
    harness.happens(Event::Configured(Some(configuration)));
}

/// A session in memory only, without a keychain.
pub fn in_memory() -> Harness {
    let mut harness = Harness::off(HashMap::new());
    harness.keychain_failure = Some(KeychainError::Missing(String::new()));
    configured(&mut harness, configuration());
    harness.happens(Event::ContinueWithoutKeychain);
    harness.signs_in();
    harness
}

pub fn wants_token(harness: &mut Harness, caller: u64, rejected_token: Option<Secret>) {
    harness.happens(Event::AccessTokenRequested { caller: TokenRequestId(caller), rejected_token });
}

pub fn discovery() -> Value {
    let mut document = testing::discovery();
    document["end_session_endpoint"] = format!("{ISSUER}/oidc/logout").into();
    document["authorization_response_iss_parameter_supported"] = true.into();
    document
}

pub fn refused(error: &str) -> HttpOutcome {
    Ok(json_response(400, &json!({ "error": error, "error_description": "no" })))
}

pub fn status(status: u16, retry_after: Option<&str>) -> HttpOutcome {
    Ok(HttpResponse { retry_after: retry_after.map(str::to_owned), ..HttpResponse::new(status) })
}

pub fn offline() -> HttpOutcome {
    Err(HttpError::Unreachable("connection refused".to_owned()))
}

pub fn interrupted() -> HttpOutcome {
    Err(HttpError::Interrupted("connection reset".to_owned()))
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Begins a switch through the environment's selector.
pub fn selects_organization(harness: &mut Harness) {
    let entropy = harness.entropy();
    harness.happens(Event::SignIn { request: SignInIntent::SelectOrganization.into(), entropy });
    harness.serve_discovery_if_requested();
    harness.serve_jwks_if_requested();
}
