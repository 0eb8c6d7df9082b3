//! The environment for the fleet: its sessions, its outages, and the counts of requests per second.

use anyhow::Result;
use http::Request;
use scalekit_auth::{HttpError, HttpOutcome, HttpResponse, RequestPurpose};
use url::form_urlencoded;

use crate::{
    day::{self, BEGIN, END, OUTAGE, RATE_LIMITED, SECOND},
    tokens::{Tokens, json_response},
};

/// The wall clock at midnight.
const MIDNIGHT: i64 = 1_800_057_600_000;

/// The wall clock at this time of the day.
#[must_use]
pub fn wall(at: u64) -> i64 {
    MIDNIGHT + i64::try_from(at).unwrap_or(i64::MAX)
}

/// The kinds of counted requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Token requests that were served.
    Token,
    /// Token requests beyond the rate limit.
    Limited,
    /// The discovery document.
    Discovery,
    /// The JWKS.
    Keys,
    /// Requests during the outage, which the environment has not received.
    Unreached,
}

/// All of [`Counted`], in the order of the columns.
pub const COUNTED: [Counted; 5] =
    [Counted::Token, Counted::Limited, Counted::Discovery, Counted::Keys, Counted::Unreached];

/// Requests by second of the day.
#[derive(Debug, Clone)]
pub struct Counts([Vec<u32>; COUNTED.len()]);

impl Default for Counts {
    fn default() -> Self {
        let seconds = usize::try_from((END - BEGIN) / SECOND).unwrap_or_default();
        Self(std::array::from_fn(|_| vec![0; seconds]))
    }
}

impl Counts {
    fn count(&mut self, what: Counted, at: u64) {
        let second = usize::try_from(at.saturating_sub(BEGIN) / SECOND).unwrap_or(usize::MAX);
        if let Some(count) = self.0[what as usize].get_mut(second) {
            *count += 1;
        }
    }

    /// One column, with a number for each second of the day.
    #[must_use]
    pub fn of(&self, what: Counted) -> &[u32] {
        &self.0[what as usize]
    }

    /// Adds stored counts to a column.
    pub fn add(&mut self, what: Counted, more: &[u32]) {
        for (sum, one) in self.0[what as usize].iter_mut().zip(more) {
            *sum += one;
        }
    }

    /// The requests that the environment has received, by second.
    #[must_use]
    pub fn reached(&self) -> Vec<u32> {
        let columns = [Counted::Token, Counted::Limited, Counted::Discovery, Counted::Keys];
        let mut sums = vec![0; self.0[0].len()];
        for column in columns {
            for (sum, one) in sums.iter_mut().zip(self.of(column)) {
                *sum += one;
            }
        }
        sums
    }
}

/// The outcome of a request, without the bytes of the response, which are created when it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseKind {
    /// No connection.
    Unreached,
    /// The connection broke after the request was processed.
    Lost,
    /// The discovery document.
    Discovery,
    /// The JWKS.
    Keys,
    /// A token response with this refresh token; of a sign-in if there is a nonce.
    Tokens(u32, Option<String>),
    /// Status 429.
    Limited,
    /// `invalid_grant`.
    Rejected,
    /// Status 503.
    Failed,
}

/// An environment, or a shard's part of its capacity.
pub struct Environment {
    tokens: Tokens,
    /// The valid refresh token of each desktop.
    live: Vec<u32>,
    /// Whether the response with that token was lost, so that the desktop has an older one.
    lost: Vec<bool>,
    /// The number of token requests that may be served, and the time of that number.
    allowance: (f64, u64),
    capacity: f64,
    /// Whether it responds with 503 to every request.
    pub fails: bool,
    /// The counted requests.
    pub counts: Counts,
    /// Token requests that were rejected although no response was lost.
    pub rejected_for_no_reason: u64,
    /// Token requests that were rejected because the previous token response was lost.
    pub rejected_after_loss: u64,
}

