//! The state of the environment.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, header};

use crate::{
    Pairs, Settings,
    access_token::KeyCache,
    faults::{Algorithm, Endpoint, FaultInjection, InjectedFault, Times},
    keys::{Keys, encode},
    record::Record,
    request::AuthorizationRequest,
    sessions::{Session, Sessions},
    users::{self, Membership, User},
};

/// How long the link of a sign-in mail is valid.
const MAGIC_LINK_LIFETIME: Duration = Duration::from_secs(300);

/// The state that the server's tasks share.
pub struct Shared {
    /// The environment's URL, without a trailing slash.
    pub url: String,
    pub record: Record,
    world: Mutex<ProviderState>,
}

pub struct ProviderState {
    pub settings: Settings,
    url: String,
    pub users: Vec<User>,
    pub keys: Keys,
    pub faults: FaultInjection,
    /// Authorization requests that wait for the user.
    pub pending: HashMap<String, Pending>,
    /// The sign-in mails by the token of their link.
    pub sign_in_mails: HashMap<String, SignInMail>,
    pub codes: HashMap<String, Grant>,
    pub sessions: Sessions,
    /// The signed-in browsers: cookie to session.
    pub browsers: HashMap<String, String>,
    /// Sign-out URLs are valid once.
    pub used_sign_outs: HashSet<String>,
    /// The ids of the users that an administrator has deactivated.
    pub inactive_users: HashSet<String>,
    /// The ids of the applications that an administrator has deactivated.
    pub inactive_applications: HashSet<String>,
    /// Revoked access tokens, by their `jti`.
    pub revoked: HashSet<String>,
    /// The JWKS that the protected API has cached.
    pub resource_keys: KeyCache,
}

/// An authorization request that waits for the user.
#[derive(Debug, Clone)]
pub struct Pending {
    pub request: AuthorizationRequest,
    /// Binds the forms to the pages.
    pub form_token: String,
    /// The user who has authenticated and still has to choose an organization.
    pub user: Option<String>,
    /// Whether the user has authenticated for this request.
    pub fresh: bool,
    /// The connection of the sign-in (`conn_…`).
    pub connection: String,
    /// Whether the application requests a choice of the organization.
    pub select: bool,
}

/// A mail with a link that continues an authorization request.
#[derive(Debug, Clone)]
pub struct SignInMail {
    /// The pending request.
    request: String,
    /// The id of the user who gets it.
    pub user: String,
    since: Instant,
}

/// The grant of a code.
#[derive(Debug, Clone)]
pub struct Grant {
    pub session: String,
    pub request: AuthorizationRequest,
    pub since: Instant,
    pub used: bool,
}

/// A user who signs in.
pub struct Entrant<'a> {
    pub user: &'a User,
    pub membership: &'a Membership,
    /// The connection of the sign-in (`conn_…`).
    pub connection: &'a str,
    /// Whether the user has just authenticated.
    pub fresh: bool,
}

impl Shared {
    pub fn new(world: ProviderState, url: String) -> Self {
        Self { url, record: Record::new(), world: Mutex::new(world) }
    }

    pub fn world(&self) -> MutexGuard<'_, ProviderState> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProviderState {
    pub fn new(settings: Settings, url: String) -> Option<Self> {
        Some(Self {
            settings,
            url,
            users: users::seeded(),
            keys: Keys::new()?,
            faults: FaultInjection::default(),
            pending: HashMap::new(),
            sign_in_mails: HashMap::new(),
            codes: HashMap::new(),
            sessions: Sessions::default(),
            browsers: HashMap::new(),
            used_sign_outs: HashSet::new(),
            inactive_users: HashSet::new(),
            inactive_applications: HashSet::new(),
            revoked: HashSet::new(),
            resource_keys: KeyCache::default(),
        })
    }

    pub fn inject_fault(&mut self, endpoint: Endpoint, fault: InjectedFault, times: Times) {
        if fault == (InjectedFault::Algorithm { algorithm: Algorithm::Es256 }) {
            self.keys.add_elliptic();
        }
        self.faults.add(endpoint, fault, times);
    }

    /// The issuer for a request to this host.
    pub fn issuer(&self, host: Option<&str>) -> String {
        let name = |host: &str| host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
        match (&self.settings.options.custom_domain, self.custom_url()) {
            (Some(domain), Some(url))
                if domain.everywhere || host.map(name).as_ref() == Some(&domain.host) =>
            {
                url
            }
            _ => self.url.clone(),
        }
    }

    /// The same, for a request with these headers.
    pub fn issuer_at(&self, headers: &HeaderMap) -> String {
        self.issuer(headers.get(header::HOST).and_then(|host| host.to_str().ok()))
    }

    /// The URL of the custom domain, if there is one.
    pub fn custom_url(&self) -> Option<String> {
        let domain = self.settings.options.custom_domain.as_ref()?;
        let (_, port) = self.url.rsplit_once(':')?;
        Some(format!("http://{}:{port}", domain.host))
    }

    /// Whether this is the issuer at any of its hosts.
    pub fn is_issuer(&self, issuer: &str) -> bool {
        issuer == self.url || self.custom_url().as_deref() == Some(issuer)
    }

