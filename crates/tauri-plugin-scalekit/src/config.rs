//! The plugin's section of `tauri.conf.json`.

use scalekit_auth::{
    ClaimName, ClaimNameError, ClientId, Configuration, ConnectionId, CustomClaims, DomainName,
    EnvironmentUrl, ForwardedName, ForwardedNameError, LoopbackPort, OrganizationId,
    OrganizationIdError, Problem, RedirectUris, RefreshPolicy, ResourceOrigin, ResourceOriginError,
    SignInRoute, SocialProvider,
};
use serde::Deserialize;

/// The `plugins.scalekit` section. Everything in it is public; there is no secret to configure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// The environment, such as `https://acme.scalekit.com`.
    pub environment_url: Option<String>,
    /// The client id of the application's registration as a Native Application.
    pub client_id: Option<String>,
    /// The only organization whose users may sign in (`org_…`), whichever environment is used.
    pub organization_id: Option<String>,
    /// Origins that access tokens may be sent to besides the environment, such as `https://api.acme.example`.
    pub services: Vec<String>,
    /// The custom claim with the name of the user's organization. Without it there is no name.
    pub organization_name_claim: Option<String>,
    /// Custom claims that the application gets with the profile, from the token's top level or from
    /// `custom_claims`.
    pub claims: Vec<String>,
    /// Parameters of a link to the initiate-login URI that are forwarded to the sign-in page after the user has
    /// seen them.
    pub initiate_login_parameters: Vec<String>,
    /// When the session is refreshed automatically. Unless it is set, the application may choose at runtime.
    pub refresh: Option<RefreshPolicy>,
    /// Whether the end of the session that token responses announce is shown to the user ahead of time
    /// (`authorization_expires_in`, `refresh_token_expires_in`, `refresh_expires_in`).
    pub announced_end: bool,
    /// The connection of sign-ins (`conn_…`), unless they name another route.
    pub connection_id: Option<ConnectionId>,
    /// The domain whose connection sign-ins use, unless they name another route.
    pub domain: Option<DomainName>,
    /// Social providers that are offered to users, such as `google`, in this order.
    pub providers: Vec<SocialProvider>,
    /// Roles whose users are offered the organization's hosted pages.
    pub administrator_roles: Vec<String>,
    /// The loopback redirect URI that is registered beside the deep link: its port, or `any`.
    pub loopback: Option<LoopbackPort>,
}

impl Config {
    /// The configuration with this environment and client id, if both are there.
    ///
    /// # Errors
    /// When one of them has the wrong form.
    pub(crate) fn configuration(
        &self,
        redirect_uris: &RedirectUris,
    ) -> Result<Option<Configuration>, Problem> {
        let (Some(environment), Some(client_id)) = (&self.environment_url, &self.client_id) else {
            return Ok(None);
        };
        let environment = EnvironmentUrl::parse(environment)?;
        let client_id = ClientId::parse(client_id)?;
        Ok(Some(Configuration::new(environment, client_id, redirect_uris.clone())))
    }
}

