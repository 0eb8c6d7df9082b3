//! Breadth first through all orders of events, so that the first violation has the shortest way there.

use std::{collections::HashSet, time::Instant};

use super::{
    actions::Act,
    bench::{Bench, now},
    model::Model,
    scenarios::Scenario,
};

/// Sooner than this nothing has to have come right, in milliseconds: the longest wait between two tries,
/// and a refresh after it.
const CALM: u64 = 20 * 60 * 1000;

/// More steps than this and it will never come to rest.
const MAX_DRAIN_STEPS: u32 = 2_000;

/// How far a search goes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many acts after its beginning.
    pub depth: u32,
    /// How many different states.
    pub states: usize,
}

/// What a search came to.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The name of what was searched.
    pub scenario: &'static str,
    /// How many different states were seen.
    pub states: usize,
    /// How many acts led from one to another.
    pub transitions: u64,
    /// How many acts the longest of the shortest ways has.
    pub depth: u32,
    /// There was nothing left that could happen.
    pub exhausted: bool,
    /// How long it took.
    pub seconds: f64,
    /// How often it was looked whether everything comes right when nothing more goes wrong.
    pub rests: u64,
    /// The rule that was broken first, and the shortest way to it, one line for each act.
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
    if let Some(rule) = start.rules.broken.clone() {
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
                let broken = after.rules.broken.clone();
                if broken.is_none() && !seen.insert(after.key()) {
                    continue;
                }
                nodes.push(Node { parent: at, act });
                let here = u32::try_from(nodes.len() - 1).unwrap_or(u32::MAX);
                let broken = broken.or_else(|| {
                    for one in after.processes.iter().flatten() {
                        bench.coverage.borrow_mut().probe(bench, &one.machine, now(after.now));
                    }
                    after.comes_right(bench, &mut found.rests)
                });
                if let Some(rule) = broken {
                    found.depth += 1;
                    found.states = seen.len();
                    found.seconds = began.elapsed().as_secs_f64();
                    found.violation = Some((rule, told(bench, scenario, &way(&nodes, here))));
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

/// Plays it again, with what is seen on the way.
fn told(bench: &Bench<'_>, scenario: &Scenario, acts: &[Act]) -> Vec<String> {
    let mut world = scenario.begin(bench);
    let mut lines = Vec::new();
    for act in acts {
        let about = world.about(*act);
        world.act(bench, *act);
        let views = world.shows();
        lines.push(format!("{:>9.3} s  {about:<44} {views}", millis(world.now)));
    }
    if world.rules.broken.is_none() {
        lines.push("and then nothing more goes wrong".to_owned());
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "for reading only")]
fn millis(now: u64) -> f64 {
    now as f64 / 1000.0
}

impl Model {
    /// When nothing is under way, everything comes right by itself within the longest wait.
    fn comes_right(&self, bench: &Bench<'_>, rests: &mut u64) -> Option<String> {
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
            Ok(()) => world.rules.broken,
            Err(rule) => Some(rule),
        }
    }

    /// Nothing goes wrong from now on, until everything is as it should be.
    pub fn drain_phase(&mut self, bench: &Bench<'_>) -> Result<(), String> {
        self.drain_phase = true;
        let until = self.now + CALM;
        for _ in 0..MAX_DRAIN_STEPS {
            if self.rules.broken.is_some() {
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
