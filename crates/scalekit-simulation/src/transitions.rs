//! The transitions of the machine's states, as the diagrams of `docs/state-machine.md` draw them.

use std::collections::BTreeMap;

use scalekit_auth::session::Situation;

/// The diagram that draws a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Diagram {
    /// The states of an account.
    Session,
    /// The states of the refresh, within those of a signed-in account.
    Refresh,
    /// The states of a sign-in.
    SignIn,
}

/// An event that moved an account from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transition {
    /// The diagram.
    pub diagram: Diagram,
    /// The name of the state before; `None` where there is no sign-in.
    pub from: Option<&'static str>,
    /// One of [`EVENTS`](crate::EVENTS).
    pub event: &'static str,
    /// The name of the state after.
    pub to: Option<&'static str>,
}

/// The number of times each transition occurred.
pub type Transitions = BTreeMap<Transition, u64>;

/// Counts the transitions of each account that was there before the event.
pub fn count(
    onto: &mut Transitions,
    event: &'static str,
    before: &[Situation],
    after: impl Iterator<Item = Situation>,
) {
    for after in after {
        let Some(before) = before.iter().find(|one| one.account == after.account) else { continue };
        let moves = [
            (Diagram::Session, session(before), session(&after)),
            (Diagram::Refresh, refresh(before), refresh(&after)),
            (Diagram::SignIn, before.attempt, after.attempt),
        ];
        for (diagram, from, to) in moves {
            // The refresh begins and ends with the session.
            if from != to && (diagram != Diagram::Refresh || from.is_some() && to.is_some()) {
                *onto.entry(Transition { diagram, from, event, to }).or_default() += 1;
            }
        }
    }
}

fn session(situation: &Situation) -> Option<&'static str> {
    situation.session.split('.').next()
}

fn refresh(situation: &Situation) -> Option<&'static str> {
    situation.session.strip_prefix("SignedIn.")
}
