//! Errors at which the application cannot start or continue: shown in a message box and on standard error.

use std::{io::Write, path::Path, process::ExitCode};

use tauri::{AppHandle, Manager};
use tauri_plugin_scalekit::{HandoverError, NoScheme};

use crate::arguments::ArgumentError;

/// The exit code for invalid arguments, as usual on the command line.
const USAGE: u8 = 2;

/// Why the application cannot start. The message contains no link and no other argument.
#[derive(Debug)]
pub struct StartupError {
    why: String,
    /// Whether it is written to standard error only.
    quietly: bool,
    /// Whether accesses to the user's home directory block without end.
    home_hangs: bool,
    exit_code: u8,
}

impl StartupError {
    /// An error with this message: what happened, its effect, and what to do.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), quietly: false, home_hangs: false, exit_code: 1 }
    }

    /// An error without a message box.
    fn quiet(why: impl Into<String>) -> Self {
        Self { quietly: true, ..Self::new(why) }
    }

    /// The error without a message box, for a start on a command line, which must not wait for one.
    #[must_use]
    pub fn on_standard_error(mut self) -> Self {
        self.quietly = true;
        self
    }

    /// A panic of the program, before or after its window existed.
    #[must_use]
    pub fn fault() -> Self {
        Self::new(
            "Latchkey was stopped by a fault in it. Your session is kept. Start Latchkey again; if it stops again, report it where you got Latchkey, with what it has written on standard error.",
        )
    }

    /// The home directory does not respond, such as an unreachable network share.
    pub fn home_hangs(folder: &Path) -> Self {
        let why = format!(
            "Latchkey cannot start: the folder {} does not answer. It may be on a network or a disk that is gone. Your session is kept. Make sure that you can open your home folder, then start Latchkey again.",
            folder.display()
        );
        Self { home_hangs: true, ..Self::new(why) }
    }

    /// The application runs, but was not found. GTK would otherwise exit with code 0 and without a message.
    #[cfg(target_os = "linux")]
    pub fn not_found() -> Self {
        Self::new(
            "Latchkey is running already, but this start cannot find it: the two have different folders for their data, or may not use the same one. What you opened it with has not arrived. Check that XDG_DATA_HOME is the same everywhere, and that the folder ~/.local/share/io.latchkey.desktop is yours.",
        )
    }

    /// There may be another process that the link is for, and neither the data folder nor a session bus shows it.
    #[cfg(target_os = "linux")]
    pub fn may_miss_another() -> Self {
        Self::new(
            "Latchkey cannot find out whether it is running already: the folder ~/.local/share/io.latchkey.desktop is not yours or cannot be written, and the session bus does not answer. What you opened it with has not arrived. Make that folder yours again (sudo chown), and follow the link once more.",
        )
    }

    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code)
    }

    /// Shows the error to the user. Returns when the message box is closed, or at once without a display. For the
    /// main thread.
    pub fn tell(&self) {
        let _ = writeln!(std::io::stderr(), "{}", self.why);
        #[cfg(target_os = "linux")]
        if self.home_hangs {
            return show_away_from_home(&self.why);
        }
        if !self.quietly {
            show(&self.why);
        }
    }
}

impl From<HandoverError> for StartupError {
    fn from(why: HandoverError) -> Self {
        match why {
            HandoverError::Unanswered | HandoverError::Gone => Self::new(
                "Latchkey is running already, but does not answer. What you opened it with has not arrived there. Wait a moment and try again; if that does not help, end Latchkey in the system's list of processes, and start it again.",
            ),
            HandoverError::NoSocket => Self::new(
                "Latchkey is running already, and cannot be reached: no socket could be made in its folder or in the runtime folder. What you opened it with has not arrived there. Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk, end Latchkey, and start it again.",
            ),
            // Any web page can send a long link, so no message box is shown.
            HandoverError::TooLong => Self::quiet(
                "Latchkey was started with more than it takes, and has done nothing with it.",
            ),
        }
    }
}

/// Invalid arguments come from a terminal or a script, which must not wait for a message box.
impl From<ArgumentError> for StartupError {
    fn from(why: ArgumentError) -> Self {
        let why = format!(
            "latchkey did not start: {why}. `latchkey --help` lists the arguments that there are."
        );
        Self { exit_code: USAGE, ..Self::quiet(why) }
    }
}

impl From<NoScheme> for StartupError {
    fn from(why: NoScheme) -> Self {
        Self::new(format!("Latchkey cannot start: {why}."))
    }
}

impl From<tauri::Error> for StartupError {
    fn from(why: tauri::Error) -> Self {
        Self::new(format!(
            "Latchkey cannot start: {why}. Your session is kept. Restart the computer and try again; if that does not help, install Latchkey again."
        ))
    }
}

/// Shows the error and exits after a panic of the session's task, when the window's content is no longer updated.
pub fn on_session_crash(app: &AppHandle) {
    let handle = app.clone();
    let _ = app.run_on_main_thread(move || {
        for window in handle.webview_windows().values() {
            let _ = window.hide();
        }
        StartupError::fault().tell();
        handle.exit(1);
    });
}

/// Uses GTK, like the window, rather than rfd, which blocks without end where there is no display and would run
/// GTK on a second thread.
#[cfg(target_os = "linux")]
fn show(why: &str) {
    use gtk::prelude::{DialogExt, GtkWindowExt as _};
    if gtk::init().is_err() {
        return;
    }
    let dialog = message_box(TITLE, why);
    dialog.run();
    dialog.close();
}

/// GTK reads its settings, fonts and cursors from the home directory, so other paths are set. Where it blocks all the
/// same, as when the X authority file is there, the process exits; the error is on standard error already.
#[cfg(target_os = "linux")]
fn show_away_from_home(why: &str) {
    for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        let _ = gtk::glib::setenv(folder, "/nonexistent", true);
    }
    let (shown, is_shown) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if is_shown.recv_timeout(std::time::Duration::from_secs(5)).is_err() {
            std::process::exit(1);
        }
    });
    if gtk::init().is_ok() {
        let _ = shown.send(());
        show(why);
    }
}

#[cfg(target_os = "linux")]
fn message_box(title: &str, text: &str) -> gtk::MessageDialog {
    use gtk::prelude::GtkWindowExt;
    let dialog = gtk::MessageDialog::new(
        None::<&gtk::Window>,
        gtk::DialogFlags::MODAL,
        gtk::MessageType::Error,
        gtk::ButtonsType::Close,
        text,
    );
    dialog.set_title(title);
    dialog
}

/// Shows a message that does not end the program in a message box beside the window, and calls `read` when it is
/// closed. The application's event loop continues meanwhile. For the main thread.
#[cfg(target_os = "linux")]
pub fn report_beside(what: &str, read: impl Fn() + 'static) {
    use gtk::prelude::{DialogExt, GtkWindowExt, WidgetExt};
    let dialog = message_box(BESIDE, what);
    dialog.connect_response(move |dialog, _| {
        dialog.close();
        read();
    });
    dialog.show_all();
    dialog.present();
}

#[cfg(target_os = "macos")]
pub fn report_beside(what: &str, read: impl Fn() + Send + 'static) {
    let what = what.to_owned();
    std::thread::spawn(move || {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Warning)
            .set_title(BESIDE)
            .set_description(what)
            .show();
        read();
    });
}

#[cfg(not(target_os = "linux"))]
fn show(why: &str) {
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(TITLE)
        .set_description(why)
        .show();
}

const TITLE: &str = "Latchkey cannot go on";

#[cfg(any(target_os = "linux", target_os = "macos"))]
const BESIDE: &str = "Latchkey has a problem";
