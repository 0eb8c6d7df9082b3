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
const MIN_TIME_DOUBT: Duration = Duration::from_secs(300);

/// The minimum interval between requests for the time.
const TIME_REQUEST_INTERVAL: Duration = Duration::from_secs(60);

/// The time from a request to its response above which this computer is assumed to have slept in between, as HTTP times
/// out earlier: the response is older than its receipt.
const MAX_EXCHANGE: Duration = Duration::from_secs(30);

/// Whether this computer has slept between a request at that time and its response.
pub(crate) fn has_slept(sent: Monotonic, now: Monotonic) -> bool {
    now.since(sent) > MAX_EXCHANGE
}

/// What is left of the lifetime of tokens that were requested at this time, when they have been verified.
pub(crate) fn lifetime_left(lifetime: Duration, sent: Monotonic, now: Monotonic) -> Duration {
    if has_slept(sent, now) { lifetime.saturating_sub(now.since(sent)) } else { lifetime }
}

/// The times in the environment's responses, each with the monotonic time of receipt, which no user can set.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct ProviderClock {
    /// The `Date` of a response that is never cached, and both clocks at its receipt.
    fresh: Option<(Wall, Now)>,
    /// The lower bound.
    at_least: Option<(Wall, Monotonic)>,
    /// `Date` plus `Age`: the bound up to which a cache explains a delay.
    max_cache_delay: Option<(Wall, Monotonic)>,
    /// When the time was requested last.
    requested: Option<Now>,
}

impl ProviderClock {
    /// Records the `Date` of a response that must not be cached.
    pub(crate) fn observe_fresh_date(&mut self, outcome: &HttpOutcome, now: Now) {
        if let Some(date) = date(outcome) {
            self.fresh = Some((date, now));
        }
    }

    /// Records the `Date` and `Age` of a response that may have been cached.
    pub(crate) fn observe_cached_date(&mut self, outcome: &HttpOutcome, now: Monotonic) {
        let (Some(date), Ok(response)) = (date(outcome), outcome) else { return };
        if self.at_least.is_none_or(|known| carried(known, now) < date) {
            self.at_least = Some((date, now));
        }
        let cached_until = date.after(response.age());
        if self.max_cache_delay.is_none_or(|known| carried(known, now) < cached_until) {
            self.max_cache_delay = Some((cached_until, now));
        }
    }

    /// When the time was requested last.
    pub(crate) fn requested_at(&self) -> Option<Monotonic> {
        self.requested.map(|requested| requested.monotonic)
    }

    /// Records that the time is being requested.
    pub(crate) fn asking(&mut self, now: Now) {
        self.requested = Some(now);
    }

    /// The environment's time by the best estimate; this computer's time where there is none.
    pub(crate) fn time(&self, now: Now) -> Wall {
        match (self.fresh, self.at_least) {
            (Some((date, received)), _) => carried((date, received.monotonic), now.monotonic),
            (None, Some(at_least)) => carried(at_least, now.monotonic).max(now.wall),
            (None, None) => now.wall,
        }
    }

    /// Whether the two clocks differ by more than [`MAX_CLOCKS_APART`].
    fn is_wrong(&self, now: Now) -> bool {
        let theirs = self.time(now);
        difference(theirs, now.wall) > MAX_CLOCKS_APART
    }

    /// Whether they do, and the environment's time was received while this computer's clocks have advanced by the
    /// same time. Otherwise the wall clock may be right: a paused virtual machine carries the environment's time too
    /// little, and the request for it has failed.
    pub(crate) fn is_certainly_wrong(&self, now: Now) -> bool {
        self.is_wrong(now) && !self.fresh.is_some_and(|(_, received)| have_parted(received, now))
    }

    /// Whether the environment's time is known from a response that was never cached, and the two clocks agree.
    pub(crate) fn agrees(&self, now: Now) -> bool {
        self.fresh.is_some_and(|(_, received)| !have_parted(received, now)) && !self.is_wrong(now)
    }

    /// Whether the environment's time is not known from a recent response that was never cached, and can be
    /// requested.
    pub(crate) fn is_unconfirmed(&self, now: Now) -> bool {
        let recently = |at: Now| {
            now.monotonic.since(at.monotonic) < TIME_REQUEST_INTERVAL && !have_parted(at, now)
        };
        let is_confirmed = self.fresh.is_some_and(|(_, received)| recently(received));
        !is_confirmed && !self.requested.is_some_and(recently)
    }

    /// Whether to request the environment's time before this computer's clock is used, or reported as wrong.
    pub(crate) fn is_in_doubt(&self, now: Now) -> bool {
        let max_cache_delay = self.max_cache_delay.map(|known| carried(known, now.monotonic));
        let is_ahead =
            max_cache_delay.is_some_and(|latest| now.wall.since(latest) > MIN_TIME_DOUBT);
        self.is_unconfirmed(now) && (is_ahead || self.is_wrong(now))
    }
}

fn date(outcome: &HttpOutcome) -> Option<Wall> {
    outcome.as_ref().ok().and_then(HttpResponse::date)
}

/// Whether this computer's clocks have advanced by different times: the wall clock was set, or the monotonic clock
/// stood still, as in a paused virtual machine.
fn have_parted(before: Now, now: Now) -> bool {
    let expected = before.wall.after(now.monotonic.since(before.monotonic));
    difference(expected, now.wall) > MIN_TIME_DOUBT
}

