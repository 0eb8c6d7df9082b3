//! Tray, notifications and start at login, with Xfce's panel and dunst.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, Keychain, StoredSession, TestEnv, TestOptions, Tray, until};
use scalekit_dev::{Endpoint, InjectedFault, Times};
use serde_json::{Value, json};

use crate::{
    ADA,
    hosted_pages::{refreshes, visits_account},
};

const WINDOW: &str = "latchkey.Latchkey";

/// The lifetime of a session without a refresh token, whose end is announced after half of it.
const LIFETIME: Duration = Duration::from_secs(40);

async fn invokes(application: &Application, command: &str, arguments: &Value) -> Result<Value> {
    let script = format!(
        "const done = arguments[arguments.length - 1]; \
         window.__TAURI_INTERNALS__.invoke('{command}', {arguments}).then(done, (why) => done({{ why }}))"
    );
    application.run_async_script(&script).await
}

/// Turns on that closing the window leaves the application in the tray.
async fn closes_to_tray(application: &Application) -> Result<()> {
    let wanted = json!({"closeToTray": true, "startAtLogin": false});
    let presence = invokes(application, "save_presence", &wanted).await?;
    let expected = json!({"tray": true, "closeToTray": true, "startAtLogin": false});
    ensure!(presence == expected, "{presence}");
    Ok(())
}

/// Closes the window as a user does, and waits until it is hidden.
async fn closes_window(env: &TestEnv) -> Result<()> {
    let closed = env.desktop.command("wmctrl").args(["-x", "-c", WINDOW]).status()?;
    ensure!(closed.success(), "the window could not be closed");
    until("the window to be hidden", async || (!env.desktop.has_window("latchkey")).then_some(()))
        .await
}

async fn shows_window(env: &TestEnv) -> Result<()> {
    until("the window", async || env.desktop.has_window("latchkey").then_some(())).await?;
    env.desktop.has_in_front("Latchkey").await
}

// req: N16
#[tokio::test(flavor = "multi_thread")]
async fn tray_menu_shows_the_state_signs_in_out_and_quits() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.set("LATCHKEY_HARDENED", "1");
    env.desktop.starts_panel()?;
    let application = env.application().await?;
    let process = application.process()?;
    let tray = Tray::of(&env.desktop).await?;
    tray.has("Signed out").await?;
    ensure!(
        tray.labels().await? == ["Signed out", "Open Latchkey", "Sign in", "Quit"],
        "{:?}",
        tray.labels().await?
    );
    tray.chooses("Sign in").await?;
    env.browser.is_opened().await?;
    tray.has("Signing in…").await?;
    env.browser.sign_in_as(ADA).await?;
    tray.has("Signed in as Ada Lovelace").await?;
    tray.chooses("Sign out").await?;
    tray.has("Signed out").await?;
    application.is_headed("You are signed out").await?;
    // The application may have ended before it responds.
    let _ = tray.chooses("Quit").await;
    let gone = || !std::path::Path::new(&format!("/proc/{process}/exe")).exists();
    until("the end of the application", async || gone().then_some(())).await
}

// req: N16
#[tokio::test(flavor = "multi_thread")]
async fn closed_window_stays_in_the_tray_and_is_shown_again() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.starts_panel()?;
    let application = env.application().await?;
    let tray = Tray::of(&env.desktop).await?;
    tray.has("Signed out").await?;
    closes_to_tray(&application).await?;
    let process = application.process()?;

    closes_window(&env).await?;
    tray.clicks().await?;
    shows_window(&env).await?;
    closes_window(&env).await?;
    tray.chooses("Open Latchkey").await?;
    shows_window(&env).await?;
    closes_window(&env).await?;
    let second = env.desktop.command(Application::program()?).status()?;
    ensure!(second.success(), "the second start ended with {second}");
    shows_window(&env).await?;
    ensure!(application.process()? == process, "another process was started");

    // Without a tray, closing the window ends the application.
    env.desktop.stops_panel();
    until("the end of the tray", async || {
        let presence = invokes(&application, "presence", &json!({})).await.ok()?;
        (presence["tray"] == false).then_some(())
    })
    .await?;
    application.quit()
}

