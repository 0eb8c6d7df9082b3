//! The webview is a stranger: what `tauri.conf.json`, the capability and `Cargo.toml` say about it is
//! what was decided, word for word.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

const CONFIGURATION: &str = include_str!("../../tauri.conf.json");
const CAPABILITY: &str = include_str!("../capabilities/main.json");
const MANIFEST: &str = include_str!("../../Cargo.toml");

fn security() -> Value {
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap();
    configuration["app"]["security"].clone()
}

#[test]
fn the_page_loads_and_reaches_nothing_but_itself_and_the_core() {
    // `frame-src` is left out on purpose: it falls back to `default-src`, to which Tauri adds the
    // one address of the isolation frame, which is drawn anew for every build. What else falls back
    // to it is named here.
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

#[test]
fn every_call_passes_through_the_isolation_frame() {
    let security = security();
    assert_eq!(
        security["pattern"],
        json!({ "use": "isolation", "options": { "dir": "ui/isolation" } })
    );
    let tauri = MANIFEST.lines().filter(|line| line.starts_with("tauri"));
    let isolated = tauri.filter(|line| line.contains("\"isolation\"")).count();
    assert_eq!(isolated, 2, "without the feature of tauri and tauri-build there is no isolation");
}

#[test]
fn nothing_of_tauris_protection_is_switched_off() {
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

#[test]
fn there_is_one_window_and_the_application_opens_it_itself() {
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap();
    let [window] = &configuration["app"]["windows"].as_array().unwrap()[..] else { unreachable!() };
    // One that Tauri creates would go anywhere; see `window`.
    assert_eq!(window["create"], false);
    assert_eq!(window["label"], "main");
    assert_eq!(window["devtools"], false);
    assert_eq!(window["dragDropEnabled"], false);
    assert!(window.get("url").is_none());
}

#[test]
fn the_one_window_may_call_the_plugin_and_the_settings_and_nothing_else() {
    let capability: Value = serde_json::from_str(CAPABILITY).unwrap();
    // Named, or every file in the folder counts.
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
            "allow-save-settings"
        ])
    );
}

#[test]
fn no_plugin_that_opens_or_runs_or_reads_files_is_built_in() {
    for plugin in ["shell", "opener", "fs", "http", "process", "dialog", "updater"] {
        assert!(!MANIFEST.contains(&format!("tauri-plugin-{plugin}")), "{plugin}");
    }
}
