//! The delivery of links by the desktop, and a desktop that delivers them to another program.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, TestEnv, until};
use scalekit_auth_native::HttpClient;

use crate::ADA;

/// A sign-in that waits for the browser, and the link that completes it.
async fn waiting() -> Result<(TestEnv, Application, String)> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    let link = env.environment.sign_in_as(ADA, page.as_str())?;
    Ok((env, application, link))
}

// req: B13
#[tokio::test(flavor = "multi_thread")]
async fn deep_link_with_special_characters_arrives_unchanged() -> Result<()> {
    let (env, application, link) = waiting().await?;
    // A desktop that truncates or decodes the link would also damage code and state.
    let (address, query) = link.split_once('?').context("no query")?;
    let link = format!("{address}?note=a%20b%26c%7C+d|e~'f'(g)&{query}");
    ensure!(env.desktop.command("gio").args(["open", &link]).status()?.success());
    application.is_headed("Ada Lovelace").await?;
    application.quit()
}

// req: B14
#[tokio::test(flavor = "multi_thread")]
async fn deep_link_beside_options_is_a_plain_start() -> Result<()> {
    let (env, application, link) = waiting().await?;
    for arguments in
        [vec!["--inspect", &*link], vec![&link, "--remote-debugging-port=9"], vec![&link, &link]]
    {
        let mut second = env.desktop.command(Application::program()?);
        ensure!(second.args(&arguments).status()?.success(), "{arguments:?}");
    }
    application.button("Cancel").await?;
    ensure!(env.environment.requests_to("/oauth/token").is_empty(), "a link was taken");
    env.open_link(&link)?;
    application.is_headed("Ada Lovelace").await?;
    application.quit()
}

/// Makes the desktop start another program for the application's links.
fn takes(env: &TestEnv) -> Result<PathBuf> {
    let home = env.desktop.home();
    let thief = home.join("thief");
    // A binary: a script would be reported as one that may start this application.
    fs::copy("/bin/true", &thief)?;
    fs::write(
        home.join(".local/share/applications/thief.desktop"),
        format!(
            "[Desktop Entry]\nType=Application\nName=Thief\nExec={} %u\nMimeType=x-scheme-handler/io.latchkey.desktop;\n",
            thief.display()
        ),
    )?;
    // The desktop's own list takes precedence over the one that the application writes.
    fs::write(
        home.join(".config/gnome-mimeapps.list"),
        "[Default Applications]\nx-scheme-handler/io.latchkey.desktop=thief.desktop\n",
    )?;
    Ok(thief)
}

// req: B15, X25
#[tokio::test(flavor = "multi_thread")]
async fn scheme_hijack_is_shown_and_stolen_code_is_useless() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let thief = takes(&env)?;
    let application = env.application().await?;
    application.shows("Another program has taken the links").await?;
    application.shows_in_details(&thief.display().to_string()).await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    application.shows("Another program has taken the links").await?;
    let link = env.environment.sign_in_as(ADA, page.as_str())?;
    ensure!(env.desktop.command("gio").args(["open", &link]).status()?.success());
    application.button("Cancel").await?;
    // The other program has got a code that only this process, with its code verifier, can use.
    let code = url::Url::parse(&link)?;
    let code = code.query_pairs().find(|(name, _)| name == "code").context("no code")?.1;
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=io.latchkey.desktop://callback&client_id={}",
        env.environment.client_id()
    );
    let request = http::Request::post(format!("{}/oauth/token", env.environment.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_bytes())?;
    let response = HttpClient::new("thief/0").send(request).await;
    let status = response.map_err(|why| anyhow::anyhow!("{why}"))?.status;
    ensure!(status == 400, "the environment responded {status}");
    application.quit()
}

/// A sign-in that waits, and the link that completes it, for an application on a prepared desktop.
async fn waiting_at(env: &mut TestEnv, application: &Application) -> Result<String> {
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    Ok(env.environment.sign_in_as(ADA, page.as_str())?)
}

