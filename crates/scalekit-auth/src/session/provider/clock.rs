//! The time as the environment has it, so that its tokens are judged by the clock that dated them.
//!
//! RFC 9110 §6.6.1: `Date` says when the origin made an answer. A cache keeps it and adds `Age` (RFC 9111
//! §5.1), or dates the answer itself and adds `Age` all the same, or adds nothing. So what a cache gives says how
//! late it is at least, and by its age up to when that is no contradiction.

use std::time::Duration;

use crate::{
    protocol::http_response::{HttpOutcome, HttpResponse},
    time::{Monotonic, Now, Wall},
};

/// How far this computer's clock may be from the environment's before a user is told. Minutes are what
/// a clock drifts; more is a wrong zone or an empty battery, and then certificates fail as well.
pub(crate) const MAX_CLOCKS_APART: Duration = Duration::from_secs(1800);

/// This computer's clock is this far ahead of what caches explain: it may be wrong, or a cache that says
/// nothing of its age.
const DOUBTFUL: Duration = Duration::from_secs(300);

/// The environment is asked for the time at most this often.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// What the environment's answers have said of the time, each at a moment of the clock here that nobody
/// can set.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct ProviderClock {
    /// What no cache has kept.
    fresh: Option<(Wall, Monotonic)>,
    /// It is as late as this, or later.
    at_least: Option<(Wall, Monotonic)>,
    /// A cache explains a delay of up to this: an answer was kept for so long.
    max_cache_delay: Option<(Wall, Monotonic)>,
    asked: Option<Monotonic>,
}

impl ProviderClock {
    /// An answer that nothing between may keep.
    pub(crate) fn observe_fresh_date(&mut self, outcome: &HttpOutcome, now: Monotonic) {
        if let Some(date) = date(outcome) {
            self.fresh = Some((date, now));
        }
    }

    /// An answer that a cache may have kept.
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

    /// The environment is being asked for the time.
    pub(crate) fn asking(&mut self, now: Monotonic) {
        self.asked = Some(now);
    }

    /// The time as the environment has it, as well as is known; this computer's own where it has never
    /// told.
    pub(crate) fn time(&self, now: Now) -> Wall {
        match (self.fresh, self.at_least) {
            (Some(fresh), _) => carried(fresh, now.monotonic),
            (None, Some(at_least)) => carried(at_least, now.monotonic).max(now.wall),
            (None, None) => now.wall,
        }
    }

    /// Whether the two clocks are too far apart for a small drift.
    pub(crate) fn is_wrong(&self, now: Now) -> bool {
        let theirs = self.time(now);
        theirs.since(now.wall).max(now.wall.since(theirs)) > MAX_CLOCKS_APART
    }

    /// Whether the environment should be asked before this computer's clock is believed.
    pub(crate) fn is_in_doubt(&self, now: Now) -> bool {
        let recently = |at: Monotonic| now.monotonic.since(at) < ASK_AGAIN;
        let max_cache_delay = self.max_cache_delay.map(|known| carried(known, now.monotonic));
        self.fresh.is_none()
            && !self.asked.is_some_and(recently)
            && max_cache_delay
                .is_some_and(|max_cache_delay| now.wall.since(max_cache_delay) > DOUBTFUL)
    }
}

fn date(outcome: &HttpOutcome) -> Option<Wall> {
    outcome.as_ref().ok().and_then(HttpResponse::date)
}

fn carried((wall, since): (Wall, Monotonic), now: Monotonic) -> Wall {
    wall.after(now.since(since))
}
