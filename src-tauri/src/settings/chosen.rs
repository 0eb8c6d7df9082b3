//! The environment and client id in use, and their source.
//!
//! The policy of the computer takes precedence, then the environment variables, then the user's settings, then the
//! built-in values. Both values always come from the same source: a client id of one environment is invalid in another.

use std::time::Duration;

use scalekit_auth::{
    ClientId, Configuration, EnvironmentUrl, LoopbackPort, Problem, ProblemCode, RedirectUris,
    SIGN_IN_WAIT, SignInRoute,
};
use serde::Serialize;

use crate::{
    resource::OfferedResource,
    settings::{
        policy_file::Policy,
        values::{
            CLIENT_VARIABLE, CommandLineRoute, ConnectionSettings, EnvSettings, FileSettings,
            URL_VARIABLE,
        },
    },
};

/// The permitted range of the time that a sign-in may wait for the browser, in seconds.
const WAITS: std::ops::RangeInclusive<u64> = 5..=600;

/// The settings as the window shows them. Nothing in them is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The environment's address, as it was entered.
    pub environment_url: Option<String>,
    /// The client id, as it was entered.
    pub client_id: Option<String>,
    /// Where the two come from.
    pub source: SettingsSource,
    /// Whether they can only be changed where they come from.
    pub locked: bool,
    /// The path of the computer's policy, if it has one: only built-in values count beside it.
    pub policy: Option<String>,
    /// The redirect URI to register with the environment.
    pub redirect_uri: String,
    /// The loopback redirect URI to register beside it, where one is configured.
    pub loopback: Option<String>,
    /// The post-logout redirect URI to register with the environment.
    pub post_logout_redirect_uri: String,
    /// The initiate-login address to register with the environment.
    pub initiate_login_uri: String,
    /// The version of this application.
    pub version: String,
    /// The protected resource that is offered to a signed-in user, if one is set.
    pub resource: Option<OfferedResource>,
    /// What is wrong with the settings, if anything is.
    pub problem: Option<Problem>,
}

/// Where the settings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SettingsSource {
    /// The policy of this computer.
    Policy,
    /// The environment variables.
    Environment,
    /// What the user entered.
    File,
    /// What was compiled in.
    BuiltIn,
    /// Nowhere yet.
    None,
}

/// An environment that has responded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CheckedEnvironment {
    /// What it calls itself.
    pub issuer: String,
}

/// The sources of the settings, in the order of their precedence.
pub struct Sources<'a> {
    /// The policy of this computer, if it has one.
    pub policy: Result<Option<&'a Policy>, Problem>,
    /// The environment variables.
    pub variables: &'a EnvSettings,
    /// The command line.
    pub route: &'a CommandLineRoute,
    /// What the user entered.
    pub file: &'a Result<FileSettings, Problem>,
    /// What was compiled in.
    pub built_in: ConnectionSettings,
}

/// The application that the settings are for.
#[derive(Debug, Clone, Copy)]
pub struct Application<'a> {
    /// Its redirect URIs.
    pub redirect_uris: &'a RedirectUris,
    /// The built-in loopback redirect URI.
    pub loopback: Option<LoopbackPort>,
    /// Its version.
    pub version: &'a str,
}

/// Chooses the source and validates its values.
#[must_use]
pub fn resolve(
    sources: Sources<'_>,
    application: Application<'_>,
) -> (Settings, Option<Configuration>) {
    match sources.policy {
        Ok(Some(policy)) => of_policy(policy, sources.route, sources.built_in, application),
        Ok(None) => without_policy(sources, application),
        // Fail safe: the policy may restrict who may sign in.
        Err(problem) => {
            let policy = problem.parameters.get("path").cloned();
            let pair = ConnectionSettings::default();
            let chosen = Chosen { pair, source: SettingsSource::Policy, policy };
            (chosen.shown(application, None, Some(problem)), None)
        }
    }
}

