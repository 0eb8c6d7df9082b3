//! The screen as a user sees it: pictures, and the window in front.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{Desktop, desktop::Surroundings, driver::until, process::wait_for_end};

/// The limit of pictures of a screen that keeps changing, such as one with a clock.
const MAX_PICTURES: u32 = 10;

/// A picture with fewer colours than this is blank.
pub const MIN_COLOURS: u32 = 16;

impl Surroundings {
    /// Takes a picture of the screen, which must show something.
    pub(crate) fn picture(&self, file: &Path) -> Result<()> {
        self.picture_of("root", file, MIN_COLOURS)
    }

    /// Takes a picture of one window, by its id.
    fn picture_of(&self, window: &str, file: &Path, min_colours: u32) -> Result<()> {
        let taken = self.command("import").args(["-window", window]).arg(file).status()?;
        ensure!(taken.success(), "no picture could be taken");
        let counted = self.command("identify").args(["-format", "%k"]).arg(file).output()?;
        let colours = String::from_utf8_lossy(&counted.stdout).trim().parse::<u32>();
        let colours = colours.context("the picture cannot be read")?;
        ensure!(colours >= min_colours, "the picture has {colours} colours only");
        Ok(())
    }

    /// Closes the application's window, as a user does, and waits until the program has ended.
    pub(crate) fn close_application(&self, processes: Vec<u32>) -> Result<()> {
        ensure!(!processes.is_empty(), "the application is not running");
        let closed = self.command("wmctrl").args(["-x", "-c", "latchkey.Latchkey"]).status()?;
        ensure!(closed.success(), "the window could not be closed");
        processes.into_iter().try_for_each(wait_for_end)
    }
}

impl Desktop {
    /// Takes a picture of the screen, which must show something.
    ///
    /// # Errors
    /// When it cannot be taken, or is blank.
    pub fn picture(&self, file: &Path) -> Result<()> {
        self.surroundings.picture(file)
    }

    /// Takes a picture once two in a row are equal, or after `MAX_PICTURES`.
    ///
    /// # Errors
    /// When it cannot be taken, or is blank.
    pub fn settled_picture(&self, file: &Path) -> Result<()> {
        self.settles(file, || self.picture(file))
    }

    /// Takes a picture of the window of this class alone, which must be in front, likewise.
    ///
    /// # Errors
    /// When it cannot be taken, or has fewer colours than this.
    pub fn settled_window_picture(&self, class: &str, file: &Path, min_colours: u32) -> Result<()> {
        let mut search = self.command("xdotool");
        let found = search.args(["search", "--onlyvisible", "--class", class]).output()?;
        let found = String::from_utf8(found.stdout)?;
        let window = found.lines().last().with_context(|| format!("there is no window {class}"))?;
        self.settles(file, || self.surroundings.picture_of(window, file, min_colours))
    }

    fn settles(&self, file: &Path, take: impl Fn() -> Result<()>) -> Result<()> {
        let mut before = Vec::new();
        for _ in 0..MAX_PICTURES {
            take()?;
            // ImageMagick's signature covers the pixels only.
            let signature = self.command("identify").args(["-format", "%#"]).arg(file).output()?;
            if signature.stdout == before {
                break;
            }
            before = signature.stdout;
        }
        Ok(())
    }

    /// Waits until the window with this title is active.
    ///
    /// # Errors
    /// When another stays active.
    pub async fn has_in_front(&self, title: &str) -> Result<()> {
        until(&format!("the window {title} to be in front"), || async {
            (self.window_in_front().ok()? == title).then_some(())
        })
        .await
    }

    /// Waits until a window with another title is active; returns that title.
    ///
    /// # Errors
    /// When it stays active.
    pub async fn has_behind(&self, title: &str) -> Result<String> {
        until(&format!("the window {title} to be behind another"), || async {
            self.window_in_front().ok().filter(|front| !front.is_empty() && front != title)
        })
        .await
    }

    /// Brings the window of this class to the front.
    ///
    /// # Errors
    /// When there is none.
    pub fn brings_to_front(&self, class: &str) -> Result<()> {
        let raised = self.command("wmctrl").args(["-x", "-a", class]).status()?;
        ensure!(raised.success(), "there is no window {class}");
        Ok(())
    }

    /// Minimizes the window of this class.
    ///
    /// # Errors
    /// When there is none.
    pub fn minimizes(&self, class: &str) -> Result<()> {
        let mut search = self.command("xdotool");
        search.args(["search", "--onlyvisible", "--class", class, "windowminimize"]);
        ensure!(search.status()?.success(), "there is no window {class}");
        Ok(())
    }

