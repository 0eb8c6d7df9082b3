//! The requests to the token endpoint, and the effect of its responses on a session.

use std::time::Duration;

use oauth2::{AuthorizationCode, PkceCodeVerifier, RedirectUrl, RefreshToken, TokenUrl};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    configuration::Configuration,
    json,
    problem::ProblemCode,
    protocol::{
        http_response::{HttpError, HttpOutcome, HttpResponse},
        metadata::Metadata,
    },
    secret::Secret,
    time::Wall,
};

/// The maximum length of a token; a longer JSON Web Token is treated as an attack.
pub const MAX_TOKEN_LEN: usize = 64 * 1024;

/// The classification of a token endpoint response.
#[derive(Debug)]
pub enum TokenResult {
    /// A token response, not yet verified.
    Success(TokenResponse),
    /// A final rejection: a retry will be rejected too (RFC 6749 §5.2).
    Rejected {
        /// The error code.
        error: String,
        /// `error_description`.
        description: Option<String>,
    },
    /// A transient error: the session stays, and the request can be retried.
    Transient {
        /// The requested delay before a retry.
        retry_after: Option<Duration>,
        /// Whether the request may have been processed although the response is unusable or missing.
        may_have_been_processed: bool,
        /// A refresh token from an otherwise unusable response.
        salvaged: Option<Secret>,
        /// The network error; `None` where the environment has responded.
        unreached: Option<ProblemCode>,
        /// The environment's rejection, if it is one that does not end a session.
        rejection: Option<Rejection>,
        /// A description for diagnosis, without secrets.
        detail: String,
    },
}

/// A response of the token endpoint that a repeated request would get again.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The error code, if it has one.
    pub error: Option<String>,
}

/// A successful token response (RFC 6749 §5.1), not yet verified.
#[derive(Debug)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub struct TokenResponse {
    /// Opaque to this application except for the displayed claims, such as roles and permissions.
    pub access_token: Secret,
    /// The ID token, if any.
    pub id_token: Option<Secret>,
    /// The refresh token, if any; on a refresh it replaces the previous one.
    pub refresh_token: Option<Secret>,
    /// The lifetime of the access token, at most ten years.
    pub lifetime: Duration,
    /// The time until the environment ends the session, if the response announces it. No page of Scalekit shows such
    /// a member; it is used where the configuration says so.
    pub session_ends_in: Option<Duration>,
}

/// The request that exchanges an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).
#[must_use]
pub fn code_request(
    configuration: &Configuration,
    metadata: &Metadata,
    code: &Secret,
    code_verifier: &Secret,
    redirect_uri: &str,
) -> Option<http::Request<Vec<u8>>> {
    let redirect = RedirectUrl::new(redirect_uri.to_owned()).ok()?;
    let client = client(configuration, metadata).set_redirect_uri(redirect);
    let request = client
        .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(code_verifier.expose().to_owned()));
    let envelope = CapturingClient::default();
    let _never_sent = request.request(&envelope);
    envelope.0.into_inner()
}

/// The refresh request (RFC 6749 §6).
#[must_use]
pub fn refresh_request(
    configuration: &Configuration,
    metadata: &Metadata,
    refresh_token: &Secret,
) -> Option<http::Request<Vec<u8>>> {
    let token = RefreshToken::new(refresh_token.expose().to_owned());
    let client = client(configuration, metadata);
    let request = client.exchange_refresh_token(&token);
    let envelope = CapturingClient::default();
    let _never_sent = request.request(&envelope);
    envelope.0.into_inner()
}

/// Parses the response to either request.
#[must_use]
pub fn read(outcome: HttpOutcome, now: Wall) -> TokenResult {
    let response = match outcome {
        Ok(response) => response,
        Err(failure) => return transient_error(&failure),
    };
    match response.status {
        200 | 201 => success(&response, now),
        400 | 401 => refusal(&response, now),
        _ => rejected(&response, now, &ErrorResponse::of(&response)),
    }
}

