//! The cached metadata and signing keys of the environment.

use std::time::Duration;

use crate::session::{
    event::Operation,
    provider::clock::{ProviderClock, has_slept},
};
use crate::{
    problem::{Problem, ProblemCode},
    protocol::{http_response::HttpOutcome, jwks::JwkSet, metadata::Metadata},
    rate_limit::RateLimiter,
    time::{Monotonic, Now},
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

/// A request that fills the cache. At most one of each is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProviderRequest {
    /// The metadata.
    Discovery,
    /// The JWKS.
    Keys,
    /// The environment's time, bypassing caches.
    Time,
}

/// The metadata, the keys, the clock and the pending requests for them.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct ProviderCache {
    metadata: Option<Cached<Metadata>>,
    /// The metadata in the storage entry.
    stored: Option<Metadata>,
    keys: Option<Cached<JwkSet>>,
    keys_age: Duration,
    /// Whether the last request for the keys has failed, so that newer ones may exist.
    keys_fetch_failed: bool,
    pending: Vec<(ProviderRequest, Operation)>,
    /// Discovery has failed, and a refresh does not repeat it before this time.
    retry_not_before: Option<Monotonic>,
    /// The last discovery document named another issuer. It explains a refresh that fails.
    renamed: Option<Problem>,
    /// A token of another issuer was received since the metadata was.
    metadata_in_doubt: bool,
    doubts: RateLimiter,
    refetches: RateLimiter,
    clock: ProviderClock,
}

#[cfg_attr(feature = "testing", derive(Clone))]
struct Cached<T> {
    value: T,
    since: Monotonic,
}

impl Default for ProviderCache {
    fn default() -> Self {
        Self {
            metadata: None,
            stored: None,
            keys: None,
            keys_age: KEYS_AGE,
            keys_fetch_failed: false,
            pending: Vec::new(),
            retry_not_before: None,
            renamed: None,
            metadata_in_doubt: false,
            doubts: RateLimiter::new(1, METADATA_DOUBT_PERIOD),
            refetches: RateLimiter::new(1, KEYS_REFETCH_INTERVAL),
            clock: ProviderClock::default(),
        }
    }
}

impl ProviderCache {
    /// A request was sent with this operation.
    pub(crate) fn requested(&mut self, request: ProviderRequest, operation: Operation, now: Now) {
        if request == ProviderRequest::Time {
            self.clock.asking(now);
        }
        self.pending.push((request, operation));
    }

    /// Whether this request is pending.
    pub(crate) fn awaits(&self, request: ProviderRequest) -> bool {
        self.pending.iter().any(|(pending, _)| *pending == request)
    }

