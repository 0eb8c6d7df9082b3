//! The states of an environment in which it responds, and its responses are unusual.

use super::{Simulation, wall};
use crate::{
    server::RefreshToken,
    settings::{ENVIRONMENTS, OF_ENVIRONMENTS},
    tokens::{Audience, Published, Signer},
};

/// The state of an environment.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The key that it signs with.
    pub signer: Signer,
    /// The JWKS that it, or a cache before it, returns.
    pub published: Published,
    /// The audience of the ID tokens that it issues.
    pub audience: Audience,
    /// The error of its `Date`, in milliseconds.
    date_error: i64,
    /// Whether its discovery document names another issuer.
    renamed: bool,
    /// Whether it has begun to sign with the second key.
    rotated: bool,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            signer: Signer::First,
            published: Published::First,
            audience: Audience::Ours,
            date_error: 0,
            renamed: false,
            rotated: false,
        }
    }
}

impl Service {
    /// Whether each process can verify its tokens. After a rotation, a process may have requested the JWKS too recently.
    pub fn is_verifiable(self) -> bool {
        self.signer == Signer::First && !self.rotated
    }

    /// The state in which nothing is unusual. A rotated key stays rotated.
    fn repaired(self) -> Self {
        if self.rotated {
            Self {
                signer: Signer::Second,
                published: Published::Both,
                rotated: true,
                ..Self::default()
            }
        } else {
            Self::default()
        }
    }
}

impl Simulation<'_> {
    /// Changes the state of an environment.
    pub fn service_changes(&mut self) {
        self.faults += 1;
        let environment = self.rng.usize(..ENVIRONMENTS);
        let service = &mut self.services[environment];
        match self.rng.u8(..8) {
            0 => {
                service.signer = Signer::Second;
                service.published = Published::Both;
                service.rotated = true;
            }
            // A cache returns the JWKS from before the rotation.
            1 => {
                service.signer = Signer::Second;
                service.published = Published::First;
                service.rotated = true;
            }
            2 => service.signer = Signer::Unpublished,
            3 => service.audience = Audience::AnotherClient,
            4 => {
                service.date_error = self.rng.i64(-7_200_000..7_200_000);
                self.clock_was_wrong = true;
            }
            5 => service.renamed = true,
            _ => *service = service.repaired(),
        }
        let service = *service;
        self.note(|| format!("environment {environment} is {service:?}"));
    }

    /// Ends the unusual states.
    pub fn services_recover(&mut self) {
        self.services = self.services.map(Service::repaired);
    }

    pub fn discovery_document(&self, environment: usize) -> &[u8] {
        let tokens = &self.machines.tokens;
        if self.services[environment].renamed {
            tokens.renamed(environment)
        } else {
            tokens.discovery(environment)
        }
    }

    /// The environment's time this number of seconds ago, in the format of HTTP.
    pub fn date(&self, environment: usize, age: i64) -> String {
        let now = wall(self.true_time()) + self.services[environment].date_error;
        let then = u64::try_from(now - 1000 * age).unwrap_or_default();
        httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_millis(then))
    }

    /// Records a token response that the process cannot use: the next refresh token is one more attempt to get what
    /// this one was sent for.
    pub fn was_unusable(&mut self, token: RefreshToken, next: RefreshToken) {
        let first = self.first_of(token);
        if next != first {
            self.attempts.insert(next, first);
        }
    }

    /// The refresh token that was sent first for the same access token.
    pub fn first_of(&self, token: RefreshToken) -> RefreshToken {
        self.attempts.get(&token).copied().unwrap_or(token)
    }

    /// A client has revoked this token (RFC 7009 §2.1): the environment ends the session. Returns whether it was its
    /// own to revoke.
    pub fn revoked(&mut self, environment: usize, token: RefreshToken) -> bool {
        let owner = self.server.account(token.session).map(|account| account.environment());
        self.server.revoke(token);
        let (_, client) = OF_ENVIRONMENTS[environment];
        self.note(|| format!("{client} revokes {token}"));
        owner == Some(environment)
    }
}
