//! Atomic writes of a file, also across a power failure.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// The operations of an atomic write.
pub trait FileSystem {
    /// Creates a file with these bytes, in the page cache so far.
    fn write(&mut self, file: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Flushes a file's bytes to the disk.
    fn sync(&mut self, file: &Path) -> io::Result<()>;
    /// Renames a file, in the page cache so far.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Flushes a directory's entries to the disk.
    fn sync_dir(&mut self, folder: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&mut self, file: &Path);
}

/// Writes `beside` and renames it to `file`. The bytes are on the disk before the rename, and the rename is
/// on the disk before this returns.
///
/// # Errors
/// When an operation fails; the previous file is then intact.
pub fn write(
    disk: &mut impl FileSystem,
    file: &Path,
    beside: &Path,
    bytes: &[u8],
) -> io::Result<()> {
    let written = disk
        .write(beside, bytes)
        .and_then(|()| disk.sync(beside))
        .and_then(|()| disk.rename(beside, file));
    if written.is_err() {
        disk.remove(beside);
    }
    written?;
    file.parent().map_or(Ok(()), |folder| disk.sync_dir(folder))
}

/// The file system of the operating system.
pub struct OsFileSystem;

impl FileSystem for OsFileSystem {
    fn write(&mut self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        File::create(file)?.write_all(bytes)
    }

    fn sync(&mut self, file: &Path) -> io::Result<()> {
        File::options().write(true).open(file)?.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&mut self, folder: &Path) -> io::Result<()> {
        // On Windows the file system itself orders the changes of directory entries.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    fn remove(&mut self, file: &Path) {
        let _ = fs::remove_file(file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::PathBuf,
    };

    /// A disk whose power fails after `steps_left` operations. What was not flushed may be there completely,
    /// partly or not at all.
    #[derive(Clone, Default)]
    struct CrashingFileSystem {
        bytes: Vec<Vec<u8>>,
        on_disk: BTreeSet<usize>,
        names: BTreeMap<PathBuf, usize>,
        names_on_disk: BTreeMap<PathBuf, usize>,
        steps_left: usize,
    }

    impl CrashingFileSystem {
        fn step(&mut self) -> io::Result<()> {
            self.steps_left = self.steps_left.checked_sub(1).ok_or(io::ErrorKind::Other)?;
            Ok(())
        }

        /// All possible contents of this file after the power failure.
        fn after_the_cut(&self, file: &Path) -> BTreeSet<Option<Vec<u8>>> {
            let found = [self.names_on_disk.get(file), self.names.get(file)];
            let states = found.into_iter().flat_map(|found| match found {
                None => vec![None],
                Some(number) if self.on_disk.contains(number) => {
                    vec![Some(self.bytes[*number].clone())]
                }
                Some(number) => {
                    let bytes = &self.bytes[*number];
                    let part = bytes[..bytes.len() / 2].to_vec();
                    vec![Some(Vec::new()), Some(part), Some(bytes.clone())]
                }
            });
            states.collect()
        }
    }

    impl FileSystem for CrashingFileSystem {
        fn write(&mut self, file: &Path, bytes: &[u8]) -> io::Result<()> {
            self.step()?;
            self.bytes.push(bytes.to_vec());
            self.names.insert(file.to_owned(), self.bytes.len() - 1);
            Ok(())
        }

        fn sync(&mut self, file: &Path) -> io::Result<()> {
            self.step()?;
            self.on_disk.insert(self.names[file]);
            Ok(())
        }

        fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
            self.step()?;
            let number = self.names.remove(from).unwrap();
            self.names.insert(to.to_owned(), number);
            Ok(())
        }

        fn sync_dir(&mut self, _: &Path) -> io::Result<()> {
            self.step()?;
            self.names_on_disk = self.names.clone();
            Ok(())
        }

        fn remove(&mut self, _: &Path) {}
    }

    // req: X19
    #[test]
    fn atomic_write_survives_power_cut_at_every_step() {
        let (file, beside) = (Path::new("folder/journal"), Path::new("folder/journal.new"));
        let mut disk = CrashingFileSystem { steps_left: 4, ..CrashingFileSystem::default() };
        write(&mut disk, file, beside, b"the old one").unwrap();
        let (old, new) = (Some(b"the old one".to_vec()), Some(b"the new one".to_vec()));
        for steps in 0..=4 {
            let mut disk = CrashingFileSystem { steps_left: steps, ..disk.clone() };
            let written = write(&mut disk, file, beside, b"the new one");
            let found = disk.after_the_cut(file);
            assert!(found.iter().all(|one| *one == old || *one == new), "{steps}: {found:?}");
            assert_eq!(written.is_ok(), steps == 4);
            assert!(written.is_err() || found == BTreeSet::from([new.clone()]));
        }
    }
}
