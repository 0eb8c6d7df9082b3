//! The trace of a schedule for its reader, without any secrets, not even simulated ones.

use scalekit_auth::session::{Effect, Event};

use super::Simulation;

impl Simulation<'_> {
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        let (now, steps) = (self.now, self.steps);
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{steps:>5} {:>9.3} s  {}", millis(now), line()));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for reading only")]
fn millis(now: u64) -> f64 {
    now as f64 / 1000.0
}

pub fn what(event: &Event) -> String {
    match event {
        Event::Configured(_) => "gets its settings".to_owned(),
        other => format!("{other:?}").chars().take(160).collect(),
    }
}

pub fn requested(effect: &Effect) -> String {
    format!("{effect:?}").chars().take(160).collect()
}