    pub fn user(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email.eq_ignore_ascii_case(email))
    }

    pub fn user_by_id(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The user accepts an invitation. Existing sessions get the new membership too.
    pub fn join(&mut self, id: &str, organization: &str) -> bool {
        let Some(user) = self.users.iter_mut().find(|user| user.id == id) else {
            return false;
        };
        let joined = user.join(organization);
        self.sessions.update(user);
        joined
    }

    /// Sends this user the link of a pending request; an earlier one is no longer valid.
    pub fn send_sign_in_mail(&mut self, request: &str, user: &User) {
        self.sign_in_mails.retain(|_, mail| mail.request != request);
        let (request, user) = (request.to_owned(), user.id.clone());
        self.sign_in_mails.insert(random(""), SignInMail { request, user, since: Instant::now() });
    }

    /// The pending request and the user of a link, which is valid once.
    pub fn open_sign_in_mail(&mut self, token: &str) -> Option<(String, User)> {
        let mail = self.sign_in_mails.remove(token)?;
        let user = self.user_by_id(&mail.user)?.clone();
        let is_valid =
            mail.since.elapsed() < MAGIC_LINK_LIFETIME && self.pending.contains_key(&mail.request);
        is_valid.then_some((mail.request, user))
    }

    /// The session of a browser, unless it has expired.
    pub fn browser_session(&self, cookie: Option<&str>) -> Option<&Session> {
        self.sessions.running(self.browsers.get(cookie?)?, &self.settings.options)
    }

    /// Deactivates this user, as an administrator would, or activates them again.
    pub fn set_user_active(&mut self, email: &str, active: bool) {
        let Some(id) = self.user(email).map(|user| user.id.clone()) else { return };
        if active {
            self.inactive_users.remove(&id);
        } else {
            self.inactive_users.insert(id);
            self.sessions.end_all_of(email);
        }
    }

    pub fn set_application_active(&mut self, client_id: &str, active: bool) {
        if active {
            self.inactive_applications.remove(client_id);
        } else {
            self.inactive_applications.insert(client_id.to_owned());
        }
    }

    /// Replaces the roles of this user in each organization.
    pub fn set_roles_of(&mut self, email: &str, roles: &[&str]) {
        let Some(user) = self.user_mut(email) else { return };
        for membership in &mut user.memberships {
            membership.roles = roles.iter().map(|&one| one.into()).collect();
        }
        let user = user.clone();
        self.sessions.update(&user);
        self.sessions.set_roles_of(email, roles);
    }

    /// Changes the name of this user.
    pub fn rename(&mut self, email: &str, given_name: &str, family_name: &str) {
        let Some(user) = self.user_mut(email) else { return };
        given_name.clone_into(&mut user.given_name);
        family_name.clone_into(&mut user.family_name);
        let user = user.clone();
        self.sessions.update(&user);
    }

    fn user_mut(&mut self, email: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Signs a user in: a session (or the existing one of this browser) and a code for it. Returns the URL of
    /// the redirect and the cookie.
    pub fn let_in(
        &mut self,
        entrant: &Entrant<'_>,
        request: &AuthorizationRequest,
        cookie: Option<&str>,
    ) -> (String, String) {
        let Entrant { user, membership, connection, fresh } = entrant;
        if self.inactive_users.contains(&user.id) {
            let location = request.refusal("user_not_active", "The user account is not active");
            return (location, cookie.unwrap_or_default().to_owned());
        }
        let running = self.browser_session(cookie).filter(|session| {
            session.user.id == user.id && session.membership.organization == membership.organization
        });
        let (id, cookie) = match (running, cookie) {
            (Some(session), Some(cookie)) => (session.id.clone(), cookie.to_owned()),
            (Some(_) | None, _) => (self.sessions.begin(user, membership, connection), random("")),
        };
        if *fresh {
            self.sessions.authenticate(&id, connection);
        }
        self.sessions.touch(&id);
        self.browsers.insert(cookie.clone(), id.clone());
        let code = random("");
        let grant =
            Grant { session: id, request: request.clone(), since: Instant::now(), used: false };
        self.codes.insert(code.clone(), grant);
        (request.redirect(&[("code", &code)]), cookie)
    }
}

/// Random text that cannot be guessed.
pub fn random(prefix: &str) -> String {
    let mut bytes = [0; 24];
    // Without random numbers the environment is insecure, but it is a test environment.
    let _ = getrandom::fill(&mut bytes);
    format!("{prefix}{}", encode(bytes))
}

/// An id in Scalekit's format: a prefix and 17 digits. It may be guessable.
pub fn numbered(prefix: &str) -> String {
    let mut bytes = [0; 8];
    let _ = getrandom::fill(&mut bytes);
    let number = u64::from_be_bytes(bytes) % 90_000_000_000_000_000;
    format!("{prefix}{}", number + 10_000_000_000_000_000)
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The parameters of a query or a form; an error for a repeated name (RFC 6749 §3.1 and §3.2).
pub fn pairs(text: &str) -> Result<Pairs, String> {
    let mut pairs = Pairs::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        if pairs.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            return Err(format!("The parameter {name} is there twice"));
        }
    }
    Ok(pairs)
}
