//! Links that open the application: untrusted until the `state` matches or the signature is verified.

use url::form_urlencoded;

use crate::{
    configuration::RedirectUris,
    protocol::{
        authorization_response::{AuthorizationResponse, read_response},
        login_initiation::{LoginInitiation, read_initiation},
        query::MAX_LINK_LEN,
    },
    secret::Secret,
};

/// A link to one of the application's URIs, parsed but not verified.
#[derive(Debug)]
pub enum Link {
    /// An authorization response.
    Callback(AuthorizationResponse),
    /// A link to the redirect URI that is no valid authorization response: without a `state`, with conflicting
    /// parameters, too long, or with characters that no URL has. Some error responses have no `state`.
    UnusableCallback,
    /// The redirect after RP-initiated logout.
    SignedOut {
        /// The `state` of the link, not yet compared.
        state: Option<Secret>,
    },
    /// A login initiation: a sign-in that began outside the application, such as at a portal or in an invitation.
    InitiateLogin(LoginInitiation),
}

/// The reason a link is rejected. It contains nothing of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Longer than [`MAX_LINK_LEN`].
    #[error("it is too long")]
    TooLong,
    /// Bytes that no address contains or that URL parsers strip or rewrite, or control characters in the query.
    #[error("it has characters no link has")]
    Characters,
    /// Not one of the application's three URIs.
    #[error("it is not one of this application's redirect URIs")]
    Address,
    /// A parameter is repeated, or does not belong in such a link.
    #[error("its parameters are not those of a link of ours")]
    Parameters,
}

/// Parses a link that the operating system passed to this application.
///
/// The bytes are validated before a URL parser reads them: parsers strip tabs and newlines, resolve dots and
/// decode names, so that many different links would match the application's URIs.
///
/// # Errors
/// The reason the link is not one of this application; the caller ignores such a link.
pub fn read(link: &[u8], redirect_uris: &RedirectUris) -> Result<Link, LinkError> {
    match parse(link, redirect_uris) {
        Err(LinkError::TooLong | LinkError::Characters)
            if begins_with(link, &redirect_uris.callback) =>
        {
            Ok(Link::UnusableCallback)
        }
        parsed => parsed,
    }
}

fn parse(link: &[u8], redirect_uris: &RedirectUris) -> Result<Link, LinkError> {
    if link.len() > MAX_LINK_LEN {
        return Err(LinkError::TooLong);
    }
    // RFC 9700 §4.1.3: a server may append a fragment, such as `#_`, so that browsers attach no other. It
    // is not read, and its characters are not restricted.
    let link = link.split(|b| *b == b'#').next().unwrap_or_default();
    if !has_url_characters(link) {
        return Err(LinkError::Characters);
    }
    let link = &*String::from_utf8_lossy(link);
    if let Some(query) = query_at(link, &redirect_uris.callback) {
        return Ok(read_response(query).map_or(Link::UnusableCallback, Link::Callback));
    }
    if let Some(query) = query_at(link, &redirect_uris.post_logout) {
        // RP-Initiated Logout 1.0 §3. It only shows that the browser has finished: the local session was
        // deleted before the browser opened.
        let state = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
        return Ok(Link::SignedOut { state: state.map(|(_, value)| Secret::new(value)) });
    }
    if let Some(query) = query_at(link, &redirect_uris.initiate_login) {
        let initiation = read_initiation(query).ok_or(LinkError::Parameters)?;
        return Ok(Link::InitiateLogin(initiation));
    }
    Err(LinkError::Address)
}

/// No URL parser reads the query, and browsers leave characters in it that a URL must encode: error descriptions of
/// directories contain `DOMAIN\user`, spaces and letters of any language. Control characters are rejected in it, too.
fn has_url_characters(link: &[u8]) -> bool {
    let address_len = link.iter().position(|b| *b == b'?').unwrap_or(link.len());
    let (address, query) = link.split_at(address_len);
    address.iter().all(|b| b.is_ascii_graphic() && *b != b'\\')
        && !query.iter().any(u8::is_ascii_control)
}

