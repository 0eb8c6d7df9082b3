//! A database for KeePassXC, whose Secret Service exposes one group of it or none.

use std::{fs, io::Write, path::PathBuf, process::Stdio};

use anyhow::{Context, Result, ensure};

use crate::{Desktop, desktop::KEYCHAIN_PASSWORD};

/// The settings of a user. Without `ConfirmAccessItem=false` KeePassXC prompts for each program that reads an entry,
/// at every start of that program.
const SETTINGS: &str = "[General]
ConfigVersion=2

[FdoSecrets]
Enabled=true
ConfirmAccessItem=false
ShowNotification=false

[GUI]
CheckForUpdates=false
";

/// The key of the exposed group in the custom data of a database.
const EXPOSED_GROUP: &str = "FDO_SECRETS_EXPOSED_GROUP";

/// The groups of a database that the Secret Service exposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exposed {
    /// One, as the user has chosen in the database's settings.
    Group,
    /// None, as after an installation.
    Nothing,
}

/// Writes the settings and creates a database with the password of the desktop's keychain.
pub(crate) fn set_up(desktop: &Desktop, exposed: Exposed) -> Result<PathBuf> {
    let folder = desktop.home().join(".config/keepassxc");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("keepassxc.ini"), SETTINGS)?;
    let (plain, database) = (folder.join("plain.kdbx"), folder.join("secrets.kdbx"));
    let (plain, xml) = (plain.to_string_lossy().into_owned(), folder.join("secrets.xml"));
    cli(desktop, &["db-create", "--quiet", "--set-password", &plain])?;
    if exposed == Exposed::Nothing {
        return Ok(plain.into());
    }
    let exported = cli(desktop, &["export", "--quiet", "--format", "xml", &plain])?;
    fs::write(&xml, exposing_the_first_group(&exported)?)?;
    let (xml, to) = (xml.to_string_lossy(), database.to_string_lossy());
    cli(desktop, &["import", "--quiet", "--set-password", &xml, &to])?;
    Ok(database)
}

/// Runs its command line, which reads the password once or twice.
fn cli(desktop: &Desktop, arguments: &[&str]) -> Result<String> {
    let mut command = desktop.command("keepassxc-cli");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("keepassxc-cli cannot be started")?;
    let password = format!("{KEYCHAIN_PASSWORD}\n{KEYCHAIN_PASSWORD}\n");
    child.stdin.take().context("no standard input")?.write_all(password.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "keepassxc-cli {arguments:?} ended with {}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// The exported database with its root group exposed.
fn exposing_the_first_group(xml: &str) -> Result<String> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let group = xml.split_once("<Group>").context("no group")?.1;
    let id = group.split_once("<UUID>").and_then(|(_, rest)| rest.split_once("</UUID>"));
    let id = BASE64_STANDARD.decode(id.context("the group has no id")?.0)?;
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    ensure!(hex.len() == 32, "the group's id is not a UUID");
    let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    let item =
        format!("<CustomData><Item><Key>{EXPOSED_GROUP}</Key><Value>{{{uuid}}}</Value></Item>");
    let (meta, rest) = xml.split_once("</Meta>").context("no description of the database")?;
    let meta = if meta.contains("<CustomData>") {
        meta.replacen("<CustomData>", &item, 1)
    } else {
        format!("{}{item}</CustomData>", meta.replacen("<CustomData/>", "", 1))
    };
    Ok(format!("{meta}</Meta>{rest}"))
}
