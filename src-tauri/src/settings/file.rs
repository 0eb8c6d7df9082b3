//! The user's settings, in a file in the platform's configuration directory. It contains no secret.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use scalekit_auth::{Problem, ProblemCode};
use serde_json::{Map, Value, json};

use crate::{
    config_file::ConfigFile,
    settings::{
        policy_file::Policy,
        values::{ConnectionSettings, FileSettings},
    },
};

/// The timeout of an access to the file.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings file.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    file: ConfigFile,
    /// Whether an access that has timed out is still blocked.
    hangs: Arc<AtomicBool>,
}

impl SettingsFile {
    /// The file in this directory, which need not exist yet.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        Self { file: ConfigFile::new(folder, "settings.json"), hangs: Arc::default() }
    }

    /// Calls `work` with the file on a blocking thread, with a timeout. While a call that has timed out is blocked,
    /// others fail at once: each would occupy a thread.
    ///
    /// # Errors
    /// The error of `work`, or the problem of a file that does not respond.
    pub async fn with_timeout<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.within(READ_TIMEOUT, work).await
    }

    async fn within<T: Send + 'static>(
        &self,
        longest: Duration,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if self.hangs.load(Ordering::Acquire) {
            return Err(self.timed_out());
        }
        let file = self.clone();
        let mut working = tauri::async_runtime::spawn_blocking(move || work(&file));
        match tokio::time::timeout(longest, &mut working).await {
            Ok(done) => done.map_err(|why| fault(&why)).flatten(),
            Err(_) => {
                self.hangs.store(true, Ordering::Release);
                let hangs = Arc::clone(&self.hangs);
                tauri::async_runtime::spawn(async move {
                    let _ = working.await;
                    hangs.store(false, Ordering::Release);
                });
                Err(self.timed_out())
            }
        }
    }

    /// Reads the file, unless a policy replaces it: a home directory that does not respond delays nothing then.
    ///
    /// # Errors
    /// The problem of a file that cannot be read.
    pub async fn beside(
        &self,
        policy: &Result<Option<&Policy>, Problem>,
    ) -> Result<FileSettings, Problem> {
        match policy {
            Ok(None) => self.with_timeout(Self::read).await,
            Ok(Some(_)) | Err(_) => Ok(FileSettings::default()),
        }
    }

    /// Reads the file; an absent one has no settings. Blocks.
    ///
    /// # Errors
    /// The problem of a file that cannot be read.
    pub fn read(&self) -> Result<FileSettings, Problem> {
        let Some(object) = self.file.read().map_err(|why| self.unreadable(&why))? else {
            return Ok(FileSettings::default());
        };
        serde_json::from_value(Value::Object(object))
            .map_err(|why| self.unreadable(&why.to_string()))
    }

    /// Writes both values and leaves the other members of the file unchanged. Blocks.
    ///
    /// # Errors
    /// The problem of a failed write; the previous file is then intact.
    pub fn write(&self, pair: &ConnectionSettings) -> Result<(), Problem> {
        let members = Map::from_iter([
            ("environmentUrl".to_owned(), json!(pair.environment_url)),
            ("clientId".to_owned(), json!(pair.client_id)),
        ]);
        self.file
            .merge(members)
            .map_err(|why| self.problem(ProblemCode::SettingsNotSaved).with_detail(why.to_string()))
    }

    fn timed_out(&self) -> Problem {
        self.problem(ProblemCode::SettingsFileSlow)
    }

    fn unreadable(&self, why: &str) -> Problem {
        self.problem(ProblemCode::SettingsFileUnreadable).with_detail(why)
    }

    fn problem(&self, code: ProblemCode) -> Problem {
        Problem::new(code).with("path", self.file.path().display().to_string())
    }
}

