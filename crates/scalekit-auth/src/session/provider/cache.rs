//! What the machine knows of its environment: endpoints and signing keys.

use std::time::Duration;

use crate::session::{event::Operation, provider::clock::ProviderClock};
use crate::{
    problem::{Problem, ProblemCode},
    protocol::{jwks::JwkSet, metadata::Metadata},
    rate_limit::RateLimiter,
    time::Monotonic,
};

/// Endpoints are asked for again at a sign-in when they are older than this.
const METADATA_AGE: Duration = Duration::from_secs(3600);

/// A refresh goes on with the endpoints it knows for so long after discovery has failed. In an outage each try would
/// else be two requests.
const DISCOVERY_RETRY: Duration = Duration::from_secs(600);

/// Keys older than this are not trusted without asking again, so that a withdrawn key dies. Each time they are trusted
/// for half of it or more: desktops that an outage has brought into step are to be out of it soon.
const KEYS_AGE: Duration = Duration::from_secs(600);

/// Unknown key ids make the keys be fetched at most this often.
const REFETCH: Duration = Duration::from_secs(60);

/// Endpoints, keys and the time, and what is on its way.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct ProviderCache {
    pub(crate) metadata: Option<Cached<Metadata>>,
    /// As another run of this program last saw them.
    pub(crate) stored: Option<Metadata>,
    pub(crate) discovering: Option<Operation>,
    pub(crate) keys: Option<Cached<JwkSet>>,
    keys_age: Duration,
    pub(crate) fetching_keys: Option<Operation>,
    /// Discovery has failed, and a refresh does not ask again until then.
    retry_not_before: Option<Monotonic>,
    /// The last discovery document named another issuer. It explains a refresh that fails.
    pub(crate) renamed: Option<Problem>,
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
            retry_not_before: None,
            renamed: None,
            refetches: RateLimiter::new(1, REFETCH),
            clock: ProviderClock::default(),
            asking_time: None,
        }
    }
}

impl ProviderCache {
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref().map(|known| &known.value)
    }

    /// For what goes on while nobody answers: endpoints that were good once are better than none.
    pub(crate) fn last_good_metadata(&self) -> Option<&Metadata> {
        self.metadata().or(self.stored.as_ref())
    }

    pub(crate) fn recent_metadata(&self, now: Monotonic) -> Option<&Metadata> {
        self.metadata
            .as_ref()
            .filter(|known| now.since(known.since) < METADATA_AGE)
            .map(|known| &known.value)
    }

    pub(crate) fn store_metadata(&mut self, value: Metadata, since: Monotonic) {
        self.metadata = Some(Cached { value, since });
        self.renamed = None;
    }

    /// The environment may have said how long it is to be left alone (RFC 9110 §10.2.3).
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

    /// Whether a refresh should do with the endpoints it knows.
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

    /// Keys that came now.
    pub(crate) fn store_keys(&mut self, value: JwkSet, since: Monotonic, rng: u64) {
        self.keys = Some(Cached { value, since });
        self.keys_age = KEYS_AGE * (500 + u32::try_from(rng % 501).unwrap_or(500)) / 1000;
    }

    /// Whether the keys are so new that asking again would tell nothing else.
    pub(crate) fn has_new_keys(&self, now: Monotonic) -> bool {
        self.keys.as_ref().is_some_and(|known| now.since(known.since) < REFETCH)
    }

    /// Whether an unknown key id may make the keys be fetched again; says yes once a minute.
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
        let asked = self.refetches.clone().try_acquire(now).is_err();
        let has = self.metadata.is_some();
        onto.word(format_args!("{recent} {has} {} {keys} {new} {asked}", known.is_some()));
        onto.word(format_args!("{} {}", self.is_left_alone(now), self.renamed.is_some()));
        let under_way = [self.discovering, self.fetching_keys, self.asking_time];
        under_way.into_iter().for_each(|operation| onto.maybe(operation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::signing::key_set;

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
}