// req: N16
#[tokio::test(flavor = "multi_thread")]
async fn window_without_a_tray_closes_and_tray_appears_later() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let presence = invokes(&application, "presence", &json!({})).await?;
    let expected = json!({"tray": false, "closeToTray": false, "startAtLogin": false});
    ensure!(presence == expected, "{presence}");
    env.desktop.starts_panel()?;
    Tray::of(&env.desktop).await?.has("Signed out").await?;
    env.desktop.stops_panel();
    env.desktop.starts_panel()?;
    Tray::of(&env.desktop).await?.has("Signed out").await?;
    application.quit()
}

// req: N17
#[tokio::test(flavor = "multi_thread")]
async fn start_at_login_is_hidden_in_the_tray_or_shown_without() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.starts_application_at_login()?;
    shows_window(&env).await?;
    env.close_application()?;

    let mut env = TestEnv::usual().await?;
    env.desktop.starts_panel()?;
    env.desktop.starts_application_at_login()?;
    let tray = Tray::of(&env.desktop).await?;
    tray.has("Signed out").await?;
    ensure!(!env.desktop.has_window("latchkey"), "the window is shown");
    tray.clicks().await?;
    shows_window(&env).await?;
    env.close_application()
}

// req: N17
#[tokio::test(flavor = "multi_thread")]
async fn autostart_entry_is_written_and_its_truth_is_shown() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    let entry = env.desktop.home().join(".config/autostart/io.latchkey.desktop.desktop");
    let on = json!({"closeToTray": false, "startAtLogin": true});
    let saved = invokes(&application, "save_presence", &on).await?;
    ensure!(saved["startAtLogin"] == true, "{saved}");
    let text = fs::read_to_string(&entry)?;
    let exec = format!("Exec=\"{}\" --background", Application::program()?.display());
    ensure!(text.contains(&exec), "{text}");
    let mut validate = env.desktop.command("desktop-file-validate");
    ensure!(validate.arg(&entry).status()?.success(), "{text}");
    // As the desktop's own settings do.
    fs::write(&entry, format!("{text}Hidden=true\n"))?;
    let shown = invokes(&application, "presence", &json!({})).await?;
    ensure!(shown["startAtLogin"] == false, "{shown}");
    application.quit()
}

/// An application with a session that cannot be refreshed, and another window in front of it.
async fn session_that_ends(env: &mut TestEnv) -> Result<Application> {
    env.environment.inject_fault(Endpoint::Token, InjectedFault::LoseRefreshToken, Times::Always);
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    application.shows("Your sign-in ends at").await?;
    env.desktop.minimizes("latchkey")?;
    Ok(application)
}

fn ends_in(lifetime: Duration) -> TestOptions {
    TestOptions { access_token_lifetime: lifetime, ..TestOptions::default() }
}

// req: N13
#[tokio::test(flavor = "multi_thread")]
async fn session_end_is_one_notification_one_click_one_tab() -> Result<()> {
    let mut env = TestEnv::set(ends_in(LIFETIME)).await?;
    env.desktop.set("LATCHKEY_HARDENED", "1");
    env.desktop.starts_notifications().await?;
    let _application = session_that_ends(&mut env).await?;
    env.desktop.shows_notifications(1).await?;
    env.environment.set_access_token_lifetime(Duration::from_secs(3600));
    env.desktop.chooses_sign_in_of_notification()?;
    env.browser.is_opened().await?;
    // The notification is closed when its reason no longer applies.
    env.desktop.shows_notifications(0).await?;
    ensure!(env.browser.times_opened_meanwhile().await? == 0, "a second tab was opened");
    let closed = env.desktop.closed_notifications()?;
    let body = "Sign in once more in your browser to stay signed in as Ada Lovelace.";
    ensure!(closed == [("Your sign-in ends soon".to_owned(), body.to_owned())], "{closed:?}");
    Ok(())
}

