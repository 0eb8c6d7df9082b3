//! The authorization request: what the browser is sent off with, and what must come back.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    configuration::{Configuration, OrganizationId, SignInRoute},
    protocol::{forwarded_parameters::Parameter, metadata::Metadata},
    secret::Secret,
    sign_in_request::SignInRequest,
    view::SignInIntent,
};

/// Random bytes for one sign-in, drawn outside: this crate has no random number generator.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Entropy(pub [u8; 96]);

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(…)")
    }
}

/// The values that tie a callback to the request it answers, new for every sign-in.
#[derive(Debug, Clone)]
pub struct AuthorizationSecrets {
    /// RFC 6749 §10.12: ties the callback to this program.
    pub state: Secret,
    /// OpenID Connect Core §3.1.2.1: ties the ID token to this request.
    pub nonce: Secret,
    /// RFC 7636 §4.1: ties the code to this program.
    pub code_verifier: Secret,
}

impl AuthorizationSecrets {
    /// 256 bits each for `state`, `nonce` and the code verifier (RFC 7636 §7.1).
    #[must_use]
    pub fn from_entropy(entropy: &Entropy) -> Self {
        let [state, nonce, code_verifier] = [0, 32, 64]
            .map(|at| Secret::new(BASE64_URL_SAFE_NO_PAD.encode(&entropy.0[at..at + 32])));
        Self { state, nonce, code_verifier }
    }
}

/// What the environment is told of who is to sign in and where. It is free to ask all the same, and
/// what comes back is verified all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// The connection to go straight to (`conn_…`).
    pub connection_id: Option<String>,
    /// The organization to go straight to (`org_…`).
    pub organization_id: Option<String>,
    /// Whom to expect (OpenID Connect Core §3.1.2.1).
    pub login_hint: Option<String>,
    /// The social provider to go straight to.
    #[serde(default)]
    pub provider: Option<String>,
    /// The domain whose company's connection is used.
    #[serde(default)]
    pub domain: Option<String>,
    /// Parameters of the link that began it, which the configuration names.
    #[serde(default)]
    pub forwarded: Vec<Parameter>,
}

impl Hints {
    /// What a request asks for, and where it says no route, what the configuration does. The pages to create an
    /// account and to choose an organization are for going elsewhere.
    pub(crate) fn of(request: SignInRequest, configuration: &Configuration) -> Self {
        let follows = match request.intent {
            SignInIntent::SignIn | SignInIntent::UseAnotherAccount => !request.names_route(),
            SignInIntent::SignUp | SignInIntent::SelectOrganization => false,
        };
        let route = if follows { configuration.route.clone() } else { SignInRoute::default() };
        let organization = request.organization_id.or(route.organization_id);
        Self {
            connection_id: request.connection_id.or(route.connection_id).map(String::from),
            organization_id: organization.map(|id| id.as_str().to_owned()),
            login_hint: request.login_hint.map(String::from),
            provider: request.provider.map(String::from),
            domain: request.domain.or(route.domain).map(String::from),
            forwarded: Vec::new(),
        }
    }

    /// The organization that is asked for, and whose users alone may come back: the application's own
    /// where it is for one, else the one that the user has agreed to. The request for it passes through
    /// a browser, where it can be changed.
    pub(crate) fn organization<'a>(&'a self, configuration: &'a Configuration) -> Option<&'a str> {
        let pinned = configuration.organization.as_ref().map(OrganizationId::as_str);
        pinned.or(self.organization_id.as_deref())
    }
}