    /// Whether any request is pending.
    pub(crate) fn awaits_any(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The request that the response to this operation completes, if it is one of these.
    pub(crate) fn completed(&mut self, operation: Operation) -> Option<ProviderRequest> {
        let at = self.pending.iter().position(|(_, pending)| *pending == operation)?;
        Some(self.pending.remove(at).0)
    }

    /// Takes the environment's time from the response to one of these requests, or to a token request that was sent
    /// at `token_request_sent`. Any other response has no effect.
    pub(crate) fn observe_date(
        &mut self,
        request: Option<ProviderRequest>,
        token_request_sent: Option<Monotonic>,
        outcome: &HttpOutcome,
        now: Now,
    ) {
        // RFC 6749 §5.1: token responses are `no-store`.
        let fresh = match request {
            Some(ProviderRequest::Time) => self.clock.requested_at(),
            Some(ProviderRequest::Discovery | ProviderRequest::Keys) => None,
            None => token_request_sent,
        };
        if fresh.is_some_and(|sent| !has_slept(sent, now.monotonic)) {
            self.clock.observe_fresh_date(outcome, now);
        } else if fresh.is_some() || request.is_some() {
            self.clock.observe_cached_date(outcome, now.monotonic);
        }
    }

    /// The environment's clock.
    pub(crate) fn clock(&self) -> &ProviderClock {
        &self.clock
    }

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

    /// The metadata in the storage entry, as it was read at the start.
    pub(crate) fn restore_metadata(&mut self, stored: Option<Metadata>) {
        self.stored = stored;
    }

    /// Whether the storage entry has this metadata.
    pub(crate) fn is_stored(&self, metadata: &Metadata) -> bool {
        self.stored.as_ref() == Some(metadata)
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

    /// The reason for a refresh problem: where discovery names another issuer, the responses of the old endpoints
    /// cannot be used.
    pub(crate) fn explained(&self, problem: Problem) -> Problem {
        match (problem.code, &self.renamed) {
            (
                ProblemCode::RefreshUnavailable
                | ProblemCode::RefreshResponseRejected
                | ProblemCode::RefreshRefused,
                Some(renamed),
            ) => renamed.clone(),
            _ => problem,
        }
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
        self.keys_fetch_failed = false;
        self.keys_age = KEYS_AGE * (500 + u32::try_from(rng % 501).unwrap_or(500)) / 1000;
    }

    /// The request for the keys has failed.
    pub(crate) fn keys_failed(&mut self) {
        self.keys_fetch_failed = true;
    }

    /// Whether the last request for the keys has failed, so that newer ones may exist.
    pub(crate) fn has_failed_keys(&self) -> bool {
        self.keys_fetch_failed
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
        for request in [ProviderRequest::Discovery, ProviderRequest::Keys, ProviderRequest::Time] {
            let pending = self.pending.iter().find(|(pending, _)| *pending == request);
            onto.maybe(pending.map(|(_, operation)| *operation));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        metadata,
        signing::{json_response, key_set},
    };
    use crate::time::Wall;

    fn at(seconds: u64) -> Now {
        let elapsed = Duration::from_secs(seconds);
        Now { monotonic: Monotonic(elapsed), wall: DATE.after(elapsed) }
    }

    /// 1994-11-06 08:49:37 UTC.
    const DATE: Wall = Wall(784_111_777_000);

    fn response_of(date: Wall) -> HttpOutcome {
        let since = Duration::from_millis(date.0.try_into().unwrap());
        let mut response = json_response(200, &serde_json::json!({}));
        response.date = Some(httpdate::fmt_http_date(std::time::UNIX_EPOCH + since));
        Ok(response)
    }

    #[test]
    fn provider_request_is_completed_by_its_own_operation_once() {
        let mut cache = ProviderCache::default();
        cache.requested(ProviderRequest::Discovery, Operation(1), at(0));
        cache.requested(ProviderRequest::Keys, Operation(2), at(0));
        assert!(cache.awaits(ProviderRequest::Keys) && !cache.awaits(ProviderRequest::Time));
        assert_eq!(cache.completed(Operation(3)), None);
        assert_eq!(cache.completed(Operation(2)), Some(ProviderRequest::Keys));
        assert_eq!(cache.completed(Operation(2)), None);
        assert!(!cache.awaits(ProviderRequest::Keys) && cache.awaits_any());
        assert_eq!(cache.completed(Operation(1)), Some(ProviderRequest::Discovery));
        assert!(!cache.awaits_any());
    }

    #[test]
    fn date_of_cacheable_response_is_only_a_lower_bound() {
        let hour = Duration::from_secs(3600);
        let (behind, ahead) = (Wall(DATE.0 - 3_600_000), DATE.after(hour));
        for (request, sent, date, expected) in [
            (Some(ProviderRequest::Discovery), None, behind, DATE),
            (Some(ProviderRequest::Keys), None, behind, DATE),
            (Some(ProviderRequest::Keys), None, ahead, ahead),
            (Some(ProviderRequest::Time), None, behind, behind),
            (None, Some(at(0).monotonic), behind, behind),
            (None, None, ahead, DATE),
        ] {
            let mut cache = ProviderCache::default();
            cache.requested(ProviderRequest::Time, Operation(1), at(0));
            cache.observe_date(request, sent, &response_of(date), at(0));
            assert_eq!(cache.clock().time(at(0)), expected, "{request:?} {sent:?}");
        }
    }

    #[test]
    fn date_of_token_response_after_sleep_is_only_a_lower_bound() {
        let mut cache = ProviderCache::default();
        cache.observe_date(None, Some(at(0).monotonic), &response_of(DATE), at(31));
        assert_eq!(cache.clock().time(at(31)), at(31).wall);
        cache.observe_date(None, Some(at(1).monotonic), &response_of(DATE), at(31));
        assert_eq!(cache.clock().time(at(31)), DATE);
    }

    #[test]
    fn failed_keys_request_is_known_until_keys_arrive() {
        let mut cache = ProviderCache::default();
        assert!(!cache.has_failed_keys());
        cache.keys_failed();
        assert!(cache.has_failed_keys());
        cache.store_keys(key_set(&[]), Monotonic::default(), 0);
        assert!(!cache.has_failed_keys());
    }

    #[test]
    fn renamed_environment_explains_failed_refreshes_only() {
        let mut cache = ProviderCache::default();
        let explained = |cache: &ProviderCache, code| cache.explained(Problem::new(code)).code;
        let unavailable = ProblemCode::RefreshUnavailable;
        assert_eq!(explained(&cache, unavailable), unavailable);
        let renamed = Problem::new(ProblemCode::EnvironmentRenamed);
        cache.discovery_failed(Monotonic::default(), &renamed, None);
        assert_eq!(explained(&cache, unavailable), ProblemCode::EnvironmentRenamed);
        assert_eq!(explained(&cache, ProblemCode::NotSaved), ProblemCode::NotSaved);
    }

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
            cache.restore_metadata(stored);
            assert!(cache.is_left_alone(at(seconds - 1)));
            assert!(!cache.is_left_alone(at(seconds)));
            assert!(cache.renamed.is_none());
        }
    }
}
