//! A session in all of its states, with the most detailed log, and then a search for secrets that must be in the
//! keychain only.

use anyhow::Result;
use latchkey_tests::{Application, Canaries, Findings, StoredSession, TestEnv, TestOptions, until};
use scalekit_dev::{Endpoint, InjectedFault, Times};
use url::Url;

use crate::ADA;

/// Values in links of others and in invalid responses.
const THIEF: &str = "cAnArY-of-a-thief-5f2c9b";
const BROKEN: &str = "cAnArY-of-a-broken-response-77ae10";

/// Places where secrets are expected or unavoidable: the keychain's own files; the browser, which has visited
/// the URLs with `state`, `nonce` and code.
const THEIR_OWN: &[&str] = &["/keyrings/", "/browser/", "/chromedriver.log"];

/// A script that records everything that passes between the page and the core.
const LISTEN: &str = "
    window.received = [];
    const fetch = window.fetch;
    window.fetch = async (address, options) => {
        window.received.push(String(address), String(options?.body));
        const response = await fetch(address, options);
        response.clone().text().then((text) => window.received.push(text));
        return response;
    };
    const internals = window.__TAURI_INTERNALS__;
    const channel = internals.transformCallback((view) => window.received.push(JSON.stringify(view)));
    internals.invoke('plugin:scalekit|watch', { channel: `__CHANNEL__:${channel}` });
";

