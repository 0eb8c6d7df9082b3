//! The target for input of a user, an administrator or the webview: lines of text and a command.

use scalekit_auth::{
    configuration::{ClientId, EnvironmentUrl, OrganizationId, RedirectUris},
    resource_origin::ResourceOrigin,
    view::SignInIntent,
};
use url::Url;

use crate::harness::configuration;

/// Lines: the environment's URL, the client id, a command of the webview, a URI scheme, an organization, the
/// origin of a service. Accepted URLs are `https`, or `http` to this computer, end after the host, and are
/// accepted again in their stored form.
pub fn settings(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    environment(line());
    client_id(line());
    command(line());
    scheme(line());
    organization(line());
    service(line());
}

fn environment(text: &str) {
    let environment = match EnvironmentUrl::parse(text) {
        Ok(environment) => environment,
        Err(problem) => {
            assert!(problem.code.is_of_environment_url(), "{problem:?}");
            return;
        }
    };
    let issuer = environment.issuer();
    let (scheme, host) = issuer.split_once("://").expect("no scheme");
    assert!(!host.contains(['/', '?', '#', '@', '\\', ' ']) && !host.is_empty(), "{host}");
    assert!(issuer.bytes().all(|byte| byte.is_ascii_graphic()), "{issuer}");
    is_private(scheme, host);
    let again = EnvironmentUrl::parse(issuer).expect("what is stored is not accepted again");
    assert_eq!(again, environment);
    let url = Url::parse(issuer).unwrap();
    assert!(environment.is_origin_of(&url));
    assert_eq!(environment.at("/keys").as_str(), format!("{issuer}/keys"));
}

/// Whether the connection is confidential: `https`, or this computer.
fn is_private(scheme: &str, host: &str) {
    match scheme {
        "https" => {}
        "http" => assert!(
            host == "localhost"
                || host.starts_with("localhost:")
                || host.starts_with("127.")
                || host == "[::1]"
                || host.starts_with("[::1]:"),
            "plain http to {host}"
        ),
        other => panic!("{other} is accepted"),
    }
}

fn client_id(text: &str) {
    let Ok(id) = ClientId::parse(text) else { return };
    assert_eq!(id.as_str(), text.trim());
    assert!((1..=128).contains(&id.as_str().len()));
    assert!(id.as_str().bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
}

fn command(text: &str) {
    if let Ok(intent) = serde_json::from_str::<SignInIntent>(text) {
        let name = serde_json::to_value(intent).unwrap();
        assert!(name == "signIn" || name == "signUp");
        assert_eq!(serde_json::from_value::<SignInIntent>(name).unwrap(), intent);
    }
}

fn scheme(text: &str) {
    let Ok(redirect_uris) = RedirectUris::with_scheme(text) else { return };
    assert!(text.contains('.') && text.len() <= 64);
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    assert!(text.bytes().all(plain));
    for address in [&redirect_uris.callback, &redirect_uris.post_logout] {
        assert_eq!(Url::parse(address).unwrap().scheme(), text);
    }
}

fn organization(text: &str) {
    let Ok(id) = OrganizationId::parse(text) else { return };
    assert_eq!(id.as_str(), text.trim());
    assert!((1..=128).contains(&id.as_str().len()));
    assert!(id.as_str().bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
}

/// The origins that access tokens may be sent to.
fn service(text: &str) {
    let Ok(service) = ResourceOrigin::parse(text) else { return };
    let url = Url::parse(text.trim()).unwrap();
    let origin = url.as_str().trim_end_matches('/');
    let (scheme, host) = origin.split_once("://").expect("no scheme");
    is_private(scheme, host);
    assert!(!host.contains(['/', '?', '#', '@', '\\']) && !host.is_empty(), "{host}");
    let mut configuration = configuration();
    configuration.services = vec![service];
    assert!(configuration.may_receive_token(&url.join("/api").unwrap()));
    for other in ["https://evil.example", "http://evil.example", "https://x@acme.scalekit.com"] {
        let other = Url::parse(other).unwrap();
        assert!(other.origin() == url.origin() || !configuration.may_receive_token(&other));
    }
}
