//! The sessions of browsers, and their refresh tokens.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{
    provider_state::{now, numbered, random},
    settings::Options,
    users::{Membership, User},
};

/// A user's session, which all applications of the environment share.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: String,
    pub user: User,
    pub membership: Membership,
    /// The connection of the sign-in (`conn_…`).
    pub connection: String,
    /// The time of authentication, in seconds since 1970.
    pub authenticated: u64,
    ended: bool,
    begun: Clock,
    active: Clock,
}

/// The beginning, and the additional age.
#[derive(Debug, Clone, Copy)]
struct Clock(Instant, Duration);

/// A family of refresh tokens, from one code.
#[derive(Debug, Clone)]
pub struct Family {
    pub session: String,
    pub client_id: String,
    pub scope: Vec<String>,
    /// `auth_time`, if the application has requested it.
    pub authenticated: Option<u64>,
    /// The valid refresh token.
    live: Option<String>,
    /// The previous refresh token and the time of its use.
    used: Option<(String, Instant)>,
}

/// All sessions.
#[derive(Default)]
pub struct Sessions {
    all: Vec<Session>,
    families: Vec<Family>,
    /// All refresh tokens ever issued, with their family.
    given: HashMap<String, usize>,
}

impl Session {
    /// The `sub` of modular SSO: the connection, and the user's id there.
    pub fn modular_sub(&self) -> String {
        format!("{};{}", self.connection, self.user.email)
    }

    fn is_over(&self, options: &Options) -> bool {
        self.ended || self.left(options).is_some_and(|left| left.is_zero())
    }

    /// The time until the session expires, if responses announce it.
    pub fn remaining(&self, options: &Options) -> Option<Duration> {
        self.left(options).filter(|_| options.announced_end)
    }

    /// The time until the first of its timeouts.
    fn left(&self, options: &Options) -> Option<Duration> {
        let limits = [(self.begun, options.absolute_timeout), (self.active, options.idle_timeout)];
        let left = |(clock, limit): (Clock, Option<Duration>)| {
            Some(limit?.saturating_sub(clock.elapsed()))
        };
        limits.into_iter().filter_map(left).min()
    }
}

impl Clock {
    fn now() -> Self {
        Self(Instant::now(), Duration::ZERO)
    }

    fn elapsed(self) -> Duration {
        let Self(since, older) = self;
        since.elapsed() + older
    }
}

impl Family {
    /// The claims of an access token about its family.
    pub fn of_access_token(session: &str, client_id: &str, scope: &str) -> Self {
        Self {
            session: session.to_owned(),
            client_id: client_id.to_owned(),
            scope: scope.split(' ').map(str::to_owned).collect(),
            authenticated: None,
            live: None,
            used: None,
        }
    }
}

impl Sessions {
    /// A session that has not ended.
    pub fn running(&self, id: &str, options: &Options) -> Option<&Session> {
        self.all.iter().find(|session| session.id == id && !session.is_over(options))
    }

    /// The newest session with this `sub` of modular SSO, whose access tokens have no `sid`.
    pub fn running_of(&self, modular_sub: &str, options: &Options) -> Option<&Session> {
        let is_of = |session: &&Session| session.modular_sub() == modular_sub;
        self.all.iter().rev().filter(is_of).find(|session| !session.is_over(options))
    }

    pub fn family(&self, number: usize) -> Option<&Family> {
        self.families.get(number)
    }

    pub fn begin(&mut self, user: &User, membership: &Membership, connection: &str) -> String {
        let id = numbered("ses_");
        self.all.push(Session {
            id: id.clone(),
            user: user.clone(),
            membership: membership.clone(),
            connection: connection.to_owned(),
            authenticated: now(),
            ended: false,
            begun: Clock::now(),
            active: Clock::now(),
        });
        id
    }

    /// Makes all sessions older.
    pub fn age(&mut self, by: Duration) {
        for session in &mut self.all {
            session.begun.1 += by;
            session.active.1 += by;
        }
    }

    /// Records activity of the user.
    pub fn touch(&mut self, id: &str) {
        if let Some(session) = self.get_mut(id) {
            session.active = Clock::now();
        }
    }

    /// The user has authenticated again, which begins the absolute timeout anew.
    pub fn authenticate(&mut self, id: &str, connection: &str) {
        if let Some(session) = self.get_mut(id) {
            session.authenticated = now();
            session.begun = Clock::now();
            connection.clone_into(&mut session.connection);
        }
    }

