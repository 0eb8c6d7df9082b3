//! The stored preferences of the window.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, Portal, TestEnv, WINDOW, until};
use serde_json::{Value, json};

fn file(env: &TestEnv) -> PathBuf {
    env.desktop.settings_file().with_file_name("preferences.json")
}

fn prefers(env: &TestEnv, preferences: &str) -> Result<()> {
    fs::create_dir_all(file(env).parent().context("no folder")?)?;
    Ok(fs::write(file(env), preferences)?)
}

fn stored(env: &TestEnv) -> Option<Value> {
    serde_json::from_slice(&fs::read(file(env)).ok()?).ok()
}

/// Calls a command as the page does.
async fn invokes(application: &Application, command: &str, arguments: &Value) -> Result<Value> {
    let script = format!(
        "const done = arguments[arguments.length - 1]; \
         window.__TAURI_INTERNALS__.invoke('{command}', {arguments}).then(done, (why) => done({{ why }}))"
    );
    application.run_async_script(&script).await
}

/// The width of the page in CSS pixels, which are larger with the zoom.
async fn page_width(application: &Application) -> Result<f64> {
    let width = application.run_script("return window.innerWidth").await?;
    width.as_f64().context("no width")
}

#[tokio::test(flavor = "multi_thread")]
async fn window_size_place_and_zoom_survive_a_restart() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    env.desktop.places(WINDOW, (120, 90), (600, 620))?;
    until("the window's place in the file", async || {
        (stored(&env)?["window"]["width"] == 600).then_some(())
    })
    .await?;
    ensure!(invokes(&application, "set_zoom", &json!({"zoom": 1.5})).await? == 1.5);
    let before = until("the zoom", async || {
        page_width(&application).await.ok().filter(|width| *width < 500.0)
    })
    .await?;
    let place = env.desktop.geometry(WINDOW)?;
    application.quit()?;
    let written = stored(&env).context("nothing is stored")?;
    ensure!(written["zoom"] == 1.5, "{written}");

    let application = env.application().await?;
    application.button("Sign in").await?;
    let preferences = invokes(&application, "preferences", &json!({})).await?;
    ensure!(
        preferences == json!({"language": null, "theme": "system", "zoom": 1.5}),
        "{preferences}"
    );
    let after = page_width(&application).await?;
    ensure!((before - after).abs() < 1.0, "the page was {before} wide and is {after}");
    let now = env.desktop.geometry(WINDOW)?;
    ensure!(now == place, "the window was at {place} and is at {now}");
    application.quit()
}

/// Starts the application, whose window gets all later key presses.
async fn starts_in_front(env: &TestEnv) -> Result<Application> {
    let application = env.application().await?;
    application.button("Sign in").await?;
    env.desktop.brings_to_front(WINDOW)?;
    env.desktop.has_in_front("Latchkey").await?;
    Ok(application)
}

