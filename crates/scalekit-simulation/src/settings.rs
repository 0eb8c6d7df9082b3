//! The settings: environments, an organization, preferences.

use std::{fmt, time::Duration};

use scalekit_auth::{
    configuration::{
        ClientId, Configuration, EnvironmentUrl, LoopbackPort, OrganizationId, RedirectUris,
        RefreshPolicy, SIGN_IN_WAIT,
    },
    resource_origin::ResourceOrigin,
    storage::record::AccountKey,
};

/// The number of environments.
pub const ENVIRONMENTS: usize = 2;

/// The number of accounts: two environments, and the first one with a pinned organization.
pub const ACCOUNTS: usize = 3;

/// The URL of each environment, and the client id.
pub const OF_ENVIRONMENTS: [(&str, &str); ENVIRONMENTS] =
    [("https://acme.scalekit.com", "skc_acme"), ("https://beta.scalekit.com", "skc_beta")];

/// The number of preferences that do not change the account.
pub const PREFERENCES: u8 = 6;

/// The preference for a refresh only while the application is in use.
pub const WHILE_IN_USE: u8 = 5;

/// The preferences with a loopback redirect URI.
const WITH_LOOPBACK: [u8; 3] = [0, 1, WHILE_IN_USE];

const SCHEME: &str = "io.latchkey.simulated";
const OTHER_SCHEME: &str = "io.latchkey.renamed";

/// An environment, a client id, and possibly an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account(pub usize);

/// The settings of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub account: Account,
    pub preference: u8,
}

impl Settings {
    /// An account with the most common preference, or with a refresh only while the application is in use.
    pub fn some(account: Account, rng: &mut fastrand::Rng) -> Self {
        Self { account, preference: if rng.u8(..4) == 0 { WHILE_IN_USE } else { 0 } }
    }

    /// Whether the session is refreshed only while the application is in use.
    pub fn while_in_use(self) -> bool {
        self.preference == WHILE_IN_USE
    }
}

/// All configurations, and the account keys of the machine.
pub struct Choices {
    configurations: Vec<Configuration>,
    keys: Vec<AccountKey>,
}

impl Account {
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ACCOUNTS).map(Self)
    }

    /// The number of its environment.
    pub fn environment(self) -> usize {
        usize::from(self.0 == 1)
    }

    /// The number of its pinned organization, if any.
    pub fn organization(self) -> Option<u8> {
        (self.0 == 2).then_some(1)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["acme", "beta", "acme for org_1"].get(self.0).unwrap_or(&"nobody's"))
    }
}

impl Choices {
    pub fn new() -> Option<Self> {
        let all =
            Account::all().flat_map(|account| (0..PREFERENCES).map(move |one| (account, one)));
        let configurations: Option<Vec<_>> =
            all.map(|(account, preference)| configuration(account, preference)).collect();
        let configurations = configurations?;
        let keys = configurations.chunks(usize::from(PREFERENCES));
        let keys = keys.filter_map(|chunk| chunk.first()).map(AccountKey::of).collect();
        Some(Self { configurations, keys })
    }

    pub fn configuration(&self, settings: Settings) -> Option<&Configuration> {
        let Settings { account, preference } = settings;
        self.configurations.get(account.0 * usize::from(PREFERENCES) + usize::from(preference))
    }

    /// The account with this key.
    pub fn named(&self, key: &AccountKey) -> Option<Account> {
        self.keys.iter().position(|one| one == key).map(Account)
    }
}

/// The id of an organization.
pub fn organization(number: u8) -> String {
    format!("org_{number}")
}

fn configuration(account: Account, preference: u8) -> Option<Configuration> {
    let (address, client) = OF_ENVIRONMENTS.get(account.environment())?;
    let scheme = if preference == 4 { OTHER_SCHEME } else { SCHEME };
    let mut configuration = Configuration::new(
        EnvironmentUrl::parse(address).ok()?,
        ClientId::parse(client).ok()?,
        RedirectUris::with_scheme(scheme).ok()?,
    );
    let organization = account.organization().map(organization);
    configuration.organization = organization.and_then(|id| OrganizationId::parse(&id).ok());
    configuration.sign_in_wait = match preference {
        1 => Duration::from_secs(60),
        2 => Duration::from_secs(300),
        _ => SIGN_IN_WAIT,
    };
    if preference == 3 {
        configuration.services.push(ResourceOrigin::parse("https://api.acme.example").ok()?);
    }
    configuration.announced_end = preference == 2;
    if WITH_LOOPBACK.contains(&preference) {
        configuration.loopback = Some(LoopbackPort::Any);
    }
    if preference == WHILE_IN_USE {
        configuration.refresh = RefreshPolicy::WhileInUse;
    }
    Some(configuration)
}
