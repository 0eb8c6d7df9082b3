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

/// The environment.
#[derive(Debug, Clone)]
pub struct Server {
    pub policy: ReusePolicy,
    /// It gives refresh tokens.
    pub refreshes: bool,
    /// Whoever signs in again gets the access token that still lasts.
    pub repeats: bool,
    pub sessions: Vec<ServerSession>,
    /// Which draw each code is for, and whether it was used.
    codes: Vec<(u8, bool)>,
}

impl Server {
    pub fn new(policy: ReusePolicy) -> Self {
        Self { policy, refreshes: true, repeats: false, sessions: Vec::new(), codes: Vec::new() }
    }

    /// Somebody has signed in in the browser.
    pub fn code(&mut self, draw: u8) -> String {
        self.codes.push((draw, false));
        format!("code-{}", self.codes.len() - 1)
    }

    /// A new session for a code, with the draw that its ID token must repeat.
    pub fn exchange(&mut self, code: &str) -> Option<(Token, u8)> {
        let number: usize = code.strip_prefix("code-")?.parse().ok()?;
        let (draw, used) = self.codes.get_mut(number).filter(|(_, used)| !used)?;
        *used = true;
        let session = u8::try_from(self.sessions.len()).ok()?;
        self.sessions.push(ServerSession { live: 0, ended: false, ended_by_administrator: false });
        Some((Token { session, number: 0 }, *draw))
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
