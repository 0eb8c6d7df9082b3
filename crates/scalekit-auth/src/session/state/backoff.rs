//! The exponential backoff of retries.

use std::time::Duration;

/// The longest window, and the delay of retries that will hardly succeed sooner.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(300);

/// One retry in each window of 1, 2, 4 … 300 seconds, at a random time in it ("full jitter"), so that many
/// computers that lost an environment do not retry simultaneously.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Backoff {
    tries: u32,
    /// The rest of the present window after its retry.
    rest: Duration,
}

impl Backoff {
    pub(crate) fn next(&mut self, rng: u64) -> Duration {
        let window = Duration::from_secs(1 << self.tries.min(9)).min(MAX_WAIT);
        let at = window * u32::try_from(rng % 1001).unwrap_or(500) / 1000;
        let wait = self.rest + at;
        self.rest = window - at;
        self.tries = self.tries.saturating_add(1);
        wait.max(Duration::from_millis(100))
    }
}

#[cfg(feature = "testing")]
impl Backoff {
    pub(crate) fn tries(self) -> u32 {
        self.tries
    }
}
