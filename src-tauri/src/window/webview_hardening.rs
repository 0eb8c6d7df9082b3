//! The webview is untrusted: its settings in `tauri.conf.json`, the capability and `Cargo.toml` must be exactly
//! the reviewed ones.

use serde_json::{Value, json};

const CONFIGURATION: &str = include_str!("../../../tauri.conf.json");
const CAPABILITY: &str = include_str!("../../capabilities/main.json");
const MANIFEST: &str = include_str!("../../../Cargo.toml");

fn security() -> Value {
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap();
    configuration["app"]["security"].clone()
}

// req: I5
#[test]
fn csp_allows_only_own_resources_and_ipc() {
    // `frame-src` is omitted on purpose: it falls back to `default-src`, to which Tauri adds the
    // origin of the isolation frame, which is random for every build. Every other directive with
    // that fallback is listed here.
    assert_eq!(
        security()["csp"],
        json!({
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "ipc: http://ipc.localhost",
            "object-src": "'none'",
            "media-src": "'none'",
            "worker-src": "'none'",
            "manifest-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        })
    );
}

// req: I6
#[test]
fn isolation_pattern_is_configured_and_compiled_in() {
    let security = security();
    assert_eq!(
        security["pattern"],
        json!({ "use": "isolation", "options": { "dir": "ui/isolation" } })
    );
    let tauri = MANIFEST.lines().filter(|line| line.starts_with("tauri"));
    let isolated = tauri.filter(|line| line.contains("\"isolation\"")).count();
    assert_eq!(isolated, 2, "without the feature of tauri and tauri-build there is no isolation");
}

// req: I6
#[test]
fn tauri_security_options_are_set() {
    let allowed = ["capabilities", "freezePrototype", "pattern", "csp"];
    let security = security();
    for name in security.as_object().unwrap().keys() {
        assert!(allowed.contains(&name.as_str()), "{name} was not decided on");
    }
    assert_eq!(security["freezePrototype"], true);
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap();
    assert_eq!(configuration["app"]["withGlobalTauri"], false);
    let tauri = MANIFEST.lines().find(|line| line.starts_with("tauri = { version")).unwrap();
    let features =
        r#"features = ["common-controls-v6", "compression", "dynamic-acl", "wry", "x11"]"#;
    assert!(tauri.contains(features), "no devtools, no asset protocol: {tauri}");
}

// req: I6
#[test]
fn tauri_conf_declares_one_window_created_in_code() {
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap();
    let [window] = &configuration["app"]["windows"].as_array().unwrap()[..] else { unreachable!() };
    // A window that Tauri creates itself would permit every navigation; see `window`.
    assert_eq!(window["create"], false);
    assert_eq!(window["label"], "main");
    assert_eq!(window["devtools"], false);
    assert_eq!(window["dragDropEnabled"], false);
    assert!(window.get("url").is_none());
}

// req: I2, I3
#[test]
fn main_capability_grants_only_plugin_and_settings() {
    let capability: Value = serde_json::from_str(CAPABILITY).unwrap();
    // Listed by name; otherwise every file in the directory applies.
    assert_eq!(security()["capabilities"], json!(["main"]));
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(capability["local"], true);
    assert!(capability.get("remote").is_none() && capability.get("webviews").is_none());
    assert_eq!(
        capability["permissions"],
        json!([
            "scalekit:default",
            "allow-settings",
            "allow-check-environment",
            "allow-save-settings",
            "allow-reports",
            "allow-preferences",
            "allow-save-preferences",
            "allow-set-zoom",
            "allow-presence",
            "allow-save-presence",
            "allow-announce"
        ])
    );
}

// req: I8
#[test]
fn tauri_plugins_for_shell_fs_and_http_are_absent() {
    for plugin in ["shell", "opener", "fs", "http", "process", "dialog", "updater"] {
        assert!(!MANIFEST.contains(&format!("tauri-plugin-{plugin}")), "{plugin}");
    }
}