    /// Moves and resizes the window of this class.
    ///
    /// # Errors
    /// When there is none.
    pub fn places(
        &self,
        class: &str,
        (x, y): (i32, i32),
        (width, height): (u32, u32),
    ) -> Result<()> {
        let place = format!("0,{x},{y},{width},{height}");
        let placed = self.command("wmctrl").args(["-x", "-r", class, "-e", &place]).status()?;
        ensure!(placed.success(), "there is no window {class}");
        Ok(())
    }

    /// Maximizes the window of this class, or restores it.
    ///
    /// # Errors
    /// When there is none.
    pub fn maximizes(&self, class: &str, is_maximized: bool) -> Result<()> {
        let change = if is_maximized { "add" } else { "remove" };
        let change = format!("{change},maximized_vert,maximized_horz");
        let changed = self.command("wmctrl").args(["-x", "-r", class, "-b", &change]).status()?;
        ensure!(changed.success(), "there is no window {class}");
        Ok(())
    }

    /// The position and size of the window of this class: x, y, width and height.
    ///
    /// # Errors
    /// When there is none.
    pub fn geometry(&self, class: &str) -> Result<String> {
        let listed = self.command("wmctrl").arg("-lGx").output()?;
        let listed = String::from_utf8(listed.stdout)?;
        let line = listed.lines().find(|line| line.contains(class));
        let line = line.with_context(|| format!("there is no window {class}"))?;
        Ok(line.split_whitespace().skip(2).take(4).collect::<Vec<_>>().join(" "))
    }

    /// The title of the active window.
    ///
    /// # Errors
    /// When the window manager does not respond.
    pub fn window_in_front(&self) -> Result<String> {
        let output = self.command("xdotool").args(["getactivewindow", "getwindowname"]).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Waits for the keychain's prompt, and types into it; the name of a key presses that key.
    ///
    /// # Errors
    /// When it is not shown.
    pub async fn types_into_prompt(&self, words: &[&str]) -> Result<()> {
        // Not with `--sync`, which never returns when the window is gone.
        until("the keychain's prompt", || async {
            let mut search = self.command("xdotool");
            let found =
                search.args(["search", "--onlyvisible", "--class", "gcr-prompter"]).output();
            let found = String::from_utf8(found.ok()?.stdout).ok()?;
            let prompt = found.lines().next()?;
            self.command("xdotool").args(["windowactivate", prompt]).status().ok()?;
            let active = self.command("xdotool").arg("getactivewindow").output().ok()?;
            (String::from_utf8(active.stdout).ok()?.trim() == prompt).then_some(())
        })
        .await?;
        for word in words {
            let how = if matches!(*word, "Tab" | "Return" | "Escape") { "key" } else { "type" };
            let typed = self.command("xdotool").args([how, word]).status()?;
            ensure!(typed.success(), "{word} could not be typed");
        }
        Ok(())
    }

    /// The mean lightness of the window of this class, from 0 to 1. None while there is no window.
    #[must_use]
    pub fn lightness(&self, class: &str) -> Option<f64> {
        let mut search = self.command("xdotool");
        let found = search.args(["search", "--onlyvisible", "--class", class]).output().ok()?;
        let found = String::from_utf8(found.stdout).ok()?;
        let file = self.logs().join("window.png");
        let mut taken = self.command("import");
        taken.args(["-window", found.lines().last()?]).arg(&file).status().ok()?;
        let mut measured = self.command("convert");
        measured.arg(&file).args([
            "-colorspace",
            "Gray",
            "-scale",
            "1x1!",
            "-format",
            "%[fx:mean]",
        ]);
        String::from_utf8(measured.arg("info:-").output().ok()?.stdout).ok()?.trim().parse().ok()
    }

    /// Clicks at a position in the window of this class, relative to its corner.
    ///
    /// # Errors
    /// When there is no such window.
    pub fn clicks(&self, class: &str, (x, y): (i64, i64)) -> Result<()> {
        let mut search = self.command("xdotool");
        search.args(["search", "--onlyvisible", "--class", class]);
        search.args(["mousemove", "--window", "%1", &x.to_string(), &y.to_string(), "click", "1"]);
        ensure!(search.status()?.success(), "there is no window {class}");
        Ok(())
    }

    /// Presses a key, for the active window.
    ///
    /// # Errors
    /// When the X server rejects it.
    pub fn press_key(&self, key: &str) -> Result<()> {
        let pressed = self.command("xdotool").args(["key", key]).status()?;
        ensure!(pressed.success(), "the key {key} could not be pressed");
        Ok(())
    }
}
