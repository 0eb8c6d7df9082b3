//! The sign-in settings of the settings file and the command line. Built-in values take precedence
//! (`plugins.scalekit` in `tauri.conf.json`).

use scalekit_auth::{
    ClaimName, Configuration, ConnectionId, DomainName, ForwardedName, LoopbackPort,
    OrganizationId, RefreshPolicy, SignInRoute, SocialProvider,
};
use serde::Deserialize;

/// The members of the settings file. All of them are public.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SignInSettings {
    /// The organization of sign-ins (`org_…`).
    pub organization_id: Option<OrganizationId>,
    /// The connection of sign-ins (`conn_…`).
    pub connection_id: Option<ConnectionId>,
    /// The domain whose connection is used.
    pub domain: Option<DomainName>,
    /// Social providers that are offered to users, in this order.
    pub providers: Vec<SocialProvider>,
    /// Roles whose users are offered the organization's hosted pages.
    pub administrator_roles: Vec<String>,
    /// The loopback redirect URI that is registered beside the deep link: its port, or `any`.
    pub loopback: Option<LoopbackPort>,
    /// When the session is refreshed automatically.
    pub refresh: RefreshPolicy,
    /// Whether the end of the session that token responses announce is shown ahead of time.
    pub announced_end: bool,
    /// The custom claim with the name of the user's organization.
    pub organization_name_claim: Option<ClaimName>,
    /// Parameters of a link to the initiate-login URI that are forwarded to the sign-in page.
    pub initiate_login_parameters: Vec<ForwardedName>,
}

impl SignInSettings {
    /// Applies the settings. A route on the command line takes precedence for this process.
    pub fn apply(&self, command_line: &SignInRoute, configuration: &mut Configuration) {
        configuration.route = if *command_line == SignInRoute::default() {
            SignInRoute {
                connection_id: self.connection_id.clone(),
                organization_id: self.organization_id.clone(),
                domain: self.domain.clone(),
            }
        } else {
            command_line.clone()
        };
        configuration.providers.clone_from(&self.providers);
        configuration.administrator_roles.clone_from(&self.administrator_roles);
        configuration.loopback = self.loopback;
        configuration.refresh = self.refresh;
        configuration.announced_end = self.announced_end;
        let name = &mut configuration.custom_claims.organization_name;
        name.clone_from(&self.organization_name_claim);
        configuration.forwarded.clone_from(&self.initiate_login_parameters);
    }
}

#[cfg(test)]
mod tests {
    use scalekit_auth::{ClientId, EnvironmentUrl, RedirectUris};
    use serde_json::json;

    use super::*;

    fn configuration() -> Configuration {
        Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("io.latchkey.desktop").unwrap(),
        )
    }

    #[test]
    fn sign_in_settings_of_the_file_reach_the_configuration() {
        let settings: SignInSettings = serde_json::from_value(json!({
            "environmentUrl": "https://acme.scalekit.com", "organizationId": "org_1",
            "connectionId": "conn_1", "domain": "acme.example", "providers": ["google"],
            "administratorRoles": ["admin"], "loopback": "any", "somethingNewer": 1,
            "refresh": "whileInUse", "announcedEnd": true, "organizationNameClaim": "org_name",
            "initiateLoginParameters": ["intent"],
        }))
        .unwrap();
        let mut configuration = configuration();
        settings.apply(&SignInRoute::default(), &mut configuration);
        assert_eq!(configuration.route.organization_id.unwrap().as_str(), "org_1");
        assert_eq!(configuration.route.connection_id.unwrap().as_str(), "conn_1");
        assert_eq!(configuration.route.domain.unwrap().as_str(), "acme.example");
        assert_eq!(configuration.providers.len(), 1);
        assert_eq!(configuration.administrator_roles, ["admin"]);
        assert_eq!(configuration.loopback, Some(LoopbackPort::Any));
        assert_eq!(configuration.refresh, RefreshPolicy::WhileInUse);
        assert!(configuration.announced_end);
        let name = configuration.custom_claims.organization_name.unwrap();
        assert_eq!(name.to_string(), "org_name");
        assert_eq!(configuration.forwarded, [ForwardedName::parse("intent").unwrap()]);
        assert!(configuration.organization.is_none(), "it names no other session");
    }

    #[test]
    fn sign_in_route_of_the_command_line_replaces_the_files() {
        let settings: SignInSettings =
            serde_json::from_value(json!({"connectionId": "conn_1", "domain": "acme.example"}))
                .unwrap();
        let organization_id = OrganizationId::parse("org_2").ok();
        let command_line = SignInRoute { organization_id, ..SignInRoute::default() };
        let mut configuration = configuration();
        settings.apply(&command_line, &mut configuration);
        assert_eq!(configuration.route, command_line);
    }

    #[test]
    fn sign_in_settings_that_cannot_be_used_name_the_fix() {
        for (settings, words) in [
            (json!({"providers": ["goo gle"]}), "such as google"),
            (json!({"domain": "ada@acme.example"}), "behind the @"),
            (json!({"organizationId": "org 1"}), "organization id"),
            (json!({"refresh": "sometimes"}), "whileInUse"),
            (json!({"organizationNameClaim": "sub"}), "has a meaning of its own"),
            (json!({"initiateLoginParameters": ["state"]}), "never taken from a link"),
        ] {
            let why = serde_json::from_value::<SignInSettings>(settings).unwrap_err().to_string();
            assert!(why.contains(words), "{why}");
        }
    }
}
