//! The target for deep links: any bytes.

use scalekit_auth::{
    MAX_LINK_LEN,
    configuration::RedirectUris,
    protocol::{
        authorization_response::{AuthorizationOutcome, AuthorizationResponse},
        deep_link::{Link, read},
        login_initiation::LoginInitiation,
    },
};
use url::form_urlencoded;

/// A link is accepted only if its URI is byte for byte one of the application's, and its parsed content is
/// complete: formatted again, it parses to the same value.
pub fn deep_link(link: &[u8]) {
    let redirect_uris = RedirectUris::with_scheme("com.example.app").unwrap();
    let Ok(read_link) = read(link, &redirect_uris) else { return };
    // RFC 9700 §4.1.3: a fragment is ignored, whatever its bytes.
    let without_fragment = link.split(|byte| *byte == b'#').next().unwrap();
    let mut parts = without_fragment.splitn(2, |byte| *byte == b'?');
    let (address, query) = (parts.next().unwrap(), parts.next().unwrap_or_default());
    let is_readable = link.len() <= MAX_LINK_LEN
        && address.iter().all(|byte| (0x21..=0x7e).contains(byte) && *byte != b'\\')
        && query.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f);
    if !is_readable {
        // Only a hint is shown, and only for a link to the redirect URI.
        assert!(matches!(read_link, Link::UnusableCallback), "bytes that no link has, or too many");
        let rest = link.strip_prefix(b"com.example.app://callback").expect("another URI");
        assert!(matches!(rest.first(), None | Some(b'/' | b'?' | b'#')));
        return;
    }
    let text = &*String::from_utf8_lossy(without_fragment);
    match read_link {
        Link::SignedOut { .. } => is_at("com.example.app://signed-out", text),
        Link::UnusableCallback => is_at("com.example.app://callback", text),
        Link::InitiateLogin(initiation) => {
            is_at("com.example.app://login", text);
            says_nothing_twice(text);
            says_one_thing(&initiation, &redirect_uris);
        }
        Link::Callback(callback) => {
            is_at("com.example.app://callback", text);
            says_nothing_twice(text);
            reads_the_same_when_written_anew(&callback, &redirect_uris);
        }
    }
}

fn is_at(address: &str, link: &str) {
    let rest = link.strip_prefix(address).expect("another address");
    assert!(matches!(rest, "" | "/") || rest.starts_with('?') || rest.starts_with("/?"), "{rest}");
}

/// Decodes percent-encoding independently of the code under test.
fn says_nothing_twice(link: &str) {
    let query = link.split_once('?').map_or("", |(_, query)| query);
    let names: Vec<Vec<u8>> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| unescaped(pair.split('=').next().unwrap_or_default()))
        .collect();
    let at_login = link.starts_with("com.example.app://login");
    let of_callbacks: &[&[u8]] = &[b"code", b"state", b"iss"];
    let of_initiations: &[&[u8]] = &[b"idp_initiated_login"];
    let of_both: &[&[u8]] = &[b"error", b"error_description", b"error_uri"];
    for once in of_both.iter().chain(if at_login { of_initiations } else { of_callbacks }) {
        assert!(names.iter().filter(|name| name == once).count() <= 1, "repeated");
    }
    for never in [&b"access_token"[..], b"id_token", b"token", b"response"] {
        assert!(at_login || !names.iter().any(|name| name == never), "a token in a callback");
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = escaped
            .filter(|two| byte == b'%' && two.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    bytes
}

/// A token of three parts, or an error, or neither; formatted again, it parses to the same value.
fn says_one_thing(initiation: &LoginInitiation, redirect_uris: &RedirectUris) {
    let mut query = form_urlencoded::Serializer::new(String::new());
    match initiation {
        LoginInitiation::Token(token) => {
            let parts: Vec<_> = token.expose().split('.').collect();
            let in_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(parts.len() == 3 && parts.iter().all(|part| part.bytes().all(in_part)));
            query.append_pair("idp_initiated_login", token.expose());
        }
        LoginInitiation::Error(error) => {
            assert!(!error.is_empty());
            query.append_pair("error", error);
        }
        LoginInitiation::Plain(_) => {}
    }
    let anew = format!("{}?{}", redirect_uris.initiate_login, query.finish());
    if anew.len() > MAX_LINK_LEN {
        // A character that a link may contain may need three bytes when it is encoded.
        return;
    }
    match (read(anew.as_bytes(), redirect_uris), initiation) {
        (Ok(Link::InitiateLogin(LoginInitiation::Token(again))), LoginInitiation::Token(token)) => {
            assert!(again.matches(token.expose()));
        }
        (Ok(Link::InitiateLogin(LoginInitiation::Error(again))), LoginInitiation::Error(error)) => {
            assert_eq!(again, *error);
        }
        (Ok(Link::InitiateLogin(LoginInitiation::Plain(_))), LoginInitiation::Plain(_)) => {}
        (other, _) => panic!("what was read of a link is not read again: {other:?}"),
    }
}

fn reads_the_same_when_written_anew(
    callback: &AuthorizationResponse,
    redirect_uris: &RedirectUris,
) {
    let visible = |text: &str| {
        (1..=4096).contains(&text.len()) && text.bytes().all(|b| (0x20..=0x7e).contains(&b))
    };
    assert!(visible(callback.state.expose()));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", callback.state.expose());
    if let Some(issuer) = &callback.issuer {
        query.append_pair("iss", issuer);
    }
    match &callback.outcome {
        AuthorizationOutcome::Code(code) => {
            assert!(visible(code.expose()));
            query.append_pair("code", code.expose());
        }
        AuthorizationOutcome::Error { error, description } => {
            assert!(!error.is_empty());
            query.append_pair("error", error);
            if let Some(description) = description {
                query.append_pair("error_description", description);
            }
        }
    }
    let anew = format!("{}?{}", redirect_uris.callback, query.finish());
    if anew.len() > MAX_LINK_LEN {
        // A character that a link may contain may need three bytes when it is encoded.
        return;
    }
    let Ok(Link::Callback(again)) = read(anew.as_bytes(), redirect_uris) else {
        panic!("what was read of a link is not read again")
    };
    assert!(again.state.matches(callback.state.expose()));
    assert_eq!(again.issuer, callback.issuer);
    match (&again.outcome, &callback.outcome) {
        (AuthorizationOutcome::Code(again), AuthorizationOutcome::Code(code)) => {
            assert!(again.matches(code.expose()));
        }
        (
            AuthorizationOutcome::Error { error: again, description: again_said },
            AuthorizationOutcome::Error { error, description },
        ) => assert_eq!((again, again_said), (error, description)),
        (AuthorizationOutcome::Code(_), AuthorizationOutcome::Error { .. })
        | (AuthorizationOutcome::Error { .. }, AuthorizationOutcome::Code(_)) => {
            panic!("another response")
        }
    }
}
