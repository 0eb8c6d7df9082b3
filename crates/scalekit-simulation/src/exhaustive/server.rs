//! A model of the environment: sessions whose refresh tokens rotate.

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
    /// It gives refresh tokens.
    pub refreshes: bool,
    /// Whoever signs in again gets the access token that still lasts.
    pub repeats: bool,
    pub sessions: Vec<ServerSession>,
    codes: Vec<Code>,
}

impl Server {
    pub fn new(policy: ReusePolicy) -> Self {
        Self { policy, refreshes: true, repeats: false, sessions: Vec::new(), codes: Vec::new() }
    }

    /// Somebody has signed in in the browser.
    pub fn code(&mut self, draw: u8, by_loopback: bool) -> String {
        self.codes.push(Code { draw, by_loopback, used: false });
        format!("code-{}", self.codes.len() - 1)
    }

    /// A new session for a code, with the draw that its ID token must repeat.
    pub fn exchange(&mut self, code: &str) -> Option<(Token, u8)> {
        let number = number(code)?;
        let code = self.codes.get_mut(number).filter(|code| !code.used)?;
        code.used = true;
        let draw = code.draw;
        let session = u8::try_from(self.sessions.len()).ok()?;
        self.sessions.push(ServerSession { live: 0, ended: false, ended_by_administrator: false });
        Some((Token { session, number: 0 }, draw))
    }

    /// The draw of the authorization request that this code is for, and whether its redirect URI is a loopback one.
    pub fn request_of(&self, code: &str) -> Option<(u8, bool)> {
        self.codes.get(number(code)?).map(|code| (code.draw, code.by_loopback))
    }

    /// The next token for this one, or nothing: `invalid_grant`.
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
                // As long as the model's time: a retry is a matter of seconds.
                ReusePolicy::Forgives(_) if token.number + 1 == session.live => {}
                // What does not rotate is played by the schedules.
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
