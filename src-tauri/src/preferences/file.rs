//! The preferences file, beside the settings. It is not essential: an unreadable file is treated as absent, a failed
//! write is only logged, and nothing waits long for either.

use std::{
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    config_file::{self, ConfigFile},
    preferences::{Preferences, placement::Placement},
};

/// How long changes are collected before they are written.
const GATHERING_TIME: Duration = Duration::from_millis(250);

/// The preferences file and its content.
#[derive(Debug, Clone)]
pub struct PreferencesFile(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: ConfigFile,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The content of the file, with all changes since.
    content: Map<String, Value>,
    is_read: bool,
    /// Changes that have not been written.
    pending: Map<String, Value>,
    is_writing: bool,
    /// Whether pending changes are written at once.
    is_flushed: bool,
}

impl PreferencesFile {
    /// Opens the file in this directory, which need not exist yet, and starts to read it.
    pub fn open(folder: impl AsRef<Path>) -> Self {
        let this = Self::new(folder);
        let (reads, writes) = (this.clone(), this.clone());
        thread::spawn(move || reads.read());
        thread::spawn(move || writes.write_changes());
        this
    }

    fn new(folder: impl AsRef<Path>) -> Self {
        Self(Arc::new(Shared {
            file: ConfigFile::new(folder, "preferences.json"),
            state: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Waits until the file has been read, for `longest` at most; returns whether it has. Blocks.
    pub fn wait_until_read(&self, longest: Option<Duration>) -> bool {
        let is_unread = |state: &mut State| !state.is_read;
        let state = self.state();
        match longest {
            Some(longest) => self
                .0
                .changed
                .wait_timeout_while(state, longest, is_unread)
                .is_ok_and(|(state, _)| state.is_read),
            None => self.0.changed.wait_while(state, is_unread).is_ok(),
        }
    }

    /// The user's preferences, as far as they have been read.
    pub fn preferences(&self) -> Preferences {
        Preferences::of(&self.state().content)
    }

    /// The window's placement, as far as it has been read.
    pub fn placement(&self) -> Placement {
        Placement::of(&self.state().content)
    }

    /// Changes the preferences and returns them. They are written later.
    pub fn change(&self, change: impl FnOnce(&mut Preferences)) -> Preferences {
        let mut state = self.state();
        let before = Preferences::of(&state.content);
        let mut after = before;
        change(&mut after);
        self.put(&mut state, after.changes_from(&before));
        after
    }

    /// Stores the window's placement. It is written later.
    pub fn place(&self, placement: &Placement) {
        let mut state = self.state();
        let mut after = state.content.clone();
        config_file::merge(&mut after, placement.members());
        if after != state.content {
            self.put(&mut state, placement.members());
        }
    }

    /// Waits until all changes have been written, for `longest` at most. Blocks.
    pub fn flush(&self, longest: Duration) {
        let mut state = self.state();
        state.is_flushed = true;
        self.0.changed.notify_all();
        let is_unwritten = |state: &mut State| state.is_writing || !state.pending.is_empty();
        let waited = self.0.changed.wait_timeout_while(state, longest, is_unwritten);
        if waited.is_ok_and(|(_, waited)| waited.timed_out()) {
            tracing::warn!("the application ends before the preferences were written");
        }
    }

    fn put(&self, state: &mut State, changes: Map<String, Value>) {
        if !changes.is_empty() {
            config_file::merge(&mut state.content, changes.clone());
            config_file::merge(&mut state.pending, changes);
            self.0.changed.notify_all();
        }
    }

    fn read(&self) {
        let read = self.0.file.read().unwrap_or_else(|why| {
            tracing::warn!(%why, "the preferences could not be read");
            None
        });
        let mut state = self.state();
        let changes = std::mem::replace(&mut state.content, read.unwrap_or_default());
        config_file::merge(&mut state.content, changes);
        state.is_read = true;
        self.0.changed.notify_all();
    }

    /// Writes changes in order, on a thread of its own, as a file system may block.
    fn write_changes(&self) {
        loop {
            let changes = self.next_changes();
            if let Err(why) = self.0.file.merge(changes) {
                tracing::warn!(%why, "the preferences could not be written");
            }
            self.state().is_writing = false;
            self.0.changed.notify_all();
        }
    }

    fn next_changes(&self) -> Map<String, Value> {
        let is_idle = |state: &mut State| state.pending.is_empty();
        let state = self.0.changed.wait_while(self.state(), is_idle);
        let is_gathering = |state: &mut State| !state.is_flushed;
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let state = self.0.changed.wait_timeout_while(state, GATHERING_TIME, is_gathering);
        let (mut state, _) = state.unwrap_or_else(PoisonError::into_inner);
        state.is_writing = true;
        std::mem::take(&mut state.pending)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls a function when events have paused: for the window's last position, and not for each in between.
#[derive(Debug)]
pub struct Debounce(SyncSender<()>);

impl Debounce {
    /// Calls `settled` on a thread of its own each time no event has occurred for `pause`.
    pub fn new(pause: Duration, settled: impl Fn() + Send + 'static) -> Self {
        let (happened, happens) = sync_channel(1);
        thread::spawn(move || run_when_settled(pause, &happens, settled));
        Self(happened)
    }

    /// Reports an event.
    pub fn happened(&self) {
        // An event that is still in the channel represents this one too.
        let _ = self.0.try_send(());
    }
}

fn run_when_settled(pause: Duration, happens: &Receiver<()>, settled: impl Fn()) {
    while happens.recv().is_ok() {
        loop {
            match happens.recv_timeout(pause) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break settled(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{preferences::Theme, texts::languages::Language};
    use serde_json::json;
    use std::fs;

    const LONG: Duration = Duration::from_secs(60);

    fn opened(folder: &Path) -> PreferencesFile {
        let file = PreferencesFile::open(folder);
        assert!(file.wait_until_read(Some(LONG)));
        file
    }

    fn stored(folder: &Path) -> Value {
        serde_json::from_slice(&fs::read(folder.join("preferences.json")).unwrap()).unwrap()
    }

    #[test]
    fn preferences_round_trip_and_preserve_unknown_members() {
        let folder = tempfile::tempdir().unwrap();
        let written = json!({"language": "tlh", "font": "serif", "window": {"width": 500, "height": 600, "screen": 2}});
        fs::write(folder.path().join("preferences.json"), written.to_string()).unwrap();
        let file = opened(folder.path());
        assert_eq!(file.preferences(), Preferences::default());
        file.change(|it| it.theme = Theme::Dark);
        file.place(&Placement { corner: Some((1, 2)), ..Placement::default() });
        file.flush(LONG);
        assert_eq!(
            stored(folder.path()),
            json!({
                "language": "tlh", "font": "serif", "theme": "dark",
                "window": {"width": 500, "height": 600, "screen": 2, "x": 1, "y": 2, "maximized": false},
            })
        );
        let file = opened(folder.path());
        assert_eq!(
            file.preferences(),
            Preferences { theme: Theme::Dark, ..Preferences::default() }
        );
        assert_eq!(file.placement().size, Some((500.0, 600.0)));
    }

    #[test]
    fn preferences_file_if_damaged_is_replaced_and_backed_up() {
        for bytes in [b"{".to_vec(), b"[]".to_vec(), vec![0xff, 0xfe], vec![b' '; 70_000]] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("preferences.json"), &bytes).unwrap();
            let file = opened(folder.path());
            assert_eq!(file.preferences(), Preferences::default());
            file.change(|it| it.language = Some(Language::De));
            file.flush(LONG);
            assert_eq!(stored(folder.path()), json!({"language": "de"}));
            assert_eq!(fs::read(folder.path().join("preferences.json.damaged")).unwrap(), bytes);
        }
    }

    #[test]
    fn preferences_in_unwritable_folder_are_in_effect_unsaved() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("blocked"), "a file where a folder should be").unwrap();
        let file = opened(&folder.path().join("blocked"));
        file.change(|it| it.zoom = 2.0);
        file.flush(LONG);
        assert_eq!(file.preferences().zoom.to_bits(), 2.0_f64.to_bits());
    }

    #[test]
    fn preferences_unchanged_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = opened(folder.path());
        file.change(|it| it.theme = Theme::System);
        file.flush(LONG);
        assert!(!folder.path().join("preferences.json").exists());
    }

    #[test]
    fn change_before_the_file_is_read_survives_the_reading() {
        let folder = tempfile::tempdir().unwrap();
        let written = json!({"language": "ja", "theme": "dark"}).to_string();
        fs::write(folder.path().join("preferences.json"), written).unwrap();
        let file = PreferencesFile::new(folder.path());
        assert!(!file.wait_until_read(Some(Duration::ZERO)));
        file.change(|it| it.theme = Theme::Light);
        file.read();
        assert!(file.wait_until_read(Some(Duration::ZERO)));
        let expected = Preferences {
            language: Some(Language::Ja),
            theme: Theme::Light,
            ..Preferences::default()
        };
        assert_eq!(file.preferences(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn preferences_file_that_hangs_holds_nothing_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("preferences.json");
        // Opening a pipe for reading blocks until a writer opens it.
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let file = PreferencesFile::open(folder.path());
        assert!(!file.wait_until_read(Some(Duration::from_millis(10))));
        file.change(|it| it.theme = Theme::Dark);
        file.flush(Duration::from_millis(10));
        assert_eq!(
            file.preferences(),
            Preferences { theme: Theme::Dark, ..Preferences::default() }
        );
    }

    #[test]
    fn debounce_runs_once_after_the_last_event() {
        let (settled, settles) = std::sync::mpsc::channel();
        let debounce = Debounce::new(Duration::from_millis(50), move || settled.send(()).unwrap());
        for _ in 0..100 {
            debounce.happened();
        }
        settles.recv_timeout(LONG).unwrap();
        drop(debounce);
        settles.recv_timeout(LONG).unwrap_err();
    }
}
