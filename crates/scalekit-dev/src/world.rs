//! Everything the environment knows.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    Pairs, Settings,
    keys::{Keys, encode},
    misbehaviour::{Algorithm, Endpoint, Misbehaviour, Misbehaviours, Times},
    people::{self, Membership, Person},
    record::Record,
};

/// What the server's tasks share.
pub struct Shared {
    pub issuer: String,
    pub record: Record,
    world: Mutex<World>,
}

pub struct World {
    pub settings: Settings,
    pub issuer: String,
    pub people: Vec<Person>,
    pub keys: Keys,
    pub misbehaviours: Misbehaviours,
    /// Authorization requests that a person is working on.
    pub pending: HashMap<String, Pending>,
    pub codes: HashMap<String, Grant>,
    pub sessions: Sessions,
    /// Browsers that are signed in: cookie to session.
    pub browsers: HashMap<String, String>,
    /// Sign-out addresses work once.
    pub used_sign_outs: HashSet<String>,
}

/// An authorization request that has passed every check.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub scope: Vec<String>,
    pub code_challenge: String,
    pub organization: Option<String>,
    pub connection: Option<String>,
    pub provider: Option<String>,
    pub login_hint: Option<String>,
}

/// One that a person is working on.
#[derive(Debug, Clone)]
pub struct Pending {
    pub request: AuthorizationRequest,
    /// Ties the forms to the pages.
    pub form_token: String,
    /// Who has proved to be there, and still has to choose an organization.
    pub person: Option<String>,
    pub amr: String,
}

/// What a code is good for.
#[derive(Debug, Clone)]
pub struct Grant {
    pub session: String,
    pub request: AuthorizationRequest,
    pub since: Instant,
    pub used: bool,
}

#[derive(Debug, Clone)]
pub struct Session {
    pub id: String,
    pub person: Person,
    pub membership: Membership,
    pub amr: String,
    pub ended: bool,
    /// The refresh token that is good at present, and all that ever were.
    pub live: Option<String>,
    /// The one that was used last, and when.
    used: Option<(String, Instant)>,
    pub scope: Vec<String>,
}

#[derive(Default)]
pub struct Sessions {
    all: Vec<Session>,
    /// Every refresh token ever given, and whose session it was for.
    given: HashMap<String, String>,
}

impl Shared {
    pub fn new(world: World, issuer: String) -> Self {
        Self { issuer, record: Record::new(), world: Mutex::new(world) }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    pub fn new(settings: Settings, issuer: String) -> Option<Self> {
        Some(Self {
            settings,
            issuer,
            people: people::seeded(),
            keys: Keys::new()?,
            misbehaviours: Misbehaviours::default(),
            pending: HashMap::new(),
            codes: HashMap::new(),
            sessions: Sessions::default(),
            browsers: HashMap::new(),
            used_sign_outs: HashSet::new(),
        })
    }

    pub fn misbehave(&mut self, endpoint: Endpoint, misbehaviour: Misbehaviour, times: Times) {
        if misbehaviour == (Misbehaviour::Algorithm { algorithm: Algorithm::Es256 }) {
            self.keys.add_elliptic();
        }
        self.misbehaviours.add(endpoint, misbehaviour, times);
    }

    pub fn person(&self, email: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.email.eq_ignore_ascii_case(email))
    }

