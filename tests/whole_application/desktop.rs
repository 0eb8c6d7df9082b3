//! Failures of the user's desktop.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use latchkey_tests::{
    Application, Portal, StoredSession, TestEnv, TestOptions, unresponsive_services, until,
};
use rustix::process::{Pid, Signal, kill_process};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

use crate::ADA;

/// Kills the web process, as the system does for lack of memory, and waits for the next one.
fn kill_page(env: &TestEnv) -> Result<()> {
    let page = env
        .desktop
        .processes()
        .into_iter()
        .find(|(_, program)| program.ends_with("WebKitWebProcess"))
        .context("nothing draws the page")?
        .0;
    let page = Pid::from_raw(page.try_into()?).context("no process id")?;
    Ok(kill_process(page, Signal::KILL)?)
}

/// The position of the middle of this control in the window. WebDriver does not survive the web process.
async fn place_of(application: &Application, kind: &str, name: &str) -> Result<(i64, i64)> {
    let script = format!(
        "const control = [...document.querySelectorAll('{kind}')].find((one) => (one.getAttribute('aria-label') ?? one.textContent.trim()) === '{name}').getBoundingClientRect(); return [control.x + control.width / 2, control.y + control.height / 2].map(Math.round)"
    );
    application.shows(name).await?;
    Ok(serde_json::from_value(application.run_script(&script).await?)?)
}

/// Clicks there until the application has opened another page.
async fn opens_a_page_by_hand(env: &mut TestEnv, place: (i64, i64)) -> Result<()> {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while env.browser.times_opened_meanwhile().await? == 0 {
        ensure!(
            std::time::Instant::now() < deadline,
            "clicked in vain for the button to do something"
        );
        // The window is briefly missing while the page is reloaded.
        let _ = env.desktop.clicks("latchkey", place);
    }
    Ok(())
}

// req: X27
#[tokio::test(flavor = "multi_thread")]
async fn webview_crash_reloads_the_page_and_a_second_one_is_shown() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let place = place_of(&application, "button", "Manage account").await?;
    let process = application.process()?;
    kill_page(&env)?;
    opens_a_page_by_hand(&mut env, place).await?;
    kill_page(&env)?;
    env.desktop.has_in_front("Latchkey has a problem").await?;
    env.desktop.press_key("Escape")?;
    opens_a_page_by_hand(&mut env, place).await?;
    ensure!(application.process()? == process, "another program was started");
    ensure!(env.environment.requests_to("/oauth/authorize").len() == 1, "signed in once");
    application.quit()
}

// req: X29
#[tokio::test(flavor = "multi_thread")]
async fn deep_link_arrives_when_home_supports_no_sockets() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.takes_no_sockets_at_home()?;
    let application = env.signed_in_as(ADA).await?;
    ensure!(!env.desktop.home().join(".local/share/io.latchkey.desktop/instance/socket").exists());
    application.quit()
}

// req: X39
#[tokio::test(flavor = "multi_thread")]
async fn start_without_sockets_is_reported_by_both_instances() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.takes_no_sockets_anywhere()?;
    let application = env.application().await?;
    application.shows("Links cannot reach this application").await?;
    application.shows("a second start cannot hand its link over").await?;
    application.button("Sign in").await?;
    let mut second = env.desktop.command(Application::program()?);
    second.arg("io.latchkey.desktop://callback?code=1&state=1");
    let second = second.stderr(std::process::Stdio::piped()).spawn()?;
    env.desktop.has_in_front("Latchkey cannot go on").await?;
    env.desktop.press_key("Escape")?;
    let ended = second.wait_with_output()?;
    let output = String::from_utf8(ended.stderr)?;
    ensure!(ended.status.code() == Some(1), "it ended with {}", ended.status);
    ensure!(output.contains("it has no socket"), "{output}");
    application.quit()
}

// req: M20
#[tokio::test(flavor = "multi_thread")]
async fn window_events_report_to_the_session_whether_app_is_in_use() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    let becomes = async |wanted: bool| {
        let is_reported = || (application.is_in_use() == Some(wanted)).then_some(());
        until(&format!("in use: {wanted}"), async || is_reported()).await
    };
    application.button("Sign in").await?;
    env.desktop.brings_to_front("latchkey.Latchkey")?;
    becomes(true).await?;
    env.desktop.minimizes("latchkey")?;
    becomes(false).await?;
    env.desktop.brings_to_front("latchkey.Latchkey")?;
    becomes(true).await?;
    application.quit()
}

