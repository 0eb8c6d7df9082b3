//! A `scalekit-dev` environment that plays a case, and a program that uses it.

use scalekit_auth::{Configuration, Problem, ProblemCode, RefreshView, SessionView};
use scalekit_auth_native::HttpClient;
use scalekit_dev::{Endpoint, Environment, InjectedFault, Options, Settings, Times, TokenKind};
use serde_json::Value;
use url::Url;

use crate::program::{Memory, Program, configuration, within_timeout};

// Alan has no picture, which would cause a further request.
pub use scalekit_dev::ALAN;

pub const DISCOVERY: &str = "GET /.well-known/openid-configuration";
pub const KEYS: &str = "GET /keys";
pub const TOKEN: &str = "POST /oauth/token";

/// The requests of a sign-in.
pub const SIGN_IN: [&str; 3] = [DISCOVERY, KEYS, TOKEN];

pub struct Fixture {
    pub environment: Environment,
    pub memory: Memory,
    pub program: Program,
}

impl Fixture {
    pub async fn set() -> Self {
        Self::set_with(|_| {}).await
    }

    /// A fixture with a changed configuration.
    pub async fn set_with(special: impl FnOnce(&mut Configuration)) -> Self {
        Self::at(Settings::default(), special).await
    }

    /// A fixture whose environment sends `iss` in authorization responses (RFC 9207).
    pub async fn naming_its_issuer() -> Self {
        let options = Options { issuer_in_callbacks: true, ..Options::default() };
        Self::at(Settings { options, ..Settings::default() }, |_| {}).await
    }

    async fn at(settings: Settings, special: impl FnOnce(&mut Configuration)) -> Self {
        let environment = Environment::start(settings).await.unwrap();
        let memory = Memory::default();
        let program = Program::start(&memory);
        let mut configuration = configuration(&environment);
        special(&mut configuration);
        program.session.configure(Some(configuration));
        Self { environment, memory, program }
    }

    /// A fixture whose environment injects this fault once.
    pub async fn hostile(endpoint: Endpoint, fault: InjectedFault) -> Self {
        let fixture = Self::set().await;
        fixture.environment.inject_fault(endpoint, fault, Times::Once);
        fixture
    }

    /// Ends the program and starts it again.
    pub async fn restarts(self) -> Self {
        let Self { environment, memory, program } = self;
        program.ends().await;
        let program = Program::at(&environment, &memory);
        Self { environment, memory, program }
    }

    /// Begins a sign-in; returns the opened page when the JWKS has been requested too.
    pub async fn begins(&mut self) -> Url {
        let page = self.program.begins().await;
        within_timeout(self.environment.wait_for("/keys", 1)).await;
        page
    }

    /// The user signs in, and the browser delivers the redirect.
    pub async fn comes_back(&mut self) {
        let page = self.begins().await;
        self.program.follows(&self.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    }

    /// Signs in, and waits until the session is stored.
    pub async fn signs_in(&mut self) {
        self.comes_back().await;
        self.is_signed_in().await;
        self.program.session.flush().await;
    }

    pub async fn is_signed_in(&self) {
        assert_eq!(self.program.user().await, "Alan Turing");
    }

    /// No user is signed in, and the view shows this problem. Nothing that was rejected is stored.
    pub async fn is_refused(&self, code: ProblemCode, detail: &str) {
        let problem = self.program.shows(problem).await;
        assert_eq!((problem.code, problem.detail.as_deref()), (code, Some(detail)));
        self.program.session.flush().await;
        assert_eq!(self.memory.refresh_token(), None);
    }

    /// An ID token that breaks this rule is rejected, and no further request is sent, except for the metadata where the
    /// token is from another issuer: the environment may have been renamed.
    pub async fn refuses_the_id_token(&mut self, rule: &str) {
        self.comes_back().await;
        let detail = format!("The ID token was refused: {rule}");
        self.is_refused(ProblemCode::AnswerRejected, &detail).await;
        let refetches = rule == "it is from another issuer";
        let further = refetches.then_some("GET /.well-known/openid-configuration");
        let expected: Vec<_> = SIGN_IN.iter().copied().chain(further).collect();
        assert_eq!(self.requests().await, expected);
    }

    /// All requests so far, in order. Those that the program had begun are included: the last request uses the
    /// same connection pool after them.
    pub async fn requests(&self) -> Vec<String> {
        self.program.session.flush().await;
        let last = http::Request::get(format!("{}/", self.environment.url()));
        let http: &HttpClient = self.program.session.http();
        http.send(last.body(Vec::new()).unwrap()).await.unwrap();
        let mut requests = self.environment.arrivals();
        requests.retain(|request| request != "GET /");
        requests
    }

    /// Refreshes the session and waits until that has succeeded or failed, and is stored.
    pub async fn refreshes(&self) {
        self.program.session.refresh();
        // The task processes commands in order, so after this one the view includes the refresh.
        self.program.session.sign_in_link().await;
        self.program
            .shows(|view| match view {
                SessionView::SignedIn { refresh: RefreshView::Refreshing, .. } => None,
                _ => Some(()),
            })
            .await;
        self.program.session.flush().await;
    }

    /// The problem because of which the refresh is delayed.
    pub async fn is_delayed(&self) -> Problem {
        self.program
            .shows(|view| match view {
                SessionView::SignedIn { refresh: RefreshView::Delayed { problem, .. }, .. } => {
                    Some(problem.clone())
                }
                _ => None,
            })
            .await
    }
}

pub fn problem(view: &SessionView) -> Option<Problem> {
    let SessionView::SignedOut { problem, .. } = view else { return None };
    problem.clone()
}

pub fn id_claim(claim: &str, value: impl Into<Value>) -> InjectedFault {
    InjectedFault::WrongClaim { token: TokenKind::Id, claim: claim.to_owned(), value: value.into() }
}

pub fn no_id_claim(claim: &str) -> InjectedFault {
    InjectedFault::MissingClaim { token: TokenKind::Id, claim: claim.to_owned() }
}

pub fn id_header(parameter: &str, value: Option<Value>) -> InjectedFault {
    InjectedFault::TokenHeader { token: TokenKind::Id, parameter: parameter.to_owned(), value }
}

pub fn member(member: &str, value: impl Into<Value>) -> InjectedFault {
    InjectedFault::Member { member: member.to_owned(), value: Some(value.into()) }
}

pub fn no_member(member: &str) -> InjectedFault {
    InjectedFault::Member { member: member.to_owned(), value: None }
}
