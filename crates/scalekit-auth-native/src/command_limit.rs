//! A rate limit on commands of an untrusted caller.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use scalekit_auth::{Problem, ProblemCode, RateLimiter};

use crate::clock::now;

/// `burst` calls at once, then one per interval. A call beyond that rate is delayed, as a user's second
/// press of a button is; while one is delayed, further ones are rejected.
#[derive(Debug)]
pub struct CommandLimit {
    limiter: Mutex<RateLimiter>,
    has_waiter: AtomicBool,
}

impl CommandLimit {
    /// `burst` calls at once, then one per `every`.
    #[must_use]
    pub fn new(burst: u32, every: Duration) -> Self {
        Self {
            limiter: Mutex::new(RateLimiter::new(burst, every)),
            has_waiter: AtomicBool::new(false),
        }
    }

    /// Returns when the call may proceed.
    ///
    /// # Errors
    /// [`ProblemCode::TooOften`] when another call is delayed already.
    pub async fn pass(&self) -> Result<(), Problem> {
        let Err(wait) = self.take() else { return Ok(()) };
        let _waiting = Waiting::begin(&self.has_waiter).ok_or_else(too_often)?;
        tokio::time::sleep(wait).await;
        while let Err(wait) = self.take() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn take(&self) -> Result<(), Duration> {
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.try_acquire(now().monotonic)
    }
}

/// The one delayed call; dropped also when the caller cancels it.
struct Waiting<'a>(&'a AtomicBool);

impl<'a> Waiting<'a> {
    fn begin(has_waiter: &'a AtomicBool) -> Option<Self> {
        (!has_waiter.swap(true, Ordering::AcqRel)).then(|| Self(has_waiter))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The problem of a call that a [`CommandLimit`] rejects.
#[must_use]
pub fn too_often() -> Problem {
    Problem::new(ProblemCode::TooOften)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Arc, time::Instant};

    // req: I10
    #[tokio::test]
    async fn rate_limit_passes_one_queues_one_and_rejects_others() {
        let every = Duration::from_millis(300);
        let limit = Arc::new(CommandLimit::new(1, every));
        let began = Instant::now();
        let calls: Vec<_> = (0..10_000)
            .map(|_| {
                let limit = Arc::clone(&limit);
                tokio::spawn(async move { limit.pass().await.map(|()| Instant::now()) })
            })
            .collect();
        let mut passed = Vec::new();
        for call in calls {
            match call.await.unwrap() {
                Ok(at) => passed.push(at.duration_since(began)),
                Err(problem) => assert_eq!(problem.code, ProblemCode::TooOften),
            }
        }
        passed.sort();
        let intervals = began.elapsed().as_millis() / every.as_millis() + 1;
        assert!(passed.len() >= 2 && passed.len() as u128 <= intervals, "{passed:?}");
        assert!(passed.windows(2).all(|pair| pair[1] - pair[0] > every / 2), "{passed:?}");
    }

    #[tokio::test]
    async fn rate_limit_waiter_that_is_dropped_blocks_no_later_call() {
        let limit = CommandLimit::new(1, Duration::from_millis(50));
        limit.pass().await.unwrap();
        assert!(tokio::time::timeout(Duration::ZERO, limit.pass()).await.is_err());
        limit.pass().await.unwrap();
    }
}
