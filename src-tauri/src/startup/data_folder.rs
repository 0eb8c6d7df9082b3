//! The application's data directory, without which there is no window: the webview stores its data there.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use crate::startup::error::{StartupError, of_folder};

/// The timeout of the directory. Everything after this blocks on it on the main thread.
const FOLDER_TIMEOUT: Duration = Duration::from_secs(5);

/// Creates the application's directory if it does not exist, and returns its path.
///
/// # Errors
/// An error that names the directory, where it cannot be created: a missing home, a read-only or full file system;
/// and where the file system does not respond, such as an unreachable network share.
pub fn find(identifier: &str) -> Result<PathBuf, StartupError> {
    let Some(data) = dirs::data_local_dir() else {
        return Err(StartupError::new(|texts| texts.folder_missing, vec![]));
    };
    let folder = data.join(identifier);
    make_with_timeout(FOLDER_TIMEOUT, &folder, made)?;
    Ok(folder)
}

fn make_with_timeout(
    longest: Duration,
    folder: &Path,
    make: impl FnOnce(&Path) -> Result<(), StartupError> + Send + 'static,
) -> Result<(), StartupError> {
    let (sender, receiver) = channel();
    let path = folder.to_owned();
    thread::spawn(move || sender.send(make(&path)));
    receiver.recv_timeout(longest).unwrap_or_else(|_| Err(StartupError::home_hangs(folder)))
}

fn made(folder: &Path) -> Result<(), StartupError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|why| {
        let mut values = of_folder(folder);
        values.push(("why", why.to_string()));
        StartupError::new(|texts| texts.folder_unusable, values)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{languages::Language, wording::Wording};

    // req: X37
    #[test]
    fn data_folder_that_cannot_be_created_is_named() {
        let home = tempfile::tempdir().unwrap();
        made(&home.path().join("data/tool")).unwrap();
        made(&home.path().join("data/tool")).unwrap();
        let blocked = home.path().join("blocked");
        fs::write(&blocked, "a file where a folder should be").unwrap();
        let why = format!("{:?}", made(&blocked.join("tool")).unwrap_err());
        assert!(why.contains(&*blocked.join("tool").to_string_lossy()), "{why}");
    }

    // req: X40
    #[test]
    fn data_folder_that_hangs_is_reported_with_its_path() {
        let (_sender, receiver) = channel::<()>();
        let hangs = move |_: &Path| {
            let _ = receiver.recv();
            Ok(())
        };
        let folder = Path::new("/home/ada/.local/share/tool");
        let why = make_with_timeout(Duration::from_millis(10), folder, hangs).unwrap_err();
        let text = why.text(Wording { language: Language::En, app: "Tool" });
        assert!(text.contains("/home/ada/.local/share/tool does not answer"), "{text}");
        make_with_timeout(Duration::from_secs(60), folder, |_| Ok(())).unwrap();
    }
}
