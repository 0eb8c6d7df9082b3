//! The application, operated through the texts and controls that a user sees.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use fantoccini::{Client, Locator, elements::Element};
use serde_json::Value;

use crate::{
    Desktop, IDENTIFIER,
    desktop::Surroundings,
    driver::{quoted, response, until, visible},
    page::Page,
    process::{Process, running},
    target,
};

/// The number of log lines that are shown with a failure.
const LINES_OF_LOG: usize = 40;

/// A running application with its window.
pub struct Application {
    client: Client,
    driver: Process,
    home: PathBuf,
    surroundings: Surroundings,
}

impl Application {
    /// The built program.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn program() -> Result<PathBuf> {
        let program = std::env::var_os("LATCHKEY_PROGRAM")
            .map_or_else(|| target().join("debug/latchkey"), PathBuf::from);
        program.canonicalize().with_context(|| {
            format!("{} is not there; `cargo xtask test` builds it", program.display())
        })
    }

    /// Starts it and waits for its window, and for the registration of its scheme.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        Self::start_program(desktop, &Self::program()?).await
    }

    /// Starts a copy of the program.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_program(desktop: &Desktop, program: &Path) -> Result<Self> {
        Self::start_with(desktop, program, &[]).await
    }

    /// Starts it with a link, as the desktop does when it is not running.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_by_link(desktop: &Desktop, link: &str) -> Result<Self> {
        Self::start_with(desktop, &Self::program()?, &[link]).await
    }

    /// Starts it with these arguments.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_with_arguments(desktop: &Desktop, arguments: &[&str]) -> Result<Self> {
        Self::start_with(desktop, &Self::program()?, arguments).await
    }

    async fn start_with(desktop: &Desktop, program: &Path, arguments: &[&str]) -> Result<Self> {
        let Page { client, driver } = Page::open(desktop, program, arguments).await?;
        let surroundings = desktop.surroundings.clone();
        let application = Self { client, driver, home: desktop.home(), surroundings };
        until("the scheme to be registered", || async {
            application.is_registered().then_some(())
        })
        .await?;
        Ok(application)
    }

    /// Whether the desktop has an entry for the scheme, from the program or from its installed package.
    fn is_registered(&self) -> bool {
        let names_it =
            |file| fs::read_to_string(file).is_ok_and(|text: String| text.contains(IDENTIFIER));
        let handler = self.home.join(".local/share/applications/latchkey-handler.desktop");
        handler.exists() && names_it(self.home.join(".config/mimeapps.list"))
            || names_it(PathBuf::from("/usr/share/applications/mimeinfo.cache"))
    }

    /// Whether the content is not wider than the window, so that no user has to scroll horizontally.
    ///
    /// # Errors
    /// When the window does not respond.
    pub async fn fits_its_window(&self) -> Result<bool> {
        let script = "return document.documentElement.scrollWidth <= window.innerWidth";
        Ok(self.run_script(script).await? == Value::Bool(true))
    }

    /// Presses the button with this name, once it is enabled.
    ///
    /// # Errors
    /// When there is none.
    pub async fn press(&self, name: &str) -> Result<()> {
        let named = quoted(name);
        let xpath = format!(
            "//button[(normalize-space(.)={named} or @aria-label={named}) and not(@aria-disabled)]"
        );
        let what = format!("the button {name}");
        // The view may be replaced between the search and the click. The driver does not scroll to a button that a
        // notice covers.
        let pressed = until(&what, || async {
            let button = visible(&self.client, &what, &xpath).await.ok()?;
            let scroll = "arguments[0].scrollIntoView({ block: 'center' })";
            self.client.execute(scroll, vec![serde_json::to_value(&button).ok()?]).await.ok()?;
            button.click().await.ok()
        })
        .await;
        self.explained(pressed).await
    }

    /// Presses the button that refreshes the session, which is under the details of the profile.
    ///
    /// # Errors
    /// When there is no profile.
    pub async fn refresh_now(&self) -> Result<()> {
        self.shows_in_details("Renew now").await?;
        self.press("Renew now").await
    }

    /// Waits until this text is visible in the window, the opened details included.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn shows_in_details(&self, text: &str) -> Result<()> {
        let open = "for (const one of document.querySelectorAll('details')) one.open = true";
        let seen = until(&format!("\"{text}\" in the window"), || async {
            self.run_script(open).await.ok()?;
            self.text().await.ok()?.contains(text).then_some(())
        })
        .await;
        self.explained(seen).await
    }

    /// The button with this name, once it is visible.
    ///
    /// # Errors
    /// When there is none.
    pub async fn button(&self, name: &str) -> Result<Element> {
        let name = quoted(name);
        let xpath = format!("//button[normalize-space(.)={name} or @aria-label={name}]");
        self.explained(visible(&self.client, &format!("the button {name}"), &xpath).await).await
    }

    /// Enters text into the field with this label.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn enter(&self, label: &str, text: &str) -> Result<()> {
        let xpath = format!("//input[@id=//label[normalize-space(.)={}]/@for]", quoted(label));
        let field = visible(&self.client, label, &xpath).await?;
        response(field.clear()).await?;
        response(field.send_keys(text)).await
    }

    /// Chooses this option of the list with this label.
    ///
    /// # Errors
    /// When there is no such list or option.
    pub async fn choose(&self, label: &str, option: &str) -> Result<()> {
        let xpath = format!("//select[@id=//label[normalize-space(.)={}]/@for]", quoted(label));
        let list = self.explained(visible(&self.client, label, &xpath).await).await?;
        response(list.select_by_label(option)).await
    }

    /// Waits until this text is visible in the window.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn shows(&self, text: &str) -> Result<()> {
        let seen = until(&format!("\"{text}\" in the window"), || async {
            self.text().await.ok()?.contains(text).then_some(())
        })
        .await;
        self.explained(seen).await
    }

    /// Waits until this text is no longer visible in the window.
    ///
    /// # Errors
    /// When it stays.
    pub async fn no_longer_shows(&self, text: &str) -> Result<()> {
        let gone = until(&format!("no \"{text}\" in the window"), || async {
            (!self.text().await.ok()?.contains(text)).then_some(())
        })
        .await;
        self.explained(gone).await
    }

    /// Waits until this heading is visible.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn is_headed(&self, heading: &str) -> Result<()> {
        let xpath = format!("//h1[normalize-space(.)={}]", quoted(heading));
        self.explained(visible(&self.client, heading, &xpath).await.map(drop)).await
    }

    /// All visible text of the window.
    ///
    /// # Errors
    /// When the window is closed.
    pub async fn text(&self) -> Result<String> {
        let body = response(self.client.find(Locator::Css("body"))).await?;
        response(body.text()).await
    }

    /// The complete content of the webview: the document and the storage of its scripts.
    ///
    /// # Errors
    /// When the window is closed.
    pub async fn everything(&self) -> Result<String> {
        let storage = "return JSON.stringify([localStorage, sessionStorage, document.cookie])";
        let storage = response(self.client.execute(storage, Vec::new())).await?;
        Ok(format!("{}{storage}", response(self.client.source()).await?))
    }

    /// Runs a script in the window, as injected code would.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run_script(&self, script: &str) -> Result<Value> {
        response(self.client.execute(script, Vec::new())).await
    }

    /// Runs a script that calls its last argument when it is done.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run_async_script(&self, script: &str) -> Result<Value> {
        response(self.client.execute_async(script, Vec::new())).await
    }

    /// Waits until the script returns a value, for `times` timeouts.
    ///
    /// # Errors
    /// When it returns none.
    pub async fn script_returns(&self, script: &str, times: u32) -> Result<Value> {
        let mut value = Err(anyhow::anyhow!("nothing was waited for"));
        for _ in 0..times {
            value = until("the script's value", || async {
                self.run_script(script).await.ok().filter(|value| !value.is_null())
            })
            .await;
            if value.is_ok() {
                break;
            }
        }
        self.explained(value).await
    }

    /// The id of the program's process.
    ///
    /// # Errors
    /// When it is not running.
    pub fn process(&self) -> Result<u32> {
        let processes = running(&Self::program()?, &self.home);
        processes.first().copied().context("the application is not running")
    }

    /// The resident memory of the program's process, in bytes.
    ///
    /// # Errors
    /// When it is not running.
    pub fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.context("no size")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.parse::<u64>()? * 1024)
    }

    /// Presses Tab until the button with this name has the focus.
    ///
    /// # Errors
    /// When it does not get the focus.
    pub async fn focuses_by_tab(&self, desktop: &Desktop, name: &str) -> Result<()> {
        let focused = "return document.activeElement.textContent.trim()";
        for _ in 0..20 {
            let before = self.run_script(focused).await?;
            if before == name {
                return Ok(());
            }
            desktop.press_key("Tab")?;
            until("the focus to move", || async {
                (self.run_script(focused).await.ok()? != before).then_some(())
            })
            .await?;
        }
        anyhow::bail!("{name} cannot be reached with Tab")
    }

    /// The application's standard output and standard error.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.driver.log).unwrap_or_default()
    }

    /// The path of the log.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.driver.log
    }

    /// Whether the program is in use, by its last log line about that.
    #[must_use]
    pub fn is_in_use(&self) -> Option<bool> {
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains("whether the program is in use"))?;
        Some(line.contains("in_use=true"))
    }

    /// Closes the window, as a user does, and waits until the program has ended.
    ///
    /// # Errors
    /// When it does not end.
    pub fn quit(self) -> Result<()> {
        self.surroundings.close_application(running(&Self::program()?, &self.home))
    }

    /// Adds a screenshot, the visible text and the end of the log to a failure.
    async fn explained<T>(&self, outcome: Result<T>) -> Result<T> {
        let Err(why) = outcome else { return outcome };
        let shown = self.text().await.unwrap_or_else(|why| format!("nothing: {why}"));
        let picture = self.evidence().map_or_else(
            |why| format!("there is no picture: {why}"),
            |file| format!("there is a picture: {}", file.display()),
        );
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(LINES_OF_LOG)..].join("\n");
        Err(why.context(format!(
            "the window shows:\n{shown}\n\n{picture}\n\nthe application's log ends with:\n{end}\n"
        )))
    }

    /// A screenshot, named after the test.
    fn evidence(&self) -> Result<PathBuf> {
        let folder = target().join("whole_application");
        fs::create_dir_all(&folder)?;
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("main").rsplit("::").next().unwrap_or_default();
        let file = folder.canonicalize()?.join(format!("{test}.png"));
        self.surroundings.picture(&file)?;
        Ok(file)
    }
}
