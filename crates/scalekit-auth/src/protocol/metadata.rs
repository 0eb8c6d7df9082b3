//! The environment's metadata: the discovery document (OpenID Connect Discovery 1.0).

use serde_json::{Map, Value};
use url::Url;

use crate::{
    configuration::EnvironmentUrl,
    json,
    problem::{Problem, ProblemCode},
    protocol::http_response::{HttpOutcome, HttpResponse},
};

/// The path of the discovery document below the environment's URL (Discovery §4).
pub const PATH: &str = "/.well-known/openid-configuration";

/// The maximum size of a stored document, in bytes; a larger one is used but not stored.
pub const MAX_STORED_BYTES: usize = 32 * 1024;

/// Validated metadata: all endpoints have the environment's origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The issuer, identical to the environment's URL.
    pub issuer: String,
    /// The authorization endpoint, which the browser opens.
    pub authorization_endpoint: Url,
    /// The token endpoint.
    pub token_endpoint: Url,
    /// The URL of the JWKS.
    pub jwks_uri: Url,
    /// The endpoint for RP-initiated logout, which the browser opens.
    pub end_session_endpoint: Url,
    /// The endpoint where a public client may revoke a token (RFC 7009), if any.
    pub revocation_endpoint: Option<Url>,
    /// Whether every authorization response must have `iss` (RFC 9207 §3).
    pub callback_carries_issuer: bool,
    /// Whether a user may create an account (Initiating User Registration 1.0 §4.1: `create` in
    /// `prompt_values_supported`; true where that member is missing).
    pub offers_sign_up: bool,
}

/// The request for the discovery document.
#[must_use]
pub fn request(environment: &EnvironmentUrl) -> http::Request<Vec<u8>> {
    get(&environment.at(PATH))
}

/// The request for the `Date` header only: responses to OPTIONS are not cached (RFC 9110 §9.3.7).
#[must_use]
pub fn time_request(environment: &EnvironmentUrl) -> http::Request<Vec<u8>> {
    let mut request = get(&environment.at(PATH));
    *request.method_mut() = http::Method::OPTIONS;
    request
}

/// A GET request for JSON at `url` that bypasses caches, which may return an outdated `Date` and outdated keys
/// (RFC 9111 §5.2.1.4).
pub(crate) fn get(url: &Url) -> http::Request<Vec<u8>> {
    let mut request = http::Request::new(Vec::new());
    // Every `http` or `https` `Url` is a valid `Uri`.
    *request.uri_mut() = url.as_str().parse().unwrap_or_default();
    request
        .headers_mut()
        .insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
    request
        .headers_mut()
        .insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-cache"));
    request
}

/// Parses the response to [`request`].
///
/// # Errors
/// A problem that distinguishes faults of the network, of the service and of the URL.
pub fn read(environment: &EnvironmentUrl, outcome: HttpOutcome) -> Result<Metadata, Problem> {
    let response = outcome.map_err(|failure| failure.problem(environment))?;
    if let 300..=399 = response.status
        && let Some(target) = response.redirects_to(&environment.at(PATH))
    {
        return Err(redirected(environment, &target));
    }
    let at = |code| Problem::new(code).with("environment", environment.issuer());
    let with_status = |code| at(code).with_detail(format!("Status {}", response.status));
    match response.status {
        200 | 201 => described(environment, &response).map_err(|why| match why {
            MetadataError::Renamed(issuer) => renamed(environment, &issuer),
            MetadataError::Other(why) => at(ProblemCode::EnvironmentInvalid).with_detail(why),
        }),
        // A network component requires a sign-in: a captive portal or a proxy (RFC 9110 §15.4, §15.5.8).
        300..=399 | 407 | 511 => Err(with_status(ProblemCode::NetworkSignIn)),
        // RFC 9110 §15.5.2 and §15.5.4, RFC 7725: the environment may well be there.
        401 | 403 | 451 => Err(with_status(ProblemCode::EnvironmentForbidden)),
        408 | 425 | 429 | 500..=599 => Err(with_status(ProblemCode::ServiceUnavailable)),
        _ => Err(with_status(ProblemCode::EnvironmentNotFound)),
    }
}

