//! The speech of a screen reader: the focus events that Orca receives from the window, and its speech.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Heard, ScreenReader, TestEnv, TestOptions, target};
use scalekit_dev::{Endpoint, InjectedFault, LoginStart, Times, ids};
use serde_json::json;

use crate::ADA;

/// The duration of each step of a sign-in, so that none is skipped.
const STEP: Duration = Duration::from_secs(2);

/// The webview as a whole: it has the focus when its window gets it, and between the last control and the first.
const WEBVIEW: &str = "filler";

/// The speech for the webview as a whole.
const WEBVIEW_SPOKEN: &str = "grayed.";

/// The speech for the window itself.
const TITLE: &str = "Latchkey frame.";

/// Orca's messages about the page and the end of its load, which it notices or not: that depends on the load's duration.
const PAGE_LOADED: [&str; 4] =
    ["Loading.", "Finished loading", "Could not find current location.", "Latchkey document web"];

/// The speech for the last step, where the window is in front before that has ended.
const FINISHING: [&str; 2] = ["Finishing sign-in…", "Almost done."];

/// A part of the speech for each step of a sign-in and a sign-out.
const SPOKEN_STEPS: [&str; 5] =
    ["Welcome", "Preparing…", "Continue in your browser", "Ada Lovelace", "You are signed out"];

/// The first step.
const STARTS: &str = "The application starts";

/// The beginning of the line with the host of the sign-in service.
const HOST_LINE: &str = " Sign-in service:";

/// The limit of controls in a view.
const MAX_CONTROLS: usize = 20;

