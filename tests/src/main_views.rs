//! The main views of the window, in the order in which a user sees them.

use anyhow::{Context, Result, ensure};
use scalekit_dev::{ADA, LoginStart, ids};
use serde_json::Value;

use crate::{Application, Desktop, TestEnv, until};

/// The class of the application's window.
pub const WINDOW: &str = "latchkey.Latchkey";

/// The window's position: at the screen's corner, so that the browser's window is beside or behind it.
const PLACE: (i32, i32) = (40, 40);

/// The minimum size in `tauri.conf.json`.
const MINIMUM: (u32, u32) = (360, 480);

/// The desktop's setting for large text, a factor by which GTK enlarges text and everything measured by it.
const LARGE_TEXT: (&str, &str) = ("GDK_DPI_SCALE", "2");

/// A script that lists text which is cut off or requires horizontal scrolling.
const UNREADABLE: &str = r#"
const found = [];
const name = (it) => `${it.localName}.${it.className} "${it.textContent.trim().slice(0, 40)}"`;
const boxes = [document.documentElement, document.body, ...document.querySelectorAll("main, aside, dialog")];
for (const box of boxes)
  if (box.clientWidth > 0 && box.scrollWidth > box.clientWidth)
    found.push(`${box.localName} is ${box.scrollWidth} wide in ${box.clientWidth}`);
if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
if (found.length > 0)
  for (const it of document.querySelectorAll("main *, aside *"))
    if (it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1 && it.localName !== "input")
      found.push(`${it.scrollWidth} wide in ${it.clientWidth}: ${name(it)}`);
const isPoint = (box) => box.width <= 1 || box.height <= 1;
for (const it of document.querySelectorAll("main *, aside *")) {
  const box = it.getBoundingClientRect();
  if (box.left < -1 || box.right > innerWidth + 1) found.push(`sticks out by ${Math.round(box.right - innerWidth)}: ${name(it)}`);
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const text = texts.currentNode;
  const parent = text.parentElement;
  // What is as small as a point is for screen readers.
  if (isPoint(parent.getBoundingClientRect())) continue;
  if (text.data.trim() === "" || parent.closest("option, script, style") || !parent.checkVisibility()) continue;
  const range = document.createRange();
  range.selectNodeContents(text);
  const { left, right, top, bottom, width } = range.getBoundingClientRect();
  if (width === 0) continue;
  if (left < -1 || right > innerWidth + 1) found.push(`outside of the window: ${name(parent)}`);
  for (let around = parent; around; around = around.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(around);
    const box = around.getBoundingClientRect();
    if (isPoint(box)) break;
    const cuts = (overflow) => overflow === "hidden" || overflow === "clip";
    if (cuts(overflowX) && (left < box.left - 1 || right > box.right + 1)) found.push(`cut at a side: ${name(parent)}`);
    if (cuts(overflowY) && (top < box.top - 1 || bottom > box.bottom + 1)) found.push(`cut above or below: ${name(parent)}`);
  }
}
return found;
"#;

/// Opens each main view of an application that is not configured yet, and calls `inspect` with its name.
///
/// # Errors
/// When a view is not shown, or `inspect` fails.
pub async fn visit_main_views(
    env: &mut TestEnv,
    application: &Application,
    mut inspect: impl AsyncFnMut(&'static str, &Desktop) -> Result<()>,
) -> Result<()> {
    application.is_headed("Set up Latchkey").await?;
    inspect("set-up", &env.desktop).await?;
    application.enters_within("Environment URL", env.environment.url()).await?;
    application.enters_within("Client ID", env.environment.client_id().as_ref()).await?;
    application.presses_within("Save").await?;
    application.is_headed("Welcome").await?;
    inspect("welcome", &env.desktop).await?;

    application.presses_within("Settings").await?;
    application.shows("Entered in this window").await?;
    inspect("settings", &env.desktop).await?;
    application.presses_within("Close").await?;

    application.presses_within("Sign in").await?;
    env.browser.is_opened().await?;
    application.is_headed("Continue in your browser").await?;
    inspect("waiting", &env.desktop).await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    inspect("profile", &env.desktop).await?;
    application.shows_in_details("reports:write").await?;
    inspect("profile-details", &env.desktop).await?;

    let link = env.environment.login_link(&LoginStart {
        organization_id: Some(ids::BLETCHLEY.to_owned()),
        login_hint: Some("alan@bletchley.example".to_owned()),
        ..LoginStart::default()
    });
    env.open_link(&link)?;
    application.shows("alan@bletchley.example").await?;
    inspect("question", &env.desktop).await?;
    application.presses_within("Not now").await?;
    application.is_headed("Ada Lovelace").await
}

/// Sets the desktop's text to 200 %, for programs that are started later.
pub fn enlarges_text(desktop: &mut Desktop) {
    let (name, value) = LARGE_TEXT;
    desktop.set(name, value);
}

impl Application {
    /// Resizes the window to its minimum.
    ///
    /// # Errors
    /// When it stays larger.
    pub async fn becomes_smallest(&self, desktop: &Desktop) -> Result<()> {
        let size = || async {
            let size = self.run_script("return [outerWidth, outerHeight]").await.ok()?;
            Some((size[0].as_u64()?, size[1].as_u64()?))
        };
        until("the smallest window", || async {
            desktop.places(WINDOW, PLACE, MINIMUM).ok()?;
            let (width, height) = size().await?;
            (width <= MINIMUM.0.into() && height <= MINIMUM.1.into()).then_some(())
        })
        .await
    }

    /// The factor by which the page is enlarged.
    ///
    /// # Errors
    /// When the window does not respond.
    pub async fn text_scale(&self) -> Result<f64> {
        let scale = self.run_script("return outerWidth / innerWidth").await?;
        scale.as_f64().context("no width")
    }

    /// Presses the button with this name by a script: the driver misses elements in an enlarged page.
    async fn presses_within(&self, name: &str) -> Result<()> {
        let script = format!(
            "const button = [...document.querySelectorAll('button')].find((it) => \
               it.textContent.trim() === {name} && !it.ariaDisabled); \
             button?.click(); return button ? true : null",
            name = Value::from(name)
        );
        self.script_returns(&script, 1).await.map(drop)
    }

    /// Enters text into the field with this label by a script.
    async fn enters_within(&self, label: &str, text: &str) -> Result<()> {
        let script = format!(
            "const label = [...document.querySelectorAll('label')].find((it) => it.textContent.trim() === {label}); \
             if (!label) return null; \
             label.control.value = {text}; \
             label.control.dispatchEvent(new Event('input', {{ bubbles: true }})); return true",
            label = Value::from(label),
            text = Value::from(text)
        );
        self.script_returns(&script, 1).await.map(drop)
    }

    /// Text that is cut off or requires horizontal scrolling.
    ///
    /// # Errors
    /// When the window does not respond.
    pub async fn unreadable(&self) -> Result<Vec<String>> {
        let Value::Array(found) = self.run_script(UNREADABLE).await? else {
            anyhow::bail!("the window did not report its text");
        };
        Ok(found.into_iter().map(|it| it.as_str().unwrap_or_default().to_owned()).collect())
    }
}

/// Fails with the text of this view that cannot be read.
///
/// # Errors
/// When there is such text.
pub async fn is_readable(application: &Application, view: &str) -> Result<()> {
    let found = application.unreadable().await?;
    ensure!(found.is_empty(), "{view}: {}", found.join("; "));
    Ok(())
}
