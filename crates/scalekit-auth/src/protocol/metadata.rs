//! The environment's description of itself (OpenID Connect Discovery 1.0).

use serde_json::{Map, Value};
use url::Url;

use crate::{
    configuration::EnvironmentUrl,
    json,
    problem::{Problem, ProblemCode},
    protocol::http_response::{HttpOutcome, HttpResponse},
};

/// Where the description stands under the environment's address (Discovery §4).
pub const PATH: &str = "/.well-known/openid-configuration";

/// A longer description is used and not kept, in bytes.
pub const MAX_STORED_BYTES: usize = 32 * 1024;

/// Endpoints that have been checked to be the environment's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Who signs: equal to the environment's address.
    pub issuer: String,
    /// Where the browser is sent.
    pub authorization_endpoint: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: Url,
    /// Where the signing keys are published.
    pub jwks_uri: Url,
    /// Where the browser is sent to sign out.
    pub end_session_endpoint: Url,
    /// Where a public client may revoke a token (RFC 7009), if anywhere.
    pub revocation_endpoint: Option<Url>,
    /// Whether every callback must carry `iss` (RFC 9207 §3).
    pub callback_carries_issuer: bool,
    /// Whether a user may create an account (Initiating User Registration 1.0 §4.1: `create` in
    /// `prompt_values_supported`; a description without that list says nothing against it).
    pub offers_sign_up: bool,
}

/// The request for the description.
#[must_use]
pub fn request(environment: &EnvironmentUrl) -> http::Request<Vec<u8>> {
    get(&environment.at(PATH))
}

/// The request for nothing but the time: RFC 9110 §9.3.7, answers to OPTIONS are kept by no cache.
#[must_use]
pub fn time_request(environment: &EnvironmentUrl) -> http::Request<Vec<u8>> {
    let mut request = get(&environment.at(PATH));
    *request.method_mut() = http::Method::OPTIONS;
    request
}

/// A plain request for JSON at `url`, past caches: they keep the clock and the keys of yesterday (RFC 9111
/// §5.2.1.4).
pub(crate) fn get(url: &Url) -> http::Request<Vec<u8>> {
    let mut request = http::Request::new(Vec::new());
    // Every `http` or `https` Url is a Uri.
    *request.uri_mut() = url.as_str().parse().unwrap_or_default();
    request
        .headers_mut()
        .insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
    request
        .headers_mut()
        .insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-cache"));
    request
}

/// Reads the answer to [`request`].
///
/// # Errors
/// A problem that says whether the network, the service or the address is at fault.
pub fn read(environment: &EnvironmentUrl, outcome: HttpOutcome) -> Result<Metadata, Problem> {
    let answer = outcome.map_err(|failure| failure.problem(environment))?;
    if let 300..=399 = answer.status
        && let Some(target) = answer.redirects_to(&environment.at(PATH))
    {
        return Err(redirected(environment, &target));
    }
    let at = |code| Problem::new(code).with("environment", environment.issuer());
    let with_status = |code| at(code).with_detail(format!("Status {}", answer.status));
    match answer.status {
        200 | 201 => described(environment, &answer).map_err(|why| match why {
            MetadataError::Renamed(issuer) => renamed(environment, &issuer),
            MetadataError::Other(why) => at(ProblemCode::EnvironmentInvalid).with_detail(why),
        }),
        // Somebody in between wants something first: a captive portal, a proxy (RFC 9110 §15.4, §15.5.8).
        300..=399 | 407 | 511 => Err(with_status(ProblemCode::NetworkSignIn)),
        // RFC 9110 §15.5.4, RFC 7725: the environment may well be there.
        403 | 451 => Err(with_status(ProblemCode::EnvironmentForbidden)),
        429 | 500..=599 => Err(with_status(ProblemCode::ServiceTrouble)),
        _ => Err(with_status(ProblemCode::EnvironmentNotFound)),
    }
}

/// Whether the response to [`request`] is the discovery document of a Scalekit environment.
///
/// # Errors
/// A [`Problem`] that says what it is instead.
pub fn check(environment: &EnvironmentUrl, outcome: HttpOutcome) -> Result<(), Problem> {
    read(environment, outcome).map(drop)
}

/// Reads a description that was kept. It is judged as if it had just come: a file can be changed.
#[must_use]
pub fn parse_stored(environment: &EnvironmentUrl, bytes: &[u8]) -> Option<Metadata> {
    parse(environment, &json::object(bytes).ok()?).ok()
}

/// Why a description is not the environment's.
enum MetadataError {
    /// It names another issuer, which is the address of an environment.
    Renamed(String),
    Other(String),
}

fn described(
    environment: &EnvironmentUrl,
    answer: &HttpResponse,
) -> Result<Metadata, MetadataError> {
    // Discovery §4.2 wants `application/json`; files in a bucket come as text.
    let document = answer.object().map_err(MetadataError::Other)?;
    let issuer = json::string(&document, "issuer").unwrap_or_default();
    let is_environment = EnvironmentUrl::parse(issuer).is_ok_and(|one| one.issuer() == issuer);
    if is_environment && issuer != environment.issuer() {
        return Err(MetadataError::Renamed(issuer.to_owned()));
    }
    parse(environment, &document).map_err(MetadataError::Other)
}

