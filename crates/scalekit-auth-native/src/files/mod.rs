//! Files beside the keychain: small, without secrets, each written atomically.

mod atomic_write;
pub(crate) mod queue;

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    time::Duration,
};

use scalekit_auth::KeychainError;
use zeroize::Zeroizing;

use crate::private_folder::create_private;
use atomic_write::OsFileSystem;

/// The size limit of a read, in bytes. A journal has a few lines; of a larger file the last ones are read.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// An upper bound on the time that a running process needs to write a small file, suspend included.
const MAX_WRITE_DURATION: Duration = Duration::from_secs(24 * 60 * 60);

/// A directory of such files. Every method blocks.
#[derive(Debug, Clone)]
pub struct Files(PathBuf);

impl Files {
    /// The files in this directory, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The path of the file with this name.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The content of the file with this name; of a large file the last 64 KiB.
    ///
    /// # Errors
    /// When it exists and cannot be read.
    pub fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        let mut bytes = Vec::new();
        let read = File::open(self.path(name)).and_then(|mut file| {
            let surplus = file.metadata()?.len().saturating_sub(MAX_FILE_BYTES);
            file.seek(SeekFrom::Start(surplus))?;
            file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)
        });
        match read {
            Ok(_) => Ok(Some(bytes.into())),
            Err(why) if is_absent(&why) => Ok(None),
            Err(why) => Err(KeychainError::Failed(why.to_string())),
        }
    }

    /// Writes the file with this name atomically: a temporary file is flushed to the disk, then renamed.
    ///
    /// # Errors
    /// When it cannot be written; the previous file is then intact.
    pub fn store(&self, name: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.replace(name, bytes).map_err(|why| not_written(name, &why))
    }

    /// Appends a line to the file with this name. Lines of several processes do not interleave: each is one
    /// write at the end of the file (POSIX `O_APPEND`, Windows `FILE_APPEND_DATA`).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, name: &str, line: &[u8]) -> Result<(), KeychainError> {
        let appended = create_private(&self.0).and_then(|()| {
            let mut file = File::options().append(true).create(true).open(self.path(name))?;
            file.write_all(line)?;
            file.sync_all()
        });
        appended.map_err(|why| not_written(name, &why))
    }

    /// Removes the file with this name, if it exists.
    ///
    /// # Errors
    /// When it exists and cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), KeychainError> {
        match fs::remove_file(self.path(name)) {
            Ok(()) => Ok(()),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(()),
            Err(why) => Err(KeychainError::Failed(why.to_string())),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        create_private(&self.0)?;
        // A temporary file for each process: two may write at once.
        let beside = self.path(&format!("{name}.{}.new", std::process::id()));
        atomic_write::write(&mut OsFileSystem, &self.path(name), &beside, bytes)?;
        self.remove_orphans(name);
        Ok(())
    }

    /// Removes temporary files of this kind whose process ended before the rename. A file that may still be in
    /// use stays: one younger than [`MAX_WRITE_DURATION`], and on Unix one whose process id is in use.
    fn remove_orphans(&self, name: &str) {
        let kind = name.split('-').next().unwrap_or(name);
        for entry in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let of_process =
                entry.file_name().to_str().filter(|file| file.starts_with(kind)).and_then(|file| {
                    file.strip_suffix(".new")?.rsplit_once('.')?.1.parse::<u32>().ok()
                });
            let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            let age = age.and_then(|modified| modified.elapsed().ok());
            if of_process.is_some_and(|process| !is_running(process))
                && age.is_some_and(|age| age > MAX_WRITE_DURATION)
            {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Whether a process with this id runs. False where that is unknown: the file's age decides then.
fn is_running(process: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::{io::Errno, process};
        i32::try_from(process)
            .ok()
            .and_then(process::Pid::from_raw)
            .is_some_and(|process| process::test_kill_process(process) != Err(Errno::SRCH))
    }
    #[cfg(not(unix))]
    {
        let _ = process;
        false
    }
}

/// Reports the error. The session continues without the file, and recovers less after a crash.
fn not_written(name: &str, why: &io::Error) -> KeychainError {
    tracing::warn!(file = name, %why, "what is stored beside the keychain could not be written");
    KeychainError::Failed(why.to_string())
}

/// Whether there is no such file. Below a path that is no directory there cannot be one.
fn is_absent(why: &io::Error) -> bool {
    matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_load_returns_last_store_until_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path().join("state"));
        assert_eq!(files.load("journal").unwrap(), None);
        files.store("journal", b"one").unwrap();
        files.store("journal", b"two").unwrap();
        assert_eq!(files.load("journal").unwrap().unwrap().as_slice(), b"two");
        files.remove("journal").unwrap();
        files.remove("journal").unwrap();
        assert_eq!(files.load("journal").unwrap(), None);
        assert_eq!(fs::read_dir(folder.path().join("state")).unwrap().count(), 0);
    }

    #[test]
    fn files_failed_store_leaves_existing_entry_intact() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        fs::create_dir(files.path("journal")).unwrap();
        assert!(files.store("journal", b"one").is_err());
        assert!(files.path("journal").is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_remove_reports_what_cannot_be_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        fs::create_dir(files.path("journal")).unwrap();
        assert!(matches!(files.remove("journal"), Err(KeychainError::Failed(_))));
    }

    #[test]
    fn files_load_below_regular_file_is_none_io_error_is_err() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let below = Files::new(folder.path().join("file/data"));
        assert!(below.load("ended").unwrap().is_none());
        let files = Files::new(folder.path().to_owned());
        fs::create_dir(folder.path().join("ended")).unwrap();
        assert!(files.load("ended").is_err());
    }

    #[test]
    fn files_append_adds_lines_and_load_reads_last_64_kib() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path().join("state"));
        files.append("ended", b"one\n").unwrap();
        files.append("ended", b"two\n").unwrap();
        assert_eq!(files.load("ended").unwrap().unwrap().as_slice(), b"one\ntwo\n");
        files.append("ended", &[b'x'; 70_000]).unwrap();
        files.append("ended", b"\nlast\n").unwrap();
        let read = files.load("ended").unwrap().unwrap();
        assert!(read.len() == 64 * 1024 && read.ends_with(b"\nlast\n"));
    }

    #[cfg(unix)]
    #[test]
    fn stale_temp_files_are_removed_only_of_dead_processes() {
        use std::time::SystemTime;
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let (nobody, living) = (i32::MAX, std::os::unix::process::parent_id());
        let long_ago = SystemTime::now() - 2 * MAX_WRITE_DURATION;
        for (name, modified, stays) in [
            (format!("journal-a.{nobody}.new"), long_ago, false),
            (format!("journal-other.{nobody}.new"), long_ago, false),
            (format!("journal-a.{nobody}.new2"), long_ago, true),
            (format!("journal-b.{nobody}.new"), SystemTime::now(), true),
            (format!("journal-c.{living}.new"), long_ago, true),
            ("journal-c.new".to_owned(), long_ago, true),
            (format!("somebodys.{nobody}.new"), long_ago, true),
        ] {
            let file = File::create(files.path(&name)).unwrap();
            file.set_modified(modified).unwrap();
            files.store("journal-a", b"one").unwrap();
            assert_eq!(files.path(&name).exists(), stays, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_store_creates_directory_with_mode_0700() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path().join("state"));
        files.store("journal", b"one").unwrap();
        let mode = fs::metadata(folder.path().join("state")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
