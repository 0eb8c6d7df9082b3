//! A model of the environment: sessions whose refresh tokens rotate, and what becomes of a used one.

use std::{collections::BTreeMap, fmt};

use scalekit_auth::{
    journal::{Fingerprint, SessionId},
    secret::Secret,
};

/// A refresh token, by session and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefreshToken {
    pub session: usize,
    pub number: u64,
}

/// What an environment does with a refresh token that comes a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// It refuses it.
    Strict,
    /// It refuses it and ends the session: somebody may have stolen it.
    EndsTheSession,
    /// For so many milliseconds it takes it for the retry that it is.
    Forgives(u64),
}

/// A session.
#[derive(Debug, Clone)]
pub struct ServerSession {
    pub person: u8,
    pub live: u64,
    /// When the one before was used, in milliseconds.
    used_at: u64,
    pub ended: bool,
    pub ended_by_administrator: bool,
}

/// The environment.
#[derive(Debug)]
pub struct Server {
    pub policy: Policy,
    pub sessions: Vec<ServerSession>,
    codes: Vec<Code>,
    /// What the machine calls sessions and tokens.
    by_id: BTreeMap<SessionId, usize>,
    by_fingerprint: BTreeMap<Fingerprint, RefreshToken>,
}

#[derive(Debug)]
struct Code {
    draw: u8,
    person: u8,
    used: bool,
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt-{}-{}", self.session, self.number)
    }
}

impl RefreshToken {
    /// The access token that was given with it.
    pub fn access_token(self) -> String {
        format!("at-{}-{}", self.session, self.number)
    }

    /// Reads one back.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, number) = text.strip_prefix("rt-")?.split_once('-')?;
        Some(Self { session: session.parse().ok()?, number: number.parse().ok()? })
    }
}

impl Server {
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            sessions: Vec::new(),
            codes: Vec::new(),
            by_id: BTreeMap::new(),
            by_fingerprint: BTreeMap::new(),
        }
    }

    /// Somebody has signed in in the browser; the code for it.
    pub fn code(&mut self, draw: u8, person: u8) -> String {
        self.codes.push(Code { draw, person, used: false });
        format!("code-{}", self.codes.len() - 1)
    }

    /// A new session for a code, with what its ID token must say.
    pub fn exchange(&mut self, code: &str) -> Option<(RefreshToken, u8, u8)> {
        let number: usize = code.strip_prefix("code-")?.parse().ok()?;
        let code = self.codes.get_mut(number).filter(|code| !code.used)?;
        code.used = true;
        let (person, draw) = (code.person, code.draw);
        self.sessions.push(ServerSession {
            person,
            live: 0,
            used_at: 0,
            ended: false,
            ended_by_administrator: false,
        });
        let token = self.issued(RefreshToken { session: self.sessions.len() - 1, number: 0 });
        Some((token, person, draw))
    }

    /// Notes what the sign-in that began a session was: machines name it after that.
    pub fn began_with(&mut self, session: usize, nonce: &str, code: &str) {
        let name = SessionId::of_sign_in(&Secret::new(nonce), &Secret::new(code));
        self.by_id.insert(name, session);
    }

    /// The next token for this one, or nothing: `invalid_grant`.
    pub fn refresh(&mut self, token: RefreshToken, now: u64) -> Option<(RefreshToken, u8)> {
        let policy = self.policy;
        let session = self.sessions.get_mut(token.session).filter(|session| !session.ended)?;
        if token.number == session.live {
            session.live += 1;
            session.used_at = now;
        } else {
            match policy {
                Policy::Forgives(milliseconds)
                    if token.number + 1 == session.live
                        && now - session.used_at <= milliseconds => {}
                Policy::Forgives(_) | Policy::Strict => return None,
                Policy::EndsTheSession => {
                    session.ended = true;
                    return None;
                }
            }
        }
        let person = session.person;
        let next = RefreshToken { session: token.session, number: session.live };
        Some((self.issued(next), person))
    }

    fn issued(&mut self, token: RefreshToken) -> RefreshToken {
        self.by_fingerprint.insert(Fingerprint::of(&Secret::new(token.to_string())), token);
        token
    }

    /// What the machine has in hand, by the names of this side.
    pub fn named(
        &self,
        in_hand: Option<(SessionId, Option<Fingerprint>)>,
    ) -> (Option<usize>, Option<RefreshToken>) {
        let Some((session, token)) = in_hand else { return (None, None) };
        let token = token.and_then(|token| self.by_fingerprint.get(&token).copied());
        (self.by_id.get(&session).copied(), token)
    }

    /// Whether the environment would renew the session with this token.
    pub fn is_live(&self, token: RefreshToken) -> bool {
        self.sessions
            .get(token.session)
            .is_some_and(|session| !session.ended && session.live == token.number)
    }
}
