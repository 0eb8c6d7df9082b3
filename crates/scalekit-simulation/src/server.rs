//! A model of the environments: sessions whose refresh tokens rotate, and what becomes of a used one.

use std::{collections::BTreeMap, fmt};

use scalekit_auth::{
    secret::Secret,
    storage::journal::{Fingerprint, SessionId},
};

use crate::settings::{Account, ENVIRONMENTS};

/// A refresh token, by session and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefreshToken {
    pub session: usize,
    pub number: u64,
}

/// What an environment does with a refresh token that comes a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReusePolicy {
    /// It refuses it.
    Strict,
    /// It refuses it and ends the session: somebody may have stolen it.
    EndsTheSession,
    /// For so many milliseconds it takes it for the retry that it is.
    Forgives(u64),
    /// Refresh tokens do not rotate (RFC 6749 §6): the old one stays.
    Stays,
}

/// What an environment's access tokens are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKind {
    /// Opaque, and never the same twice.
    Opaque,
    /// Opaque, and handed out again to the same user while it lasts.
    Repeated,
    /// JSON Web Tokens that name the user as the ID token does.
    Jwt,
    /// JSON Web Tokens that name the user in another way.
    Pairwise,
}

/// How an environment behaves.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub policy: ReusePolicy,
    pub access: AccessKind,
    /// Whether it gives refresh tokens at all.
    pub refreshable: bool,
}

/// A session.
#[derive(Debug, Clone)]
pub struct ServerSession {
    /// Whose configuration asked for it.
    pub account: Account,
    pub user: u8,
    pub organization: Option<u8>,
    /// The organization that was asked for.
    asked: Option<u8>,
    pub live: u64,
    /// When the one before was used, in milliseconds.
    used_at: u64,
    pub ended: bool,
    pub ended_by_administrator: bool,
}

/// The environments.
#[derive(Debug)]
pub struct Server {
    pub manners: [Manner; ENVIRONMENTS],
    pub sessions: Vec<ServerSession>,
    codes: Vec<Code>,
    /// What the machine calls sessions and tokens.
    by_id: BTreeMap<SessionId, usize>,
    by_fingerprint: BTreeMap<Fingerprint, RefreshToken>,
    /// The refresh tokens that each access token was handed out with.
    by_access_token: BTreeMap<String, Vec<RefreshToken>>,
}

/// What somebody has agreed to in the browser.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    pub environment: usize,
    /// Whose configuration asked for it.
    pub account: Account,
    pub draw: u8,
    pub user: u8,
    pub organization: Option<u8>,
    /// The organization that was asked for.
    pub asked: Option<u8>,
    /// The port of the loopback redirect URI, where the request had one.
    pub loopback: Option<u16>,
    pub used: bool,
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt-{}-{}", self.session, self.number)
    }
}

impl RefreshToken {
    /// Reads one back.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, number) = text.strip_prefix("rt-")?.split_once('-')?;
        Some(Self { session: session.parse().ok()?, number: number.parse().ok()? })
    }
}

impl Server {
    pub fn new(manners: [Manner; ENVIRONMENTS]) -> Self {
        Self {
            manners,
            sessions: Vec::new(),
            codes: Vec::new(),
            by_id: BTreeMap::new(),
            by_fingerprint: BTreeMap::new(),
            by_access_token: BTreeMap::new(),
        }
    }

    /// Somebody has signed in in the browser; the code for it.
    pub fn code(&mut self, code: Code) -> String {
        self.codes.push(code);
        format!("code-{}", self.codes.len() - 1)
    }

    /// What was agreed to, by its code.
    pub fn agreed(&self, code: &str) -> Option<Code> {
        let number: usize = code.strip_prefix("code-")?.parse().ok()?;
        self.codes.get(number).copied()
    }

    /// The organization that was asked for, and the one that a session is of.
    pub fn organizations(&self, session: usize) -> (Option<u8>, Option<u8>) {
        let of = |session: &ServerSession| (session.asked, session.organization);
        self.sessions.get(session).map(of).unwrap_or_default()
    }

    /// A new session for a code, with what was agreed to.
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
            asked: code.asked,
            live: 0,
            used_at: 0,
            ended: false,
            ended_by_administrator: false,
        });
        let token = self.issued(RefreshToken { session: self.sessions.len() - 1, number: 0 });
        Some((token, code))
    }

    /// Notes what the sign-in that began a session was: machines name it after that.
    pub fn began_with(&mut self, session: usize, nonce: &str, code: &str) {
        let name = SessionId::of_sign_in(&Secret::new(nonce), &Secret::new(code));
        self.by_id.insert(name, session);
    }

    /// Whose session this token is of.
    pub fn account(&self, session: usize) -> Option<Account> {
        self.sessions.get(session).map(|session| session.account)
    }

    /// The next token for this one, or nothing: `invalid_grant`.
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

    /// Notes which refresh token an access token was handed out with.
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

    /// What the machine has in hand, by the names of this side. A machine that names sessions in another
    /// way is known by its token.
    pub fn named(&self, debug_ids: &(SessionId, Option<Fingerprint>)) -> Option<Hand> {
        let (session, token) = debug_ids;
        let token = token.as_ref().and_then(|token| self.by_fingerprint.get(token).copied());
        let session = self.session_of(session).or(token.map(|token| token.session))?;
        Some(Hand { session, token })
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

/// What a machine has in hand for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    pub session: usize,
    pub token: Option<RefreshToken>,
}
