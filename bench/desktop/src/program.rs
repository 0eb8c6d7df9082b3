//! The measured programs, started and closed as by a user.

use std::{
    fs::File,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, Desktop};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{
    process_tree::ProcessTree,
    screen::{Edges, Picture, Screen},
};

/// A program with a window.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    title: &'static str,
}

/// A running program. It and its descendants end when this is dropped.
pub struct Running {
    child: Child,
    began: Instant,
    title: &'static str,
}

impl Program {
    /// Latchkey.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn latchkey() -> Result<Self> {
        Ok(Self { path: Application::program()?, title: "Latchkey" })
    }

    /// The bare window.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn bare_window() -> Result<Self> {
        Ok(Self { path: beside("latchkey-bench-bare-window")?, title: "Bare window" })
    }

    /// The process with the toolkit and no window.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn bare_resident() -> Result<Self> {
        Ok(Self { path: beside("latchkey-bench-bare-resident")?, title: "" })
    }

    /// The path of the program.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The prototype that destroys its webview.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn closed_destroyed() -> Result<Self> {
        Ok(Self { path: beside("latchkey-bench-closed-destroyed")?, title: "" })
    }

    /// The prototype whose window is a separate process.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn closed_process() -> Result<Self> {
        Ok(Self { path: beside("latchkey-bench-closed-process")?, title: "" })
    }

    /// Starts the program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, desktop: &Desktop) -> Result<Running> {
        self.start_with(desktop, &[])
    }

    /// Starts the program with these arguments.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_with(&self, desktop: &Desktop, arguments: &[&str]) -> Result<Running> {
        let log = desktop.logs().join("measured.log");
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = desktop.command(&self.path);
        command.args(arguments).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let began = Instant::now();
        let child = command.spawn().with_context(|| self.path.display().to_string())?;
        Ok(Running { child, began, title: self.title })
    }
}

/// A program that was built beside the application.
///
/// # Errors
/// When it was not built.
fn beside(name: &str) -> Result<PathBuf> {
    let path = Application::program()?.with_file_name(name);
    path.canonicalize().with_context(|| format!("{} is not built", path.display()))
}

impl Running {
    /// The program's processes.
    #[must_use]
    pub fn tree(&self) -> ProcessTree {
        ProcessTree::of(self.child.id())
    }

    /// The process itself, for its input and output.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The times from the start until the screen changed, and until all of these edges were visible.
    ///
    /// # Errors
    /// When they do not appear.
    pub fn until_shown(&self, screen: &Screen, edges: &Edges) -> Result<(Duration, Duration)> {
        screen.until_shown(edges, self.began)
    }

    /// Closes the window as a user does, and waits until the program has ended and the screen is empty.
    ///
    /// # Errors
    /// When it does not end.
    pub fn close(mut self, desktop: &Desktop, screen: &Screen, empty: &Picture) -> Result<()> {
        let mut close = desktop.command("wmctrl");
        ensure!(close.args(["-F", "-c", self.title]).status()?.success(), "there is no window");
        self.child.wait()?;
        screen.shows_again(empty)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}
