//! The resource usage of a process and its descendants, from Linux's `/proc`.

use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

/// The interval of reading memory until it is stable, and the number of equal readings.
const PAUSE: Duration = Duration::from_millis(500);
const STEADY: usize = 4;

/// The relative difference up to which readings count as equal.
const TOLERANCE: f64 = 0.005;

/// The timeout until memory is stable.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A process and its descendants.
#[derive(Debug, Clone, Copy)]
pub struct ProcessTree(u32);

/// The resource usage of a tree so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Processor time, in milliseconds.
    pub cpu: f64,
    /// The number of voluntary context switches of its threads, and so of wake-ups.
    pub wake_ups: u64,
}

/// The resource usage of a tree per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Processor time per second, in milliseconds.
    pub cpu: f64,
    /// Wake-ups per second.
    pub wake_ups: f64,
}

impl ProcessTree {
    /// The tree of the process with this id.
    #[must_use]
    pub fn of(process: u32) -> Self {
        Self(process)
    }

    /// All processes that are running now.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn processes(self) -> Result<Vec<u32>> {
        let mut children = HashMap::<u32, Vec<u32>>::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(process) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
            if let Some(parent) = parent(&stat) {
                children.entry(parent).or_default().push(process);
            }
        }
        let mut found = vec![self.0];
        let mut next = 0;
        while let Some(process) = found.get(next) {
            found.extend(children.remove(process).unwrap_or_default());
            next += 1;
        }
        Ok(found)
    }

    /// The number of processes whose program's name has this prefix.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn count(self, name: &str) -> Result<usize> {
        let processes = self.processes()?.into_iter();
        let named = processes.filter(|process| {
            fs::read_to_string(format!("/proc/{process}/comm"))
                .is_ok_and(|comm| comm.starts_with(name))
        });
        Ok(named.count())
    }

    /// The proportional set size (PSS) in MiB.
    ///
    /// # Errors
    /// When the process has ended, or this user may not read it.
    pub fn memory(self) -> Result<f64> {
        let mut kilobytes = 0;
        for process in self.processes()? {
            let file = format!("/proc/{process}/smaps_rollup");
            let text = match fs::read_to_string(&file) {
                Ok(text) => text,
                // A descendant that has ended since it was listed, or is a zombie.
                Err(why) if process != self.0 && has_ended(&why) => continue,
                Err(why) => {
                    return Err(why).context(
                        "a release build hides its memory from its user; run the bench as root",
                    );
                }
            };
            kilobytes += number(&text, "Pss:").unwrap_or_default();
        }
        #[expect(clippy::cast_precision_loss, reason = "memory is smaller")]
        Ok(kilobytes as f64 / 1024.0)
    }

    /// The memory once it is stable.
    ///
    /// # Errors
    /// When the process has ended, or this user may not read it.
    pub fn settled_memory(self) -> Result<f64> {
        let deadline = Instant::now() + TIMEOUT;
        let mut last = Vec::new();
        loop {
            let memory = self.memory()?;
            last.push(memory);
            let same = |one: &&f64| (*one - memory).abs() <= memory * TOLERANCE;
            let is_steady = last.iter().rev().take_while(same).count() >= STEADY;
            if is_steady || Instant::now() > deadline {
                return Ok(memory);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// The resource usage of each thread so far.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn usage(self) -> Result<HashMap<(u32, u32), Usage>> {
        let mut usage = HashMap::new();
        for process in self.processes()? {
            let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
            for thread in threads.flatten() {
                let read = |name| fs::read_to_string(thread.path().join(name));
                let (Ok(stat), Ok(status)) = (read("schedstat"), read("status")) else { continue };
                let Some(nanoseconds) =
                    stat.split(' ').next().and_then(|time| time.parse::<f64>().ok())
                else {
                    continue;
                };
                let wake_ups = number(&status, "voluntary_ctxt_switches:").unwrap_or_default();
                let id = thread.file_name().to_string_lossy().parse()?;
                usage.insert((process, id), Usage { cpu: nanoseconds / 1e6, wake_ups });
            }
        }
        ensure!(!usage.is_empty(), "the process {} has ended", self.0);
        Ok(usage)
    }

    /// The resource usage during this time.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn rate(self, time: Duration) -> Result<Rate> {
        let (before, began) = (self.usage()?, Instant::now());
        std::thread::sleep(time);
        let (after, seconds) = (self.usage()?, began.elapsed().as_secs_f64());
        Ok(used(&before, &after).per(seconds))
    }
}

impl Usage {
    #[expect(clippy::cast_precision_loss, reason = "nothing wakes so often")]
    fn per(self, seconds: f64) -> Rate {
        Rate { cpu: self.cpu / seconds, wake_ups: self.wake_ups as f64 / seconds }
    }
}

/// The usage between two readings; the last usage of a thread that ended is unknown.
fn used(before: &HashMap<(u32, u32), Usage>, after: &HashMap<(u32, u32), Usage>) -> Usage {
    after.iter().fold(Usage::default(), |sum, (id, now)| {
        let then = before.get(id).copied().unwrap_or_default();
        Usage {
            cpu: sum.cpu + (now.cpu - then.cpu).max(0.0),
            wake_ups: sum.wake_ups + now.wake_ups.saturating_sub(then.wake_ups),
        }
    })
}

/// Whether the error means that the process has ended.
fn has_ended(why: &std::io::Error) -> bool {
    let gone = rustix::io::Errno::SRCH.raw_os_error();
    why.kind() == std::io::ErrorKind::NotFound || why.raw_os_error() == Some(gone)
}

/// The parent in `/proc/<process>/stat`, whose second field may contain spaces and brackets.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// The number after this prefix of a line.
fn number(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_parent_is_read_past_a_name_with_brackets() {
        assert_eq!(parent("7 (a) b (c)) S 3 7 7 0"), Some(3));
        assert_eq!(parent("7"), None);
    }

    #[test]
    fn process_tree_usage_counts_new_threads_from_zero() {
        let usage = |cpu, wake_ups| Usage { cpu, wake_ups };
        let before = HashMap::from([((1, 1), usage(5.0, 5)), ((1, 2), usage(9.0, 9))]);
        let after = HashMap::from([((1, 1), usage(7.0, 6)), ((1, 3), usage(1.0, 2))]);
        assert_eq!(used(&before, &after), usage(3.0, 3));
        assert_eq!(usage(3.0, 3).per(2.0), Rate { cpu: 1.5, wake_ups: 1.5 });
    }

    #[test]
    fn process_tree_of_this_process_has_memory_and_this_process() {
        let tree = ProcessTree::of(std::process::id());
        assert!(tree.processes().unwrap().contains(&std::process::id()));
        assert!(tree.memory().unwrap() > 0.1);
    }
}
