//! The TypeScript types for the webview equal the Rust types. `REGENERATE=1` writes them anew.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use scalekit_auth::{
    CheckName, Finding, FindingCode, FindingLevel, HostedPage, LoopbackView, Organization,
    Parameter, Problem, ProblemCode, Profile, RefreshView, Remedy, SelfCheckReport, SessionView,
    SignInIntent, SignInRequest, SignInStep, SignOutScope, SignedOutReason, Stored,
};
use scalekit_auth_native::LoopbackOutcome;
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
        declaration::<SignInRequest>(&config),
        declaration::<LoopbackView>(&config),
        declaration::<HostedPage>(&config),
        declaration::<SignOutScope>(&config),
        declaration::<Profile>(&config),
        declaration::<Organization>(&config),
        declaration::<Parameter>(&config),
        declaration::<RefreshView>(&config),
        declaration::<Problem>(&config),
        declaration::<ProblemCode>(&config),
        declaration::<SelfCheckReport>(&config),
        declaration::<Finding>(&config),
        declaration::<CheckName>(&config),
        declaration::<FindingCode>(&config),
        declaration::<FindingLevel>(&config),
        declaration::<Remedy>(&config),
    ];
    let header =
        "// Generated from the Rust types by the tests of tauri-plugin-scalekit. Do not edit.\n";
    let expected = format!("{header}\n{}\n", declarations.join("\n\n"));
    assert_is_current("views.ts", &expected);
}

/// The English texts of the window are those beside the problem codes.
#[test]
fn guest_js_problem_texts_match_the_problem_codes() {
    let texts: BTreeMap<_, _> = ProblemCode::ALL
        .iter()
        .map(|code| (serde_json::to_value(code).unwrap().to_string(), code.english()))
        .map(|(name, text)| (name.trim_matches('"').to_owned(), text))
        .collect();
    let expected = serde_json::to_string_pretty(&texts).unwrap();
    assert_is_current("problems.en.json", &format!("{expected}\n"));
}

#[test]
fn guest_js_finding_texts_match_the_finding_codes() {
    let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let checks: BTreeMap<_, _> = CheckName::ALL
        .iter()
        .map(|check| (name(serde_json::to_value(check).unwrap()), check.english()))
        .collect();
    let findings: BTreeMap<_, _> = FindingCode::ALL
        .iter()
        .map(|code| (name(serde_json::to_value(code).unwrap()), code.english()))
        .collect();
    let texts = serde_json::json!({ "checks": checks, "findings": findings });
    let expected = serde_json::to_string_pretty(&texts).unwrap();
    assert_is_current("self-check.en.json", &format!("{expected}\n"));
}

#[test]
fn guest_js_loopback_page_texts_match_the_outcomes() {
    let text = |outcome: LoopbackOutcome| {
        let (heading, sentence) = outcome.english();
        serde_json::json!({ "heading": heading, "sentence": sentence })
    };
    let texts = serde_json::json!({
        "received": text(LoopbackOutcome::Received),
        "unexpected": text(LoopbackOutcome::Unexpected),
    });
    let expected = serde_json::to_string_pretty(&texts).unwrap();
    assert_is_current("loopback-page.en.json", &format!("{expected}\n"));
}

fn assert_is_current(name: &str, expected: &str) {
    let file = format!("{}/guest-js/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("REGENERATE").is_some() {
        std::fs::write(&file, expected).unwrap();
    }
    let present = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        present == expected,
        "guest-js/{name} is stale: run REGENERATE=1 cargo test -p tauri-plugin-scalekit"
    );
}

fn declaration<T: TS>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("{docs}export {}", T::decl(config))
}
