//! The settings of an environment.

use std::time::Duration;

use serde_json::Value;

use crate::ids;

/// The settings of an environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port on `127.0.0.1`; 0 for any free one.
    pub port: u16,
    /// `expires_in` of access tokens. Scalekit's default is 299 seconds; `exp` is one second later.
    pub access_token_lifetime: Duration,
    /// The lifetime of ID tokens: half an hour at Scalekit.
    pub id_token_lifetime: Duration,
    /// The grace period in which a spent refresh token is accepted again, as from a client that has lost the
    /// response. Scalekit documents none; without it, reuse ends the session.
    pub reuse_grace: Duration,
    /// The id of the registered Native Application.
    pub client_id: String,
    /// Its registered redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Its registered post-logout redirect URIs.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its registered initiate-login URI.
    pub initiate_login_uri: String,
    /// The web application beside it.
    pub web: WebApplication,
    /// The options that are off by default.
    pub options: Options,
}

/// A registered web application: a confidential client for which PKCE is optional.
#[derive(Debug, Clone)]
pub struct WebApplication {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub secret: String,
    /// Its registered redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Its registered post-logout redirect URIs.
    pub post_logout_redirect_uris: Vec<String>,
}

/// Options that are off by default: features that a customer has to enable, and behavior that is not known of
/// Scalekit. The README distinguishes them.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Authorization responses have `iss`, and the metadata announces it (RFC 9207).
    pub issuer_in_callbacks: bool,
    /// Token responses for users have `token_type` (RFC 6749 §5.1).
    pub token_type: bool,
    /// The URL of an API, which is in `aud` beside the client id.
    pub api_audience: Option<String>,
    /// A custom domain in front of the environment's own host.
    pub custom_domain: Option<CustomDomain>,
    /// Custom claims of access tokens.
    pub claims: Vec<CustomClaim>,
    /// Access tokens have `user_metadata`, `membership_metadata` and `org_metadata`, if any; the last with the
    /// organization's name.
    pub metadata: bool,
    /// The environment is used for enterprise sign-in only: `sub` of its users is `conn_…;<their id there>`,
    /// and there is no `oid`.
    pub modular_sso: bool,
    /// Parameters that an e-mail's link adds to the initiate-login URI.
    pub link_parameters: Vec<(String, String)>,
    /// The duration without activity after which a session expires.
    pub idle_timeout: Option<Duration>,
    /// The duration after which a session expires.
    pub absolute_timeout: Option<Duration>,
    /// Token responses announce the end of the session (`authorization_expires_in`,
    /// draft-ietf-oauth-refresh-token-expiration).
    pub announced_end: bool,
    /// A refresh counts as activity.
    pub refresh_is_activity: bool,
    /// The port of a loopback redirect URI is not compared (RFC 8252 §7.3).
    pub any_loopback_port: bool,
    /// The metadata announces revocation for public clients (RFC 8414 §2).
    pub public_revocation: bool,
}

/// A custom domain, with the same port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomDomain {
    /// Its name; `localhost` resolves to this computer too.
    pub host: String,
    /// Whether it is also the issuer at the environment's own host.
    pub everywhere: bool,
}

/// A custom claim of access tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomClaim {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Its place.
    pub place: ClaimPlace,
    /// The e-mail address of the only user who has it; `None` for all users.
    pub of: Option<String>,
}

/// The place of a custom claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimPlace {
    /// At top level, like the dashboard's Token Claims.
    TopLevel,
    /// Inside `custom_claims`, like those of an interceptor.
    Inside,
}

/// An application as the endpoints see it.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub client_id: String,
    pub secret: Option<String>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            access_token_lifetime: Duration::from_secs(299),
            id_token_lifetime: Duration::from_secs(1800),
            reuse_grace: Duration::ZERO,
            client_id: ids::NATIVE_APPLICATION.to_owned(),
            redirect_uris: vec!["io.latchkey.desktop://callback".to_owned()],
            post_logout_redirect_uris: vec!["io.latchkey.desktop://signed-out".to_owned()],
            initiate_login_uri: "io.latchkey.desktop://login".to_owned(),
            web: WebApplication::default(),
            options: Options::default(),
        }
    }
}

impl Default for WebApplication {
    fn default() -> Self {
        Self {
            client_id: ids::WEB_APPLICATION.to_owned(),
            secret: ids::WEB_SECRET.to_owned(),
            redirect_uris: vec![
                "http://localhost:3000/auth/callback".to_owned(),
                "http://localhost:3000/callback".to_owned(),
            ],
            post_logout_redirect_uris: vec![
                "http://localhost:3000".to_owned(),
                "http://localhost:3000/".to_owned(),
            ],
        }
    }
}

impl Settings {
    /// The application of this id.
    pub(crate) fn application(&self, client_id: &str) -> Option<Application> {
        if client_id == self.client_id {
            return Some(Application {
                client_id: self.client_id.clone(),
                secret: None,
                redirect_uris: self.redirect_uris.clone(),
                post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            });
        }
        (client_id == self.web.client_id).then(|| Application {
            client_id: self.web.client_id.clone(),
            secret: Some(self.web.secret.clone()),
            redirect_uris: self.web.redirect_uris.clone(),
            post_logout_redirect_uris: self.web.post_logout_redirect_uris.clone(),
        })
    }
}
