//! The diagrams of `docs/state-machine.md`; the simulation's test of their arrows reads them too.

const PAGE: &str = include_str!("../../../../docs/state-machine.md");

/// The start of a diagram, and its end.
pub const NONE: &str = "[*]";

pub struct Arrow {
    pub from: String,
    pub to: String,
    pub events: Vec<String>,
}

/// The arrows of the diagram below this heading.
pub fn arrows(heading: &str) -> Vec<Arrow> {
    let section = PAGE.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let block = section.split("```mermaid\nstateDiagram-v2\n").nth(1).unwrap();
    let lines = block.split("```").next().unwrap().trim_end().lines();
    lines.map(|line| arrow(line.trim())).collect()
}

fn arrow(line: &str) -> Arrow {
    let (from, rest) = line.split_once(" --> ").unwrap();
    let (to, label) = rest.split_once(": ").unwrap_or((rest, ""));
    // Notes are in parentheses.
    let events = label.split(['(', ')']).step_by(2).flat_map(|events| events.split(','));
    let events = events.map(str::trim).filter(|event| !event.is_empty()).map(str::to_owned);
    let name = |state: &str| state.replace('_', ".");
    Arrow { from: name(from), to: name(to), events: events.collect() }
}
