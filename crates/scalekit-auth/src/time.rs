//! Time as the machine sees it: handed in from outside, never read here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A reading of a clock that never goes back and that counts while the computer sleeps.
///
/// Deadlines are measured with it, so that a changed wall clock neither ends nor prolongs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Monotonic(
    /// The time since an origin of the clock's own choosing, the same for the life of the process.
    pub Duration,
);

/// A reading of the wall clock, in milliseconds since the Unix epoch. A person may change it at any moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(
    /// Milliseconds since the Unix epoch.
    pub i64,
);

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// For deadlines.
    pub monotonic: Monotonic,
    /// For what others wrote down: token lifetimes, the times a person reads.
    pub wall: Wall,
}

impl Monotonic {
    /// The moment `wait` later, or the end of time.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Wall {
    /// The moment `wait` later, or the end of time.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since the Unix epoch, as JSON Web Tokens count.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// As the webview reads it: milliseconds since the Unix epoch.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact until the year 287396")]
    pub fn for_view(self) -> f64 {
        self.0 as f64
    }
}

impl Now {
    /// The wall clock's reading when the monotonic clock will show `at`.
    #[must_use]
    pub fn wall_at(self, at: Monotonic) -> Wall {
        self.wall.after(at.since(self.monotonic))
    }
}
