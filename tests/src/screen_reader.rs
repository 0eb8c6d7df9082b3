//! A screen reader, and its speech output.

use std::{fmt, fs, os::unix::fs::PermissionsExt, path::PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::{Desktop, driver::until};

/// The prefix of spoken text in Orca's log.
const SPEECH: &str = "SPEECH OUTPUT: '";

/// The log message of a change of the focus.
const FOCUS: &str = "Dequeued object:state-changed:focused";

/// The log's mark of the application's events.
const APPLICATION: &str = "[application | latchkey]";

/// The log message after an event has been processed.
const PROCESSED: &str = "^^^^^ PROCESS ";

/// The log message when Orca is ready.
const READY: &str = "Screen reader on.";

/// Makes Orca write each line of its log at once; otherwise the last thousands of characters are buffered.
const WHOLE_LINES: &str =
    "from orca import debug\ndebug.debugFile.reconfigure(line_buffering=True)\n";

/// The number of log lines that are shown with a failure.
const LINES_OF_LOG: usize = 40;

/// Orca, which logs its speech and has no voice.
pub struct ScreenReader {
    log: PathBuf,
}

impl ScreenReader {
    /// Starts it on a desktop on which no other program has started the accessibility bus yet.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(desktop: &mut Desktop) -> Result<Self> {
        // The session bus starts the accessibility bus and its registry, and passes the display to them.
        let mut update = desktop.command("dbus-update-activation-environment");
        update.args(["DISPLAY", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]);
        ensure!(update.status()?.success(), "the bus did not take the variables");
        for property in ["IsEnabled", "ScreenReaderEnabled"] {
            let mut set = desktop.command("gdbus");
            set.args(["call", "--session", "--dest=org.a11y.Bus", "--object-path=/org/a11y/bus"]);
            set.arg("--method=org.freedesktop.DBus.Properties.Set");
            set.args(["org.a11y.Status", property, "<true>"]);
            ensure!(set.output()?.status.success(), "there is no accessibility bus");
        }
        write_settings(desktop)?;

        let log = desktop.logs().join("orca-debug.log");
        let mut orca = desktop.command("orca");
        orca.arg(format!("--debug-file={}", log.display()));
        // Orca does not start while the same user runs another one, which may be that of another test.
        orca.env("PATH", path_without_others(desktop)?);
        // Orca would start a speech service, for which there is neither a voice nor a sound card.
        orca.env("SPEECHD_CMD", "/nonexistent").env("NO_AT_BRIDGE", "0");
        desktop.start_process("orca", orca)?;
        let is_ready = || fs::read_to_string(&log).is_ok_and(|log| log.contains(READY));
        let waited = until("the screen reader", async || is_ready().then_some(())).await;
        let reader = Self { log: log.clone() };
        waited.with_context(|| reader.explanation())?;
        Ok(reader)
    }

    /// Orca's major version: its speech for the same window differs between versions.
    ///
    /// # Errors
    /// When it does not report one.
    pub fn version(desktop: &Desktop) -> Result<String> {
        let output = desktop.command("orca").arg("--version").output()?;
        let output = String::from_utf8(output.stdout)?;
        let (major, _) = output.trim().split_once('.').context("no version")?;
        Ok(major.to_owned())
    }

    /// The application's focus events and Orca's speech so far, in order.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        // The speech for an event is logged before this line.
        let complete = log.rfind(PROCESSED).map_or("", |end| &log[..end]);
        let after = complete.split_once(READY).map_or("", |(_, after)| after);
        after.lines().filter_map(Heard::in_line).collect()
    }

    /// Waits until all of these are logged after the first `after` entries; speech may contain more than that.
    ///
    /// # Errors
    /// When they are not.
    pub async fn hears(&self, after: usize, all: &[Heard]) -> Result<()> {
        let heard = || {
            let heard = self.heard();
            let since = heard.get(after..).unwrap_or_default();
            all.iter().all(|one| since.iter().any(|heard| heard.has(one))).then_some(())
        };
        let waited = until(&format!("{all:?} to be heard"), async || heard()).await;
        waited.with_context(|| self.explanation())
    }

    /// Waits until the focus is elsewhere, after the first `after` entries; returns the new focus.
    ///
    /// # Errors
    /// When it stays.
    pub async fn meets_focus(&self, after: usize, before: &Heard) -> Result<Heard> {
        let focus = || {
            let mut heard = self.heard().into_iter().skip(after);
            heard.find(|one| matches!(one, Heard::Focus(_)) && one != before)
        };
        let waited = until("the focus to move", async || focus()).await;
        waited.with_context(|| self.explanation())
    }

    /// Waits until an event about an object with this name is logged.
    ///
    /// # Errors
    /// When there is none.
    pub async fn meets(&self, name: &str) -> Result<()> {
        let logged = format!("| {name}]");
        let met = || fs::read_to_string(&self.log).is_ok_and(|log| log.contains(&logged));
        let waited = until(&format!("\"{name}\" to appear"), async || met().then_some(())).await;
        waited.with_context(|| self.explanation())
    }

    fn explanation(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(LINES_OF_LOG)..].join("\n");
        let heard: Vec<_> = self.heard().iter().map(Heard::to_string).collect();
        format!("heard until then:\n{}\n\nits log ends with:\n{end}\n", heard.join("\n"))
    }
}