// req: X28
#[tokio::test(flavor = "multi_thread")]
async fn keychain_record_of_non_ascii_profile_is_ascii() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as("fatima@qarawiyyin.example").await?;
    let stored = StoredSession::session(&env.desktop)?.context("no session")?;
    ensure!(stored.text.is_ascii(), "the record is not ASCII");
    ensure!(stored.record["profile"]["name"] == "فاطمة الفهرية");
    application.quit()?;
    let application = env.application().await?;
    application.is_headed("فاطمة الفهرية").await
}

// req: X30
#[tokio::test(flavor = "multi_thread")]
async fn hardened_window_follows_the_desktop_color_scheme() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let portal = Portal::start_dark(&env.desktop).await?;
    env.desktop.set("LATCHKEY_HARDENED", "1");
    // WebKit shows a page with a driver in light colours, whatever the desktop prefers.
    env.desktop.starts_application()?;
    let becomes = async |wanted: std::ops::Range<f64>| {
        let lightness = || env.desktop.lightness("latchkey");
        until("the window's colours", async || lightness().filter(|one| wanted.contains(one))).await
    };
    becomes(0.0..0.3).await?;
    portal.becomes_light().await?;
    becomes(0.7..1.0).await?;
    Ok(())
}

/// The time from the start to the first view.
async fn time_to_view(env: &TestEnv) -> Result<Duration> {
    let began = Instant::now();
    let application = env.application().await?;
    application.button("Sign in").await?;
    let took = began.elapsed();
    application.quit()?;
    Ok(took)
}

/// Longer than the timeout of one second and shorter than those of GTK and WebKit, which are 15 s and more.
const MAX_DELAY: Duration = Duration::from_secs(2);

/// The pairs of starts of which one has to show that the window does not wait: other work delays single starts, and a
/// hang delays each.
const PAIRS: usize = 4;

/// Whether a hang does not delay the window: `pair` measures a start with it, and one without.
async fn is_not_delayed(mut pair: impl AsyncFnMut() -> Result<(Duration, Duration)>) -> Result<()> {
    let mut found = Vec::new();
    for _ in 0..PAIRS {
        let (hanging, usual) = pair().await?;
        if hanging < usual + MAX_DELAY {
            return Ok(());
        }
        found.push((hanging, usual));
    }
    bail!("the window came after the first of these, usually after the second: {found:?}");
}

/// The window is not later than without a hang where this name on the session bus never responds.
async fn window_does_not_wait_for(name: &str) -> Result<()> {
    let mut env = TestEnv::usual().await?;
    is_not_delayed(async || {
        let unresponsive = unresponsive_services(&env.desktop, &[name]).await?;
        env.desktop.set("NO_AT_BRIDGE", "0");
        let hanging = time_to_view(&env).await?;
        drop(unresponsive);
        env.desktop.set("NO_AT_BRIDGE", "1");
        Ok((hanging, time_to_view(&env).await?))
    })
    .await
}

// req: X31
#[tokio::test(flavor = "multi_thread")]
async fn hanging_portal_delays_the_window_by_less_than_2_s() -> Result<()> {
    window_does_not_wait_for("org.freedesktop.portal.Desktop").await
}

// req: X31
#[tokio::test(flavor = "multi_thread")]
async fn hanging_a11y_bus_delays_the_window_by_less_than_2_s() -> Result<()> {
    window_does_not_wait_for("org.a11y.Bus").await
}

/// The time from the start to the window, without the keychain.
async fn time_to_window(env: &TestEnv, bus: &str) -> Result<Duration> {
    let mut program = env.desktop.command(Application::program()?);
    program.env("DBUS_SESSION_BUS_ADDRESS", bus);
    let began = Instant::now();
    let mut program = program.spawn()?;
    until("the window", async || env.desktop.has_window("latchkey").then_some(())).await?;
    let took = began.elapsed();
    program.kill()?;
    program.wait()?;
    until("its end", async || (!env.desktop.has_window("latchkey")).then_some(())).await?;
    Ok(took)
}

// req: X31
#[tokio::test(flavor = "multi_thread")]
async fn hanging_session_bus_delays_the_window_by_less_than_2_s() -> Result<()> {
    let env = TestEnv::usual().await?;
    let usual = env.desktop.bus_address().context("there is no bus")?;
    // Connections are established by the system and never accepted.
    let socket = env.desktop.home().join("unresponsive-bus");
    let _silent = std::os::unix::net::UnixListener::bind(&socket)?;
    let unresponsive = format!("unix:path={}", socket.display());
    is_not_delayed(async || {
        Ok((time_to_window(&env, &unresponsive).await?, time_to_window(&env, usual).await?))
    })
    .await
}

