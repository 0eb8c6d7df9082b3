//! The page at the loopback redirect URI: without scripts, in light or dark colours.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Bytes;
use sha2::{Digest as _, Sha256};

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopbackOutcome {
    /// The authorization response has been received; the page can be closed.
    Received,
    /// It is no valid response to the sign-in under way.
    Unexpected,
}

impl LoopbackOutcome {
    /// Its heading and its instruction in English, with `{app}` for the application.
    #[must_use]
    pub const fn english(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => ("You can close this page", "Go back to {app} to go on."),
            Self::Unexpected => (
                "This page belongs to no sign-in",
                "No sign-in waits for it. Go back to {app}, and start again there.",
            ),
        }
    }
}

/// The colors of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorScheme {
    /// Those of the desktop.
    #[default]
    System,
    /// Light ones.
    Light,
    /// Dark ones.
    Dark,
}

/// The text of a page, and its colors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopbackText {
    /// The language tag (BCP 47).
    pub language: String,
    /// The heading.
    pub heading: String,
    /// The instruction to the user.
    pub sentence: String,
    /// The colors.
    pub color_scheme: ColorScheme,
}

/// The page's text in English, without an application's name.
#[must_use]
pub fn english(outcome: LoopbackOutcome) -> LoopbackText {
    let (heading, sentence) = outcome.english();
    LoopbackText {
        language: "en".to_owned(),
        heading: heading.to_owned(),
        sentence: sentence.replace("{app}", "the application"),
        color_scheme: ColorScheme::System,
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
:root.light{color-scheme:light}\
:root.dark{color-scheme:dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.125rem/1.5 system-ui,sans-serif;\
background:#f6f7f9;color:#1b1f27}\
main{max-width:30rem;padding:2rem;text-align:center}\
h1{margin:0 0 .5rem;font-size:1.5rem}\
p{margin:0}\
@media (prefers-color-scheme:dark){:root:not(.light) body{background:#14171c;color:#e8eaee}}\
:root.dark body{background:#14171c;color:#e8eaee}";

pub(super) fn page(status: StatusCode, text: &LoopbackText) -> Response<Full<Bytes>> {
    let LoopbackText { language, heading, sentence, color_scheme } = text;
    let class = match color_scheme {
        ColorScheme::System => "",
        ColorScheme::Light => " class=\"light\"",
        ColorScheme::Dark => " class=\"dark\"",
    };
    let (language, heading, sentence) = (escaped(language), escaped(heading), escaped(sentence));
    let html = format!(
        "<!doctype html><html lang=\"{language}\" dir=\"auto\"{class}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{heading}</title><style>{STYLE}</style></head>\
         <body><main><h1 dir=\"auto\">{heading}</h1><p dir=\"auto\">{sentence}</p></main></body></html>"
    );
    response(status, "text/html; charset=utf-8", html)
}

/// The response to a request that is no redirect of a browser.
pub(super) fn refusal(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = response(status, "text/plain; charset=utf-8", String::new());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    response
}

/// A response. Its URL contains the code, so it is neither cached nor sent as a referrer (RFC 9700 §4.2.4).
fn response(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (http::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_of_a_method_names_the_allowed_one() {
        let allow = |status| refusal(status).headers().get(header::ALLOW).cloned();
        let get = Some(HeaderValue::from_static("GET"));
        assert_eq!(allow(StatusCode::METHOD_NOT_ALLOWED), get);
        assert_eq!(allow(StatusCode::NOT_FOUND), None);
    }
}
