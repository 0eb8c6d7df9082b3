//! The self-check of a running application, and of a process that is no instance, such as a command line.

use scalekit_auth::{CheckName, Configuration, Finding, FindingCode, Problem, SelfCheckReport};
use scalekit_auth_native::{
    InstanceDir, InstanceState, Keychain, SelfCheck, probe_instance, too_often,
};
use tauri::{AppHandle, Context, Runtime};

use crate::{
    ScalekitExt,
    http::{http_client, user_agent},
    instance,
    scheme::{self, NoScheme},
    scheme_probe::{self, ProbeReceipts},
};

/// The self-check of a running application.
///
/// # Errors
/// [`ProblemCode::TooOften`](scalekit_auth::ProblemCode::TooOften) while another one runs.
pub async fn of_instance<R: Runtime>(app: &AppHandle<R>) -> Result<SelfCheckReport, Problem> {
    let scalekit = app.scalekit();
    let _turn = scalekit.self_check_turn().ok_or_else(too_often)?;
    let identifier = &app.config().identifier;
    let parts = SelfCheck {
        http: scalekit.session().http().clone(),
        // The session's keychain would wait for a prompt that this check causes.
        keychain: Keychain::system(identifier),
        configuration: scalekit.configuration().ok_or(None),
    };
    let (handle, is_reachable) = (app.clone(), scalekit.is_reachable());
    let scheme_found = on_blocking_thread(CheckName::Scheme, move || scheme::finding(&handle));
    let probe = probe(identifier, scalekit.redirect_uris().scheme());
    let instance_found = async move {
        match probe.await {
            _ if !is_reachable => Finding::new(CheckName::Instance, FindingCode::InstanceNoSocket),
            // This process runs, whatever its lock file shows.
            finding if finding.code == FindingCode::InstanceNotRunning => {
                Finding::new(CheckName::Instance, FindingCode::InstanceSilent)
            }
            finding => finding,
        }
    };
    Ok(scalekit_auth_native::self_check(parts, scheme_found, instance_found).await)
}

/// The self-check of a process that is no instance of the application. Registers nothing; a running instance only
/// receives one probe link.
///
/// The configuration is the application's, or the problem of its settings, if there is one.
///
/// # Errors
/// When `plugins.deep-link.desktop.schemes` names no scheme.
pub async fn self_check_without_instance<R: Runtime>(
    context: &Context<R>,
    configuration: Result<Configuration, Option<Problem>>,
) -> Result<SelfCheckReport, NoScheme> {
    let scheme = instance::scheme(context)?;
    let identifier = &context.config().identifier;
    let parts = SelfCheck {
        http: http_client(&user_agent(context.package_info())),
        keychain: Keychain::system(identifier),
        configuration,
    };
    let instance_found = probe(identifier, &scheme);
    let folder = dirs::data_local_dir().unwrap_or_default().join(identifier);
    let scheme_found = on_blocking_thread(CheckName::Scheme, move || {
        scheme::finding_from_outside(&scheme, &ProbeReceipts::new(folder))
    });
    Ok(scalekit_auth_native::self_check(parts, scheme_found, instance_found).await)
}

/// Hands a probe link over as a second instance does; the primary instance ignores it.
fn probe(identifier: &str, scheme: &str) -> impl Future<Output = Finding> + Send + use<> {
    let finding = |code| Finding::new(CheckName::Instance, code);
    let place = dirs::data_local_dir().map(|data| InstanceDir::new(data, identifier));
    let arguments = [identifier.to_owned(), scheme_probe::unexpected(scheme)];
    async move {
        let Some(place) = place else { return finding(FindingCode::InstanceUnknown) };
        match probe_instance(&place, &arguments).await {
            Ok(InstanceState::Answers) => finding(FindingCode::InstanceAnswers),
            Ok(InstanceState::NotRunning) => finding(FindingCode::InstanceNotRunning),
            Ok(InstanceState::Silent) => finding(FindingCode::InstanceSilent),
            Ok(InstanceState::NoSocket) => finding(FindingCode::InstanceNoSocket),
            Err(why) => finding(FindingCode::InstanceUnknown).with_detail(why.to_string()),
        }
    }
}

async fn on_blocking_thread(
    check: CheckName,
    work: impl FnOnce() -> Finding + Send + 'static,
) -> Finding {
    let done = tauri::async_runtime::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Finding::new(check, FindingCode::CheckFailed))
}