/// Only the policy counts, and the built-in values. The command line sets where sign-ins go, if neither does.
fn of_policy(
    policy: &Policy,
    route: &CommandLineRoute,
    built_in: ConnectionSettings,
    application: Application<'_>,
) -> (Settings, Option<Configuration>) {
    let own = policy.settings.connection();
    let pair = if own.is_empty() { built_in } else { own };
    let chosen = Chosen { pair, source: SettingsSource::Policy, policy: Some(policy.path.clone()) };
    let command_line = if policy.has_route() { &SignInRoute::default() } else { &route.0 };
    let (mut configuration, problem) =
        chosen.configuration(&policy.settings, command_line, application);
    if let Some(configuration) = &mut configuration {
        configuration.organization.clone_from(&policy.organization_id);
    }
    let problem = problem.map(|problem| {
        Problem::new(ProblemCode::PolicyUnusable)
            .with("path", policy.path.as_str())
            .with_detail(problem.message)
    });
    (chosen.shown(application, policy.settings.sign_in.loopback, problem), configuration)
}

fn without_policy(
    sources: Sources<'_>,
    application: Application<'_>,
) -> (Settings, Option<Configuration>) {
    let file = sources.file.as_ref().map_or_else(|_| FileSettings::default(), Clone::clone);
    let entered = file.connection();
    let (pair, source) = if !sources.variables.0.is_empty() {
        (sources.variables.0.clone(), SettingsSource::Environment)
    } else if !entered.is_empty() {
        (entered, SettingsSource::File)
    } else if !sources.built_in.is_empty() {
        (sources.built_in, SettingsSource::BuiltIn)
    } else {
        (ConnectionSettings::default(), SettingsSource::None)
    };
    let chosen = Chosen { pair, source, policy: None };
    let (configuration, problem) = match source {
        SettingsSource::None => (None, None),
        SettingsSource::Policy
        | SettingsSource::Environment
        | SettingsSource::File
        | SettingsSource::BuiltIn => chosen.configuration(&file, &sources.route.0, application),
    };
    let problem = problem.or_else(|| sources.file.as_ref().err().cloned());
    (chosen.shown(application, file.sign_in.loopback, problem), configuration)
}

/// The chosen pair and its source.
struct Chosen {
    pair: ConnectionSettings,
    source: SettingsSource,
    /// The path of the policy.
    policy: Option<String>,
}

impl Chosen {
    /// The configuration with these values, or the problem of an invalid one.
    fn configuration(
        &self,
        file: &FileSettings,
        command_line: &SignInRoute,
        application: Application<'_>,
    ) -> (Option<Configuration>, Option<Problem>) {
        match validated(&self.pair) {
            Ok((environment, client_id)) => {
                let redirect_uris = application.redirect_uris.clone();
                let mut configuration = Configuration::new(environment, client_id, redirect_uris);
                configuration.sign_in_wait = waiting_time(file.sign_in_seconds);
                file.sign_in.apply(command_line, &mut configuration);
                (Some(configuration), None)
            }
            Err(problem) => (None, Some(problem.naming(self.source))),
        }
    }

    /// The settings as the window shows them.
    fn shown(
        self,
        application: Application<'_>,
        loopback: Option<LoopbackPort>,
        problem: Option<Problem>,
    ) -> Settings {
        let Application { redirect_uris, loopback: built_in, version } = application;
        Settings {
            environment_url: self.pair.environment_url,
            client_id: self.pair.client_id,
            source: self.source,
            locked: matches!(self.source, SettingsSource::Policy | SettingsSource::Environment),
            policy: self.policy,
            redirect_uri: redirect_uris.callback.clone(),
            loopback: built_in.or(loopback).map(LoopbackPort::redirect_uri),
            post_logout_redirect_uri: redirect_uris.post_logout.clone(),
            initiate_login_uri: redirect_uris.initiate_login.clone(),
            version: version.to_owned(),
            // Set later, as it depends on the services of the configuration.
            resource: None,
            problem,
        }
    }
}

