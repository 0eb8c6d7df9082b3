//! A compromised page in the window, which tries everything that it must not be able to do.

use std::{collections::BTreeMap, fs, time::Instant};

use anyhow::{Context, Result};
use latchkey_tests::{Application, TestEnv, target};
use serde::Deserialize;
use serde_json::Value;

use crate::ADA;

/// The page's script. The application contains none of it, in any build.
const ATTACK: &str = include_str!("attack.js");

/// The isolation hook, which lists all commands.
const HOOK: &str = include_str!("../../ui/isolation/hook.js");

/// One attack and its outcome.
#[derive(Debug, Deserialize)]
struct Line {
    /// The requirement that it tries to violate.
    id: String,
    attack: String,
    outcome: String,
}

// req: A1, I2, I4, I5, I7, I10, X17
#[tokio::test(flavor = "multi_thread")]
async fn compromised_webview_gains_nothing_and_app_survives() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let memory = application.memory()?;
    let began = Instant::now();
    let report = attacked(&application, env.environment.url()).await?;
    let seconds = began.elapsed().as_secs_f64();

    for line in &report {
        check(line);
    }
    let count = |id| report.iter().filter(|line| line.id == id).count();
    for (id, least) in [
        ("I2", 30),
        ("I4", 60),
        ("I5", 8),
        ("I6", 12),
        ("I7", 30),
        ("I9", 100),
        ("I10", hook_commands().len()),
        ("I11", 5),
    ] {
        assert!(count(id) >= least, "{id} was tried {} times", count(id));
    }
    let came: Vec<_> =
        env.environment.requests().into_iter().filter(|one| one.path.contains("attack")).collect();
    assert!(came.is_empty(), "the window has reached another address: {came:?}");
    let tabs = env.browser.times_opened_meanwhile().await?;
    assert!(tabs >= 1 && tabs as f64 <= seconds / 2.0 + 1.0, "{tabs} tabs in {seconds} seconds");
    let grown = application.memory()?.saturating_sub(memory);
    assert!(grown < 128 * 1024 * 1024, "the application has grown by {grown} bytes");
    let downloads = fs::read_dir(env.desktop.home())?.filter_map(Result::ok);
    assert!(!downloads.map(|one| one.path()).any(|one| holds(&one, "attack-download")));

    application.press("Cancel").await?;
    env.sign_in(&application, ADA).await?;
    application.is_headed("Ada Lovelace").await
}

/// Runs the attacks and waits for the report, which is stored beside the pictures.
async fn attacked(application: &Application, elsewhere: &str) -> Result<Vec<Line>> {
    let elsewhere = Value::String(elsewhere.to_owned());
    let commands = serde_json::to_string(&hook_commands())?;
    let constants = format!("const ELSEWHERE = {elsewhere};\nconst HOOK_COMMANDS = {commands};");
    application.run_script(&format!("{constants}\n{ATTACK}")).await?;
    let script = "return window.attack.done ? JSON.stringify(window.attack.report) : null";
    let report = application.script_returns(script, 30).await?;
    let lines: Vec<Line> = serde_json::from_str(report.as_str().context("no report")?)?;
    let folder = target().join("whole_application");
    fs::create_dir_all(&folder)?;
    let written: Vec<_> = lines
        .iter()
        .map(|line| format!("{:4} {}: {}", line.id, line.attack, line.outcome))
        .collect();
    fs::write(folder.join("attack.txt"), written.join("\n"))?;
    Ok(lines)
}

/// The commands of the isolation hook, each with its arguments and the names of their checks.
fn hook_commands() -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    let (_, list) = HOOK.split_once("Object.entries({\n").unwrap();
    let (list, _) = list.split_once("\n    }),").unwrap();
    // A command that is too long for a line takes several.
    let list: &'static str =
        list.lines().map(str::trim).collect::<Vec<_>>().join(" ").replace("}, ", "},\n").leak();
    let argument = |argument: &'static str| argument.split_once(": ").unwrap();
    let command = |line: &'static str| {
        let (name, arguments) = line.trim().trim_end_matches(',').split_once(": {").unwrap();
        let arguments = arguments.trim_end_matches('}').trim().trim_end_matches(',');
        let arguments = arguments.split(", ").filter(|one| !one.is_empty()).map(argument);
        (name.trim_matches('"'), arguments.collect())
    };
    list.lines().map(command).collect()
}

