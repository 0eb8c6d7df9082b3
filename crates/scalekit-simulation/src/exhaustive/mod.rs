//! Not many orders of events but all of them: the real machine in two processes, in worlds so small that
//! every order can be tried. [`search`] goes through one of [`SCENARIOS`] breadth first, and knows where it
//! has been by what two worlds have in common that will go on in the same way.
//!
//! Budgets bound how often a user acts, something fails, a process crashes and time goes on; everything
//! else may happen whenever it can. Time is told in a few steps, so two worlds that differ in seconds between
//! the machine's own times are one.

mod actions;
mod bench;
mod coverage;
mod describe;
mod keychain;
mod model;
mod network;
mod process;
mod report;
mod rules;
mod scenarios;
mod search;
mod server;

pub use coverage::Count;
pub use report::report;
pub use scenarios::{SCENARIOS, Scenario};
pub use search::{Bounds, Found};

use crate::plan::Machines;
use bench::Bench;

/// What several searches have in common.
pub struct Exhaustive<'a>(Bench<'a>);

impl<'a> Exhaustive<'a> {
    /// Searches with these machines. Nothing where a configuration is not well-formed, which it is.
    #[must_use]
    pub fn new(machines: &'a Machines) -> Option<Self> {
        Bench::new(machines).map(Self)
    }

    /// Goes through one scenario.
    #[must_use]
    pub fn search(&self, scenario: &Scenario, bounds: Bounds) -> Found {
        self.0.coverage.borrow_mut().probe_beginnings(&self.0, bench::now(0));
        search::search(&self.0, scenario, bounds)
    }

    /// What was reached so far, of what can be.
    #[must_use]
    pub fn coverage(&self) -> Count {
        self.0.coverage.borrow().count()
    }
}