/// Validates both values.
///
/// # Errors
/// The problem of the first invalid one.
pub fn validated(pair: &ConnectionSettings) -> Result<(EnvironmentUrl, ClientId), Problem> {
    let environment = EnvironmentUrl::parse(pair.environment_url.as_deref().unwrap_or_default())?;
    let client_id = ClientId::parse(pair.client_id.as_deref().unwrap_or_default())?;
    Ok((environment, client_id))
}

/// The problem that locked settings cannot be changed.
#[must_use]
pub fn locked(settings: &Settings) -> Problem {
    match &settings.policy {
        Some(path) => Problem::new(ProblemCode::SettingsLockedByPolicy).with("path", path.as_str()),
        None => Problem::new(ProblemCode::SettingsLocked)
            .with("urlVariable", URL_VARIABLE)
            .with("clientVariable", CLIENT_VARIABLE),
    }
}

fn waiting_time(seconds: Option<u64>) -> Duration {
    seconds.map_or(SIGN_IN_WAIT, |seconds| {
        Duration::from_secs(seconds.clamp(*WAITS.start(), *WAITS.end()))
    })
}

trait Naming {
    fn naming(self, source: SettingsSource) -> Self;
}

impl Naming for Problem {
    /// Adds which environment variable is meant.
    fn naming(self, source: SettingsSource) -> Self {
        let about_url = self.code.is_of_environment_url();
        let variable = if about_url { URL_VARIABLE } else { CLIENT_VARIABLE };
        match source {
            SettingsSource::Environment => {
                self.with_detail(format!("The environment variable {variable} is what counts here"))
            }
            SettingsSource::Policy
            | SettingsSource::File
            | SettingsSource::BuiltIn
            | SettingsSource::None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        preferences::{Preferences, Theme},
        presence::settings::PresenceSettings,
        resource::reports::Reports,
        settings::sign_in::SignInSettings,
        texts::languages::Language,
    };
    use scalekit_auth::{DomainName, OrganizationId};
    use std::num::NonZeroU16;
    use ts_rs::{Config, TS};

    fn pair(url: &str, client_id: &str) -> ConnectionSettings {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ConnectionSettings { environment_url: some(url), client_id: some(client_id) }
    }

    fn file(pair: ConnectionSettings) -> Result<FileSettings, Problem> {
        Ok(FileSettings {
            environment_url: pair.environment_url,
            client_id: pair.client_id,
            ..FileSettings::default()
        })
    }

    fn decided(
        variables: ConnectionSettings,
        file: &Result<FileSettings, Problem>,
        built_in: ConnectionSettings,
    ) -> (Settings, Option<Configuration>) {
        of_application(Ok(None), variables, file, built_in, None)
    }

    fn of_application(
        policy: Result<Option<&Policy>, Problem>,
        variables: ConnectionSettings,
        file: &Result<FileSettings, Problem>,
        built_in: ConnectionSettings,
        loopback: Option<LoopbackPort>,
    ) -> (Settings, Option<Configuration>) {
        let redirect_uris = RedirectUris::with_scheme("io.latchkey.desktop").unwrap();
        let route = CommandLineRoute(SignInRoute {
            domain: Some(DomainName::parse("command.example").unwrap()),
            ..SignInRoute::default()
        });
        let variables = &EnvSettings(variables);
        resolve(
            Sources { policy, variables, route: &route, file, built_in },
            Application { redirect_uris: &redirect_uris, loopback, version: "0.1.0" },
        )
    }

    fn policy(connection: ConnectionSettings, organization: Option<&str>) -> Policy {
        Policy {
            path: "/etc/io.latchkey.desktop/policy.json".to_owned(),
            organization_id: organization.map(|id| OrganizationId::parse(id).unwrap()),
            settings: file(connection).unwrap(),
        }
    }

    /// The settings with this policy beside values from every other source.
    fn under(policy: Result<Option<&Policy>, Problem>) -> (Settings, Option<Configuration>) {
        let [a, b, c] = ["a", "b", "c"]
            .map(|name| pair(&format!("https://{name}.scalekit.com"), &format!("skc_{name}")));
        of_application(policy, a, &file(b), c, None)
    }

    #[test]
    fn policy_precedes_every_other_source() {
        let policy = policy(pair("https://p.scalekit.com", "skc_p"), Some("org_1"));
        let (settings, configuration) = under(Ok(Some(&policy)));
        let configuration = configuration.unwrap();
        assert_eq!(configuration.environment.issuer(), "https://p.scalekit.com");
        assert_eq!(configuration.organization.unwrap().as_str(), "org_1");
        assert_eq!(configuration.route, SignInRoute::default(), "not that of the command line");
        assert_eq!((settings.source, settings.locked), (SettingsSource::Policy, true));
        assert_eq!(settings.policy.as_deref(), Some(policy.path.as_str()));
        assert_eq!(locked(&settings).code, ProblemCode::SettingsLockedByPolicy);
    }

    #[test]
    fn policy_without_an_environment_locks_the_built_in_one() {
        let policy = policy(ConnectionSettings::default(), None);
        let (settings, configuration) = under(Ok(Some(&policy)));
        let configuration = configuration.unwrap();
        assert_eq!(configuration.environment.issuer(), "https://c.scalekit.com");
        assert!(configuration.route.domain.is_some(), "a route that no policy restricts");
        assert!(settings.locked);
    }

    #[test]
    fn policy_that_cannot_be_used_configures_nothing() {
        let half = policy(pair("https://p.scalekit.com", ""), None);
        let unusable = Problem::new(ProblemCode::PolicyUnusable).with("path", half.path.as_str());
        for policy in [Ok(Some(&half)), Err(unusable)] {
            let (settings, configuration) = under(policy);
            assert_eq!(configuration, None);
            assert_eq!(settings.problem.unwrap().code, ProblemCode::PolicyUnusable);
            assert_eq!(settings.policy.as_deref(), Some(half.path.as_str()));
            assert!(settings.locked);
        }
    }

    #[test]
    fn settings_precedence_is_env_then_file_then_built_in() {
        let a = || pair("https://a.scalekit.com", "skc_a");
        let b = || pair("https://b.scalekit.com", "skc_b");
        let c = || pair("https://c.scalekit.com", "skc_c");
        let none = ConnectionSettings::default;
        for (variables, entered, built_in, source, issuer) in [
            (a(), b(), c(), SettingsSource::Environment, "https://a.scalekit.com"),
            (none(), b(), c(), SettingsSource::File, "https://b.scalekit.com"),
            (none(), none(), c(), SettingsSource::BuiltIn, "https://c.scalekit.com"),
        ] {
            let (settings, configuration) = decided(variables, &file(entered), built_in);
            assert_eq!(settings.source, source);
            assert_eq!(settings.locked, source == SettingsSource::Environment);
            assert_eq!(configuration.unwrap().environment.issuer(), issuer);
        }
        let (settings, configuration) = decided(none(), &file(none()), none());
        assert_eq!((settings.source, settings.problem), (SettingsSource::None, None));
        assert_eq!(configuration, None);
    }

    #[test]
    fn settings_from_env_are_not_completed_from_the_file() {
        let entered = file(pair("https://b.scalekit.com", "skc_b"));
        let (settings, configuration) =
            decided(pair("https://a.scalekit.com", ""), &entered, ConnectionSettings::default());
        let problem = settings.problem.unwrap();
        assert_eq!(problem.code, ProblemCode::ClientIdInvalid);
        assert!(problem.detail.unwrap().contains(CLIENT_VARIABLE));
        assert_eq!(configuration, None);
    }

    #[test]
    fn invalid_settings_configure_nothing_and_are_reported() {
        for (url, client_id, code) in [
            ("http://acme.scalekit.com", "skc_a", ProblemCode::EnvironmentUrlNotHttps),
            ("acme scalekit", "skc_a", ProblemCode::EnvironmentUrlMalformed),
            ("https://ada@acme.scalekit.com", "skc_a", ProblemCode::EnvironmentUrlHasUserName),
            ("https://acme.scalekit.com", "skc a", ProblemCode::ClientIdInvalid),
        ] {
            let (settings, configuration) = decided(
                ConnectionSettings::default(),
                &file(pair(url, client_id)),
                ConnectionSettings::default(),
            );
            assert_eq!(settings.problem.unwrap().code, code);
            assert_eq!(settings.environment_url.as_deref(), Some(url), "what was entered stays");
            assert_eq!(configuration, None);
        }
    }

    #[test]
    fn unreadable_settings_file_is_reported_beside_the_fallback() {
        let broken = Err(Problem::new(ProblemCode::SettingsFileUnreadable));
        let (settings, configuration) = decided(
            ConnectionSettings::default(),
            &broken,
            pair("https://c.scalekit.com", "skc_c"),
        );
        assert_eq!(settings.problem.unwrap().code, ProblemCode::SettingsFileUnreadable);
        assert!(configuration.is_some());
    }

    #[test]
    fn loopback_redirect_uri_is_among_the_settings_if_configured() {
        for (loopback, shown) in [
            (None, None),
            (Some(LoopbackPort::Any), Some("http://127.0.0.1/callback")),
            (
                NonZeroU16::new(49152).map(LoopbackPort::Fixed),
                Some("http://127.0.0.1:49152/callback"),
            ),
        ] {
            let shows = |file: FileSettings| {
                let none = ConnectionSettings::default;
                of_application(Ok(None), none(), &Ok(file), none(), loopback).0.loopback
            };
            assert_eq!(shows(FileSettings::default()).as_deref(), shown);
            // The built-in port takes precedence.
            let sign_in = SignInSettings {
                loopback: NonZeroU16::new(50000).map(LoopbackPort::Fixed),
                ..SignInSettings::default()
            };
            let with_port = shows(FileSettings { sign_in, ..FileSettings::default() });
            let of_file = "http://127.0.0.1:50000/callback";
            assert_eq!(with_port.as_deref(), Some(shown.unwrap_or(of_file)));
        }
    }

    #[test]
    fn sign_in_timeout_is_clamped_to_5s_10min() {
        for (seconds, expected) in
            [(None, 600), (Some(0), 5), (Some(5), 5), (Some(60), 60), (Some(u64::MAX), 600)]
        {
            let mut entered = file(pair("https://a.scalekit.com", "skc_a")).unwrap();
            entered.sign_in_seconds = seconds;
            let (_, configuration) =
                decided(ConnectionSettings::default(), &Ok(entered), ConnectionSettings::default());
            assert_eq!(configuration.unwrap().sign_in_wait, Duration::from_secs(expected));
        }
    }

    /// `REGENERATE=1` writes the file anew.
    #[test]
    fn webview_settings_types_match_the_rust_types() {
        let config = Config::default();
        let declarations = [
            declaration::<Settings>(&config),
            declaration::<SettingsSource>(&config),
            declaration::<OfferedResource>(&config),
            declaration::<Reports>(&config),
            declaration::<CheckedEnvironment>(&config),
            declaration::<Preferences>(&config),
            declaration::<Language>(&config),
            declaration::<Theme>(&config),
            declaration::<PresenceSettings>(&config),
        ];
        let expected = format!(
            "// Generated from the Rust types by the tests of latchkey. Do not edit.\n\nimport type {{ Problem }} from \"tauri-plugin-scalekit-api\";\n\n{}\n",
            declarations.join("\n\n")
        );
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/lib/settings-types.ts");
        if std::env::var_os("REGENERATE").is_some() {
            std::fs::write(file, &expected).unwrap();
        }
        let present = std::fs::read_to_string(file).unwrap();
        assert!(
            present == expected,
            "ui/src/lib/settings-types.ts is stale: run REGENERATE=1 cargo test -p latchkey"
        );
    }

    fn declaration<T: TS>(config: &Config) -> String {
        format!("{}export {}", T::docs().unwrap_or_default(), T::decl(config))
    }
}
