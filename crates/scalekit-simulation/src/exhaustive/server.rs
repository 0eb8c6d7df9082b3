//! The model of the environment: sessions whose refresh tokens rotate.

use super::bench::Token;
pub use crate::server::ReusePolicy;

/// A session at the environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerSession {
    pub live: u8,
    pub ended: bool,
    pub ended_by_administrator: bool,
}

/// An authorization code.
#[derive(Debug, Clone)]
struct Code {
    /// The draw of its authorization request.
    draw: u8,
    by_loopback: bool,
    used: bool,
}

/// The environment.
#[derive(Debug, Clone)]
pub struct Server {
    pub policy: ReusePolicy,
    /// Whether it issues refresh tokens.
    pub refreshes: bool,
    /// Whether another sign-in gets the same access token until that expires.
    pub repeats: bool,
    pub sessions: Vec<ServerSession>,
    codes: Vec<Code>,
}

impl Server {
    pub fn new(policy: ReusePolicy) -> Self {
        Self { policy, refreshes: true, repeats: false, sessions: Vec::new(), codes: Vec::new() }
    }

    /// A user has signed in in the browser.
    pub fn code(&mut self, draw: u8, by_loopback: bool) -> String {
        self.codes.push(Code { draw, by_loopback, used: false });
        format!("code-{}", self.codes.len() - 1)
    }

    /// Exchanges a code for a new session. Returns the draw that its ID token must repeat.
    pub fn exchange(&mut self, code: &str) -> Option<(Token, u8)> {
        let number = number(code)?;
        let code = self.codes.get_mut(number).filter(|code| !code.used)?;
        code.used = true;
        let draw = code.draw;
        let session = u8::try_from(self.sessions.len()).ok()?;
        self.sessions.push(ServerSession { live: 0, ended: false, ended_by_administrator: false });
        Some((Token { session, number: 0 }, draw))
    }

    /// The draw of this code's authorization request, and whether its redirect URI is a loopback one.
    pub fn request_of(&self, code: &str) -> Option<(u8, bool)> {
        self.codes.get(number(code)?).map(|code| (code.draw, code.by_loopback))
    }

    /// Rotates this token; `None` for `invalid_grant`.
    pub fn refresh(&mut self, token: Token) -> Option<Token> {
        let policy = self.policy;
        let session = self.sessions.get_mut(usize::from(token.session))?;
        if session.ended {
            return None;
        }
        if token.number == session.live {
            session.live += 1;
        } else {
            match policy {
                // The grace period is as long as the model's time: retries follow within seconds.
                ReusePolicy::Forgives(_) if token.number + 1 == session.live => {}
                // The schedules cover refresh tokens that do not rotate.
                ReusePolicy::Forgives(_) | ReusePolicy::Strict | ReusePolicy::Stays => return None,
                ReusePolicy::EndsTheSession => {
                    session.ended = true;
                    return None;
                }
            }
        }
        Some(Token { session: token.session, number: session.live })
    }

    /// Whether it would refresh the session with this token.
    pub fn is_live(&self, token: Token) -> bool {
        self.sessions
            .get(usize::from(token.session))
            .is_some_and(|session| !session.ended && session.live == token.number)
    }
}

fn number(code: &str) -> Option<usize> {
    code.strip_prefix("code-")?.parse().ok()
}
