//! Authorization responses: untrusted until the `state` matches.

use url::form_urlencoded;

use crate::{
    protocol::query::{MAX_LINK_LEN, parameters, without_quotation_marks},
    secret::Secret,
};

/// An authorization response (RFC 6749 §4.1.2, RFC 9207).
#[derive(Debug)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub struct AuthorizationResponse {
    /// The `state` of the response, not yet compared.
    pub state: Secret,
    /// `iss`, not yet compared (RFC 9207 §2).
    pub issuer: Option<String>,
    /// The authorization code or the error.
    pub outcome: AuthorizationOutcome,
}

/// The outcome in an authorization response.
#[derive(Debug)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub enum AuthorizationOutcome {
    /// The user has signed in.
    Code(Secret),
    /// The sign-in failed (RFC 6749 §4.1.2.1).
    Error {
        /// The error code.
        error: String,
        /// `error_description`; displayed truncated and as plain text only.
        description: Option<String>,
    },
}

/// Parses the query of a request to the loopback redirect URI.
#[must_use]
pub fn read_query(query: &[u8]) -> Option<AuthorizationResponse> {
    let is_query = query.len() <= MAX_LINK_LEN && query.iter().all(u8::is_ascii_graphic);
    read_response(std::str::from_utf8(query).ok().filter(|_| is_query)?)
}

/// Parses a loopback URL copied from the address bar of a browser that could not connect to it.
#[must_use]
pub fn read_loopback(address: &[u8], redirect_uri: &str) -> Option<AuthorizationResponse> {
    let address = address.split(|b| *b == b'#').next()?;
    let shown = as_browsers_show(redirect_uri);
    let query = [redirect_uri, &shown].iter().find_map(|one| address.strip_prefix(one.as_bytes()));
    read_query(query?.strip_prefix(b"?")?)
}

/// RFC 9110 §4.2.1: without the default port of `http`.
fn as_browsers_show(redirect_uri: &str) -> String {
    redirect_uri.replacen(":80/", "/", 1)
}

/// Whether this query is an authorization response with this `state` (RFC 6749 §4.1.2), complete or an error.
#[must_use]
pub fn is_response_with_state(query: &[u8], state: &Secret) -> bool {
    read_query(query).is_some_and(|response| state.matches(response.state.expose()))
}

/// Parses the query of an authorization response.
pub(crate) fn read_response(query: &str) -> Option<AuthorizationResponse> {
    let known = ["code", "state", "iss", "error", "error_description", "error_uri"];
    // Such a parameter belongs to flows that this application does not use (OAuth 2.1 §10.1).
    let is_of_another_flow =
        |name: &str| matches!(name, "access_token" | "id_token" | "token" | "response");
    if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| is_of_another_flow(&name)) {
        return None;
    }
    let mut parameters = parameters(query, &known)?;
    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
    let state = take("state").filter(|value| is_visible(value))?;
    let error = take("error").map(|error| without_quotation_marks(&error));
    let outcome = match (take("code"), error.filter(|error| !error.is_empty())) {
        (Some(code), None) if is_visible(&code) => AuthorizationOutcome::Code(Secret::new(code)),
        // OAuth 2.1 §4.1.2.1 restricts the characters of both; this is not enforced. The user reads a localized
        // text, and [`crate::problem::Problem::with_detail`] removes what is not printable. `error_uri` is
        // never opened or shown.
        (None, Some(error)) => {
            AuthorizationOutcome::Error { error, description: take("error_description") }
        }
        (_, _) => return None,
    };
    Some(AuthorizationResponse { state: Secret::new(state), issuer: take("iss"), outcome })
}

/// RFC 6749 Appendix A: `code` and `state` are %x20-7E.
fn is_visible(value: &str) -> bool {
    value.len() <= 4096 && value.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_query_is_bounded_and_of_url_characters() {
        let query = |length: usize| format!("code=a&state=s{}", "&".repeat(length));
        let spare = MAX_LINK_LEN - query(0).len();
        assert!(read_query(query(spare).as_bytes()).is_some());
        assert!(read_query(query(spare + 1).as_bytes()).is_none());
        assert!(read_query(b"code=a&state=s t").is_none());
    }

    #[test]
    fn loopback_query_is_compared_with_the_state() {
        let state = Secret::new("s");
        assert!(is_response_with_state(b"code=a&state=s", &state));
        assert!(is_response_with_state(b"error=access_denied&state=s", &state));
        assert!(!is_response_with_state(b"code=a&state=t", &state));
        assert!(!is_response_with_state(b"state=s", &state));
    }
}
