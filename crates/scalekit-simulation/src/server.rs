//! The model of the environments: sessions whose refresh tokens rotate, and the reuse of a token.

use std::{collections::BTreeMap, fmt};

use scalekit_auth::{
    fingerprint::{Fingerprint, SessionId},
    secret::Secret,
};

use crate::settings::{Account, ENVIRONMENTS};

/// A refresh token, by session and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefreshToken {
    pub session: usize,
    pub number: u64,
}

/// The environment's policy for the reuse of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReusePolicy {
    /// It rejects the token.
    Strict,
    /// It rejects the token and ends the session: the token may have been stolen.
    EndsTheSession,
    /// It accepts the token as a retry for this number of milliseconds.
    Forgives(u64),
    /// Refresh tokens do not rotate (RFC 6749 §6).
    Stays,
}

/// The kind of an environment's access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKind {
    /// Opaque, each one different.
    Opaque,
    /// Opaque, and issued again to the same user until it expires.
    Repeated,
    /// JSON Web Tokens with the `sub` of the ID token.
    Jwt,
    /// JSON Web Tokens with another `sub` than the ID token.
    Pairwise,
}

/// The behavior of an environment.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub policy: ReusePolicy,
    pub access: AccessKind,
    /// Whether it issues refresh tokens.
    pub refreshable: bool,
}

/// A session.
#[derive(Debug, Clone)]
pub struct ServerSession {
    /// The account that requested it.
    pub account: Account,
    pub user: u8,
    pub organization: Option<u8>,
    /// The requested organization.
    requested: Option<u8>,
    pub live: u64,
    /// The time at which the previous token was used, in milliseconds.
    used_at: u64,
    pub ended: bool,
    pub ended_at_environment: bool,
}

/// The environments.
#[derive(Debug)]
pub struct Server {
    /// The lifetime of the access tokens that it issues, in seconds.
    pub access_token_lifetime: u64,
    pub manners: [Manner; ENVIRONMENTS],
    pub sessions: Vec<ServerSession>,
    codes: Vec<Code>,
    /// The machine's ids of sessions and fingerprints of tokens.
    by_id: BTreeMap<SessionId, usize>,
    by_fingerprint: BTreeMap<Fingerprint, RefreshToken>,
    /// The refresh tokens that were issued with each access token.
    by_access_token: BTreeMap<String, Vec<RefreshToken>>,
}

/// The authorization that a code stands for.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    pub environment: usize,
    /// The account that requested it.
    pub account: Account,
    pub draw: u8,
    pub user: u8,
    pub organization: Option<u8>,
    /// The requested organization.
    pub requested: Option<u8>,
    /// The port of the loopback redirect URI, if the request had one.
    pub loopback: Option<u16>,
    pub used: bool,
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt-{}-{}", self.session, self.number)
    }
}

impl RefreshToken {
    /// Parses one.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, number) = text.strip_prefix("rt-")?.split_once('-')?;
        Some(Self { session: session.parse().ok()?, number: number.parse().ok()? })
    }
}

impl Server {
    pub fn new(manners: [Manner; ENVIRONMENTS]) -> Self {
        Self {
            access_token_lifetime: 299,
            manners,
            sessions: Vec::new(),
            codes: Vec::new(),
            by_id: BTreeMap::new(),
            by_fingerprint: BTreeMap::new(),
            by_access_token: BTreeMap::new(),
        }
    }

    /// A user has signed in in the browser. Returns the code.
    pub fn code(&mut self, code: Code) -> String {
        self.codes.push(code);
        format!("code-{}", self.codes.len() - 1)
    }

    /// The authorization of this code.
    pub fn agreed(&self, code: &str) -> Option<Code> {
        let number: usize = code.strip_prefix("code-")?.parse().ok()?;
        self.codes.get(number).copied()
    }

    /// The requested organization, and that of the session.
    pub fn organizations(&self, session: usize) -> (Option<u8>, Option<u8>) {
        let of = |session: &ServerSession| (session.requested, session.organization);
        self.sessions.get(session).map(of).unwrap_or_default()
    }

