//! The check of the scheme: the program that handles it by its desktop entry, then a probe link.

use scalekit_auth::{Finding, SchemeHandler, SentLink, scheme_finding};

use super::probe::{ProbeReceipts, SchemeCheck};
#[cfg(target_os = "linux")]
use super::{
    handler::{self, this_program},
    probe::{has_opener, open},
};
use crate::files::Files;

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedScheme {
    /// The handler by its desktop entry.
    named: SchemeHandler,
    /// The outcome of a probe link.
    sent: SentLink,
}

impl CheckedScheme {
    /// The handler by the desktop entry and the outcome of a probe link.
    #[must_use]
    pub fn handler(&self) -> SchemeHandler {
        match self.sent {
            SentLink::Arrived => SchemeHandler::Ours,
            SentLink::NoOpener => SchemeHandler::Nobody,
            SentLink::Lost if self.named == SchemeHandler::Ours => SchemeHandler::Nobody,
            SentLink::Lost | SentLink::None => self.named.clone(),
        }
    }

    /// The finding of a self-check.
    #[must_use]
    pub fn finding(self) -> Finding {
        scheme_finding(self.named, self.sent)
    }
}

/// The file with the desktop entry that was checked with a probe link.
#[cfg(target_os = "linux")]
const PROVED: &str = "links-proved";

/// The beginning of that file for each outcome; that of an arrived link is 0.1.0's.
#[cfg(any(target_os = "linux", test))]
const ARRIVED: &str = "";
#[cfg(any(target_os = "linux", test))]
const LOST: &str = "lost\n";
#[cfg(target_os = "linux")]
const SENT: &str = "sent\n";

#[cfg(target_os = "linux")]
impl SchemeCheck<'_> {
    /// Determines the handler: each desktop entry is checked with a probe link once, also that of a package, and a new
    /// registration again (`must_prove`). The outcome is recorded in `files`. Blocks.
    #[must_use]
    pub fn run(&self, scheme: &str, files: Option<&Files>, must_prove: bool) -> CheckedScheme {
        let (named, this) = registration(scheme);
        if matches!(named, SchemeHandler::Another(_) | SchemeHandler::Nobody) {
            return CheckedScheme { named, sent: SentLink::None };
        }
        // The entry alone is of no use: browsers start one of these programs.
        if !has_opener() {
            return CheckedScheme { named, sent: SentLink::NoOpener };
        }
        let known = files.and_then(|files| recorded(&files.load(PROVED).ok()??, &this));
        if let Some(sent) = known.filter(|_| !must_prove) {
            return CheckedScheme { named, sent };
        }
        let record = |outcome: &str| match files {
            Some(files) => files.store(PROVED, format!("{outcome}{this}").as_bytes()).is_ok(),
            None => false,
        };
        // Where nothing can be recorded, a link would be sent at each start.
        if !record(SENT) && !must_prove && named == SchemeHandler::Ours {
            return CheckedScheme { named, sent: SentLink::None };
        }
        let sent = self.prove(scheme, open);
        match sent {
            SentLink::Arrived => record(ARRIVED),
            SentLink::Lost => record(LOST),
            SentLink::None | SentLink::NoOpener => false,
        };
        CheckedScheme { named, sent }
    }
}

#[cfg(not(target_os = "linux"))]
impl SchemeCheck<'_> {
    /// This application, which the system registers itself.
    #[must_use]
    pub fn run(&self, _: &str, _: Option<&Files>, _: bool) -> CheckedScheme {
        CheckedScheme { named: SchemeHandler::Ours, sent: SentLink::None }
    }
}

