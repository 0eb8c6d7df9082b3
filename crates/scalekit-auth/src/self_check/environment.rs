//! The self-check of the environment: discovery, the connection, the clock, the redirect URI.

use std::time::Duration;

use url::Url;

use super::{CheckName, Finding, FindingCode};
use crate::{
    configuration::Configuration,
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

/// The check of the redirect URI, which needs the endpoints of the discovery document.
pub struct RedirectUriCheck {
    request: http::Request<Vec<u8>>,
    redirect_uri: String,
    state: String,
}

impl std::fmt::Debug for RedirectUriCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RedirectUriCheck({})", self.redirect_uri)
    }
}

/// The findings of a discovery request, and the check that its response makes possible.
#[must_use]
pub fn environment_findings(
    configuration: &Configuration,
    response: EnvironmentResponse,
    entropy: &Entropy,
) -> (Vec<Finding>, Option<RedirectUriCheck>) {
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
    let redirect_uri =
        metadata.and_then(|metadata| RedirectUriCheck::new(configuration, &metadata, entropy));
    if redirect_uri.is_none() {
        findings.push(Finding::new(CheckName::RedirectUri, FindingCode::NotChecked));
    }
    (findings, redirect_uri)
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
    let Ok(answer) = outcome else { return finding(FindingCode::NotChecked) };
    let Some(date) = answer.date() else { return finding(FindingCode::ClockUnknown) };
    let theirs = date.after(answer.age());
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
    let asks = outcome.as_ref().is_ok_and(|answer| answer.status == 407);
    match proxy {
        Some(proxy) if is_rejected || asks => {
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
                | HttpError::ProxySignIn),
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
    /// An authorization request without a page (OpenID Connect Core §3.1.2.1, `prompt=none`) and without cookies: an
    /// environment that knows the redirect URI redirects to it with the error that no user is signed in.
    fn new(configuration: &Configuration, metadata: &Metadata, entropy: &Entropy) -> Option<Self> {
        let secrets = AuthorizationSecrets::from_entropy(entropy);
        // An organization's own sign-in page would cause another redirect.
        let configuration = Configuration { organization: None, ..configuration.clone() };
        let mut url = authorization_url(
            &configuration,
            metadata,
            &secrets,
            &configuration.redirect_uris.callback,
            SignInIntent::SignIn,
            &Hints::default(),
        )?;
        url.query_pairs_mut().append_pair("prompt", "none");
        let request = http::Request::get(url.as_str())
            .header(http::header::ACCEPT, "text/html")
            .header(http::header::CACHE_CONTROL, "no-cache");
        Some(Self {
            request: request.body(Vec::new()).ok()?,
            redirect_uri: configuration.redirect_uris.callback,
            state: secrets.state.expose().to_owned(),
        })
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
        let finding =
            |code| Finding::new(CheckName::RedirectUri, code).with("address", &self.redirect_uri);
        match outcome {
            Ok(answer) if self.arrives(answer) => finding(FindingCode::RedirectUriRegistered),
            Ok(answer) if matches!(answer.status, 400 | 401 | 404 | 422) => {
                finding(FindingCode::RedirectUriRejected)
                    .with_detail(format!("Status {}", answer.status))
            }
            Ok(answer) => finding(FindingCode::RedirectUriUnknown)
                .with_detail(format!("Status {}", answer.status)),
            Err(why) => finding(FindingCode::RedirectUriUnknown).with_detail(why.to_string()),
        }
    }

    /// Whether the response redirects to the redirect URI with the `state` of this request.
    fn arrives(&self, answer: &HttpResponse) -> bool {
        let is_redirect = matches!(answer.status, 302 | 303 | 307);
        let target = answer.location.as_deref().and_then(|target| {
            let rest = target.strip_prefix(&self.redirect_uri)?;
            rest.starts_with(['?', '/']).then(|| Url::parse(target).ok()).flatten()
        });
        is_redirect
            && target.is_some_and(|target| {
                target.query_pairs().any(|(name, value)| name == "state" && value == self.state)
            })
    }
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

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse {
            status,
            content_type: Some("application/json".to_owned()),
            content_encoding: None,
            retry_after: None,
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            age: None,
            www_authenticate: None,
            location: None,
            body: body.as_bytes().to_vec().into(),
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
        let (findings, redirect_uri) = environment_findings(&acme(), response, &Entropy([7; 96]));
        let of = move |check| findings.iter().find(|one| one.check == check).unwrap().clone();
        (of, redirect_uri)
    }

    #[test]
    fn clock_offset_at_a_limit_is_of_the_lower_grade() {
        for (apart, ahead, behind) in [
            (MAX_CLOCKS_APART, FindingCode::ClockAhead, FindingCode::ClockBehind),
            (CLOCKS_AGREE, FindingCode::ClockRight, FindingCode::ClockRight),
        ] {
            let apart = i64::try_from(apart.as_millis()).unwrap();
            let code = |received| clock(&Ok(answer(200, "{}")), Wall(received)).code;
            assert_eq!(code(SECONDS * 1000 + apart), ahead);
            assert_eq!(code(SECONDS * 1000 - apart), behind);
        }
    }

    #[test]
    fn certificate_of_a_loopback_environment_with_tls_is_checked() {
        let code = |url| certificate_finding(&configuration(url), &Ok(answer(200, "")), None).code;
        assert_eq!(code("http://127.0.0.1:8080"), FindingCode::CertificateLocal);
        assert_ne!(code("https://127.0.0.1:8080"), FindingCode::CertificateLocal);
    }

    #[test]
    fn redirect_uri_check_shows_no_state_in_debug() {
        let (_, next) = checked(response(Ok(answer(200, &document()))));
        assert_eq!(format!("{:?}", next.unwrap()), "RedirectUriCheck(com.example.app://callback)");
    }

    #[test]
    fn clock_offset_is_graded_by_the_limits_of_the_verifier() {
        let at = |seconds: i64, age: Option<&str>| {
            let mut answer = answer(200, "{}");
            answer.age = age.map(str::to_owned);
            clock(&Ok(answer), Wall((SECONDS + seconds) * 1000))
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
    fn clock_without_a_date_or_an_answer_is_not_told() {
        let mut without = answer(200, "{}");
        without.date = None;
        assert_eq!(clock(&Ok(without), Wall(0)).code, FindingCode::ClockUnknown);
        assert_eq!(clock(&Err(HttpError::TimedOut), Wall(0)).code, FindingCode::NotChecked);
    }

    #[test]
    fn discovery_finding_carries_the_problem_and_what_mends_it() {
        let (of, next) = checked(response(Ok(answer(200, &document()))));
        assert_eq!(of(CheckName::Discovery).code, FindingCode::DiscoveryValid);
        assert!(next.is_some());
        for (outcome, code, problem) in [
            (Err(HttpError::TimedOut), FindingCode::DiscoveryUnreached, ProblemCode::Offline),
            (Ok(answer(503, "")), FindingCode::DiscoveryUnreached, ProblemCode::ServiceUnavailable),
            (
                Ok(answer(403, "")),
                FindingCode::DiscoveryUnreached,
                ProblemCode::EnvironmentForbidden,
            ),
            (Ok(answer(404, "")), FindingCode::DiscoveryRejected, ProblemCode::EnvironmentNotFound),
            (
                Ok(answer(200, "{}")),
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
    fn proxy_finding_depends_on_whether_an_answer_came() {
        let code = |proxy, outcome| proxy_finding(proxy, &outcome).code;
        let unreachable = || Err(HttpError::Unreachable("refused".to_owned()));
        let proxy = Some("http://proxy.example:3128");
        assert_eq!(code(None, Ok(answer(200, ""))), FindingCode::ProxyNone);
        assert_eq!(code(None, unreachable()), FindingCode::ProxyNone);
        assert_eq!(code(proxy, Ok(answer(404, ""))), FindingCode::ProxyUsed);
        assert_eq!(code(proxy, Ok(answer(407, ""))), FindingCode::ProxySignIn);
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
        let (of, _) =
            checked(EnvironmentResponse { certificate: seen(), ..response(Ok(answer(404, ""))) });
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
        let finding = certificate_finding(&local, &Ok(answer(200, "{}")), None);
        assert_eq!(finding.code, FindingCode::CertificateLocal);
        assert_eq!(finding.level, FindingLevel::Information);
    }

    fn redirect_uri() -> RedirectUriCheck {
        checked(response(Ok(answer(200, &document())))).1.unwrap()
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
            let mut answer = answer(status, "");
            answer.location = Some(target.replace("STATE", &check.state));
            check.finding(&Ok(answer)).code
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
            assert_eq!(code(Ok(answer(status, ""))), FindingCode::RedirectUriRejected);
        }
        for status in [200, 302, 403, 405, 429, 500, 503] {
            assert_eq!(code(Ok(answer(status, ""))), FindingCode::RedirectUriUnknown, "{status}");
        }
        assert_eq!(code(Err(HttpError::TimedOut)), FindingCode::RedirectUriUnknown);
    }

    #[test]
    fn unconfigured_application_is_told_to_open_the_settings() {
        let findings =
            unconfigured_findings(Some(Problem::new(ProblemCode::EnvironmentUrlInvalid)));
        assert_eq!(findings[0].code, FindingCode::NotConfigured);
        assert_eq!(findings[0].problem.as_ref().unwrap().code, ProblemCode::EnvironmentUrlInvalid);
        assert_eq!(findings.len(), 5);
        assert!(findings[1..].iter().all(|finding| finding.code == FindingCode::NotChecked));
    }
}
