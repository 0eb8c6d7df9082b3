//! The policy of a computer: settings that an administrator has set for all of its users. It contains no secret.
//!
//! Only an administrator can write to the folders of the policy. Windows has no such folder: every user can create one
//! in `%ProgramData%`, and set a policy for the others.

use std::path::{Path, PathBuf};

use scalekit_auth::{
    ConnectionId, DomainName, LoopbackPort, OrganizationId, Problem, ProblemCode, SocialProvider,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{config_file::ConfigFile, settings::FileSettings, sign_in_settings::SignInSettings};

/// The policy file of this application.
#[derive(Debug, Clone)]
pub struct PolicyFile(Option<ConfigFile>);

/// What a policy sets. All of it is public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The file's path.
    pub path: String,
    /// The only organization whose users may sign in (`org_…`).
    pub organization_id: Option<OrganizationId>,
    /// Everything else, in place of the user's settings.
    pub settings: FileSettings,
}

/// The members of the file. An unknown member is rejected: misspelt, it would restrict nothing.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Members {
    environment_url: Option<String>,
    client_id: Option<String>,
    organization_id: Option<OrganizationId>,
    connection_id: Option<ConnectionId>,
    domain: Option<DomainName>,
    providers: Vec<SocialProvider>,
    administrator_roles: Vec<String>,
    loopback: Option<LoopbackPort>,
    sign_in_seconds: Option<u64>,
    resource_url: Option<String>,
    resource_permission: Option<String>,
}

impl PolicyFile {
    /// The file of the application with this identifier, which need not exist.
    pub fn find(identifier: &str) -> Self {
        Self(folder(identifier).map(|folder| ConfigFile::new(folder, "policy.json")))
    }

    /// Reads the file on a blocking thread.
    ///
    /// # Errors
    /// The problem of a policy that cannot be used.
    pub async fn policy(&self) -> Result<Option<Policy>, Problem> {
        let file = self.clone();
        match tauri::async_runtime::spawn_blocking(move || file.read()).await {
            Ok(read) => read,
            Err(why) => {
                Err(Problem::new(ProblemCode::SettingsUnavailable).with_detail(why.to_string()))
            }
        }
    }

    /// Reads the file; `None` if there is no policy. Blocks.
    ///
    /// # Errors
    /// The problem of a policy that cannot be used.
    fn read(&self) -> Result<Option<Policy>, Problem> {
        let Some(file) = &self.0 else { return Ok(None) };
        let path = file.path().display().to_string();
        let unusable = |why: String| {
            Problem::new(ProblemCode::PolicyUnusable).with("path", path.as_str()).with_detail(why)
        };
        let Some(object) = file.read().map_err(unusable)? else { return Ok(None) };
        let members: Members = serde_json::from_value(Value::Object(object))
            .map_err(|why| unusable(why.to_string()))?;
        Ok(Some(members.into_policy(path)))
    }
}

impl Members {
    fn into_policy(self, path: String) -> Policy {
        let sign_in = SignInSettings {
            organization_id: None,
            connection_id: self.connection_id,
            domain: self.domain,
            providers: self.providers,
            administrator_roles: self.administrator_roles,
            loopback: self.loopback,
        };
        let settings = FileSettings {
            environment_url: self.environment_url,
            client_id: self.client_id,
            sign_in_seconds: self.sign_in_seconds,
            resource_url: self.resource_url,
            resource_permission: self.resource_permission,
            sign_in,
        };
        Policy { path, organization_id: self.organization_id, settings }
    }
}

impl Policy {
    /// Whether the policy says where sign-ins go to.
    pub fn has_route(&self) -> bool {
        let SignInSettings { connection_id, domain, .. } = &self.settings.sign_in;
        self.organization_id.is_some() || connection_id.is_some() || domain.is_some()
    }
}

/// The folder that only an administrator can write to.
fn folder(identifier: &str) -> Option<PathBuf> {
    // Tests cannot write to the real one.
    #[cfg(all(debug_assertions, target_os = "linux"))]
    if let Some(folder) = std::env::var_os("LATCHKEY_POLICY_FOLDER") {
        return Some(folder.into());
    }
    let parent = if cfg!(target_os = "macos") {
        "/Library/Application Support"
    } else if cfg!(unix) {
        "/etc"
    } else {
        return None;
    };
    Some(Path::new(parent).join(identifier))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(text: &str) -> Result<Option<Policy>, Problem> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.json"), text).unwrap();
        PolicyFile(Some(ConfigFile::new(folder.path(), "policy.json"))).read()
    }

    #[test]
    fn policy_file_that_does_not_exist_is_no_policy() {
        let folder = tempfile::tempdir().unwrap();
        let file = PolicyFile(Some(ConfigFile::new(folder.path(), "policy.json")));
        assert_eq!(file.read().unwrap(), None);
        assert_eq!(PolicyFile(None).read().unwrap(), None);
    }

    #[test]
    fn policy_members_replace_the_settings() {
        let policy = read(
            r#"{"environmentUrl": "https://a.scalekit.com", "clientId": "ntvc_a",
                "organizationId": "org_1", "providers": ["google"], "signInSeconds": 60,
                "resourceUrl": "https://a.scalekit.com/api"}"#,
        );
        let policy = policy.unwrap().unwrap();
        assert_eq!(policy.settings.client_id.as_deref(), Some("ntvc_a"));
        assert_eq!(policy.organization_id.as_ref().unwrap().as_str(), "org_1");
        assert_eq!(policy.settings.sign_in.providers.len(), 1);
        assert_eq!(policy.settings.sign_in_seconds, Some(60));
        assert!(policy.has_route());
        assert!(!read("{}").unwrap().unwrap().has_route());
        assert!(read(r#"{"domain": "acme.example"}"#).unwrap().unwrap().has_route());
        assert!(read(r#"{"connectionId": "conn_1"}"#).unwrap().unwrap().has_route());
    }

    #[test]
    fn policy_with_an_unknown_or_invalid_member_is_rejected() {
        for (text, why) in [
            (r#"{"organisationId": "org_1"}"#, "organisationId"),
            (r#"{"organizationId": "org 1"}"#, ""),
            (r#"{"environmentUrl": 7}"#, ""),
            ("{", ""),
            ("[]", ""),
        ] {
            let problem = read(text).unwrap_err();
            assert_eq!(problem.code, ProblemCode::PolicyUnusable, "{text}");
            assert!(problem.message.contains("policy.json"));
            assert!(problem.detail.unwrap().contains(why));
        }
    }

    #[test]
    fn policy_folder_is_named_by_the_application() {
        let folder = folder("com.example.app");
        if cfg!(target_os = "linux") {
            assert_eq!(folder.unwrap(), Path::new("/etc/com.example.app"));
        }
    }
}
