//! The application's custom scheme: its configuration, registration and check.

use tauri::{AppHandle, Runtime};

use scalekit_auth::{
    CheckName, Finding, FindingCode, Problem, SchemeHandler, SentLink, scheme_finding,
};
use scalekit_auth_native::too_often;
#[cfg(target_os = "linux")]
use scalekit_auth_native::{DesktopHandler, Files, desktop_handler_of, this_program};

#[cfg(target_os = "linux")]
use crate::scheme_probe::{self, Outcome};
use crate::{
    ScalekitExt,
    scheme_probe::{CheckGuard, ProbeReceipts},
};

/// The scheme of `plugins.deep-link.desktop.schemes`; the first where there are several.
///
/// # Errors
/// When none is configured.
pub fn configured(deep_link: Option<&serde_json::Value>) -> Result<String, NoScheme> {
    let desktop = deep_link.and_then(|config| config.get("desktop"));
    // The deep-link plugin accepts one protocol or a list of them.
    let protocol = desktop.and_then(|desktop| desktop.get(0)).or(desktop);
    protocol
        .and_then(|protocol| protocol.get("schemes"))
        .and_then(|schemes| schemes.get(0))
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned)
        .ok_or(NoScheme)
}

/// The configuration names no scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "tauri.conf.json names no scheme: add plugins.deep-link.desktop.schemes, such as [\"com.example.tool\"]"
)]
pub struct NoScheme;

/// All schemes of `plugins.deep-link.desktop`.
#[cfg(target_os = "linux")]
fn all_configured(deep_link: Option<&serde_json::Value>) -> Vec<String> {
    let desktop = deep_link.and_then(|config| config.get("desktop"));
    let protocols = match desktop {
        Some(serde_json::Value::Array(protocols)) => protocols.as_slice(),
        Some(protocol) => std::slice::from_ref(protocol),
        None => &[],
    };
    let schemes = protocols.iter().filter_map(|protocol| protocol.get("schemes")?.as_array());
    schemes.flatten().filter_map(|scheme| scheme.as_str().map(str::to_owned)).collect()
}

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
        let (named, sent) = handler(app, &check, changed || prove == Prove::Everything);
        after(sent, named)
    } else {
        SchemeHandler::Unreachable
    };
    scalekit.session().scheme_handler_changed(handler);
    true
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
    let (named, sent) = handler(app, &check, true);
    scalekit.session().scheme_handler_changed(after(sent, named.clone()));
    scheme_finding(named, sent)
}

/// The finding in a process that is no instance: another process receives its probe link. Blocks.
#[cfg(target_os = "linux")]
pub fn finding_from_outside(scheme: &str, receipts: &ProbeReceipts) -> Finding {
    let named = named_by(&desktop_handler_of(scheme).0);
    let sent = match named {
        SchemeHandler::Ours | SchemeHandler::Perhaps(_) if !scheme_probe::has_opener() => {
            SentLink::NoOpener
        }
        SchemeHandler::Ours | SchemeHandler::Perhaps(_) => {
            sent_link(receipts.prove(scheme, scheme_probe::open))
        }
        SchemeHandler::Another(_) | SchemeHandler::Nobody | SchemeHandler::Unreachable => {
            SentLink::None
        }
    };
    scheme_finding(named, sent)
}

#[cfg(not(target_os = "linux"))]
pub fn finding_from_outside(_: &str, _: &ProbeReceipts) -> Finding {
    scheme_finding(SchemeHandler::Ours, SentLink::None)
}

