//! Errors at which the application cannot start or continue: shown in a message box in the user's language, and on
//! standard error in English, as everything is on the command line.

use std::{io::Write, path::Path, process::ExitCode};

use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_scalekit::{HandoverError, NoScheme};

use crate::{
    preferences::{file::PreferencesFile, window_language},
    startup::arguments::ArgumentError,
    texts::{
        languages::{Language, MessageBoxTexts},
        wording::Wording,
    },
};

/// The exit code for invalid arguments, as usual on the command line.
const USAGE: u8 = 2;

/// What happened, its effect, and what to do.
#[derive(Debug, Clone, Copy)]
enum Sentence {
    /// For a message box.
    OfBox(fn(&MessageBoxTexts) -> &'static str),
    /// For standard error alone.
    English(&'static str),
}

/// The values in a sentence, by their names.
type Values = Vec<(&'static str, String)>;

/// Why the application cannot start. The message contains no link and no other argument.
#[derive(Debug)]
pub struct StartupError {
    sentence: Sentence,
    values: Values,
    /// Whether it is written to standard error only.
    quietly: bool,
    /// Whether accesses to the user's home directory block without end.
    home_hangs: bool,
    exit_code: u8,
}

impl StartupError {
    /// An error with this sentence in a message box.
    pub fn new(sentence: fn(&MessageBoxTexts) -> &'static str, values: Values) -> Self {
        let sentence = Sentence::OfBox(sentence);
        Self { sentence, values, quietly: false, home_hangs: false, exit_code: 1 }
    }

    /// An error without a message box.
    pub fn quiet(sentence: &'static str, values: Values) -> Self {
        let sentence = Sentence::English(sentence);
        Self { sentence, values, quietly: true, home_hangs: false, exit_code: 1 }
    }

    /// The error without a message box, for a start on a command line, which must not wait for one.
    #[must_use]
    pub fn on_standard_error(mut self) -> Self {
        self.quietly = true;
        self
    }

    /// A panic of the program, before or after its window existed.
    #[must_use]
    pub fn crashed() -> Self {
        Self::new(|texts| texts.crashed, vec![])
    }

    /// The home directory does not respond, such as an unreachable network share.
    pub fn home_hangs(folder: &Path) -> Self {
        Self { home_hangs: true, ..Self::new(|texts| texts.folder_silent, of_folder(folder)) }
    }

    /// The application runs, but was not found. GTK would otherwise exit with code 0 and without a message.
    #[cfg(target_os = "linux")]
    pub fn not_found(folder: &Path) -> Self {
        Self::new(|texts| texts.not_found, of_folder(folder))
    }

    /// There may be another process that the link is for, and neither the data folder nor a session bus shows it.
    #[cfg(target_os = "linux")]
    pub fn may_miss_another(folder: &Path) -> Self {
        Self::new(|texts| texts.may_be_running, of_folder(folder))
    }

    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code)
    }

    /// Shows the error to the user. Returns when the message box is closed, or at once without a display. For the
    /// main thread.
    pub fn report(&self, wording: Wording<'_>) {
        let english = Wording { language: Language::En, ..wording };
        let _ = writeln!(std::io::stderr(), "{}", self.text(english));
        #[cfg(target_os = "linux")]
        if self.home_hangs {
            return show_away_from_home(wording, &self.text(wording));
        }
        if !self.quietly {
            show(wording, &self.text(wording));
        }
    }

    /// The message for the user.
    pub fn text(&self, wording: Wording<'_>) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| (*name, &**value)).collect();
        match self.sentence {
            Sentence::OfBox(sentence) => {
                wording.format(sentence(&wording.texts().message_box), &values)
            }
            Sentence::English(sentence) => wording.format(sentence, &values),
        }
    }
}

/// The values of a sentence that names this folder.
pub fn of_folder(folder: &Path) -> Values {
    vec![("folder", folder.display().to_string())]
}

impl From<HandoverError> for StartupError {
    fn from(why: HandoverError) -> Self {
        match why {
            HandoverError::Unanswered | HandoverError::Gone => {
                Self::new(|texts| texts.silent, vec![])
            }
            HandoverError::NoSocket => Self::new(|texts| texts.unreachable, vec![]),
            // Any web page can send a long link, so no message box is shown.
            HandoverError::TooLong => Self::quiet(
                "{app} was started with more than it takes, and has done nothing with it.",
                vec![],
            ),
        }
    }
}

/// Invalid arguments come from a terminal or a script, which must not wait for a message box.
impl From<ArgumentError> for StartupError {
    fn from(why: ArgumentError) -> Self {
        let error = Self::quiet(
            "latchkey did not start: {why}. `latchkey --help` lists the arguments that there are.",
            vec![("why", why.to_string())],
        );
        Self { exit_code: USAGE, ..error }
    }
}

impl From<NoScheme> for StartupError {
    fn from(why: NoScheme) -> Self {
        Self::new(|texts| texts.cannot_start, vec![("why", why.to_string())])
    }
}

impl From<tauri::Error> for StartupError {
    fn from(why: tauri::Error) -> Self {
        Self::new(|texts| texts.cannot_start, vec![("why", why.to_string())])
    }
}

/// Shows the error and exits after a panic of the session's task, when the window's content is no longer updated.
pub fn on_session_crash(app: &AppHandle) {
    let handle = app.clone();
    let _ = app.run_on_main_thread(move || {
        for window in handle.webview_windows().values() {
            let _ = window.hide();
        }
        StartupError::crashed().report(beside_window(&handle));
        handle.exit(1);
    });
}

/// The wording of a message box of an application that is open.
fn beside_window<R: Runtime>(app: &AppHandle<R>) -> Wording<'_> {
    let preferences = app.try_state::<PreferencesFile>();
    Wording { language: window_language::of(preferences.as_deref()), app: &app.package_info().name }
}

