//! The rate of a process's refresh requests, and its limits.

use std::collections::BTreeMap;

use crate::server::RefreshToken;

/// The longest of the retry windows of 1, 2, 4 … 300 seconds.
const MAX_WINDOW: u64 = 300;

/// The earliest refresh of an access token of 299 seconds: after 65 % of its lifetime.
const MIN_PERIOD: u64 = 190;

/// The short-lived access tokens in a row that are refreshed by their lifetime.
const SHORT_LIVED: u64 = 10;

/// The minimum interval of refreshes for rejected access tokens, and for short-lived ones, in seconds.
const REFUSED: u64 = 30;

/// The age of an access token from which the user's return causes a refresh, in milliseconds.
const CHECK_AGE: u64 = 60_000;

/// The number of windows that begin anew when a network returns.
pub const WINDOWS_OF_A_RETRY_HINT: u64 = 9;

/// The maximum number of refresh requests without a network: a pending one, its retry, and one that was
/// requested before the absence was known.
const WITHOUT_NETWORK: u64 = 3;

/// The refresh requests of a process.
#[derive(Default)]
pub struct Rates {
    by_token: BTreeMap<RefreshToken, Sends>,
    rotations: BTreeMap<usize, Rotations>,
    /// The attempts that were requested by a user action or an event.
    allowances: u64,
    /// Those of them that a user requested, also against `Retry-After`.
    attempts: u64,
    retry_hints: u64,
    /// The time of the last return that allowed a refresh.
    returned: Option<u64>,
    refused_callers: bool,
    short_lived: bool,
    /// The account switches of the user: short-lived tokens are counted anew on the return.
    switches: u64,
    /// Whether a response may have been rejected, as its signature cannot be verified: each retry rotates the token.
    unverifiable: bool,
    /// The absence of a network since it was reported.
    absence: Option<Absence>,
}

struct Absence {
    count: u64,
    requested: u64,
}

struct Sends {
    first: u64,
    count: u64,
    allowances: u64,
    retry_hints: u64,
    /// The time before which the environment asked for no further request, and the user's attempts so far.
    not_before: Option<(u64, u64)>,
}

struct Rotations {
    first: u64,
    newest: u64,
    count: u64,
    allowances: u64,
}

impl Rates {
    /// Records that the user, or an event such as a retry hint, requests an attempt.
    pub fn allow(&mut self) {
        self.allowances += 1;
    }

    /// Records that the user requests an attempt.
    pub fn attempt(&mut self) {
        self.attempts += 1;
        self.allow();
    }

    pub fn on_retry_hint(&mut self) {
        self.retry_hints += 1;
    }

    /// Records the user's return, which refreshes a session with an access token of a certain age.
    pub fn on_return(&mut self, now: u64) {
        self.on_retry_hint();
        if self.returned.is_none_or(|before| now - before >= CHECK_AGE) {
            self.returned = Some(now);
            self.allow();
        }
    }

    /// Records that a request has reached the environment: the reported network state is wrong.
    pub fn reached(&mut self) {
        let requested = self.requested();
        if let Some(absence) = &mut self.absence {
            *absence = Absence { count: 0, requested };
        }
    }

    /// Records the reported network state.
    pub fn network_changed(&mut self, present: bool) {
        if present {
            self.absence = None;
            self.on_retry_hint();
        } else if self.absence.is_none() {
            self.absence = Some(Absence { count: 0, requested: self.requested() });
        }
    }

    fn requested(&self) -> u64 {
        self.allowances + self.retry_hints
    }

    pub fn refused(&mut self) {
        self.refused_callers = true;
    }

    /// Records that access tokens live a few seconds.
    pub fn short_lived(&mut self) {
        self.short_lived = true;
    }

    /// Records that another account became current.
    pub fn switched(&mut self) {
        self.switches += 1;
    }

    /// Records a refresh request. Returns the violation, if any.
    pub fn sent(&mut self, token: RefreshToken, now: u64) -> Option<String> {
        let in_vain = self.without_network(token);
        in_vain.or_else(|| self.same_token(token, now)).or_else(|| self.next_token(token, now))
    }

    /// Records that its token response was received.
    pub fn responded(&mut self, token: RefreshToken, is_verifiable: bool) {
        self.by_token.remove(&token);
        self.unverifiable |= !is_verifiable;
    }

    /// Records a `Retry-After` in the response to this token: the time at which it elapses.
    pub fn must_wait(&mut self, token: RefreshToken, until: u64) {
        if let Some(sends) = self.by_token.get_mut(&token) {
            sends.not_before = Some((until, self.attempts));
        }
    }

    /// Whether this token is sent before that time, and not for a user. Returns the violation, if any.
    pub fn too_early(&self, token: RefreshToken, now: u64) -> Option<String> {
        let (until, attempts) = self.by_token.get(&token)?.not_before?;
        (now < until && self.attempts == attempts)
            .then(|| format!("{token} was sent {} ms too early", until - now))
    }

    /// Without a network no request is sent unless it was requested.
    fn without_network(&mut self, token: RefreshToken) -> Option<String> {
        let requested = self.requested();
        let absence = self.absence.as_mut()?;
        absence.count += 1;
        let most = WITHOUT_NETWORK + requested - absence.requested;
        let count = absence.count;
        (count > most)
            .then(|| format!("{token} was sent {count} times without a network, {most} at most"))
    }

    /// The retries of a failed request are limited by growing windows.
    fn same_token(&mut self, token: RefreshToken, now: u64) -> Option<String> {
        let (allowances, retry_hints) = (self.allowances, self.retry_hints);
        let sends = self.by_token.entry(token).or_insert(Sends {
            first: now,
            count: 0,
            allowances,
            retry_hints,
            not_before: None,
        });
        sends.count += 1;
        let seconds = (now - sends.first) / 1000;
        // The first request, its quick retry, and one at the edge of a window.
        let most = 3
            + windows(seconds)
            + (allowances - sends.allowances)
            + WINDOWS_OF_A_RETRY_HINT * (retry_hints - sends.retry_hints);
        (sends.count > most).then(|| {
            format!("{token} was sent {} times in {seconds} s, {most} at most", sends.count)
        })
    }

    /// A session is refreshed before its access token expires, or when a refresh was requested.
    fn next_token(&mut self, token: RefreshToken, now: u64) -> Option<String> {
        let allowances = self.allowances;
        let rotations = self.rotations.entry(token.session).or_insert(Rotations {
            first: now,
            newest: token.number,
            count: 0,
            allowances,
        });
        if token.number <= rotations.newest {
            return None;
        }
        rotations.newest = token.number;
        rotations.count += 1;
        let seconds = (now - rotations.first) / 1000;
        let refused = if self.refused_callers { 2 + seconds / REFUSED } else { 0 };
        let rejected = if self.unverifiable { windows(seconds) } else { 0 };
        let in_a_row = SHORT_LIVED * (1 + self.switches);
        let short_lived = if self.short_lived { in_a_row + seconds / REFUSED } else { 0 };
        let due = 2 + seconds / MIN_PERIOD + refused + rejected + short_lived;
        let most = due + allowances - rotations.allowances;
        (rotations.count > most).then(|| {
            let Rotations { count, .. } = rotations;
            format!(
                "session {} was refreshed {count} times in {seconds} s, {most} at most",
                token.session
            )
        })
    }
}

/// The number of windows within this number of seconds.
pub fn windows(seconds: u64) -> u64 {
    let (mut left, mut window, mut count) = (seconds, 1, 0);
    while left >= window {
        left -= window;
        count += 1;
        window = (window * 2).min(MAX_WINDOW);
    }
    count + 1
}
