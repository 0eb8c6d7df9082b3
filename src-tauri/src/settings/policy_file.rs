//! The policy of a computer: settings that an administrator has set for all of its users. It contains no secret.
//!
//! Only an administrator can write to the folders of the policy. Windows has no such folder: every user can create one
//! in `%ProgramData%`, and set a policy for the others.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use scalekit_auth::{
    ClaimName, ConnectionId, DomainName, ForwardedName, LoopbackPort, OrganizationId, Problem,
    ProblemCode, RefreshPolicy, SocialProvider,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{
    config_file::ConfigFile,
    settings::{sign_in::SignInSettings, values::FileSettings},
};

/// The timeout of reading the policy.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The policy of this application, which is read once: it takes effect at the next start.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// `None` where a system has no folder for it.
    file: Option<ConfigFile>,
    policy: Arc<OnceCell<Result<Option<Policy>, Problem>>>,
}

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
    refresh: RefreshPolicy,
    announced_end: bool,
    organization_name_claim: Option<ClaimName>,
    initiate_login_parameters: Vec<ForwardedName>,
    sign_in_seconds: Option<u64>,
    resource_url: Option<String>,
    resource_permission: Option<String>,
}

impl PolicyFile {
    /// The file of the application with this identifier, which need not exist.
    pub fn find(identifier: &str) -> Self {
        Self::at(folder(identifier))
    }

    fn at(folder: Option<PathBuf>) -> Self {
        let file = folder.map(|folder| ConfigFile::new(folder, "policy.json"));
        Self { file, policy: Arc::default() }
    }

    /// The policy; `None` if there is none.
    ///
    /// # Errors
    /// The problem of a policy that cannot be used.
    pub async fn policy(&self) -> Result<Option<&Policy>, Problem> {
        let policy = self.policy.get_or_init(|| async {
            let Some(file) = self.file.clone() else { return Ok(None) };
            let path = file.path().display().to_string();
            let reading = tauri::async_runtime::spawn_blocking(move || read(&file));
            let why = match tokio::time::timeout(READ_TIMEOUT, reading).await {
                Ok(Ok(Ok(None))) => return Ok(None),
                Ok(Ok(Ok(Some(members)))) => return Ok(Some(members.into_policy(path))),
                Ok(Ok(Err(why))) => why,
                Ok(Err(why)) => why.to_string(),
                Err(why) => why.to_string(),
            };
            Err(Problem::new(ProblemCode::PolicyUnusable).with("path", path).with_detail(why))
        });
        policy.await.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}

/// Reads the file; `None` if it does not exist. Blocks.
fn read(file: &ConfigFile) -> Result<Option<Members>, String> {
    let Some(object) = file.read()? else {
        // A link whose target is missing, such as on a share that is not mounted, is a policy.
        let links = [Some(file.path()), file.path().parent()];
        let is_link = |path: &&Path| path.symlink_metadata().is_ok_and(|it| it.is_symlink());
        return match links.into_iter().flatten().find(is_link) {
            Some(link) => Err(format!("{} leads nowhere", link.display())),
            None => Ok(None),
        };
    };
    serde_json::from_value(Value::Object(object)).map(Some).map_err(|why| why.to_string())
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
            refresh: self.refresh,
            announced_end: self.announced_end,
            organization_name_claim: self.organization_name_claim,
            initiate_login_parameters: self.initiate_login_parameters,
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
    /// Whether the policy sets where sign-ins go.
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

    /// The policy in this folder.
    fn of(folder: &Path) -> Result<Option<Policy>, Problem> {
        let file = PolicyFile::at(Some(folder.to_owned()));
        tauri::async_runtime::block_on(async { file.policy().await.map(Option::<&_>::cloned) })
    }

    fn read(text: &str) -> Result<Option<Policy>, Problem> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.json"), text).unwrap();
        of(folder.path())
    }

    #[test]
    fn policy_file_that_does_not_exist_is_no_policy() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of(folder.path()).unwrap(), None);
        assert_eq!(of(&folder.path().join("not/there")).unwrap(), None);
    }

    #[test]
    fn policy_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = PolicyFile::at(Some(folder.path().to_owned()));
        tauri::async_runtime::block_on(async {
            assert!(file.policy().await.unwrap().is_none());
            fs::write(folder.path().join("policy.json"), "{").unwrap();
            assert!(file.policy().await.unwrap().is_none());
        });
    }

    #[cfg(unix)]
    #[test]
    fn policy_link_that_leads_nowhere_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let (file, linked) = (folder.path().join("policy.json"), folder.path().join("linked"));
        std::os::unix::fs::symlink("/nonexistent/policy.json", file).unwrap();
        std::os::unix::fs::symlink("/nonexistent", &linked).unwrap();
        for folder in [folder.path(), &linked] {
            assert_eq!(of(folder).unwrap_err().code, ProblemCode::PolicyUnusable);
        }
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

    #[cfg(target_os = "linux")]
    #[test]
    fn policy_folder_is_named_by_the_application() {
        assert_eq!(folder("com.example.app").unwrap(), Path::new("/etc/com.example.app"));
    }
}