// req: I11, L1
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_leaves_the_keychain() -> Result<()> {
    let mut env = TestEnv::set(TestOptions { log: "trace", ..TestOptions::default() }).await?;
    let mut canaries = Canaries::default();
    canaries.add("a thief's code", THIEF);
    canaries.add("a token of a broken response", BROKEN);
    let mut findings = Findings::new();

    let application = env.application().await?;
    application.button("Sign in").await?;
    application.run_script(LISTEN).await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    note_page(&mut canaries, "the first sign-in", &page);
    for link in [
        format!("io.latchkey.desktop://callback?code={THIEF}&state=wrong"),
        format!("io.latchkey.desktop://callback?code=c0de&state={THIEF}"),
        format!("io.latchkey.desktop://callback?error={THIEF}&state=wrong"),
        format!("io.latchkey.desktop://callback?access_token={THIEF}#id_token={THIEF}"),
        format!("io.latchkey.desktop://signed-out?state={THIEF}"),
    ] {
        env.open_link(&link)?;
    }
    env.browser.sign_in_as(ADA).await?;
    application.button("Sign out").await?;
    add_stored_tokens(&mut canaries, &env, "the first")?;

    application.refresh_now().await?;
    env.has_requests("/oauth/token", 2).await?;
    failure(&env, InjectedFault::Status { status: 503, retry_after: None });
    application.refresh_now().await?;
    env.has_requests("/oauth/token", 4).await?;
    for body in [
        format!(r#"{{"access_token":"{BROKEN}","id_token":"{BROKEN}","token_type":"mac"}}"#),
        format!(r#"{{"access_token":"{BROKEN}","expires_in":"#),
        format!("<html>{BROKEN}</html>"),
    ] {
        let before = env.environment.requests_to("/oauth/token").len();
        let content_type = "application/json".to_owned();
        failure(&env, InjectedFault::Body { status: 200, content_type, body });
        application.refresh_now().await?;
        env.has_requests("/oauth/token", before + 2).await?;
    }
    // A keychain that does not respond.
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    signal(&env, "STOP", "gnome-keyring-daemon")?;
    application.refresh_now().await?;
    application.shows("keychain").await?;
    signal(&env, "CONT", "gnome-keyring-daemon")?;
    let before = env.environment.requests_to("/oauth/token").len();
    application.refresh_now().await?;
    env.has_requests("/oauth/token", before + 1).await?;
    // The session may also have been refreshed by its timer, so the token may be that of either refresh.
    until("the live refresh token in the keychain", || async {
        let stored = StoredSession::session(&env.desktop).ok()??;
        let live = env.environment.live_refresh_token_of(ADA)?;
        (stored.refresh_token() == Some(&*live)).then_some(())
    })
    .await?;
    add_stored_tokens(&mut canaries, &env, "a refreshed")?;
    in_the_window(&canaries, &application, &mut findings).await?;

    // Without a chance to clean up.
    signal(&env, "KILL", "latchkey")?;
    drop(application);
    let application = env.application().await?;
    application.is_headed("Ada Lovelace").await?;
    application.run_script(LISTEN).await?;
    note_exchanges(&mut canaries, &env);
    in_the_webviews_processes(&canaries, &env, &mut findings)?;
    application.press("Sign out").await?;
    note_page(&mut canaries, "the sign-out", &env.browser.is_opened().await?);
    application.is_headed("You are signed out").await?;

    in_the_window(&canaries, &application, &mut findings).await?;
    in_the_webviews_processes(&canaries, &env, &mut findings)?;
    for (process, program) in env.desktop.processes() {
        if !program.to_string_lossy().contains("chrom") {
            findings.extend(canaries.found_at_start_of(process));
        }
    }
    let log = application.log();
    assert!(log.contains("TRACE"), "the log has its most detailed level");
    findings.extend(canaries.found_below(&env.desktop.logs(), THEIR_OWN)?);
    findings.extend(canaries.found_below(&env.desktop.home(), THEIR_OWN)?);
    assert!(canaries.count() > 300, "{} are searched for", canaries.count());
    assert!(findings.is_empty(), "{findings:#?}");

    Ok(())
}

/// A memory dump of the program must not contain used secrets.
// req: I11
#[tokio::test(flavor = "multi_thread")]
async fn used_secrets_are_wiped_from_process_memory() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    application.button("Sign out").await?;
    let live = env.environment.live_refresh_token_of(ADA).unwrap();
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    let process = application.process()?;
    let mut canaries = Canaries::default();
    let stored = StoredSession::session(&env.desktop)?.unwrap();
    canaries.add("the refresh token", stored.refresh_token().unwrap());
    let there = canaries.found_in_memory_of(process)?;
    assert!(!there.is_empty(), "the search finds what the program needs");

    let mut used_up = Canaries::default();
    note_page(&mut used_up, "the sign-in", &page);
    note_exchanges(&mut used_up, &env);
    // The ID token is stored for the sign-out, and the nonce is one of its claims.
    let mut left = used_up.found_in_memory_of(process)?;
    left.retain(|one| !one.starts_with("the nonce of the sign-in, in base64"));
    assert!(left.is_empty(), "after signing in: {left:#?}");
    add_stored_tokens(&mut canaries, &env, "the")?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    let mut left = canaries.found_in_memory_of(process)?;
    left.extend(used_up.found_in_memory_of(process)?);
    assert!(left.is_empty(), "after signing out: {left:#?}");
    Ok(())
}

fn failure(env: &TestEnv, fault: InjectedFault) {
    env.environment.inject_fault(Endpoint::Token, fault, Times::Once);
}

fn note_page(canaries: &mut Canaries, which: &str, page: &Url) {
    for (name, value) in page.query_pairs() {
        if matches!(&*name, "state" | "nonce") {
            canaries.add(&format!("the {name} of {which}"), &value);
        }
    }
}

/// Adds the secrets that the application has sent to the token endpoint.
fn note_exchanges(canaries: &mut Canaries, env: &TestEnv) {
    for request in env.environment.requests_to("/oauth/token") {
        for name in ["code", "code_verifier", "refresh_token"] {
            if let Some(value) = request.form(name) {
                canaries.add(&format!("a {name}"), value);
            }
        }
    }
}

fn add_stored_tokens(canaries: &mut Canaries, env: &TestEnv, which: &str) -> Result<()> {
    let stored = StoredSession::session(&env.desktop)?.unwrap();
    for name in ["access_token", "id_token"] {
        canaries.add_token(&format!("{which} {name}"), stored.record[name].as_str().unwrap())?;
    }
    canaries.add(&format!("{which} refresh_token"), stored.refresh_token().unwrap());
    Ok(())
}

/// The secrets in the document, its storage, and its messages from the core.
async fn in_the_window(
    canaries: &Canaries,
    application: &Application,
    findings: &mut Findings,
) -> Result<()> {
    let received = application.run_script("return window.received.join('\\n')").await?;
    let received = received.as_str().unwrap_or_default();
    assert!(
        received.contains("Ada Lovelace") || received.contains("signedOut"),
        "nothing was received"
    );
    findings.extend(canaries.found_in("what passed to the page", received.as_bytes()));
    findings.extend(canaries.found_in("the page", application.everything().await?.as_bytes()));
    Ok(())
}

/// The secrets in the web processes, which must never contain any, wiped or not.
fn in_the_webviews_processes(
    canaries: &Canaries,
    env: &TestEnv,
    findings: &mut Findings,
) -> Result<()> {
    let mut examined = 0;
    for (process, program) in env.desktop.processes() {
        let name = program.to_string_lossy().into_owned();
        if name.contains("WebKitWebProcess") || name.contains("WebKitNetworkProcess") {
            findings.extend(canaries.found_in_memory_of(process)?);
            examined += 1;
        }
    }
    assert!(examined >= 1, "the webview has no process");
    Ok(())
}

/// Sends a signal to every process of this program.
fn signal(env: &TestEnv, name: &str, program: &str) -> Result<()> {
    let processes = env.desktop.processes().into_iter();
    let processes =
        processes.filter(|(_, path)| path.ends_with(program)).map(|(process, _)| process);
    let arguments: Vec<String> = processes.map(|process| process.to_string()).collect();
    assert!(!arguments.is_empty(), "{program} is not running");
    assert!(
        std::process::Command::new("kill")
            .arg(format!("-{name}"))
            .args(arguments)
            .status()?
            .success()
    );
    Ok(())
}