/// The query of `link` if the rest is exactly `address`. Some browsers and desktops add a slash to a URL that
/// has only a host.
fn query_at<'a>(link: &'a str, address: &str) -> Option<&'a str> {
    let rest = link.strip_prefix(address)?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    if rest.is_empty() { Some("") } else { rest.strip_prefix('?') }
}

/// Whether an unreadable link is to this address. Its only effect is a hint, so more than [`query_at`] accepts is
/// no harm.
fn begins_with(link: &[u8], address: &str) -> bool {
    let rest = link.strip_prefix(address.as_bytes());
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/' | b'?' | b'#')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::authorization_response::AuthorizationOutcome;
    use crate::protocol::forwarded_parameters::Parameter;
    use crate::protocol::login_initiation::MAX_OTHER_PARAMETERS;

    fn redirect_uris() -> RedirectUris {
        RedirectUris::with_scheme("com.example.app").unwrap()
    }

    fn refused(link: &str) -> LinkError {
        read(link.as_bytes(), &redirect_uris()).map(|_| ()).unwrap_err()
    }

    fn read_callback(link: &str) -> AuthorizationResponse {
        match read(link.as_bytes(), &redirect_uris()).unwrap() {
            Link::Callback(callback) => callback,
            Link::SignedOut { .. } | Link::InitiateLogin(_) | Link::UnusableCallback => {
                panic!("not a callback")
            }
        }
    }

    #[test]
    fn callback_code_state_and_iss_are_read() {
        let callback =
            read_callback("com.example.app://callback?code=a%2Bb&state=s&iss=https%3A%2F%2Fx");
        assert!(
            matches!(callback.outcome, AuthorizationOutcome::Code(code) if code.matches("a+b"))
        );
        assert!(callback.state.matches("s"));
        assert_eq!(callback.issuer.as_deref(), Some("https://x"));
    }

    #[test]
    fn callback_trailing_slash_and_unknown_params_are_accepted() {
        read_callback("com.example.app://callback/?code=a&state=s&session_state=x&session_state=y");
    }

    #[test]
    fn callback_error_and_description_are_read() {
        let callback = read_callback(
            "com.example.app://callback?error=access_denied&error_description=No+%3Cimg%3E&state=s",
        );
        let AuthorizationOutcome::Error { error, description } = callback.outcome else {
            panic!("not an error");
        };
        assert_eq!(error, "access_denied");
        assert_eq!(description.as_deref(), Some("No <img>"));
    }

    // req: B4
    #[test]
    fn callback_error_in_any_language_and_length_is_read() {
        let long = "x".repeat(9 * 1024);
        for (text, read) in [
            ("%3C/p%3E%3Cscript%3E", "</p><script>"),
            ("Zugriff%20verweigert%3A%20%C3%BCber", "Zugriff verweigert: \u{fc}ber"),
            ("AADSTS50105:%0d%0aTrace+ID", "AADSTS50105:\r\nTrace ID"),
            ("say+%22no%22", "say \"no\""),
            (&*long, &*long),
        ] {
            let callback = read_callback(&format!(
                "com.example.app://callback?error=x&error_description={text}&error_uri=https%3A%2F%2Fevil.example&state=s"
            ));
            let AuthorizationOutcome::Error { description, .. } = callback.outcome else {
                panic!("not an error");
            };
            assert_eq!(description.as_deref(), Some(read));
        }
        for error in ["%C3%BCber", &*"a".repeat(65), "a%22b", "%00"] {
            let link = format!("com.example.app://callback?error={error}&state=s");
            assert!(
                matches!(read_callback(&link).outcome, AuthorizationOutcome::Error { .. }),
                "{error}"
            );
        }
    }

    #[test]
    fn post_logout_callback_without_state_is_accepted() {
        for link in ["com.example.app://signed-out", "com.example.app://signed-out/?state=whatever"]
        {
            assert!(matches!(read(link.as_bytes(), &redirect_uris()), Ok(Link::SignedOut { .. })));
        }
    }

    fn initiated(link: &str) -> LoginInitiation {
        match read(link.as_bytes(), &redirect_uris()).unwrap() {
            Link::InitiateLogin(initiation) => initiation,
            Link::SignedOut { .. } | Link::Callback(_) | Link::UnusableCallback => {
                panic!("not a sign-in from outside")
            }
        }
    }

    #[test]
    fn initiate_login_link_with_token_error_or_neither_is_read() {
        for link in [
            "com.example.app://login?idp_initiated_login=aa.bb-_.cc",
            "com.example.app://login/?idp_initiated_login=aa.bb-_.cc&target_link_uri=x&iss=y",
        ] {
            let LoginInitiation::Token(token) = initiated(link) else { panic!("no token") };
            assert!(token.matches("aa.bb-_.cc"));
        }
        for error in ["access_denied", "%22access_denied%22"] {
            let link = format!("com.example.app://login?error={error}&error_description=call+me");
            let is_read =
                matches!(initiated(&link), LoginInitiation::Error(code) if code == "access_denied");
            assert!(is_read, "{error}");
        }
        for link in ["com.example.app://login", "com.example.app://login/?login_hint=eve"] {
            assert!(matches!(initiated(link), LoginInitiation::Plain(_)));
        }
    }

    #[test]
    fn initiate_login_link_without_token_keeps_32_parameters() {
        let many: String = (0..40).map(|number| format!("&p{number}={number}")).collect();
        let link = format!("com.example.app://login?intent=join%20us{many}");
        let LoginInitiation::Plain(parameters) = initiated(&link) else { panic!("not bare") };
        assert_eq!(parameters.len(), MAX_OTHER_PARAMETERS);
        let first = Parameter { name: "intent".to_owned(), value: "join us".to_owned() };
        assert_eq!(parameters[0], first);
    }

    // req: B2
    #[test]
    fn initiate_login_link_with_bad_parameters_is_rejected() {
        for query in [
            "idp_initiated_login=aa.bb",
            "idp_initiated_login=aa.bb.",
            "idp_initiated_login=aa.bb.cc.dd",
            "idp_initiated_login=aa.b%20b.cc",
            "idp_initiated_login=aa.bb.cc%3D",
            "idp_initiated_login=aa.bb.cc&idp_initiated_login=aa.bb.cc",
            "idp_initiated_login=aa.bb.cc&idp_initiated%5Flogin=aa.bb.cc",
            "idp_initiated_login=aa.bb.cc&error=access_denied",
            "error=a&error=b",
        ] {
            let link = format!("com.example.app://login?{query}");
            assert_eq!(refused(&link), LinkError::Parameters, "{query}");
        }
        for link in [
            "com.example.app://login2?idp_initiated_login=aa.bb.cc",
            "com.example.app:///login?idp_initiated_login=aa.bb.cc",
            "com.example.app://LOGIN?idp_initiated_login=aa.bb.cc",
            "com.example.app://login/..?idp_initiated_login=aa.bb.cc",
            "com.example.app://u@login?idp_initiated_login=aa.bb.cc",
        ] {
            assert_eq!(refused(link), LinkError::Address, "{link}");
        }
        let huge =
            format!("com.example.app://login?idp_initiated_login=a.b.{}", "c".repeat(MAX_LINK_LEN));
        assert_eq!(refused(&huge), LinkError::TooLong);
    }

    // req: B2
    #[test]
    fn deep_link_with_non_url_characters_is_rejected() {
        for link in [
            "com.exam\nple.app://callback?code=a&state=s",
            "com.exam\nple.app:/c\tb?co\rde=a",
            "com.example.app://call\tback?code=a&state=s",
            " com.example.app://callback?code=a&state=s",
            "com.example.app:\\\\callback?code=a&state=s",
            "com.example.app://callback\\?code=a&state=s",
            "com.example.app://signed-out?state=a\tb",
            "com.example.app://login?error=a\nb",
        ] {
            assert_eq!(refused(link), LinkError::Characters, "{link:?}");
        }
        for link in [
            "com.example.app://callback?code=a\tb&state=s",
            "com.example.app://callback?co\rde=a&state=s",
            "com.example.app://callback?code=\u{e9}&state=s",
            "com.example.app://callback?code=a\0&state=s",
        ] {
            is_unusable(link);
        }
    }

    /// A directory's description as browsers leave it in a query. The address has no such freedom.
    #[test]
    fn callback_error_with_unencoded_characters_is_read() {
        for text in ["ACME\\ada not found", "nicht gefunden: \u{fc}ber", "\"no\" <x> {y}", "|^`"] {
            let link = format!(
                "com.example.app://callback?error=access_denied&error_description={text}&state=s"
            );
            let AuthorizationOutcome::Error { description, .. } = read_callback(&link).outcome
            else {
                panic!("not an error")
            };
            assert_eq!(description.as_deref(), Some(text));
        }
        let invalid = b"com.example.app://callback?error=x&error_description=\xff&state=s";
        assert!(matches!(read(invalid, &redirect_uris()), Ok(Link::Callback(_))));
        let address = "com.example.app://call back?code=a&state=s";
        assert_eq!(refused(address), LinkError::Characters);
    }

    #[test]
    fn initiate_login_error_of_any_characters_is_read() {
        for error in ["%C3%BCber", "%0a", "a\\b", &"a".repeat(65)] {
            let read = read_login(&format!("error={error}"));
            assert!(matches!(read, Ok(LoginInitiation::Error(_))), "{error}: {read:?}");
        }
    }

    #[test]
    fn callback_fragment_is_ignored() {
        for fragment in ["#", "#_", "#=_=", "#state=other&id_token=x", "#a#b", "#a\tb\\c \u{e9}"] {
            let link = format!("com.example.app://callback?code=a&state=s{fragment}");
            let callback = read_callback(&link);
            assert!(callback.state.matches("s"), "{fragment}");
            assert!(
                matches!(callback.outcome, AuthorizationOutcome::Code(code) if code.matches("a"))
            );
        }
        let hidden = "com.example.app://callback#?code=a&state=s";
        is_unusable(hidden);
    }

    // req: B2
    #[test]
    fn deep_link_to_another_uri_is_rejected() {
        for link in [
            "",
            "com.example.app:callback?code=a&state=s",
            "com.example.app:/callback?code=a&state=s",
            "com.example.app:///callback?code=a&state=s",
            "com.example.app:/callback/../callback?code=a&state=s",
            "com.example.app://callback/%2e%2e/callback?code=a&state=s",
            "com.example.app:/%63b?code=a&state=s",
            "COM.example.app://callback?code=a&state=s",
            "com.example.app://callback/../callback?code=a&state=s",
            "com.example.app://callback2?code=a&state=s",
            "com.example.app://callback//?code=a&state=s",
            "com.example.app://u:p@callback:99/?code=a&state=s",
            "com.example.app://%63allback?code=a&state=s",
            "com.example.apps://callback?code=a&state=s",
            "https://example.com/?com.example.app://callback?code=a&state=s",
        ] {
            assert_eq!(refused(link), LinkError::Address, "{link}");
        }
        let ten_megabytes = "a".repeat(10 * 1024 * 1024);
        let link = format!("com.example.app://callback?code={ten_megabytes}&state=s");
        is_unusable(&link);
        for elsewhere in ["callback2", "callbackx?", "signed-out?", "login?"] {
            let link = format!("com.example.app://{elsewhere}{ten_megabytes}");
            assert_eq!(refused(&link), LinkError::TooLong, "{elsewhere}");
        }
        // A code longer than the maximum is rejected too.
        is_unusable(&format!("com.example.app://callback?code={}&state=s", "a".repeat(4097)));
    }

    // req: B3, B4, B10
    #[test]
    fn callback_missing_or_conflicting_params_are_rejected() {
        for query in [
            "",
            "code=a",
            "state=s",
            "code=&state=s",
            "code=a&state=",
            "code=a&code=b&state=s",
            "code=a&state=x&st%61te=y",
            "code=a&state=s&iss=a&iss=b",
            "code=a&error=b&state=s",
            "code=%00&state=s",
            "code=%ff%fe&state=s",
            "code=a&state=%0d%0a",
            "access_token=x&state=s",
            "code=a&state=s&id_token=x",
            "token=x&state=s",
            "error=a&error=b&state=s",
            "error=a&error_uri=b&error_uri=c&state=s",
            "error=a&error_description=b&error%5fdescription=c&state=s",
            "error_description=a&state=s",
            "response=x&state=s",
        ] {
            is_unusable(&format!("com.example.app://callback?{query}"));
        }
        is_unusable("com.example.app://callback?error=access_denied&error_description=no");
    }

    #[track_caller]
    fn is_unusable(link: &str) {
        let read = read(link.as_bytes(), &redirect_uris());
        assert!(matches!(read, Ok(Link::UnusableCallback)), "{link}");
    }

    #[test]
    fn callback_debug_output_hides_code_and_state() {
        let shown = format!("{:?}", read_callback("com.example.app://callback?code=kkk&state=zzz"));
        assert!(!shown.contains("kkk") && !shown.contains("zzz"));
    }

    #[test]
    fn deep_link_length_limit_is_15_kib() {
        let link = |length: usize| {
            let start = "com.example.app://callback?code=a&state=s&x=";
            format!("{start}{}", "x".repeat(length - start.len()))
        };
        read_callback(&link(15 * 1024));
        is_unusable(&link(15 * 1024 + 1));
        assert_eq!(refused(&"x".repeat(15 * 1024 + 1)), LinkError::TooLong);
    }

    #[test]
    fn post_logout_callback_state_is_read() {
        let link = b"com.example.app://signed-out?before=x&state=whatever";
        let Ok(Link::SignedOut { state: Some(state) }) = read(link, &redirect_uris()) else {
            panic!("no state")
        };
        assert!(state.matches("whatever"));
    }

    fn read_login(query: &str) -> Result<LoginInitiation, LinkError> {
        match read(format!("com.example.app://login?{query}").as_bytes(), &redirect_uris())? {
            Link::InitiateLogin(initiation) => Ok(initiation),
            Link::Callback(_) | Link::SignedOut { .. } | Link::UnusableCallback => {
                panic!("another link")
            }
        }
    }

    /// Scalekit: `guides/dashboard/intitate-login-endpoint.mdx`. Links of invitations have parameters of any name.
    #[test]
    fn initiate_login_with_any_unnamed_parameter_is_read() {
        for query in
            ["token=inv_1", "response=yes", "id_token=x", "access_token=x", "invitation=1&token=x"]
        {
            let read = read_login(query);
            assert!(matches!(read, Ok(LoginInitiation::Plain(_))), "{query}: {read:?}");
        }
    }

    /// RFC 6749 §3.1: a parameter without a value is an omitted one.
    #[test]
    fn initiate_login_parameters_without_value_are_absent() {
        assert!(matches!(read_login("idp_initiated_login="), Ok(LoginInitiation::Plain(_))));
    }

    #[test]
    fn initiate_login_token_beside_empty_error_is_read() {
        assert!(matches!(
            read_login("error=&error_description=&idp_initiated_login=a.b.c"),
            Ok(LoginInitiation::Token(_))
        ));
    }

    /// Scalekit: `sso/guides/idp-init-sso.mdx`, "Error callback format": `/callback?error="<error_category>"&error_description="<details>"`.
    #[test]
    fn callback_error_in_quotation_marks_is_the_code() {
        let callback =
            read_callback("com.example.app://callback?error=%22access_denied%22&state=s");
        let AuthorizationOutcome::Error { error, .. } = callback.outcome else { panic!() };
        assert_eq!(error, "access_denied");
    }
}
