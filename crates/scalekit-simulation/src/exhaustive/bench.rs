//! The data that all states of the model share: configurations, signed tokens, and the machine under test.

use std::{cell::RefCell, collections::BTreeMap, fmt};

use scalekit_auth::{
    configuration::{ClientId, Configuration, LoopbackPort},
    fingerprint::Fingerprint,
    secret::Secret,
    session::Machine,
    storage::record::AccountKey,
    time::{Monotonic, Now, Wall},
};

use super::coverage::Coverage;
use crate::{
    plan::Machines,
    settings::{self, Account, Choices},
    tokens::{Signer, Subject, Tokens},
};

/// The maximum number of draws for sign-ins and refreshes; the budgets allow fewer.
const MAX_ENTROPY: u8 = 24;

/// The seed of the process with the machine under test; it affects deadlines only.
const SEED: u64 = 7;

/// A refresh token, by session and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    pub session: u8,
    pub number: u8,
}

/// The settings of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Settings {
    /// The initial ones.
    First,
    /// The same account, with another preference.
    Preference,
    /// Another client id.
    Other,
}

/// The shared data.
pub struct Bench<'a> {
    machines: &'a Machines,
    configurations: [Configuration; 3],
    by_fingerprint: BTreeMap<Fingerprint, Token>,
    /// An access token about another user than the signed-in one.
    pub another: String,
    pub coverage: RefCell<Coverage>,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt-{}-{}", self.session, self.number)
    }
}

impl Token {
    pub fn access_token(self) -> String {
        format!("at-{}-{}", self.session, self.number)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (session, number) = text.strip_prefix("rt-")?.split_once('-')?;
        Some(Self { session: session.parse().ok()?, number: number.parse().ok()? })
    }
}

impl<'a> Bench<'a> {
    pub fn new(machines: &'a Machines) -> Option<Self> {
        let present = settings::Settings { account: Account(0), preference: 0 };
        let first = Choices::new()?.configuration(present)?.clone();
        let mut preference = first.clone();
        preference.sign_in_wait = std::time::Duration::from_secs(300);
        let mut other = first.clone();
        other.client_id = ClientId::parse("skc_other").ok()?;
        let all = (0..MAX_ENTROPY)
            .flat_map(|session| (0..MAX_ENTROPY).map(move |number| (session, number)));
        let tokens = all.map(|(session, number)| Token { session, number });
        let by_fingerprint =
            tokens.map(|one| (Fingerprint::of(&Secret::new(one.to_string())), one)).collect();
        let another =
            machines.tokens.access_token(0, Subject::User(9), None, wall(0) / 1000, Signer::First);
        // It has no effect until a user action.
        let with_loopback =
            |one: Configuration| Configuration { loopback: Some(LoopbackPort::Any), ..one };
        Some(Self {
            machines,
            configurations: [first, preference, other].map(with_loopback),
            by_fingerprint,
            another,
            coverage: RefCell::default(),
        })
    }

    pub fn tokens(&self) -> &Tokens {
        &self.machines.tokens
    }

    pub fn machine(&self) -> Machine {
        self.machines.machine(SEED)
    }

    pub fn configuration(&self, settings: Settings) -> &Configuration {
        &self.configurations[settings as usize]
    }

    pub fn account(&self, settings: Settings) -> AccountKey {
        AccountKey::of(self.configuration(settings))
    }

    pub fn token_of(&self, fingerprint: &Fingerprint) -> Option<Token> {
        self.by_fingerprint.get(fingerprint).copied()
    }
}

/// The wall clock of the computer.
pub fn wall(milliseconds: u64) -> i64 {
    1_800_000_000_000 + i64::try_from(milliseconds).unwrap_or(i64::MAX)
}

/// Both clocks of the computer.
pub fn now(milliseconds: u64) -> Now {
    Now {
        monotonic: Monotonic(std::time::Duration::from_millis(milliseconds)),
        wall: Wall(wall(milliseconds)),
    }
}