/// Uses GTK, like the window, rather than rfd, which blocks without end where there is no display and would run
/// GTK on a second thread.
#[cfg(target_os = "linux")]
fn show(wording: Wording<'_>, why: &str) {
    use gtk::prelude::{DialogExt, GtkWindowExt as _};
    if gtk::init().is_err() {
        return;
    }
    let dialog = message_box(wording, wording.texts().message_box.cannot_go_on, why);
    dialog.run();
    dialog.close();
}

/// GTK reads its settings, fonts and cursors from the home directory, so other paths are set. Where it blocks all the
/// same, as when the X authority file is there, the process exits; the error is on standard error already.
#[cfg(target_os = "linux")]
fn show_away_from_home(wording: Wording<'_>, why: &str) {
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
        show(wording, why);
    }
}

/// With the texts of the language; GTK has its own for those that the system is set up for.
#[cfg(target_os = "linux")]
fn message_box(wording: Wording<'_>, title: &str, text: &str) -> gtk::MessageDialog {
    use gtk::prelude::{DialogExt, GtkWindowExt};
    let dialog = gtk::MessageDialog::new(
        None::<&gtk::Window>,
        gtk::DialogFlags::MODAL,
        gtk::MessageType::Error,
        gtk::ButtonsType::None,
        text,
    );
    let close = wording.format(wording.texts().message_box.close, &[]);
    dialog.add_button(&close, gtk::ResponseType::Close);
    dialog.set_title(&wording.format(title, &[]));
    if wording.language.is_rtl() {
        mirror(dialog.as_ref());
    }
    dialog
}

/// Lays out the widget and those in it from right to left.
#[cfg(target_os = "linux")]
fn mirror(widget: &gtk::Widget) {
    use gtk::{
        glib::Cast,
        prelude::{ContainerExt, WidgetExt},
    };
    widget.set_direction(gtk::TextDirection::Rtl);
    if let Some(container) = widget.downcast_ref::<gtk::Container>() {
        container.forall(mirror);
    }
}

/// Shows a message that does not end the program in a message box beside the window, and calls `read` when it is
/// closed. The application's event loop continues meanwhile. For the main thread.
#[cfg(target_os = "linux")]
pub fn report_beside<R: Runtime>(
    app: &AppHandle<R>,
    sentence: fn(&MessageBoxTexts) -> &'static str,
    read: impl Fn() + 'static,
) {
    use gtk::prelude::{DialogExt, GtkWindowExt, WidgetExt};
    let wording = beside_window(app);
    let texts = &wording.texts().message_box;
    let dialog = message_box(wording, texts.problem, &wording.format(sentence(texts), &[]));
    dialog.connect_response(move |dialog, _| {
        dialog.close();
        read();
    });
    dialog.show_all();
    dialog.present();
}

#[cfg(target_os = "macos")]
pub fn report_beside<R: Runtime>(
    app: &AppHandle<R>,
    sentence: fn(&MessageBoxTexts) -> &'static str,
    read: impl Fn() + Send + 'static,
) {
    let wording = beside_window(app);
    let texts = &wording.texts().message_box;
    let title = wording.format(texts.problem, &[]);
    let what = wording.format(sentence(texts), &[]);
    std::thread::spawn(move || {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Warning)
            .set_title(title)
            .set_description(what)
            .show();
        read();
    });
}

#[cfg(not(target_os = "linux"))]
fn show(wording: Wording<'_>, why: &str) {
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(wording.format(wording.texts().message_box.cannot_go_on, &[]))
        .set_description(why)
        .show();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn startup_error_is_in_the_language_and_names_the_application() {
        let wording = |language| Wording { language, app: "Tool" };
        let error = StartupError::home_hangs(Path::new("/home/ada"));
        let messages: std::collections::BTreeSet<_> =
            Language::ALL.iter().map(|language| error.text(wording(*language))).collect();
        assert_eq!(messages.len(), Language::ALL.len());
        for text in messages {
            assert!(text.contains("Tool") && text.contains("/home/ada"), "{text}");
        }
        let quiet = StartupError::from(HandoverError::TooLong).text(wording(Language::De));
        assert!(quiet.starts_with("Tool was started"), "{quiet}");
    }
}
