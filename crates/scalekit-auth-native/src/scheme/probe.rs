//! Proof that the desktop delivers our scheme's links to this process.
//!
//! A probe link with a random nonce is opened as a browser opens links. Its host is none of the redirect URIs', and
//! it contains nothing else. It has an effect only while a check waits for it; from any other sender, and at any
//! other time, it has none.

#[cfg(target_os = "linux")]
use std::{
    ffi::OsStr,
    process::{Command, Stdio},
    time::Instant,
};
use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError, TryLockError, mpsc::Sender},
};
#[cfg(any(target_os = "linux", test))]
use std::{sync::mpsc::channel, time::Duration};

#[cfg(any(target_os = "linux", test))]
use scalekit_auth::SentLink;

use crate::{entropy, files::Files};

/// The timeout of a link's delivery through the desktop and a second process.
#[cfg(any(target_os = "linux", test))]
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// The probe link that is expected, and the sender that reports its arrival.
#[derive(Default)]
pub struct SchemeProbe {
    expected: Mutex<Option<(String, Sender<()>)>>,
    /// The last one that did not arrive in time: a desktop that starts may take longer.
    lost: Mutex<Option<String>>,
    checking: Mutex<()>,
}

/// A probe link that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeLink {
    /// The expected one: its check continues.
    Expected,
    /// The expected one, after its check has reported it as lost.
    Late,
    /// Of another sender or time, without any effect.
    Unexpected,
}

/// The exclusive right to register the scheme and to send a probe link: each of two concurrent checks would report
/// its own link as lost when the other's arrives.
pub struct SchemeCheck<'a> {
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "links are sent on Linux only")
    )]
    probe: &'a SchemeProbe,
    _held: MutexGuard<'a, ()>,
}

impl SchemeCheck<'_> {
    /// Opens a probe link with `open`, and waits for it. Blocks.
    #[cfg(any(target_os = "linux", test))]
    pub(super) fn prove(&self, scheme: &str, open: impl FnOnce(&str) -> bool) -> SentLink {
        self.prove_within(PROBE_TIMEOUT, scheme, open)
    }

    #[cfg(any(target_os = "linux", test))]
    fn prove_within(
        &self,
        longest: Duration,
        scheme: &str,
        open: impl FnOnce(&str) -> bool,
    ) -> SentLink {
        let Some(nonce) = nonce() else { return SentLink::None };
        let link = format!("{}{nonce}", prefix(scheme));
        let (arrived, waiting) = channel();
        *locked(&self.probe.lost) = None;
        *locked(&self.probe.expected) = Some((link.clone(), arrived));
        let outcome = if !open(&link) {
            SentLink::None
        } else if waiting.recv_timeout(longest).is_ok() {
            SentLink::Arrived
        } else {
            *locked(&self.probe.lost) = Some(link);
            SentLink::Lost
        };
        *locked(&self.probe.expected) = None;
        outcome
    }
}

