//! The self-check of the environment: discovery, the connection, the clock, the redirect URI.

use std::time::Duration;

use url::Url;

use super::{CheckName, Finding, FindingCode};
use crate::{
    configuration::{Configuration, LoopbackPort, loopback_redirect_uri},
    origin::is_loopback,
    problem::{Problem, ProblemCode},
    protocol::{
        authorization_request::{AuthorizationSecrets, Entropy, Hints, authorization_url},
        http_response::{HttpError, HttpOutcome, HttpResponse},
        metadata::{self, Metadata},
    },
    session::MAX_CLOCKS_APART,
    time::Wall,
    view::SignInIntent,
};

/// The maximum difference of clocks that are synchronized over the network.
const CLOCKS_AGREE: Duration = Duration::from_secs(60);

/// A certificate of the connection to the environment, trusted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCertificate {
    /// The issuer of the certificate.
    pub issuer: String,
    /// The issuers of the other certificates in the chain, in their order.
    pub chain: Vec<String>,
}

/// The result of the discovery request, and the connection it used.
pub struct EnvironmentResponse {
    /// The response, or the error.
    pub outcome: HttpOutcome,
    /// This computer's clock at the time of receipt.
    pub received: Wall,
    /// The proxy of the request, without a user name or a password.
    pub proxy: Option<String>,
    /// The server's certificate.
    pub certificate: Option<SeenCertificate>,
}

/// A port of the range from which a system takes those of clients (RFC 6335 §6).
const DYNAMIC_PORT: u16 = 49152;

/// The check of a redirect URI, which needs the endpoints of the discovery document.
#[derive(Clone)]
pub struct RedirectUriCheck {
    request: http::Request<Vec<u8>>,
    redirect_uri: String,
    state: String,
    kind: Kind,
}

/// What a request of a [`RedirectUriCheck`] tries.
#[derive(Clone)]
enum Kind {
    /// The deep link.
    Callback,
    /// The loopback redirect URI with its fixed port.
    FixedPort,
    /// The loopback redirect URI with a port that is not registered, and the check of the registered one.
    AnyPort(Box<RedirectUriCheck>),
    /// The loopback redirect URI without a port, after the environment has rejected it with one.
    WithoutPort,
}

impl std::fmt::Debug for RedirectUriCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RedirectUriCheck({})", self.redirect_uri)
    }
}

/// The findings of a discovery request, and the checks that its response makes possible.
#[must_use]
pub fn environment_findings(
    configuration: &Configuration,
    response: EnvironmentResponse,
    entropy: &Entropy,
) -> (Vec<Finding>, Vec<RedirectUriCheck>) {
    let EnvironmentResponse { outcome, received, proxy, certificate } = response;
    let environment = &configuration.environment;
    let mut findings = vec![
        clock(&outcome, received),
        proxy_finding(proxy.as_deref(), &outcome),
        certificate_finding(configuration, &outcome, certificate.as_ref()),
    ];
    let (code, problem, metadata) = match metadata::read(environment, outcome) {
        Ok(metadata) => (FindingCode::DiscoveryValid, None, Some(metadata)),
        Err(problem) if is_passing(problem.code) => {
            (FindingCode::DiscoveryUnreached, Some(problem), None)
        }
        Err(problem) => (FindingCode::DiscoveryRejected, Some(problem), None),
    };
    let mut discovery = Finding::new(CheckName::Discovery, code);
    if let Some(problem) = problem {
        discovery = discovery.because(problem);
    }
    findings.push(discovery.with("environment", environment.issuer()));
    let redirect_uris = metadata
        .map(|metadata| RedirectUriCheck::of_each(configuration, &metadata, entropy))
        .unwrap_or_default();
    for check in redirect_uri_checks(configuration) {
        if !redirect_uris.iter().any(|one| one.name() == check) {
            findings.push(Finding::new(check, FindingCode::NotChecked));
        }
    }
    (findings, redirect_uris)
}

/// The checks of this configuration's redirect URIs.
pub fn redirect_uri_checks(
    configuration: &Configuration,
) -> impl Iterator<Item = CheckName> + use<> {
    let loopback = configuration.loopback.map(|_| CheckName::LoopbackRedirectUri);
    std::iter::once(CheckName::RedirectUri).chain(loopback)
}

