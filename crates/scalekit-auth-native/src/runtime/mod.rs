//! Runs the session machine: performs what it asks for, and tells it what happened.
//!
//! One task owns the machine, so everything that happens to a session happens one after the other.
//! What takes time is done by tasks of its own, which no closed window and no dropped call can stop.

mod event;
mod listeners;
mod lock_table;
mod storage_queue;
mod task;
mod token_cache;
mod waiting_callers;

use std::{sync::Arc, time::Duration};

use scalekit_auth::{
    ClaimsError, Configuration, EnvironmentUrl, Event, HostedPage, HttpError, HttpResponse,
    IssuedToken, MAX_LINK_LEN, PermissionError, Permissions, Problem, SchemeHandler, Secret,
    SessionView, SignInRequest, SignOutScope, TokenUnavailable, check_discovery, claims_of,
    discovery_request, require_permission,
};
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

pub use event::SessionTaskPanicked;
pub use task::SessionTask;

use crate::{
    browser::Browser,
    entropy,
    files::Files,
    http::HttpClient,
    keychain::{self, Keychain},
    loopback::LoopbackTexts,
};
use task::Command;
use token_cache::TokenCache;

/// Links that wait to be judged; no more than these, whoever hands them in and however fast. With
/// [`MAX_LINK_LEN`] that is eight megabytes at most.
const MAX_QUEUED_LINKS: usize = 1024;

/// The adapters of a session.
pub struct Platform {
    /// Towards the environment.
    pub http: HttpClient,
    /// Where the session is kept.
    pub keychain: Keychain,
    /// Where the journal and the lock are: a folder of this program's own, the same for all of its
    /// processes.
    pub files: Files,
    /// Where the user signs in.
    pub browser: Arc<dyn Browser>,
    /// What the browser shows that comes back to the loopback redirect URI.
    pub loopback_texts: Arc<LoopbackTexts>,
    /// Brings the program's window to the front. Must not block.
    pub bring_to_front: Box<dyn Fn() + Send + Sync>,
}

/// The session of one program. Cheap to clone; every clone is the same session.
#[derive(Clone)]
pub struct Session {
    inputs: mpsc::UnboundedSender<Command>,
    views: watch::Receiver<SessionView>,
    links: Arc<Semaphore>,
    http: HttpClient,
    tokens: Arc<TokenCache>,
}

/// A session, and its task, which does nothing until [`Session::configure`] is called.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use scalekit_auth::{ClientId, Configuration, EnvironmentUrl, RedirectUris, SessionView, SignInIntent};
/// use scalekit_auth_native::{Files, HttpClient, Keychain, Platform, SystemBrowser, english_loopback_text, session};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let (session, task) = session(Platform {
///     http: HttpClient::new("Example/1.0"),
///     keychain: Keychain::system("com.example.app"),
///     files: Files::new("/home/ada/.local/share/com.example.app"),
///     browser: Arc::new(SystemBrowser),
///     loopback_texts: Arc::new(english_loopback_text),
///     bring_to_front: Box::new(|| {}),
/// });
/// tokio::spawn(task.run_supervised(|| std::process::exit(1)));
/// session.configure(Some(Configuration::new(
///     EnvironmentUrl::parse("https://acme.scalekit.com")?,
///     ClientId::parse("skc_1234")?,
///     RedirectUris::with_scheme("com.example.app")?,
/// )));
/// let mut views = session.views();
/// views.wait_for(|view| !matches!(view, SessionView::Starting)).await?;
/// session.sign_in(SignInIntent::SignIn)?;
/// // Each link that the desktop delivers goes to `session.link`.
/// views.wait_for(|view| matches!(view, SessionView::SignedIn { .. })).await?;
/// let token = session.access_token().await?;
/// # drop(token);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn session(platform: Platform) -> (Session, SessionTask) {
    let (sender, inputs) = mpsc::unbounded_channel();
    let (views, shown) = watch::channel(SessionView::Starting);
    let http = platform.http.clone();
    let tokens = Arc::new(TokenCache::default());
    let session = Session {
        inputs: sender,
        views: shown,
        links: Arc::new(Semaphore::new(MAX_QUEUED_LINKS)),
        http,
        tokens: Arc::clone(&tokens),
    };
    let task = SessionTask::new(platform, inputs, views, tokens);
    (session, task)
}

/// Asks an address whether it is a Scalekit environment.
///
/// # Errors
/// A [`Problem`] that says why it is not, or not now.
pub async fn check_environment(
    http: &HttpClient,
    environment: &EnvironmentUrl,
) -> Result<(), Problem> {
    check_discovery(environment, http.send(discovery_request(environment)).await)
}

impl Session {
    /// Says which environment and application this is about, or that nobody knows yet.
    pub fn configure(&self, configuration: Option<Configuration>) {
        self.send_event(Event::Configured(configuration));
    }

    /// What to show: the present view, and every one that follows.
    #[must_use]
    pub fn views(&self) -> watch::Receiver<SessionView> {
        self.views.clone()
    }