impl SchemeProbe {
    /// Begins a check; none while another one is under way.
    #[must_use]
    pub fn begin_check(&self) -> Option<SchemeCheck<'_>> {
        let held = match self.checking.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(SchemeCheck { probe: self, _held: held })
    }

    /// Consumes a probe link, which the session does not get; `None` for every other link.
    pub fn takes(&self, link: &[u8], scheme: &str) -> Option<ProbeLink> {
        if !is_probe_link(link, scheme) {
            return None;
        }
        let is_link = |expected: &str| expected.as_bytes() == link;
        if let Some((_, arrived)) =
            locked(&self.expected).take_if(|(expected, _)| is_link(expected))
        {
            let _ = arrived.send(());
            return Some(ProbeLink::Expected);
        }
        let late = locked(&self.lost).take_if(|lost| is_link(lost));
        Some(if late.is_some() { ProbeLink::Late } else { ProbeLink::Unexpected })
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Files for the probe links of a process that is no instance, such as a command line: one for each link. The process
/// that the desktop starts with such a link removes its file and ends; a running instance is not involved.
pub struct ProbeReceipts(Files);

impl ProbeReceipts {
    /// The files of the application with this directory.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(Files::new(folder))
    }

    /// Opens a probe link with `open`, and waits until another process has received it. Blocks.
    #[cfg(target_os = "linux")]
    pub(super) fn prove(&self, scheme: &str, open: impl FnOnce(&str) -> bool) -> SentLink {
        self.prove_within(PROBE_TIMEOUT, scheme, open)
    }

    #[cfg(target_os = "linux")]
    fn prove_within(
        &self,
        longest: Duration,
        scheme: &str,
        open: impl FnOnce(&str) -> bool,
    ) -> SentLink {
        let Some(nonce) = nonce() else { return SentLink::None };
        let name = receipt(&nonce);
        if self.0.store(&name, b"").is_err() || !open(&format!("{}{nonce}", prefix(scheme))) {
            let _ = self.0.remove(&name);
            return SentLink::None;
        }
        let began = Instant::now();
        while began.elapsed() < longest {
            if let Ok(None) = self.0.load(&name) {
                return SentLink::Arrived;
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        let _ = self.0.remove(&name);
        SentLink::Lost
    }

    /// Acknowledges a probe link; returns whether a process waits for it. Any web page can open such a link, but does
    /// not know the nonce.
    pub(crate) fn acknowledge(&self, link: &[u8], scheme: &str) -> bool {
        let nonce = link.strip_prefix(prefix(scheme).as_bytes());
        let Some(nonce) = nonce.and_then(|nonce| std::str::from_utf8(nonce).ok()) else {
            return false;
        };
        // It becomes part of a file name.
        let is_nonce = nonce.len() == 32
            && nonce.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let name = receipt(nonce);
        is_nonce
            && self.0.load(&name).is_ok_and(|file| file.is_some())
            && self.0.remove(&name).is_ok()
    }
}

/// How often the file is checked.
#[cfg(target_os = "linux")]
const POLL_INTERVAL: Duration = Duration::from_millis(50);

fn receipt(nonce: &str) -> String {
    format!("here-{nonce}")
}

/// A probe link that no process waits for: an instance consumes it, without an effect.
pub(crate) fn unexpected_probe_link(scheme: &str) -> String {
    format!("{}{}", prefix(scheme), nonce().unwrap_or_default())
}

/// Whether a link is a probe link, of any process.
pub(crate) fn is_probe_link(link: &[u8], scheme: &str) -> bool {
    link.starts_with(format!("{scheme}://here").as_bytes())
}

fn prefix(scheme: &str) -> String {
    format!("{scheme}://here?nonce=")
}

fn nonce() -> Option<String> {
    let mut random = [0; 16];
    entropy::fill(&mut random).ok()?;
    Some(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The programs that open links: Chromium starts the first one, and `gio` does what Firefox does itself.
#[cfg(target_os = "linux")]
const OPENERS: [&[&str]; 2] = [&["xdg-open"], &["gio", "open"]];

/// Whether a program that opens links is installed.
#[cfg(target_os = "linux")]
pub(super) fn has_opener() -> bool {
    has_opener_in(&std::env::var_os("PATH").unwrap_or_default())
}

#[cfg(target_os = "linux")]
fn has_opener_in(path: &OsStr) -> bool {
    let mut folders = std::env::split_paths(path);
    folders.any(|folder| OPENERS.iter().any(|words| folder.join(words[0]).is_file()))
}

/// Opens a link as browsers do. False where no opener can be started.
#[cfg(target_os = "linux")]
pub(super) fn open(link: &str) -> bool {
    OPENERS.into_iter().any(|words| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(link);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match quiet.spawn() {
            Ok(mut opener) => {
                // Without `wait` the ended child would stay as a zombie.
                std::thread::spawn(move || opener.wait());
                true
            }
            Err(_) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    const SCHEME: &str = "com.example.tool";

    // req: X33
    #[test]
    fn scheme_probe_link_is_consumed_and_confirms_arrival() {
        let probe = SchemeProbe::default();
        let check = probe.begin_check().unwrap();
        let mut sent = String::new();
        let outcome = check.prove(SCHEME, |link| {
            link.clone_into(&mut sent);
            let untrusted = probe.takes(b"com.example.tool://here?nonce=0", SCHEME);
            assert_eq!(untrusted, Some(ProbeLink::Unexpected));
            assert_eq!(probe.takes(link.as_bytes(), SCHEME), Some(ProbeLink::Expected));
            true
        });
        assert_eq!(outcome, SentLink::Arrived);
        assert_eq!(probe.takes(sent.as_bytes(), SCHEME), Some(ProbeLink::Unexpected));
        assert_eq!(check.prove(SCHEME, |_| false), SentLink::None);
    }

    #[test]
    fn scheme_probe_link_after_timeout_is_late_once() {
        let probe = SchemeProbe::default();
        let check = probe.begin_check().unwrap();
        let mut sent = String::new();
        let outcome = check.prove_within(Duration::ZERO, SCHEME, |link| {
            link.clone_into(&mut sent);
            true
        });
        assert_eq!(outcome, SentLink::Lost);
        assert_eq!(probe.takes(sent.as_bytes(), SCHEME), Some(ProbeLink::Late));
        assert_eq!(probe.takes(sent.as_bytes(), SCHEME), Some(ProbeLink::Unexpected));
    }

    // req: M21
    #[test]
    fn scheme_check_is_rejected_while_another_one_is_pending() {
        let probe = SchemeProbe::default();
        let check = probe.begin_check().unwrap();
        let outcome = check.prove(SCHEME, |link| {
            assert!(probe.begin_check().is_none());
            probe.takes(link.as_bytes(), SCHEME).is_some()
        });
        assert_eq!(outcome, SentLink::Arrived);
        drop(check);
        assert!(probe.begin_check().is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn link_opener_is_found_in_any_folder_of_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let empty = tempfile::tempdir().unwrap();
        let path = std::env::join_paths([empty.path(), folder.path()]).unwrap();
        assert!(!has_opener_in(&path) && !has_opener_in(OsStr::new("")));
        for opener in ["xdg-open", "gio"] {
            let program = folder.path().join(opener);
            std::fs::write(&program, "").unwrap();
            assert!(has_opener_in(&path), "{opener}");
            std::fs::remove_file(program).unwrap();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn scheme_probe_of_a_command_line_is_received_by_a_new_process() {
        let folder = tempfile::tempdir().unwrap();
        let receipts = || ProbeReceipts::new(folder.path().to_owned());
        let mut sent = String::new();
        let outcome = receipts().prove(SCHEME, |link| {
            link.clone_into(&mut sent);
            assert!(receipts().acknowledge(link.as_bytes(), SCHEME));
            true
        });
        assert_eq!(outcome, SentLink::Arrived);
        assert!(!receipts().acknowledge(sent.as_bytes(), SCHEME), "it is used once");
        assert_eq!(receipts().prove(SCHEME, |_| false), SentLink::None);
        let lost = receipts().prove_within(Duration::ZERO, SCHEME, |_| true);
        assert_eq!(lost, SentLink::Lost);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file is left");
    }

    #[test]
    fn scheme_probe_number_never_becomes_another_path() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("secret");
        std::fs::write(&outside, "x").unwrap();
        let receipts = ProbeReceipts::new(folder.path().join("instance"));
        for nonce in ["/../../secret", "../secret", "", "A".repeat(32).as_str(), "%2e%2e"] {
            let link = format!("{SCHEME}://here?nonce={nonce}");
            assert!(!receipts.acknowledge(link.as_bytes(), SCHEME), "{nonce}");
        }
        assert!(outside.exists());
        assert!(!receipts.acknowledge(unexpected_probe_link(SCHEME).as_bytes(), SCHEME));
    }

    #[test]
    fn deep_links_other_than_scheme_probes_reach_the_session() {
        let probe = SchemeProbe::default();
        for link in ["com.example.tool://callback?code=1", "com.example.tool:here", "https://here"]
        {
            assert_eq!(probe.takes(link.as_bytes(), SCHEME), None, "{link}");
        }
    }
}
