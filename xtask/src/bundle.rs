//! `cargo xtask bundle`: this platform's packages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    setup::{For, set_up},
    steps::{program, root, stdout_of, step, target},
    test::build_ui,
};

/// Variables of the tests. Only debug builds read them.
const TEST_HOOKS: [&str; 3] = ["LATCHKEY_FAILPOINT", "LATCHKEY_HARDENED", "LATCHKEY_POLICY_FOLDER"];

/// Builds the packages and checks their content.
pub fn run() -> Result<()> {
    set_up(&[For::Building, For::Bundling])?;
    build_ui()?;
    let tauri = root().join("ui/node_modules/.bin/tauri");
    let kinds = if cfg!(target_os = "linux") {
        "deb,rpm"
    } else if cfg!(target_os = "macos") {
        "app,dmg"
    } else {
        "nsis,msi"
    };
    let bundles = target().join("release/bundle");
    // Packages of an earlier version would be checked too.
    match fs::remove_dir_all(&bundles) {
        Ok(()) => {}
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
        Err(why) => return Err(why).context("the last bundles could not be removed"),
    }
    let mut build = program(
        if cfg!(windows) { tauri.with_extension("cmd") } else { tauri },
        &["build", "--ci", "--bundles", kinds, "--", "--locked"],
    );
    step("Building the bundles", &mut build)?;
    let name = Path::new("latchkey").with_extension(std::env::consts::EXE_EXTENSION);
    check_program(&fs::read(target().join("release").join(name))?)?;
    if cfg!(target_os = "linux") {
        let scheme = scheme()?;
        for (folder, ending) in [("deb", "deb"), ("rpm", "rpm")] {
            let bundle = only_file(&bundles.join(folder), ending)?;
            check_desktop_entry(&desktop_entry(&bundle)?, &scheme)
                .with_context(|| format!("{} is not right", bundle.display()))?;
            println!("  {}: its desktop entry takes {scheme} links", bundle.display());
        }
    } else {
        println!("The bundles are not signed and not checked: only Linux's are, so far.");
    }
    Ok(())
}

/// Checks that a released program contains no hook of the tests.
fn check_program(program: &[u8]) -> Result<()> {
    for hook in TEST_HOOKS {
        let is_there = program.windows(hook.len()).any(|part| part == hook.as_bytes());
        ensure!(!is_there, "the program reads {hook}, which is for tests");
    }
    Ok(())
}

/// Checks that a desktop entry names the scheme and passes the link to the program.
fn check_desktop_entry(entry: &str, scheme: &str) -> Result<()> {
    let value = |key: &str| {
        entry
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .with_context(|| format!("its desktop entry has no {key}"))
    };
    let handler = format!("x-scheme-handler/{scheme}");
    ensure!(
        value("MimeType")?.split(';').any(|kind| kind == handler),
        "its desktop entry does not take {scheme} links"
    );
    ensure!(
        value("Exec")?.split_whitespace().any(|word| word == "%u"),
        "its desktop entry does not pass the link to the program"
    );
    Ok(())
}

fn desktop_entry(bundle: &Path) -> Result<String> {
    let name = "usr/share/applications/Latchkey.desktop";
    let read = |command: &mut Command| {
        stdout_of(command).with_context(|| format!("{} cannot be read", bundle.display()))
    };
    let folder = target().join("tmp/bundle");
    fs::create_dir_all(&folder)?;
    if bundle.extension().is_some_and(|ending| ending == "deb") {
        let tar = folder.join("data.tar");
        let list = read(program("bsdtar", &["-tf"]).arg(bundle))?;
        let data = list.lines().find(|name| name.starts_with("data.tar")).context("no data")?;
        let output = program("bsdtar", &["-xOf"]).arg(bundle).arg(data).output()?;
        fs::write(&tar, output.stdout)?;
        return read(program("bsdtar", &["-xOf"]).arg(tar).arg(name));
    }
    read(program("bsdtar", &["-xOf"]).arg(bundle).arg(format!("./{name}")))
}

fn only_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    let files = fs::read_dir(folder)
        .with_context(|| format!("{} was not made", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|one| one == ending));
    let files: Vec<_> = files.collect();
    match &*files {
        [file] => Ok(file.clone()),
        _ => bail!("{} holds {} bundles", folder.display(), files.len()),
    }
}

fn scheme() -> Result<String> {
    let config: Value = serde_json::from_slice(&fs::read(root().join("tauri.conf.json"))?)?;
    let scheme = config.pointer("/plugins/deep-link/desktop/schemes/0");
    Ok(scheme.and_then(Value::as_str).context("tauri.conf.json names no scheme")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "[Desktop Entry]\nExec=latchkey %u\nMimeType=x-scheme-handler/a.b;\n";

    // req: B13
    #[test]
    fn desktop_entry_without_scheme_or_url_field_is_rejected() {
        assert!(check_desktop_entry(ENTRY, "a.b").is_ok());
        for (from, to) in
            [(" %u", ""), ("a.b", "a.bc"), ("MimeType", "Mime"), ("Exec=", "TryExec=")]
        {
            assert!(check_desktop_entry(&ENTRY.replace(from, to), "a.b").is_err(), "{from}");
        }
    }

    #[test]
    fn program_with_a_test_hook_is_rejected() {
        assert!(check_program(b"\x7fELF LATCHKEY_LOG").is_ok());
        assert!(check_program(b"\x7fELF LATCHKEY_FAILPOINT_KILL").is_err());
    }

    // req: B1
    #[test]
    fn bundle_scheme_is_read_from_tauri_conf() {
        assert_eq!(scheme().unwrap(), "io.latchkey.desktop");
    }
}
