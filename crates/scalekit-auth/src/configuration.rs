//! The configuration: the environment, the application, and how it signs in.

use std::{borrow::Cow, fmt, num::NonZeroU16, time::Duration};

use serde::Deserialize;
use url::Url;

use crate::{
    origin::{is_loopback, is_safe_origin},
    problem::{Problem, ProblemCode},
    protocol::{custom_claims::CustomClaims, forwarded_parameters::ForwardedName},
    resource_origin::ResourceOrigin,
    sign_in_hints::{ConnectionId, DomainName, SocialProvider},
};

/// The configuration of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The Scalekit environment.
    pub environment: EnvironmentUrl,
    /// The client id of the application in this environment.
    pub client_id: ClientId,
    /// The URIs that the browser redirects to.
    pub redirect_uris: RedirectUris,
    /// The timeout of a sign-in in the browser. Codes are valid for about ten minutes; longer has no use.
    pub sign_in_wait: Duration,
    /// The only organization whose users may sign in, if the application is pinned to one.
    pub organization: Option<OrganizationId>,
    /// The origins that access tokens may be sent to, besides the environment itself.
    pub services: Vec<ResourceOrigin>,
    /// The custom claims to read from the tokens.
    pub custom_claims: CustomClaims,
    /// The parameters of an initiate-login link that are passed on to the authorization request.
    pub forwarded: Vec<ForwardedName>,
    /// When the session is refreshed without a request.
    pub refresh: RefreshPolicy,
    /// Whether the end of the session that token responses announce is shown to the user ahead of time. No page of
    /// Scalekit documents such an announcement.
    pub announced_end: bool,
    /// The route of sign-ins whose request names none.
    pub route: SignInRoute,
    /// The social providers that users are offered, in this order.
    pub providers: Vec<SocialProvider>,
    /// The roles whose users are offered the organization's hosted pages.
    pub administrator_roles: Vec<String>,
    /// The loopback redirect URI, if one is registered.
    pub loopback: Option<LoopbackPort>,
}

/// The route of sign-ins whose request names none: an administrator's choice. Unlike the organization that an
/// application is pinned to ([`Configuration::organization`]), it does not identify the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInRoute {
    /// The connection to use.
    pub connection_id: Option<ConnectionId>,
    /// The organization to sign in to.
    pub organization_id: Option<OrganizationId>,
    /// The e-mail domain whose organization's connection is used.
    pub domain: Option<DomainName>,
}

/// The port of the loopback redirect URI (RFC 8252 §7.3). It is not documented whether Scalekit ignores the
/// port, as that clause requires: a fixed one is registered as part of the URI.
///
/// Settings contain `any` or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "WrittenPort")]
pub enum LoopbackPort {
    /// Any free port. `http://127.0.0.1/callback` is registered.
    Any,
    /// This port. `http://127.0.0.1:<port>/callback` is registered.
    Fixed(NonZeroU16),
}

/// The path of the loopback redirect URI.
pub const LOOPBACK_PATH: &str = "/callback";

impl LoopbackPort {
    /// The URI to register with the environment, in addition to the deep link.
    #[must_use]
    pub fn redirect_uri(self) -> String {
        match self {
            Self::Any => format!("http://127.0.0.1{LOOPBACK_PATH}"),
            Self::Fixed(port) => loopback_redirect_uri(port.get()),
        }
    }
}

/// RFC 8252 §8.3: an IP literal, as `localhost` may resolve to another interface.
pub(crate) fn loopback_redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{LOOPBACK_PATH}")
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenPort {
    Word(AnyPort),
    Number(NonZeroU16),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum AnyPort {
    Any,
}

impl From<WrittenPort> for LoopbackPort {
    fn from(written: WrittenPort) -> Self {
        match written {
            WrittenPort::Word(AnyPort::Any) => Self::Any,
            WrittenPort::Number(port) => Self::Fixed(port),
        }
    }
}

/// When a session is refreshed without a request.
///
/// It is not documented whether Scalekit counts a refresh as activity for its idle timeout. If it does, an
/// application that refreshes while it is not in use defeats that timeout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefreshPolicy {
    /// Before the access token expires, so that a valid one is always available.
    #[default]
    Always,
    /// Only while the application is in use: its window is shown. At other times a request for an access token
    /// causes a refresh; without one, the session is subject to Scalekit's idle timeout. A refresh whose
    /// response was lost is repeated, also in the next process.
    WhileInUse,
}

