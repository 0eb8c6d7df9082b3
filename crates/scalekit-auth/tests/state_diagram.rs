//! The diagrams of `docs/state-machine.md` name the states and events of the code.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../docs/state-machine.md");
/// The names are matched exhaustively: a new state does not compile without one.
const NAMES: &str = include_str!("../src/session/names.rs");
const MACHINE: &str = include_str!("../src/session/machine.rs");
const EVENTS: &str = include_str!("../src/session/event.rs");

/// The lines of the diagram below this heading.
fn diagram(heading: &str) -> Vec<&'static str> {
    let section = PAGE.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let block = section.split("```mermaid\nstateDiagram-v2\n").nth(1).unwrap();
    block.split("```").next().unwrap().lines().map(str::trim).collect()
}

/// The source state, the target state, and the events.
fn arrow(line: &'static str) -> (&'static str, &'static str, Vec<String>) {
    let (from, rest) = line.split_once(" --> ").unwrap();
    let (to, label) = rest.split_once(": ").unwrap_or((rest, ""));
    let parts = label.split(['(', ')']).step_by(2).flat_map(|events| events.split(','));
    let events = parts.map(str::trim).filter(|event| !event.is_empty());
    (from, to, events.map(str::to_owned).collect())
}

fn states(heading: &str) -> BTreeSet<String> {
    let arrows = diagram(heading).into_iter().map(arrow);
    let ends = arrows.flat_map(|(from, to, _)| [from, to]).filter(|state| *state != "[*]");
    ends.map(|state| state.replace('_', ".")).collect()
}

/// The names in the code: sessions by their first part, refreshes below `SignedIn`, and sign-ins.
fn names() -> (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let quoted = |text: &str| -> BTreeSet<String> {
        text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (before, attempts) = NAMES.split_once("impl SignInAttempt").unwrap();
    let sign_ins = quoted(attempts);
    let (refreshes, sessions): (BTreeSet<_>, BTreeSet<_>) = quoted(before)
        .into_iter()
        .filter(|name| !sign_ins.contains(name))
        .partition(|name| name.starts_with("SignedIn."));
    let refreshes = refreshes.iter().map(|name| name["SignedIn.".len()..].to_owned()).collect();
    let sessions = sessions.into_iter().chain(["SignedIn".to_owned()]).collect();
    (sessions, refreshes, sign_ins)
}

#[test]
fn state_diagram_of_session_has_each_state() {
    assert_eq!(states("Session"), names().0);
}

#[test]
fn state_diagram_of_refresh_has_each_state() {
    assert_eq!(states("Refresh"), names().1);
}

#[test]
fn state_diagram_of_sign_in_has_each_state() {
    assert_eq!(states("Sign-in"), names().2);
}

/// The variants of this enum of `event.rs`.
fn variants(name: &str) -> BTreeSet<String> {
    let start = format!("pub enum {name} {{\n");
    let body = EVENTS.split(&start).nth(1).unwrap().split("\n}\n").next().unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(char::is_uppercase));
    names.map(|line| line.split(['(', ' ', ',']).next().unwrap().to_owned()).collect()
}

/// The links of the documentation of `Machine` to the variants of this enum.
fn linked(name: &str) -> BTreeSet<String> {
    let start = format!("]({name}::");
    let links = MACHINE.lines().filter(|line| line.starts_with("/// |"));
    links
        .flat_map(|line| line.split(&start).skip(1).map(|rest| rest.split(')').next().unwrap()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn state_diagrams_name_events_of_the_code() {
    let known = variants("Event");
    let arrows = ["Session", "Refresh", "Sign-in"].into_iter().flat_map(diagram).map(arrow);
    let unknown: Vec<String> =
        arrows.flat_map(|(_, _, events)| events).filter(|event| !known.contains(event)).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn machine_documentation_lists_each_event_and_effect() {
    assert_eq!(linked("Event"), variants("Event"));
    assert_eq!(linked("Effect"), variants("Effect"));
}