/// A proxy that requires authentication; returns its port, and its first request.
pub async fn proxy() -> Result<(u16, JoinHandle<Result<String>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let request = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await?;
        let mut request = [0; 4096];
        let read = connection.read(&mut request).await?;
        let response = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(response).await?;
        Ok(String::from_utf8_lossy(&request[..read]).lines().next().unwrap_or_default().to_owned())
    });
    Ok((port, request))
}

/// Sets the proxy in the desktop's settings.
fn write_desktop_proxy(env: &TestEnv, port: u16) -> Result<()> {
    write_desktop_settings(
        env,
        &format!(
            "[system/proxy]\nmode='manual'\n[system/proxy/https]\nhost='127.0.0.1'\nport={port}\n"
        ),
    )
}

/// Sets a PAC script in the desktop's settings.
fn write_desktop_script(env: &TestEnv, port: u16) -> Result<()> {
    let script = write_script(env, port)?;
    write_desktop_settings(
        env,
        &format!("[system/proxy]\nmode='auto'\nautoconfig-url='file://{}'\n", script.display()),
    )
}

fn write_desktop_settings(env: &TestEnv, text: &str) -> Result<()> {
    let settings = env.desktop.home().join(".config/glib-2.0/settings");
    fs::create_dir_all(&settings)?;
    Ok(fs::write(settings.join("keyfile"), text)?)
}

/// A PAC script with this proxy for the environment.
fn write_script(env: &TestEnv, port: u16) -> Result<PathBuf> {
    let script = env.desktop.home().join("proxy.pac");
    fs::write(
        &script,
        format!(
            "function FindProxyForURL(url, host) {{ \
             return host == \"acme.scalekit.example\" ? \"PROXY 127.0.0.1:{port}\" : \"DIRECT\"; }}"
        ),
    )?;
    Ok(script)
}

/// An application whose sign-in has used the proxy of the desktop's settings, and shows its response.
async fn uses_the_desktop_proxy(
    settings: fn(&TestEnv, u16) -> Result<()>,
) -> Result<(TestEnv, Application)> {
    let mut env = TestEnv::set(TestOptions { configured: false, ..TestOptions::default() }).await?;
    let (port, request) = proxy().await?;
    settings(&env, port)?;
    env.desktop.set("GSETTINGS_BACKEND", "keyfile");
    env.desktop.set("SCALEKIT_ENVIRONMENT_URL", "https://acme.scalekit.example");
    env.desktop.set("SCALEKIT_CLIENT_ID", "skc_1");
    let application = env.application().await?;
    application.press("Sign in").await?;
    application.shows("The proxy wants a sign-in").await?;
    ensure!(
        request.await?? == "CONNECT acme.scalekit.example:443 HTTP/1.1",
        "another request was sent"
    );
    Ok((env, application))
}

// req: X35
#[tokio::test(flavor = "multi_thread")]
async fn proxy_changed_while_running_is_used() -> Result<()> {
    let (env, application) = uses_the_desktop_proxy(write_desktop_proxy).await?;
    let (port, request) = proxy().await?;
    write_desktop_proxy(&env, port)?;
    // The application gets the change of the settings some time after it.
    let deadline = Instant::now() + Duration::from_secs(60);
    while !request.is_finished() {
        ensure!(Instant::now() < deadline, "the other proxy gets no request");
        application.press("Sign in").await?;
    }
    ensure!(
        request.await?? == "CONNECT acme.scalekit.example:443 HTTP/1.1",
        "another request was sent"
    );
    application.shows("The proxy wants a sign-in").await
}

// req: X35
#[tokio::test(flavor = "multi_thread")]
async fn desktop_proxy_is_used_and_its_407_is_shown() -> Result<()> {
    let (_env, _application) = uses_the_desktop_proxy(write_desktop_proxy).await?;
    Ok(())
}

// req: X35
#[tokio::test(flavor = "multi_thread")]
async fn desktop_proxy_auto_config_script_is_used() -> Result<()> {
    let (_env, _application) = uses_the_desktop_proxy(write_desktop_script).await?;
    Ok(())
}

/// Uses a proxy of KDE's settings, by address or by a PAC script.
async fn kde_proxy_is_used(settings: impl FnOnce(&TestEnv, u16) -> Result<String>) -> Result<()> {
    let mut env = TestEnv::set(TestOptions { configured: false, ..TestOptions::default() }).await?;
    let (port, request) = proxy().await?;
    let settings = settings(&env, port)?;
    fs::create_dir_all(env.desktop.home().join(".config"))?;
    fs::write(env.desktop.home().join(".config/kioslaverc"), settings)?;
    for (name, value) in
        [("XDG_CURRENT_DESKTOP", "KDE"), ("KDE_FULL_SESSION", "true"), ("KDE_SESSION_VERSION", "5")]
    {
        env.desktop.set(name, value);
    }
    env.desktop.set("SCALEKIT_ENVIRONMENT_URL", "https://acme.scalekit.example");
    env.desktop.set("SCALEKIT_CLIENT_ID", "skc_1");
    let application = env.application().await?;
    application.press("Sign in").await?;
    application.shows("The proxy wants a sign-in").await?;
    ensure!(
        request.await?? == "CONNECT acme.scalekit.example:443 HTTP/1.1",
        "another request was sent"
    );
    Ok(())
}