impl Configuration {
    /// The defaults: any user of the environment signs in within [`SIGN_IN_WAIT`], and access tokens are sent
    /// to the environment only.
    #[must_use]
    pub fn new(
        environment: EnvironmentUrl,
        client_id: ClientId,
        redirect_uris: RedirectUris,
    ) -> Self {
        Self {
            environment,
            client_id,
            redirect_uris,
            sign_in_wait: SIGN_IN_WAIT,
            organization: None,
            services: Vec::new(),
            custom_claims: CustomClaims::default(),
            forwarded: Vec::new(),
            refresh: RefreshPolicy::default(),
            announced_end: false,
            route: SignInRoute::default(),
            providers: Vec::new(),
            administrator_roles: Vec::new(),
            loopback: None,
        }
    }

    /// Whether a request to `url` may carry the access token: to the environment and the configured services,
    /// each compared by its whole origin.
    #[must_use]
    pub fn may_receive_token(&self, url: &Url) -> bool {
        let service = || self.services.iter().any(|service| service.is_origin_of(url));
        is_safe_origin(url)
            && url.username().is_empty()
            && url.password().is_none()
            && (self.environment.is_origin_of(url) || service())
    }
}

/// The default timeout of a sign-in: the lifetime of an authorization code.
pub const SIGN_IN_WAIT: Duration = Duration::from_secs(600);

/// The application's deep links, registered with the environment exactly as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUris {
    scheme: String,
    /// The redirect URI of the authorization request.
    pub callback: String,
    /// The post-logout redirect URI.
    pub post_logout: String,
    /// The initiate-login URI, which opens the application for a sign-in that began outside.
    pub initiate_login: String,
}

impl RedirectUris {
    /// The redirect URIs of the application that owns `scheme`.
    ///
    /// RFC 8252 §7.1 requires a reverse-domain scheme, with a period in it, so that two applications do not use
    /// the same one; its examples have a single slash. Scalekit documents `scheme://host` redirect URIs only,
    /// so that form is used.
    ///
    /// # Errors
    /// When the scheme is not a lower-case reverse-domain name.
    pub fn with_scheme(scheme: &str) -> Result<Self, SchemeError> {
        let well_formed = scheme.len() <= 64
            && scheme.contains('.')
            && scheme.split('.').all(|part| !part.is_empty())
            && scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'));
        if !well_formed {
            return Err(SchemeError(scheme.to_owned()));
        }
        Ok(Self {
            scheme: scheme.to_owned(),
            callback: format!("{scheme}://callback"),
            post_logout: format!("{scheme}://signed-out"),
            initiate_login: format!("{scheme}://login"),
        })
    }

    /// The scheme of all redirect URIs.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }
}

/// The scheme is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The link scheme {0:?} is not a lower-case reverse-domain name such as com.example.app.")]
pub struct SchemeError(String);

/// The URL of a Scalekit environment: `https`, or `http` on loopback; a host, optionally a port, nothing more.
///
/// It has no trailing slash, like the environment's issuer identifier (`iss`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentUrl {
    url: Url,
    issuer: String,
}

/// The maximum length of an environment's URL, in bytes.
const MAX_URL_LEN: usize = 256;

/// The maximum length of the page's URL that a user pastes in its place, in bytes.
const MAX_PAGE_URL_LEN: usize = 4096;

impl EnvironmentUrl {
    /// Parses a URL that a user or an administrator wrote.
    ///
    /// # Errors
    /// A code of [`ProblemCode::is_of_environment_url`], whose sentence describes the correction.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = without_wrapping(text);
        if text.is_empty() {
            return Err(Problem::new(ProblemCode::EnvironmentUrlMissing));
        }
        if text.len() > MAX_PAGE_URL_LEN
            || text.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            return Err(Problem::new(ProblemCode::EnvironmentUrlMalformed));
        }
        let url = Url::parse(&with_scheme(text))
            .map_err(|_| Problem::new(ProblemCode::EnvironmentUrlInvalid))?;
        let url = without_final_dot(url);
        if url.host_str().is_some_and(|host| !is_host_name(host)) {
            return Err(Problem::new(ProblemCode::EnvironmentUrlInvalid));
        }
        if !is_safe_origin(&url) {
            return Err(Problem::new(ProblemCode::EnvironmentUrlNotHttps));
        }
        // In `https://acme.scalekit.com@evil.example` the user name looks like the host.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Problem::new(ProblemCode::EnvironmentUrlHasUserName));
        }
        let url = origin_of(url);
        let issuer = url.as_str().trim_end_matches('/').to_owned();
        // Punycode is longer than the characters that were entered (RFC 5891 §4.4).
        if issuer.len() > MAX_URL_LEN {
            return Err(Problem::new(ProblemCode::EnvironmentUrlMalformed));
        }
        Ok(Self { url, issuer })
    }

    /// The required issuer identifier: the URL without a trailing slash.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether its host is this computer.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// A URL with this path in the environment.
    #[must_use]
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// Whether `url` has the same scheme, host and port as the environment. The origin of a `blob:` URL is that
    /// of the URL in it, so the scheme is compared too.
    #[must_use]
    pub fn is_origin_of(&self, url: &Url) -> bool {
        url.scheme() == self.url.scheme()
            && url.origin() == self.url.origin()
            && url.username().is_empty()
            && url.password().is_none()
    }
}