/// Whether the response to [`request`] is the discovery document of a Scalekit environment.
///
/// # Errors
/// The reason it is not.
pub fn check(environment: &EnvironmentUrl, outcome: HttpOutcome) -> Result<(), Problem> {
    read(environment, outcome).map(drop)
}

/// Parses a stored document. It is validated like a new one, as the file can be modified.
#[must_use]
pub fn parse_stored(environment: &EnvironmentUrl, bytes: &[u8]) -> Option<Metadata> {
    parse(environment, &json::object(bytes).ok()?).ok()
}

/// The reason a document is rejected.
enum MetadataError {
    /// The issuer is the URL of another environment.
    Renamed(String),
    Other(String),
}

fn described(
    environment: &EnvironmentUrl,
    response: &HttpResponse,
) -> Result<Metadata, MetadataError> {
    // Discovery §4.2 requires `application/json`; storage buckets serve files as text.
    let document = response.object().map_err(MetadataError::Other)?;
    let issuer = json::string(&document, "issuer").unwrap_or_default();
    let is_environment = EnvironmentUrl::parse(issuer).is_ok_and(|one| one.issuer() == issuer);
    if is_environment && issuer != environment.issuer() {
        return Err(MetadataError::Renamed(issuer.to_owned()));
    }
    parse(environment, &document).map_err(MetadataError::Other)
}

/// After a custom domain is set up, the old host still responds and may name the new issuer. That issuer is
/// used only after the user or the administrator has entered it and its own discovery document was validated.
fn renamed(environment: &EnvironmentUrl, issuer: &str) -> Problem {
    Problem::new(ProblemCode::EnvironmentRenamed)
        .with("environment", environment.issuer())
        .with("address", issuer)
        .with_detail(issuer)
}

/// Any server can redirect to any host. Following the redirect would make another host the issuer (mix-up, RFC
/// 9700 §4.4); its origin is reported, and used only after the user or the administrator has entered it.
fn redirected(environment: &EnvironmentUrl, target: &str) -> Problem {
    Problem::new(ProblemCode::EnvironmentRedirects)
        .with("environment", environment.issuer())
        .with("address", target)
        .with_detail(target)
}

fn parse(environment: &EnvironmentUrl, document: &Map<String, Value>) -> Result<Metadata, String> {
    // Discovery §4.3: the issuer MUST be identical to the URL that the document was fetched from.
    let issuer = json::string(document, "issuer").unwrap_or_default();
    if issuer.is_empty() {
        return Err("It names no issuer".to_owned());
    }
    if issuer != environment.issuer() {
        return Err(format!("It calls itself {issuer:?}"));
    }
    require(document, "code_challenge_methods_supported", "S256")?;
    require(document, "id_token_signing_alg_values_supported", "RS256")?;
    require(document, "response_types_supported", "code")?;
    let end_session_endpoint = if json::optional(document, "end_session_endpoint").is_some() {
        endpoint(environment, document, "end_session_endpoint")?
    } else {
        // Scalekit documents the path; the metadata may omit it.
        environment.at("/oidc/logout")
    };
    Ok(Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: endpoint(environment, document, "authorization_endpoint")?,
        token_endpoint: endpoint(environment, document, "token_endpoint")?,
        jwks_uri: endpoint(environment, document, "jwks_uri")?,
        end_session_endpoint,
        // Revocation is best effort: an invalid endpoint is ignored.
        revocation_endpoint: endpoint(environment, document, "revocation_endpoint").ok().filter(
            |_| {
                let methods = "revocation_endpoint_auth_methods_supported";
                json::strings(document, methods).iter().any(|one| one == "none")
            },
        ),
        callback_carries_issuer: json::flag(
            document,
            "authorization_response_iss_parameter_supported",
        )
        .unwrap_or(false),
        offers_sign_up: require(document, "prompt_values_supported", "create").is_ok(),
    })
}

/// A list that is present must contain `value`. A missing one is accepted: Scalekit documents code flow, S256
/// and RS256 for every environment (RFC 9700 §2.1.1 permits such knowledge).
fn require(document: &Map<String, Value>, name: &str, value: &str) -> Result<(), String> {
    if json::optional(document, name).is_some()
        && !json::strings(document, name).iter().any(|one| one == value)
    {
        return Err(format!("It does not support {value}"));
    }
    Ok(())
}

