//! The deep-link plugin's section of `tauri.conf.json`, which names the application's custom scheme.

use serde_json::Value;
use tauri::{Config, Context, Runtime};

/// The scheme of the application's links, for an application with command-line options: a process that was
/// started with a link, which any web page can cause, must not interpret any.
///
/// # Errors
/// When `plugins.deep-link.desktop.schemes` names none.
pub fn scheme<R: Runtime>(context: &Context<R>) -> Result<String, NoScheme> {
    scheme_of(context.config())
}

/// The scheme of the application's links.
pub(crate) fn scheme_of(config: &Config) -> Result<String, NoScheme> {
    first_scheme(section(config))
}

/// The section of the deep-link plugin.
pub(crate) fn section(config: &Config) -> Option<&Value> {
    config.plugins.0.get("deep-link")
}

/// The scheme of `plugins.deep-link.desktop.schemes`; the first where there are several.
fn first_scheme(deep_link: Option<&Value>) -> Result<String, NoScheme> {
    let desktop = deep_link.and_then(|config| config.get("desktop"));
    // The deep-link plugin accepts one protocol or a list of them.
    let protocol = desktop.and_then(|desktop| desktop.get(0)).or(desktop);
    protocol
        .and_then(|protocol| protocol.get("schemes"))
        .and_then(|schemes| schemes.get(0))
        .and_then(Value::as_str)
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
pub(crate) fn schemes_of(config: &Config) -> Vec<String> {
    let desktop = section(config).and_then(|config| config.get("desktop"));
    let protocols = match desktop {
        Some(Value::Array(protocols)) => protocols.as_slice(),
        Some(protocol) => std::slice::from_ref(protocol),
        None => &[],
    };
    let schemes = protocols.iter().filter_map(|protocol| protocol.get("schemes")?.as_array());
    schemes.flatten().filter_map(|scheme| scheme.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deep_link_config_uses_its_first_scheme() {
        let one = json!({"desktop": {"schemes": ["a.b", "c.d"]}});
        let several = json!({"desktop": [{"schemes": ["a.b"]}, {"schemes": ["c.d"]}]});
        assert_eq!(first_scheme(Some(&one)).unwrap(), "a.b");
        assert_eq!(first_scheme(Some(&several)).unwrap(), "a.b");
        for none in [json!({}), json!({"desktop": {"schemes": []}}), json!({"desktop": []})] {
            assert!(first_scheme(Some(&none)).is_err());
        }
        assert!(first_scheme(None).is_err());
    }
}