/// Scalekit's examples show the bare host, so users enter it without a scheme.
fn with_scheme(text: &str) -> Cow<'_, str> {
    let is_name =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if text.split_once("://").is_some_and(|(scheme, _)| is_name(scheme)) {
        return Cow::Borrowed(text);
    }
    // URL parsers accept any number of slashes.
    for scheme in ["https", "http"] {
        let rest = text.get(..scheme.len()).filter(|begin| begin.eq_ignore_ascii_case(scheme));
        match rest.map(|_| &text[scheme.len()..]) {
            Some(rest) if rest.starts_with("//") => return Cow::Owned(format!("{scheme}:{rest}")),
            Some(rest) if rest.starts_with(':') => return Cow::Borrowed(text),
            Some(_) | None => {}
        }
    }
    let secure = format!("https://{text}");
    let is_here = Url::parse(&secure).is_ok_and(|url| is_loopback(&url));
    Cow::Owned(if is_here { format!("http://{text}") } else { secure })
}

/// RFC 3986 §3.2.2: the dot at the end of a name is optional; no issuer has it.
fn without_final_dot(mut url: Url) -> Url {
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')) {
        let host = host.to_owned();
        // An empty name is rejected, and the URL stays as it is.
        let _ = url.set_host(Some(&host));
    }
    url
}

/// URL parsers accept punctuation in a host that no name has (RFC 1123 §2.1). A scheme as the host is that of a URL
/// pasted behind another scheme, which a search domain would complete.
fn is_host_name(host: &str) -> bool {
    let is_in_name = |b: u8| b.is_ascii_alphanumeric() || b"-_.[]:".contains(&b);
    host.bytes().all(is_in_name) && !matches!(host, "http" | "https") && !host.ends_with('.')
}

/// The URL of a line as users copy it: of an `.env` file (`NAME=…`), of JSON or a sentence, with quotation marks, and a
/// comma, semicolon or full stop behind it. No host contains these at its ends.
fn without_wrapping(text: &str) -> &str {
    let is_wrapping =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '<' | '>' | '.');
    let text = text.trim_matches(is_wrapping);
    let is_variable = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    match text.split_once('=') {
        Some((name, value)) if is_variable(name.trim()) => value.trim_matches(is_wrapping),
        Some(_) | None => text,
    }
}

/// Path, query and fragment belong to a page, such as one of the dashboard.
fn origin_of(mut url: Url) -> Url {
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    url
}

impl fmt::Display for EnvironmentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.issuer)
    }
}

/// The id of an application registered with the environment; public, not a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientId(String);

impl ClientId {
    /// Parses an id that a user or an administrator wrote.
    ///
    /// # Errors
    /// [`ProblemCode::ClientIdInvalid`], whose sentence describes the correction.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        // RFC 6749 Appendix A.1: visible characters; a space in the middle is a copying mistake.
        if text.is_empty() || text.len() > 128 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Problem::new(ProblemCode::ClientIdInvalid));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of an organization of the environment (`org_…`); public, not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OrganizationId(String);

