//! An HTTP response, not yet validated.

use std::{fmt, time::Duration};

use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    configuration::EnvironmentUrl,
    json,
    problem::{MAX_DETAIL_LEN, Problem, ProblemCode},
    protocol::retry_after::{self, http_date},
    time::Wall,
};

/// A complete HTTP response with any status.
#[cfg_attr(any(test, feature = "testing"), derive(Clone))]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Content-Encoding` header. The request accepts no encoding, so the body is not decoded.
    pub content_encoding: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The `Date` header.
    pub date: Option<String>,
    /// The `Age` header.
    pub age: Option<String>,
    /// The `Location` header. Redirects are not followed.
    pub location: Option<String>,
    /// The `WWW-Authenticate` header, which [`crate::BearerChallenge`] reads.
    pub www_authenticate: Option<String>,
    /// The body; the HTTP client limits its size.
    pub body: Zeroizing<Vec<u8>>,
}

/// The reason there is no complete HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// No connection was established: the request was certainly not processed.
    Unreachable(String),
    /// A proxy requires authentication (407). The request was not processed.
    ProxySignIn,
    /// A proxy did not make the connection. The request was not sent.
    ProxyRejected,
    /// The certificate was rejected, so the request was not sent.
    Certificate(CertificateFault, Option<String>),
    /// The timeout elapsed; the request may have been processed.
    TimedOut,
    /// The response exceeded the maximum size.
    TooLarge,
    /// The response is not HTTP or has too many header fields; the request may have been processed.
    Malformed(String),
    /// The connection broke; the request may have been processed.
    Interrupted(String),
}

/// The reason a certificate is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// `notBefore` is in the future, by this computer's clock.
    NotYetValid,
    /// `notAfter` has passed, by this computer's clock.
    Expired,
    /// The issuer is not trusted by this computer.
    UnknownIssuer,
    /// The certificate is for another host name.
    OtherName,
    /// The issuer has revoked the certificate.
    Revoked,
    /// Any other reason.
    Other(String),
}

/// The upper limit of the `Age` header; a sign-in service does not allow its documents to be cached for longer.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The result of an HTTP request to the environment.
pub type HttpOutcome = Result<HttpResponse, HttpError>;

impl HttpResponse {
    /// A response with this status, without headers and body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            content_encoding: None,
            retry_after: None,
            date: None,
            age: None,
            location: None,
            www_authenticate: None,
            body: Zeroizing::default(),
        }
    }

    /// Whether the `Content-Type` is JSON (RFC 9110 §8.3: the type is case-insensitive, parameters may follow).
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.content_type.as_deref().is_some_and(|header| {
            let essence = header.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        })
    }

    /// Whether the request succeeded and the response has content. Some servers return 201 for a token, as for
    /// other resources that a POST creates (RFC 9110 §15.3.2).
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self.status, 200 | 201)
    }

    /// The content coding of the body, although each request asks for none (RFC 9110 §12.5.3).
    pub(crate) fn compression(&self) -> Option<&str> {
        let coding = self.content_encoding.as_deref()?.trim();
        (!coding.eq_ignore_ascii_case("identity")).then_some(coding)
    }

    /// The JSON object in the body, regardless of the `Content-Type`: a sender of a forged object can also set
    /// that header.
    ///
    /// # Errors
    /// The format of the body instead; nothing of its content.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, String> {
        json::object(&self.body).map_err(|why| {
            let kind = self.content_type.as_deref().unwrap_or("of no type");
            match self.compression() {
                Some(coding) => {
                    format!("The response is compressed with {coding}, which was not requested")
                }
                None => format!("The response is {why}, but {kind}"),
            }
        })
    }

    /// The age of a cached response (RFC 9111 §5.1); zero without the header.
    #[must_use]
    pub fn age(&self) -> Duration {
        let age = self.age.as_deref().and_then(|age| age.trim().parse().ok());
        age.map_or(Duration::ZERO, Duration::from_secs).min(MAX_AGE)
    }

    /// The origin that a redirect of a request to `url` leads to (RFC 9110 §10.2.2): ASCII and never truncated, as a
    /// part of an origin is another origin. `None` for the same origin or another scheme than HTTP(S).
    #[must_use]
    pub fn redirects_to(&self, url: &Url) -> Option<String> {
        let target = url.join(self.location.as_deref()?).ok()?;
        let is_web = matches!(target.scheme(), "http" | "https");
        let origin = target.origin();
        let shown = origin.ascii_serialization();
        (is_web && origin != url.origin() && shown.len() <= MAX_DETAIL_LEN).then_some(shown)
    }

    /// The time of the response by the sender's clock.
    #[must_use]
    pub fn date(&self) -> Option<Wall> {
        http_date(self.date.as_deref()?)
    }

    /// The requested delay before a retry (RFC 9110 §10.2.3), between one second and one hour.
    #[must_use]
    pub fn retry_after(&self, now: Wall) -> Option<Duration> {
        retry_after::read(self.retry_after.as_deref()?, self.date().unwrap_or(now))
    }
}