#[cfg(target_os = "linux")]
impl ProbeReceipts {
    /// Determines the handler from a process that is no instance: another process receives the probe link. Blocks.
    #[must_use]
    pub fn check(&self, scheme: &str) -> CheckedScheme {
        let (named, _) = handler::of(scheme);
        let sent = match named {
            SchemeHandler::Ours | SchemeHandler::Perhaps(_) if !has_opener() => SentLink::NoOpener,
            SchemeHandler::Ours | SchemeHandler::Perhaps(_) => self.prove(scheme, open),
            SchemeHandler::Another(_) | SchemeHandler::Nobody | SchemeHandler::Unreachable => {
                SentLink::None
            }
        };
        CheckedScheme { named, sent }
    }
}

#[cfg(not(target_os = "linux"))]
impl ProbeReceipts {
    /// This application, which the system registers itself.
    #[must_use]
    pub fn check(&self, _: &str) -> CheckedScheme {
        CheckedScheme { named: SchemeHandler::Ours, sent: SentLink::None }
    }
}

/// Records that a link has arrived which was reported as lost. Blocks.
#[cfg(target_os = "linux")]
pub fn record_late_arrival(scheme: &str, files: &Files) {
    let (_, this) = registration(scheme);
    let _ = files.store(PROVED, format!("{ARRIVED}{this}").as_bytes());
}

/// Links are opened by the system here.
#[cfg(not(target_os = "linux"))]
pub fn record_late_arrival(_: &str, _: &Files) {}

/// The handler by its desktop entry, and what a link's way depends on: another desktop may open links in another way.
#[cfg(target_os = "linux")]
fn registration(scheme: &str) -> (SchemeHandler, String) {
    let (named, entry) = handler::of(scheme);
    let program = this_program().unwrap_or_default();
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let content = content_of(&named);
    let this = format!("{}\n{content:016x}\n{desktop}\n{entry}", program.display());
    (named, this)
}

/// The outcome of the last probe link, if this registration was checked.
#[cfg(any(target_os = "linux", test))]
fn recorded(stored: &[u8], this: &str) -> Option<SentLink> {
    let is_of = |outcome: &str| stored.strip_prefix(outcome.as_bytes()) == Some(this.as_bytes());
    if is_of(ARRIVED) {
        return Some(SentLink::Arrived);
    }
    is_of(LOST).then_some(SentLink::Lost)
}

/// A hash of the script that handles the scheme, as its content may change.
#[cfg(target_os = "linux")]
fn content_of(named: &SchemeHandler) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    if let SchemeHandler::Perhaps(script) = named {
        std::fs::read(script).unwrap_or_default().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: M21
    #[test]
    fn scheme_probe_outweighs_the_desktop_entry() {
        let perhaps = || SchemeHandler::Perhaps("script".to_owned());
        for (sent, named, handler) in [
            (SentLink::Arrived, perhaps(), SchemeHandler::Ours),
            (SentLink::Arrived, SchemeHandler::Ours, SchemeHandler::Ours),
            (SentLink::Lost, SchemeHandler::Ours, SchemeHandler::Nobody),
            (SentLink::Lost, perhaps(), perhaps()),
            (SentLink::None, SchemeHandler::Ours, SchemeHandler::Ours),
            (SentLink::None, perhaps(), perhaps()),
            (SentLink::NoOpener, SchemeHandler::Ours, SchemeHandler::Nobody),
        ] {
            let checked = CheckedScheme { named, sent };
            assert_eq!(checked.handler(), handler, "{checked:?}");
        }
    }

    #[test]
    fn scheme_probe_outcome_is_of_the_recorded_entry_only() {
        assert_eq!(
            recorded(b"/usr/bin/tool\nentry", "/usr/bin/tool\nentry"),
            Some(SentLink::Arrived)
        );
        assert_eq!(
            recorded(b"lost\n/usr/bin/tool\nentry", "/usr/bin/tool\nentry"),
            Some(SentLink::Lost)
        );
        for stored in [
            &b""[..],
            b"lost\n",
            b"/usr/bin/tool\nother entry",
            b"lost\nlost\n/usr/bin/tool\nentry",
        ] {
            assert_eq!(recorded(stored, "/usr/bin/tool\nentry"), None);
        }
    }
}