// req: N13
#[tokio::test(flavor = "multi_thread")]
async fn announced_end_is_one_notification_one_authentication() -> Result<()> {
    let settings = json!({ "announcedEnd": true });
    let mut env = TestEnv::set(TestOptions { settings, ..TestOptions::default() }).await?;
    env.desktop.starts_notifications().await?;
    let ends_after = |env: &TestEnv, seconds| {
        env.environment.change_options(|options| {
            options.announced_end = true;
            options.absolute_timeout = Some(Duration::from_secs(seconds));
        });
    };
    ends_after(&env, 480);
    let application = env.signed_in_as(ADA).await?;
    env.desktop.minimizes("latchkey")?;
    // Only a second response shows that a refresh does not move the end.
    application.refresh_now().await?;
    env.desktop.shows_notifications(1).await?;
    ends_after(&env, 3600);
    env.desktop.chooses_sign_in_of_notification()?;
    let page = env.browser.is_opened().await?;
    let prompt = page.query_pairs().find(|(name, _)| name == "prompt");
    ensure!(prompt.context("the page would not ask")?.1 == "login");
    env.browser.sign_in_as(ADA).await?;
    env.desktop.shows_notifications(0).await?;
    application.no_longer_shows("Your sign-in ends at").await?;
    let before = env.environment.requests_to("/oauth/token").len();
    application.refresh_now().await?;
    env.has_requests("/oauth/token", before + 1).await?;
    application.shows_in_details("Renews by itself").await?;
    ensure!(env.desktop.notifications()? == 0, "the end is announced again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn notification_click_shows_the_window_and_closes_it() -> Result<()> {
    let mut env = TestEnv::set(ends_in(LIFETIME)).await?;
    env.desktop.starts_notifications().await?;
    let application = session_that_ends(&mut env).await?;
    env.desktop.shows_notifications(1).await?;
    let before = env.environment.requests_to("/oauth/authorize").len();
    env.desktop.clicks_notification()?;
    shows_window(&env).await?;
    env.desktop.shows_notifications(0).await?;
    // An announced end is not announced again when it happens.
    application.is_headed("Please sign in again").await?;
    ensure!(env.desktop.notifications()? == 0);
    ensure!(env.desktop.closed_notifications()?.len() == 1);
    ensure!(env.environment.requests_to("/oauth/authorize").len() == before, "a tab was opened");
    application.quit()
}

// req: N13
#[tokio::test(flavor = "multi_thread")]
async fn session_end_at_the_service_is_one_notification() -> Result<()> {
    // Short, so that the end is noticed soon.
    let mut env = TestEnv::set(ends_in(Duration::from_secs(6))).await?;
    env.desktop.starts_notifications().await?;
    let application = env.signed_in_as(ADA).await?;
    env.desktop.minimizes("latchkey")?;
    env.environment.end_sessions_of(ADA);
    env.desktop.shows_notifications(1).await?;
    env.environment.set_access_token_lifetime(Duration::from_secs(3600));
    env.desktop.chooses_sign_in_of_notification()?;
    let page = env.browser.is_opened().await?;
    ensure!(page.query_pairs().any(|pair| pair == ("login_hint".into(), ADA.into())), "{page}");
    env.desktop.shows_notifications(0).await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(env.browser.times_opened_meanwhile().await? == 0, "a second tab was opened");
    let closed = env.desktop.closed_notifications()?;
    let body = "Sign in once more in your browser to go on.";
    ensure!(closed == [("Your sign-in has ended".to_owned(), body.to_owned())], "{closed:?}");
    env.desktop.has_notified(1).await.map(drop)
}

// req: N13
#[tokio::test(flavor = "multi_thread")]
async fn announced_end_that_comes_replaces_its_notification() -> Result<()> {
    // The window is behind within half of it.
    let mut env = TestEnv::set(ends_in(Duration::from_secs(14))).await?;
    env.desktop.starts_notifications().await?;
    let application = session_that_ends(&mut env).await?;
    let notified = env.desktop.has_notified(2).await?;
    let [(announced, soon), (replaced, ended)] = &*notified else {
        anyhow::bail!("{notified:?}");
    };
    ensure!(announced == replaced, "another notification: {notified:?}");
    ensure!((&**soon, &**ended) == ("Your sign-in ends soon", "Your sign-in has ended"));
    ensure!(env.desktop.notifications()? == 1);
    env.desktop.clicks_notification()?;
    shows_window(&env).await?;
    application.is_headed("Please sign in again").await?;
    env.desktop.shows_notifications(0).await
}

// req: N13
#[tokio::test(flavor = "multi_thread")]
async fn keychain_locked_at_login_is_a_notification() -> Result<()> {
    // A bus that starts no service by itself, so that no prompt unlocks the keyring.
    let options = TestOptions { keychain: Keychain::Missing, ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    env.desktop.start_keychain()?;
    let application = env.signed_in_as(ADA).await?;
    let live = env.environment.live_refresh_token_of(ADA).context("no session")?;
    StoredSession::comes_to_hold(&env.desktop, &live).await?;
    application.quit()?;
    env.desktop.stop_keychain();
    env.desktop.start_locked_keychain()?;
    env.desktop.starts_panel()?;
    env.desktop.starts_notifications().await?;
    env.desktop.starts_application_at_login()?;
    let notified = env.desktop.has_notified(1).await?;
    ensure!(notified[0].1 == "Your sign-in cannot be read", "{notified:?}");
    ensure!(!env.desktop.has_window("latchkey"), "the window is shown");
    env.desktop.clicks_notification()?;
    shows_window(&env).await?;
    env.desktop.shows_notifications(0).await?;
    env.close_application()
}

#[tokio::test(flavor = "multi_thread")]
async fn activation_token_of_second_start_reaches_the_window() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let user_time = || {
        let mut search = env.desktop.command("xdotool");
        let found =
            search.args(["search", "--onlyvisible", "--class", "latchkey"]).output().ok()?;
        let window = String::from_utf8(found.stdout).ok()?.lines().last()?.to_owned();
        let read = ["-id", &window, "_NET_WM_USER_TIME", "_NET_WM_USER_TIME_WINDOW"];
        let read = env.desktop.command("xprop").args(read).output().ok()?;
        Some(String::from_utf8_lossy(&read.stdout).into_owned())
    };
    let mut second = env.desktop.command(Application::program()?);
    second.env("DESKTOP_STARTUP_ID", "test-1_TIME2000000000");
    ensure!(second.status()?.success());
    until("the token's use", async || {
        application.log().contains("uses the desktop's activation token").then_some(())
    })
    .await?;
    until("the time of the token at the window", async || {
        user_time()?.contains("2000000000").then_some(())
    })
    .await
    .with_context(|| format!("{:?}", user_time()))?;
    application.quit()
}

/// Emits this signal with a boolean.
fn emits(env: &TestEnv, bus: &str, path: &str, signal: &str, value: bool) -> Option<()> {
    let mut emit = env.desktop.command("gdbus");
    emit.args(["emit", bus, "--object-path", path, "--signal", signal, &value.to_string()]);
    emit.status().ok()?.success().then_some(())
}

/// Ends the session while the user visits its page, and emits this signal until the window shows the end.
async fn shows_the_end_after(mut env: TestEnv, bus: &str, path: &str, signal: &str) -> Result<()> {
    let application = visits_account(&mut env).await?;
    env.environment.end_sessions_of(ADA);
    application.is_headed("Ada Lovelace").await?;
    ensure!(refreshes(&env) == 0, "it was refreshed before the return");
    // The signal is lost while there is no subscriber.
    until("the end of the session", async || {
        emits(&env, bus, path, signal, true)?;
        emits(&env, bus, path, signal, false)?;
        application.text().await.ok()?.contains("Please sign in again").then_some(())
    })
    .await?;
    ensure!(refreshes(&env) == 1, "{} refreshes", refreshes(&env));
    env.desktop.has_behind("Latchkey").await.map(drop)
}

// req: N6
#[tokio::test(flavor = "multi_thread")]
async fn unlocked_screen_shows_that_the_session_has_ended() -> Result<()> {
    let signal = "org.freedesktop.ScreenSaver.ActiveChanged";
    let env = TestEnv::usual().await?;
    shows_the_end_after(env, "--session", "/org/freedesktop/ScreenSaver", signal).await
}

// req: N6
#[tokio::test(flavor = "multi_thread")]
async fn woken_computer_shows_that_the_session_has_ended() -> Result<()> {
    let signal = "org.freedesktop.login1.Manager.PrepareForSleep";
    let mut env = TestEnv::usual().await?;
    env.desktop.starts_system_bus()?;
    shows_the_end_after(env, "--system", "/org/freedesktop/login1", signal).await
}
