//! A rate limit for operations that other parties can cause.

use std::time::Duration;

use crate::time::Monotonic;

/// A token bucket: a burst of operations, and then one per interval. The caller passes the time.
#[derive(Debug, Clone)]
pub struct RateLimiter {
    every: Duration,
    burst: u32,
    /// The time of the last acquired operation if all had been spaced by the interval.
    last: Option<Monotonic>,
}

impl RateLimiter {
    /// At most `burst` operations in a row (at least one), and one more per interval `every`.
    #[must_use]
    pub fn new(burst: u32, every: Duration) -> Self {
        Self { every, burst: burst.max(1), last: None }
    }

    /// Acquires one operation.
    ///
    /// # Errors
    /// The time until the next operation is permitted.
    pub fn try_acquire(&mut self, now: Monotonic) -> Result<(), Duration> {
        let next = self.last.map_or(now, |last| last.after(self.every).max(now));
        let ahead = next.since(now);
        let most = self.every * (self.burst - 1);
        if ahead > most {
            return Err(ahead - most);
        }
        self.last = Some(next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Monotonic {
        Monotonic(Duration::from_millis(millis))
    }

    fn taken(limiter: &mut RateLimiter, times: impl Iterator<Item = u64>) -> usize {
        times.filter(|millis| limiter.try_acquire(at(*millis)).is_ok()).count()
    }

    #[test]
    fn rate_limit_allows_only_burst_of_10000_at_once() {
        for burst in [0, 1, 3, 16] {
            let mut limiter = RateLimiter::new(burst, Duration::from_secs(2));
            assert_eq!(taken(&mut limiter, (0..10_000).map(|_| 5)), burst.max(1) as usize);
        }
    }

    #[test]
    fn rate_limit_allows_one_per_interval_after_burst() {
        let mut limiter = RateLimiter::new(1, Duration::from_secs(2));
        assert_eq!(taken(&mut limiter, (0..60_000).step_by(10)), 30);
    }

    #[test]
    fn rate_limit_rejection_returns_exact_wait() {
        let mut limiter = RateLimiter::new(2, Duration::from_secs(2));
        assert_eq!(taken(&mut limiter, [0, 0].into_iter()), 2);
        assert_eq!(limiter.try_acquire(at(500)), Err(Duration::from_millis(1500)));
        assert_eq!(limiter.try_acquire(at(1999)), Err(Duration::from_millis(1)));
        assert_eq!(limiter.try_acquire(at(2000)), Ok(()));
    }

    #[test]
    fn rate_limit_refills_up_to_burst_only() {
        let mut limiter = RateLimiter::new(3, Duration::from_secs(1));
        assert_eq!(taken(&mut limiter, (0..10).map(|_| 0)), 3);
        assert_eq!(taken(&mut limiter, (0..10).map(|_| 3_600_000)), 3);
    }
}
