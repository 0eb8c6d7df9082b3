//! A cache of the access token, from which callers get it without the session's task.
//!
//! The task alone determines the token, after each event. Between two events its result for a caller changes with
//! the time only, so the cached token is equal to it, as long as no command is on its way to the task: after a
//! sign-out that a caller has sent, the same caller must not get a token.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use scalekit_auth::{CachedAccessToken, IssuedToken, Monotonic, Wall};

use crate::clock;

/// The token, where the task would return one at once.
#[derive(Default)]
pub(super) struct TokenCache {
    /// The number of commands that were sent to the task, or are about to be.
    sent: AtomicU64,
    /// The number of commands that it has processed.
    done: AtomicU64,
    token: RwLock<Option<CachedToken>>,
    /// The second, by the monotonic clock, in which the wall clock was compared last: reading it at each call costs as
    /// much as all the rest.
    compared: AtomicU64,
}

struct CachedToken {
    issued: IssuedToken,
    until: Monotonic,
    until_wall: Wall,
}

impl TokenCache {
    /// A command is about to be sent: until it is processed, callers get the token from the task.
    pub(super) fn invalidate(&self) {
        self.sent.fetch_add(1, Ordering::AcqRel);
    }

    /// A command was processed, and the token after it is published.
    pub(super) fn command_done(&self) {
        self.done.fetch_add(1, Ordering::AcqRel);
    }

    /// The token that every caller gets now.
    pub(super) fn get(&self) -> Option<IssuedToken> {
        self.get_at(clock::monotonic, clock::wall)
    }

    fn get_at(
        &self,
        now: impl FnOnce() -> Monotonic,
        wall: impl FnOnce() -> Wall,
    ) -> Option<IssuedToken> {
        // The queue is in order: what was sent before this call is among the first `sent` commands.
        let sent = self.sent.load(Ordering::Acquire);
        if self.done.load(Ordering::Acquire) < sent {
            return None;
        }
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        let (token, now) = (token.as_ref()?, now());
        let lasts = now < token.until && !self.is_past_by_wall_clock(token, now, wall);
        lasts.then(|| token.issued.clone())
    }

    /// The monotonic clock stands still in a paused virtual machine, and a second of it passes soon afterwards.
    fn is_past_by_wall_clock(
        &self,
        token: &CachedToken,
        now: Monotonic,
        wall: impl FnOnce() -> Wall,
    ) -> bool {
        let second = now.0.as_secs();
        if self.compared.load(Ordering::Relaxed) == second {
            return false;
        }
        let is_past = wall() >= token.until_wall;
        if !is_past {
            self.compared.store(second, Ordering::Relaxed);
        }
        is_past
    }

    /// Sets the token that the state machine returns to callers from now on.
    pub(super) fn publish(&self, cached: Option<CachedAccessToken<'_>>) {
        let same = match (&*self.token.read().unwrap_or_else(PoisonError::into_inner), cached) {
            (Some(known), Some(cached)) => {
                known.until == cached.until
                    && known.until_wall == cached.until_wall
                    && known.issued.token.matches(cached.token.expose())
                    && known.issued.session == *cached.session
                    && *known.issued.configuration == *cached.configuration
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !same {
            let token = cached.map(|cached| CachedToken {
                issued: cached.issue(),
                until: cached.until,
                until_wall: cached.until_wall,
            });
            *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
        }
    }
}

/// The task's side of the cache. However the task ends, callers get no token afterwards.
pub(super) struct TokenPublisher(pub(super) std::sync::Arc<TokenCache>);

impl Drop for TokenPublisher {
    fn drop(&mut self) {
        self.0.publish(None);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use scalekit_auth::{ClientId, Configuration, EnvironmentUrl, RedirectUris, Secret, SessionId};

    use super::*;

    fn configuration() -> Configuration {
        Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        )
    }

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    fn with_token(token: &str) -> TokenCache {
        let cache = TokenCache::default();
        publish(&cache, token, "skc_1", &SessionId::default(), 10);
        cache
    }

    fn publish(cache: &TokenCache, token: &str, client: &str, session: &SessionId, until: u64) {
        let (token, mut configuration) = (Secret::new(token), configuration());
        configuration.client_id = ClientId::parse(client).unwrap();
        cache.publish(Some(CachedAccessToken {
            token: &token,
            configuration: &configuration,
            session,
            until: at(until),
            until_wall: Wall(100_000),
        }));
    }

    fn get_at(cache: &TokenCache, seconds: u64) -> Option<IssuedToken> {
        cache.get_at(|| at(seconds), Wall::default)
    }

    #[test]
    fn cached_token_is_not_returned_after_its_end_by_the_wall_clock() {
        let cache = with_token("one");
        assert!(cache.get_at(|| at(5), || Wall(99_999)).is_some());
        // The virtual machine was paused.
        for _ in 0..2 {
            assert!(cache.get_at(|| at(6), || Wall(100_000)).is_none());
        }
        publish(&cache, "one", "skc_1", &SessionId::default(), 20);
        assert!(cache.get_at(|| at(6), || Wall(99_999)).is_some());
    }

    #[test]
    fn cached_token_is_returned_until_it_may_end_on_its_way() {
        let cache = with_token("one");
        let token = get_at(&cache, 9).unwrap().token;
        assert!(token.matches("one"));
        assert!(get_at(&cache, 10).is_none());
    }

    #[test]
    fn cached_token_is_not_returned_while_a_command_is_underway() {
        let cache = with_token("one");
        cache.invalidate();
        assert!(get_at(&cache, 0).is_none());
        cache.command_done();
        assert!(get_at(&cache, 0).is_some());
    }

    #[test]
    fn cached_token_is_replaced_if_any_part_of_it_differs() {
        let (same, other) =
            (SessionId::default(), SessionId::of_sign_in(&Secret::new("n"), &Secret::new("t")));
        for (token, client, session, until) in [
            ("two", "skc_1", &same, 10),
            ("one", "skc_2", &same, 10),
            ("one", "skc_1", &other, 10),
            ("one", "skc_1", &same, 20),
        ] {
            let cache = with_token("one");
            publish(&cache, token, client, session, until);
            let issued = get_at(&cache, until - 1).unwrap();
            assert!(issued.token.matches(token));
            assert_eq!(issued.configuration.client_id.as_str(), client);
            assert_eq!(issued.session, *session);
        }
    }

    #[test]
    fn cached_token_is_replaced_and_gone_with_the_task() {
        let cache = Arc::new(with_token("one"));
        publish(&cache, "two", "skc_1", &SessionId::default(), 20);
        assert!(get_at(&cache, 15).unwrap().token.matches("two"));
        drop(TokenPublisher(Arc::clone(&cache)));
        assert!(get_at(&cache, 15).is_none());
    }
}
