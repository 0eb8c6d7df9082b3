//! Pictures of the real window, as WebKitGTK draws it: the main views in light colours, the profile in dark colours and
//! in Arabic, and the main views in the smallest window with text at 200 %.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use latchkey_tests::{
    Application, Desktop, MIN_COLOURS, TestEnv, TestOptions, WINDOW, enlarges_text, is_readable,
    until, visit_main_views,
};

/// The application's window for `xdotool`.
const CLASS: &str = "latchkey";

/// The mean lightness of the profile in dark colours.
const DARK: std::ops::Range<f64> = 0.001..0.4;

/// The profile has more; the window is shown with some two hundred before its page has drawn the profile.
const MIN_PROFILE_COLOURS: u32 = 400;

#[tokio::main]
async fn main() -> ExitCode {
    let folder =
        std::env::args_os().nth(1).map_or_else(|| "target/gallery/window".into(), PathBuf::from);
    match take(&folder).await {
        Ok(wrong) if wrong.is_empty() => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{}", wrong.join("\n"));
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

/// Takes all pictures. Returns the text that cannot be read on them.
async fn take(folder: &Path) -> Result<Vec<String>> {
    if folder.exists() {
        fs::remove_dir_all(folder).context("the last pictures could not be removed")?;
    }
    fs::create_dir_all(folder)?;
    let mut wrong = Vec::new();
    usual_text(folder, &mut wrong).await?;
    large_text(folder, &mut wrong).await?;
    println!("  pictures of the window: {}", folder.display());
    Ok(wrong)
}

async fn usual_text(folder: &Path, wrong: &mut Vec<String>) -> Result<()> {
    let mut env = unconfigured().await?;
    let application = env.application().await?;
    visit(&mut env, &application, folder, "", wrong).await?;
    application.quit()?;

    prefers(&env.desktop, r#"{"language": "ar"}"#)?;
    let application = env.application().await?;
    application.is_headed("Ada Lovelace").await?;
    picture(&env.desktop, folder, "profile.arabic")?;
    wrong
        .extend(is_readable(&application, "profile.arabic").await.err().map(|why| why.to_string()));
    application.quit()?;

    // WebKit shows a page with a driver in light colours, so this one has none.
    prefers(&env.desktop, r#"{"theme": "dark"}"#)?;
    env.desktop.starts_application()?;
    until("a dark window", async || {
        env.desktop.lightness(CLASS).filter(|lightness| DARK.contains(lightness))
    })
    .await?;
    // The window is shown before the page is drawn.
    until("the profile in it", async || {
        picture_of(&env.desktop, folder, "profile.dark", MIN_PROFILE_COLOURS).ok()
    })
    .await?;
    env.close_application()
}

async fn large_text(folder: &Path, wrong: &mut Vec<String>) -> Result<()> {
    let mut env = unconfigured().await?;
    enlarges_text(&mut env.desktop);
    let application = env.application().await?;
    application.becomes_smallest(&env.desktop).await?;
    visit(&mut env, &application, folder, ".200", wrong).await?;
    application.quit()
}

async fn visit(
    env: &mut TestEnv,
    application: &Application,
    folder: &Path,
    suffix: &str,
    wrong: &mut Vec<String>,
) -> Result<()> {
    visit_main_views(env, application, async |view, desktop| {
        let name = format!("{view}{suffix}");
        picture(desktop, folder, &name)?;
        wrong.extend(is_readable(application, &name).await.err().map(|why| why.to_string()));
        Ok(())
    })
    .await
}

async fn unconfigured() -> Result<TestEnv> {
    TestEnv::set(TestOptions { configured: false, ..TestOptions::default() }).await
}

fn prefers(desktop: &Desktop, preferences: &str) -> Result<()> {
    Ok(fs::write(desktop.settings_file().with_file_name("preferences.json"), preferences)?)
}

fn picture(desktop: &Desktop, folder: &Path, name: &str) -> Result<()> {
    picture_of(desktop, folder, name, MIN_COLOURS)
}

fn picture_of(desktop: &Desktop, folder: &Path, name: &str, min_colours: u32) -> Result<()> {
    desktop.brings_to_front(WINDOW)?;
    let file = folder.join(format!("{name}.png"));
    desktop.settled_window_picture(CLASS, &file, min_colours).with_context(|| name.to_owned())
}
