//! Directories that other users cannot access.

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::{fs, io, path::Path};

#[cfg(unix)]
use rustix::process::geteuid;

/// Creates a directory that other users cannot access.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(folder)
}

/// Creates a directory, or restricts an existing one, so that only this user has access.
#[cfg(unix)]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    create_private(folder)?;
    let metadata = fs::symlink_metadata(folder)?;
    if !metadata.is_dir() || metadata.uid() != geteuid().as_raw() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the application's own folder belongs to another user",
        ));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Creates a directory. It is in the user's own profile, which other users cannot read.
#[cfg(not(unix))]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    create_private(folder)
}
