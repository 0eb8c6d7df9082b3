//! Runs the session's state machine: performs its effects and reports their outcomes as events.
//!
//! One task owns the state machine, so that its events are in one order. Operations that take time run in
//! tasks of their own, which neither a closed window nor a dropped call cancels.

mod event;
mod listeners;
mod lock_table;
mod platform;
mod storage_queue;
mod task;
mod token_cache;
mod waiting_callers;

use std::{sync::Arc, time::Duration};

use scalekit_auth::{
    ClaimsError, Configuration, EnvironmentUrl, Event, HostedPage, HttpError, HttpResponse,
    IssuedToken, MAX_LINK_LEN, Machine, PermissionError, Permissions, Problem, SchemeHandler,
    Secret, SessionView, SignInRequest, SignOutScope, TokenUnavailable, check_discovery, claims_of,
    discovery_request, require_permission,
};
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

pub use event::SessionTaskPanicked;
pub use platform::Platform;
pub use task::SessionTask;

use crate::{entropy, files::queue::FILE_TIMEOUT, http::HttpClient, keychain};
use task::Command;
use token_cache::TokenCache;

/// The limit of links in the queue, for any number of senders. With [`MAX_LINK_LEN`] they take at most eight
/// megabytes.
const MAX_QUEUED_LINKS: usize = 1024;

/// The session of one program. Cheap to clone; every clone is the same session.
#[derive(Clone)]
pub struct Session {
    inputs: mpsc::UnboundedSender<Command>,
    views: watch::Receiver<SessionView>,
    links: Arc<Semaphore>,
    http: HttpClient,
    tokens: Arc<TokenCache>,
}

/// A session and its task, which has no effects until [`Session::configure`] is called.
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

/// Checks with its discovery document whether a URL is a Scalekit environment.
///
/// # Errors
/// A [`Problem`] with the reason why it is not, or why that is unknown now.
pub async fn check_environment(
    http: &HttpClient,
    environment: &EnvironmentUrl,
) -> Result<(), Problem> {
    check_discovery(environment, http.send(discovery_request(environment)).await)
}

impl Session {
    /// Sets the environment and the application; `None` when they are not configured yet.
    pub fn configure(&self, configuration: Option<Configuration>) {
        self.send_event(Event::Configured(configuration));
    }

    /// The view to show: the current one, and every later one.
    #[must_use]
    pub fn views(&self) -> watch::Receiver<SessionView> {
        self.views.clone()
    }

    /// The HTTP client that the session uses.
    #[must_use]
    pub fn http(&self) -> &HttpClient {
        &self.http
    }

