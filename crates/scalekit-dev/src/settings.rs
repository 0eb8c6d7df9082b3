//! How an environment is set up.

use std::time::Duration;

use serde_json::Value;

use crate::ids;

/// How an environment is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port on `127.0.0.1`; 0 takes any that is free.
    pub port: u16,
    /// What the token endpoint says about an access token's life. Scalekit's default is 299 seconds;
    /// the token itself says one second more.
    pub access_token_lifetime: Duration,
    /// How long an ID token lives: Scalekit's are good for half an hour.
    pub id_token_lifetime: Duration,
    /// For how long a refresh token that was used is taken once more, as from somebody who has lost
    /// the answer. Scalekit's documentation promises nothing, so without this it ends its session.
    pub reuse_grace: Duration,
    /// The id of the registered Native Application.
    pub client_id: String,
    /// Its registered redirect URIes.
    pub redirect_uris: Vec<String>,
    /// Its registered post-logout addresses.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its registered initiate-login address.
    pub initiate_login_uri: String,
    /// The web application beside it.
    pub web: WebApplication,
    /// What an environment does not do by itself.
    pub options: Options,
}

/// A registered web application: it has a secret, and PKCE is its choice.
#[derive(Debug, Clone)]
pub struct WebApplication {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub secret: String,
    /// Its registered redirect URIes.
    pub redirect_uris: Vec<String>,
    /// Its registered post-logout addresses.
    pub post_logout_redirect_uris: Vec<String>,
}

/// What an environment does not do by itself: what a customer has to turn on, and what goes beyond
/// what is known of the service. All of it is off at first; the README says which is which.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Callbacks carry `iss`, and discovery says so (RFC 9207).
    pub issuer_in_callbacks: bool,
    /// Token responses for users carry `token_type` (RFC 6749 §5.1).
    pub token_type: bool,
    /// An address of an API, which stands in `aud` beside the client id.
    pub api_audience: Option<String>,
    /// Another host in front of the environment's own.
    pub custom_domain: Option<CustomDomain>,
    /// Custom claims of access tokens.
    pub claims: Vec<CustomClaim>,
    /// Access tokens carry `user_metadata`, `membership_metadata` and `org_metadata`, where there are
    /// any; the last with the organization's name.
    pub metadata: bool,
    /// The environment is used for enterprise sign-in alone: `sub` of whoever comes so is
    /// `conn_…;<their id there>`, and there is no `oid`.
    pub modular_sso: bool,
    /// What a link of a mail carries to the initiate-login address.
    pub link_parameters: Vec<(String, String)>,
    /// After so long without a user in the browser a session is over.
    pub idle_timeout: Option<Duration>,
    /// So long after its beginning a session is over.
    pub absolute_timeout: Option<Duration>,
    /// A refresh counts as somebody being there.
    pub refresh_is_activity: bool,
    /// The port of a loopback redirect URI is not compared (RFC 8252 §7.3).
    pub any_loopback_port: bool,
    /// Discovery says that public clients may revoke tokens (RFC 8414 §2).
    pub public_revocation: bool,
}

/// Another host in front of the environment's own, with the same port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomDomain {
    /// Its name; `localhost` leads here too.
    pub host: String,
    /// Whether the environment calls itself by it at its own host too.
    pub everywhere: bool,
}

/// A custom claim of access tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomClaim {
    /// Its name.
    pub name: String,
    /// What it says.
    pub value: Value,
    /// Where it stands.
    pub place: ClaimPlace,
    /// The e-mail address of the only user who has it; nothing for everybody.
    pub of: Option<String>,
}

/// Where a custom claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimPlace {
    /// Beside the others, as the dashboard's Token Claims do.
    TopLevel,
    /// Inside `custom_claims`, as those of an interceptor do.
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
