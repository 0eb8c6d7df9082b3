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

/// The reason an environment could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is not available.
    #[error(
        "Port {port} on 127.0.0.1 cannot be used ({why}). Is another scalekit-dev running? Choose another with --port."
    )]
    Port {
        /// The port.
        port: u16,
        /// The system's error.
        why: std::io::Error,
    },
    /// No signing key could be generated.
    #[error("No signing key could be made on this machine")]
    Key,
}

/// A running environment. It stops on drop.
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

    /// Its URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// Its issuer: the same URL, unless there is a custom domain.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.url
    }

    /// Its URL at the custom domain, if there is one.
    #[must_use]
    pub fn custom_url(&self) -> Option<String> {
        self.shared.world().custom_url()
    }

    /// Changes its options.
    pub fn change_options(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.shared.world().settings.options);
    }

    /// The id of the registered Native Application.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.shared.world().settings.client_id.clone()
    }

    /// Injects a fault at this endpoint, this number of times. Several faults are queued.
    pub fn inject_fault(&self, endpoint: Endpoint, fault: InjectedFault, times: Times) {
        self.shared.world().inject_fault(endpoint, fault, times);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// All requests so far that got a response or were dropped by a fault.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.record.all()
    }

    /// The requests to this path.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    /// The requests to the token endpoint with this grant type.
    #[must_use]
    pub fn token_requests(&self, grant_type: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests_to("/oauth/token");
        requests.retain(|request| request.form("grant_type") == Some(grant_type));
        requests
    }

    /// Waits until at least this many requests to this path have got a response.
    pub async fn wait_for(&self, path: &str, count: usize) {
        self.shared.record.wait_for(path, count).await;
    }

    /// The number of requests to this path, with or without a response.
    #[must_use]
    pub fn arrived(&self, path: &str) -> usize {
        self.shared.record.arrived(path)
    }

    /// All requests, with or without a response, in the form `GET /keys`, in their order. A test of the complete list of
    /// requests compares it.
    #[must_use]
    pub fn arrivals(&self) -> Vec<String> {
        self.shared.record.arrivals()
    }

    /// Waits until at least this many requests to this path have arrived, with or without a response.
    pub async fn wait_for_arrival(&self, path: &str, count: usize) {
        self.shared.record.wait_for_arrival(path, count).await;
    }

    /// Signs new tokens with a new key; the old one stays published.
    pub fn rotate_keys(&self) {
        self.shared.world().keys.rotate();
    }

    /// Publishes only the newest key.
    pub fn withdraw_old_keys(&self) {
        self.shared.world().keys.withdraw_old();
    }

    /// Sets the lifetime of new access tokens.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.shared.world().settings.access_token_lifetime = lifetime;
    }

    /// The valid refresh token of this user's newest session.
    #[must_use]
    pub fn live_refresh_token_of(&self, email: &str) -> Option<String> {
        let world = self.shared.world();
        world.sessions.live_refresh_token_of(email, &world.settings.options)
    }

    /// Ends all sessions of this user, as an administrator.
    pub fn end_sessions_of(&self, email: &str) {
        self.shared.world().sessions.end_all_of(email);
    }

    /// Deactivates this user, as an administrator, which ends their sessions; or activates them again.
    pub fn set_user_active(&self, email: &str, active: bool) {
        self.shared.world().set_user_active(email, active);
    }

    /// Deactivates this application, as an administrator, or activates it again.
    pub fn set_application_active(&self, client_id: &str, active: bool) {
        self.shared.world().set_application_active(client_id, active);
    }

    /// Replaces this user's permissions in all sessions, as an administrator. The next access token contains
    /// them.
    pub fn set_permissions_of(&self, email: &str, permissions: &[&str]) {
        self.shared.world().sessions.set_permissions_of(email, permissions);
    }

    /// Replaces this user's roles, as an administrator on a hosted page. The next access token contains them.
    pub fn set_roles_of(&self, email: &str, roles: &[&str]) {
        self.shared.world().set_roles_of(email, roles);
    }

    /// Changes this user's name, as the user on a hosted page. The next ID token contains it.
    pub fn rename(&self, email: &str, given_name: &str, family_name: &str) {
        self.shared.world().rename(email, given_name, family_name);
    }

    /// Makes all sessions older by this duration, without activity of the user.
    pub fn age_sessions(&self, by: Duration) {
        self.shared.world().sessions.age(by);
    }

    /// Closes the port and drops every connection.
    pub async fn go_offline(&mut self) {
        self.server.stop().await;
    }

    /// Listens on the same port again.
    ///
    /// # Errors
    /// When another process has taken the port.
    pub async fn come_back(&mut self) -> Result<(), StartError> {
        self.server.stop().await;
        let (listener, port) = server::bind(self.server.port).await?;
        self.server = Server::start(listener, port, Arc::clone(&self.shared));
        Ok(())
    }

    /// Stops it.
    pub async fn stop(mut self) {
        self.server.stop().await;
    }

    /// The initiate-login link for such a sign-in.
    #[must_use]
    pub fn login_link(&self, start: &LoginStart) -> String {
        let world = &mut *self.shared.world();
        let fault = world.faults.take(Endpoint::LoginLink);
        initiate_login::link(world, start, fault.as_ref())
    }

    /// The link of an e-mail, a bookmark or an expired page: the initiate-login URI only.
    #[must_use]
    pub fn bare_link(&self) -> String {
        initiate_login::bare_link(&self.shared.world())
    }

    /// Acts as the browser and a user with this e-mail address, without pages: from the URL of the
    /// authorization request to the authorization response.
    ///
    /// # Errors
    /// When the environment would have shown an error page.
    pub fn sign_in_as(&self, email: &str, authorize_url: &str) -> Result<String, ScriptError> {
        scripted::sign_in(&self.shared, email, authorize_url)
    }

    /// The same, with a user who denies the request.
    ///
    /// # Errors
    /// When the environment would have shown an error page.
    pub fn deny(&self, authorize_url: &str) -> Result<String, ScriptError> {
        scripted::deny(&self.shared, authorize_url)
    }
}

/// The parameters of a query or a form. The parser rejects repeated names.
pub(crate) type Pairs = HashMap<String, String>;