/// RFC 9700 §4.4: an endpoint of another origin would receive authorization codes and refresh tokens.
fn endpoint(
    environment: &EnvironmentUrl,
    document: &Map<String, Value>,
    name: &str,
) -> Result<Url, String> {
    let text = json::string(document, name).ok_or_else(|| format!("It names no {name}"))?;
    if text.len() > 2048 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("Its {name} is not a web address"));
    }
    let url = Url::parse(text).map_err(|_| format!("Its {name} is not a web address"))?;
    if !environment.is_origin_of(&url) || url.fragment().is_some() {
        return Err(format!("Its {name} is at another host"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::http_response::HttpError;
    use serde_json::json;

    fn environment() -> EnvironmentUrl {
        EnvironmentUrl::parse("https://acme.scalekit.com").unwrap()
    }

    fn document() -> Value {
        json!({
            "issuer": "https://acme.scalekit.com",
            "authorization_endpoint": "https://acme.scalekit.com/oauth/authorize",
            "token_endpoint": "https://acme.scalekit.com/oauth/token",
            "jwks_uri": "https://acme.scalekit.com/keys",
            "end_session_endpoint": "https://acme.scalekit.com/oidc/logout",
            "code_challenge_methods_supported": ["S256"],
        })
    }

    fn outcome_of(status: u16, content_type: &str, body: &[u8]) -> HttpOutcome {
        Ok(HttpResponse {
            content_type: Some(content_type.to_owned()),
            body: body.to_vec().into(),
            ..HttpResponse::new(status)
        })
    }

    fn changed(name: &str, value: Value) -> Result<Metadata, Problem> {
        let mut document = document();
        document[name] = value;
        read(&environment(), outcome_of(200, "application/json", document.to_string().as_bytes()))
    }

    #[test]
    fn metadata_check_reports_the_problem_of_the_response() {
        let outcome = outcome_of(404, "application/json", b"{}");
        let problem = check(&environment(), outcome).unwrap_err();
        assert_eq!(problem.code, ProblemCode::EnvironmentNotFound);
    }

    #[test]
    fn metadata_of_matching_issuer_is_accepted() {
        let metadata = changed("unknown", json!(1)).unwrap();
        assert_eq!(metadata.token_endpoint.as_str(), "https://acme.scalekit.com/oauth/token");
        assert!(!metadata.callback_carries_issuer);
    }

    #[test]
    fn metadata_without_end_session_endpoint_uses_default() {
        let mut document = document();
        document.as_object_mut().unwrap().remove("end_session_endpoint");
        let body = document.to_string();
        let metadata =
            read(&environment(), outcome_of(200, "application/json", body.as_bytes())).unwrap();
        assert_eq!(metadata.end_session_endpoint.path(), "/oidc/logout");
    }

    // req: G1
    #[test]
    fn metadata_with_non_identical_issuer_is_rejected() {
        for issuer in [
            "https://acme.scalekit.com/",
            "HTTPS://acme.scalekit.com",
            "http://evil.example",
            "https://evil.example/path",
            "https://u@evil.example",
            "evil.example",
            "",
        ] {
            let problem = changed("issuer", json!(issuer)).unwrap_err();
            assert_eq!(problem.code, ProblemCode::EnvironmentInvalid, "{issuer}");
        }
    }

    // req: A5, G2
    #[test]
    fn metadata_endpoint_off_issuer_origin_is_rejected() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"]
        {
            for url in [
                "https://evil.example/x",
                "http://acme.scalekit.com/x",
                "https://acme.scalekit.com:444/x",
                "https://acme.scalekit.com@evil.example/x",
                "https://user@acme.scalekit.com/x",
                "file:///c:/calc.exe",
                "javascript:alert(1)",
                "blob:https://acme.scalekit.com/x",
                "https://acme.scalekit.com/ --proxy-server=x",
                "com.evil:/x",
                "https://a$(calc)",
                "https://acme.scalekit.com/$(calc) ",
                "https://acme.scalekit.com/\n",
                "https://acme.scalekit.com/#x",
                &format!("https://acme.scalekit.com/{}", "x".repeat(1024 * 1024)),
            ] {
                let problem = changed(name, json!(url)).unwrap_err();
                let shown = &url[..url.len().min(80)];
                assert_eq!(problem.code, ProblemCode::EnvironmentInvalid, "{name} {shown}");
            }
        }
    }

    // req: M12
    #[test]
    fn metadata_of_renamed_issuer_is_rejected_and_reported() {
        let problem = changed("issuer", json!("https://login.acme.example")).unwrap_err();
        assert_eq!(problem.code, ProblemCode::EnvironmentRenamed);
        assert_eq!(problem.detail.as_deref(), Some("https://login.acme.example"));
        assert!(problem.message.contains("https://acme.scalekit.com calls itself https://login"));
    }

    fn redirected_to(status: u16, location: &str) -> Problem {
        let response = outcome_of(status, "text/html", b"")
            .map(|response| HttpResponse { location: Some(location.to_owned()), ..response });
        read(&environment(), response).unwrap_err()
    }

    // req: M23
    #[test]
    fn metadata_redirect_is_reported_by_its_origin_only() {
        let longest =
            format!("https://{}", ["x".repeat(63), "y".repeat(63), "z".repeat(63),].join("."));
        for (location, origin) in [
            ("https://login.acme.example/x?code=1#y", "https://login.acme.example"),
            ("//login.acme.example:444/", "https://login.acme.example:444"),
            ("http://acme.scalekit.com/", "http://acme.scalekit.com"),
            ("https://acme.scalekit.com@evil.example/", "https://evil.example"),
            ("https://user:secret@evil.example/", "https://evil.example"),
            ("https://b\u{fc}cher.example/\u{202e}", "https://xn--bcher-kva.example"),
            (&longest, &longest),
        ] {
            for status in [301, 302, 307, 308] {
                let problem = redirected_to(status, location);
                assert_eq!(problem.code, ProblemCode::EnvironmentRedirects, "{location}");
                assert_eq!(problem.detail.as_deref(), Some(origin));
                let expected =
                    format!("https://acme.scalekit.com leads on to {origin}. That was not");
                assert!(problem.message.contains(&expected), "{}", problem.message);
            }
        }
    }

    // req: M23
    #[test]
    fn metadata_redirect_within_origin_is_network_sign_in() {
        for location in [
            "",
            "/elsewhere",
            "https://acme.scalekit.com:443/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://evil.example/x",
            "https://a b",
            &format!(
                "https://{}.example",
                ["x".repeat(63), "y".repeat(63), "z".repeat(63)].join(".")
            ),
        ] {
            let problem = redirected_to(302, location);
            assert_eq!(problem.code, ProblemCode::NetworkSignIn, "{location}");
            assert_eq!(problem.detail.as_deref(), Some("Status 302"));
        }
        assert_eq!(
            redirected_to(404, "https://evil.example").code,
            ProblemCode::EnvironmentNotFound
        );
    }

    #[test]
    fn sign_up_is_offered_unless_prompt_values_lack_create() {
        for (values, offered) in [
            (json!(["login", "create"]), true),
            (json!(["login", "consent"]), false),
            (json!("create"), true),
            (json!([]), true),
            (json!(null), true),
        ] {
            let metadata = changed("prompt_values_supported", values.clone()).unwrap();
            assert_eq!(metadata.offers_sign_up, offered, "{values}");
        }
        assert!(changed("unknown", json!(1)).unwrap().offers_sign_up);
    }

    // req: A3
    #[test]
    fn metadata_with_only_plain_pkce_is_rejected() {
        changed("code_challenge_methods_supported", json!(["plain"])).unwrap_err();
        changed("code_challenge_methods_supported", json!("plain")).unwrap_err();
    }

    #[test]
    fn metadata_lists_without_rs256_or_code_are_rejected() {
        for (name, needed) in [
            ("id_token_signing_alg_values_supported", "RS256"),
            ("response_types_supported", "code"),
        ] {
            for with in [json!(["other", needed]), json!(needed), json!([]), json!(null)] {
                changed(name, with).unwrap();
            }
            for without in [json!(["other"]), json!("other"), json!([null]), json!(7)] {
                let problem = changed(name, without).unwrap_err();
                assert_eq!(problem.code, ProblemCode::EnvironmentInvalid, "{name}");
            }
        }
    }

    #[test]
    fn metadata_content_type_is_only_reported_on_error() {
        let body = document().to_string();
        for content_type in ["application/json; charset=utf-8", "text/plain", "text/html", ""] {
            let outcome = read(&environment(), outcome_of(200, content_type, body.as_bytes()));
            assert!(outcome.is_ok(), "{content_type}");
        }
        assert!(read(&environment(), outcome_of(201, "application/json", body.as_bytes())).is_ok());
        let problem = read(&environment(), outcome_of(200, "text/html", b"<html>")).unwrap_err();
        let detail = problem.detail.unwrap();
        assert!(detail.contains("text/html"), "{detail}");
    }

    #[test]
    fn metadata_empty_end_session_endpoint_uses_default() {
        for value in [json!(null), json!("")] {
            let metadata = changed("end_session_endpoint", value).unwrap();
            assert_eq!(metadata.end_session_endpoint.path(), "/oidc/logout");
        }
    }

    #[test]
    fn metadata_fetch_errors_are_mapped_to_problem_codes() {
        let cases = [
            (outcome_of(200, "text/html", b"<html>"), ProblemCode::EnvironmentInvalid),
            (outcome_of(200, "application/json", b"[]"), ProblemCode::EnvironmentInvalid),
            (outcome_of(404, "application/json", b"{}"), ProblemCode::EnvironmentNotFound),
            (outcome_of(403, "text/html", b"<html>"), ProblemCode::EnvironmentForbidden),
            (outcome_of(451, "text/html", b"<html>"), ProblemCode::EnvironmentForbidden),
            (outcome_of(302, "text/html", b""), ProblemCode::NetworkSignIn),
            (outcome_of(407, "text/html", b"<html>"), ProblemCode::NetworkSignIn),
            (outcome_of(511, "text/html", b"<html>"), ProblemCode::NetworkSignIn),
            (outcome_of(503, "text/html", b""), ProblemCode::ServiceUnavailable),
            (outcome_of(429, "text/html", b""), ProblemCode::ServiceUnavailable),
            (Err(HttpError::TimedOut), ProblemCode::Offline),
            (Err(HttpError::TooLarge), ProblemCode::ServiceUnavailable),
            (Err(HttpError::Malformed(String::new())), ProblemCode::ServiceUnavailable),
        ];
        for (outcome, code) in cases {
            assert_eq!(read(&environment(), outcome).unwrap_err().code, code);
        }
    }

    #[test]
    fn metadata_endpoint_longer_than_2048_is_rejected() {
        let url = |length: usize| {
            let start = "https://acme.scalekit.com/";
            format!("{start}{}", "x".repeat(length - start.len()))
        };
        let metadata = changed("token_endpoint", json!(url(2048))).unwrap();
        assert_eq!(metadata.token_endpoint.as_str(), url(2048));
        changed("token_endpoint", json!(url(2049))).unwrap_err();
    }

    #[test]
    fn metadata_with_unusable_issuer_names_it() {
        let mut unnamed = Vec::new();
        for issuer in [
            "https://acme.scalekit.com/",
            "https://login.acme.example/auth",
            "https://login.acme.example/",
        ] {
            let problem = changed("issuer", json!(issuer)).unwrap_err();
            let text = format!("{} {:?}", problem.message, problem.detail);
            if !text.contains(issuer) {
                unnamed.push((issuer, problem.detail));
            }
        }
        assert!(unnamed.is_empty(), "{unnamed:?}");
    }

    /// None of these means that there is no environment (RFC 9110 §15.5.2, §15.5.9, RFC 8470).
    #[test]
    fn metadata_refused_or_late_is_not_a_missing_environment() {
        let wrong: Vec<_> = [401, 408, 425]
            .into_iter()
            .filter(|status| {
                let problem =
                    read(&environment(), outcome_of(*status, "text/html", b"<html>")).unwrap_err();
                problem.code == ProblemCode::EnvironmentNotFound
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
