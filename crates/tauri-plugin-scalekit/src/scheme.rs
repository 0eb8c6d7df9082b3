//! The application's custom scheme: its registration and check.

use tauri::{AppHandle, Manager, Runtime};

use scalekit_auth::{
    CheckName, Finding, FindingCode, Problem, SchemeHandler, SentLink, scheme_finding,
};
use scalekit_auth_native::{CheckedScheme, Files, SchemeCheck, record_late_arrival, too_often};
#[cfg(target_os = "linux")]
use scalekit_auth_native::{Registration, this_program};

#[cfg(target_os = "linux")]
use crate::deep_link_config::schemes_of;
use crate::state::ScalekitExt;

/// Registers the scheme where no installer has: a locally built program, an AppImage, a portable directory. It
/// starts other programs, so it runs beside the start-up.
///
/// Then checks whether the desktop would start this program; the view shows the result.
pub fn register<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || check(&app, Prove::WhatIsNew));
}

/// Like [`register`], but with a probe link for every handler that may be this program.
///
/// # Errors
/// [`ProblemCode::TooOften`](scalekit_auth::ProblemCode::TooOften) while another check is under way.
pub async fn check_again<R: Runtime>(app: &AppHandle<R>) -> Result<(), Problem> {
    let app = app.clone();
    let checked =
        tauri::async_runtime::spawn_blocking(move || check(&app, Prove::Everything)).await;
    if checked.unwrap_or_default() { Ok(()) } else { Err(too_often()) }
}

/// The handlers that are checked with a probe link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prove {
    /// One that was registered now, or cannot be determined from its desktop entry.
    WhatIsNew,
    /// Every one that may be this program.
    Everything,
}

/// Registers and checks the scheme. False while another check is under way. Blocks.
fn check<R: Runtime>(app: &AppHandle<R>, prove: Prove) -> bool {
    if cfg!(target_os = "macos") {
        return true;
    }
    let scalekit = app.scalekit();
    let Some(check) = scalekit.probe().begin_check() else { return false };
    let changed = !is_installed() && registered(app);
    let handler = if scalekit.is_reachable() {
        checked(app, &check, changed || prove == Prove::Everything).handler()
    } else {
        SchemeHandler::Unreachable
    };
    scalekit.session().scheme_handler_changed(handler);
    true
}

/// A probe link has arrived after it was reported as lost: links lead here.
pub fn arrived_late<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        let scalekit = app.scalekit();
        if let Ok(folder) = app.path().app_local_data_dir() {
            record_late_arrival(scalekit.redirect_uris().scheme(), &Files::new(folder));
        }
        scalekit.session().scheme_handler_changed(SchemeHandler::Ours);
    });
}

/// The finding of a self-check. Registers nothing; the session gets the result too. Blocks.
pub fn finding<R: Runtime>(app: &AppHandle<R>) -> Finding {
    let scalekit = app.scalekit();
    let Some(check) = scalekit.probe().begin_check() else {
        return Finding::new(CheckName::Scheme, FindingCode::SchemeBusy);
    };
    // Without a socket no link can arrive, which is the finding of another check.
    if cfg!(target_os = "macos") || !scalekit.is_reachable() {
        return scheme_finding(SchemeHandler::Unreachable, SentLink::None);
    }
    let checked = checked(app, &check, true);
    scalekit.session().scheme_handler_changed(checked.handler());
    checked.finding()
}

/// Registers the scheme; returns whether a file has changed.
#[cfg(target_os = "linux")]
fn registered<R: Runtime>(app: &AppHandle<R>) -> bool {
    let config = app.config();
    let (paths, program) = (app.path(), this_program());
    let (Ok(data), Ok(lists), Some(program)) = (paths.data_dir(), paths.config_dir(), program)
    else {
        return false;
    };
    let registration = Registration {
        schemes: schemes_of(config),
        product: config.product_name.clone().unwrap_or_else(|| config.identifier.clone()),
        program,
        own: data.join(&config.identifier),
        data,
        config: lists,
    };
    let registered = registration.register();
    if let Some(why) = registered.failed {
        tracing::warn!(%why, "the scheme could not be registered with the desktop");
    }
    registered.changed
}

#[cfg(not(target_os = "linux"))]
fn registered<R: Runtime>(app: &AppHandle<R>) -> bool {
    use tauri_plugin_deep_link::DeepLinkExt;
    if let Err(why) = app.deep_link().register_all() {
        tracing::warn!(%why, "the scheme could not be registered with the desktop; sign-in will not find its way back");
    }
    false
}

/// Determines the handler. A delivered probe link is recorded in the application's data folder.
fn checked<R: Runtime>(
    app: &AppHandle<R>,
    check: &SchemeCheck<'_>,
    must_prove: bool,
) -> CheckedScheme {
    let files = app.path().app_local_data_dir().map(Files::new);
    check.run(app.scalekit().redirect_uris().scheme(), files.as_ref().ok(), must_prove)
}

/// Whether an installer has installed this program and registered its scheme.
fn is_installed() -> bool {
    use tauri::utils::{config::BundleType, platform::bundle_type};
    matches!(
        bundle_type(),
        Some(BundleType::Deb | BundleType::Rpm | BundleType::Nsis | BundleType::Msi)
    )
}