type Client = oauth2::basic::BasicClient<
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

/// A public client: `client_id` in the body, no secret (RFC 8252 §8.5).
fn client(configuration: &Configuration, metadata: &Metadata) -> Client {
    oauth2::basic::BasicClient::new(oauth2::ClientId::new(
        configuration.client_id.as_str().to_owned(),
    ))
    .set_auth_type(oauth2::AuthType::RequestBody)
    .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
}

/// Captures the request that `oauth2` builds instead of sending it: `oauth2` parses responses too strictly for
/// rotating refresh tokens (an invalid `expires_in` would lose the new refresh token).
#[derive(Default)]
struct CapturingClient(std::cell::RefCell<Option<http::Request<Vec<u8>>>>);

#[derive(Debug, thiserror::Error)]
#[error("taken, not sent")]
struct Captured;

impl oauth2::SyncHttpClient for CapturingClient {
    type Error = Captured;

    fn call(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Captured> {
        *self.0.borrow_mut() = Some(request);
        Err(Captured)
    }
}

fn success(response: &HttpResponse, now: Wall) -> TokenResult {
    match response.object().and_then(|object| tokens(&object).map_err(str::to_owned)) {
        Ok(tokens) => TokenResult::Success(tokens),
        Err(why) => match ErrorResponse::of(response) {
            ErrorResponse { error: None, error_code: None, .. } => {
                unusable(response, now, None, why)
            }
            rejection => rejected(response, now, &rejection),
        },
    }
}

fn tokens(object: &Map<String, Value>) -> Result<TokenResponse, &'static str> {
    // RFC 6749 §7.1: a token of an unknown type must not be used; §5.1: the type is case-insensitive.
    // Scalekit's guides show responses without `token_type`; these are treated as Bearer.
    let bearer = json::optional(object, "token_type")
        .is_none_or(|kind| kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")));
    if !bearer {
        return Err("The token type is not Bearer");
    }
    let access_token = token(object, "access_token").ok_or("There is no access token")?;
    Ok(TokenResponse {
        access_token,
        id_token: token(object, "id_token"),
        refresh_token: token(object, "refresh_token"),
        lifetime: lifetime(object.get("expires_in")),
        session_ends_in: session_ends_in(object),
    })
}

/// Longer than the lifetime of any token; it prevents overflows in time arithmetic.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 366 * 86_400);

/// RFC 6749 §5.1: `expires_in` is only RECOMMENDED, and servers use various formats. The fallback is Scalekit's
/// default of five minutes.
fn lifetime(expires_in: Option<&Value>) -> Duration {
    seconds(expires_in).unwrap_or(Duration::from_secs(300))
}

/// The members of draft-ietf-oauth-refresh-token-expiration, and `refresh_expires_in` of other providers. The session
/// ends with the first of them. Zero is no announcement: some providers mean "never" by it.
fn session_ends_in(object: &Map<String, Value>) -> Option<Duration> {
    ["authorization_expires_in", "refresh_token_expires_in", "refresh_expires_in"]
        .iter()
        .filter_map(|name| seconds(object.get(*name)))
        .filter(|remaining| !remaining.is_zero())
        .min()
}

fn seconds(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let seconds = seconds.filter(|seconds: &f64| seconds.is_finite())?;
    Some(Duration::from_secs_f64(seconds.clamp(0.0, MAX_LIFETIME.as_secs_f64())))
}

/// Only these errors, in the format of RFC 6749 §5.2, can end a session. A proxy's page, a status without a
/// body or another error does not prove a rejection by the environment.
fn refusal(response: &HttpResponse, now: Wall) -> TokenResult {
    let rejection = ErrorResponse::of(response);
    match rejection.error.as_deref() {
        Some("invalid_grant" | "invalid_client" | "unauthorized_client") if response.is_json() => {
            TokenResult::Rejected {
                error: rejection.error.unwrap_or_default(),
                description: rejection.description,
            }
        }
        Some(_) | None => rejected(response, now, &rejection),
    }
}

/// The error members of a response with any content type: used in an explanation only.
struct ErrorResponse {
    /// `error` (RFC 6749 §5.2).
    error: Option<String>,
    /// `error_code`, which Scalekit's rate limits use instead.
    error_code: Option<String>,
    /// `error_description`, or `message` beside `error_code`.
    description: Option<String>,
}

impl ErrorResponse {
    fn of(response: &HttpResponse) -> Self {
        let object = json::object(&response.body).unwrap_or_default();
        let text = |name: &str| json::string(&object, name).map(str::to_owned);
        Self {
            error: text("error"),
            error_code: text("error_code"),
            description: text("error_description").or_else(|| text("message")),
        }
    }
}

/// An error response: its status and its error members.
fn rejected(response: &HttpResponse, now: Wall, rejection: &ErrorResponse) -> TokenResult {
    let compressed =
        response.compression().map(|coding| format!("compressed with {coding} without request"));
    let code = rejection.error.as_ref().or(rejection.error_code.as_ref());
    let target = redirect_target(response)
        .map(|url| format!("redirect to {}", url.origin().ascii_serialization()));
    let words = [code, rejection.description.as_ref(), compressed.as_ref(), target.as_ref()];
    let words = words.into_iter().flatten();
    let parts = words.fold(format!("Status {}", response.status), |all, word| all + ", " + word);
    unusable(response, now, rejection.error.clone(), parts)
}

fn unusable(
    response: &HttpResponse,
    now: Wall,
    error: Option<String>,
    detail: String,
) -> TokenResult {
    TokenResult::Transient {
        retry_after: response.retry_after(now),
        may_have_been_processed: response.status < 400 || response.status >= 500,
        salvaged: salvage_refresh_token(&response.body),
        unreached: None,
        rejection: is_rejection(response, error.as_deref()).then_some(Rejection { error }),
        detail,
    }
}

/// A response that a repeated request would get again: a client error other than those that request a delay or a proxy
/// sign-in, a redirect to another token endpoint, or a success without usable tokens. Some providers return a bare 400
/// for a revoked token; an HTML page does not come from the token endpoint.
fn is_rejection(response: &HttpResponse, error: Option<&str>) -> bool {
    let is_page =
        response.content_type.as_deref().is_some_and(|kind| kind.to_lowercase().contains("html"));
    match response.status {
        200 | 201 => response.object().is_ok(),
        // Redirects are not followed, so a moved environment refreshes no session. A gateway redirects to a page.
        300..400 => redirect_target(response).is_some_and(|url| url.path().ends_with("/token")),
        407 | 408 | 425 | 429 | 451 => false,
        400..500 => !is_page,
        _ => error.is_some_and(is_client_error),
    }
}

/// RFC 6749 §5.2 and OpenID Connect Core §3.1.2.6: an error that is not the server's, whatever the status says.
fn is_client_error(error: &str) -> bool {
    matches!(
        error,
        "invalid_request"
            | "invalid_client"
            | "invalid_grant"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_scope"
            | "interaction_required"
            | "login_required"
    )
}

/// The absolute URL of a redirect. Nothing is sent there, and only its origin is shown.
fn redirect_target(response: &HttpResponse) -> Option<Url> {
    let target = Url::parse(response.location.as_deref()?).ok()?;
    matches!(response.status, 300..400).then_some(target)
}

fn transient_error(failure: &HttpError) -> TokenResult {
    TokenResult::Transient {
        retry_after: None,
        may_have_been_processed: failure.may_have_been_processed(),
        salvaged: None,
        rejection: None,
        unreached: failure.is_offline().then(|| failure.code()),
        detail: failure.to_string(),
    }
}

/// Once the environment has issued a new refresh token, the old one is invalid, so the new one is stored even
/// if the rest of the response is unusable.
fn salvage_refresh_token(body: &[u8]) -> Option<Secret> {
    let first = serde_json::Deserializer::from_slice(body).into_iter::<Value>().next()?.ok()?;
    token(first.as_object()?, "refresh_token")
}

/// RFC 6749 Appendix A.12: visible characters.
fn token(object: &Map<String, Value>, name: &str) -> Option<Secret> {
    json::string(object, name)
        .filter(|token| token.len() <= MAX_TOKEN_LEN)
        .filter(|token| token.bytes().all(|b| b.is_ascii_graphic()))
        .map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::http_response::CertificateFault;
    use serde_json::json;

    fn response(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> HttpOutcome {
        Ok(HttpResponse {
            content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
            body: body.as_ref().to_vec().into(),
            ..HttpResponse::new(status)
        })
    }

    fn good() -> Value {
        json!({"access_token":"AT","id_token":"IT","refresh_token":"RT2","expires_in":299,"token_type":"Bearer"})
    }

    fn with(name: &str, value: Value) -> TokenResult {
        let mut body = good();
        body[name] = value;
        read(response(200, "application/json; charset=utf-8", body.to_string()), Wall(0))
    }

    fn salvaged_from(response: TokenResult) -> Option<String> {
        match response {
            TokenResult::Transient { salvaged, .. } => salvaged.map(|one| one.expose().to_owned()),
            TokenResult::Success(_) | TokenResult::Rejected { .. } => panic!("not transient"),
        }
    }

    #[test]
    fn token_response_tokens_and_expires_in_are_parsed() {
        let TokenResult::Success(tokens) = with("unknown", json!({"a": 1})) else { panic!() };
        assert!(tokens.access_token.matches("AT"));
        assert!(tokens.id_token.unwrap().matches("IT"));
        assert!(tokens.refresh_token.unwrap().matches("RT2"));
        assert_eq!(tokens.lifetime, Duration::from_secs(299));
    }

    // req: C7
    #[test]
    fn token_response_with_odd_expires_in_keeps_tokens() {
        for (value, seconds) in [
            (json!("3600"), 3600.0),
            (json!(12.5), 12.5),
            (json!(0), 0.0),
            (json!(-5), 0.0),
            (json!(864_000), 864_000.0),
            (json!(1e308), 316_224_000.0),
            (json!(u64::MAX), 316_224_000.0),
            (json!("soon"), 300.0),
            (json!(null), 300.0),
            (json!([1]), 300.0),
            (json!("NaN"), 300.0),
        ] {
            let TokenResult::Success(tokens) = with("expires_in", value.clone()) else { panic!() };
            assert_eq!(tokens.lifetime, Duration::from_secs_f64(seconds), "{value}");
        }
    }

    // req: C6
    #[test]
    fn token_type_must_be_bearer_in_any_case_if_present() {
        assert!(matches!(with("token_type", json!("bEARER")), TokenResult::Success(_)));
        for kind in [json!(""), json!(null)] {
            assert!(matches!(with("token_type", kind), TokenResult::Success(_)));
        }
        for kind in [json!("mac"), json!("DPoP"), json!(7), json!(["Bearer"])] {
            assert_eq!(salvaged_from(with("token_type", kind)).as_deref(), Some("RT2"));
        }
    }

    // req: C8
    #[test]
    fn invalid_token_response_still_yields_refresh_token() {
        assert_eq!(salvaged_from(with("access_token", json!(""))).as_deref(), Some("RT2"));
        let trailing = format!("{} x", good());
        let broken = response(500, "application/json", good().to_string());
        let twice = good().to_string().replacen('{', r#"{"access_token":"other","#, 1);
        for outcome in [
            response(200, "application/json", trailing),
            broken,
            response(200, "application/json", twice),
        ] {
            assert_eq!(salvaged_from(read(outcome, Wall(0))).as_deref(), Some("RT2"));
        }
    }

    #[test]
    fn token_with_invisible_bytes_or_over_64_kib_is_rejected() {
        for (token, taken) in [
            ("!~", true),
            ("a b", false),
            ("a\u{7f}", false),
            ("a\r\nb", false),
            ("tök", false),
            (&*"x".repeat(65_536), true),
            (&*"x".repeat(65_537), false),
        ] {
            let shown = &token[..token.len().min(9)];
            let response = with("access_token", json!(token));
            assert_eq!(matches!(response, TokenResult::Success(_)), taken, "{shown:?}");
            let TokenResult::Success(tokens) = with("refresh_token", json!(token)) else {
                panic!()
            };
            assert_eq!(tokens.refresh_token.is_some(), taken, "{shown:?}");
        }
    }

    // req: C3
    #[test]
    fn token_response_with_fatal_oauth_error_ends_session() {
        for error in ["invalid_grant", "invalid_client", "unauthorized_client"] {
            let body = json!({"error": error, "error_description": "why"}).to_string();
            for status in [400, 401] {
                let read = read(response(status, "application/json", &body), Wall(0));
                assert!(matches!(read, TokenResult::Rejected { error: code, .. } if code == error));
            }
        }
    }

    // req: C3, C4
    #[test]
    fn token_response_other_than_fatal_error_is_transient() {
        let grant = r#"{"error":"invalid_grant"}"#;
        for outcome in [
            response(200, "text/html", "<html>Welcome to the hotel"),
            response(200, "application/json", grant),
            response(200, "application/json", ""),
            response(200, "application/json", r#"{"access_token":"#),
            response(302, "text/html", ""),
            response(400, "text/html", grant),
            response(400, "application/json", r#"{"error":"temporarily_unavailable"}"#),
            response(403, "application/json", grant),
            response(400, "application/json", r#"{"error_code":"invalid_grant"}"#),
            response(407, "text/html", ""),
            response(429, "text/html", ""),
            response(500, "application/json", grant),
            Err(HttpError::TimedOut),
            Err(HttpError::TooLarge),
        ] {
            let status = format!("{outcome:?}");
            assert!(matches!(read(outcome, Wall(0)), TokenResult::Transient { .. }), "{status}");
        }
    }

    // req: M6
    #[test]
    fn token_response_needs_no_200_json_or_token_type() {
        let mut body = good();
        body.as_object_mut().unwrap().remove("token_type");
        for (status, content_type) in [
            (200, "application/json"),
            (201, "application/json"),
            (200, "text/plain"),
            (200, "text/html"),
            (200, ""),
        ] {
            let read = read(response(status, content_type, body.to_string()), Wall(0));
            assert!(matches!(read, TokenResult::Success(_)), "{status} {content_type}");
        }
    }

    fn detail_of(outcome: HttpOutcome) -> String {
        match read(outcome, Wall(0)) {
            TokenResult::Transient { detail, .. } => detail,
            TokenResult::Success(_) | TokenResult::Rejected { .. } => panic!("not transient"),
        }
    }

    #[test]
    fn token_error_of_odd_status_or_type_is_shown_as_detail() {
        let grant = r#"{"error":"invalid_grant","error_description":"used"}"#;
        assert_eq!(
            detail_of(response(400, "text/plain", grant)),
            "Status 400, invalid_grant, used"
        );
        assert_eq!(
            detail_of(response(403, "application/json", grant)),
            "Status 403, invalid_grant, used"
        );
        let limit = r#"{"error_code":"RATE_LIMITED","message":"slow down"}"#;
        assert_eq!(
            detail_of(response(429, "application/json", limit)),
            "Status 429, RATE_LIMITED, slow down"
        );
        assert_eq!(detail_of(response(400, "", "")), "Status 400");
        let mut moved = response(308, "text/html", "");
        let location = "https://auth.example/oauth/token?secret=1";
        moved.as_mut().unwrap().location = Some(location.to_owned());
        assert_eq!(detail_of(moved), "Status 308, redirect to https://auth.example");
    }

    #[test]
    fn token_response_4xx_or_unusable_is_rejection_unless_html() {
        let grant = r#"{"error":"invalid_grant"}"#;
        for (status, content_type, body, is_rejection) in [
            (403, "application/json", grant, true),
            (400, "application/json", r#"{"error":"invalid_request"}"#, true),
            (400, "text/plain", grant, true),
            (400, "", "", true),
            (499, "", "", true),
            (403, "text/html", "<html>", false),
            (407, "", "", false),
            (408, "", "", false),
            (425, "", "", false),
            (429, "application/json", "{}", false),
            (451, "", "", false),
            (500, "application/json", grant, true),
            (500, "application/json", r#"{"error":"server_error"}"#, false),
            (503, "text/html", "<html>", false),
            (302, "text/html", "<html>", false),
            (399, "", "", false),
            (404, "", "", true),
            (404, "text/html", "<html>", false),
            (200, "application/json", "{}", true),
            (201, "application/json", r#"{"error":"access_denied"}"#, true),
            (200, "text/html", "<html>", false),
        ] {
            let TokenResult::Transient { rejection, .. } =
                read(response(status, content_type, body), Wall(0))
            else {
                panic!()
            };
            assert_eq!(rejection.is_some(), is_rejection, "{status} {content_type}");
        }
    }

    // req: M7
    #[test]
    fn token_response_compressed_with_gzip_is_reported() {
        for status in [200, 400, 503] {
            let mut outcome = response(status, "application/json", b"\x1f\x8b");
            outcome.as_mut().unwrap().content_encoding = Some("gzip".to_owned());
            let detail = detail_of(outcome);
            assert!(detail.contains("compressed with gzip"), "{status}: {detail}");
        }
    }

    // req: C2
    #[test]
    fn token_response_retry_after_is_preserved() {
        let mut outcome = response(429, "text/html", "slow down");
        outcome.as_mut().unwrap().retry_after = Some("30".to_owned());
        let TokenResult::Transient { retry_after, .. } = read(outcome, Wall(0)) else { panic!() };
        assert_eq!(retry_after, Some(Duration::from_secs(30)));
    }

    #[test]
    fn token_request_may_be_processed_unless_4xx_or_unsent() {
        for (status, processed) in [
            (200, true),
            (302, true),
            (399, true),
            (400, false),
            (403, false),
            (429, false),
            (499, false),
            (500, true),
            (503, true),
        ] {
            let TokenResult::Transient { may_have_been_processed, unreached, .. } =
                read(response(status, "text/html", "x"), Wall(0))
            else {
                panic!("not transient")
            };
            assert_eq!(may_have_been_processed, processed, "{status}");
            assert_eq!(unreached, None);
        }
        for (failure, expected) in [
            (HttpError::Unreachable(String::new()), (false, Some(ProblemCode::Offline))),
            (HttpError::ProxySignIn, (false, Some(ProblemCode::ProxySignIn))),
            (HttpError::ProxyRejected, (false, Some(ProblemCode::ProxyRejected))),
            (
                HttpError::Certificate(CertificateFault::Expired, None),
                (false, Some(ProblemCode::CertificateExpired)),
            ),
            (HttpError::TimedOut, (true, Some(ProblemCode::Offline))),
            (HttpError::Interrupted(String::new()), (true, Some(ProblemCode::Offline))),
            (HttpError::TooLarge, (true, None)),
        ] {
            let TokenResult::Transient { may_have_been_processed, unreached, .. } =
                read(Err(failure), Wall(0))
            else {
                panic!("not transient")
            };
            assert_eq!((may_have_been_processed, unreached), expected);
        }
    }
}