#[test]
fn webview_attack_covers_every_command_of_the_plugin() {
    let list = include_str!("../../crates/tauri-plugin-scalekit/src/command_names.rs");
    let names =
        list.lines().filter_map(|line| line.strip_prefix("            ")?.strip_suffix(','));
    let commands: Vec<_> = names.collect();
    assert!(commands.len() > 10, "{commands:?}");
    let attacked = hook_commands();
    for command in commands {
        let name = format!("plugin:scalekit|{command}");
        assert!(attacked.contains_key(name.as_str()), "{name} is not attacked");
    }
    let arguments = &attacked["save_settings"];
    assert_eq!(
        arguments.iter().collect::<Vec<_>>(),
        [(&"clientId", &"isText"), (&"environmentUrl", &"isText")]
    );
}

#[track_caller]
fn check(line: &Line) {
    let Line { id, attack, outcome } = line;
    let refused = outcome.starts_with("refused") || outcome == "dropped";
    let good = match (id.as_str(), attack.as_str()) {
        ("I4", attack) if attack.starts_with("invoke") => outcome == "dropped",
        ("I2" | "I4" | "I9", _) => refused,
        ("I5", "what the policy refused") => {
            ["connect-src", "img-src", "object-src"].iter().all(|one| outcome.contains(one))
        }
        ("I5", _) => refused,
        ("I6", "the pattern") => outcome == "isolation",
        ("I6", "the global API" | "Object.prototype") => outcome == "undefined",
        ("I6", "the isolation frame is there") => outcome == "true",
        ("I6", "its size") => outcome == "0",
        ("I6", "its document") => outcome == "null",
        ("I6", _) => refused,
        ("I7", attack) if attack.starts_with("location") || attack.starts_with("link") => {
            outcome.starts_with("stayed")
        }
        ("I7", _) => refused,
        ("I10", _) => within_limits(attack, outcome),
        ("I11", "cookies") => outcome == "none",
        ("I11", "the title and the address") => outcome == "Latchkey tauri://localhost",
        ("I11", _) => outcome == "0",
        _ => false,
    };
    assert!(good, "{id}, {attack}: {outcome}");
}

/// At most a burst and one per two seconds, or more for cheap commands; and every call gets a response, except for
/// losses in WebKitGTK itself: of ten thousand concurrent calls, the response to one was once missing.
fn within_limits(attack: &str, outcome: &str) -> bool {
    let counts: BTreeMap<String, f64> = serde_json::from_str(outcome).unwrap();
    let done = counts["allowed"] + counts["refused"];
    let most = match attack.rsplit(' ').next().unwrap() {
        // Without cost, and without effect where there is nothing that they end.
        "plugin:scalekit|dismiss"
        | "plugin:scalekit|decline_invitation"
        | "plugin:scalekit|cancel_sign_in"
        | "plugin:scalekit|sign_out"
        | "plugin:scalekit|continue_without_keychain" => f64::MAX,
        "plugin:scalekit|watch" | "set_zoom" | "settings" | "preferences" => {
            9.0 + counts["seconds"] * 4.0
        }
        "save_preferences" | "save_presence" | "presence" | "announce" => {
            5.0 + counts["seconds"] * 2.0
        }
        _ => 4.0 + counts["seconds"] / 2.0,
    };
    let calls = done + counts["tooOften"] + counts["dropped"];
    counts["dropped"] <= calls / 1000.0 && done >= 1.0 && done <= most
}

fn holds(path: &std::path::Path, name: &str) -> bool {
    path.to_string_lossy().contains(name)
        || fs::read_dir(path).is_ok_and(|entries| {
            entries.filter_map(Result::ok).any(|entry| {
                entry.file_type().is_ok_and(|kind| !kind.is_symlink()) && holds(&entry.path(), name)
            })
        })
}

// req: B16
#[tokio::test(flavor = "multi_thread")]
async fn callback_error_description_is_rendered_as_text() -> Result<()> {
    // With a double quotation mark it would be ignored as an invalid error description (OAuth 2.1 §4.1.2.1).
    const DESCRIPTION: &str =
        "</p><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>";
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    let mut link: url::Url = env.environment.deny(page.as_str())?.parse()?;
    let retained: Vec<(String, String)> =
        link.query_pairs().into_owned().filter(|(name, _)| name != "error_description").collect();
    link.query_pairs_mut()
        .clear()
        .extend_pairs(retained)
        .append_pair("error_description", DESCRIPTION);
    env.open_link(link.as_str())?;
    application.shows(DESCRIPTION).await?;
    let script = "return [typeof window.ran, document.querySelectorAll('img').length]";
    assert_eq!(application.run_script(script).await?, serde_json::json!(["undefined", 0]));
    Ok(())
}