/// An entry of Orca's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The application's focus has moved here: role and name.
    Focus(String),
    /// Orca has spoken this.
    Speech(String),
}

impl Heard {
    /// Whether the entries are equal, or the speech contains the other's.
    fn has(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Speech(all), Self::Speech(part)) => all.contains(part),
            _ => self == other,
        }
    }

    /// The entry in a line of the log.
    fn in_line(line: &str) -> Option<Self> {
        if let Some((_, logged)) = line.split_once(SPEECH) {
            return Some(Self::Speech(text_of(logged)));
        }
        let (_, event) = line.split_once(FOCUS)?;
        // The last number is 0 for the object that loses the focus.
        if !event.contains(APPLICATION) || !event.replace(' ', "").contains("(1,0,0)") {
            return None;
        }
        let (_, from) = event.split_once('[')?;
        let (role, name) = from.split_once(']')?.0.split_once(" | ")?;
        Some(Self::Focus(format!("{role} {name}").trim().to_owned()))
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Focus(place) => write!(f, "focus: {place}"),
            Self::Speech(text) => write!(f, "spoken: {text}"),
        }
    }
}

/// The text between the quotes, without the voice.
fn text_of(logged: &str) -> String {
    let quoted = if logged.ends_with('\'') {
        logged
    } else {
        logged.rsplit_once('{').map_or(logged, |(quoted, _)| quoted).trim_end()
    };
    quoted.strip_suffix('\'').unwrap_or(quoted).trim().to_owned()
}

/// Turns off the speaking of pressed keys, which does not depend on the window.
fn write_settings(desktop: &Desktop) -> Result<()> {
    let folder = desktop.home().join(".local/share/orca");
    fs::create_dir_all(&folder)?;
    let nothing = json!({});
    let default = json!({
        "profile": ["Default", "default"], "pronunciations": nothing, "keybindings": nothing,
    });
    let settings = json!({
        "general": { "enableKeyEcho": false, "startingProfile": ["Default", "default"] },
        "pronunciations": nothing,
        "keybindings": nothing,
        "profiles": { "default": default },
    });
    fs::write(folder.join("user-settings.conf"), settings.to_string())?;
    Ok(fs::write(folder.join("orca-customizations.py"), WHOLE_LINES)?)
}

/// A `PATH` in which `pgrep` finds no process.
fn path_without_others(desktop: &Desktop) -> Result<String> {
    let folder = desktop.home().join("no-others");
    fs::create_dir_all(&folder)?;
    let pgrep = folder.join("pgrep");
    fs::write(&pgrep, "#!/bin/sh\nexit 1\n")?;
    fs::set_permissions(&pgrep, fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(format!("{}:{path}", folder.display()))
}