impl Environment {
    /// An environment for this many desktops.
    ///
    /// # Errors
    /// When no signing key can be created.
    pub fn new(desktops: u32) -> Result<Self> {
        let capacity = f64::from(desktops) * day::CAPACITY;
        let slots = usize::try_from(desktops)?;
        Ok(Self {
            tokens: Tokens::new()?,
            live: vec![0; slots],
            lost: vec![false; slots],
            allowance: (capacity, RATE_LIMITED.start),
            capacity,
            fails: false,
            counts: Counts::default(),
            rejected_for_no_reason: 0,
            rejected_after_loss: 0,
        })
    }

    /// Processes a request of this desktop.
    pub fn receive(
        &mut self,
        desktop: u32,
        purpose: RequestPurpose,
        request: &Request<Vec<u8>>,
        at: u64,
    ) -> ResponseKind {
        if OUTAGE.contains(&at) {
            self.counts.count(Counted::Unreached, at);
            return ResponseKind::Unreached;
        }
        if self.fails {
            return ResponseKind::Failed;
        }
        match purpose {
            RequestPurpose::Discovery | RequestPurpose::Time => {
                self.counts.count(Counted::Discovery, at);
                ResponseKind::Discovery
            }
            RequestPurpose::Jwks => {
                self.counts.count(Counted::Keys, at);
                ResponseKind::Keys
            }
            RequestPurpose::CodeExchange | RequestPurpose::Refresh | RequestPurpose::Revocation => {
                if !self.may_serve(at) {
                    self.counts.count(Counted::Limited, at);
                    return ResponseKind::Limited;
                }
                self.counts.count(Counted::Token, at);
                self.exchange(desktop, request.body())
            }
        }
    }

    /// Records that the response to this desktop's last token request was lost.
    pub fn lose(&mut self, desktop: u32) {
        if let Some(lost) = self.lost.get_mut(desktop as usize) {
            *lost = true;
        }
    }

    /// The HTTP response for an outcome.
    pub fn response(&self, desktop: u32, kind: ResponseKind, at: u64) -> HttpOutcome {
        let (status, body) = match kind {
            ResponseKind::Unreached => {
                return Err(HttpError::Unreachable("The connection was refused".to_owned()));
            }
            ResponseKind::Lost => {
                return Err(HttpError::Interrupted("The connection was reset".to_owned()));
            }
            ResponseKind::Discovery => (200, self.tokens.discovery.clone()),
            ResponseKind::Keys => (200, self.tokens.keys.clone()),
            ResponseKind::Tokens(number, nonce) => {
                (200, self.token_body(desktop, number, nonce, at))
            }
            ResponseKind::Limited => (429, br#"{"error":"too_many_requests"}"#.to_vec()),
            ResponseKind::Failed => (503, Vec::new()),
            ResponseKind::Rejected => (400, br#"{"error":"invalid_grant"}"#.to_vec()),
        };
        let seconds = u64::try_from(wall(at) / 1000).unwrap_or_default();
        let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        Ok(HttpResponse {
            retry_after: (status == 429).then(|| day::RETRY_AFTER.to_string()),
            date: Some(httpdate::fmt_http_date(date)),
            ..json_response(status, body)
        })
    }

    fn may_serve(&mut self, at: u64) -> bool {
        if !RATE_LIMITED.contains(&at) {
            return true;
        }
        let (left, since) = self.allowance;
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds of a day are exact in a double"
        )]
        let more = (at - since) as f64 / 1000.0 * self.capacity;
        let left = (left + more).min(self.capacity);
        let serves = left >= 1.0;
        self.allowance = (if serves { left - 1.0 } else { left }, at);
        serves
    }

