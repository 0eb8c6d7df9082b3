//! Time in the machine: passed by the caller, never read here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A reading of a monotonic clock, which also advances while the computer sleeps.
///
/// Deadlines use it, so that a changed wall clock does not affect them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Monotonic(
    /// The time since an arbitrary origin, which is the same for the life of the process.
    pub Duration,
);

/// A reading of the wall clock, in milliseconds since the Unix epoch. A user may change the clock at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(
    /// Milliseconds since the Unix epoch.
    pub i64,
);

/// Both clocks at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// For deadlines.
    pub monotonic: Monotonic,
    /// For times outside this process: token lifetimes, and the times that are displayed.
    pub wall: Wall,
}

impl Monotonic {
    /// The time `wait` later, saturating.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }

    /// The time since `earlier`; zero if this is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Wall {
    /// The time `wait` later, saturating.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time since `earlier`; zero if this is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since the Unix epoch, as in JSON Web Tokens.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The value for the webview: milliseconds since the Unix epoch.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact until the year 287396")]
    pub fn for_view(self) -> f64 {
        self.0 as f64
    }
}

impl Now {
    /// The reading of the wall clock when the monotonic clock reaches `at`.
    #[must_use]
    pub fn wall_at(self, at: Monotonic) -> Wall {
        self.wall.after(at.since(self.monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_converts_to_view_millis_and_jwt_seconds() {
        let at = Wall(1_800_000_000_999);
        assert!((at.for_view() - 1_800_000_000_999.0).abs() < f64::EPSILON);
        assert_eq!((at.seconds(), Wall(-1).seconds()), (1_800_000_000, -1));
    }

    #[test]
    fn time_arithmetic_saturates_and_never_goes_negative() {
        let (early, late) = (Wall(1_000), Wall(3_500));
        assert_eq!(late.since(early), Duration::from_millis(2_500));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.after(Duration::from_millis(2_500)), late);
        assert_eq!(early.after(Duration::MAX), Wall(i64::MAX));
        let (early, late) = (Monotonic(Duration::from_secs(1)), Monotonic(Duration::from_secs(3)));
        assert_eq!(late.since(early), Duration::from_secs(2));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.after(Duration::from_secs(2)), late);
        let now = Now { monotonic: early, wall: Wall(7_000) };
        assert_eq!(now.wall_at(late), Wall(9_000));
    }
}
