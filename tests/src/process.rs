//! Processes that end with the test, including their descendants.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::channel,
};

use anyhow::{Context, Result};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open},
};

/// A process and its process group; its output is written to a file.
pub struct Process {
    name: String,
    child: Child,
    pub log: PathBuf,
}

impl Process {
    /// Starts the process.
    pub fn start(name: &str, mut command: Command, logs: &Path) -> Result<Self> {
        let (log, file) = log(name, logs)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Ok(Self { name: name.to_owned(), child: spawn(name, &mut command)?, log })
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> Result<()> {
        wait_for_end(self.child.id())
    }

    /// The name it was started with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts the process with one line as its input.
    pub fn start_with_line(
        name: &str,
        mut command: Command,
        line: &str,
        logs: &Path,
    ) -> Result<Self> {
        use std::io::Write;
        let (log, file) = log(name, logs)?;
        command.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        let mut child = spawn(name, &mut command)?;
        let mut stdin: ChildStdin = child.stdin.take().context("no standard input")?;
        stdin.write_all(line.as_bytes())?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Starts the process and waits for the line of output that announces its address.
    pub fn start_announced(
        name: &str,
        mut command: Command,
        logs: &Path,
        found: impl Fn(&str) -> Option<String> + Send + 'static,
    ) -> Result<(Self, String)> {
        let (log, file) = log(name, logs)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
        let mut child = spawn(name, &mut command)?;
        let lines = BufReader::new(child.stdout.take().context("no standard output")?).split(b'\n');
        let process = Self { name: name.to_owned(), child, log };
        let (sender, receiver) = channel();
        // The output is read on, or the process would block on a full pipe.
        std::thread::spawn(move || {
            let mut sender = Some(sender);
            for line in lines.map_while(std::io::Result::ok) {
                if let Some(found) = found(String::from_utf8_lossy(&line).trim())
                    && let Some(sender) = sender.take()
                {
                    let _ = sender.send(found);
                }
            }
        });
        match receiver.recv_timeout(crate::TEST_TIMEOUT) {
            Ok(found) => Ok((process, found)),
            Err(_) => {
                anyhow::bail!("{name} does not come up: {}", fs::read_to_string(&process.log)?)
            }
        }
    }
}

/// Ends the processes of a desktop when the test has ended in any way: the end of the test closes a pipe, also when
/// it was killed. This also ends processes that others have started there, such as an application that the browser
/// has opened.
pub struct ProcessGuard(Child);

/// Ends every process with the folder `$1` in its environment or its arguments, as of a browser, and their
/// descendants, which may have neither; until there is none. Then it removes the folder.
const CLEAR_AWAY: &str = r#"
read -r _
# Not among the arguments of the process that searches.
printf '%s/' "$1" > "$1.mark"
named() {
    for process in /proc/[0-9]*; do
        if grep -qzFf "$1.mark" "$process/environ" "$process/cmdline" 2> /dev/null; then
            echo "${process#/proc/}"
        fi
    done
}
with_all_they_started() {
    cat /proc/[0-9]*/stat 2> /dev/null | awk -v named="$(named "$1" | tr '\n' ' ')" '
        BEGIN { count = split(named, list, " "); for (i = 1; i <= count; i++) found[list[i]] = 1 }
        { process = $1; sub(/.*\) . /, ""); parent[process] = $1 }
        END {
            do {
                more = 0
                for (one in parent) if (!(one in found) && parent[one] in found) { found[one] = 1; more = 1 }
            } while (more)
            for (one in found) print one
        }'
}
tries=0
while processes=$(with_all_they_started "$1"); [ -n "$processes" ] && [ $tries -lt 100 ]; do
    kill -9 $processes 2> /dev/null
    tries=$((tries + 1))
done
rm -rf "$1" "$1.mark"
"#;

impl ProcessGuard {
    /// A guard for the desktop in this folder.
    pub fn start(folder: &Path) -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", CLEAR_AWAY, "caretaker"]).arg(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(spawn("sh", &mut command)?))
    }
}

impl Drop for ProcessGuard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Waits until a process that is no child has ended.
pub fn wait_for_end(pid: u32) -> Result<()> {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(()) };
    let Ok(file) = pidfd_open(pid, PidfdFlags::empty()) else { return Ok(()) };
    let timeout = rustix::time::Timespec {
        tv_sec: i64::try_from(crate::TEST_TIMEOUT.as_secs())?,
        tv_nsec: 0,
    };
    let ended = poll(&mut [PollFd::new(&file, PollFlags::IN)], Some(&timeout))?;
    anyhow::ensure!(ended == 1, "the process {pid:?} does not end");
    Ok(())
}

/// The processes of this program on the desktop with this home.
pub fn running(program: &Path, home: &Path) -> Vec<u32> {
    let processes = at_home(home).into_iter();
    processes.filter(|(_, exe)| exe == program).map(|(pid, _)| pid).collect()
}

/// Every process on the desktop with this home, and its program.
pub fn at_home(home: &Path) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let marker = format!("HOME={}", home.display());
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|one| one == marker.as_bytes())
        })
        .filter_map(|pid| Some((pid, fs::read_link(format!("/proc/{pid}/exe")).ok()?)))
        .collect()
}

fn spawn(name: &str, command: &mut Command) -> Result<Child> {
    command.process_group(0).spawn().with_context(|| {
        format!("{name} could not be started; `cargo xtask test` installs what is missing")
    })
}

fn log(name: &str, logs: &Path) -> Result<(PathBuf, File)> {
    let path = logs.join(format!("{name}.log"));
    let file = File::options().create(true).append(true).open(&path)?;
    Ok((path, file))
}