    /// RFC 9700 §4.14.2: each refresh token is valid once. There is no grace period.
    fn exchange(&mut self, desktop: u32, body: &[u8]) -> ResponseKind {
        let slot = desktop as usize;
        let value = |wanted: &str| {
            form_urlencoded::parse(body).find(|(name, _)| name == wanted).map(|(_, value)| value)
        };
        if let Some(code) = value("code") {
            self.live[slot] += 1;
            self.lost[slot] = false;
            return ResponseKind::Tokens(self.live[slot], Some(code.into_owned()));
        }
        let given = value("refresh_token").and_then(|token| number_of(&token));
        if given == Some((desktop, self.live[slot])) {
            self.live[slot] += 1;
            ResponseKind::Tokens(self.live[slot], None)
        } else if self.lost[slot] {
            self.rejected_after_loss += 1;
            ResponseKind::Rejected
        } else {
            self.rejected_for_no_reason += 1;
            ResponseKind::Rejected
        }
    }

    fn token_body(&self, desktop: u32, number: u32, nonce: Option<String>, at: u64) -> Vec<u8> {
        let issued = self.tokens.issue(nonce.as_deref(), wall(at) / 1000);
        let refresh = refresh_token(desktop, number);
        format!(
            r#"{{"access_token":"{}","expires_in":{},"id_token":"{}","refresh_token":"{refresh}","scope":"openid profile email offline_access","token_type":"Bearer"}}"#,
            issued.access, day::LIFETIME, issued.id
        )
        .into_bytes()
    }

    /// The size of one desktop's tokens, in bytes.
    #[must_use]
    pub fn token_bytes(&self, at: u64) -> usize {
        let issued = self.tokens.issue(None, wall(at) / 1000);
        issued.access.len() + issued.id.len() + refresh_token(0, 1).len()
    }
}

/// A refresh token with the length of the provider's.
fn refresh_token(desktop: u32, number: u32) -> String {
    format!("rft_{desktop:010}_{number:010}_BaDnF2z9QLq7cX1uJbTtYwEo0RkHsMvG")
}

fn number_of(token: &str) -> Option<(u32, u32)> {
    let mut parts = token.strip_prefix("rft_")?.split('_');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refresh(environment: &mut Environment, number: u32, at: u64) -> ResponseKind {
        let body = format!("grant_type=refresh_token&refresh_token={}", refresh_token(3, number));
        let request = Request::new(body.into_bytes());
        environment.receive(3, RequestPurpose::Refresh, &request, at)
    }

    #[test]
    fn refresh_token_used_twice_is_rejected() {
        let mut environment = Environment::new(4).unwrap();
        assert_eq!(refresh(&mut environment, 0, BEGIN), ResponseKind::Tokens(1, None));
        assert_eq!(refresh(&mut environment, 0, BEGIN), ResponseKind::Rejected);
        assert_eq!(environment.rejected_for_no_reason, 1);
        environment.lose(3);
        assert_eq!(refresh(&mut environment, 0, BEGIN), ResponseKind::Rejected);
        assert_eq!(environment.rejected_after_loss, 1);
    }

    #[test]
    fn token_requests_beyond_the_limit_must_wait() {
        let mut environment = Environment::new(600).unwrap();
        let served = (0..10).filter(|number| {
            refresh(&mut environment, *number, RATE_LIMITED.start) != ResponseKind::Limited
        });
        assert_eq!(served.count(), 2, "two a second for 600 desktops");
        let response = environment.response(3, ResponseKind::Limited, RATE_LIMITED.start).unwrap();
        assert_eq!((response.status, response.retry_after.as_deref()), (429, Some("30")));
        assert!(refresh(&mut environment, 2, RATE_LIMITED.start + SECOND) != ResponseKind::Limited);
    }

    #[test]
    fn requests_during_the_outage_are_counted_apart() {
        let mut environment = Environment::new(4).unwrap();
        assert_eq!(refresh(&mut environment, 0, OUTAGE.start), ResponseKind::Unreached);
        assert_eq!(environment.counts.reached().iter().sum::<u32>(), 0);
        assert_eq!(environment.counts.of(Counted::Unreached).iter().sum::<u32>(), 1);
        assert_eq!(refresh(&mut environment, 0, RATE_LIMITED.end), ResponseKind::Tokens(1, None));
    }
}
