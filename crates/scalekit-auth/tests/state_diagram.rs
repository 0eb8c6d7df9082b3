//! The diagrams of `docs/state-machine.md` name the states and events of the code.
#![allow(clippy::unwrap_used)]

#[path = "state_diagram/page.rs"]
mod page;

use std::collections::BTreeSet;

use page::{Arrow, NONE, arrows};

/// The names are matched exhaustively: a new state does not compile without one.
const NAMES: &str = include_str!("../src/session/names.rs");
const MACHINE: &str = include_str!("../src/session/machine.rs");
const EVENTS: &str = include_str!("../src/session/event.rs");

fn states(heading: &str) -> BTreeSet<String> {
    let ends = arrows(heading).into_iter().flat_map(|Arrow { from, to, .. }| [from, to]);
    ends.filter(|state| state != NONE).collect()
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
    let arrows = ["Session", "Refresh", "Sign-in"].into_iter().flat_map(arrows);
    let unknown: Vec<String> =
        arrows.flat_map(|arrow| arrow.events).filter(|event| !known.contains(event)).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn machine_documentation_lists_each_event_and_effect() {
    assert_eq!(linked("Event"), variants("Event"));
    assert_eq!(linked("Effect"), variants("Effect"));
}