    /// Begins a sign-in; it replaces one under way. Ignored while the session is being loaded, could not be
    /// loaded, is not configured or is being signed out.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn sign_in(&self, request: impl Into<SignInRequest>) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::SignIn { request: request.into(), entropy });
        Ok(())
    }

    /// Begins the sign-in of an IdP-initiated login. Only after the user has seen [`SessionView::Invited`] and
    /// agreed; `question` is the number in that view.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn accept_invitation(&self, question: u32) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::AcceptInvitation { question, entropy });
        Ok(())
    }

    /// Drops the IdP-initiated login. The state before it stays.
    pub fn decline_invitation(&self, question: u32) {
        self.send_event(Event::DeclineInvitation { question });
    }

    /// Cancels a sign-in under way.
    pub fn cancel_sign_in(&self) {
        self.send_event(Event::CancelSignIn);
    }

    /// Opens the page of the sign-in under way again.
    pub fn open_browser_again(&self) {
        self.send_event(Event::OpenBrowserAgain);
    }

    /// Opens a second authorization request with the loopback redirect URI, where the configuration has one. The
    /// first request stays valid: the first response counts.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn use_loopback(&self) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::UseLoopback { entropy });
        Ok(())
    }

    /// Takes the redirect's URL as the user copied it from the browser. If it is unusable, the next view contains
    /// the reason.
    pub fn paste_link(&self, link: Zeroizing<Vec<u8>>) {
        self.send_event(Event::LinkPasted(link));
    }

    /// Opens one of the environment's hosted pages for the user. When the window gets the focus again, the session
    /// is refreshed once.
    pub fn open_hosted_page(&self, page: HostedPage) {
        self.send_event(Event::OpenHostedPage(page));
    }

    /// The URL of the sign-in under way, only to be copied to the user's clipboard.
    pub async fn sign_in_link(&self) -> Option<Url> {
        let (reply, link) = oneshot::channel();
        self.send_command(Command::SignInLink(reply)).ok()?;
        link.await.ok().flatten()
    }

    /// Refreshes the session now.
    pub fn refresh(&self) {
        self.send_event(Event::Refresh);
    }

    /// Signs out: locally at once, then, if the scope is the shared session, in the browser.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn sign_out(&self, scope: SignOutScope) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.send_event(Event::SignOut { scope, entropy });
        Ok(())
    }

    /// Retries the keychain.
    pub fn retry(&self) {
        self.send_event(Event::Retry);
    }

    /// Continues where there is no keychain, no keyring in it, or where it does not take the session of a user who
    /// is signed in: the session ends with the program. Needs the user's consent at each start.
    pub fn continue_without_keychain(&self) {
        self.send_event(Event::ContinueWithoutKeychain);
    }

    /// Removes the current problem, which the user has read.
    pub fn dismiss(&self) {
        self.send_event(Event::Dismiss);
    }

    /// Takes a link that this program was opened with, from any sender. Links beyond the queue's limit are dropped.
    pub fn link(&self, link: Zeroizing<Vec<u8>>) {
        // One byte beyond the limit suffices for the session to reject it, and to tell the user of a response that
        // is too long.
        let link = match link.get(..=MAX_LINK_LEN) {
            Some(beginning) => Zeroizing::new(beginning.to_vec()),
            None => link,
        };
        if let Ok(room) = Arc::clone(&self.links).try_acquire_owned() {
            let _ = self.send_command(Command::Link(link, room));
        }
    }

    /// Reports which program handles this program's scheme on the desktop.
    pub fn scheme_handler_changed(&self, handler: SchemeHandler) {
        self.send_event(Event::SchemeHandlerChanged(handler));
    }

    /// Reports that the user is back: the window was focused, the screen was unlocked or the computer woke up. The
    /// session is refreshed if its access token is older than a minute.
    pub fn user_returned(&self) {
        self.send_event(Event::UserReturned);
    }

    /// Hints that a delayed refresh may succeed now.
    pub fn retry_hint(&self) {
        self.send_event(Event::RetryHint);
    }

    /// Reports whether the program is in use, for a configuration that refreshes the session only then
    /// ([`scalekit_auth::RefreshPolicy`]). Initially it is not.
    pub fn in_use(&self, in_use: bool) {
        tracing::debug!(in_use, "whether the program is in use");
        self.send_event(Event::InUse(in_use));
    }

    /// Checks that the signed-in user has this permission (`resource:action`, compared exactly), before an action is
    /// offered or begun. It reads the current view and sends nothing: a permission that an administrator has granted
    /// or revoked takes effect with the next access token, and the resource server decides.
    ///
    /// ```no_run
    /// # fn run(session: &scalekit_auth_native::Session) -> Result<(), scalekit_auth::PermissionError> {
    /// session.require("reports:read")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When it is missing, or the permissions are unknown.
    pub fn require(&self, permission: &str) -> Result<(), PermissionError> {
        require_permission(&self.views.borrow(), permission)
    }

    /// The signed-in user's permissions in their organization, as of the current view.
    ///
    /// # Errors
    /// When they are unknown.
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

    /// An access token that stays valid for some time, refreshed first if necessary. Concurrent callers cause one
    /// refresh. For Rust code only: it is a secret.
    ///
    /// # Errors
    /// When no user is signed in, or the session cannot be refreshed now.
    pub async fn access_token(&self) -> Result<Secret, TokenUnavailable> {
        Ok(self.access_token_replacing(None).await?.token)
    }

    /// Sends a request with the access token (RFC 6750 §2.1). After a response with status 401 the session is
    /// refreshed and the request sent once more; while such refreshes are limited, the response is returned. The token
    /// is sent to the environment and to the services of the configuration only, in a header; a redirect is returned as
    /// the response and not followed.
    ///
    /// # Errors
    /// When the URL is none of those, there is no access token, or no complete response.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<HttpResponse, SendError> {
        let first = self.access_token_replacing(None).await?;
        check_destination(request.uri(), &first.configuration)?;
        let response = self.http.send(with_token(request.clone(), &first.token)?).await?;
        if response.status != 401 {
            return Ok(response);
        }
        let second = self.access_token_replacing(Some(first.token.clone())).await?;
        // While refreshes for rejected tokens are limited, the token is the one that was rejected.
        if second.token.matches(first.token.expose()) {
            return Ok(response);
        }
        // The settings, the user or the organization may have changed since the first request.
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
        let (reply, token) = oneshot::channel();
        let _ = self.send_command(Command::AccessToken(refused, reply));
        // The session has ended when its task has.
        token.await.unwrap_or(Err(TokenUnavailable::NotSignedIn))
    }

    /// The longest duration of [`Session::flush`] and [`Session::exit`]: [`Machine::MAX_RESPONSES_IN_FLIGHT`], each
    /// within the HTTP client's total timeout; the lock; [`Machine::MAX_KEYCHAIN_OPERATIONS`]; and the files, of which none
    /// is waited for beside one that hangs.
    #[must_use]
    pub fn max_write_duration(&self) -> Duration {
        self.http.limits().total * Machine::MAX_RESPONSES_IN_FLIGHT
            + Machine::MAX_LOCK_WAIT
            + keychain::KEYCHAIN_TIMEOUT * Machine::MAX_KEYCHAIN_OPERATIONS
            + FILE_TIMEOUT
    }

    /// Begins nothing more, and waits as [`Session::flush`] does. The process has to end then.
    pub async fn exit(&self) {
        self.send_event(Event::Exit);
        self.flush().await;
    }

    /// Waits until no token request is under way, no token is unsaved, and all pending writes are done. A process that
    /// ends calls [`Session::exit`] instead: a refresh may begin at any time.
    pub async fn flush(&self) {
        let (reply, written) = oneshot::channel();
        if self.send_command(Command::Flush(reply)).is_ok() {
            let _ = written.await;
        }
    }

    fn send_event(&self, event: Event) {
        // The task ends only with its last handle, or with the program.
        let _ = self.send_command(Command::Event(Box::new(event)));
    }

    fn send_command(&self, command: Command) -> Result<(), mpsc::error::SendError<Command>> {
        self.tokens.invalidate();
        self.inputs.send(command)
    }
}

/// Why there is no response of a protected service.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no access token.
    #[error(transparent)]
    TokenUnavailable(#[from] TokenUnavailable),
    /// The request's destination may not receive the access token. Nothing was sent.
    #[error(
        "The access token is not sent to {origin}: it is neither the environment nor among the services of the configuration. Add its origin there if it is one."
    )]
    UntrustedOrigin {
        /// The destination.
        origin: String,
    },
    /// The service rejected the access token, and meanwhile another session began: other settings, another user
    /// or another organization, whose tokens must not be sent with this request. It was not sent again.
    #[error(
        "Another session began while the request was under way, so it was not sent again. Send it once more if it is still wanted."
    )]
    OtherAccount,
    /// There is no complete response.
    #[error(transparent)]
    NoAnswer(#[from] HttpError),
}

/// OAuth 2.1 §5.1: an access token is for its resource servers, and any other recipient could use it there. The
/// configuration is that of the token.
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