    /// The client the session itself uses.
    #[must_use]
    pub fn http(&self) -> &HttpClient {
        &self.http
    }

    /// Begins a sign-in; it takes the place of one under way. While the session is still being read,
    /// cannot be read, has no settings or is being signed out, there is nothing to begin.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn sign_in(&self, request: impl Into<SignInRequest>) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::SignIn { request: request.into(), entropy });
        Ok(())
    }

    /// Begins the sign-in that the user was invited to. For a user to agree to, who has read what
    /// [`SessionView::Invited`] says; `question` is the one there.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn accept_invitation(&self, question: u32) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::AcceptInvitation { question, entropy });
        Ok(())
    }

    /// Forgets the sign-in that the user was invited to. What was there before stays.
    pub fn decline_invitation(&self, question: u32) {
        self.send_event(Event::DeclineInvitation { question });
    }

    /// Gives up a sign-in under way.
    pub fn cancel_sign_in(&self) {
        self.send_event(Event::CancelSignIn);
    }

    /// Opens the page of the sign-in under way once more.
    pub fn open_browser_again(&self) {
        self.send_event(Event::OpenBrowserAgain);
    }

    /// Sends the browser off once more, with the loopback redirect URI, where the configuration has one. The request
    /// before it stays good: the first answer counts.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn use_loopback(&self) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::UseLoopback { entropy });
        Ok(())
    }

    /// Hands in the address at which the browser ended, as the user has copied it. What is wrong with it is in the
    /// next view.
    pub fn paste_link(&self, link: Zeroizing<Vec<u8>>) {
        self.send_event(Event::LinkPasted(link));
    }

    /// Opens one of the environment's pages about the user. When they come back to the window, the session is
    /// refreshed once.
    pub fn open_hosted_page(&self, page: HostedPage) {
        self.send_event(Event::OpenHostedPage(page));
    }

    /// The address of the sign-in under way, for the user's clipboard and for nothing else.
    pub async fn sign_in_link(&self) -> Option<Url> {
        let (answer, link) = oneshot::channel();
        self.send_command(Command::SignInLink(answer)).ok()?;
        link.await.ok().flatten()
    }

    /// Refreshes the session now.
    pub fn refresh(&self) {
        self.send_event(Event::Refresh);
    }

    /// Signs out: here at once, then, where the session that other applications share is meant, in the browser.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn sign_out(&self, scope: SignOutScope) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::SignOut { scope, entropy });
        Ok(())
    }

    /// Tries the keychain again.
    pub fn retry(&self) {
        self.send_event(Event::Retry);
    }

    /// Goes on where there is no keychain, or no keyring in it: the session ends with the program. For a
    /// user to agree to, at each start anew.
    pub fn continue_without_keychain(&self) {
        self.send_event(Event::ContinueWithoutKeychain);
    }

    /// Takes the present problem away: the user has read it.
    pub fn dismiss(&self) {
        self.send_event(Event::Dismiss);
    }

    /// Hands in a link this program was opened with, by any sender. Of a flood the surplus is dropped.
    pub fn link(&self, link: Zeroizing<Vec<u8>>) {
        if link.len() > MAX_LINK_LEN {
            return;
        }
        if let Ok(room) = Arc::clone(&self.links).try_acquire_owned() {
            let _ = self.send_command(Command::Link(link, room));
        }
    }

    /// Says who gets this program's links from the desktop.
    pub fn scheme_handler_changed(&self, handler: SchemeHandler) {
        self.send_event(Event::SchemeHandlerChanged(handler));
    }

    /// Says that the user has come back to the window.
    pub fn window_focused(&self) {
        self.send_event(Event::WindowFocused);
    }

    /// Hints that a delayed refresh may succeed now: the computer woke up, or the network changed.
    pub fn retry_hint(&self) {
        self.send_event(Event::RetryHint);
    }

    /// Says whether the program is in use, which matters where the configuration refreshes the session only
    /// then ([`scalekit_auth::RefreshPolicy`]). It is not before somebody says so.
    pub fn in_use(&self, in_use: bool) {
        tracing::debug!(in_use, "whether the program is in use");
        self.send_event(Event::InUse(in_use));
    }

    /// Checks that the signed-in user has this permission (`resource:action`, compared exactly), before something is
    /// offered or begun. It reads the present view and sends nothing: a permission that an administrator has given
    /// or taken away counts with the next access token, and the service that receives it decides.
    ///
    /// ```no_run
    /// # fn run(session: &scalekit_auth_native::Session) -> Result<(), scalekit_auth::PermissionError> {
    /// session.require("reports:read")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// That it is missing, or why that is not known.
    pub fn require(&self, permission: &str) -> Result<(), PermissionError> {
        require_permission(&self.views.borrow(), permission)
    }

    /// What the signed-in user may do in their organization, as the present view has it.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn permissions(&self) -> Result<Permissions, PermissionError> {
        Permissions::of(&self.views.borrow())
    }

    /// The custom claims that the configuration names, as a type of the application.
    ///
    /// ```no_run
    /// #[derive(serde::Deserialize)]
    /// struct Plan {
    ///     plan: String,
    ///     seats: Option<u32>,
    /// }
    ///
    /// # fn run(session: &scalekit_auth_native::Session) -> Result<(), scalekit_auth::ClaimsError> {
    /// let plan: Plan = session.claims()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When no user is shown, or a claim is absent or of another type.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        claims_of(&self.views.borrow())
    }

    /// An access token that lasts a while, refreshed first if need be. However many ask, the session is
    /// refreshed once. For the Rust side only: it is a secret.
    ///
    /// # Errors
    /// When nobody is signed in, or the session cannot be refreshed now.
    pub async fn access_token(&self) -> Result<Secret, TokenUnavailable> {
        Ok(self.access_token_replacing(None).await?.token)
    }

    /// Sends a request with the access token (RFC 6750 §2.1). If the service refuses the token, the
    /// session is refreshed and the request sent once more, and no more than that. The token is sent
    /// to the environment and to the services of the configuration, in a header, and nowhere else;
    /// a redirect is an answer and is not followed.
    ///
    /// # Errors
    /// When the address is none of those, there is no access token, or no complete answer.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<HttpResponse, SendError> {
        let first = self.access_token_replacing(None).await?;
        check_destination(request.uri(), &first.configuration)?;
        let answer = self.http.send(with_token(request.clone(), &first.token)?).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let second = self.access_token_replacing(Some(first.token)).await?;
        // The settings, the user or the organization may have changed while the service thought about it.
        if first.session != second.session {
            return Err(SendError::OtherAccount);
        }
        check_destination(request.uri(), &second.configuration)?;
        Ok(self.http.send(with_token(request, &second.token)?).await?)
    }

    async fn access_token_replacing(
        &self,
        refused: Option<Secret>,
    ) -> Result<IssuedToken, TokenUnavailable> {
        if refused.is_none()
            && let Some(token) = self.tokens.get()
        {
            return Ok(token);
        }
        let (answer, token) = oneshot::channel();
        let _ = self.send_command(Command::AccessToken(refused, answer));
        // Without its task the session is over, and so is the program.
        token.await.unwrap_or(Err(TokenUnavailable::NotSignedIn))
    }

    /// How long [`Session::flush`] may take at most: the answer of the token endpoint and the keys of the
    /// environment, each within the HTTP client's own deadline, then the keychain within its own.
    #[must_use]
    pub fn max_write_duration(&self) -> Duration {
        self.http.limits().total * 2 + keychain::KEYCHAIN_TIMEOUT
    }

    /// Waits until no token is in flight or unsaved, and everything that was to be
    /// written has been.
    pub async fn flush(&self) {
        let (answer, written) = oneshot::channel();
        if self.send_command(Command::Flush(answer)).is_ok() {
            let _ = written.await;
        }
    }

    fn send_event(&self, event: Event) {
        // The task ends only with its last handle, or with the whole program.
        let _ = self.send_command(Command::Event(Box::new(event)));
    }

    fn send_command(&self, command: Command) -> Result<(), mpsc::error::SendError<Command>> {
        self.tokens.invalidate();
        self.inputs.send(command)
    }
}

