//! The TypeScript types the webview uses are what Rust sends. `REGENERATE=1` writes them anew.
#![allow(clippy::unwrap_used)]

use scalekit_auth::{
    Organization, Parameter, Problem, ProblemCode, Profile, RefreshView, SessionView, SignInIntent,
    SignInStep, SignedOutReason, Stored,
};
use ts_rs::{Config, TS};

#[test]
fn guest_js_types_match_the_rust_types() {
    let config = Config::default();
    let declarations = [
        declaration::<SessionView>(&config),
        declaration::<SignedOutReason>(&config),
        declaration::<Stored>(&config),
        declaration::<SignInStep>(&config),
        declaration::<SignInIntent>(&config),
        declaration::<Profile>(&config),
        declaration::<Organization>(&config),
        declaration::<Parameter>(&config),
        declaration::<RefreshView>(&config),
        declaration::<Problem>(&config),
        declaration::<ProblemCode>(&config),
    ];
    let header =
        "// Generated from the Rust types by the tests of tauri-plugin-scalekit. Do not edit.\n";
    let expected = format!("{header}\n{}\n", declarations.join("\n\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/guest-js/views.ts");
    if std::env::var_os("REGENERATE").is_some() {
        std::fs::write(file, &expected).unwrap();
    }
    let present = std::fs::read_to_string(file).unwrap();
    assert!(
        present == expected,
        "guest-js/views.ts is stale: run REGENERATE=1 cargo test -p tauri-plugin-scalekit"
    );
}

fn declaration<T: TS>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("{docs}export {}", T::decl(config))
}
