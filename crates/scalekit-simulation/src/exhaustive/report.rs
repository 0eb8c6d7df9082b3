//! The results of the searches, as text and as JSON.

use std::fmt;

use serde_json::{Value, json};

use super::{coverage::Count, search::Found};

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.exhausted { "nothing left" } else { "more left" };
        write!(
            f,
            "{:<48} {:>8} states {:>9} transitions, depth {:>3}, {end}, {} rests, {:.1} s",
            self.scenario, self.states, self.transitions, self.depth, self.rests, self.seconds
        )?;
        if let Some((rule, way)) = &self.violation {
            write!(f, "\n  breaks a rule: {rule}")?;
            for (number, line) in way.iter().enumerate() {
                write!(f, "\n  {:>3} {line}", number + 1)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "state x event x mode: {} pairs, {} in searches, {} one step beyond, {} impossible, {} missing",
            self.pairs,
            self.searched,
            self.probed,
            self.impossible.len(),
            self.missing.len()
        )?;
        self.missing.iter().try_for_each(|pair| write!(f, "\n  missing: {pair:?}"))?;
        self.refuted.iter().try_for_each(|pair| write!(f, "\n  not impossible: {pair:?}"))
    }
}

/// The whole report.
#[must_use]
pub fn report(all: &[Found], count: &Count) -> Value {
    let searches = all.iter().map(|found| {
        let violation =
            found.violation.as_ref().map(|(rule, way)| json!({ "rule": rule, "way": way }));
        json!({
            "name": found.scenario, "states": found.states, "transitions": found.transitions,
            "depth": found.depth, "exhausted": found.exhausted, "rests": found.rests,
            "seconds": found.seconds, "violation": violation,
        })
    });
    let pair = |(state, event, mode): &(&str, &str, &str)| json!([state, event, mode]);
    json!({
        "states": all.iter().map(|found| found.states).sum::<usize>(),
        "transitions": all.iter().map(|found| found.transitions).sum::<u64>(),
        "searches": searches.collect::<Vec<_>>(),
        "coverage": {
            "pairs": count.pairs, "searched": count.searched, "probed": count.probed,
            "refuted": count.refuted.iter().map(pair).collect::<Vec<_>>(),
            "missing": count.missing.iter().map(pair).collect::<Vec<_>>(),
            "impossible": count.impossible.iter()
                .map(|(one, reason)| json!({ "pair": pair(one), "reason": reason }))
                .collect::<Vec<_>>(),
        },
    })
}
