//! The application's own scheme: which it is, and that the desktop knows it.

use tauri::{AppHandle, Runtime};

use crate::{ScalekitExt, handler};

/// The scheme of `plugins.deep-link.desktop.schemes`; the first where there are several.
///
/// # Errors
/// A sentence for the developer, when there is none.
pub fn configured(deep_link: Option<&serde_json::Value>) -> Result<String, String> {
    let desktop = deep_link.and_then(|config| config.get("desktop"));
    // The deep-link plugin accepts one protocol or a list of them.
    let protocol = desktop.and_then(|desktop| desktop.get(0)).or(desktop);
    protocol
        .and_then(|protocol| protocol.get("schemes"))
        .and_then(|schemes| schemes.get(0))
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| {
            "tauri.conf.json names no scheme: add plugins.deep-link.desktop.schemes, such as [\"com.example.tool\"]".to_owned()
        })
}

/// Tells the desktop about the scheme where no installer has: a program that was built here, an
/// AppImage, a portable folder. It starts other programs, so it is not for the start-up's path.
///
/// Then it looks whether the desktop would start this program, and lets the person know if not.
pub fn register<R: Runtime>(app: &AppHandle<R>) {
    if cfg!(target_os = "macos") {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        use tauri_plugin_deep_link::DeepLinkExt;
        if !is_installed()
            && let Err(why) = app.deep_link().register_all()
        {
            tracing::warn!(%why, "the scheme could not be registered with the desktop; sign-in will not find its way back");
        }
        let scalekit = app.scalekit();
        let other = handler::other_than_this(scalekit.addresses().scheme());
        scalekit.session().links_go_to(other);
    });
}

/// Whether an installer has put this program where it is and registered its scheme.
fn is_installed() -> bool {
    use tauri::utils::{config::BundleType, platform::bundle_type};
    matches!(
        bundle_type(),
        Some(BundleType::Deb | BundleType::Rpm | BundleType::Nsis | BundleType::Msi)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_scheme_of_the_first_protocol_is_ours() {
        let one = json!({"desktop": {"schemes": ["a.b", "c.d"]}});
        let several = json!({"desktop": [{"schemes": ["a.b"]}, {"schemes": ["c.d"]}]});
        assert_eq!(configured(Some(&one)).unwrap(), "a.b");
        assert_eq!(configured(Some(&several)).unwrap(), "a.b");
        for none in [json!({}), json!({"desktop": {"schemes": []}}), json!({"desktop": []})] {
            assert!(configured(Some(&none)).is_err());
        }
        assert!(configured(None).is_err());
    }
}
