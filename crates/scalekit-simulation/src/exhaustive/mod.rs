//! The exhaustive search: the real machine in two processes, in models so small that every order of events can
//! be tried. [`search`] explores one of [`SCENARIOS`] breadth first and recognizes visited states by their
//! projection.
//!
//! Budgets limit the number of user actions, faults, crashes and advances of time; all other actions may occur
//! at any time. Times are projected to coarse steps, so that states are equal if they differ only in seconds
//! between the durations the machine uses.

mod actions;
mod bench;
mod coverage;
mod describe;
mod invariants;
mod keychain;
mod model;
mod network;
mod process;
mod report;
mod scenarios;
mod search;
mod server;

pub use coverage::Count;
pub use report::report;
pub use scenarios::{SCENARIOS, Scenario};
pub use search::{Bounds, Found};

use crate::plan::Machines;
use bench::Bench;

/// The shared data of several searches.
pub struct Exhaustive<'a>(Bench<'a>);

impl<'a> Exhaustive<'a> {
    /// Searches with these machines. `None` only where a configuration is invalid.
    #[must_use]
    pub fn new(machines: &'a Machines) -> Option<Self> {
        Bench::new(machines).map(Self)
    }

    /// Searches one scenario.
    #[must_use]
    pub fn search(&self, scenario: &Scenario, bounds: Bounds) -> Found {
        self.0.coverage.borrow_mut().probe_beginnings(&self.0, bench::now(0));
        search::search(&self.0, scenario, bounds)
    }

    /// The coverage so far.
    #[must_use]
    pub fn coverage(&self) -> Count {
        self.0.coverage.borrow().count()
    }
}
