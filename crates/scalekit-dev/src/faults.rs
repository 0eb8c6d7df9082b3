//! What can go wrong on request.

use std::{collections::VecDeque, time::Duration};

use serde::Deserialize;
use serde_json::Value;

/// Which endpoint.
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

/// How.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum InjectedFault {
    /// Answers only after this many milliseconds.
    Delay {
        /// How many.
        milliseconds: u64,
    },
    /// Closes the connection before anything is done.
    DropBefore,
    /// Does everything, then closes the connection instead of answering.
    DropAfterCommit,
    /// Answers with this status and nothing else.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<String>,
    },
    /// Answers with this.
    Body {
        /// The status.
        status: u16,
        /// `Content-Type`.
        content_type: String,
        /// The text.
        body: String,
    },
    /// Answers with a body that never ends.
    Huge,
    /// Answers with a body that comes one byte a second.
    Slow,
    /// Answers with an error as OAuth has them (RFC 6749 §5.2).
    OauthError {
        /// `error`.
        error: String,
        /// `error_description`.
        description: String,
    },
    /// Answers that there were too many requests, as the service does.
    RateLimited {
        /// `Retry-After`; the service promises none.
        retry_after: Option<String>,
    },
    /// An authorization request is refused: the browser goes back with this.
    Refuse {
        /// `error`.
        error: String,
        /// `error_description`; nothing leaves it empty.
        description: Option<String>,
        /// Whether `state` is left out.
        #[serde(default)]
        without_state: bool,
    },
    /// The answer of an authorization request has a fragment behind it, as social providers leave one.
    Fragment {
        /// Without `#`.
        fragment: String,
    },
    /// Sends the caller elsewhere.
    Redirect {
        /// Where.
        location: String,
        /// With which status; 302 where nothing is said.
        #[serde(default = "found")]
        status: u16,
    },
    /// Answers as it should, but with this header, or with this in place of its own.
    Header {
        /// Its name.
        name: String,
        /// What it says.
        value: String,
    },
    /// A member of the JSON answer says something else, or is not there.
    Member {
        /// Which.
        member: String,
        /// What it says; nothing takes it away.
        value: Option<Value>,
    },
    /// The header of a token says something else, or leaves something out.
    TokenHeader {
        /// Which token.
        token: TokenKind,
        /// Which parameter.
        parameter: String,
        /// What it says; nothing takes it away.
        value: Option<Value>,
    },
    /// The ID token is signed with another algorithm than RS256, validly where it can be.
    Algorithm {
        /// Which.
        algorithm: Algorithm,
    },
    /// A token says something else than it should.
    WrongClaim {
        /// Which token.
        token: TokenKind,
        /// Which claim.
        claim: String,
        /// What it says.
        value: Value,
    },
    /// A token does not say something it should.
    MissingClaim {
        /// Which token.
        token: TokenKind,
        /// Which claim.
        claim: String,
    },
    /// Tokens are signed by a key nobody knows, under the name of one that is known.
    WrongKey,
    /// Tokens are signed by a key nobody knows, under its own name.
    UnknownKey,
    /// The token of an initiate-login link is not signed at all.
    Unsigned,
    /// The token of an initiate-login link was made so long ago.
    Old {
        /// How many seconds.
        seconds: u64,
    },
    /// The answer has no refresh token, though one was made.
    LoseRefreshToken,
}

/// Which token.
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

/// How an ID token is signed where it is not with RS256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// Not at all.
    None,
    /// By the public key, taken for a password.
    Hs256,
    /// By an elliptic key that is published beside the others.
    Es256,
    /// By the environment's own key.
    Rs384,
    /// By the environment's own key.
    Ps256,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Times {
    /// Once.
    Once,
    /// So many times.
    N(u32),
    /// Until told otherwise.
    Always,
}

fn found() -> u16 {
    302
}

impl InjectedFault {
    /// Answers only after this time.
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

/// What is to go wrong, in line.
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

    /// What goes wrong this time, if it is of those that need no connection.
    pub fn take_of_authorize(&mut self) -> Option<InjectedFault> {
        let next = self.0.iter().find(|(of, ..)| *of == Endpoint::Authorize);
        let fits = matches!(
            next,
            Some((_, InjectedFault::Refuse { .. } | InjectedFault::Fragment { .. }, _))
        );
        fits.then(|| self.take(Endpoint::Authorize)).flatten()
    }

    /// What goes wrong this time.
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
