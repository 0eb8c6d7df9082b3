//! Full disks, and directories that cannot be written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::fixture::{Fixture, Headless, ReusePolicy};

/// The files beside the keychain.
fn beside(fixture: &Fixture) -> PathBuf {
    fixture.desktop.home().join(".local/share/io.latchkey.desktop")
}

/// Limits the size of this process's files, as a full disk does. The process is started such that it gets an
/// error, as with a full disk, and no signal.
fn is_full_at(process: &Headless, bytes: Option<u64>) -> Result<()> {
    let pid = Pid::from_raw(process.id()?.try_into()?).context("no process id")?;
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: bytes, maximum: None })?;
    Ok(())
}

/// The paths in the folder with this prefix, sorted.
fn named(folder: &Path, beginning: &str) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let begins = |path: &PathBuf| path.to_string_lossy().contains(beginning);
    Ok(entries.into_iter().filter(begins).collect())
}

// req: X18
#[tokio::test]
async fn unwritable_data_folder_allows_sign_in_refresh_and_restart() -> Result<()> {
    let mut fixture = Fixture::set(ReusePolicy::EndsTheSession).await?;
    // No user, root included, can create a directory below a regular file.
    let file = fixture.desktop.home().join("file");
    fs::write(&file, "")?;
    fixture.desktop.set("XDG_DATA_HOME", file.join("data").display().to_string());
    let mut process = fixture.starts()?;
    fixture.signs_in(&mut process).await?;
    for _ in 0..2 {
        process.sends("refresh-and-print").await?;
        process.prints("result: fresh").await?;
    }
    process.ends().await?;
    let mut next = fixture.starts()?;
    next.prints("fresh").await?;
    next.sends("refresh-and-print").await?;
    next.prints("result: fresh").await?;
    ensure!(fixture.refreshes() == 3);
    next.ends().await
}

// req: X18
#[tokio::test]
async fn refresh_on_full_disk_succeeds_and_truncates_no_file() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts_without_signals_of_full_disks()?;
    process.prints("fresh").await?;
    process.sends("refresh-and-print").await?;
    process.prints("result: fresh").await?;
    let journal = named(&beside(&fixture), "journal")?;
    ensure!(journal.len() == 1, "{journal:?}");
    let before = fs::read(&journal[0])?;

    for bytes in [0, 1, 7] {
        is_full_at(&process, Some(bytes))?;
        process.sends("refresh-and-print").await?;
        process.prints("result: fresh").await?;
        ensure!(fs::read(&journal[0])? == before, "the journal was cut off");
        let left = named(&beside(&fixture), ".new")?;
        ensure!(left.is_empty(), "{left:?} was left behind");
    }
    is_full_at(&process, None)?;
    process.sends("refresh-and-print").await?;
    process.prints("result: fresh").await?;
    ensure!(fixture.refreshes() == 5);
    ensure!(fs::read(&journal[0])? != before, "nothing is written any more");
    process.ends().await
}

// req: X18
#[tokio::test]
async fn tombstone_truncated_by_full_disk_does_not_corrupt_the_next() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts_without_signals_of_full_disks()?;
    process.prints("fresh").await?;
    is_full_at(&process, Some(5))?;
    process.sends("sign-out").await?;
    process.prints("signed out").await?;
    process.is_idle().await?;
    let ended = named(&beside(&fixture), "ended")?;
    ensure!(fs::metadata(&ended[0])?.len() == 5, "the line was to be cut off here");

    is_full_at(&process, None)?;
    fixture.signs_in_again(&mut process).await?;
    process.sends("sign-out").await?;
    process.prints("signed out").await?;
    process.ends().await?;
    let text = fs::read_to_string(&ended[0])?;
    let is_whole = |line: &&str| serde_json::from_str::<(String, String)>(line).is_ok();
    let (whole, cut): (Vec<_>, Vec<_>) =
        text.lines().filter(|line| !line.is_empty()).partition(is_whole);
    // The tombstone of the first session is written again when there is space, possibly later than this.
    ensure!((1..=2).contains(&whole.len()) && cut.len() == 1, "{text:?}");
    Ok(())
}