    /// Exchanges a code for a new session and returns its authorization.
    pub fn exchange(&mut self, environment: usize, code: &str) -> Option<(RefreshToken, Code)> {
        let number: usize = code.strip_prefix("code-")?.parse().ok()?;
        let code = self.codes.get_mut(number)?;
        if code.used || code.environment != environment {
            return None;
        }
        code.used = true;
        let code = *code;
        self.sessions.push(ServerSession {
            account: code.account,
            user: code.user,
            organization: code.organization,
            requested: code.requested,
            live: 0,
            used_at: 0,
            ended: false,
            ended_at_environment: false,
        });
        let token = self.issued(RefreshToken { session: self.sessions.len() - 1, number: 0 });
        Some((token, code))
    }

    /// Records the sign-in of a session, which the machine derives its id from.
    pub fn began_with(&mut self, session: usize, nonce: &str, code: &str) {
        let name = SessionId::of_sign_in(&Secret::new(nonce), &Secret::new(code));
        self.by_id.insert(name, session);
    }

    /// The account of this session.
    pub fn account(&self, session: usize) -> Option<Account> {
        self.sessions.get(session).map(|session| session.account)
    }

    /// Rotates this token; `None` for `invalid_grant`.
    pub fn refresh(
        &mut self,
        environment: usize,
        token: RefreshToken,
        now: u64,
    ) -> Option<RefreshToken> {
        let policy = self.manners[environment].policy;
        let session = self.sessions.get_mut(token.session).filter(|session| !session.ended)?;
        if session.account.environment() != environment {
            return None;
        }
        if policy == ReusePolicy::Stays {
            return (token.number == session.live).then_some(token);
        }
        if token.number == session.live {
            session.live += 1;
            session.used_at = now;
        } else {
            match policy {
                ReusePolicy::Forgives(milliseconds)
                    if token.number + 1 == session.live
                        && now - session.used_at <= milliseconds => {}
                ReusePolicy::Forgives(_) | ReusePolicy::Strict | ReusePolicy::Stays => return None,
                ReusePolicy::EndsTheSession => {
                    session.ended = true;
                    return None;
                }
            }
        }
        let next = RefreshToken { session: token.session, number: session.live };
        Some(self.issued(next))
    }

    /// Ends the session of this token, if it is a token of it (RFC 7009 §2.1).
    pub fn revoke(&mut self, token: RefreshToken) {
        if let Some(session) = self.sessions.get_mut(token.session) {
            session.ended = true;
            session.ended_at_environment = true;
        }
    }

    /// Records the refresh token that an access token was issued with.
    pub fn gave(&mut self, access_token: &str, token: RefreshToken) {
        self.by_access_token.entry(access_token.to_owned()).or_default().push(token);
    }

    pub fn given_with(&self, access_token: &str) -> &[RefreshToken] {
        self.by_access_token.get(access_token).map_or(&[], Vec::as_slice)
    }

    fn issued(&mut self, token: RefreshToken) -> RefreshToken {
        self.by_fingerprint.insert(Fingerprint::of(&Secret::new(token.to_string())), token);
        token
    }

    /// The machine's session and token by the model's numbers. A machine with other session ids is recognized
    /// by its token.
    pub fn named(&self, debug_ids: &(SessionId, Option<Fingerprint>)) -> Option<HeldSession> {
        let (session, token) = debug_ids;
        let token = token.as_ref().and_then(|token| self.by_fingerprint.get(token).copied());
        let session = self.session_of(session).or(token.map(|token| token.session))?;
        Some(HeldSession { session, token })
    }

    pub fn session_of(&self, name: &SessionId) -> Option<usize> {
        self.by_id.get(name).copied()
    }

    /// Whether the environment would refresh the session with this token.
    pub fn is_live(&self, token: RefreshToken) -> bool {
        self.sessions
            .get(token.session)
            .is_some_and(|session| !session.ended && session.live == token.number)
    }
}

/// A machine's session and token of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldSession {
    pub session: usize,
    pub token: Option<RefreshToken>,
}
