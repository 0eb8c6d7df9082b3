//! How often a process asks an environment to refresh a session, and how often it may.

use std::collections::BTreeMap;

use crate::server::RefreshToken;

/// A try in each window of 1, 2, 4 … 300 seconds.
const MAX_WINDOW: u64 = 300;

/// Access tokens of 299 seconds are refreshed after 65 % of that at the earliest.
const MIN_PERIOD: u64 = 190;

/// Access tokens that a service refuses are refreshed at most this often, in seconds.
const REFUSED: u64 = 30;

/// A network that is back begins the windows anew.
const WINDOWS_OF_A_RETRY_HINT: u64 = 9;

/// Refresh tokens sent without a network: one that was on its way, its repetition, and one that somebody asked for
/// before it was known that there is no network.
const WITHOUT_NETWORK: u64 = 3;

/// What a process has sent.
#[derive(Default)]
pub struct Rates {
    by_token: BTreeMap<RefreshToken, Sends>,
    rotations: BTreeMap<usize, Rotations>,
    /// Tries that somebody or something has asked for.
    allowances: u64,
    retry_hints: u64,
    refused_callers: bool,
    /// Since it was told that there is no network.
    absence: Option<Absence>,
}

struct Absence {
    count: u64,
    asked: u64,
}

struct Sends {
    first: u64,
    count: u64,
    allowances: u64,
    retry_hints: u64,
}

struct Rotations {
    first: u64,
    newest: u64,
    count: u64,
    allowances: u64,
}

impl Rates {
    /// The user, or something that has got better, asks for a try.
    pub fn allow(&mut self) {
        self.allowances += 1;
    }

    pub fn on_retry_hint(&mut self) {
        self.retry_hints += 1;
    }

    /// A request has got somewhere, whatever came of it: what the system says of its networks is wrong.
    pub fn reached(&mut self) {
        let asked = self.asked();
        if let Some(absence) = &mut self.absence {
            *absence = Absence { count: 0, asked };
        }
    }

    /// The process is told whether there is a network.
    pub fn network_changed(&mut self, present: bool) {
        if present {
            self.absence = None;
            self.on_retry_hint();
        } else if self.absence.is_none() {
            self.absence = Some(Absence { count: 0, asked: self.asked() });
        }
    }

    fn asked(&self) -> u64 {
        self.allowances + self.retry_hints
    }

    pub fn refused(&mut self) {
        self.refused_callers = true;
    }

    /// A refresh token is sent. What is wrong with that, if anything.
    pub fn sent(&mut self, token: RefreshToken, now: u64) -> Option<String> {
        let in_vain = self.without_network(token);
        in_vain.or_else(|| self.same_token(token, now)).or_else(|| self.next_token(token, now))
    }

    /// New tokens came of it.
    pub fn answered(&mut self, token: RefreshToken) {
        self.by_token.remove(&token);
    }

    /// Without a network nothing is sent that nobody has asked for.
    fn without_network(&mut self, token: RefreshToken) -> Option<String> {
        let asked = self.asked();
        let absence = self.absence.as_mut()?;
        absence.count += 1;
        let most = WITHOUT_NETWORK + asked - absence.asked;
        let count = absence.count;
        (count > most)
            .then(|| format!("{token} was sent {count} times without a network, {most} at most"))
    }

    /// An environment in disturbance is asked in windows that grow.
    fn same_token(&mut self, token: RefreshToken, now: u64) -> Option<String> {
        let (allowances, retry_hints) = (self.allowances, self.retry_hints);
        let sends = self.by_token.entry(token).or_insert(Sends {
            first: now,
            count: 0,
            allowances,
            retry_hints,
        });
        sends.count += 1;
        let seconds = (now - sends.first) / 1000;
        // The first, the quick repetition of it, and one at the edge of a window.
        let most = 3
            + windows(seconds)
            + (allowances - sends.allowances)
            + WINDOWS_OF_A_RETRY_HINT * (retry_hints - sends.retry_hints);
        (sends.count > most).then(|| {
            format!("{token} was sent {} times in {seconds} s, {most} at most", sends.count)
        })
    }

    /// A session is refreshed when its access token nears its end, or when somebody has a reason.
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
        let most = 2 + seconds / MIN_PERIOD + refused + allowances - rotations.allowances;
        (rotations.count > most).then(|| {
            let Rotations { count, .. } = rotations;
            format!(
                "session {} was refreshed {count} times in {seconds} s, {most} at most",
                token.session
            )
        })
    }
}

/// How many windows fit into so many seconds.
pub fn windows(seconds: u64) -> u64 {
    let (mut left, mut window, mut count) = (seconds, 1, 0);
    while left >= window {
        left -= window;
        count += 1;
        window = (window * 2).min(MAX_WINDOW);
    }
    count + 1
}