// req: X32
#[tokio::test(flavor = "multi_thread")]
async fn xdg_open_and_gio_deliver_links_and_keep_mimeapps_symlink() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let home = env.desktop.home();
    let (list, target) = (home.join(".config/mimeapps.list"), home.join("dotfiles"));
    fs::rename(&list, &target)?;
    std::os::unix::fs::symlink(&target, &list)?;
    let application = env.application().await?;
    for desktop in [None, Some(""), Some("sway"), Some("Hyprland"), Some("i3"), Some("GNOME")] {
        let link = waiting_at(&mut env, &application).await?;
        let mut open = env.desktop.command("xdg-open");
        match desktop {
            Some(name) => open.env("XDG_CURRENT_DESKTOP", name),
            None => open.env_remove("XDG_CURRENT_DESKTOP"),
        };
        let opened = open.arg(&link).status()?;
        ensure!(opened.success(), "xdg-open failed at {desktop:?}");
        application.is_headed("Ada Lovelace").await?;
        application.press("Sign out").await?;
        application.is_headed("You are signed out").await?;
        env.browser.is_opened().await?;
    }
    let link = waiting_at(&mut env, &application).await?;
    ensure!(env.desktop.command("gio").args(["open", &link]).status()?.success());
    application.is_headed("Ada Lovelace").await?;
    ensure!(fs::symlink_metadata(&list)?.is_symlink(), "the list was replaced");
    application.quit()
}

/// Opens links by this command at an application whose path needs quotes.
async fn reaches_a_path_with_a_space(open: &[&str], desktop: Option<&str>) -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let program = env.desktop.home().join("my apps/latchkey");
    fs::create_dir(env.desktop.home().join("my apps"))?;
    fs::copy(Application::program()?, &program)?;
    let application = Application::start_program(&env.desktop, &program).await?;
    let link = waiting_at(&mut env, &application).await?;
    let mut command = env.desktop.command(open[0]);
    command.args(&open[1..]).arg(&link).env_remove("XDG_CURRENT_DESKTOP");
    command.envs(desktop.map(|name| ("XDG_CURRENT_DESKTOP", name)));
    ensure!(command.status()?.success(), "{open:?} failed at {desktop:?}");
    application.is_headed("Ada Lovelace").await
}

// req: X32
#[tokio::test(flavor = "multi_thread")]
async fn xdg_open_without_desktop_name_reaches_path_with_a_space() -> Result<()> {
    reaches_a_path_with_a_space(&["xdg-open"], None).await
}

// req: X32
#[tokio::test(flavor = "multi_thread")]
async fn gio_open_reaches_path_with_a_space() -> Result<()> {
    reaches_a_path_with_a_space(&["gio", "open"], Some("GNOME")).await
}

// req: X33
#[tokio::test(flavor = "multi_thread")]
async fn scheme_without_handler_is_shown_before_sign_in() -> Result<()> {
    let env = TestEnv::usual().await?;
    let home = env.desktop.home();
    // Neither the entry nor the list can be written.
    fs::create_dir(home.join(".local/share/applications/latchkey-handler.desktop"))?;
    let list = home.join(".config/mimeapps.list");
    let text = fs::read_to_string(&list)?;
    fs::write(&list, format!("{text}x-scheme-handler/io.latchkey.desktop=gone.desktop\n"))?;
    fs::set_permissions(&list, std::os::unix::fs::PermissionsExt::from_mode(0o444))?;
    let application = env.application().await?;
    application.shows("Links do not lead back here").await?;
    application.button("Sign in").await.map(drop)
}

// req: X33
#[tokio::test(flavor = "multi_thread")]
async fn scheme_without_xdg_utils_is_shown_before_sign_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    // The program that drives the window, and no other.
    let few = env.desktop.home().join("few");
    fs::create_dir(&few)?;
    std::os::unix::fs::symlink("/usr/bin/WebKitWebDriver", few.join("WebKitWebDriver"))?;
    env.desktop.set("PATH", few.display().to_string());
    let application = env.application().await?;
    application.shows("Links do not lead back here").await?;
    application.button("Sign in").await.map(drop)
}

// req: X32
#[tokio::test(flavor = "multi_thread")]
async fn scheme_in_read_only_mimeapps_list_delivers_links() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let list = env.desktop.home().join(".config/mimeapps.list");
    env.application().await?.quit()?;
    let before = fs::read_to_string(&list)?;
    fs::set_permissions(&list, std::os::unix::fs::PermissionsExt::from_mode(0o444))?;
    // A start that registers the scheme again.
    fs::remove_file(env.desktop.home().join(".local/share/applications/latchkey-handler.desktop"))?;
    let application = env.application().await?;
    let link = waiting_at(&mut env, &application).await?;
    ensure!(!application.text().await?.contains("Links"), "a problem is shown");
    ensure!(env.desktop.command("gio").args(["open", &link]).status()?.success());
    application.is_headed("Ada Lovelace").await?;
    ensure!(fs::read_to_string(&list)? == before, "the list was changed");
    ensure!(fs::metadata(&list)?.permissions().readonly(), "the list was replaced");
    application.quit()
}

