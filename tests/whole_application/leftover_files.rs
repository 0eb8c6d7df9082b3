//! The files that remain on a computer.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use latchkey_tests::TestEnv;

use crate::ADA;

/// The folders of the desktop's other programs.
const OTHERS: &[&str] = &[
    ".cache/browser",
    ".config/browser",
    ".config/dconf",
    ".local/share/keyrings",
    ".cache/fontconfig",
    ".cache/mesa_shader_cache",
    ".cache/gstreamer-1.0",
    ".cache/dconf",
];

fn files_below(folder: &Path, home: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let from_home = path.strip_prefix(home)?.to_owned();
        if OTHERS.iter().any(|other| from_home.starts_with(other)) {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            files_below(&path, home, files)?;
        } else {
            files.insert(from_home);
        }
    }
    Ok(())
}

// req: H9
#[tokio::test(flavor = "multi_thread")]
async fn files_left_on_disk_are_documented_in_threat_model() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let home = env.desktop.home();
    let mut before = BTreeSet::new();
    files_below(&home, &home, &mut before)?;
    let application = env.signed_in_as(ADA).await?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out").await?;
    application.quit()?;
    let mut after = BTreeSet::new();
    files_below(&home, &home, &mut after)?;
    let document = include_str!("../../docs/threat-model.md");
    let (_, documented) = document.split_once("## Data at rest").unwrap();
    let unsaid: Vec<_> = after
        .difference(&before)
        .filter(|file| {
            !file
                .ancestors()
                .filter(|one| !one.as_os_str().is_empty())
                .any(|one| documented.contains(&format!("`~/{}`", one.display())))
        })
        .collect();
    assert!(unsaid.is_empty(), "{unsaid:#?}");
    assert!(after.len() > before.len(), "something was looked at");
    Ok(())
}
