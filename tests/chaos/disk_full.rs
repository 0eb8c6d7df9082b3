//! Disks that are full, and folders that cannot be written.

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

/// Lets this process's files grow no further than this, as a full disk would. The program is started so
/// that it hears of it as an error, which a full disk is, and not as a signal.
fn is_full_at(process: &Headless, bytes: Option<u64>) -> Result<()> {
    let pid = Pid::from_raw(process.id()?.try_into()?).context("no process id")?;
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: bytes, maximum: None })?;
    Ok(())
}

/// Everything in the folder that begins so, by name.
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
    // A folder under a file cannot be made by anybody, the administrator included.
    let file = fixture.desktop.home().join("file");
    fs::write(&file, "")?;
    fixture.desktop.set("XDG_DATA_HOME", file.join("data").display().to_string());
    let mut process = fixture.starts()?;
    fixture.signs_in(&mut process).await?;
    for _ in 0..2 {
        process.sends("refresh-and-say").await?;
        process.says("over: fresh").await?;
    }
    process.ends().await?;
    let mut next = fixture.starts()?;
    next.says("fresh").await?;
    next.sends("refresh-and-say").await?;
    next.says("over: fresh").await?;
    ensure!(fixture.refreshes() == 3);
    next.ends().await
}

// req: X18
#[tokio::test]
async fn refresh_on_full_disk_succeeds_and_truncates_no_file() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts_without_signals_of_full_disks()?;
    process.says("fresh").await?;
    process.sends("refresh-and-say").await?;
    process.says("over: fresh").await?;
    let journal = named(&beside(&fixture), "journal")?;
    ensure!(journal.len() == 1, "{journal:?}");
    let before = fs::read(&journal[0])?;

    for bytes in [0, 1, 7] {
        is_full_at(&process, Some(bytes))?;
        process.sends("refresh-and-say").await?;
        process.says("over: fresh").await?;
        ensure!(fs::read(&journal[0])? == before, "the journal was cut off");
        let left = named(&beside(&fixture), ".new")?;
        ensure!(left.is_empty(), "{left:?} was left behind");
    }
    is_full_at(&process, None)?;
    process.sends("refresh-and-say").await?;
    process.says("over: fresh").await?;
    ensure!(fixture.refreshes() == 5);
    ensure!(fs::read(&journal[0])? != before, "nothing is written any more");
    process.ends().await
}

// req: X18
#[tokio::test]
async fn tombstone_truncated_by_full_disk_does_not_corrupt_the_next() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts_without_signals_of_full_disks()?;
    process.says("fresh").await?;
    is_full_at(&process, Some(5))?;
    process.sends("sign-out").await?;
    process.says("signed out").await?;
    process.is_idle().await?;
    let ended = named(&beside(&fixture), "ended")?;
    ensure!(fs::metadata(&ended[0])?.len() == 5, "the line was to be cut off here");

    is_full_at(&process, None)?;
    fixture.signs_in_again(&mut process).await?;
    process.sends("sign-out").await?;
    process.says("signed out").await?;
    process.ends().await?;
    let text = fs::read_to_string(&ended[0])?;
    let is_whole = |line: &&str| serde_json::from_str::<(String, String)>(line).is_ok();
    let (whole, cut): (Vec<_>, Vec<_>) =
        text.lines().filter(|line| !line.is_empty()).partition(is_whole);
    // That of the first session is written again when there is room, which may be later than this.
    ensure!((1..=2).contains(&whole.len()) && cut.len() == 1, "{text:?}");
    Ok(())
}