/// Why the plugin's section of `tauri.conf.json` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// `organizationId`.
    #[error(transparent)]
    Organization(#[from] OrganizationIdError),
    /// One of `services`.
    #[error(transparent)]
    Service(#[from] ResourceOriginError),
    /// `organizationNameClaim` or one of `claims`.
    #[error(transparent)]
    Claim(#[from] ClaimNameError),
    /// One of `initiateLoginParameters`.
    #[error(transparent)]
    Parameter(#[from] ForwardedNameError),
}

/// The values that apply to every environment, whether or not it is chosen at runtime.
#[derive(Debug)]
pub struct PinnedConfig {
    organization: Option<OrganizationId>,
    services: Vec<ResourceOrigin>,
    custom_claims: CustomClaims,
    forwarded: Vec<ForwardedName>,
    refresh: Option<RefreshPolicy>,
    announced_end: bool,
    route: SignInRoute,
    providers: Vec<SocialProvider>,
    administrator_roles: Vec<String>,
    loopback: Option<LoopbackPort>,
}

impl PinnedConfig {
    /// Validates the values of `config`.
    ///
    /// # Errors
    /// When a value has the wrong form.
    pub fn of(config: &Config) -> Result<Self, ConfigError> {
        let organization = config.organization_id.as_deref();
        let services = config.services.iter().map(|service| ResourceOrigin::parse(service));
        Ok(Self {
            organization: organization.map(OrganizationId::parse).transpose()?,
            services: services.collect::<Result<_, _>>()?,
            refresh: config.refresh,
            announced_end: config.announced_end,
            route: SignInRoute {
                connection_id: config.connection_id.clone(),
                organization_id: None,
                domain: config.domain.clone(),
            },
            providers: config.providers.clone(),
            administrator_roles: config.administrator_roles.clone(),
            loopback: config.loopback,
            forwarded: config
                .initiate_login_parameters
                .iter()
                .map(|name| ForwardedName::parse(name))
                .collect::<Result<_, _>>()?,
            custom_claims: CustomClaims {
                organization_name: config
                    .organization_name_claim
                    .as_deref()
                    .map(ClaimName::parse)
                    .transpose()?,
                passed_on: config
                    .claims
                    .iter()
                    .map(|name| ClaimName::parse(name))
                    .collect::<Result<_, _>>()?,
            },
        })
    }

    /// The configuration with these values. A pinned organization cannot be changed at runtime; services are added.
    pub fn applied_to(&self, mut configuration: Configuration) -> Configuration {
        if self.organization.is_some() {
            configuration.organization.clone_from(&self.organization);
        }
        configuration.services.extend_from_slice(&self.services);
        if self.custom_claims.organization_name.is_some() {
            let name = &mut configuration.custom_claims.organization_name;
            name.clone_from(&self.custom_claims.organization_name);
        }
        let claims = self.custom_claims.passed_on.iter().cloned();
        configuration.custom_claims.passed_on.extend(claims);
        if !self.forwarded.is_empty() {
            configuration.forwarded.clone_from(&self.forwarded);
        }
        configuration.refresh = self.refresh.unwrap_or(configuration.refresh);
        configuration.announced_end |= self.announced_end;
        // A route that was chosen at runtime takes precedence.
        if configuration.route == SignInRoute::default() {
            configuration.route.clone_from(&self.route);
        }
        if !self.providers.is_empty() {
            configuration.providers.clone_from(&self.providers);
        }
        if !self.administrator_roles.is_empty() {
            configuration.administrator_roles.clone_from(&self.administrator_roles);
        }
        configuration.loopback = self.loopback.or(configuration.loopback);
        configuration
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use serde_json::json;

    use super::*;

    fn pinned_config(
        config: serde_json::Value,
    ) -> Result<PinnedConfig, Box<dyn std::error::Error>> {
        Ok(PinnedConfig::of(&serde_json::from_value(config)?)?)
    }

    /// A configuration as chosen at runtime, with or without an organization.
    fn chosen(organization: Option<&str>) -> Configuration {
        let mut configuration = Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        );
        configuration.organization = organization.map(|id| OrganizationId::parse(id).unwrap());
        configuration
    }

    #[test]
    fn pinned_organization_overrides_runtime_settings() {
        let pinned = pinned_config(json!({"organizationId": "org_1"})).unwrap();
        for settings in [None, Some("org_2")] {
            let organization = pinned.applied_to(chosen(settings)).organization.unwrap();
            assert_eq!(organization.as_str(), "org_1");
        }
        let free = pinned_config(json!({})).unwrap();
        let organization = free.applied_to(chosen(Some("org_2"))).organization.unwrap();
        assert_eq!(organization.as_str(), "org_2");
    }

    #[test]
    fn access_token_may_go_only_to_issuer_and_named_services() {
        let named = pinned_config(json!({"services": ["https://api.acme.example"]})).unwrap();
        let configuration = named.applied_to(chosen(None));
        let may_receive_token =
            |address: &str| configuration.may_receive_token(&address.parse().unwrap());
        assert!(may_receive_token("https://api.acme.example/v1/reports"));
        assert!(may_receive_token("https://acme.scalekit.com/oauth/token"));
        assert!(!may_receive_token("https://api.acme.example.evil.example/"));
        assert!(!may_receive_token("http://api.acme.example/"));
    }

    #[test]
    fn refresh_policy_defaults_to_always() {
        let policy = |config| pinned_config(config).unwrap().applied_to(chosen(None)).refresh;
        assert_eq!(policy(json!({})), RefreshPolicy::Always);
        assert_eq!(policy(json!({"refresh": "whileInUse"})), RefreshPolicy::WhileInUse);
        let mut chosen = chosen(None);
        chosen.refresh = RefreshPolicy::WhileInUse;
        let with = |config| pinned_config(config).unwrap().applied_to(chosen.clone()).refresh;
        assert_eq!(with(json!({})), RefreshPolicy::WhileInUse);
        assert_eq!(with(json!({"refresh": "always"})), RefreshPolicy::Always);
    }

    #[test]
    fn announced_session_end_is_shown_only_where_configured() {
        let is_shown =
            |config| pinned_config(config).unwrap().applied_to(chosen(None)).announced_end;
        assert!(!is_shown(json!({})));
        assert!(is_shown(json!({"announcedEnd": true})));
    }

    #[test]
    fn custom_claims_of_plugin_config_are_always_applied() {
        let named = json!({"organizationNameClaim": "org_name", "claims": ["plan", "seat"]});
        let custom = pinned_config(named).unwrap().applied_to(chosen(None)).custom_claims;
        assert_eq!(custom.organization_name.unwrap().to_string(), "org_name");
        let passed_on: Vec<_> = custom.passed_on.iter().map(ToString::to_string).collect();
        assert_eq!(passed_on, ["plan", "seat"]);
    }

    #[test]
    fn sign_in_route_of_plugin_config_yields_to_settings() {
        let pinned =
            pinned_config(json!({"connectionId": "conn_1", "domain": "acme.example"})).unwrap();
        let route = pinned.applied_to(chosen(None)).route;
        assert_eq!(route.connection_id.unwrap().as_str(), "conn_1");
        assert_eq!(route.domain.unwrap().as_str(), "acme.example");
        let mut of_settings = chosen(None);
        of_settings.route.domain = DomainName::parse("beta.example").ok();
        let route = pinned.applied_to(of_settings).route;
        assert_eq!((route.connection_id, route.domain.unwrap().as_str()), (None, "beta.example"));
    }

    #[test]
    fn loopback_of_plugin_config_is_off_any_or_a_port() {
        let loopback = |config| pinned_config(config).unwrap().applied_to(chosen(None)).loopback;
        assert_eq!(loopback(json!({})), None);
        assert_eq!(loopback(json!({"loopback": "any"})), Some(LoopbackPort::Any));
        let port = NonZeroU16::new(49152).map(LoopbackPort::Fixed);
        assert_eq!(loopback(json!({"loopback": 49152})), port);
    }

    #[test]
    fn providers_and_administrator_roles_keep_their_order() {
        let config = json!({"providers": ["google", "github"], "administratorRoles": ["admin"]});
        let configuration = pinned_config(config).unwrap().applied_to(chosen(None));
        let providers: Vec<_> = configuration.providers.iter().map(|one| one.as_str()).collect();
        assert_eq!(providers, ["google", "github"]);
        assert_eq!(configuration.administrator_roles, ["admin"]);
    }

    #[test]
    fn invalid_plugin_config_is_rejected() {
        for config in [
            json!({"organizationId": "org 1"}),
            json!({"organisationId": "org_1"}),
            json!({"services": ["api.acme.example"]}),
            json!({"services": ["https://api.acme.example/v1"]}),
            json!({"clientSecret": "x"}),
            json!({"claims": ["sub"]}),
            json!({"refresh": "sometimes"}),
            json!({"connectionId": "conn 1"}),
            json!({"domain": "ada@acme.example"}),
            json!({"providers": ["goo gle"]}),
            json!({"loopback": 0}),
            json!({"loopback": 65536}),
            json!({"loopback": "some"}),
            json!({"organizationNameClaim": "oid"}),
            json!({"initiateLoginParameters": ["redirect_uri"]}),
        ] {
            assert!(pinned_config(config.clone()).is_err(), "{config}");
        }
    }
}