// req: X35
#[tokio::test(flavor = "multi_thread")]
async fn kde_proxy_settings_are_used() -> Result<()> {
    kde_proxy_is_used(|_, port| {
        Ok(format!("[Proxy Settings]\nProxyType=1\nhttpsProxy=http://127.0.0.1 {port}\n"))
    })
    .await
}

// req: X35
#[tokio::test(flavor = "multi_thread")]
async fn kde_proxy_auto_config_script_is_used() -> Result<()> {
    kde_proxy_is_used(|env, port| {
        let script = write_script(env, port)?;
        let script = script.display();
        Ok(format!("[Proxy Settings]\nProxyType=2\nProxy Config Script=file://{script}\n"))
    })
    .await
}

/// Set in the process that is killed.
const KILLED: &str = "LATCHKEY_TESTS_KILLED";

/// The middle of a test: the browser is open, and a process runs that has none of the desktop's variables.
#[expect(clippy::print_stdout, reason = "for the process that kills this one")]
async fn runs_until_it_is_killed() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let mut hidden = env.desktop.command("sh");
    let mut hidden = hidden.args(["-c", "env -i sleep 1000; :"]).spawn()?;
    let started =
        |parent: u32| fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let child = until("the hidden process", async || {
        started(hidden.id()).ok().filter(|children| !children.trim().is_empty())
    })
    .await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    let all: Vec<_> = env.desktop.processes().iter().map(|(id, _)| id.to_string()).collect();
    println!("\nprocesses {} {}", all.join(" "), child.trim());
    hidden.wait()?;
    Ok(())
}

