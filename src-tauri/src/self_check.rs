//! `latchkey self-check`: checks what a sign-in depends on, without a window.

use std::{io::Write, process::ExitCode};

use scalekit_auth::{
    Configuration, Finding, FindingLevel, Problem, RedirectUris, Remedy, SelfCheckReport,
};
use scalekit_auth_native::harden;
use serde::Deserialize;
use tauri::Context;
use tauri_plugin_scalekit::{Config, self_check_without_instance};

use crate::{
    settings::{
        self, Application, CommandLineRoute, ConnectionSettings, EnvSettings, Sources,
        file::SettingsFile, policy_file::PolicyFile,
    },
    startup::{error::StartupError, logging, privileges},
};

/// Prints the report, and returns the exit code of its worst finding.
///
/// # Errors
/// When no check can be run.
pub fn run(context: &Context, json: bool) -> Result<ExitCode, StartupError> {
    logging::start();
    harden();
    privileges::refuse_root().map_err(StartupError::on_standard_error)?;
    let report = tauri::async_runtime::block_on(async {
        let configuration = configuration(context).await?;
        Ok::<_, StartupError>(self_check_without_instance(context, configuration).await?)
    });
    let report = report.map_err(StartupError::on_standard_error)?;
    let mut stdout = std::io::stdout();
    let _ = match serde_json::to_string_pretty(&report) {
        Ok(text) if json => writeln!(stdout, "{text}"),
        Ok(_) | Err(_) => {
            write!(stdout, "{report}{}", advice_on_links(&report, &context.package_info().name))
        }
    };
    Ok(ExitCode::from(exit_code(report.level)))
}

/// Where the links are set up, which the advice of a finding requires: a command line has no button for it.
fn advice_on_links(report: &SelfCheckReport, app: &str) -> String {
    let is_for_links = |finding: &Finding| finding.remedy == Some(Remedy::CheckLinks);
    if report.findings.iter().any(is_for_links) {
        format!(
            "\n{app} sets its links up when it starts, and when you choose Set up links again under Check this computer in its settings.\n"
        )
    } else {
        String::new()
    }
}

/// The exit code; 1 and 2 are those of a failed start and of invalid arguments.
fn exit_code(level: FindingLevel) -> u8 {
    match level {
        FindingLevel::Ok | FindingLevel::Information => 0,
        FindingLevel::Caution => 3,
        FindingLevel::Alarm => 4,
    }
}

/// The configuration that the window would use.
async fn configuration(
    context: &Context,
) -> Result<Result<Configuration, Option<Problem>>, StartupError> {
    let config = context.config();
    let scheme = tauri_plugin_scalekit::scheme(context)?;
    let redirect_uris = RedirectUris::with_scheme(&scheme).map_err(cannot_check)?;
    let section = config.plugins.0.get("scalekit").cloned().unwrap_or_default();
    let built_in = Option::<Config>::deserialize(section).map_err(cannot_check)?;
    let built_in = built_in.unwrap_or_default();
    let policy_file = PolicyFile::find(&config.identifier);
    let policy = policy_file.policy().await;
    let folder = dirs::config_dir().unwrap_or_default().join(&config.identifier);
    let file = SettingsFile::new(folder).beside(&policy).await;
    let sources = Sources {
        policy,
        variables: &EnvSettings::read(),
        route: &CommandLineRoute::default(),
        file: &file,
        built_in: ConnectionSettings {
            environment_url: built_in.environment_url,
            client_id: built_in.client_id,
        },
    };
    let application = Application {
        redirect_uris: &redirect_uris,
        loopback: built_in.loopback,
        version: &context.package_info().version.to_string(),
    };
    let (settings, configuration) = settings::resolve(sources, application);
    Ok(configuration.ok_or(settings.problem))
}

fn cannot_check(why: impl std::fmt::Display) -> StartupError {
    StartupError::quiet("{app} cannot check this computer: {why}.", vec![("why", why.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_code_is_that_of_the_worst_finding() {
        assert_eq!(exit_code(FindingLevel::Ok), 0);
        assert_eq!(exit_code(FindingLevel::Information), 0);
        assert_eq!(exit_code(FindingLevel::Caution), 3);
        assert_eq!(exit_code(FindingLevel::Alarm), 4);
    }
}
