//! The protected resource that the window offers, and its source.
//!
//! It is optional. Its URL and the permission that it needs come from the policy, the environment variables or the
//! settings file, both from the same source.

pub mod reports;

use scalekit_auth::{Configuration, Problem, ProblemCode, is_permission, is_safe_origin};
use serde::Serialize;
use url::Url;

use crate::variable::variable;

/// The environment variable with the resource's URL.
pub const URL_VARIABLE: &str = "LATCHKEY_RESOURCE_URL";

/// The environment variable with the permission that the resource needs.
pub const PERMISSION_VARIABLE: &str = "LATCHKEY_RESOURCE_PERMISSION";

/// The size limit of the URL, in bytes.
const MAX_URL_LEN: usize = 1024;

/// The settings of a resource, from any source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceSettings {
    /// Its URL.
    pub url: Option<String>,
    /// The permission that it needs. Without one it is offered to every user.
    pub permission: Option<String>,
}

/// The environment variables of this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceVariables(ResourceSettings);

/// A resource that the access token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its URL.
    pub url: Url,
    /// The permission that it needs, if the settings name one.
    pub permission: Option<String>,
}

/// The resource as the window offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OfferedResource {
    /// The permission that it needs, if the settings name one.
    pub permission: Option<String>,
    /// What is wrong with its settings, if anything is.
    pub problem: Option<Problem>,
}

impl ResourceVariables {
    /// Reads them.
    #[must_use]
    pub fn read() -> Self {
        Self(ResourceSettings {
            url: variable(URL_VARIABLE),
            permission: variable(PERMISSION_VARIABLE),
        })
    }
}

/// The resource to offer; none where no source names one. The configuration determines where the access token may be
/// sent.
///
/// # Errors
/// The problem of a resource that cannot be used.
pub fn resolve(
    variables: &ResourceVariables,
    file: ResourceSettings,
    configuration: &Configuration,
) -> Option<Result<Resource, Problem>> {
    let settings = if variables.0.url.is_some() { variables.0.clone() } else { file };
    let url = settings.url?;
    Some(validated(&url, settings.permission, configuration))
}

fn validated(
    address: &str,
    permission: Option<String>,
    configuration: &Configuration,
) -> Result<Resource, Problem> {
    let invalid = || Problem::new(ProblemCode::ResourceUrlInvalid).with("address", address);
    let has_room = address.len() <= MAX_URL_LEN && !address.chars().any(char::is_control);
    let url = Url::parse(address.trim()).ok().filter(|_| has_room).ok_or_else(invalid)?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    if !is_safe_origin(&url) || !is_plain || url.fragment().is_some() {
        return Err(invalid());
    }
    if !configuration.may_receive_token(&url) {
        let origin = url.origin().ascii_serialization();
        return Err(Problem::new(ProblemCode::ResourceNotAllowed).with("address", origin));
    }
    if let Some(permission) = permission.as_deref().filter(|name| !is_permission(name)) {
        let problem = Problem::new(ProblemCode::ResourcePermissionInvalid);
        return Err(problem.with("permission", permission));
    }
    Ok(Resource { url, permission })
}

impl OfferedResource {
    /// The part that the window needs.
    #[must_use]
    pub fn of(resource: &Result<Resource, Problem>) -> Self {
        match resource {
            Ok(resource) => Self { permission: resource.permission.clone(), problem: None },
            Err(problem) => Self { permission: None, problem: Some(problem.clone()) },
        }
    }
}

#[cfg(test)]
mod tests {
    use scalekit_auth::{ClientId, EnvironmentUrl, RedirectUris, ResourceOrigin};

    use super::*;

    fn configuration() -> Configuration {
        let mut configuration = Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("ntvc_1").unwrap(),
            RedirectUris::with_scheme("io.latchkey.desktop").unwrap(),
        );
        configuration.services = vec![ResourceOrigin::parse("https://api.acme.example").unwrap()];
        configuration
    }

    fn settings(url: &str, permission: &str) -> ResourceSettings {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ResourceSettings { url: some(url), permission: some(permission) }
    }

    fn resolved(
        variables: ResourceSettings,
        file: ResourceSettings,
    ) -> Option<Result<Resource, Problem>> {
        resolve(&ResourceVariables(variables), file, &configuration())
    }

    #[test]
    fn resource_of_variables_replaces_that_of_the_file() {
        let none = ResourceSettings::default;
        let service = || settings("https://api.acme.example/v1/reports?page=1", "reports:read");
        let own = || settings("https://acme.scalekit.com/reports", "");
        assert_eq!(resolved(none(), none()), None);
        assert_eq!(resolved(settings("", "reports:read"), none()), None);
        let resource = resolved(none(), service()).unwrap().unwrap();
        assert_eq!(resource.url.as_str(), "https://api.acme.example/v1/reports?page=1");
        assert_eq!(resource.permission.as_deref(), Some("reports:read"));
        let resource = resolved(own(), service()).unwrap().unwrap();
        assert_eq!(resource.url.as_str(), "https://acme.scalekit.com/reports");
        assert_eq!(resource.permission, None, "the two are not mixed");
    }

    #[test]
    fn resource_of_another_origin_is_not_allowed() {
        for (url, origin) in [
            ("https://evil.example/reports", "https://evil.example"),
            ("https://api.acme.example:8443/reports", "https://api.acme.example:8443"),
            ("https://api.acme.example.evil.example/", "https://api.acme.example.evil.example"),
            ("http://127.0.0.1:8080/reports", "http://127.0.0.1:8080"),
        ] {
            let resource = resolved(settings(url, ""), ResourceSettings::default()).unwrap();
            let offered = OfferedResource::of(&resource);
            let problem = resource.unwrap_err();
            assert_eq!(problem.code, ProblemCode::ResourceNotAllowed, "{url}");
            assert_eq!(problem.parameters["address"], origin);
            assert_eq!(offered.problem, Some(problem));
        }
    }

    #[test]
    fn resource_url_or_permission_malformed_is_reported() {
        let long = format!("https://api.acme.example/{}", "x".repeat(MAX_URL_LEN));
        for url in [
            "reports",
            "api.acme.example/reports",
            "http://api.acme.example/reports",
            "ftp://api.acme.example/reports",
            "javascript:alert(1)",
            "blob:https://api.acme.example/1",
            "https://ada@api.acme.example/reports",
            "https://:secret@api.acme.example/reports",
            "https://api.acme.example/reports#top",
            "https://api.acme.example/rep\norts",
            &long,
        ] {
            let resource = resolved(settings(url, ""), ResourceSettings::default()).unwrap();
            assert_eq!(resource.unwrap_err().code, ProblemCode::ResourceUrlInvalid, "{url}");
        }
        for permission in ["reports read", "reports:\"read\"", "r\u{e9}ports"] {
            let named = settings("https://api.acme.example/reports", permission);
            let problem = resolved(ResourceSettings::default(), named).unwrap().unwrap_err();
            assert_eq!(problem.code, ProblemCode::ResourcePermissionInvalid, "{permission}");
        }
    }
}
