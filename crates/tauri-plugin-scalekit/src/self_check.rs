//! The self-check of a running application, and of a process that is no instance, such as a command line.

use scalekit_auth::{CheckName, Configuration, Finding, FindingCode, Problem, SelfCheckReport};
use scalekit_auth_native::{
    Keychain, ProbeReceipts, SelfCheck, instance_finding, instance_finding_of_primary, too_often,
};
use tauri::{AppHandle, Context, Runtime};

use crate::{
    deep_link_config::{self, NoScheme},
    http::{http_client, user_agent},
    scheme,
    state::ScalekitExt,
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
    let scheme = scalekit.redirect_uris().scheme().to_owned();
    let data = dirs::data_local_dir();
    let instance_found =
        instance_finding_of_primary(data, identifier.clone(), scheme, is_reachable);
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
    let scheme = deep_link_config::scheme(context)?;
    let identifier = &context.config().identifier;
    let parts = SelfCheck {
        http: http_client(&user_agent(context.package_info())),
        keychain: Keychain::system(identifier),
        configuration,
    };
    let data = dirs::data_local_dir();
    let receipts = ProbeReceipts::new(data.clone().unwrap_or_default().join(identifier));
    let instance_found = instance_finding(data, identifier.clone(), scheme.clone());
    let scheme_found =
        on_blocking_thread(CheckName::Scheme, move || receipts.check(&scheme).finding());
    Ok(scalekit_auth_native::self_check(parts, scheme_found, instance_found).await)
}

async fn on_blocking_thread(
    check: CheckName,
    work: impl FnOnce() -> Finding + Send + 'static,
) -> Finding {
    let done = tauri::async_runtime::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Finding::new(check, FindingCode::CheckFailed))
}
