//! The cached metadata and signing keys of the environment.

use std::time::Duration;

use crate::session::{event::Operation, provider::clock::ProviderClock};
use crate::{
    problem::{Problem, ProblemCode},
    protocol::{jwks::JwkSet, metadata::Metadata},
    rate_limit::RateLimiter,
    time::Monotonic,
};

/// A sign-in fetches the metadata again when it is older.
const METADATA_AGE: Duration = Duration::from_secs(3600);

/// The period after failed discovery in which a refresh uses the known metadata. In an outage each retry would
/// otherwise be two requests.
const DISCOVERY_RETRY: Duration = Duration::from_secs(600);

/// The maximum age of cached keys, so that a withdrawn key expires. The age is random between half of it and
/// the whole: computers that an outage has synchronized have to be spread again.
const KEYS_AGE: Duration = Duration::from_secs(600);

/// The minimum interval between fetches of metadata that a token of another issuer puts in doubt.
const METADATA_DOUBT_PERIOD: Duration = Duration::from_secs(3600);

/// The minimum interval between fetches of the JWKS for an unknown `kid`, of refreshes and of links.
const KEYS_REFETCH_INTERVAL: Duration = Duration::from_secs(60);

/// The metadata, the keys, the clock and the pending requests for them.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct ProviderCache {
    pub(crate) metadata: Option<Cached<Metadata>>,
    /// The metadata that an earlier process stored.
    pub(crate) stored: Option<Metadata>,
    pub(crate) discovering: Option<Operation>,
    pub(crate) keys: Option<Cached<JwkSet>>,
    keys_age: Duration,
    pub(crate) fetching_keys: Option<Operation>,
    /// Whether the last request for the keys has failed, so that newer ones may exist.
    pub(crate) keys_fetch_failed: bool,
    /// Discovery has failed, and a refresh does not repeat it before this time.
    retry_not_before: Option<Monotonic>,
    /// The last discovery document named another issuer. It explains a refresh that fails.
    pub(crate) renamed: Option<Problem>,
    /// A token of another issuer was received since the metadata was.
    metadata_in_doubt: bool,
    doubts: RateLimiter,
    refetches: RateLimiter,
    pub(crate) clock: ProviderClock,
    pub(crate) asking_time: Option<Operation>,
}

#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Cached<T> {
    pub(crate) value: T,
    pub(crate) since: Monotonic,
}

impl Default for ProviderCache {
    fn default() -> Self {
        Self {
            metadata: None,
            stored: None,
            discovering: None,
            keys: None,
            keys_age: KEYS_AGE,
            fetching_keys: None,
            keys_fetch_failed: false,
            retry_not_before: None,
            renamed: None,
            metadata_in_doubt: false,
            doubts: RateLimiter::new(1, METADATA_DOUBT_PERIOD),
            refetches: RateLimiter::new(1, KEYS_REFETCH_INTERVAL),
            clock: ProviderClock::default(),
            asking_time: None,
        }
    }
}

impl ProviderCache {
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref().map(|known| &known.value)
    }

    /// The last known metadata, for operations during an outage of the environment.
    pub(crate) fn last_good_metadata(&self) -> Option<&Metadata> {
        self.metadata().or(self.stored.as_ref())
    }

    pub(crate) fn recent_metadata(&self, now: Monotonic) -> Option<&Metadata> {
        self.metadata
            .as_ref()
            .filter(|known| !self.metadata_in_doubt && now.since(known.since) < METADATA_AGE)
            .map(|known| &known.value)
    }

    pub(crate) fn store_metadata(&mut self, value: Metadata, since: Monotonic) {
        self.metadata = Some(Cached { value, since });
        self.metadata_in_doubt = false;
        self.renamed = None;
    }

    /// Discards the metadata after a token of another issuer: the environment may have a new one. Returns whether it
    /// is to be fetched again; a service that sends such tokens gets no more requests than one that does not.
    pub(crate) fn doubt_metadata(&mut self, now: Monotonic) -> bool {
        let may = self.renamed.is_none() && self.doubts.try_acquire(now).is_ok();
        self.metadata_in_doubt |= may;
        may
    }

    /// The environment may have requested a delay (RFC 9110 §10.2.3).
    pub(crate) fn discovery_failed(
        &mut self,
        now: Monotonic,
        problem: &Problem,
        retry_after: Option<Duration>,
    ) {
        if problem.code == ProblemCode::EnvironmentRenamed {
            self.renamed = Some(problem.clone());
        }
        self.retry_not_before = Some(now.after(retry_after.unwrap_or(DISCOVERY_RETRY)));
    }

    /// Whether a refresh uses the known metadata.
    pub(crate) fn is_left_alone(&self, now: Monotonic) -> bool {
        self.retry_not_before.is_some_and(|until| now < until)
            && self.last_good_metadata().is_some()
    }

    pub(crate) fn recent_keys(&self, now: Monotonic) -> Option<&JwkSet> {
        self.keys
            .as_ref()
            .filter(|known| now.since(known.since) < self.keys_age)
            .map(|known| &known.value)
    }

    /// Caches keys that were received at this time.
    pub(crate) fn store_keys(&mut self, value: JwkSet, since: Monotonic, rng: u64) {
        self.keys = Some(Cached { value, since });
        self.keys_age = KEYS_AGE * (500 + u32::try_from(rng % 501).unwrap_or(500)) / 1000;
    }

    /// Whether the keys are too new for another fetch to change them.
    pub(crate) fn has_new_keys(&self, now: Monotonic) -> bool {
        self.keys.as_ref().is_some_and(|known| now.since(known.since) < KEYS_REFETCH_INTERVAL)
    }

    /// Whether an unknown `kid` in a refresh permits another fetch of the JWKS; at most once a minute.
    pub(crate) fn try_refetch_keys(&mut self, now: Monotonic) -> bool {
        self.refetches.try_acquire(now).is_ok()
    }
}

