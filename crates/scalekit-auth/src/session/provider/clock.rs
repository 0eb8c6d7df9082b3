//! The environment's clock, estimated so that its tokens are verified by the clock that set their times.
//!
//! RFC 9110 §6.6.1: `Date` is the time at which the origin generated a response. A cache preserves it and adds `Age`
//! (RFC 9111 §5.1), or sets its own `Date` and adds `Age` nevertheless, or adds nothing. A cached response therefore
//! gives a lower bound of the time; `Date` plus `Age` is the highest time that it is consistent with.

use std::time::Duration;

use crate::{
    protocol::http_response::{HttpOutcome, HttpResponse},
    time::{Monotonic, Now, Wall},
};

/// The difference between this computer's clock and the environment's above which the user is informed. Clocks
/// drift by minutes; more is a wrong time zone or an empty battery, and then certificates fail as well.
pub(crate) const MAX_CLOCKS_APART: Duration = Duration::from_secs(1800);

/// The lead of this computer's clock over the bound of cached responses that is in doubt: the clock may be
/// wrong, or a cache omits `Age`.
const DOUBTFUL: Duration = Duration::from_secs(300);

/// The minimum interval between requests for the time.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// The times in the environment's responses, each with the monotonic time of receipt, which no user can set.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct ProviderClock {
    /// The `Date` of a response that is never cached.
    fresh: Option<(Wall, Monotonic)>,
    /// The lower bound.
    at_least: Option<(Wall, Monotonic)>,
    /// `Date` plus `Age`: the bound up to which a cache explains a delay.
    max_cache_delay: Option<(Wall, Monotonic)>,
    asked: Option<Monotonic>,
}

impl ProviderClock {
    /// Records the `Date` of a response that must not be cached.
    pub(crate) fn observe_fresh_date(&mut self, outcome: &HttpOutcome, now: Monotonic) {
        if let Some(date) = date(outcome) {
            self.fresh = Some((date, now));
        }
    }

    /// Records the `Date` and `Age` of a response that may have been cached.
    pub(crate) fn observe_cached_date(&mut self, outcome: &HttpOutcome, now: Monotonic) {
        let (Some(date), Ok(answer)) = (date(outcome), outcome) else { return };
        if self.at_least.is_none_or(|known| carried(known, now) < date) {
            self.at_least = Some((date, now));
        }
        let kept_until = date.after(answer.age());
        if self.max_cache_delay.is_none_or(|known| carried(known, now) < kept_until) {
            self.max_cache_delay = Some((kept_until, now));
        }
    }

    /// Records that the time is being requested.
    pub(crate) fn asking(&mut self, now: Monotonic) {
        self.asked = Some(now);
    }

    /// The environment's time by the best estimate; this computer's time where there is none.
    pub(crate) fn time(&self, now: Now) -> Wall {
        match (self.fresh, self.at_least) {
            (Some(fresh), _) => carried(fresh, now.monotonic),
            (None, Some(at_least)) => carried(at_least, now.monotonic).max(now.wall),
            (None, None) => now.wall,
        }
    }

    /// Whether the two clocks differ by more than [`MAX_CLOCKS_APART`].
    pub(crate) fn is_wrong(&self, now: Now) -> bool {
        let theirs = self.time(now);
        theirs.since(now.wall).max(now.wall.since(theirs)) > MAX_CLOCKS_APART
    }

    /// Whether the environment's time is known from responses that may have been cached only, and can be requested.
    pub(crate) fn is_unconfirmed(&self, now: Now) -> bool {
        let recently = |at: Monotonic| now.monotonic.since(at) < ASK_AGAIN;
        self.fresh.is_none() && !self.asked.is_some_and(recently)
    }

    /// Whether to request the environment's time before this computer's clock is used, or reported as wrong.
    pub(crate) fn is_in_doubt(&self, now: Now) -> bool {
        let max_cache_delay = self.max_cache_delay.map(|known| carried(known, now.monotonic));
        let is_ahead = max_cache_delay.is_some_and(|latest| now.wall.since(latest) > DOUBTFUL);
        self.is_unconfirmed(now) && (is_ahead || self.is_wrong(now))
    }
}

fn date(outcome: &HttpOutcome) -> Option<Wall> {
    outcome.as_ref().ok().and_then(HttpResponse::date)
}

fn carried((wall, since): (Wall, Monotonic), now: Monotonic) -> Wall {
    wall.after(now.since(since))
}