/// Waits until the page is enlarged by this factor, from this width.
async fn is_zoomed(application: &Application, factor: f64, usual: f64) -> Result<()> {
    until(&format!("a zoom of {factor}"), async || {
        let width = page_width(application).await.ok()?;
        ((width - usual / factor).abs() < 2.0).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn zoom_keys_zoom_the_page_in_out_and_reset_it() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = starts_in_front(&env).await?;
    let usual = page_width(&application).await?;
    let steps = [("plus", 1.1), ("equal", 1.21), ("minus", 1.1), ("0", 1.0), ("minus", 1.0 / 1.1)];
    for (key, factor) in steps {
        env.desktop.press_key(&format!("ctrl+{key}"))?;
        is_zoomed(&application, factor, usual).await.context(key)?;
    }
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn zoom_by_keys_survives_a_restart() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = starts_in_front(&env).await?;
    let usual = page_width(&application).await?;
    for factor in [1.1, 1.21] {
        env.desktop.press_key("ctrl+plus")?;
        is_zoomed(&application, factor, usual).await?;
    }
    application.quit()?;
    let application = starts_in_front(&env).await?;
    is_zoomed(&application, 1.21, usual).await?;
    // The next step starts from the stored zoom.
    env.desktop.press_key("ctrl+minus")?;
    is_zoomed(&application, 1.1, usual).await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn language_chosen_in_settings_applies_at_once_and_later() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Settings").await?;
    application.choose("Language", "العربية").await?;
    application.is_headed("الإعدادات").await?;
    let direction = "return document.documentElement.lang + ' ' + document.dir";
    ensure!(application.run_script(direction).await? == "ar rtl", "not from right to left");
    application.press("إغلاق").await?;
    application.button("تسجيل الدخول").await?;
    application.quit()?;

    let application = env.application().await?;
    application.button("تسجيل الدخول").await?;
    ensure!(application.run_script(direction).await? == "ar rtl", "not from right to left");
    application.press("الإعدادات").await?;
    application.choose("اللغة", "مثل النظام (\u{2068}English\u{2069})").await?;
    application.is_headed("Settings").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn theme_chosen_in_settings_applies_at_once_and_later() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Settings").await?;
    application.choose("Appearance", "Dark").await?;
    // WebKit shows a page with a driver in light colours, so GTK's colours are read from the log.
    until("dark colours in the log", async || {
        let log = application.log();
        let last = log.lines().rfind(|line| line.contains("the window's colours"))?;
        last.contains("Dark").then_some(())
    })
    .await?;
    application.quit()?;

    env.desktop.starts_application()?;
    until("a dark window", async || {
        env.desktop.lightness("latchkey").filter(|one| (0.001..0.4).contains(one))
    })
    .await?;
    env.close_application()
}

#[tokio::test(flavor = "multi_thread")]
async fn maximized_window_keeps_its_former_size_over_a_restart() -> Result<()> {
    let env = TestEnv::usual().await?;
    let becomes = async |name: &str, value: Value| {
        let is_stored = || (stored(&env)?["window"][name] == value).then_some(());
        until(&format!("{name}: {value} in the file"), async || is_stored()).await
    };
    let is_wide = async |width: &str| {
        let place = || env.desktop.geometry(WINDOW).ok();
        let is_wide = || (place()?.split(' ').nth(2)? == width).then_some(());
        until(&format!("a window {width} wide"), async || is_wide()).await
    };
    let application = env.application().await?;
    application.button("Sign in").await?;
    env.desktop.places(WINDOW, (120, 90), (600, 620))?;
    becomes("width", json!(600)).await?;
    env.desktop.maximizes(WINDOW, true)?;
    becomes("maximized", json!(true)).await?;
    application.quit()?;

    let application = env.application().await?;
    application.button("Sign in").await?;
    is_wide("1280").await?;
    env.desktop.maximizes(WINDOW, false)?;
    is_wide("600").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_theme_precedes_the_desktop_and_system_follows_it() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.set("LATCHKEY_HARDENED", "1");
    let portal = Portal::start_dark(&env.desktop).await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    // WebKit shows a page with a driver in light colours, so GTK's colours are read from the log.
    let becomes = async |colours: &str| {
        let is_logged = || {
            let log = application.log();
            let last = log.lines().rfind(|line| line.contains("the window's colours"))?;
            last.contains(colours).then_some(())
        };
        until(&format!("{colours} in the log"), async || is_logged()).await
    };
    let choose = async |theme: &str| {
        let chosen = json!({"language": "ar", "theme": theme});
        let returned = invokes(&application, "save_preferences", &chosen).await?;
        ensure!(returned["theme"] == theme && returned["language"] == "ar", "{returned}");
        Ok(())
    };
    becomes("Dark").await?;
    choose("light").await?;
    becomes("Others").await?;
    choose("system").await?;
    becomes("Dark").await?;
    choose("dark").await?;
    portal.becomes_light().await?;
    becomes("Dark").await?;
    choose("system").await?;
    becomes("Others").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_theme_is_shown_from_the_start() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let _portal = Portal::start_dark(&env.desktop).await?;
    prefers(&env, r#"{"theme": "light"}"#)?;
    env.desktop.starts_application()?;
    until("a light window", async || {
        env.desktop.lightness("latchkey").filter(|one| (0.7..1.0).contains(one))
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_preferences_file_does_not_delay_the_window() -> Result<()> {
    let env = TestEnv::usual().await?;
    prefers(&env, "")?;
    fs::remove_file(file(&env))?;
    // Opening a pipe for reading blocks until a writer opens it.
    ensure!(env.desktop.command("mkfifo").arg(file(&env)).status()?.success());
    let application = env.application().await?;
    application.button("Sign in").await?;
    let preferences = invokes(&application, "preferences", &json!({})).await?;
    ensure!(preferences["zoom"] == 1.0, "{preferences}");
    ensure!(invokes(&application, "set_zoom", &json!({"zoom": 2})).await? == 2.0);
    application.quit()
}
