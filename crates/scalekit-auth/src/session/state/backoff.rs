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

#[cfg(test)]
mod tests {
    use super::*;

    /// The times of the tries, in milliseconds, with the same random number for each.
    fn tries(rng: u64) -> Vec<u128> {
        let (mut backoff, mut at) = (Backoff::default(), Duration::ZERO);
        let next = |_| {
            at += backoff.next(rng);
            at.as_millis()
        };
        (0..4).map(next).collect()
    }

    #[test]
    fn backoff_has_one_try_in_each_doubled_window() {
        assert_eq!(tries(0), [100, 1_100, 3_100, 7_100]);
        assert_eq!(tries(1000), [1_000, 3_000, 7_000, 15_000]);
        assert_eq!(tries(500), [500, 2_000, 5_000, 11_000]);
        assert_eq!(tries(1001), tries(0), "any number is one of the window");
    }

    #[test]
    fn backoff_window_is_at_most_300_seconds() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..100).map(|_| backoff.next(1000)).collect();
        assert_eq!(waits.iter().max(), Some(&MAX_WAIT));
    }
}