    pub fn end(&mut self, id: &str) {
        if let Some(session) = self.get_mut(id) {
            session.ended = true;
        }
        for family in &mut self.families {
            if family.session == id {
                family.live = None;
            }
        }
    }

    pub fn end_all_of(&mut self, email: &str) {
        let theirs = |session: &&Session| session.user.email.eq_ignore_ascii_case(email);
        let ids: Vec<_> = self.all.iter().filter(theirs).map(|one| one.id.clone()).collect();
        for id in ids {
            self.end(&id);
        }
    }

    pub fn set_permissions_of(&mut self, email: &str, permissions: &[&str]) {
        for session in &mut self.all {
            if session.user.email.eq_ignore_ascii_case(email) {
                session.membership.permissions =
                    permissions.iter().map(|&one| one.into()).collect();
            }
        }
    }

    pub fn set_roles_of(&mut self, email: &str, roles: &[&str]) {
        for session in &mut self.all {
            if session.user.email.eq_ignore_ascii_case(email) {
                session.membership.roles = roles.iter().map(|&one| one.into()).collect();
            }
        }
    }

    pub fn live_refresh_token_of(&self, email: &str, options: &Options) -> Option<String> {
        let newest = self.all.iter().rev().find(|session| {
            session.user.email.eq_ignore_ascii_case(email) && !session.is_over(options)
        })?;
        let mut families = self.families.iter().rev();
        families.find(|family| family.session == newest.id)?.live.clone()
    }

    /// Opens the family of a code.
    pub fn open(
        &mut self,
        session: &str,
        client_id: &str,
        scope: &[String],
        authenticated: Option<u64>,
    ) -> usize {
        self.families.push(Family {
            session: session.to_owned(),
            client_id: client_id.to_owned(),
            scope: scope.to_vec(),
            authenticated,
            live: None,
            used: None,
        });
        self.families.len() - 1
    }

    /// Issues a new refresh token, which invalidates the previous one.
    pub fn rotate(&mut self, number: usize) -> Option<String> {
        let token = random("rt_");
        let family = self.families.get_mut(number)?;
        family.live = Some(token.clone());
        self.given.insert(token.clone(), number);
        Some(token)
    }

    /// The family of a refresh token. Reuse of a spent one ends its session: it or its successor was stolen
    /// (RFC 9700 §4.14.2). Within the grace period, reuse is the retry of a client that has lost the response.
    pub fn spend(
        &mut self,
        token: &str,
        client_id: &str,
        grace: Duration,
        options: &Options,
    ) -> Result<usize, &'static str> {
        let number = *self.given.get(token).ok_or("The refresh token is not known")?;
        let family = self.families.get(number).ok_or("The refresh token is not known")?;
        if family.client_id != client_id {
            return Err("The refresh token is another application's");
        }
        let session = family.session.clone();
        if self.running(&session, options).is_none() {
            return Err("The session has ended");
        }
        if options.refresh_is_activity {
            self.touch(&session);
        }
        let Some(family) = self.families.get_mut(number) else {
            return Err("The refresh token is not known");
        };
        if family.live.as_deref() == Some(token) {
            family.used = Some((token.to_owned(), Instant::now()));
            return Ok(number);
        }
        let forgiven = family
            .used
            .as_ref()
            .is_some_and(|(used, since)| used == token && since.elapsed() < grace);
        if !forgiven {
            self.end(&session);
            return Err("The refresh token was used before; its session has been ended");
        }
        Ok(number)
    }

    /// The family, and whether this refresh token is valid.
    pub fn look_up(&self, token: &str, options: &Options) -> Option<(&Family, bool)> {
        let family = self.families.get(*self.given.get(token)?)?;
        let runs = self.running(&family.session, options).is_some();
        Some((family, runs && family.live.as_deref() == Some(token)))
    }

    /// Invalidates all refresh tokens of this one's family (RFC 7009 §2.1).
    pub fn revoke(&mut self, token: &str) {
        if let Some(family) = self.given.get(token).and_then(|at| self.families.get_mut(*at)) {
            family.live = None;
            family.used = None;
        }
    }

    /// Updates this user in all sessions.
    pub fn update(&mut self, user: &User) {
        for session in self.all.iter_mut().filter(|session| session.user.id == user.id) {
            session.user = user.clone();
        }
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.all.iter_mut().find(|session| session.id == id)
    }
}
