//! A copy of the checkout for mutated sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use super::list::Mutant;
use crate::steps::program;

/// The built window, which is embedded in the application.
const WINDOW: &str = "ui/dist";

pub struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// Copies the files of the project and the built window. Files that are equal are left unchanged, so that they are
    /// not built again.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn of(checkout: &Path, folder: &Path) -> Result<Self> {
        let copy = Self { folder: folder.to_owned() };
        let mut files = list(checkout)?;
        files.extend(below(checkout, &checkout.join(WINDOW))?);
        for file in &files {
            let whole = fs::read(checkout.join(file))
                .with_context(|| format!("{} cannot be read", file.display()))?;
            write_if_other(&copy.tree().join(file), &whole)?;
        }
        for file in below(&copy.tree(), &copy.tree())?.difference(&files) {
            fs::remove_file(copy.tree().join(file))?;
        }
        Ok(copy)
    }

    /// The folder of the copied sources.
    pub fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// The target folder.
    pub fn build(&self) -> PathBuf {
        self.folder.join("build")
    }

    /// Calls `work` while a check is mutated.
    ///
    /// # Errors
    /// When the check's text does not occur exactly once, and the error of `work`.
    pub fn mutated<T>(&self, one: &Mutant, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let path = self.tree().join(&one.file);
        let before = fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        fs::write(&path, one.applied_to(&before)?)?;
        let outcome = work();
        fs::write(&path, before)?;
        outcome
    }
}

/// Every file that is tracked by git or would be added.
fn list(checkout: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut git = program("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.current_dir(checkout).output().context("git could not be started")?;
    ensure!(output.status.success(), "git does not list the files");
    let text = String::from_utf8(output.stdout)?;
    let paths = text.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from);
    Ok(paths.filter(|path| checkout.join(path).is_file()).collect())
}

/// Every file below this folder, relative to `root`.
fn below(root: &Path, folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(files) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(below(root, &path)?);
        } else {
            files.insert(path.strip_prefix(root)?.to_owned());
        }
    }
    Ok(files)
}

fn write_if_other(path: &Path, whole: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == whole) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("it has no folder")?)?;
    Ok(fs::write(path, whole)?)
}
