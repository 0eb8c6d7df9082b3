//! Access of another process of the same user to this one's memory and environment.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, geteuid, kill_process_group};

/// An unprivileged user, for tests that run as root, which may read everything.
const ANOTHER_USER: u32 = 65534;

/// Starts `$1` beside a process of the same user, its parent, which some systems permit more than others; prints
/// which files of it that process can open. `$2` is their folder.
const LIST_OPEN_FILES: &str = r#"
mkfifo "$2/output"
tail -f /dev/null | "$1" > "$2/output" 2> "$2/errors" &
process=$!
read -r line < "$2/output" || cat "$2/errors"
for file in environ mem; do
    if (: < "/proc/$process/$file") 2> /dev/null; then echo "$file open"; else echo "$file closed"; fi
done
grep -E 'Max core file size' "/proc/$process/limits"
"#;

/// The files that can be opened.
fn open_files(variables: &[(&str, &str)]) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home");
    fs::create_dir(&home)?;
    // The checkout may not be accessible to the unprivileged user.
    let program = folder.path().join("headless");
    fs::copy(env!("CARGO_BIN_EXE_latchkey-headless"), &program)?;
    let mut command = Command::new("sh");
    command.args(["-c", LIST_OPEN_FILES, "list"]).arg(&program).arg(&home);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("XDG_DATA_HOME", &home).env("SCALEKIT_CLIENT_ID", "skc_x");
    command.env("SCALEKIT_ENVIRONMENT_URL", "http://127.0.0.1:9");
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    command.envs(variables.iter().copied());
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
    if geteuid().is_root() {
        chown(&home, Some(ANOTHER_USER), Some(ANOTHER_USER))?;
        for open in [folder.path(), &program] {
            fs::set_permissions(open, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        command.uid(ANOTHER_USER).gid(ANOTHER_USER);
    }
    let shell = command.spawn()?;
    let group = Pid::from_raw(shell.id().try_into()?).context("no process id")?;
    // `tail` does not hold the write end of this pipe, so the output ends with the shell.
    let output = shell.wait_with_output();
    let _ = kill_process_group(group, Signal::KILL);
    Ok(String::from_utf8(output?.stdout)?)
}

// req: J5
#[test]
fn hardened_process_memory_and_environ_are_unreadable() -> Result<()> {
    let as_it_is = open_files(&[])?;
    ensure!(as_it_is.contains("environ open") && as_it_is.contains("mem open"), "{as_it_is}");
    let hardened = open_files(&[("LATCHKEY_HARDENED", "1")])?;
    ensure!(hardened.contains("environ closed") && hardened.contains("mem closed"), "{hardened}");
    let core = hardened.lines().find(|line| line.contains("core")).context("no limit")?;
    ensure!(core.split_whitespace().nth(4) == Some("0"), "{core}");
    Ok(())
}