/// After a custom domain is set up the old host still answers, and may name the new one. What it names is
/// believed only when the user or the administrator enters it, and it then describes itself.
fn renamed(environment: &EnvironmentUrl, issuer: &str) -> Problem {
    Problem::new(ProblemCode::EnvironmentRenamed)
        .with("environment", environment.issuer())
        .with("address", issuer)
        .with_detail(issuer)
}

/// Whoever answers can redirect anywhere. Were that followed, another host would become the issuer (mix-up, RFC
/// 9700 §4.4); so it is told, and is used only once the user or the administrator has entered it.
fn redirected(environment: &EnvironmentUrl, target: &str) -> Problem {
    Problem::new(ProblemCode::EnvironmentRedirects)
        .with("environment", environment.issuer())
        .with("address", target)
        .with_detail(target)
}

fn parse(environment: &EnvironmentUrl, document: &Map<String, Value>) -> Result<Metadata, String> {
    // Discovery §4.3: the issuer MUST be exactly the address the document was fetched from.
    let issuer = json::string(document, "issuer").unwrap_or_default();
    if issuer != environment.issuer() {
        return Err("It calls itself by another address".to_owned());
    }
    require(document, "code_challenge_methods_supported", "S256")?;
    require(document, "id_token_signing_alg_values_supported", "RS256")?;
    require(document, "response_types_supported", "code")?;
    let end_session_endpoint = if json::optional(document, "end_session_endpoint").is_some() {
        endpoint(environment, document, "end_session_endpoint")?
    } else {
        // Scalekit documents the path; its metadata need not repeat it.
        environment.at("/oidc/logout")
    };
    Ok(Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: endpoint(environment, document, "authorization_endpoint")?,
        token_endpoint: endpoint(environment, document, "token_endpoint")?,
        jwks_uri: endpoint(environment, document, "jwks_uri")?,
        end_session_endpoint,
        // Best effort: one that cannot be used is not there.
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

/// A list that is there must hold `value`. One that is missing says nothing: Scalekit documents
/// code flow, S256 and RS256 for every environment (RFC 9700 §2.1.1 allows such knowledge).
fn require(document: &Map<String, Value>, name: &str, value: &str) -> Result<(), String> {
    if json::optional(document, name).is_some()
        && !json::strings(document, name).iter().any(|one| one == value)
    {
        return Err(format!("It does not support {value}"));
    }
    Ok(())
}

/// RFC 9700 §4.4: an endpoint elsewhere would be handed codes and refresh tokens.
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

    fn answered(status: u16, content_type: &str, body: &[u8]) -> HttpOutcome {
        Ok(HttpResponse {
            status,
            content_type: Some(content_type.to_owned()),
            retry_after: None,
            date: None,
            content_encoding: None,
            age: None,
            location: None,
            www_authenticate: None,
            body: body.to_vec().into(),
        })
    }

    fn changed(name: &str, value: Value) -> Result<Metadata, Problem> {
        let mut document = document();
        document[name] = value;
        read(&environment(), answered(200, "application/json", document.to_string().as_bytes()))
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
            read(&environment(), answered(200, "application/json", body.as_bytes())).unwrap();
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
        let answer = answered(status, "text/html", b"")
            .map(|answer| HttpResponse { location: Some(location.to_owned()), ..answer });
        read(&environment(), answer).unwrap_err()
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
                let told = format!("https://acme.scalekit.com leads on to {origin}. That was not");
                assert!(problem.message.contains(&told), "{}", problem.message);
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
            let outcome = read(&environment(), answered(200, content_type, body.as_bytes()));
            assert!(outcome.is_ok(), "{content_type}");
        }
        assert!(read(&environment(), answered(201, "application/json", body.as_bytes())).is_ok());
        let problem = read(&environment(), answered(200, "text/html", b"<html>")).unwrap_err();
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
            (answered(200, "text/html", b"<html>"), ProblemCode::EnvironmentInvalid),
            (answered(200, "application/json", b"[]"), ProblemCode::EnvironmentInvalid),
            (answered(404, "application/json", b"{}"), ProblemCode::EnvironmentNotFound),
            (answered(403, "text/html", b"<html>"), ProblemCode::EnvironmentForbidden),
            (answered(451, "text/html", b"<html>"), ProblemCode::EnvironmentForbidden),
            (answered(302, "text/html", b""), ProblemCode::NetworkSignIn),
            (answered(407, "text/html", b"<html>"), ProblemCode::NetworkSignIn),
            (answered(511, "text/html", b"<html>"), ProblemCode::NetworkSignIn),
            (answered(503, "text/html", b""), ProblemCode::ServiceTrouble),
            (answered(429, "text/html", b""), ProblemCode::ServiceTrouble),
            (Err(HttpError::TimedOut), ProblemCode::Offline),
            (Err(HttpError::TooLarge), ProblemCode::ServiceTrouble),
            (Err(HttpError::Malformed(String::new())), ProblemCode::ServiceTrouble),
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
}
