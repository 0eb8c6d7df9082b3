//! Injected faults.

use std::{collections::VecDeque, time::Duration};

use serde::Deserialize;
use serde_json::Value;

/// The endpoint of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/keys`
    Keys,
    /// `/oauth/authorize`
    Authorize,
    /// `/oauth/token`
    Token,
    /// `/oidc/logout`
    Logout,
    /// `/login-link`
    LoginLink,
    /// `/userinfo`
    UserInfo,
    /// `/revoke`
    Revoke,
    /// `/pictures/…`
    Picture,
    /// `/api/…`
    Api,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum InjectedFault {
    /// Delays the response by this number of milliseconds.
    Delay {
        /// The number of milliseconds.
        milliseconds: u64,
    },
    /// Closes the connection before the request is processed.
    DropBefore,
    /// Processes the request, then closes the connection without a response.
    DropAfterCommit,
    /// Returns this status only.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<String>,
    },
    /// Returns this response.
    Body {
        /// The status.
        status: u16,
        /// `Content-Type`.
        content_type: String,
        /// The body.
        body: String,
    },
    /// Returns a body that never ends.
    Huge,
    /// Returns a body at one byte per second.
    Slow,
    /// Returns an OAuth error response (RFC 6749 §5.2).
    OauthError {
        /// `error`.
        error: String,
        /// `error_description`.
        description: String,
    },
    /// Returns the error of a rate limit, in Scalekit's format.
    RateLimited {
        /// `Retry-After`; Scalekit does not document one.
        retry_after: Option<String>,
    },
    /// Rejects an authorization request with this error response.
    Refuse {
        /// `error`.
        error: String,
        /// `error_description`, if any.
        description: Option<String>,
        /// Whether `state` is omitted.
        #[serde(default)]
        without_state: bool,
    },
    /// Appends a fragment to the authorization response, as some social providers do.
    Fragment {
        /// Without `#`.
        fragment: String,
    },
    /// Returns a redirect.
    Redirect {
        /// The `Location`.
        location: String,
        /// The status; 302 by default.
        #[serde(default = "found")]
        status: u16,
    },
    /// Adds or replaces this header in the regular response.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Replaces or removes a member of the JSON response.
    Member {
        /// The member.
        member: String,
        /// Its value; `None` removes it.
        value: Option<Value>,
    },
    /// Replaces or removes a parameter of a token's header.
    TokenHeader {
        /// The token.
        token: TokenKind,
        /// The parameter.
        parameter: String,
        /// Its value; `None` removes it.
        value: Option<Value>,
    },
    /// Signs the ID token with another algorithm than RS256, validly where possible.
    Algorithm {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// Replaces a claim of a token.
    WrongClaim {
        /// The token.
        token: TokenKind,
        /// The claim.
        claim: String,
        /// Its value.
        value: Value,
    },
    /// Removes a claim of a token.
    MissingClaim {
        /// The token.
        token: TokenKind,
        /// The claim.
        claim: String,
    },
    /// Signs tokens with an unpublished key, with the `kid` of a published one.
    WrongKey,
    /// Signs tokens with an unpublished key, with its own `kid`.
    UnknownKey,
    /// Leaves the token of an initiate-login link unsigned.
    Unsigned,
    /// Sets the issue time of the token of an initiate-login link to the past.
    Old {
        /// The number of seconds.
        seconds: u64,
    },
    /// Omits the new refresh token from the response.
    LoseRefreshToken,
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// The ID token.
    Id,
    /// The access token.
    Access,
    /// The token of an initiate-login link.
    LoginLink,
}

/// The algorithms of an ID token other than RS256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// Unsigned.
    None,
    /// HMAC with the public key as the secret.
    Hs256,
    /// With an elliptic key that is published beside the others.
    Es256,
    /// With the environment's own key.
    Rs384,
    /// With the environment's own key.
    Ps256,
}

/// The number of times a fault is injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Times {
    /// Once.
    Once,
    /// This number of times.
    N(u32),
    /// Until it is cleared.
    Always,
}

fn found() -> u16 {
    302
}

impl InjectedFault {
    /// Delays the response by this duration.
    #[must_use]
    pub fn delay(time: Duration) -> Self {
        Self::Delay { milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX) }
    }
}

impl Endpoint {
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path {
            "/.well-known/openid-configuration" => Some(Self::Discovery),
            path if path == "/keys" || path.starts_with("/keys/") => Some(Self::Keys),
            "/oauth/authorize" => Some(Self::Authorize),
            "/oauth/token" => Some(Self::Token),
            "/oidc/logout" => Some(Self::Logout),
            "/login-link" => Some(Self::LoginLink),
            "/userinfo" => Some(Self::UserInfo),
            "/revoke" => Some(Self::Revoke),
            path if path.starts_with("/api/") => Some(Self::Api),
            path => path.starts_with("/pictures/").then_some(Self::Picture),
        }
    }
}

/// The queue of faults.
#[derive(Default)]
pub struct FaultInjection(VecDeque<(Endpoint, InjectedFault, Option<u32>)>);

impl FaultInjection {
    pub fn add(&mut self, endpoint: Endpoint, fault: InjectedFault, times: Times) {
        let left = match times {
            Times::Once => Some(1),
            Times::N(times) => Some(times),
            Times::Always => None,
        };
        if left != Some(0) {
            self.0.push_back((endpoint, fault, left));
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The next fault, if it is one that needs no connection.
    pub fn take_of_authorize(&mut self) -> Option<InjectedFault> {
        let next = self.0.iter().find(|(of, ..)| *of == Endpoint::Authorize);
        let fits = matches!(
            next,
            Some((_, InjectedFault::Refuse { .. } | InjectedFault::Fragment { .. }, _))
        );
        fits.then(|| self.take(Endpoint::Authorize)).flatten()
    }

    /// The next fault of this endpoint.
    pub fn take(&mut self, endpoint: Endpoint) -> Option<InjectedFault> {
        let at = self.0.iter().position(|(of, ..)| *of == endpoint)?;
        let (_, fault, left) = &mut self.0[at];
        let fault = fault.clone();
        if let Some(left) = left {
            *left -= 1;
            if *left == 0 {
                self.0.remove(at);
            }
        }
        Some(fault)
    }
}