impl OrganizationId {
    /// Parses an id that an administrator wrote.
    ///
    /// # Errors
    /// When it is no valid organization id; the error's sentence describes the correction.
    pub fn parse(text: &str) -> Result<Self, OrganizationIdError> {
        let text = text.trim();
        if text.is_empty() || text.len() > 128 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(OrganizationIdError(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as it is sent and as it appears in the `oid` claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrganizationId {
    type Error = OrganizationIdError;

    fn try_from(text: String) -> Result<Self, OrganizationIdError> {
        Self::parse(&text)
    }
}

/// The organization id is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The organization id {0:?} is empty or has characters no organization id has. Copy it from the organization in the Scalekit dashboard."
)]
pub struct OrganizationIdError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_redirect_uri_to_register_names_a_fixed_port_only() {
        let fixed = LoopbackPort::Fixed(NonZeroU16::new(8123).unwrap());
        assert_eq!(LoopbackPort::Any.redirect_uri(), "http://127.0.0.1/callback");
        assert_eq!(fixed.redirect_uri(), "http://127.0.0.1:8123/callback");
    }

    #[test]
    fn environment_url_is_loopback_only_on_this_computer() {
        for (url, loopback) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]", true),
            ("https://localhost", true),
            ("https://acme.scalekit.com", false),
            ("https://127.0.0.1.example.com", false),
        ] {
            assert_eq!(EnvironmentUrl::parse(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }

    #[test]
    fn environment_url_https_or_loopback_is_accepted() {
        for (text, issuer) in [
            ("https://acme.scalekit.com", "https://acme.scalekit.com"),
            (" https://ACME.scalekit.com/ ", "https://acme.scalekit.com"),
            ("https://login.acme.example:8443", "https://login.acme.example:8443"),
            ("http://127.0.0.1:4180", "http://127.0.0.1:4180"),
            ("http://localhost:4180/", "http://localhost:4180"),
            ("http://[::1]:4180", "http://[::1]:4180"),
        ] {
            assert_eq!(EnvironmentUrl::parse(text).unwrap().issuer(), issuer);
        }
    }

    #[test]
    fn environment_url_insecure_or_malformed_is_rejected() {
        use ProblemCode::{
            EnvironmentUrlHasUserName as HasUserName, EnvironmentUrlInvalid as Invalid,
            EnvironmentUrlMalformed as Malformed, EnvironmentUrlMissing as Missing,
            EnvironmentUrlNotHttps as NotHttps,
        };
        for (text, code) in [
            ("", Missing),
            ("http://acme.scalekit.com", NotHttps),
            ("http://127.0.0.1.evil.example", NotHttps),
            ("ftp://acme.scalekit.com", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("javascript:alert(1)", Invalid),
            ("https://", Invalid),
            ("ada@acme.scalekit.com", HasUserName),
            ("https://acme.scalekit.com@evil.example", HasUserName),
            ("mailto:ada@acme.scalekit.com", HasUserName),
            ("https://user:password@acme.scalekit.com", HasUserName),
            ("https://acme .scalekit.com", Malformed),
            ("https://a\u{0}b.example", Malformed),
        ] {
            let problem = EnvironmentUrl::parse(text).unwrap_err();
            assert_eq!(problem.code, code, "{text}");
            assert!(problem.code.is_of_environment_url());
        }
    }

    // req: M11
    #[test]
    fn environment_url_is_normalized_to_its_origin() {
        for text in [
            "acme.scalekit.com",
            "ACME.Scalekit.com/",
            "acme.scalekit.com:443",
            "https://acme.scalekit.com:443/",
            "https://acme.scalekit.com/login",
            "https://acme.scalekit.com/ui/organizations?page=2#top",
            "acme.scalekit.com/ui/",
            "\"https://acme.scalekit.com\"",
            "'acme.scalekit.com';",
            "https://acme.scalekit.com,",
            "<https://acme.scalekit.com>.",
            "SCALEKIT_ENVIRONMENT_URL=https://acme.scalekit.com",
            "SCALEKIT_ENV_URL = \"https://acme.scalekit.com/\"",
            "acme.scalekit.com/ui?tab=a=b",
        ] {
            let environment = EnvironmentUrl::parse(text).unwrap();
            assert_eq!(environment.issuer(), "https://acme.scalekit.com", "{text}");
        }
        for text in ["localhost:4180", "127.0.0.1:4180/ui", "http://[::1]:4180"] {
            let environment = EnvironmentUrl::parse(text).unwrap();
            assert!(environment.issuer().starts_with("http://"), "{text}");
        }
    }

    /// An entered URL is stored in punycode and parsed again at the next start.
    #[test]
    fn environment_url_in_punycode_parses_to_itself() {
        let label = "\u{430}bc.".repeat(42);
        let text = format!("https://{label}example");
        assert!(text.len() <= MAX_URL_LEN, "{}", text.len());
        assert!(EnvironmentUrl::parse(&text).is_err(), "it is stored in twice as many letters");
        let short = EnvironmentUrl::parse("https://\u{430}bc.example").unwrap();
        assert_eq!(EnvironmentUrl::parse(short.issuer()).unwrap(), short);
    }

    // req: A4
    #[test]
    fn client_id_with_space_or_non_ascii_is_rejected() {
        assert_eq!(ClientId::parse(" skc_123 ").unwrap().as_str(), "skc_123");
        for text in ["", "  ", "skc 123", "skc\n123", "ключ", &"x".repeat(129)] {
            assert_eq!(ClientId::parse(text).unwrap_err().code, ProblemCode::ClientIdInvalid);
        }
    }

    #[test]
    fn organization_id_with_space_or_non_ascii_is_rejected() {
        assert_eq!(OrganizationId::parse(" org_1 ").unwrap().as_str(), "org_1");
        for text in ["", " ", "org 1", "org\n1", "org_\u{e9}", &"x".repeat(129)] {
            assert!(OrganizationId::parse(text).is_err(), "{text:?}");
        }
    }

    // req: A4, B1
    #[test]
    fn redirect_uri_scheme_must_be_reverse_domain_name() {
        let redirect_uris = RedirectUris::with_scheme("io.latchkey.desktop").unwrap();
        assert_eq!(redirect_uris.callback, "io.latchkey.desktop://callback");
        assert_eq!(redirect_uris.post_logout, "io.latchkey.desktop://signed-out");
        assert_eq!(redirect_uris.initiate_login, "io.latchkey.desktop://login");
        for scheme in [
            "", " io.a", "io.a ", "io.a%2Fb", "myapp", "My.App", "a..b", ".a.b", "1.a", "a.b/c",
            "a\\b.c", "https",
        ] {
            assert!(RedirectUris::with_scheme(scheme).is_err(), "{scheme}");
        }
    }

    #[test]
    fn environment_url_length_limit_is_256() {
        let text = |length: usize| format!("https://{}", "a".repeat(length - "https://".len()));
        assert_eq!(EnvironmentUrl::parse(&text(256)).unwrap().issuer(), text(256));
        assert_eq!(
            EnvironmentUrl::parse(&text(257)).unwrap_err().code,
            ProblemCode::EnvironmentUrlMalformed
        );
    }

    /// URL parsers strip such characters, so that another URL than the entered one would be used.
    #[test]
    fn environment_url_with_control_character_is_rejected() {
        for text in [
            "https://ac\tme.scalekit.com",
            "https://acme.\nscalekit.com",
            "\u{1}https://acme.scalekit.com",
            "https://acme.scalekit.com\u{1f}",
        ] {
            assert_eq!(
                EnvironmentUrl::parse(text).unwrap_err().code,
                ProblemCode::EnvironmentUrlMalformed,
                "{text:?}"
            );
        }
    }

    #[test]
    fn environment_url_display_is_the_normalized_origin() {
        let environment = EnvironmentUrl::parse("https://ACME.scalekit.com/").unwrap();
        assert_eq!(environment.to_string(), "https://acme.scalekit.com");
    }

    #[test]
    fn client_and_organization_id_of_128_chars_are_accepted() {
        let longest = "x".repeat(128);
        assert_eq!(ClientId::parse(&longest).unwrap().as_str(), longest);
        assert_eq!(OrganizationId::parse(&longest).unwrap().as_str(), longest);
    }

    #[test]
    fn redirect_uri_scheme_length_limit_is_64() {
        let scheme = |length: usize| format!("a.{}", "b".repeat(length - 2));
        assert_eq!(RedirectUris::with_scheme(&scheme(64)).unwrap().scheme(), scheme(64));
        assert!(RedirectUris::with_scheme(&scheme(65)).is_err());
    }

    #[test]
    fn environment_url_with_long_path_is_its_origin() {
        let page = format!("https://acme.scalekit.com/ui/?request={}", "x".repeat(300));
        assert_eq!(EnvironmentUrl::parse(&page).unwrap().issuer(), "https://acme.scalekit.com");
    }

    #[test]
    fn environment_url_with_url_in_query_is_its_origin() {
        let page = "acme.scalekit.com/oauth/authorize?redirect_uri=https://app.example/callback";
        assert_eq!(EnvironmentUrl::parse(page).unwrap().issuer(), "https://acme.scalekit.com");
    }

    /// `https` is a host name that a search domain completes.
    #[test]
    fn environment_url_with_missing_slash_is_not_the_host_https() {
        for text in
            ["https:/acme.scalekit.com", "https//acme.scalekit.com", "HTTPS:acme.scalekit.com"]
        {
            assert_eq!(EnvironmentUrl::parse(text).unwrap().issuer(), "https://acme.scalekit.com");
        }
        let twice = EnvironmentUrl::parse("https://https://acme.scalekit.com").unwrap_err();
        assert_eq!(twice.code, ProblemCode::EnvironmentUrlInvalid);
    }
}
