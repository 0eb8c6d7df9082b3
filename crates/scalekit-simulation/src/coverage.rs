//! The coverage of states, events and modes.

use scalekit_auth::session::Event;
use serde_json::{Value, json};

use crate::{
    device::Process,
    events::{EVENTS, is_result, name},
    transitions::Transitions,
    world::StorageState,
};

/// The states of the current account, as the machine names them.
use scalekit_auth::session::SESSIONS as STATES;

/// The modes of storage.
pub const MODES: [&str; 5] =
    ["keychain", "in memory", "journal unreadable", "full disk", "ended unreadable"];

/// The number of times each combination occurred.
pub struct Coverage {
    met: Vec<u64>,
    pub(crate) transitions: Transitions,
}

impl Default for Coverage {
    fn default() -> Self {
        let met = vec![0; STATES.len() * EVENTS.len() * MODES.len()];
        Self { met, transitions: Transitions::new() }
    }
}

impl Coverage {
    /// Records an event of a process in this state.
    pub fn saw(&mut self, process: &Process, storage_state: StorageState, event: &Event) {
        let position = |list: &[&str], name| list.iter().position(|one| *one == name);
        let state = position(&STATES, process.machine.state_name());
        let (Some(state), Some(event)) = (state, position(&EVENTS, name(event))) else { return };
        let account = process.account();
        let in_memory = account.is_some_and(|one| process.of_account[one.0].in_memory);
        let at = index(state, event, mode(storage_state, in_memory));
        if let Some(count) = self.met.get_mut(at) {
            *count += 1;
        }
    }

    /// Adds the combinations of another run.
    pub fn merge(&mut self, other: &Self) {
        for (sum, count) in self.met.iter_mut().zip(&other.met) {
            *sum += count;
        }
        for (transition, count) in &other.transitions {
            *self.transitions.entry(*transition).or_default() += count;
        }
    }

    /// The number of times each transition of a state occurred.
    #[must_use]
    pub fn transitions(&self) -> &Transitions {
        &self.transitions
    }

    /// The combinations that did not occur without a reason.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for_each(|state, event, mode, at| {
            if self.met[at] == 0 && reason(state, event, mode).is_none() {
                missing.push(format!("{state} × {event} × {mode}"));
            }
        });
        missing
    }

    /// The combinations that occurred although they are listed as unreachable.
    #[must_use]
    pub fn surprises(&self) -> Vec<String> {
        let mut surprises = Vec::new();
        for_each(|state, event, mode, at| {
            if self.met[at] > 0
                && let Some(reason) = unreachable(state, event, mode)
            {
                surprises.push(format!("{state} × {event} × {mode}: {reason}"));
            }
        });
        surprises
    }

    /// The figures, and the reason for each combination that cannot occur.
    #[must_use]
    pub fn report(&self) -> Value {
        let (mut met, mut excused) = (0, std::collections::BTreeMap::<&str, Vec<String>>::new());
        for_each(|state, event, mode, at| {
            if self.met[at] > 0 {
                met += 1;
            } else if let Some(reason) = reason(state, event, mode) {
                excused.entry(reason).or_default().push(format!("{state} × {event} × {mode}"));
            }
        });
        json!({
            "tuples": self.met.len(), "met": met, "missing": self.missing(),
            "unreachable": excused,
        })
    }
}

fn for_each(mut with: impl FnMut(&'static str, &'static str, &'static str, usize)) {
    for (state, state_name) in STATES.iter().enumerate() {
        for (event, event_name) in EVENTS.iter().enumerate() {
            for (mode, mode_name) in MODES.iter().enumerate() {
                with(state_name, event_name, mode_name, index(state, event, mode));
            }
        }
    }
}

fn index(state: usize, event: usize, mode: usize) -> usize {
    (state * EVENTS.len() + event) * MODES.len() + mode
}

fn mode(storage_state: StorageState, in_memory: bool) -> usize {
    if in_memory {
        1
    } else if storage_state.ended.cannot_be_read {
        4
    } else if storage_state.journal.cannot_be_written && storage_state.ended.cannot_be_written {
        3
    } else if storage_state.journal.cannot_be_read {
        2
    } else {
        0
    }
}

/// The reason a state did not meet an event in a mode.
fn reason(state: &str, event: &str, mode: &str) -> Option<&'static str> {
    unreachable(state, event, mode).or_else(|| rare(state, event))
}

/// The reason a possible combination may not occur in a million schedules. It occurs in other modes, and its
/// transition does not depend on the mode.
fn rare(state: &str, event: &str) -> Option<&'static str> {
    match (state, event) {
        ("SignedIn.Paused", _) => Some(
            "the account that is shown is paused only in a process that ends: nothing begins there",
        ),
        (
            "SignedIn.AwaitingLock.Reading"
            | "SignedIn.Journaling"
            | "SignedIn.Requested"
            | "SignedIn.AwaitingKeys",
            "Locked",
        ) => Some(
            "a lock that comes after its wait was given up, while a later refresh is under way: it is given back whatever is stored",
        ),
        ("SignedIn.AwaitingKeys", "Exit") => {
            Some("keys are on their way for a second, and a program ends once")
        }
        ("SignedIn.Requested", "PictureFetched") => {
            Some("a picture is fetched after a sign-in or a start, and a refresh begins later")
        }
        ("SignedIn.Journaling", "PictureFetched") => Some(
            "the journal is written at once, and a picture is fetched after a sign-in or a start",
        ),
        ("SignedIn.AwaitingKeys", "Loaded" | "PictureFetched") => {
            Some("keys are on their way for a second; what comes meanwhile is for something else")
        }
        (
            "SignedIn.AwaitingMetadata"
            | "SignedIn.AwaitingLock.Storage"
            | "SignedIn.AwaitingLock.Reading"
            | "SignedIn.Journaling"
            | "SignedIn.Requested"
            | "SignedIn.AwaitingKeys",
            "Listening" | "LoopbackResponse",
        ) => Some(
            "a second sign-in that can come back two ways, beside a session in a passing state",
        ),
        ("SignedIn.Impossible", "Locked" | "Listening" | "LoopbackResponse") => Some(
            "a lock that comes late, or a second sign-in that can come back two ways, beside a session without a refresh token",
        ),
        ("SignedIn.AwaitingMetadata" | "SignedIn.Requested", "Loaded") => Some(
            "what was to be read has been read before, unless another account was shown meanwhile",
        ),
        _ => None,
    }
}

/// The reason a state cannot meet an event in a mode, if any.
fn unreachable(state: &str, event: &str, mode: &str) -> Option<&'static str> {
    let keeps = [
        "AwaitingSettings",
        "NotConfigured",
        "Starting",
        "Unavailable",
        "SigningOut",
        "SignedIn.AwaitingLock.Storage",
        "SignedIn.AwaitingLock.Lock",
        "SignedIn.AwaitingLock.Reading",
        "SignedIn.Journaling",
    ];
    match (state, event, mode) {
        ("AwaitingSettings", result, _) if is_result(result) => {
            Some("before its settings a process has asked for nothing")
        }
        (state, _, "in memory") if keeps.contains(&state) => {
            Some("without a keychain nothing is read, written, or waited for")
        }
        (
            "NotConfigured" | "Starting" | "Unavailable" | "SigningOut",
            "Listening" | "LoopbackResponse",
            _,
        ) => Some(
            "what listens is gone with its sign-in, and none is under way; what is late is tried by the exhaustive search",
        ),
        ("SignedIn.Journaling", "Loaded", _) => {
            Some("what was to be read was queued before the note, and has been read")
        }
        _ => None,
    }
}
