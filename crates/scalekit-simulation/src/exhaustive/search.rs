//! The breadth-first search, so that the path to the first violation is the shortest.

use std::{collections::HashSet, time::Instant};

use super::{
    actions::Act,
    bench::{Bench, now},
    model::Model,
    scenarios::Scenario,
};

/// The duration within which recovery is not required, in milliseconds: the longest wait between two retries,
/// and a refresh after it.
const CALM: u64 = 20 * 60 * 1000;

/// The maximum number of steps; a state that needs more does not recover.
const MAX_DRAIN_STEPS: u32 = 2_000;

/// The limits of a search.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The maximum number of actions after the initial state.
    pub depth: u32,
    /// The maximum number of states.
    pub states: usize,
}

/// The result of a search.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// The number of different states.
    pub states: usize,
    /// The number of transitions.
    pub transitions: u64,
    /// The length of the longest of the shortest paths.
    pub depth: u32,
    /// Whether all states were explored.
    pub exhausted: bool,
    /// The duration.
    pub seconds: f64,
    /// The number of checks that the system recovers without further faults.
    pub rests: u64,
    /// The first violation, and the shortest path to it, one line for each action.
    pub violation: Option<(String, Vec<String>)>,
}

struct Node {
    parent: u32,
    act: Act,
}

/// Searches one scenario.
pub fn search(bench: &Bench<'_>, scenario: &Scenario, bounds: Bounds) -> Found {
    let began = Instant::now();
    let mut found = Found { scenario: scenario.name, ..Found::default() };
    let start = scenario.begin(bench);
    if let Some(rule) = start.invariants.broken.clone() {
        found.violation = Some((rule, vec!["before anything went wrong".to_owned()]));
        return found;
    }
    let mut nodes = vec![Node { parent: 0, act: Act::Time }];
    let mut seen = HashSet::from([start.key()]);
    let mut level = vec![(0_u32, start)];
    while !level.is_empty() && found.depth < bounds.depth && seen.len() < bounds.states {
        let mut next = Vec::new();
        for (at, world) in level {
            for act in world.acts() {
                found.transitions += 1;
                let mut after = world.clone();
                after.act(bench, act);
                let broken = after.invariants.broken.clone();
                if broken.is_none() && !seen.insert(after.key()) {
                    continue;
                }
                nodes.push(Node { parent: at, act });
                let here = u32::try_from(nodes.len() - 1).unwrap_or(u32::MAX);
                let broken = broken.or_else(|| {
                    for one in after.processes.iter().flatten() {
                        bench.coverage.borrow_mut().probe(bench, &one.machine, now(after.now));
                    }
                    after.recovers(bench, &mut found.rests)
                });
                if let Some(rule) = broken {
                    found.depth += 1;
                    found.states = seen.len();
                    found.seconds = began.elapsed().as_secs_f64();
                    found.violation = Some((rule, reported(bench, scenario, &way(&nodes, here))));
                    return found;
                }
                next.push((here, after));
            }
            if seen.len() >= bounds.states {
                break;
            }
        }
        found.depth += 1;
        level = next;
    }
    found.exhausted = level.is_empty();
    found.states = seen.len();
    found.seconds = began.elapsed().as_secs_f64();
    found
}

fn way(nodes: &[Node], mut at: u32) -> Vec<Act> {
    let mut acts = Vec::new();
    while at != 0 {
        let node = &nodes[at as usize];
        acts.push(node.act);
        at = node.parent;
    }
    acts.reverse();
    acts
}

/// Repeats it with a description of each step.
fn reported(bench: &Bench<'_>, scenario: &Scenario, acts: &[Act]) -> Vec<String> {
    let mut world = scenario.begin(bench);
    let mut lines = Vec::new();
    for act in acts {
        let about = world.about(*act);
        world.act(bench, *act);
        let views = world.shows();
        lines.push(format!("{:>9.3} s  {about:<44} {views}", millis(world.now)));
    }
    if world.invariants.broken.is_none() {
        lines.push("and then nothing more goes wrong".to_owned());
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "for reading only")]
fn millis(now: u64) -> f64 {
    now as f64 / 1000.0
}

impl Model {
    /// An idle state must recover by itself within the longest wait.
    fn recovers(&self, bench: &Bench<'_>, rests: &mut u64) -> Option<String> {
        let mut under_way = Vec::new();
        self.deliveries(&mut under_way);
        if !under_way.is_empty() {
            return None;
        }
        *rests += 1;
        if self.at_rest(bench).is_ok() && self.processes.iter().any(Option::is_some) {
            return None;
        }
        let mut world = self.clone();
        match world.drain_phase(bench) {
            Ok(()) => world.invariants.broken,
            Err(rule) => Some(rule),
        }
    }

    /// Runs without further faults until all rules of an idle state hold.
    pub fn drain_phase(&mut self, bench: &Bench<'_>) -> Result<(), String> {
        self.drain_phase = true;
        let until = self.now + CALM;
        for _ in 0..MAX_DRAIN_STEPS {
            if self.invariants.broken.is_some() {
                return Ok(());
            }
            let Some(act) = self.calm_act(bench, until) else { return self.at_rest(bench) };
            self.act(bench, act);
        }
        Err("it does not come to rest".to_owned())
    }

    fn calm_act(&self, bench: &Bench<'_>, until: u64) -> Option<Act> {
        let mut acts = Vec::new();
        self.deliveries(&mut acts);
        if let Some(act) = acts.first() {
            return Some(*act);
        }
        if self.processes.iter().all(Option::is_none) {
            return Some(Act::Start(0));
        }
        if let Some(act) = self.retries() {
            return Some(act);
        }
        if self.at_rest(bench).is_ok() {
            return None;
        }
        self.next_time().filter(|next| *next <= until).map(|_| Act::Time)
    }
}
