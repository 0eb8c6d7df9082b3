//! The application's request for a sign-in.

use serde::Deserialize;

use crate::{
    configuration::OrganizationId,
    sign_in_hints::{ConnectionId, DomainName, LoginHint, SocialProvider},
    view::SignInIntent,
};

/// Which page a sign-in starts at, and which parameters the environment gets. The environment may
/// prompt all the same; of the result, the organization is verified where one was requested.
///
/// Where several are given, Scalekit takes the provider before the connection, the organization, the domain and the
/// hint (`sso/guides/authorization-url.mdx`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignInRequest {
    /// Which page.
    #[cfg_attr(feature = "typescript", ts(as = "Option<SignInIntent>"))]
    pub intent: SignInIntent,
    /// Whom to expect. The environment finds the connection by its domain, so it is not sent with the route of the
    /// configuration, which would take precedence.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    #[serde(default)]
    pub login_hint: Option<LoginHint>,
    /// The social provider to go straight to.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    #[serde(default)]
    pub provider: Option<SocialProvider>,
    /// The connection to go straight to.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    #[serde(default)]
    pub connection_id: Option<ConnectionId>,
    /// The organization to sign in to: the tokens must be of it.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The domain whose company's connection is used.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    #[serde(default)]
    pub domain: Option<DomainName>,
}

impl SignInRequest {
    /// Whether it names a route, which then replaces that of the configuration.
    pub(crate) fn names_route(&self) -> bool {
        self.login_hint.is_some()
            || self.provider.is_some()
            || self.connection_id.is_some()
            || self.organization_id.is_some()
            || self.domain.is_some()
    }
}

impl From<SignInIntent> for SignInRequest {
    fn from(intent: SignInIntent) -> Self {
        Self { intent, ..Self::default() }
    }
}
