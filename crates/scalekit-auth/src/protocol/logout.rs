//! RP-initiated logout in the browser, after the local session was deleted.

use url::Url;

use crate::{configuration::Configuration, protocol::metadata::Metadata, secret::Secret};

/// In bytes. Servers commonly accept 8 KiB for the whole request line and return 414 for a longer one, without
/// a redirect to the application.
const MAX_URL_LEN: usize = 7 * 1024;

const DOCUMENTED_PATH: &str = "/oidc/logout";

/// The URL that ends the environment's session (RP-Initiated Logout 1.0 §2).
///
/// Logout ends the session and its refresh tokens; the additional revocation is best effort
/// ([`crate::protocol::revocation`]).
///
/// Without metadata, because the network was down since the start, Scalekit's documented path is used: sign-out must
/// not depend on discovery.
///
/// The URL contains the ID token and must not be logged. `state` is returned in the redirect; nothing depends on it.
#[must_use]
pub fn end_session_url(
    configuration: &Configuration,
    metadata: Option<&Metadata>,
    id_token: &Secret,
    state: &Secret,
) -> Url {
    let endpoint = metadata.map_or_else(
        || configuration.environment.at(DOCUMENTED_PATH),
        |metadata| metadata.end_session_endpoint.clone(),
    );
    // §2: `client_id` is permitted beside the hint, whose audience is often a list, and in place of a hint that
    // is too long.
    let with = |hint: Option<&str>| {
        let mut url = endpoint.clone();
        let mut query = url.query_pairs_mut();
        if let Some(hint) = hint {
            query.append_pair("id_token_hint", hint);
        }
        query
            .append_pair("client_id", configuration.client_id.as_str())
            .append_pair("post_logout_redirect_uri", &configuration.redirect_uris.post_logout)
            .append_pair("state", state.expose());
        drop(query);
        url
    };
    let url = with(Some(id_token.expose()));
    if url.as_str().len() <= MAX_URL_LEN { url } else { with(None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{ClientId, EnvironmentUrl, RedirectUris};

    fn page(id_token: &str) -> Url {
        let configuration = Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        );
        end_session_url(&configuration, None, &Secret::new(id_token), &Secret::new("s"))
    }

    // req: F2, M18
    #[test]
    fn logout_id_token_hint_that_is_too_long_is_omitted() {
        let url = page(&"x".repeat(20 * 1024));
        assert!(url.as_str().len() < 512);
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["client_id", "post_logout_redirect_uri", "state"]);
        let names: Vec<_> =
            page("a.b.c").query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"]);
    }

    #[test]
    fn logout_url_length_limit_is_7168() {
        let of_length = |length: usize| {
            let empty = page("").as_str().len();
            page(&"x".repeat(length - empty))
        };
        assert_eq!(of_length(7168).as_str().len(), 7168);
        assert!(of_length(7169).as_str().len() < 512);
    }
}