/// Why a protected service has not answered.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no access token.
    #[error(transparent)]
    TokenUnavailable(#[from] TokenUnavailable),
    /// The request is for somebody who gets no access token. Nothing was sent.
    #[error(
        "The access token is not sent to {origin}: it is neither the environment nor among the services of the configuration. Add its origin there if it is one."
    )]
    UntrustedOrigin {
        /// Who.
        origin: String,
    },
    /// The service refused the access token, and meanwhile there is another session: other settings, another user
    /// or another organization, whose tokens are not for this request. Nothing more was sent.
    #[error(
        "Another session began while the request was under way, so it was not sent again. Send it once more if it is still wanted."
    )]
    OtherAccount,
    /// There is no complete answer.
    #[error(transparent)]
    NoAnswer(#[from] HttpError),
}

/// OAuth 2.1 §5.1: a token is for its services, and whoever else gets it can use it there. The configuration
/// is the token's own.
fn check_destination(uri: &http::Uri, configuration: &Configuration) -> Result<(), SendError> {
    let url = Url::parse(&uri.to_string()).ok();
    if url.as_ref().is_some_and(|url| configuration.may_receive_token(url)) {
        return Ok(());
    }
    let origin = url.map_or_else(String::new, |url| url.origin().ascii_serialization());
    Err(SendError::UntrustedOrigin { origin })
}

fn with_token(
    mut request: http::Request<Vec<u8>>,
    token: &Secret,
) -> Result<http::Request<Vec<u8>>, HttpError> {
    let value = Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = http::HeaderValue::from_str(&value)
        .map_err(|_| HttpError::Unreachable("The access token fits into no header".to_owned()))?;
    value.set_sensitive(true);
    request.headers_mut().insert(http::header::AUTHORIZATION, value);
    Ok(request)
}