// req: X38
#[tokio::test(flavor = "multi_thread")]
async fn killed_test_leaves_no_browser_or_process_behind() -> Result<()> {
    if std::env::var_os(KILLED).is_some() {
        return runs_until_it_is_killed().await;
    }
    let name = "desktop::killed_test_leaves_no_browser_or_process_behind";
    let mut test = tokio::process::Command::new(std::env::current_exe()?);
    test.args([name, "--exact", "--nocapture"]).env(KILLED, "1");
    let mut test = test.stdout(std::process::Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(test.stdout.take().context("no output")?).lines();
    let processes = loop {
        let line = lines.next_line().await?.context("the test has ended")?;
        if let Some(processes) = line.strip_prefix("processes ") {
            break processes.to_owned();
        }
    };
    ensure!(processes.split(' ').count() > 10, "there is no browser: {processes}");
    test.kill().await?;
    let is_there = |process: &str| {
        let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // A zombie counts as ended.
        state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
    };
    until("the end of everything", async || (!processes.split(' ').any(is_there)).then_some(()))
        .await
}

// req: X37
#[tokio::test(flavor = "multi_thread")]
async fn unset_home_is_that_of_the_user_database() -> Result<()> {
    let env = TestEnv::usual().await?;
    let mut command = env.desktop.command(Application::program()?);
    command.args(["self-check", "--json"]).env_remove("HOME");
    let output = command.output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(!errors.contains("panicked"), "{errors}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    ensure!(report.is_object() || report.is_array(), "{report}");
    Ok(())
}

/// Starts the program with a home that cannot exist, and closes its message box with this title; returns what it
/// writes to standard error.
async fn without_a_home(env: &TestEnv, title: &str) -> Result<String> {
    let mut command = env.desktop.command(Application::program()?);
    command.env("HOME", "/proc/nowhere").env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    command.env_remove("XDG_CACHE_HOME").stderr(std::process::Stdio::piped());
    let program = command.spawn()?;
    env.desktop.has_in_front(title).await?;
    env.desktop.press_key("Escape")?;
    let ended = program.wait_with_output()?;
    ensure!(ended.status.code() == Some(1), "it ended with {}", ended.status);
    Ok(String::from_utf8(ended.stderr)?)
}

// req: X37
#[tokio::test(flavor = "multi_thread")]
async fn unusable_home_is_reported_with_its_path_and_exits_with_1() -> Result<()> {
    let output = without_a_home(&TestEnv::usual().await?, "Latchkey cannot go on").await?;
    ensure!(output.contains("/proc/nowhere/.local/share/io.latchkey.desktop"), "{output}");
    ensure!(!output.contains("panicked"), "{output}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn message_box_has_the_language_of_the_system() -> Result<()> {
    let options = TestOptions { locale: "de_DE.UTF-8", ..TestOptions::default() };
    let env = TestEnv::set(options).await?;
    let output = without_a_home(&env, "Latchkey kann nicht fortfahren").await?;
    ensure!(output.contains("Latchkey cannot start. It needs the folder"), "{output}");
    Ok(())
}

/// Starts the program with this at its home; returns the error message.
async fn startup_error(env: &TestEnv, script: &str) -> Result<String> {
    let mut program = env.desktop.application_after(script)?;
    let program = program.stderr(std::process::Stdio::piped()).spawn()?;
    env.desktop.has_in_front("Latchkey cannot go on").await?;
    env.desktop.press_key("Escape")?;
    let ended = program.wait_with_output()?;
    let output = String::from_utf8(ended.stderr)?;
    ensure!(ended.status.code() == Some(1), "it ended with {}: {output}", ended.status);
    ensure!(!output.contains("panicked"), "{output}");
    Ok(output)
}

// req: X40
#[tokio::test(flavor = "multi_thread")]
async fn hanging_home_is_reported_and_exits_with_failure() -> Result<()> {
    let env = TestEnv::usual().await?;
    let hangs = env.desktop.hangs()?;
    let output = startup_error(&env, &format!("exec {} $HOME", hangs.display())).await?;
    ensure!(output.contains(".local/share/io.latchkey.desktop does not answer"), "{output}");
    Ok(())
}

// req: X40
#[tokio::test(flavor = "multi_thread")]
async fn read_only_empty_home_is_reported_with_its_path() -> Result<()> {
    let env = TestEnv::usual().await?;
    let output = startup_error(&env, "mount -t tmpfs -o ro home $HOME; exec").await?;
    ensure!(output.contains(".local/share/io.latchkey.desktop for its data"), "{output}");
    Ok(())
}

// req: X40
#[tokio::test(flavor = "multi_thread")]
async fn home_on_full_disk_does_not_prevent_the_window() -> Result<()> {
    let env = TestEnv::usual().await?;
    let log = fs::File::create(env.desktop.logs().join("full.log"))?;
    let full = "mount -t tmpfs -o size=64k home $HOME; mkdir -p $HOME/.config $HOME/.cache $HOME/.local/share; head -c 100k /dev/zero > $HOME/filler 2> /dev/null || true; exec";
    let mut program = env.desktop.application_after(full)?;
    let mut program = program.stdout(log.try_clone()?).stderr(log).spawn()?;
    until("the window", async || env.desktop.lightness("latchkey")).await?;
    ensure!(program.try_wait()?.is_none(), "it has ended");
    env.close_application()?;
    let ended = program.wait()?;
    let output = fs::read_to_string(env.desktop.logs().join("full.log"))?;
    ensure!(ended.success() && !output.contains("panicked"), "{ended}: {output}");
    ensure!(output.contains("No space left on device"), "the disk was not full: {output}");
    Ok(())
}

// req: X40
#[tokio::test(flavor = "multi_thread")]
async fn hanging_settings_file_is_reported_in_the_window() -> Result<()> {
    let env = TestEnv::set(TestOptions { configured: false, ..TestOptions::default() }).await?;
    let file = env.desktop.settings_file();
    fs::create_dir_all(file.parent().context("no folder")?)?;
    // Opening a pipe for reading blocks until a writer opens it.
    ensure!(env.desktop.command("mkfifo").arg(&file).status()?.success());
    let application = env.application().await?;
    application.shows("The settings file does not answer").await?;
    application.quit()
}

// req: M22
#[tokio::test(flavor = "multi_thread")]
async fn link_is_copied_on_wayland_without_data_control() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.goes_to_wayland().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    let copy = place_of(&application, "button", "Copy link").await?;
    // The compositor accepts clicks of its own seat, and not those of the driver. The first click brings its window to
    // the front of the browser's.
    env.desktop.clicks_on_wayland((20, 550))?;
    env.desktop.clicks_on_wayland(copy)?;
    application.shows("Copied").await?;
    let pasted = env.desktop.command("timeout").args(["10", "wl-paste", "-n"]).output()?;
    let pasted = String::from_utf8(pasted.stdout)?;
    ensure!(pasted.starts_with(&format!("{}/oauth/authorize?", env.environment.url())), "{pasted}");
    Ok(())
}