/// Makes the desktop start a script for the application's links.
fn wraps(env: &TestEnv, script: &str) -> Result<()> {
    let home = env.desktop.home();
    let wrapper = home.join("wrapper");
    fs::write(&wrapper, format!("#!/bin/sh\n{script}\n"))?;
    fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    fs::write(
        home.join(".local/share/applications/wrapper.desktop"),
        format!("[Desktop Entry]\nType=Application\nName=Wrapper\nExec={} %u\n", wrapper.display()),
    )?;
    Ok(fs::write(
        home.join(".config/gnome-mimeapps.list"),
        "[Default Applications]\nx-scheme-handler/io.latchkey.desktop=wrapper.desktop\n",
    )?)
}

/// The record of a probe link that has arrived.
fn proof(env: &TestEnv) -> Option<String> {
    let file = env.desktop.home().join(".local/share/io.latchkey.desktop/links-proved");
    let record = fs::read_to_string(file).ok()?;
    (!record.starts_with("sent\n") && !record.starts_with("lost\n")).then_some(record)
}

// req: X33
#[tokio::test(flavor = "multi_thread")]
async fn scheme_handler_script_is_proved_once_or_shown() -> Result<()> {
    let env = TestEnv::usual().await?;
    let program = Application::program()?;
    let starts = env.desktop.home().join("starts");
    let script = format!("echo started >> {}; exec {} \"$@\"", starts.display(), program.display());
    wraps(&env, &script)?;
    let application = env.application().await?;
    until("the proof", async || proof(&env)).await?;
    application.button("Sign in").await?;
    ensure!(!application.text().await?.contains("Links"), "a problem is shown");
    // A probe link of another sender, at another time, has no effect: no message, no second window.
    let thief = "io.latchkey.desktop://here?nonce=00112233445566778899aabbccddeeff";
    env.desktop.brings_to_front("chromium")?;
    env.desktop.has_behind("Latchkey").await?;
    env.open_link(thief)?;
    // A link after it that is shown: the one before has been processed.
    env.open_link("io.latchkey.desktop://login")?;
    application.shows("It does not say who sent it.").await?;
    ensure!(env.desktop.window_in_front()? != "Latchkey", "a probe raised the window");
    application.quit()?;
    env.open_link(thief)?;
    ensure!(!env.desktop.has_window("latchkey"), "a probe started the application");
    let application = env.application().await?;
    application.button("Sign in").await?;
    ensure!(fs::read_to_string(&starts)?.lines().count() == 1, "it is not proved at each start");
    application.quit()?;
    wraps(&env, "exit 0")?;
    let application = env.application().await?;
    application.shows("Links may not lead back here").await
}

// req: X34
#[tokio::test(flavor = "multi_thread")]
async fn second_instance_that_misses_the_primary_exits_with_1() -> Result<()> {
    let (env, application, link) = waiting().await?;
    let elsewhere = env.desktop.home().join("elsewhere");
    let mut second = env.desktop.command(Application::program()?);
    let mut second = second.arg(&link).env("XDG_DATA_HOME", elsewhere).spawn()?;
    env.desktop.has_in_front("Latchkey cannot go on").await?;
    env.desktop.press_key("Escape")?;
    ensure!(second.wait()?.code() == Some(1), "it ended well");
    application.button("Cancel").await?;
    Ok(())
}

/// Starts the application with its data folder on a read-only file system, as it is to a user who cannot write there.
fn without_data(env: &TestEnv) -> Result<Command> {
    let data = "$XDG_DATA_HOME/io.latchkey.desktop";
    let mut start = env.desktop.application_after(&format!(
        "mkdir -p {data}; mount -t tmpfs -o ro,mode=0500 data {data}; exec"
    ))?;
    start.stderr(Stdio::piped());
    Ok(start)
}

/// A link that starts no sign-in by itself.
const LINK: &str = "io.latchkey.desktop://callback?code=1&state=1";

/// A second instance with a link forwards it where neither instance can write into its data folder.
async fn forwards_link_without_data(bus: Option<&str>) -> Result<()> {
    let mut env = TestEnv::usual().await?;
    if let Some(bus) = bus {
        env.desktop.set("DBUS_SESSION_BUS_ADDRESS", bus);
    }
    let mut first = without_data(&env)?.spawn()?;
    until("the window", async || env.desktop.has_window("latchkey").then_some(())).await?;
    let mut second = without_data(&env)?.arg(LINK).spawn()?;
    let ended = || std::future::ready(second.try_wait().ok().flatten());
    let ended = until("the end of the second instance", ended).await?;
    ensure!(ended.success(), "the second instance ended with {ended}");
    ensure!(first.try_wait()?.is_none(), "the first instance has ended");
    env.close_application()?;
    first.wait()?;
    Ok(())
}

