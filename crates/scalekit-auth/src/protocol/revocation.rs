//! Revoking a token (RFC 7009).

use url::form_urlencoded;

use crate::{configuration::Configuration, protocol::metadata::Metadata, secret::Secret};

/// The request that revokes a refresh token (§2.1), if the metadata offers revocation to public clients.
/// Otherwise no token is sent to an additional endpoint: Scalekit documents `invalid_client` for clients with
/// dynamic registration.
#[must_use]
pub fn request(
    configuration: &Configuration,
    metadata: &Metadata,
    refresh_token: &Secret,
) -> Option<http::Request<Vec<u8>>> {
    let endpoint = metadata.revocation_endpoint.as_ref()?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("token", refresh_token.expose())
        .append_pair("token_type_hint", "refresh_token")
        .append_pair("client_id", configuration.client_id.as_str())
        .finish();
    http::Request::post(endpoint.as_str())
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::{metadata, signing::json_response},
        testing,
    };
    use serde_json::json;

    fn revoked(members: &serde_json::Value) -> Option<http::Request<Vec<u8>>> {
        let configuration = testing::configuration("com.example.app");
        let mut document = testing::discovery();
        document.as_object_mut()?.extend(members.as_object()?.clone());
        let metadata =
            metadata::read(&configuration.environment, Ok(json_response(200, &document))).unwrap();
        request(&configuration, &metadata, &Secret::new("rt+1"))
    }

    #[test]
    fn revocation_request_has_token_hint_and_client_id() {
        let request = revoked(&json!({
            "revocation_endpoint": "https://acme.scalekit.com/revoke",
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
        }))
        .unwrap();
        assert_eq!(request.uri(), "https://acme.scalekit.com/revoke");
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(
            request.body(),
            b"token=rt%2B1&token_type_hint=refresh_token&client_id=skc_latchkey"
        );
    }

    /// RFC 8414 §2: the default of a missing list is `client_secret_basic`.
    #[test]
    fn revocation_not_offered_to_public_clients_sends_nothing() {
        for members in [
            json!({}),
            json!({"revocation_endpoint": "https://acme.scalekit.com/revoke"}),
            json!({
                "revocation_endpoint": "https://acme.scalekit.com/revoke",
                "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
            }),
            json!({
                "revocation_endpoint": "https://evil.example/revoke",
                "revocation_endpoint_auth_methods_supported": ["none"],
            }),
        ] {
            assert!(revoked(&members).is_none(), "{members}");
        }
    }
}
