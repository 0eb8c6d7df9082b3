//! How often something may happen.

use std::time::Duration;

use crate::time::Monotonic;

const MINUTE: Duration = Duration::from_secs(60);

/// So many in a minute, and then no more until it is over.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Budget {
    since: Option<Monotonic>,
    spent: u32,
}

impl Budget {
    /// Whether it may happen once more; if so, it has.
    pub(super) fn spend(&mut self, most: u32, now: Monotonic) -> bool {
        if self.since.is_none_or(|since| now.since(since) >= MINUTE) {
            *self = Self { since: Some(now), spent: 0 };
        }
        let may = self.spent < most;
        self.spent += u32::from(may);
        may
    }
}