/// The entries of Orca's log by step.
struct Transcript {
    reader: ScreenReader,
    /// Texts that differ in each run, and their placeholders in the transcript.
    differs: [(String, &'static str); 2],
    seen: usize,
    steps: Vec<(String, Vec<Heard>)>,
}

impl Transcript {
    fn of(reader: ScreenReader, env: &TestEnv) -> Self {
        let host = env.environment.url().trim_start_matches("http://").to_owned();
        let differs = [(host, "HOST"), (env.environment.client_id(), "CLIENT")];
        Self { reader, differs, seen: 0, steps: Vec::new() }
    }

    /// Records the entries of a step until all of these are there: the focus first, because WebKit reports it before or
    /// after other changes.
    async fn step(&mut self, name: &str, all: &[Heard]) -> Result<()> {
        self.reader.hears(self.seen, all).await?;
        let mut heard = self.since();
        heard.sort_by_key(|one| matches!(one, Heard::Speech(_)));
        self.steps.push((name.to_owned(), heard));
        Ok(())
    }

    /// Records a step in which the browser comes to the front, which the window manager may report or not: whether the
    /// window's title is spoken afterwards depends on that.
    async fn step_beside_browser(&mut self, name: &str, all: &[Heard]) -> Result<()> {
        let (_, before) = self.steps.last().context("no step")?.clone();
        self.step(name, all).await?;
        self.leaves_out(|spoken| spoken == TITLE)?;
        // The window that is active again repeats its focus, unless that has moved.
        let (_, heard) = self.steps.last_mut().context("no step")?;
        heard.retain(|one| !before.contains(one));
        Ok(())
    }

    /// Removes speech from the last step that differs between runs.
    fn leaves_out(&mut self, varies: impl Fn(&str) -> bool) -> Result<()> {
        let (_, heard) = self.steps.last_mut().context("no step")?;
        heard.retain(|one| !matches!(one, Heard::Speech(spoken) if varies(spoken)));
        Ok(())
    }

    /// The entries since the last step.
    fn since(&mut self) -> Vec<Heard> {
        let mut heard = self.reader.heard().split_off(self.seen);
        self.seen += heard.len();
        // GTK and WebKit may both report the webview as a whole.
        heard.retain(|one| *one != focus(WEBVIEW) && *one != speech(WEBVIEW_SPOKEN));
        let is_of_load = |text: &str| PAGE_LOADED.iter().any(|message| text.starts_with(message));
        heard.retain(|one| !matches!(one, Heard::Speech(text) if is_of_load(text)));
        // Tab selects the text of a field, which is spoken or not, before or after the field itself.
        while let Some(at) = heard.iter().position(|one| *one == speech("selected")) {
            heard.drain(at.saturating_sub(1)..=at);
        }
        heard
    }

    /// Records the entries while Tab moves from this focus through the whole view, until it returns to one before.
    async fn tab(&mut self, env: &TestEnv, view: &str, from: Heard) -> Result<()> {
        let mut places = vec![from];
        let mut heard = Vec::new();
        for _ in 0..MAX_CONTROLS {
            env.desktop.press_key("Tab")?;
            let before = places.last().context("no place")?;
            let focus = self.reader.meets_focus(self.seen, before).await?;
            let since = self.since();
            if places.contains(&focus) {
                self.steps.push((format!("Tab through {view}"), heard));
                return Ok(());
            }
            places.push(focus);
            heard.extend(since);
        }
        anyhow::bail!("there is no end to {view}: {places:?}")
    }

    /// Presses Tab until the focus is there.
    async fn tabs_to(&mut self, env: &TestEnv, place: &str) -> Result<()> {
        let mut before = focus("");
        for _ in 0..MAX_CONTROLS {
            env.desktop.press_key("Tab")?;
            before = match self.reader.meets_focus(self.seen, &before).await {
                Ok(focus) => focus,
                // The way to it is not tested here: after a lost key press, the key is pressed again.
                Err(_) => {
                    env.desktop.press_key("Tab")?;
                    self.reader.meets_focus(self.seen, &before).await?
                }
            };
            let heard = self.since();
            self.steps.push(("Tab".to_owned(), heard));
            if before == focus(place) {
                return Ok(());
            }
        }
        anyhow::bail!("the focus does not come to {place}:\n{}", self.text())
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (step, heard) in &self.steps {
            writeln!(text, "{step}").unwrap();
            for one in heard {
                let one = one.to_string();
                // The settings, which name the host, are read beside the start, and may come before or after.
                let at_any_time = one.find(HOST_LINE).filter(|_| step == STARTS);
                writeln!(text, "  {}", &one[..at_any_time.unwrap_or(one.len())]).unwrap();
            }
        }
        self.differs.iter().fold(text, |text, (value, name)| text.replace(value, name))
    }

    /// Compares the transcript with the golden file for this version of Orca, or writes it.
    fn is_as_before(&self, env: &TestEnv, name: &str) -> Result<()> {
        let file = format!("{name}.orca-{}.txt", ScreenReader::version(&env.desktop)?);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("whole_application/screen_reader")
            .join(&file);
        let text = self.text();
        if std::env::var_os("REGENERATE").is_some() {
            fs::create_dir_all(golden.parent().context("no folder")?)?;
            return Ok(fs::write(golden, text)?);
        }
        let folder: PathBuf = target().join("whole_application");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(&file), &text)?;
        // Other versions use other words; that each step is spoken is asserted for all of them.
        let Ok(expected) = fs::read_to_string(&golden) else {
            let stderr = &mut std::io::stderr();
            // Not a macro whose output tests capture: a missing comparison must be visible.
            return Ok(std::io::Write::write_fmt(
                stderr,
                format_args!(
                    "NOT COMPARED: there is no {}, the golden text for the Orca that is installed\n",
                    golden.display()
                ),
            )?);
        };
        ensure!(
            text == expected,
            "heard:\n{text}\n\nexpected, from {}:\n{expected}",
            golden.display()
        );
        Ok(())
    }

    /// How often this has been spoken, alone or within a longer text.
    fn times_spoken(&self, text: &str) -> usize {
        let all = self.steps.iter().flat_map(|(_, heard)| heard);
        all.filter(|one| matches!(one, Heard::Speech(spoken) if spoken.contains(text))).count()
    }

    fn speaks_nothing_twice_in_a_step(&self) -> Result<()> {
        for (step, heard) in &self.steps {
            let mut spoken = heard.iter().filter(|one| matches!(one, Heard::Speech(_)));
            let twice = spoken.find(|one| heard.iter().filter(|other| other == one).count() > 1);
            ensure!(twice.is_none(), "{step}: {twice:?} twice");
        }
        Ok(())
    }
}

fn focus(place: &str) -> Heard {
    Heard::Focus(place.to_owned())
}

fn speech(text: &str) -> Heard {
    Heard::Speech(text.to_owned())
}

/// Starts the application and delays each step of a sign-in.
async fn starts(env: &mut TestEnv, reader: ScreenReader) -> Result<Transcript> {
    for endpoint in [Endpoint::Discovery, Endpoint::Token] {
        env.environment.inject_fault(endpoint, InjectedFault::delay(STEP), Times::Always);
    }
    let mut heard = Transcript::of(reader, env);
    env.desktop.starts_application()?;
    heard.step(STARTS, &[speech("Sign in")]).await?;
    Ok(heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn main_views_are_heard_as_before_with_tab() -> Result<()> {
    let (mut env, reader) = TestEnv::with_screen_reader(TestOptions::default()).await?;
    let mut heard = starts(&mut env, reader).await?;
    heard.tab(&env, "the signed-out view", focus("push button Sign in")).await?;

    env.desktop.press_key("shift+Tab")?;
    heard.step("Shift and Tab", &[speech("Settings")]).await?;
    env.desktop.press_key("Return")?;
    heard.step("Return", &[focus("landmark Settings")]).await?;
    heard.tab(&env, "the settings", focus("landmark Settings")).await?;
    env.desktop.press_key("Escape")?;
    heard.reader.hears(heard.seen, &[focus("push button Settings")]).await?;
    env.desktop.press_key("Tab")?;
    heard.step("Escape, then Tab", &[speech("Sign in")]).await?;
    // The focus event comes before or after the button is reported as collapsed.
    heard.leaves_out(|spoken| spoken.starts_with("Settings ") || spoken == "collapsed")?;

    env.desktop.press_key("Return")?;
    heard.step("Return", &[focus("landmark Preparing…")]).await?;
    let page = env.browser.receives_url().await?;
    heard.reader.meets("Open browser again").await?;
    // The focus moves there by itself, and a Tab before that would be taken for the move.
    let waiting = focus("landmark Continue in your browser");
    let spoken = [waiting.clone(), speech("If your browser asks")];
    heard.step("The browser opens", &spoken).await?;
    heard.tab(&env, "the view that waits for the browser", waiting).await?;

    env.open_link(&env.environment.sign_in_as(ADA, page.as_str())?)?;
    let signed_in = [focus("landmark Ada Lovelace"), speech("You are signed in.")];
    heard.step_beside_browser("The link arrives", &signed_in).await?;
    heard.leaves_out(|spoken| FINISHING.iter().any(|part| spoken.contains(part)))?;
    heard.tab(&env, "the signed-in view", focus("landmark Ada Lovelace")).await?;
    heard.is_as_before(&env, "views")
}

/// A complete sign-in and sign-out with the keyboard and the browser.
async fn signs_in_and_out() -> Result<(TestEnv, Transcript)> {
    let (mut env, reader) = TestEnv::with_screen_reader(TestOptions::default()).await?;
    let mut heard = starts(&mut env, reader).await?;
    env.desktop.press_key("Return")?;
    heard.step("Return", &[focus("landmark Preparing…")]).await?;
    let page = env.browser.receives_url().await?;
    // Only the window in front is read: its text has to be spoken before the browser opens.
    heard.step("The browser is to open", &[speech("Continue in your browser")]).await?;
    env.browser.shows(&page).await?;
    env.browser.sign_in_as(ADA).await?;
    let back = [focus("landmark Ada Lovelace"), speech(WEBVIEW_SPOKEN)];
    heard.step_beside_browser("The user signs in in the browser", &back).await?;
    ensure!(heard.times_spoken(FINISHING[0]) <= 1, "{}", heard.text());
    heard.leaves_out(|spoken| FINISHING.iter().any(|part| spoken.contains(part)))?;
    env.desktop.has_in_front("Latchkey").await?;
    // The controls below are covered by `main_views_are_heard_as_before_with_tab`.
    for control in ["Switch organization", "Sign out"] {
        env.desktop.press_key("Tab")?;
        heard.step("Tab", &[speech(control)]).await?;
    }
    env.desktop.press_key("Return")?;
    env.browser.is_opened().await?;
    let back = [focus("landmark You are signed out"), speech(WEBVIEW_SPOKEN)];
    heard.step_beside_browser("Return, and the browser signs out", &back).await?;
    env.desktop.press_key("Tab")?;
    heard.step("Tab", &[speech("Sign in")]).await?;
    Ok((env, heard))
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_and_sign_out_are_heard_as_before() -> Result<()> {
    let (env, heard) = signs_in_and_out().await?;
    heard.speaks_nothing_twice_in_a_step()?;
    heard.is_as_before(&env, "sign_in_and_out")
}

/// An IdP-initiated login that is declined, and a sign-in that fails.
async fn is_prompted_and_fails() -> Result<(TestEnv, Transcript)> {
    let (mut env, reader) = TestEnv::with_screen_reader(TestOptions::default()).await?;
    let mut heard = starts(&mut env, reader).await?;
    let organization_id = Some(ids::BLETCHLEY.to_owned());
    let link = env.environment.login_link(&LoginStart { organization_id, ..LoginStart::default() });
    env.open_link(&link)?;
    heard.step_beside_browser("A link asks", &[speech("Continue only if")]).await?;
    env.desktop.press_key("Tab")?;
    heard.step("Tab", &[speech("Not now")]).await?;
    env.desktop.press_key("Return")?;
    heard.step("Return", &[speech("Welcome")]).await?;
    env.desktop.press_key("Tab")?;
    heard.step("Tab", &[speech("Sign in")]).await?;
    env.desktop.press_key("Return")?;
    let page = env.browser.receives_url().await?;
    heard.step("Return", &[speech("Continue in your browser")]).await?;
    env.environment.clear_faults();
    let denied = InjectedFault::OauthError {
        error: "invalid_grant".to_owned(),
        description: "no such code".to_owned(),
    };
    env.environment.inject_fault(Endpoint::Token, denied, Times::Once);
    env.open_link(&env.environment.sign_in_as(ADA, page.as_str())?)?;
    heard.step_beside_browser("The sign-in fails", &[focus("landmark Sign in")]).await?;
    heard.leaves_out(|spoken| FINISHING.iter().any(|part| spoken.contains(part)))?;
    Ok((env, heard))
}

#[tokio::test(flavor = "multi_thread")]
async fn question_and_failure_are_heard_as_before() -> Result<()> {
    let (env, heard) = is_prompted_and_fails().await?;
    heard.speaks_nothing_twice_in_a_step()?;
    for spoken in ["Sign in to", ids::BLETCHLEY, "Continue only if", "Caution:"] {
        let times = heard.times_spoken(spoken);
        ensure!(times == 1, "\"{spoken}\" is spoken {times} times:\n{}", heard.text());
    }
    heard.is_as_before(&env, "question_and_failure")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_of_a_sign_in_is_spoken_once() -> Result<()> {
    let (_env, heard) = signs_in_and_out().await?;
    for step in SPOKEN_STEPS {
        let times = heard.times_spoken(step);
        ensure!(times == 1, "\"{step}\" is spoken {times} times:\n{}", heard.text());
    }
    Ok(())
}

/// Messages without the focus: that a text was copied or settings saved, and a notice that appears later.
#[tokio::test(flavor = "multi_thread")]
async fn copied_saved_and_late_notice_are_each_spoken_once() -> Result<()> {
    let options = TestOptions {
        configured: false,
        access_token_lifetime: Duration::from_secs(20),
        ..TestOptions::default()
    };
    let (mut env, reader) = TestEnv::with_screen_reader(options).await?;
    let client = env.environment.client_id();
    env.desktop.write_settings(&json!({
        "environmentUrl": env.environment.url(), "clientId": format!("{client}x"),
    }))?;
    let mut heard = Transcript::of(reader, &env);
    env.desktop.starts_application()?;
    heard.step(STARTS, &[speech("Sign in")]).await?;
    env.desktop.press_key("shift+Tab")?;
    heard.step("Shift and Tab", &[speech("Settings")]).await?;
    env.desktop.press_key("Return")?;
    heard.step("Return", &[focus("landmark Settings")]).await?;
    heard.tabs_to(&env, "push button Copy: Post logout URL").await?;
    env.desktop.press_key("Return")?;
    heard.step("Return", &[speech("Copied")]).await?;
    heard.tabs_to(&env, "entry Client ID").await?;
    for key in ["End", "BackSpace", "Return"] {
        env.desktop.press_key(key)?;
    }
    heard.step("The client ID is mended", &[speech("Settings saved.")]).await?;
    // The focus is there or on the button that opened the settings, as the session is loaded anew meanwhile.
    heard.tabs_to(&env, "push button Sign in").await?;
    env.desktop.press_key("Return")?;
    let page = env.browser.receives_url().await?;
    heard.step("Return", &[speech("Continue in your browser")]).await?;
    env.open_link(&env.environment.sign_in_as(ADA, page.as_str())?)?;
    heard.step("The link arrives", &[focus("landmark Ada Lovelace")]).await?;
    let out = InjectedFault::Status { status: 503, retry_after: None };
    env.environment.inject_fault(Endpoint::Token, out, Times::Always);
    heard.tabs_to(&env, "push button Passkeys").await?;
    heard.step("A refresh is delayed", &[speech("could not be renewed")]).await?;
    for spoken in ["Copied", "Settings saved.", "could not be renewed"] {
        let times = heard.times_spoken(spoken);
        ensure!(times == 1, "\"{spoken}\" is spoken {times} times:\n{}", heard.text());
    }
    Ok(())
}