#[cfg(feature = "testing")]
impl ProviderCache {
    pub(crate) fn project(&self, onto: &mut crate::session::projection::Projection<'_>) {
        let now = onto.now.monotonic;
        let (recent, known) = (self.recent_metadata(now).is_some(), self.last_good_metadata());
        let (keys, new) = (self.recent_keys(now).is_some(), self.has_new_keys(now));
        let requested = self.refetches.clone().try_acquire(now).is_err();
        let has = self.metadata.is_some();
        onto.word(format_args!("{recent} {has} {} {keys} {new} {requested}", known.is_some()));
        onto.word(format_args!("{} {}", self.is_left_alone(now), self.renamed.is_some()));
        let doubted = self.doubts.clone().try_acquire(now).is_err();
        onto.word(format_args!("{} {doubted} {}", self.metadata_in_doubt, self.keys_fetch_failed));
        let under_way = [self.discovering, self.fetching_keys, self.asking_time];
        under_way.into_iter().for_each(|operation| onto.maybe(operation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{metadata, signing::key_set};

    #[test]
    fn jwks_are_trusted_for_5_to_10_minutes() {
        let lasts = |rng: u64| {
            let mut cache = ProviderCache::default();
            cache.store_keys(key_set(&[]), Monotonic::default(), rng);
            let recent = |seconds: &u64| {
                cache.recent_keys(Monotonic(Duration::from_secs(*seconds))).is_some()
            };
            (0..=600).filter(recent).max()
        };
        assert_eq!([0, 250, 500].map(lasts), [Some(299), Some(449), Some(599)]);
    }

    #[test]
    fn jwks_are_fetched_again_a_minute_after_the_last_fetch() {
        let at = |seconds| Monotonic(Duration::from_secs(seconds));
        let mut cache = ProviderCache::default();
        assert!(!cache.has_new_keys(at(0)));
        cache.store_keys(key_set(&[]), at(0), 0);
        assert!(cache.has_new_keys(at(59)));
        assert!(!cache.has_new_keys(at(60)));
        assert!(cache.try_refetch_keys(at(60)));
        assert!(!cache.try_refetch_keys(at(119)));
        assert!(cache.try_refetch_keys(at(120)));
    }

    #[test]
    fn failed_discovery_is_repeated_after_the_requested_delay() {
        let at = |seconds| Monotonic(Duration::from_secs(seconds));
        let problem = Problem::new(ProblemCode::Offline);
        for (retry_after, seconds) in [(None, 600), (Some(Duration::from_secs(5)), 5)] {
            let mut cache = ProviderCache::default();
            cache.discovery_failed(at(0), &problem, retry_after);
            assert!(!cache.is_left_alone(at(0)), "no endpoints are known");
            let environment = crate::configuration::EnvironmentUrl::parse(crate::testing::ISSUER);
            let document = crate::testing::discovery().to_string();
            let stored = metadata::parse_stored(&environment.unwrap(), document.as_bytes());
            cache.stored = Some(stored.unwrap());
            assert!(cache.is_left_alone(at(seconds - 1)));
            assert!(!cache.is_left_alone(at(seconds)));
            assert!(cache.renamed.is_none());
        }
    }
}