/// A bus address without a listener.
const NO_BUS: &str = "unix:path=/nonexistent";

// req: X34
#[tokio::test(flavor = "multi_thread")]
async fn link_is_forwarded_with_an_unwritable_data_folder() -> Result<()> {
    forwards_link_without_data(None).await
}

// req: X34
#[tokio::test(flavor = "multi_thread")]
async fn link_is_forwarded_without_data_folder_and_session_bus() -> Result<()> {
    forwards_link_without_data(Some(NO_BUS)).await
}

/// A second instance with a link cannot write into the data folder that the primary instance uses.
async fn misses_the_primary(bus: Option<&str>, sentence: &str) -> Result<()> {
    let (env, application, _) = waiting().await?;
    let mut second = without_data(&env)?;
    if let Some(bus) = bus {
        second.env("DBUS_SESSION_BUS_ADDRESS", bus);
    }
    let second = second.arg(LINK).spawn()?;
    env.desktop.has_in_front("Latchkey cannot go on").await?;
    env.desktop.press_key("Escape")?;
    let ended = second.wait_with_output()?;
    let output = String::from_utf8(ended.stderr)?;
    ensure!(ended.status.code() == Some(1), "it ended with {}: {output}", ended.status);
    ensure!(output.contains(sentence), "{output}");
    application.button("Cancel").await?;
    application.quit()
}

// req: X34
#[tokio::test(flavor = "multi_thread")]
async fn link_with_an_unwritable_data_folder_exits_with_1() -> Result<()> {
    misses_the_primary(None, "Latchkey is running already, but this start cannot find it").await
}

// req: X34
#[tokio::test(flavor = "multi_thread")]
async fn link_without_data_folder_and_session_bus_exits_with_1() -> Result<()> {
    misses_the_primary(Some(NO_BUS), "cannot find out whether it is running already").await
}

/// As with a package, whose installer has registered the scheme: the program registers nothing.
// req: X33
#[tokio::test(flavor = "multi_thread")]
async fn registered_scheme_without_probe_is_probed_once() -> Result<()> {
    let env = TestEnv::usual().await?;
    let proved = env.desktop.home().join(".local/share/io.latchkey.desktop/links-proved");
    let application = env.application().await?;
    until("the proof of the registration", async || proof(&env)).await?;
    application.quit()?;
    fs::remove_file(&proved)?;
    let application = env.application().await?;
    let record = until("the proof of what is registered", async || proof(&env)).await?;
    application.button("Sign in").await?;
    ensure!(!application.text().await?.contains("Links"), "a problem is shown");
    application.quit()?;
    // A lost probe link is recorded too: the user is informed at each start, without another probe.
    fs::write(&proved, format!("lost\n{record}"))?;
    let application = env.application().await?;
    application.shows("Links do not lead back here").await?;
    application.press("Set up links again").await?;
    application.no_longer_shows("Links do not lead back here").await?;
    ensure!(proof(&env) == Some(record), "the outcome is not recorded");
    application.quit()
}

// req: M21
#[tokio::test(flavor = "multi_thread")]
async fn scheme_recheck_after_removal_of_hijacker_clears_notice() -> Result<()> {
    let env = TestEnv::usual().await?;
    let thief = takes(&env)?;
    let application = env.application().await?;
    application.shows("Another program has taken the links").await?;
    application.press("Set up links again").await?;
    let is_done = "return document.querySelector('[aria-busy=true]') ? null : true";
    application.script_returns(is_done, 1).await?;
    application.shows_in_details(&thief.display().to_string()).await?;
    fs::remove_file(env.desktop.home().join(".local/share/applications/thief.desktop"))?;
    // The application's own desktop entry was removed meanwhile.
    let home = env.desktop.home();
    let entry = home.join(".local/share/applications/latchkey-handler.desktop");
    fs::remove_file(&entry)?;
    application.press("Set up links again").await?;
    application.no_longer_shows("Another program has taken the links").await?;
    ensure!(!application.text().await?.contains("Links"), "another problem is shown");
    ensure!(entry.exists(), "the scheme was not registered again");
    ensure!(proof(&env).is_some(), "not proved");
    application.quit()
}
