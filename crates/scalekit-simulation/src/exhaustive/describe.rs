//! Descriptions of actions, for the path to a violation.

use scalekit_auth::view::SessionView;

use super::{
    actions::Act,
    model::{Model, Process, Work},
};

impl Model {
    /// The description of an action.
    pub fn about(&self, act: Act) -> String {
        let work = |process: u8| {
            let one = self.processes[usize::from(process)].as_ref();
            one.and_then(|one| one.work.front()).map(|(_, work)| work.to_string())
        };
        let request = |number: u8| {
            let one = &self.requests[usize::from(number)];
            format!("{:?} of {}", one.kind, one.process)
        };
        match act {
            Act::Work(process)
            | Act::WorkUnheard(process)
            | Act::Refuses(process)
            | Act::Slow(process) => {
                format!("{act:?}: {}", work(process).unwrap_or_default())
            }
            Act::Arrives(number)
            | Act::Responds(number)
            | Act::Lost(number)
            | Act::Failing(number)
            | Act::Unreachable(number)
            | Act::Another(number)
            | Act::Vanishes(number) => format!("{act:?}: {}", request(number)),
            Act::Grant(number) => format!("{act:?}: {}", self.waiters[usize::from(number)].0),
            other => format!("{other:?}"),
        }
    }

    /// The views of the processes.
    pub fn shows(&self) -> String {
        let shown = self.processes.iter().map(|one| one.as_ref().map_or_else(String::new, shown));
        shown.collect::<Vec<_>>().join(" | ")
    }

    /// The keychain has recovered, and the user chooses an action.
    pub fn retries(&self) -> Option<Act> {
        for (number, one) in (0..).zip(&self.processes) {
            if let Some(SessionView::KeychainUnavailable { .. }) = one.as_ref().map(|one| &one.view)
            {
                return Some(if self.computer.keychain {
                    Act::Retry(number)
                } else {
                    Act::GoOn(number)
                });
            }
        }
        None
    }
}

fn shown(process: &Process) -> String {
    let situations = process.machine.situations().map(|one| match one.attempt {
        Some(attempt) => format!("{}+{attempt}", one.session),
        None => one.session.to_owned(),
    });
    situations.collect::<Vec<_>>().join(" & ")
}

impl std::fmt::Display for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Load(_, entry) => write!(f, "load {:?}", entry.kind),
            Self::Store(_, entry, _) => write!(f, "store {:?}", entry.kind),
            Self::Append(_, entry, _) => write!(f, "append {:?}", entry.kind),
            Self::Clear(_, entry, _) => write!(f, "clear {:?}", entry.kind),
            Self::Release(..) => f.write_str("release"),
        }
    }
}
