//! The application, driven by what a user reads on it.

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
    driver::{quoted, until, visible},
    page::Page,
    process::{Process, running},
    target,
};

/// How much of the log is shown with what went wrong.
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

    /// Starts it and waits for its window, and for its scheme to be known to the desktop.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        Self::start_with(desktop, &[]).await
    }

    /// Starts it with a link, as the desktop starts a program that is closed.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_by_link(desktop: &Desktop, link: &str) -> Result<Self> {
        Self::start_with(desktop, &[link]).await
    }

    async fn start_with(desktop: &Desktop, arguments: &[&str]) -> Result<Self> {
        let program = Self::program()?;
        let Page { client, driver } = Page::open(desktop, &program, arguments).await?;
        let surroundings = desktop.surroundings.clone();
        let application = Self { client, driver, home: desktop.home(), surroundings };
        until("the scheme to be registered", || async {
            application.is_registered().then_some(())
        })
        .await?;
        Ok(application)
    }

    /// Whether the desktop knows the scheme, by the program itself or by its installed package.
    fn is_registered(&self) -> bool {
        let names_it =
            |file| fs::read_to_string(file).is_ok_and(|text: String| text.contains(IDENTIFIER));
        let handler = self.home.join(".local/share/applications/latchkey-handler.desktop");
        handler.exists() && names_it(self.home.join(".config/mimeapps.list"))
            || names_it(PathBuf::from("/usr/share/applications/mimeinfo.cache"))
    }

    /// Whether everything is as wide as the window at most, so that nobody scrolls sideways.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn fits_its_window(&self) -> Result<bool> {
        let script = "return document.documentElement.scrollWidth <= window.innerWidth";
        Ok(self.run_script(script).await? == Value::Bool(true))
    }

    /// Presses the button of this name, once it does something.
    ///
    /// # Errors
    /// When there is none.
    pub async fn press(&self, name: &str) -> Result<()> {
        let named = quoted(name);
        let xpath = format!(
            "//button[(normalize-space(.)={named} or @aria-label={named}) and not(@aria-disabled)]"
        );
        let button = visible(&self.client, &format!("the button {name}"), &xpath).await;
        Ok(self.explained(button).await?.click().await?)
    }

    /// Presses the button that refreshes the session, which is under the details of the profile.
    ///
    /// # Errors
    /// When there is no profile.
    pub async fn refresh_now(&self) -> Result<()> {
        self.sees_in_details("Renew now").await?;
        self.press("Renew now").await
    }

    /// Waits until this can be read somewhere on the window, under the details too.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn sees_in_details(&self, text: &str) -> Result<()> {
        let open = "for (const one of document.querySelectorAll('details')) one.open = true";
        let seen = until(&format!("\"{text}\" in the window"), || async {
            self.run_script(open).await.ok()?;
            self.text().await.ok()?.contains(text).then_some(())
        })
        .await;
        self.explained(seen).await
    }

    /// The button of this name, once it can be seen.
    ///
    /// # Errors
    /// When there is none.
    pub async fn button(&self, name: &str) -> Result<Element> {
        let name = quoted(name);
        let xpath = format!("//button[normalize-space(.)={name} or @aria-label={name}]");
        self.explained(visible(&self.client, &format!("the button {name}"), &xpath).await).await
    }

    /// Enters text where this label says.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn enter(&self, label: &str, text: &str) -> Result<()> {
        let xpath = format!("//input[@id=//label[normalize-space(.)={}]/@for]", quoted(label));
        let field = visible(&self.client, label, &xpath).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Waits until this can be read somewhere on the window.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn sees(&self, text: &str) -> Result<()> {
        let seen = until(&format!("\"{text}\" in the window"), || async {
            self.text().await.ok()?.contains(text).then_some(())
        })
        .await;
        self.explained(seen).await
    }

    /// Waits until this can be read nowhere on the window any more.
    ///
    /// # Errors
    /// When it stays.
    pub async fn no_longer_sees(&self, text: &str) -> Result<()> {
        let gone = until(&format!("no \"{text}\" in the window"), || async {
            (!self.text().await.ok()?.contains(text)).then_some(())
        })
        .await;
        self.explained(gone).await
    }

    /// Waits until this heading is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn is_headed(&self, heading: &str) -> Result<()> {
        let xpath = format!("//h1[normalize-space(.)={}]", quoted(heading));
        self.explained(visible(&self.client, heading, &xpath).await.map(drop)).await
    }

    /// Everything that can be read on the window.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn text(&self) -> Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Everything the webview holds: the document with its scripts' storage.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn everything(&self) -> Result<String> {
        let storage = "return JSON.stringify([localStorage, sessionStorage, document.cookie])";
        let storage = self.client.execute(storage, Vec::new()).await?;
        Ok(format!("{}{storage}", self.client.source().await?))
    }

    /// Runs a script in the window, as something hostile in it would.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run_script(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// The same with a script that calls its last argument when it is done.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run_async_script(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute_async(script, Vec::new()).await?)
    }

    /// Waits until the script says something, `times` as long as usual.
    ///
    /// # Errors
    /// When it says nothing.
    pub async fn comes_to_say(&self, script: &str, times: u32) -> Result<Value> {
        let mut said = Err(anyhow::anyhow!("nothing was waited for"));
        for _ in 0..times {
            said = until("the script's answer", || async {
                self.run_script(script).await.ok().filter(|said| !said.is_null())
            })
            .await;
            if said.is_ok() {
                break;
            }
        }
        self.explained(said).await
    }

    /// The program's process.
    ///
    /// # Errors
    /// When it is not running.
    pub fn process(&self) -> Result<u32> {
        let processes = running(&Self::program()?, &self.home);
        processes.first().copied().context("the application is not running")
    }

    /// How much memory the program's process has at present, in bytes.
    ///
    /// # Errors
    /// When it is not running.
    pub fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.context("no size")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.parse::<u64>()? * 1024)
    }

    /// Presses Tab until the button of this name has the focus.
    ///
    /// # Errors
    /// When it never has.
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

    /// What the application has said on standard output and standard error.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.driver.log).unwrap_or_default()
    }

    /// Where that is written.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.driver.log
    }

    /// What the program has said last of whether it is in use.
    #[must_use]
    pub fn is_in_use(&self) -> Option<bool> {
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains("whether the program is in use"))?;
        Some(line.contains("in_use=true"))
    }

    /// Closes the window, as a user would, and waits until the program has ended.
    ///
    /// # Errors
    /// When it does not end.
    pub fn quit(self) -> Result<()> {
        self.surroundings.close_application(running(&Self::program()?, &self.home))
    }

    /// With a picture, what the window shows and the end of the log, where something went wrong.
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

    /// A picture of the screen, named after the test.
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