impl HttpError {
    /// Whether the request may have been processed although there is no response.
    #[must_use]
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::ProxySignIn
            | Self::ProxyRejected
            | Self::Certificate(..) => false,
            Self::TimedOut | Self::TooLarge | Self::Malformed(_) | Self::Interrupted(_) => true,
        }
    }

    /// The code of the problem that the user is shown.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Unreachable(_) | Self::TimedOut | Self::Interrupted(_) => ProblemCode::Offline,
            Self::TooLarge | Self::Malformed(_) => ProblemCode::ServiceUnavailable,
            Self::ProxySignIn => ProblemCode::ProxySignIn,
            Self::ProxyRejected => ProblemCode::ProxyRejected,
            Self::Certificate(fault, _) => fault.code(),
        }
    }

    /// Whether the environment was not reached.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::TimedOut
            | Self::Interrupted(_)
            | Self::ProxySignIn
            | Self::ProxyRejected
            | Self::Certificate(..) => true,
            Self::TooLarge | Self::Malformed(_) => false,
        }
    }

    /// The problem shown to the user when the request to `environment` failed.
    #[must_use]
    pub fn problem(&self, environment: &EnvironmentUrl) -> Problem {
        Problem::new(self.code())
            .with("environment", environment.issuer())
            .with_detail(self.to_string())
    }
}

impl CertificateFault {
    fn code(&self) -> ProblemCode {
        match self {
            Self::NotYetValid => ProblemCode::CertificateNotYetValid,
            Self::Expired => ProblemCode::CertificateExpired,
            Self::UnknownIssuer => ProblemCode::CertificateUnknownIssuer,
            Self::OtherName => ProblemCode::CertificateOtherName,
            Self::Revoked => ProblemCode::CertificateRevoked,
            Self::Other(_) => ProblemCode::CertificateRefused,
        }
    }
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotYetValid => "not valid yet",
            Self::Expired => "expired",
            Self::UnknownIssuer => "unknown issuer",
            Self::OtherName => "not valid for this name",
            Self::Revoked => "revoked",
            Self::Other(why) => why,
        })
    }
}

impl std::error::Error for HttpError {}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "No connection: {why}"),
            Self::ProxySignIn => f.write_str("The proxy wants a sign-in (407)"),
            Self::ProxyRejected => f.write_str("The proxy did not make the connection"),
            Self::Certificate(fault, issuer) => {
                write!(f, "The certificate was refused: {fault}")?;
                match issuer {
                    Some(issuer) => write!(f, "; it was issued by {issuer}"),
                    None => Ok(()),
                }
            }
            Self::TimedOut => f.write_str("No response in time"),
            Self::TooLarge => f.write_str("The response was too large"),
            Self::Malformed(why) => write!(f, "The HTTP response is malformed: {why}"),
            Self::Interrupted(why) => write!(f, "The connection broke: {why}"),
        }
    }
}

/// A body may contain tokens.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_fault_is_named_in_the_error() {
        let text = |fault| HttpError::Certificate(fault, None).to_string();
        assert!(text(CertificateFault::Expired).ends_with(": expired"));
        assert!(text(CertificateFault::Other("bad name".to_owned())).ends_with(": bad name"));
    }

    #[test]
    fn http_response_debug_output_hides_body() {
        let response = HttpResponse {
            content_type: Some("application/json".to_owned()),
            body: b"a token".to_vec().into(),
            ..HttpResponse::new(200)
        };
        let shown =
            r#"HttpResponse { status: 200, content_type: Some("application/json"), bytes: 7, .. }"#;
        assert_eq!(format!("{response:?}"), shown);
    }

    #[test]
    fn http_error_display_names_the_cause() {
        for (failure, message) in [
            (HttpError::Unreachable("refused".to_owned()), "No connection: refused"),
            (HttpError::TimedOut, "No response in time"),
            (HttpError::TooLarge, "The response was too large"),
            (HttpError::Interrupted("reset".to_owned()), "The connection broke: reset"),
        ] {
            assert_eq!(failure.to_string(), message);
        }
    }

    fn of_headers(content_encoding: Option<&str>, age: Option<&str>) -> HttpResponse {
        HttpResponse {
            content_type: Some("application/json".to_owned()),
            content_encoding: content_encoding.map(str::to_owned),
            age: age.map(str::to_owned),
            body: b"no JSON".to_vec().into(),
            ..HttpResponse::new(200)
        }
    }

    #[test]
    fn content_encoding_identity_is_not_reported_as_compression() {
        for (coding, compressed) in [
            (None, false),
            (Some("identity"), false),
            (Some(" Identity "), false),
            (Some("gzip"), true),
        ] {
            let why = of_headers(coding, None).object().unwrap_err();
            assert_eq!(why.contains("compressed"), compressed, "{coding:?}: {why}");
        }
    }

    #[test]
    fn age_header_is_seconds_capped_at_30_days() {
        for (age, seconds) in [
            (None, 0),
            (Some("x"), 0),
            (Some(" 60 "), 60),
            (Some("2591999"), 2_591_999),
            (Some("2592001"), 2_592_000),
            (Some("99999999999"), 2_592_000),
        ] {
            assert_eq!(of_headers(None, age).age(), Duration::from_secs(seconds), "{age:?}");
        }
    }

    #[test]
    fn certificate_faults_have_a_sentence_each() {
        use CertificateFault::{Expired, NotYetValid, Other, OtherName, Revoked, UnknownIssuer};
        let faults =
            [NotYetValid, Expired, UnknownIssuer, OtherName, Revoked, Other("odd".to_owned())];
        let environment = EnvironmentUrl::parse("https://acme.scalekit.com").unwrap();
        let sentences: std::collections::BTreeSet<_> = faults
            .into_iter()
            .map(|fault| HttpError::Certificate(fault, None).problem(&environment).message)
            .collect();
        assert_eq!(sentences.len(), 6);
        assert!(sentences.iter().all(|sentence| sentence.contains("certificate")), "{sentences:?}");
    }
}
