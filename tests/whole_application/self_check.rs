//! The self-check in the window and on the command line, with each part broken on purpose.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, IDENTIFIER, Keychain, StoredSession, TestEnv, TestOptions};
use rustix::process::{Pid, Signal, kill_process};
use scalekit_dev::{Endpoint, InjectedFault, Times, ids};
use serde_json::Value;

use crate::ADA;

/// Opens the view as a user does, and waits for its result.
async fn finds(application: &Application, result: &str) -> Result<()> {
    application.press("Settings").await?;
    application.press("Check this computer").await?;
    application.sees(result).await
}

/// The JSON output of the command line, and its exit code.
struct Report {
    json: Value,
    text: String,
    code: Option<i32>,
}

fn command_line(env: &TestEnv) -> Result<Report> {
    let mut command = env.desktop.command(Application::program()?);
    let output = command.args(["self-check", "--json"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let json = serde_json::from_str(&text).with_context(|| text.clone())?;
    Ok(Report { json, text, code: output.status.code() })
}

impl Report {
    fn has(&self, check: &str, code: &str) -> Result<&Value> {
        let findings = self.json["findings"].as_array().context("no findings")?;
        let of = |finding: &&Value| finding["check"] == check;
        let finding = findings.iter().find(of).context("no such check")?;
        ensure!(finding["code"] == code, "{finding}");
        Ok(finding)
    }

    fn ends_with(&self, code: i32) -> Result<()> {
        ensure!(self.code == Some(code), "it ended with {:?}: {}", self.code, self.text);
        Ok(())
    }
}

/// All entries of the application in the keychain.
fn entries(env: &TestEnv) -> Result<String> {
    let mut search = env.desktop.command("secret-tool");
    let output = search.args(["search", "--all", "service", IDENTIFIER]).output()?;
    Ok(format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_on_a_good_desktop_proves_each_part() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    finds(&application, "No problems found").await?;
    for sentence in [
        "A link that was sent through the desktop arrived at this application.",
        "The running application answers a second start.",
        "An entry for this check was written, read and deleted.",
        "answers as it should.",
        "Requests to the sign-in service go through no proxy.",
        "It does not leave this computer.",
        "This computer's clock and the sign-in service's agree.",
        "The sign-in service sends its answers to \u{2068}io.latchkey.desktop://callback\u{2069}.",
    ] {
        application.sees(sentence).await?;
    }
    ensure!(!entries(&env)?.contains("self-check"), "an entry is left in the keychain");
    application.press("Close").await?;
    application.press("Close").await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(env.environment.requests_to("/oauth/token").len() == 1, "the session was touched");
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn self_check_command_leaves_the_running_instance_alone() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let token = env.environment.live_refresh_token_of(ADA).context("no refresh token")?;
    StoredSession::comes_to_hold(&env.desktop, &token).await?;
    let report = command_line(&env)?;
    report.has("scheme", "schemeProved")?;
    report.has("instance", "instanceAnswers")?;
    report.has("keychain", "keychainWorks")?;
    report.has("redirectUri", "redirectUriRegistered")?;
    report.ends_with(0)?;
    ensure!(!report.text.contains(&token), "the report has the refresh token");
    ensure!(!entries(&env)?.contains("self-check"), "an entry is left in the keychain");
    StoredSession::comes_to_hold(&env.desktop, &token).await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(!application.log().contains("here?nonce"), "a link is in the log");
    application.quit()?;

    let report = command_line(&env)?;
    report.has("instance", "instanceNotRunning")?;
    report.has("scheme", "schemeProved")?;
    report.ends_with(0)?;
    ensure!(
        !env.desktop.processes().iter().any(|(_, program)| program.ends_with("latchkey")),
        "the link has started the application"
    );
    let data = env.desktop.home().join(".local/share").join(IDENTIFIER);
    let names = fs::read_dir(data)?.flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("here-")).collect();
    ensure!(left.is_empty(), "files are left: {left:?}");
    Ok(())
}

/// Makes the desktop start another program for the application's links, by a list with precedence.
fn takes(env: &TestEnv) -> Result<(PathBuf, PathBuf)> {
    let home = env.desktop.home();
    let thief = home.join("thief");
    fs::copy("/bin/true", &thief)?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Thief\nExec={} %u\nMimeType=x-scheme-handler/{IDENTIFIER};\n",
        thief.display()
    );
    fs::write(home.join(".local/share/applications/thief.desktop"), entry)?;
    let list = home.join(".config/gnome-mimeapps.list");
    let defaults = format!("[Default Applications]\nx-scheme-handler/{IDENTIFIER}=thief.desktop\n");
    fs::write(&list, defaults)?;
    Ok((thief, list))
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_the_owner_of_the_scheme_and_mends_it() -> Result<()> {
    let env = TestEnv::usual().await?;
    let (thief, list) = takes(&env)?;
    let application = env.application().await?;
    finds(&application, "A sign-in fails here").await?;
    application.sees("Links from the browser open another program").await?;
    application.sees(&thief.display().to_string()).await?;
    let report = command_line(&env)?;
    let finding = report.has("scheme", "schemeTaken")?;
    ensure!(finding["parameters"]["program"] == thief.display().to_string());
    report.ends_with(4)?;
    fs::remove_file(list)?;
    application.press("Set up links again: Links from the browser").await?;
    application.sees("A link that was sent through the desktop arrived").await?;
    application.sees("No problems found").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn self_check_notices_an_entry_whose_links_are_lost() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    // The entry names the program, but the opener of links does not start it.
    let folder = env.desktop.home().join("bin");
    fs::create_dir_all(&folder)?;
    let opener = folder.join("xdg-open");
    fs::copy("/bin/true", &opener)?;
    let path = std::env::var("PATH")?;
    let mut command = env.desktop.command(Application::program()?);
    command.env("PATH", format!("{}:{path}", folder.display()));
    let output = command.args(["self-check"]).output()?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(output.status.code() == Some(4), "it ended with {}: {said}", output.status);
    ensure!(said.contains("a link that was sent did not arrive"), "{said}");
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_without_a_keychain_is_a_caution() -> Result<()> {
    let options = TestOptions { keychain: Keychain::Missing, ..TestOptions::default() };
    let env = TestEnv::set(options).await?;
    let application = env.application().await?;
    finds(&application, "A sign-in may fail").await?;
    application.sees("No keychain service is running on this computer").await?;
    application.sees("A link that was sent through the desktop arrived").await?;
    let report = command_line(&env)?;
    report.has("keychain", "keychainMissing")?;
    report.ends_with(3)?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn self_check_distinguishes_a_stopped_instance_from_none() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let process = Pid::from_raw(application.process()?.try_into()?).context("no process id")?;
    kill_process(process, Signal::STOP)?;
    let report = command_line(&env);
    kill_process(process, Signal::CONT)?;
    let report = report?;
    report.has("instance", "instanceSilent")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_notices_a_wrong_clock() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let date = SystemTime::now() - Duration::from_secs(3 * 3600);
    let value = httpdate::fmt_http_date(date);
    let fault = InjectedFault::Header { name: "date".to_owned(), value };
    env.environment.inject_fault(Endpoint::Discovery, fault, Times::Always);
    finds(&application, "A sign-in fails here").await?;
    application.sees("it is ahead of the sign-in service's by").await?;
    application.sees("3:00:0").await?;
    let report = command_line(&env)?;
    report.has("clock", "clockFarAhead")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_notices_that_discovery_is_down() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let fault = InjectedFault::Status { status: 503, retry_after: None };
    env.environment.inject_fault(Endpoint::Discovery, fault, Times::Always);
    finds(&application, "A sign-in fails here").await?;
    application.sees("The sign-in service is not working right now.").await?;
    application.sees("An entry for this check was written, read and deleted.").await?;
    let report = command_line(&env)?;
    let finding = report.has("discovery", "discoveryUnreached")?;
    ensure!(finding["problem"]["code"] == "serviceUnavailable", "{finding}");
    report.has("redirectUri", "notChecked")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_notices_an_unregistered_redirect_uri() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    // A client of the environment with other redirect URIs.
    env.desktop.set("SCALEKIT_CLIENT_ID", ids::WEB_APPLICATION);
    let application = env.application().await?;
    finds(&application, "A sign-in fails here").await?;
    application.sees("does not accept \u{2068}io.latchkey.desktop://callback\u{2069}").await?;
    application.press("Open settings: Redirect URI").await?;
    application.is_headed("Settings").await?;
    let report = command_line(&env)?;
    report.has("redirectUri", "redirectUriRejected")?;
    report.ends_with(4)?;
    application.quit()
}