fn difference(one: Wall, other: Wall) -> Duration {
    one.since(other).max(other.since(one))
}

fn carried((wall, since): (Wall, Monotonic), now: Monotonic) -> Wall {
    wall.after(now.since(since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::signing::json_response;

    /// 1994-11-06 08:49:37 UTC.
    const DATE: i64 = 784_111_777_000;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    fn now(wall: i64, seconds: u64) -> Now {
        Now { wall: Wall(wall), monotonic: at(seconds) }
    }

    fn response(date: i64, age: Option<u64>) -> HttpOutcome {
        let since = Duration::from_millis(date.try_into().unwrap());
        let mut response = json_response(200, &serde_json::json!({}));
        response.date = Some(httpdate::fmt_http_date(std::time::UNIX_EPOCH + since));
        response.age = age.map(|age| age.to_string());
        Ok(response)
    }

    fn cached(responses: &[(i64, Option<u64>)]) -> ProviderClock {
        let mut clock = ProviderClock::default();
        for (date, age) in responses {
            clock.observe_cached_date(&response(*date, *age), at(0));
        }
        clock
    }

    #[test]
    fn latest_cached_date_is_the_lower_bound() {
        let (early, late) = ((DATE, None), (DATE + 60_000, None));
        for responses in [[early, late], [late, early], [late, late]] {
            assert_eq!(cached(&responses).time(now(0, 10)), Wall(DATE + 70_000));
        }
        assert_eq!(cached(&[early]).time(now(DATE + 1_000_000, 10)), Wall(DATE + 1_000_000));
    }

    #[test]
    fn fresh_date_outweighs_a_later_cached_date() {
        let mut clock = cached(&[(DATE + 60_000, None)]);
        clock.observe_fresh_date(&response(DATE, None), now(DATE, 0));
        assert_eq!(clock.time(now(0, 10)), Wall(DATE + 10_000));
    }

    #[test]
    fn fresh_date_is_confirmed_for_a_minute_while_the_clocks_agree() {
        let mut clock = ProviderClock::default();
        clock.observe_fresh_date(&response(DATE, None), now(DATE, 0));
        let limit = i64::try_from(MIN_TIME_DOUBT.as_millis()).unwrap();
        for (wall, seconds, unconfirmed) in [
            (DATE + 59_000, 59, false),
            (DATE + 60_000, 60, true),
            (DATE + limit, 0, false),
            (DATE + limit + 1, 0, true),
            (DATE - limit - 1, 0, true),
        ] {
            assert_eq!(clock.is_unconfirmed(now(wall, seconds)), unconfirmed, "{wall} {seconds}");
        }
    }

    #[test]
    fn clock_is_wrong_beyond_the_limit_in_either_direction() {
        let mut clock = ProviderClock::default();
        clock.observe_fresh_date(&response(DATE, None), now(DATE, 0));
        let limit = i64::try_from(MAX_CLOCKS_APART.as_millis()).unwrap();
        for (apart, wrong) in [(limit, false), (limit + 1, true)] {
            assert_eq!(clock.is_wrong(now(DATE + apart, 0)), wrong, "{apart} ahead");
            assert_eq!(clock.is_wrong(now(DATE - apart, 0)), wrong, "{apart} behind");
        }
    }

    #[test]
    fn clock_is_not_certainly_wrong_after_the_clocks_have_parted() {
        let mut clock = ProviderClock::default();
        clock.observe_fresh_date(&response(DATE, None), now(DATE, 0));
        let hours = 7_200_000;
        assert!(clock.is_wrong(now(DATE + hours, 10)));
        assert!(!clock.is_certainly_wrong(now(DATE + hours, 10)));
        clock.observe_fresh_date(&response(DATE, None), now(DATE + hours, 10));
        assert!(clock.is_certainly_wrong(now(DATE + hours, 10)));
        assert!(cached(&[(DATE + hours, None)]).is_certainly_wrong(now(DATE, 0)), "a lower bound");
    }

    #[test]
    fn clock_ahead_of_the_largest_cache_delay_is_in_doubt() {
        let limit = i64::try_from(MIN_TIME_DOUBT.as_millis()).unwrap();
        let (short, long) = ((DATE, Some(0)), (DATE, Some(600)));
        for responses in [[short, long], [long, short], [long, long]] {
            let clock = cached(&responses);
            assert!(!clock.is_in_doubt(now(DATE + 600_000 + limit, 0)));
            assert!(clock.is_in_doubt(now(DATE + 600_000 + limit + 1, 0)));
        }
    }

    #[test]
    fn time_is_requested_once_a_minute() {
        let mut clock = cached(&[(DATE, None)]);
        let far = DATE + 86_400_000;
        assert!(clock.is_in_doubt(now(far, 0)));
        clock.asking(now(far, 0));
        assert!(!clock.is_in_doubt(now(far + 59_000, 59)));
        assert!(clock.is_in_doubt(now(far + 60_000, 60)));
    }

    #[test]
    fn time_is_requested_again_after_the_clocks_have_parted() {
        let mut clock = cached(&[(DATE, None)]);
        let far = DATE + 86_400_000;
        clock.asking(now(far, 0));
        assert!(!clock.is_in_doubt(now(far + 1_000, 1)));
        let slept = i64::try_from(MIN_TIME_DOUBT.as_millis()).unwrap() + 1_000;
        assert!(clock.is_in_doubt(now(far + slept + 1_000, 1)));
    }
}