/// What is asked for. `offline_access`, or there is no refresh token.
pub const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The address to open in the browser. It holds the `state`; it is not for logs.
#[must_use]
pub fn authorization_url(
    configuration: &Configuration,
    metadata: &Metadata,
    binding: &AuthorizationSecrets,
    redirect_uri: &str,
    intent: SignInIntent,
    hints: &Hints,
) -> Option<Url> {
    let client = oauth2::basic::BasicClient::new(oauth2::ClientId::new(
        configuration.client_id.as_str().to_owned(),
    ))
    .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
    .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).ok()?);
    // RFC 7636 §7.2: S256 always, never `plain`.
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
        binding.code_verifier.expose().to_owned(),
    ));
    let request = client
        .authorize_url(|| CsrfToken::new(binding.state.expose().to_owned()))
        .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", binding.nonce.expose());
    let prompt = match intent {
        SignInIntent::SignIn => None,
        SignInIntent::SignUp => Some("create"),
        SignInIntent::SelectOrganization => Some("select_account"),
        SignInIntent::UseAnotherAccount => Some("login"),
    };
    let optional = [
        ("prompt", prompt),
        ("provider", hints.provider.as_deref()),
        ("connection_id", hints.connection_id.as_deref()),
        ("organization_id", hints.organization(configuration)),
        ("domain", hints.domain.as_deref()),
        ("login_hint", hints.login_hint.as_deref()),
    ];
    let request = optional.into_iter().fold(request, |request, (name, value)| match value {
        Some(value) => request.add_extra_param(name, value),
        None => request,
    });
    let request = hints.forwarded.iter().fold(request, |request, parameter| {
        request.add_extra_param(parameter.name.clone(), parameter.value.clone())
    });
    Some(request.url().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{ClientId, EnvironmentUrl, RedirectUris};
    use std::collections::{BTreeMap, HashSet};

    fn url(intent: SignInIntent) -> BTreeMap<String, String> {
        url_with(intent, &Hints::default())
    }

    fn url_with(intent: SignInIntent, hints: &Hints) -> BTreeMap<String, String> {
        let environment = EnvironmentUrl::parse("https://acme.scalekit.com").unwrap();
        let metadata = Metadata {
            issuer: environment.issuer().to_owned(),
            authorization_endpoint: environment.at("/oauth/authorize"),
            token_endpoint: environment.at("/oauth/token"),
            jwks_uri: environment.at("/keys"),
            end_session_endpoint: environment.at("/oidc/logout"),
            revocation_endpoint: None,
            callback_carries_issuer: true,
            offers_sign_up: true,
        };
        let configuration = Configuration::new(
            environment,
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        );
        let mut entropy = Entropy([1; 96]);
        entropy.0[32..64].fill(2);
        entropy.0[64..].fill(3);
        let binding = AuthorizationSecrets::from_entropy(&entropy);
        let callback = &configuration.redirect_uris.callback;
        let url = authorization_url(&configuration, &metadata, &binding, callback, intent, hints)
            .unwrap();
        assert_eq!(url.path(), "/oauth/authorize");
        url.query_pairs().into_owned().collect()
    }

    // req: A4
    #[test]
    fn authorization_request_has_code_pkce_state_and_nonce() {
        let query = url(SignInIntent::SignIn);
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], "skc_1");
        assert_eq!(query["redirect_uri"], "com.example.app://callback");
        assert_eq!(query["scope"], "openid profile email offline_access");
        assert_eq!(query["code_challenge_method"], "S256");
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(query[name].len(), 43, "{name}");
        }
        for name in
            ["prompt", "provider", "connection_id", "organization_id", "domain", "login_hint"]
        {
            assert!(!query.contains_key(name), "{name}");
        }
    }

    #[test]
    fn authorization_request_escapes_hints_as_values() {
        let query = url_with(
            SignInIntent::SignIn,
            &Hints {
                connection_id: Some("conn_1".to_owned()),
                organization_id: Some("org_1&client_id=evil".to_owned()),
                login_hint: Some("ada+x@analytical.example".to_owned()),
                provider: Some("google".to_owned()),
                domain: Some("acme.example".to_owned()),
                forwarded: vec![Parameter {
                    name: "intent".to_owned(),
                    value: "join&state=evil".to_owned(),
                }],
            },
        );
        assert_eq!(query["connection_id"], "conn_1");
        assert_eq!(query["provider"], "google");
        assert_eq!(query["domain"], "acme.example");
        assert_eq!(query["organization_id"], "org_1&client_id=evil");
        assert_eq!(query["login_hint"], "ada+x@analytical.example");
        assert_eq!(query["client_id"], "skc_1");
        assert_eq!(query["intent"], "join&state=evil");
        assert_ne!(query["state"], "evil");
    }

    #[test]
    fn pkce_challenge_is_s256_of_an_unsent_verifier() {
        use sha2::Digest as _;
        let query = url(SignInIntent::SignIn);
        let verifier = BASE64_URL_SAFE_NO_PAD.encode([3; 32]);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&verifier));
        assert_eq!(query["code_challenge"], challenge);
        assert!(!query.values().any(|value| value.contains(&verifier)), "{query:?}");
    }

    #[test]
    fn authorization_prompt_names_the_page_of_the_intent() {
        assert_eq!(url(SignInIntent::SignUp)["prompt"], "create");
        assert_eq!(url(SignInIntent::SelectOrganization)["prompt"], "select_account");
        assert_eq!(url(SignInIntent::UseAnotherAccount)["prompt"], "login");
    }

    // req: A2
    #[test]
    fn authorization_secrets_are_unique_in_10000_sign_ins() {
        let mut seen = HashSet::new();
        for n in 0..10_000_u32 {
            let mut entropy = Entropy([0; 96]);
            for (third, byte) in [(0, 0_u8), (32, 1), (64, 2)] {
                entropy.0[third..third + 4].copy_from_slice(&n.to_be_bytes());
                entropy.0[third + 31] = byte;
            }
            let binding = AuthorizationSecrets::from_entropy(&entropy);
            for secret in [&binding.state, &binding.nonce, &binding.code_verifier] {
                assert!(seen.insert(secret.expose().to_owned()));
                assert!(
                    secret
                        .expose()
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
                );
            }
        }
    }

    #[test]
    fn entropy_debug_output_is_redacted() {
        assert_eq!(format!("{:?}", Entropy([7; 96])), "Entropy(…)");
    }
}
