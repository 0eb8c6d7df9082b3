#![doc = include_str!("../README.md")]

mod access_token;
mod api;
mod authorize;
mod claims;
mod client;
mod control;
mod faults;
mod hosted;
pub mod ids;
mod initiate_login;
mod keys;
mod logout;
mod pages;
mod provider_state;
mod record;
mod request;
mod resource;
mod scripted;
mod server;
mod services;
mod sessions;
mod settings;
mod sign_in;
mod token;
mod users;

use std::{collections::HashMap, sync::Arc, time::Duration};

pub use faults::{Algorithm, Endpoint, InjectedFault, Times, TokenKind};
pub use ids::{COMPILERS, NAVY};
pub use initiate_login::LoginStart;
pub use record::RecordedRequest;
pub use scripted::ScriptError;
pub use settings::{ClaimPlace, CustomClaim, CustomDomain, Options, Settings, WebApplication};
pub use users::{ADA, ALAN, FATIMA, GRACE, KATHERINE, MARY, PASSWORD, SEEDED, User};

use provider_state::{ProviderState, Shared};
use server::Server;

/// Why an environment could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error(
        "Port {port} on 127.0.0.1 cannot be used ({why}). Is another scalekit-dev running? Choose another with --port."
    )]
    Port {
        /// Which.
        port: u16,
        /// What the system says.
        why: std::io::Error,
    },
    /// No signing key could be made.
    #[error("No signing key could be made on this machine")]
    Key,
}

/// A running environment. It ends when it is dropped.
pub struct Environment {
    shared: Arc<Shared>,
    server: Server,
}

impl Environment {
    /// Starts one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let (listener, port) = server::bind(settings.port).await?;
        let url = format!("http://127.0.0.1:{port}");
        let world = ProviderState::new(settings, url.clone()).ok_or(StartError::Key)?;
        let shared = Arc::new(Shared::new(world, url));
        let server = Server::start(listener, port, Arc::clone(&shared));
        Ok(Self { shared, server })
    }

    /// Its address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// What it calls itself: the same address, unless a custom domain is in front.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.url
    }

    /// Its address at the custom domain, if there is one.
    #[must_use]
    pub fn custom_url(&self) -> Option<String> {
        self.shared.world().custom_url()
    }

    /// Another setting of what it does not do by itself.
    pub fn change_options(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.shared.world().settings.options);
    }

    /// The id of the registered Native Application.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.shared.world().settings.client_id.clone()
    }

    /// Injects a fault at this endpoint, so many times. Several are queued.
    pub fn inject_fault(&self, endpoint: Endpoint, fault: InjectedFault, times: Times) {
        self.shared.world().inject_fault(endpoint, fault, times);
    }

    /// Everything works again.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// Every request so far that has been answered, or dropped on purpose.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.record.all()
    }

    /// Those to this path.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    /// Those to the token endpoint with this grant type.
    #[must_use]
    pub fn token_requests(&self, grant_type: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests_to("/oauth/token");
        requests.retain(|request| request.form("grant_type") == Some(grant_type));
        requests
    }

    /// Waits until at least this many requests to this path have been answered.
    pub async fn wait_for(&self, path: &str, count: usize) {
        self.shared.record.wait_for(path, count).await;
    }

    /// How many requests to this path have come, answered or not.
    #[must_use]
    pub fn arrived(&self, path: &str) -> usize {
        self.shared.record.arrived(path)
    }

    /// Every request that has come, answered or not, as `GET /keys`, in its order. A test that knows
    /// what may be asked for compares all of it.
    #[must_use]
    pub fn arrivals(&self) -> Vec<String> {
        self.shared.record.arrivals()
    }

    /// Waits until at least this many requests to this path have come, answered or not.
    pub async fn wait_for_arrival(&self, path: &str, count: usize) {
        self.shared.record.wait_for_arrival(path, count).await;
    }

    /// From now on new tokens are signed with a new key; the old one stays published.
    pub fn rotate_keys(&self) {
        self.shared.world().keys.rotate();
    }

    /// Only the newest key is published from now on.
    pub fn withdraw_old_keys(&self) {
        self.shared.world().keys.withdraw_old();
    }

    /// From now on access tokens live so long.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.shared.world().settings.access_token_lifetime = lifetime;
    }

    /// The refresh token that is good at present, of this user's newest session.
    #[must_use]
    pub fn live_refresh_token_of(&self, email: &str) -> Option<String> {
        let world = self.shared.world();
        world.sessions.live_refresh_token_of(email, &world.settings.options)
    }

    /// An administrator ends all sessions of this user.
    pub fn end_sessions_of(&self, email: &str) {
        self.shared.world().sessions.end_all_of(email);
    }

    /// An administrator gives this user these permissions instead of those before, in all of their sessions. The
    /// next access token has them.
    pub fn set_permissions_of(&self, email: &str, permissions: &[&str]) {
        self.shared.world().sessions.set_permissions_of(email, permissions);
    }

    /// Sessions are so much older from now on, and as long without anybody there.
    pub fn age_sessions(&self, by: Duration) {
        self.shared.world().sessions.age(by);
    }

    /// Nobody is reached any more: the port is closed and every connection dropped.
    pub async fn go_offline(&mut self) {
        self.server.stop().await;
    }

    /// The same environment on the same port again.
    ///
    /// # Errors
    /// When somebody else has taken the port meanwhile.
    pub async fn come_back(&mut self) -> Result<(), StartError> {
        self.server.stop().await;
        let (listener, port) = server::bind(self.server.port).await?;
        self.server = Server::start(listener, port, Arc::clone(&self.shared));
        Ok(())
    }

    /// Ends it.
    pub async fn stop(mut self) {
        self.server.stop().await;
    }

    /// The link a browser comes to the program with when a sign-in like this has begun outside it.
    #[must_use]
    pub fn login_link(&self, start: &LoginStart) -> String {
        let world = &mut *self.shared.world();
        let fault = world.faults.take(Endpoint::LoginLink);
        initiate_login::link(world, start, fault.as_ref())
    }

    /// The link of a mail, a bookmark or an expired page: the initiate-login address alone.
    #[must_use]
    pub fn bare_link(&self) -> String {
        initiate_login::bare_link(&self.shared.world())
    }

    /// Plays the browser and a user with this e-mail address, without a page: from the address
    /// the browser was opened at to the link it comes back with.
    ///
    /// # Errors
    /// When the environment would have shown an error page.
    pub fn sign_in_as(&self, email: &str, authorize_url: &str) -> Result<String, ScriptError> {
        scripted::sign_in(&self.shared, email, authorize_url)
    }

    /// The same, with a user who says no.
    ///
    /// # Errors
    /// When the environment would have shown an error page.
    pub fn deny(&self, authorize_url: &str) -> Result<String, ScriptError> {
        scripted::deny(&self.shared, authorize_url)
    }
}

/// Pairs of a query or a form. A name that stands there twice is refused by whoever reads them.
pub(crate) type Pairs = HashMap<String, String>;
