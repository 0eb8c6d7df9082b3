//! Signing out of the environment, in the browser, after the local session is gone.

use url::Url;

use crate::{configuration::Configuration, protocol::metadata::Metadata, secret::Secret};

/// In bytes. Servers commonly take 8 KiB for the whole request line, and answer a longer one with 414, which
/// would cost the way back.
const MAX_URL_LEN: usize = 7 * 1024;

const DOCUMENTED_PATH: &str = "/oidc/logout";

/// The address that ends the environment's session (RP-Initiated Logout 1.0 §2).
///
/// This page ends the session with its refresh tokens; revocation beside it is best effort
/// ([`crate::protocol::revocation`]).
///
/// Where the endpoints are not known because the network was down since the start, Scalekit's
/// documented path stands in: signing out must not depend on a discovery.
///
/// It holds the ID token; it is not for logs. `state` only comes back; nothing depends on it.
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
    // §2: `client_id` may stand beside the hint, whose audience is often a list, and in place of one that does
    // not fit.
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
