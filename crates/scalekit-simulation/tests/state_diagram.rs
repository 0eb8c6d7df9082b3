//! The arrows of `docs/state-machine.md` are the transitions that schedules show, in both directions.
#![allow(clippy::unwrap_used)]

#[path = "../../scalekit-auth/tests/state_diagram/page.rs"]
mod page;

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use page::{Arrow, NONE, arrows};
use scalekit_simulation::{Coverage, Diagram, Machines, run};

const SCHEDULES: u64 = 12_000;

/// An event of an arrow: its diagram, its state before, its state after, its name.
type Step = (Diagram, String, String, String);

/// What the page draws for one diagram.
fn drawn(diagram: Diagram, heading: &str) -> impl Iterator<Item = Step> {
    arrows(heading).into_iter().flat_map(move |Arrow { from, to, events }| {
        events.into_iter().map(move |event| (diagram, from.clone(), to.clone(), event))
    })
}

fn all_drawn() -> BTreeSet<Step> {
    let diagrams = [
        (Diagram::Session, "Session"),
        (Diagram::Refresh, "Refresh"),
        (Diagram::SignIn, "Sign-in"),
    ];
    diagrams.into_iter().flat_map(|(diagram, heading)| drawn(diagram, heading)).collect()
}

fn shown() -> BTreeSet<Step> {
    let next = AtomicU64::new(0);
    let worker = || {
        let machines = Machines::sound().unwrap();
        let seeds = || Some(next.fetch_add(1, Ordering::Relaxed));
        for seed in std::iter::from_fn(seeds).take_while(|seed| *seed < SCHEDULES) {
            assert_eq!(run(&machines, seed, false).violation, None, "{seed}");
        }
        machines.coverage()
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut all = Coverage::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().for_each(|worker| all.merge(&worker.join().unwrap()));
    });
    let name = |state: Option<&str>| state.unwrap_or(NONE).to_owned();
    let steps = all.transitions().keys();
    steps.map(|one| (one.diagram, name(one.from), name(one.to), one.event.to_owned())).collect()
}

/// Whether an arrow, or a sentence of the page, says so.
fn is_drawn(drawn: &BTreeSet<Step>, step: &Step) -> bool {
    let (diagram, from, to, event) = step;
    let has = |from: &str, event: &str| {
        drawn.contains(&(*diagram, from.to_owned(), to.clone(), event.to_owned()))
    };
    // A deadline that has passed is noticed at the end of every step.
    let is_timeout = has(from, "TimerFired");
    let by_sentence = match diagram {
        Diagram::Session => false,
        // The refresh of another session begins, at each state of the one before; and a refresh that is due begins
        // at the end of the step.
        Diagram::Refresh => {
            let scheduled = (*diagram, from.clone(), "Scheduled".to_owned(), event.clone());
            has(NONE, event) || drawn.contains(&scheduled) && has("Scheduled", "TimerFired")
        }
        // A second one begins, at each state of the first; a sign-out and other settings end it.
        Diagram::SignIn => {
            has(NONE, event) || to == NONE && matches!(event.as_str(), "SignOut" | "Configured")
        }
    };
    has(from, event) || is_timeout || by_sentence
}

/// Begins and ends of a state's own life are drawn in the diagram around it, and a state that stays is not counted.
fn is_countable(step: &Step) -> bool {
    let (diagram, from, to, _) = step;
    from != to && (*diagram == Diagram::SignIn || from != NONE && to != NONE)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimization")]
fn state_diagrams_draw_each_transition_of_12000_schedules() {
    let (drawn, shown) = (all_drawn(), shown());
    let missing: Vec<_> = shown.iter().filter(|step| !is_drawn(&drawn, step)).collect();
    assert!(missing.is_empty(), "not drawn: {missing:#?}");
    let invented: Vec<_> =
        drawn.iter().filter(|step| is_countable(step) && !shown.contains(*step)).collect();
    assert!(invented.is_empty(), "drawn, and never shown: {invented:#?}");
}
