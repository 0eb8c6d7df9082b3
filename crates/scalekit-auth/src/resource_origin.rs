//! The origins that access tokens may be sent to (OAuth 2.1 §5.1: only to the resource servers they are for).

use url::{Origin, Url};

use crate::origin::is_bare_origin;

/// The origin of a protected resource: `https` and a host, optionally a port; `http` on this computer only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceOrigin(Origin);

impl ResourceOrigin {
    /// Parses an origin that a developer or an administrator wrote.
    ///
    /// # Errors
    /// When it is no origin; the error's sentence describes the correction.
    pub fn parse(text: &str) -> Result<Self, ResourceOriginError> {
        let url = Url::parse(text.trim()).ok().filter(is_bare_origin);
        url.map(|url| Self(url.origin())).ok_or_else(|| ResourceOriginError(text.to_owned()))
    }

    /// Whether `url` is of this origin.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.0 == url.origin()
    }
}

/// The origin is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not the origin of a service. Write https:// and the host name, such as https://api.example.com (http:// is accepted for this computer only)."
)]
pub struct ResourceOriginError(String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{ClientId, Configuration, EnvironmentUrl, RedirectUris};

    fn trusting(services: &[&str]) -> Configuration {
        let mut configuration = Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        );
        configuration.services =
            services.iter().map(|one| ResourceOrigin::parse(one).unwrap()).collect();
        configuration
    }

    #[test]
    fn access_token_goes_only_to_issuer_origin_by_default() {
        let configuration = trusting(&[]);
        for (url, trusted) in [
            ("https://acme.scalekit.com/api/me?x=y", true),
            ("http://acme.scalekit.com/api/me", false),
            ("https://acme.scalekit.com:8443/api/me", false),
            ("https://acme.scalekit.com.evil.example/", false),
            ("https://acme.scalekit.com@evil.example/", false),
            ("https://user@acme.scalekit.com/", false),
            ("https://api.acme.example/", false),
            ("file:///etc/passwd", false),
            ("ftp://acme.scalekit.com/", false),
        ] {
            assert_eq!(
                configuration.may_receive_token(&Url::parse(url).unwrap()),
                trusted,
                "{url}"
            );
        }
    }

    #[test]
    fn access_token_goes_only_to_exact_configured_origins() {
        let configuration = trusting(&["https://api.acme.example", "http://127.0.0.1:8080/"]);
        for (url, trusted) in [
            ("https://api.acme.example/v1/reports", true),
            ("https://API.acme.example:443/", true),
            ("https://api.acme.example:444/", false),
            ("http://api.acme.example/", false),
            ("https://acme.example/", false),
            ("https://x.api.acme.example/", false),
            ("http://127.0.0.1:8080/v1", true),
            ("http://127.0.0.1:8081/v1", false),
            ("http://localhost:8080/v1", false),
            ("https://user@api.acme.example/", false),
            ("https://:password@api.acme.example/", false),
            // A `blob:` URL has the origin of the page that created it (WHATWG URL §4.7).
            ("blob:https://api.acme.example/", false),
            ("blob:https://acme.scalekit.com/", false),
        ] {
            assert_eq!(
                configuration.may_receive_token(&Url::parse(url).unwrap()),
                trusted,
                "{url}"
            );
        }
    }

    #[test]
    fn service_origin_must_be_plain_and_secure() {
        for text in [
            "",
            "api.acme.example",
            "http://api.acme.example",
            "https://api.acme.example/v1",
            "https://api.acme.example?x",
            "https://user:password@api.acme.example",
            "https://*.acme.example/x",
            "com.example.app://callback",
            "file:///",
        ] {
            assert!(ResourceOrigin::parse(text).is_err(), "{text}");
        }
    }
}