/// The findings without an environment. The problem is that of the settings, if any.
#[must_use]
pub fn unconfigured_findings(problem: Option<Problem>) -> Vec<Finding> {
    let discovery = Finding::new(CheckName::Discovery, FindingCode::NotConfigured);
    let discovery = match problem {
        Some(problem) => discovery.because(problem),
        None => discovery,
    };
    let others =
        [CheckName::Proxy, CheckName::Certificate, CheckName::Clock, CheckName::RedirectUri];
    let not_checked = |check| Finding::new(check, FindingCode::NotChecked);
    std::iter::once(discovery).chain(others.map(not_checked)).collect()
}

/// Whether the settings may be correct: the network, the service or this computer prevents the check.
fn is_passing(code: ProblemCode) -> bool {
    code.is_unreached()
        || matches!(
            code,
            ProblemCode::ServiceUnavailable
                | ProblemCode::NetworkSignIn
                | ProblemCode::EnvironmentForbidden
        )
}

/// RFC 9110 §6.6.1: `Date` is the time at which the origin generated the response; a cache adds `Age`.
fn clock(outcome: &HttpOutcome, received: Wall) -> Finding {
    let finding = |code| Finding::new(CheckName::Clock, code);
    let Ok(http_response) = outcome else { return finding(FindingCode::NotChecked) };
    let Some(date) = http_response.date() else { return finding(FindingCode::ClockUnknown) };
    let theirs = date.after(http_response.age());
    let (ahead, behind) = (received.since(theirs), theirs.since(received));
    let code = if ahead > MAX_CLOCKS_APART {
        FindingCode::ClockFarAhead
    } else if behind > MAX_CLOCKS_APART {
        FindingCode::ClockFarBehind
    } else if ahead > CLOCKS_AGREE {
        FindingCode::ClockAhead
    } else if behind > CLOCKS_AGREE {
        FindingCode::ClockBehind
    } else {
        return finding(FindingCode::ClockRight);
    };
    finding(code).with("apart", shown(ahead.max(behind)))
}

