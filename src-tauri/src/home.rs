//! The user's own folder, without which there is no window: the webview keeps its things there.

use std::{fs, path::Path, sync::mpsc::channel, thread, time::Duration};

use crate::startup_error::StartupError;

/// How long the folder may take to answer. Everything after this waits for it on the main thread.
const FOLDER_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes the application's folder, where it is not there yet.
///
/// # Errors
/// A sentence that names the folder, where there is none and none can be made: a home that is missing, or
/// read-only and empty, a full disk; and where it does not answer, as on a network that is gone.
pub fn find(identifier: &str) -> Result<(), StartupError> {
    let Some(data) = dirs::data_local_dir() else {
        return Err(StartupError::new(
            "Latchkey needs a folder of your own to keep its data in, and this computer names none. Sign in to the computer as yourself, or set HOME to your folder, then start Latchkey again.",
        ));
    };
    let folder = data.join(identifier);
    make_with_timeout(FOLDER_TIMEOUT, &folder, made)
}

fn make_with_timeout(
    longest: Duration,
    folder: &Path,
    make: impl FnOnce(&Path) -> Result<(), StartupError> + Send + 'static,
) -> Result<(), StartupError> {
    let (answer, answered) = channel();
    let asked = folder.to_owned();
    thread::spawn(move || answer.send(make(&asked)));
    answered.recv_timeout(longest).unwrap_or_else(|_| Err(StartupError::home_hangs(folder)))
}

fn made(folder: &Path) -> Result<(), StartupError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|why| {
        StartupError::new(format!(
            "Latchkey needs the folder {} for its data, and it cannot be made: {why}. Make sure that your home folder is there, that you may write into it, and that the disk is not full, then start Latchkey again.",
            folder.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let (_never, answers) = channel::<()>();
        let hangs = move |_: &Path| {
            let _ = answers.recv();
            Ok(())
        };
        let folder = Path::new("/home/ada/.local/share/tool");
        let why = make_with_timeout(Duration::from_millis(10), folder, hangs).unwrap_err();
        assert!(format!("{why:?}").contains("/home/ada/.local/share/tool does not answer"));
        make_with_timeout(Duration::from_secs(60), folder, |_| Ok(())).unwrap();
    }
}