fn fault(why: &tauri::Error) -> Problem {
    Problem::new(ProblemCode::SettingsUnavailable).with_detail(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn pair(url: &str) -> ConnectionSettings {
        ConnectionSettings {
            environment_url: Some(url.to_owned()),
            client_id: Some("skc_a".to_owned()),
        }
    }

    #[test]
    fn settings_file_round_trips_and_preserves_unknown_fields() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path().join("not/there/yet"));
        assert_eq!(file.read().unwrap(), FileSettings::default());
        file.write(&pair("https://a.scalekit.com")).unwrap();
        let mut text: Value = serde_json::from_slice(&fs::read(file.file.path()).unwrap()).unwrap();
        text["signInSeconds"] = json!(60);
        text["somethingNewer"] = json!({"stored": true});
        fs::write(file.file.path(), text.to_string()).unwrap();
        file.write(&pair("https://b.scalekit.com")).unwrap();
        let read = file.read().unwrap();
        assert_eq!(read.environment_url.as_deref(), Some("https://b.scalekit.com"));
        assert_eq!(read.sign_in_seconds, Some(60));
        assert!(fs::read_to_string(file.file.path()).unwrap().contains("somethingNewer"));
    }

    #[test]
    fn settings_file_is_readable_after_concurrent_writes() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path());
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let file = file.clone();
                scope.spawn(move || {
                    for _ in 0..20 {
                        file.write(&pair(&format!(
                            "https://{}.scalekit.com",
                            "x".repeat(1 + writer * 40)
                        )))
                        .unwrap();
                    }
                });
            }
        });
        file.read().unwrap();
    }

    #[test]
    fn settings_file_is_not_read_beside_a_policy() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path());
        fs::write(file.file.path(), "{ not json").unwrap();
        let (policy, unusable) = (Policy::default(), Problem::new(ProblemCode::PolicyUnusable));
        tauri::async_runtime::block_on(async {
            assert!(file.beside(&Ok(None)).await.is_err());
            assert_eq!(file.beside(&Ok(Some(&policy))).await.unwrap(), FileSettings::default());
            assert_eq!(file.beside(&Err(unusable)).await.unwrap(), FileSettings::default());
        });
    }

    #[test]
    fn settings_file_if_unreadable_is_reported_and_backed_up() {
        let wrong_type = br#"{"environmentUrl": 7}"#.to_vec();
        for bytes in
            [b"{".to_vec(), b"[]".to_vec(), vec![0xff, 0xfe], wrong_type, vec![b' '; 70_000]]
        {
            let folder = tempfile::tempdir().unwrap();
            let file = SettingsFile::new(folder.path());
            fs::write(file.file.path(), &bytes).unwrap();
            assert_eq!(file.read().unwrap_err().code, ProblemCode::SettingsFileUnreadable);
            assert_eq!(fs::read(file.file.path()).unwrap(), bytes);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path());
        fs::write(file.file.path(), b"{ not json").unwrap();
        file.write(&pair("https://a.scalekit.com")).unwrap();
        assert!(file.read().is_ok());
        let copy = fs::read(folder.path().join("settings.json.damaged")).unwrap();
        assert_eq!(copy, b"{ not json");
    }

    #[test]
    fn settings_file_in_unwritable_folder_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("blocked"), b"a file where a folder should be").unwrap();
        let file = SettingsFile::new(folder.path().join("blocked"));
        let problem = file.write(&pair("https://a.scalekit.com")).unwrap_err();
        assert_eq!(problem.code, ProblemCode::SettingsNotSaved);
    }

    // req: X40
    #[test]
    fn settings_file_that_hangs_is_reported_after_one_timeout() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path());
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        tauri::async_runtime::block_on(async {
            let hangs = move |file: &SettingsFile| {
                let _ = receiver.recv();
                file.read()
            };
            let problem = file.within(Duration::from_millis(10), hangs).await.unwrap_err();
            assert_eq!(problem.code, ProblemCode::SettingsFileSlow);
            assert!(problem.message.contains("settings.json does not answer"), "{problem}");
            let result = file.within(Duration::from_secs(60), |_| -> Result<(), _> { panic!() });
            assert_eq!(result.await.unwrap_err().code, ProblemCode::SettingsFileSlow);
            drop(sender);
            while file.hangs.load(Ordering::Acquire) {
                tokio::task::yield_now().await;
            }
            file.within(Duration::from_secs(60), SettingsFile::read).await.unwrap();
        });
    }
}