/// `1:02:03`, in every language.
fn shown(apart: Duration) -> String {
    let seconds = apart.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn proxy_finding(proxy: Option<&str>, outcome: &HttpOutcome) -> Finding {
    let finding = |code| Finding::new(CheckName::Proxy, code);
    let is_rejected = matches!(outcome, Err(HttpError::ProxySignIn));
    let requires_authentication =
        outcome.as_ref().is_ok_and(|http_response| http_response.status == 407);
    match proxy {
        Some(proxy) if is_rejected || requires_authentication => {
            finding(FindingCode::ProxySignIn).with("proxy", proxy)
        }
        Some(proxy) => match outcome {
            Ok(_) | Err(HttpError::Certificate(..) | HttpError::TooLarge) => {
                finding(FindingCode::ProxyUsed).with("proxy", proxy)
            }
            Err(
                why @ (HttpError::Unreachable(_)
                | HttpError::TimedOut
                | HttpError::Malformed(_)
                | HttpError::Interrupted(_)
                | HttpError::ProxySignIn
                | HttpError::ProxyRejected),
            ) => {
                finding(FindingCode::ProxyInDoubt).with("proxy", proxy).with_detail(why.to_string())
            }
        },
        None => finding(FindingCode::ProxyNone),
    }
}

fn certificate_finding(
    configuration: &Configuration,
    outcome: &HttpOutcome,
    seen: Option<&SeenCertificate>,
) -> Finding {
    let finding = |code| Finding::new(CheckName::Certificate, code);
    let url = configuration.environment.at("/");
    if url.scheme() == "http" && is_loopback(&url) {
        return finding(FindingCode::CertificateLocal);
    }
    let issuer = seen.map_or("?", |seen| &seen.issuer);
    match (outcome, seen) {
        (Err(why @ HttpError::Certificate(_, issuer_of_error)), _) => {
            let issuer = issuer_of_error.as_deref().unwrap_or(issuer);
            finding(FindingCode::CertificateRejected)
                .because(why.problem(&configuration.environment))
                .with("issuer", issuer)
        }
        // A response was received over TLS, regardless of its content.
        (Ok(_) | Err(HttpError::TooLarge | HttpError::Malformed(_)), Some(seen)) => {
            let chain = seen.chain.join(" ← ");
            finding(FindingCode::CertificateTrusted).with("issuer", issuer).with_detail(chain)
        }
        (Ok(_) | Err(_), _) => finding(FindingCode::NotChecked),
    }
}

impl RedirectUriCheck {
    /// That of each redirect URI of the configuration. They share their `state`, as none of their responses has a code.
    fn of_each(configuration: &Configuration, metadata: &Metadata, entropy: &Entropy) -> Vec<Self> {
        let with =
            |uri: &str, kind| Self::new(configuration, metadata, entropy, uri.to_owned(), kind);
        let loopback = configuration.loopback.and_then(|port| match port {
            LoopbackPort::Fixed(_) => with(&port.redirect_uri(), Kind::FixedPort),
            LoopbackPort::Any => {
                let without_port = with(&port.redirect_uri(), Kind::WithoutPort)?;
                with(&loopback_redirect_uri(DYNAMIC_PORT), Kind::AnyPort(Box::new(without_port)))
            }
        });
        let callback = with(&configuration.redirect_uris.callback, Kind::Callback);
        callback.into_iter().chain(loopback).collect()
    }

    /// An authorization request without a page (OpenID Connect Core §3.1.2.1, `prompt=none`) and without cookies: an
    /// environment that knows the redirect URI redirects to it with the error that no user is signed in.
    fn new(
        configuration: &Configuration,
        metadata: &Metadata,
        entropy: &Entropy,
        redirect_uri: String,
        kind: Kind,
    ) -> Option<Self> {
        let secrets = AuthorizationSecrets::from_entropy(entropy);
        // An organization's own sign-in page would cause another redirect.
        let configuration = Configuration { organization: None, ..configuration.clone() };
        let mut url = authorization_url(
            &configuration,
            metadata,
            &secrets,
            &redirect_uri,
            SignInIntent::SignIn,
            &Hints::default(),
        )?;
        url.query_pairs_mut().append_pair("prompt", "none");
        let request = http::Request::get(url.as_str())
            .header(http::header::ACCEPT, "text/html")
            .header(http::header::CACHE_CONTROL, "no-cache");
        Some(Self {
            request: request.body(Vec::new()).ok()?,
            redirect_uri,
            state: secrets.state.expose().to_owned(),
            kind,
        })
    }

    /// Which check it is.
    #[must_use]
    pub fn name(&self) -> CheckName {
        match self.kind {
            Kind::Callback => CheckName::RedirectUri,
            Kind::FixedPort | Kind::AnyPort(_) | Kind::WithoutPort => {
                CheckName::LoopbackRedirectUri
            }
        }
    }

    /// The check that replaces this one after such a response: whether the environment, which has rejected a loopback
    /// redirect URI, accepts it without a port.
    #[must_use]
    pub fn next(&self, outcome: &HttpOutcome) -> Option<Self> {
        match &self.kind {
            Kind::AnyPort(without_port) if is_error_page(outcome) => Some((**without_port).clone()),
            Kind::AnyPort(_) | Kind::Callback | Kind::FixedPort | Kind::WithoutPort => None,
        }
    }

    /// The request to send.
    #[must_use]
    pub fn request(&self) -> http::Request<Vec<u8>> {
        self.request.clone()
    }

    /// The finding from the response.
    ///
    /// RFC 6749 §4.1.2.1: an error in the redirect URI or the client id is shown to the user, every other one
    /// is sent to the redirect URI. That Scalekit's error page has one of these statuses is inferred; so any
    /// other response is inconclusive.
    #[must_use]
    pub fn finding(&self, outcome: &HttpOutcome) -> Finding {
        let arrives = outcome.as_ref().is_ok_and(|http_response| self.arrives(http_response));
        let is_rejected = is_error_page(outcome);
        let code = match &self.kind {
            Kind::WithoutPort if arrives => FindingCode::LoopbackPortCompared,
            Kind::Callback | Kind::FixedPort | Kind::AnyPort(_) if arrives => {
                FindingCode::RedirectUriRegistered
            }
            Kind::Callback if is_rejected => FindingCode::RedirectUriRejected,
            Kind::FixedPort | Kind::AnyPort(_) if is_rejected => {
                FindingCode::LoopbackRedirectUriRejected
            }
            // It was rejected with a port.
            Kind::WithoutPort => FindingCode::LoopbackRedirectUriRejected,
            Kind::Callback | Kind::FixedPort | Kind::AnyPort(_) => FindingCode::RedirectUriUnknown,
        };
        // The address that is to be registered.
        let address = match &self.kind {
            Kind::AnyPort(registered) => &registered.redirect_uri,
            Kind::Callback | Kind::FixedPort | Kind::WithoutPort => &self.redirect_uri,
        };
        let finding = Finding::new(self.name(), code).with("address", address);
        match outcome {
            Ok(_) if arrives => finding,
            Ok(http_response) => finding.with_detail(format!("Status {}", http_response.status)),
            Err(why) => finding.with_detail(why.to_string()),
        }
    }

    /// Whether the response redirects to the redirect URI with the `state` of this request.
    fn arrives(&self, http_response: &HttpResponse) -> bool {
        let is_redirect = matches!(http_response.status, 302 | 303 | 307);
        let target = http_response.location.as_deref().and_then(|target| {
            let rest = target.strip_prefix(&self.redirect_uri)?;
            rest.starts_with(['?', '/']).then(|| Url::parse(target).ok()).flatten()
        });
        is_redirect
            && target.is_some_and(|target| {
                target.query_pairs().any(|(name, value)| name == "state" && value == self.state)
            })
    }
}

/// RFC 6749 §4.1.2.1: what the environment shows in place of a redirect.
fn is_error_page(outcome: &HttpOutcome) -> bool {
    outcome
        .as_ref()
        .is_ok_and(|http_response| matches!(http_response.status, 400 | 401 | 404 | 422))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        configuration::{ClientId, EnvironmentUrl, RedirectUris},
        protocol::http_response::CertificateFault,
        self_check::FindingLevel,
    };
    use serde_json::json;

    /// 1994-11-06 08:49:37 UTC.
    const SECONDS: i64 = 784_111_777;

    fn configuration(url: &str) -> Configuration {
        Configuration::new(
            EnvironmentUrl::parse(url).unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        )
    }

    fn acme() -> Configuration {
        configuration("https://acme.scalekit.com")
    }

    fn http_response(status: u16, body: &str) -> HttpResponse {
        HttpResponse {
            content_type: Some("application/json".to_owned()),
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            body: body.as_bytes().to_vec().into(),
            ..HttpResponse::new(status)
        }
    }

    fn document() -> String {
        json!({
            "issuer": "https://acme.scalekit.com",
            "authorization_endpoint": "https://acme.scalekit.com/oauth/authorize",
            "token_endpoint": "https://acme.scalekit.com/oauth/token",
            "jwks_uri": "https://acme.scalekit.com/keys",
        })
        .to_string()
    }

    fn response(outcome: HttpOutcome) -> EnvironmentResponse {
        EnvironmentResponse {
            outcome,
            received: Wall(SECONDS * 1000),
            proxy: None,
            certificate: None,
        }
    }

    fn checked(
        response: EnvironmentResponse,
    ) -> (impl Fn(CheckName) -> Finding, Option<RedirectUriCheck>) {
        let (findings, mut checks) = environment_findings(&acme(), response, &Entropy([7; 96]));
        let of = move |check| findings.iter().find(|one| one.check == check).unwrap().clone();
        assert!(checks.len() < 2);
        (of, checks.pop())
    }

    #[test]
    fn clock_offset_at_a_limit_is_of_the_lower_grade() {
        for (apart, ahead, behind) in [
            (MAX_CLOCKS_APART, FindingCode::ClockAhead, FindingCode::ClockBehind),
            (CLOCKS_AGREE, FindingCode::ClockRight, FindingCode::ClockRight),
        ] {
            let apart = i64::try_from(apart.as_millis()).unwrap();
            let code = |received| clock(&Ok(http_response(200, "{}")), Wall(received)).code;
            assert_eq!(code(SECONDS * 1000 + apart), ahead);
            assert_eq!(code(SECONDS * 1000 - apart), behind);
        }
    }

    #[test]
    fn certificate_of_a_loopback_environment_with_tls_is_checked() {
        let code =
            |url| certificate_finding(&configuration(url), &Ok(http_response(200, "")), None).code;
        assert_eq!(code("http://127.0.0.1:8080"), FindingCode::CertificateLocal);
        assert_ne!(code("https://127.0.0.1:8080"), FindingCode::CertificateLocal);
    }

    #[test]
    fn redirect_uri_check_shows_no_state_in_debug() {
        let (_, next) = checked(response(Ok(http_response(200, &document()))));
        assert_eq!(format!("{:?}", next.unwrap()), "RedirectUriCheck(com.example.app://callback)");
    }

    #[test]
    fn clock_offset_is_graded_by_the_limits_of_the_verifier() {
        let at = |seconds: i64, age: Option<&str>| {
            let mut http_response = http_response(200, "{}");
            http_response.age = age.map(str::to_owned);
            clock(&Ok(http_response), Wall((SECONDS + seconds) * 1000))
        };
        for (seconds, code, apart) in [
            (0, FindingCode::ClockRight, None),
            (60, FindingCode::ClockRight, None),
            (-60, FindingCode::ClockRight, None),
            (61, FindingCode::ClockAhead, Some("0:01:01")),
            (-61, FindingCode::ClockBehind, Some("0:01:01")),
            (1800, FindingCode::ClockAhead, Some("0:30:00")),
            (1801, FindingCode::ClockFarAhead, Some("0:30:01")),
            (-90_061, FindingCode::ClockFarBehind, Some("25:01:01")),
        ] {
            let finding = at(seconds, None);
            assert_eq!(finding.code, code, "{seconds}");
            assert_eq!(finding.parameters.get("apart").map(String::as_str), apart);
        }
        assert_eq!(at(600, Some("600")).code, FindingCode::ClockRight, "it comes from a cache");
    }

    #[test]
    fn clock_without_a_date_or_a_response_is_not_determined() {
        let mut without = http_response(200, "{}");
        without.date = None;
        assert_eq!(clock(&Ok(without), Wall(0)).code, FindingCode::ClockUnknown);
        assert_eq!(clock(&Err(HttpError::TimedOut), Wall(0)).code, FindingCode::NotChecked);
    }

    #[test]
    fn discovery_finding_carries_the_problem_and_what_mends_it() {
        let (of, next) = checked(response(Ok(http_response(200, &document()))));
        assert_eq!(of(CheckName::Discovery).code, FindingCode::DiscoveryValid);
        assert!(next.is_some());
        for (outcome, code, problem) in [
            (Err(HttpError::TimedOut), FindingCode::DiscoveryUnreached, ProblemCode::Offline),
            (
                Ok(http_response(503, "")),
                FindingCode::DiscoveryUnreached,
                ProblemCode::ServiceUnavailable,
            ),
            (
                Ok(http_response(403, "")),
                FindingCode::DiscoveryUnreached,
                ProblemCode::EnvironmentForbidden,
            ),
            (
                Ok(http_response(404, "")),
                FindingCode::DiscoveryRejected,
                ProblemCode::EnvironmentNotFound,
            ),
            (
                Ok(http_response(200, "{}")),
                FindingCode::DiscoveryRejected,
                ProblemCode::EnvironmentInvalid,
            ),
        ] {
            let (of, next) = checked(response(outcome));
            let finding = of(CheckName::Discovery);
            assert_eq!((finding.code, finding.problem.unwrap().code), (code, problem));
            assert_eq!(finding.level, FindingLevel::Alarm);
            assert!(finding.message.contains("https://acme.scalekit.com"), "{}", finding.message);
            assert!(next.is_none());
            assert_eq!(of(CheckName::RedirectUri).code, FindingCode::NotChecked);
        }
    }

    #[test]
    fn proxy_finding_depends_on_whether_a_response_came() {
        let code = |proxy, outcome| proxy_finding(proxy, &outcome).code;
        let unreachable = || Err(HttpError::Unreachable("refused".to_owned()));
        let proxy = Some("http://proxy.example:3128");
        assert_eq!(code(None, Ok(http_response(200, ""))), FindingCode::ProxyNone);
        assert_eq!(code(None, unreachable()), FindingCode::ProxyNone);
        assert_eq!(code(proxy, Ok(http_response(404, ""))), FindingCode::ProxyUsed);
        assert_eq!(code(proxy, Ok(http_response(407, ""))), FindingCode::ProxySignIn);
        assert_eq!(code(proxy, Err(HttpError::ProxySignIn)), FindingCode::ProxySignIn);
        assert_eq!(code(proxy, unreachable()), FindingCode::ProxyInDoubt);
    }

    #[test]
    fn certificate_finding_names_the_issuer_seen() {
        let seen = || {
            Some(SeenCertificate {
                issuer: "O=Acme Inspection".to_owned(),
                chain: vec!["CN=Acme Root".to_owned()],
            })
        };
        let (of, _) = checked(EnvironmentResponse {
            certificate: seen(),
            ..response(Ok(http_response(404, "")))
        });
        let finding = of(CheckName::Certificate);
        assert_eq!(finding.code, FindingCode::CertificateTrusted);
        assert_eq!(finding.parameters["issuer"], "O=Acme Inspection");
        assert_eq!(finding.detail.as_deref(), Some("CN=Acme Root"));

        let fault = CertificateFault::UnknownIssuer;
        let rejected = HttpError::Certificate(fault, Some("O=Acme Inspection".to_owned()));
        let (of, _) = checked(response(Err(rejected)));
        let finding = of(CheckName::Certificate);
        assert_eq!(finding.code, FindingCode::CertificateRejected);
        assert_eq!(finding.parameters["issuer"], "O=Acme Inspection");
        assert_eq!(finding.problem.unwrap().code, ProblemCode::CertificateUnknownIssuer);

        let unreached = checked(response(Err(HttpError::TimedOut))).0;
        assert_eq!(unreached(CheckName::Certificate).code, FindingCode::NotChecked);
    }

    #[test]
    fn certificate_of_a_loopback_environment_is_not_expected() {
        let local = configuration("http://127.0.0.1:8080");
        let finding = certificate_finding(&local, &Ok(http_response(200, "{}")), None);
        assert_eq!(finding.code, FindingCode::CertificateLocal);
        assert_eq!(finding.level, FindingLevel::Information);
    }

    fn redirect_uri() -> RedirectUriCheck {
        checked(response(Ok(http_response(200, &document())))).1.unwrap()
    }

    #[test]
    fn redirect_uri_request_shows_no_page_and_signs_nobody_in() {
        let request = redirect_uri().request();
        let url = Url::parse(&request.uri().to_string()).unwrap();
        let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["prompt"], "none");
        assert_eq!(query["redirect_uri"], "com.example.app://callback");
        assert_eq!(query["client_id"], "skc_1");
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(!request.headers().contains_key(http::header::COOKIE));
    }

    #[test]
    fn redirect_uri_is_registered_only_if_the_state_returns_to_it() {
        let check = redirect_uri();
        let redirected = |status, target: &str| {
            let mut http_response = http_response(status, "");
            http_response.location = Some(target.replace("STATE", &check.state));
            check.finding(&Ok(http_response)).code
        };
        let own = "com.example.app://callback?error=login_required&state=STATE";
        for status in [302, 303, 307] {
            assert_eq!(redirected(status, own), FindingCode::RedirectUriRegistered);
        }
        for (status, target) in [
            (302, "com.example.app://callback?error=login_required&state=other"),
            (302, "com.example.app://callback?error=login_required"),
            (302, "com.example.app://callback.evil?state=STATE"),
            (302, "https://acme.scalekit.com/sign-in?state=STATE"),
            (200, own),
        ] {
            assert_eq!(redirected(status, target), FindingCode::RedirectUriUnknown, "{target}");
        }
    }

    #[test]
    fn redirect_uri_is_rejected_only_by_an_error_page() {
        let check = redirect_uri();
        let code = |outcome| check.finding(&outcome).code;
        for status in [400, 401, 404, 422] {
            assert_eq!(code(Ok(http_response(status, ""))), FindingCode::RedirectUriRejected);
        }
        for status in [200, 302, 403, 405, 429, 500, 503] {
            assert_eq!(
                code(Ok(http_response(status, ""))),
                FindingCode::RedirectUriUnknown,
                "{status}"
            );
        }
        assert_eq!(code(Err(HttpError::TimedOut)), FindingCode::RedirectUriUnknown);
    }

    /// The check of a loopback redirect URI.
    fn loopback(port: LoopbackPort) -> RedirectUriCheck {
        let configuration = Configuration { loopback: Some(port), ..acme() };
        let response = response(Ok(http_response(200, &document())));
        let (findings, checks) = environment_findings(&configuration, response, &Entropy([7; 96]));
        assert_eq!(findings.len(), 4);
        let [callback, loopback] = <[_; 2]>::try_from(checks).unwrap();
        assert_eq!(callback.name(), CheckName::RedirectUri);
        assert_eq!(loopback.name(), CheckName::LoopbackRedirectUri);
        loopback
    }

    fn fixed_port() -> LoopbackPort {
        LoopbackPort::Fixed(49_200.try_into().unwrap())
    }

    fn authorization_url(check: &RedirectUriCheck) -> String {
        let url = Url::parse(&check.request().uri().to_string()).unwrap();
        url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned()
    }

    /// A redirect to the redirect URI of this check.
    fn arriving(check: &RedirectUriCheck) -> HttpOutcome {
        let mut http_response = http_response(302, "");
        let (uri, state) = (&check.redirect_uri, &check.state);
        http_response.location = Some(format!("{uri}?error=login_required&state={state}"));
        Ok(http_response)
    }

    #[test]
    fn loopback_redirect_uri_is_checked_with_its_fixed_port() {
        let check = loopback(fixed_port());
        assert_eq!(authorization_url(&check), "http://127.0.0.1:49200/callback");
        let registered = check.finding(&arriving(&check));
        assert_eq!(registered.code, FindingCode::RedirectUriRegistered);
        assert_eq!(registered.check, CheckName::LoopbackRedirectUri);
        assert_eq!(registered.parameters["address"], "http://127.0.0.1:49200/callback");
        for status in [400, 401, 404, 422] {
            let rejected = Ok(http_response(status, ""));
            assert!(check.next(&rejected).is_none());
            let finding = check.finding(&rejected);
            assert_eq!(finding.code, FindingCode::LoopbackRedirectUriRejected);
            // A sign-in by link still works.
            assert_eq!(finding.level, FindingLevel::Caution);
        }
        let unclear = check.finding(&Ok(http_response(503, "")));
        assert_eq!(unclear.code, FindingCode::RedirectUriUnknown);
        assert_eq!(unclear.check, CheckName::LoopbackRedirectUri);
    }

    #[test]
    fn loopback_port_that_is_compared_is_distinguished() {
        let check = loopback(LoopbackPort::Any);
        assert_eq!(authorization_url(&check), "http://127.0.0.1:49152/callback");
        assert!(check.next(&arriving(&check)).is_none());
        assert!(check.next(&Ok(http_response(503, ""))).is_none());
        assert!(check.next(&Err(HttpError::TimedOut)).is_none());
        let finding = check.finding(&arriving(&check));
        assert_eq!(finding.code, FindingCode::RedirectUriRegistered);
        assert_eq!(finding.parameters["address"], "http://127.0.0.1/callback");

        let next = check.next(&Ok(http_response(400, ""))).unwrap();
        assert_eq!(authorization_url(&next), "http://127.0.0.1/callback");
        assert_eq!(next.finding(&arriving(&next)).code, FindingCode::LoopbackPortCompared);
        for outcome in
            [Ok(http_response(400, "")), Ok(http_response(503, "")), Err(HttpError::TimedOut)]
        {
            assert!(next.next(&outcome).is_none());
            let finding = next.finding(&outcome);
            assert_eq!(finding.code, FindingCode::LoopbackRedirectUriRejected, "{outcome:?}");
            assert_eq!(finding.parameters["address"], "http://127.0.0.1/callback");
        }
    }

    #[test]
    fn loopback_redirect_uri_without_discovery_is_not_checked() {
        let configuration = Configuration { loopback: Some(fixed_port()), ..acme() };
        let response = response(Err(HttpError::TimedOut));
        let (findings, checks) = environment_findings(&configuration, response, &Entropy([7; 96]));
        assert!(checks.is_empty());
        let last = findings.last().unwrap();
        assert_eq!(
            (last.check, last.code),
            (CheckName::LoopbackRedirectUri, FindingCode::NotChecked)
        );
    }

    #[test]
    fn unconfigured_application_refers_to_the_settings() {
        let findings =
            unconfigured_findings(Some(Problem::new(ProblemCode::EnvironmentUrlInvalid)));
        assert_eq!(findings[0].code, FindingCode::NotConfigured);
        assert_eq!(findings[0].problem.as_ref().unwrap().code, ProblemCode::EnvironmentUrlInvalid);
        assert_eq!(findings.len(), 5);
        assert!(findings[1..].iter().all(|finding| finding.code == FindingCode::NotChecked));
    }
}