/// Registers the scheme; returns whether a file has changed.
#[cfg(target_os = "linux")]
fn registered<R: Runtime>(app: &AppHandle<R>) -> bool {
    use crate::registration::Registration;
    use tauri::Manager;
    let config = app.config();
    let of_deep_link = config.plugins.0.get("deep-link");
    let (paths, program) = (app.path(), this_program());
    let (Ok(data), Ok(lists), Some(program)) = (paths.data_dir(), paths.config_dir(), program)
    else {
        return false;
    };
    let registration = Registration {
        schemes: all_configured(of_deep_link),
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

/// The file with the desktop entry that has delivered a probe link.
#[cfg(target_os = "linux")]
const PROVED: &str = "links-proved";

/// The handler by the desktop entry, and the outcome of a probe link: a new registration, or an entry from which
/// the handler cannot be determined, is checked with one once.
#[cfg(target_os = "linux")]
fn handler<R: Runtime>(
    app: &AppHandle<R>,
    check: &CheckGuard<'_>,
    must_prove: bool,
) -> (SchemeHandler, SentLink) {
    use tauri::Manager;
    let scalekit = app.scalekit();
    let scheme = scalekit.redirect_uris().scheme();
    let (found, entry) = desktop_handler_of(scheme);
    let named = named_by(&found);
    if matches!(named, SchemeHandler::Another(_) | SchemeHandler::Nobody) {
        return (named, SentLink::None);
    }
    // The entry alone is of no use: browsers start one of these programs.
    if !scheme_probe::has_opener() {
        return (named, SentLink::NoOpener);
    }
    let files = app.path().app_local_data_dir().map(Files::new);
    let program = this_program().unwrap_or_default();
    let this = format!("{}\n{:016x}\n{entry}", program.display(), content_of(&found));
    let proved = files.as_ref().is_ok_and(|files| {
        files
            .load(PROVED)
            .is_ok_and(|stored| stored.is_some_and(|stored| *stored == this.as_bytes()))
    });
    if proved && !must_prove {
        return (named, SentLink::Arrived);
    }
    if !must_prove && found == DesktopHandler::Ours {
        return (named, SentLink::None);
    }
    let sent = sent_link(check.prove(scheme, scheme_probe::open));
    if let Ok(files) = files {
        let _ = match sent {
            SentLink::Arrived => files.store(PROVED, this.as_bytes()),
            SentLink::Lost => files.remove(PROVED),
            SentLink::None | SentLink::NoOpener => Ok(()),
        };
    }
    (named, sent)
}

#[cfg(target_os = "linux")]
fn named_by(found: &DesktopHandler) -> SchemeHandler {
    match found {
        DesktopHandler::Another(other) => SchemeHandler::Another(other.clone()),
        DesktopHandler::Nobody => SchemeHandler::Nobody,
        DesktopHandler::Ours => SchemeHandler::Ours,
        DesktopHandler::Perhaps(other) => SchemeHandler::Perhaps(other.clone()),
    }
}

#[cfg(target_os = "linux")]
fn sent_link(outcome: Outcome) -> SentLink {
    match outcome {
        Outcome::Arrived => SentLink::Arrived,
        Outcome::Lost => SentLink::Lost,
        Outcome::NotOpened => SentLink::None,
    }
}

/// The handler by the desktop entry and the outcome of a probe link.
fn after(sent: SentLink, named: SchemeHandler) -> SchemeHandler {
    match sent {
        SentLink::Arrived => SchemeHandler::Ours,
        SentLink::NoOpener => SchemeHandler::Nobody,
        SentLink::Lost if named == SchemeHandler::Ours => SchemeHandler::Nobody,
        SentLink::Lost | SentLink::None => named,
    }
}

/// A hash of the script that handles the scheme, as its content may change.
#[cfg(target_os = "linux")]
fn content_of(found: &DesktopHandler) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    if let DesktopHandler::Perhaps(script) = found {
        std::fs::read(script).unwrap_or_default().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(not(target_os = "linux"))]
fn handler<R: Runtime>(_: &AppHandle<R>, _: &CheckGuard<'_>, _: bool) -> (SchemeHandler, SentLink) {
    (SchemeHandler::Ours, SentLink::None)
}

/// Whether an installer has installed this program and registered its scheme.
fn is_installed() -> bool {
    use tauri::utils::{config::BundleType, platform::bundle_type};
    matches!(
        bundle_type(),
        Some(BundleType::Deb | BundleType::Rpm | BundleType::Nsis | BundleType::Msi)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deep_link_config_uses_its_first_scheme() {
        let one = json!({"desktop": {"schemes": ["a.b", "c.d"]}});
        let several = json!({"desktop": [{"schemes": ["a.b"]}, {"schemes": ["c.d"]}]});
        assert_eq!(configured(Some(&one)).unwrap(), "a.b");
        assert_eq!(configured(Some(&several)).unwrap(), "a.b");
        for none in [json!({}), json!({"desktop": {"schemes": []}}), json!({"desktop": []})] {
            assert!(configured(Some(&none)).is_err());
        }
        assert!(configured(None).is_err());
    }

    #[cfg(target_os = "linux")]
    // req: M21
    #[test]
    fn scheme_probe_outweighs_the_desktop_entry() {
        let perhaps = || SchemeHandler::Perhaps("script".to_owned());
        for (outcome, named, handler) in [
            (Outcome::Arrived, perhaps(), SchemeHandler::Ours),
            (Outcome::Arrived, SchemeHandler::Ours, SchemeHandler::Ours),
            (Outcome::Lost, SchemeHandler::Ours, SchemeHandler::Nobody),
            (Outcome::Lost, perhaps(), perhaps()),
            (Outcome::NotOpened, SchemeHandler::Ours, SchemeHandler::Ours),
            (Outcome::NotOpened, perhaps(), perhaps()),
        ] {
            assert_eq!(after(sent_link(outcome), named.clone()), handler, "{outcome:?} {named:?}");
        }
        assert_eq!(after(SentLink::NoOpener, SchemeHandler::Ours), SchemeHandler::Nobody);
    }
}