    pub fn person_by_id(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// The session of a browser, while it lasts.
    pub fn browser_session(&self, cookie: Option<&str>) -> Option<&Session> {
        let session = self.browsers.get(cookie?)?;
        self.sessions.get(session).filter(|session| !session.ended)
    }

    /// Lets a person in: their session (a running one of the same browser goes on) and a code for
    /// it. Comes with where the browser goes next.
    pub fn let_in(
        &mut self,
        person: &Person,
        membership: &Membership,
        amr: &str,
        request: &AuthorizationRequest,
        cookie: Option<&str>,
    ) -> (String, String) {
        let running = self.browser_session(cookie).filter(|session| {
            session.person.id == person.id
                && session.membership.organization == membership.organization
        });
        let (id, cookie) = match (running, cookie) {
            (Some(session), Some(cookie)) => (session.id.clone(), cookie.to_owned()),
            (Some(_) | None, _) => (self.sessions.begin(person, membership, amr), random("")),
        };
        self.browsers.insert(cookie.clone(), id.clone());
        let code = random("");
        let grant =
            Grant { session: id, request: request.clone(), since: Instant::now(), used: false };
        self.codes.insert(code.clone(), grant);
        (request.answer(&self.issuer, &[("code", &code)]), cookie)
    }
}

impl AuthorizationRequest {
    /// The redirect address with the answer (RFC 6749 §4.1.2, RFC 9207).
    pub fn answer(&self, issuer: &str, pairs: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer);
        format!("{}?{}", self.redirect_uri, query.finish())
    }
}

impl Sessions {
    pub fn get(&self, id: &str) -> Option<&Session> {
        self.all.iter().find(|session| session.id == id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.all.iter_mut().find(|session| session.id == id)
    }

    pub fn end(&mut self, id: &str) {
        if let Some(session) = self.get_mut(id) {
            session.ended = true;
            session.live = None;
        }
    }

    pub fn end_all_of(&mut self, email: &str) {
        for session in &mut self.all {
            if session.person.email.eq_ignore_ascii_case(email) {
                session.ended = true;
                session.live = None;
            }
        }
    }

    pub fn live_refresh_token_of(&self, email: &str) -> Option<String> {
        let mut sessions = self.all.iter().rev();
        sessions
            .find(|session| session.person.email.eq_ignore_ascii_case(email) && !session.ended)
            .and_then(|session| session.live.clone())
    }

    /// A new refresh token; the one before is spent from now on.
    pub fn rotate(&mut self, id: &str) -> Option<String> {
        let token = random("rt_");
        self.given.insert(token.clone(), id.to_owned());
        let session = self.get_mut(id)?;
        session.live = Some(token.clone());
        Some(token)
    }

    /// The session a refresh token is good for. A spent one ends its session: either it was stolen
    /// or its successor was (RFC 9700 §4.14.2). Within the grace it is the retry of somebody who has
    /// lost the answer.
    pub fn spend(&mut self, token: &str, grace: Duration) -> Result<String, &'static str> {
        let id = self.given.get(token).ok_or("The refresh token is not known")?.clone();
        let session = self.get_mut(&id).ok_or("The session is not known")?;
        if session.ended {
            return Err("The session has ended");
        }
        if session.live.as_deref() == Some(token) {
            session.used = Some((token.to_owned(), Instant::now()));
            return Ok(id);
        }
        let forgiven = session
            .used
            .as_ref()
            .is_some_and(|(used, since)| used == token && since.elapsed() < grace);
        if !forgiven {
            self.end(&id);
            return Err("The refresh token was used before; its session has been ended");
        }
        Ok(id)
    }

    fn begin(&mut self, person: &Person, membership: &Membership, amr: &str) -> String {
        let id = random("ses_");
        self.all.push(Session {
            id: id.clone(),
            person: person.clone(),
            membership: membership.clone(),
            amr: amr.to_owned(),
            ended: false,
            live: None,
            used: None,
            scope: Vec::new(),
        });
        id
    }
}

/// Unguessable text.
pub fn random(prefix: &str) -> String {
    let mut bytes = [0; 24];
    // An environment without chance is of no use, but it is only a test environment.
    let _ = getrandom::fill(&mut bytes);
    format!("{prefix}{}", encode(bytes))
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The pairs of a query or a form; nothing where a name stands there twice (RFC 6749 §3.1).
pub fn pairs(text: &str) -> Result<Pairs, String> {
    let mut pairs = Pairs::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        if pairs.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            return Err(format!("The parameter {name} is there twice"));
        }
    }
    Ok(pairs)
}
