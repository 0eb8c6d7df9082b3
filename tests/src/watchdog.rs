//! A limit for the duration of a test, so that one that hangs fails with its name and its processes.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::abort,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use crate::process::at_home;

/// Several times the duration of the longest test on a busy computer. A single condition has
/// [`TEST_TIMEOUT`](crate::TEST_TIMEOUT), but the end of a program that was started may have none.
const MAX_TEST: Duration = Duration::from_secs(600);

/// The limit for the report about what hangs.
const MAX_REPORT: Duration = Duration::from_secs(10);

/// The number of lines that are printed of each log.
const LOG_LINES: usize = 15;

/// Aborts the test program when it is not dropped in time. Its [`ProcessGuard`](crate::process::ProcessGuard) ends
/// the processes then.
pub struct Watchdog {
    _stop: Sender<()>,
}

impl Watchdog {
    /// Watches the test of this thread, whose desktop has this folder.
    ///
    /// A program of its own, such as the demonstration, has no limit; nor have tests that run one after the other,
    /// as at full scale: both run on the main thread.
    pub fn start(folder: &Path) -> Option<Self> {
        let test = thread::current().name().filter(|name| *name != "main")?.to_owned();
        let (stop, stopped) = channel();
        let folder = folder.to_owned();
        let watch = move || {
            if stopped.recv_timeout(MAX_TEST) == Err(RecvTimeoutError::Timeout) {
                let mut out = std::io::stderr();
                let _ = writeln!(out, "\ntest {test} has not ended after {} s", MAX_TEST.as_secs());
                abort_after(MAX_REPORT);
                let _ = out.write_all(report(&folder).as_bytes());
                abort();
            }
        };
        thread::Builder::new().name("watchdog".to_owned()).spawn(watch).ok()?;
        Some(Self { _stop: stop })
    }
}

/// Reading about a process that hangs may hang, too.
fn abort_after(limit: Duration) {
    thread::spawn(move || {
        thread::sleep(limit);
        abort();
    });
}

/// What hangs: the processes of the desktop, the threads of the test program, and the ends of the logs.
fn report(folder: &Path) -> String {
    let mut text = String::new();
    for (pid, program) in at_home(&folder.join("home")) {
        let waits = waits(&PathBuf::from(format!("/proc/{pid}")));
        let _ = writeln!(text, "  process {pid} {}: {waits}", program.display());
    }
    for thread in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let _ = writeln!(text, "  thread {}", waits(&thread.path()));
    }
    for log in fs::read_dir(folder.join("logs")).into_iter().flatten().flatten() {
        let content = fs::read(log.path()).unwrap_or_default();
        let content = String::from_utf8_lossy(&content);
        let lines: Vec<_> = content.lines().collect();
        let _ = writeln!(text, "  {}", log.path().display());
        for line in lines.iter().skip(lines.len().saturating_sub(LOG_LINES)) {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

/// The name of a process or thread, and the function of the kernel and the system call that it waits in.
fn waits(process: &Path) -> String {
    let read = |name: &str| {
        let text = fs::read_to_string(process.join(name)).unwrap_or_default();
        text.split_whitespace().next().unwrap_or("?").to_owned()
    };
    format!("{} in {}, system call {}", read("comm"), read("wchan"), read("syscall"))
}
