//! The files of the project: those that git tracks or would add.

use std::{fs, path::Path, process::Command, sync::LazyLock};

use toml::Table;

/// A file, by its path from the top with slashes.
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl File {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// Its lines, counted as an editor counts them.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text().lines().enumerate().map(|(at, line)| (at + 1, line))
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

static ALL: LazyLock<Vec<File>> = LazyLock::new(|| {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(list).current_dir(root()).output();
    let output = output.expect("git could not be started");
    assert!(
        output.status.success(),
        "git does not track this folder: check the project out with git"
    );
    let paths = String::from_utf8(output.stdout).unwrap();
    // One that is removed and not yet committed as removed is still listed.
    let read = |path: &str| Some((path.to_owned(), fs::read(root().join(path)).ok()?));
    let files = paths.split_terminator('\0').filter_map(read);
    files.map(|(path, bytes)| File { path, bytes }).collect()
});

pub fn all() -> &'static [File] {
    &ALL
}

pub fn named<'a>(ends_with: &'a str) -> impl Iterator<Item = &'static File> + 'a {
    all().iter().filter(move |file| file.path.ends_with(ends_with))
}

pub fn toml(path: &str) -> Table {
    fs::read_to_string(root().join(path)).unwrap().parse().unwrap()
}

/// Fails with everything that is wrong, not only with the first of it.
#[track_caller]
pub fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}
