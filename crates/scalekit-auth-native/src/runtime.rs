//! Runs the session machine: performs what it asks for, and tells it what happened.
//!
//! One task owns the machine, so everything that happens to a session happens one after the other.
//! What takes time is done by tasks of its own, which no closed window and no dropped call can stop.

use std::{collections::HashMap, io, sync::Arc};

use scalekit_auth::{
    answer::{HttpAnswer, HttpFailure},
    callback,
    configuration::{Configuration, EnvironmentUrl},
    machine::{Caller, Effect, Event, KeychainFailure, Machine, NoAccessToken, Operation},
    metadata,
    problem::Problem,
    record::Slot,
    secret::Secret,
    time::Monotonic,
    view::{SessionView, SignInIntent},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    browser::Browser,
    clock, entropy,
    fail_point::{self, FailPoint},
    files::Files,
    http::HttpClient,
    keychain::Keychain,
    lock::{HeldLock, lock},
    network::Networks,
    picture::fetch_picture,
};

/// Links that wait to be judged; no more than these, whoever hands them in and however fast. With
/// [`callback::LONGEST`] that is eight megabytes at most.
const MOST_LINKS: usize = 1024;

/// What a session reaches the world with.
pub struct Hands {
    /// Towards the environment.
    pub http: HttpClient,
    /// Where the session is kept.
    pub keychain: Keychain,
    /// Where the journal and the lock are: a folder of this program's own, the same for all of its
    /// processes.
    pub files: Files,
    /// Where the person signs in.
    pub browser: Arc<dyn Browser>,
    /// Brings the program's window to the front. Must not block.
    pub bring_to_front: Box<dyn Fn() + Send + Sync>,
}

/// The session of one program. Cheap to clone; every clone is the same session.
#[derive(Clone)]
pub struct Session {
    inputs: mpsc::UnboundedSender<Input>,
    views: watch::Receiver<SessionView>,
    configuration: watch::Receiver<Option<Configuration>>,
    links: Arc<Semaphore>,
    http: HttpClient,
}

/// The task behind a [`Session`]. It runs until the last clone of that is gone.
pub struct SessionTask {
    machine: Machine,
    hands: Arc<Hands>,
    configuration: Option<Configuration>,
    configured: watch::Sender<Option<Configuration>>,
    inputs: mpsc::UnboundedReceiver<Input>,
    views: watch::Sender<SessionView>,
    callers: HashMap<Caller, oneshot::Sender<Result<Secret, NoAccessToken>>>,
    calls: u64,
    /// Those who wait until everything is kept.
    waiting: Vec<oneshot::Sender<()>>,
    wakes_at: Option<Monotonic>,
}

/// A session, and its task, which does nothing until [`Session::configure`] is called.
#[must_use]
pub fn session(hands: Hands) -> (Session, SessionTask) {
    let (sender, inputs) = mpsc::unbounded_channel();
    let (views, shown) = watch::channel(SessionView::Starting);
    let (configured, configuration) = watch::channel(None);
    let mut seed = [0; 8];
    // Without chance the renewals of many desktops are spread less well; nothing else depends on it.
    let _ = entropy::fill(&mut seed);
    let http = hands.http.clone();
    let session = Session {
        inputs: sender,
        views: shown,
        configuration,
        links: Arc::new(Semaphore::new(MOST_LINKS)),
        http,
    };
    let task = SessionTask {
        machine: Machine::new(u64::from_ne_bytes(seed)),
        hands: Arc::new(hands),
        configuration: None,
        configured,
        inputs,
        views,
        callers: HashMap::new(),
        calls: 0,
        waiting: Vec::new(),
        wakes_at: None,
    };
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
    metadata::read(environment, http.send(metadata::request(environment)).await).map(|_| ())
}

impl Session {
    /// Says which environment and application this is about, or that nobody knows yet.
    pub fn configure(&self, configuration: Option<Configuration>) {
        self.happened(Event::Configured(configuration));
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
    pub fn sign_in(&self, intent: SignInIntent) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.happened(Event::SignIn { intent, entropy });
        Ok(())
    }

    /// Begins the sign-in that the person was invited to. For a person to agree to, who has read what
    /// [`SessionView::Invited`] says; `question` is the one there.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn accept_invitation(&self, question: u32) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.happened(Event::AcceptInvitation { question, entropy });
        Ok(())
    }

    /// Forgets the sign-in that the person was invited to. What was there before stays.
    pub fn decline_invitation(&self, question: u32) {
        self.happened(Event::DeclineInvitation { question });
    }

    /// Gives up a sign-in under way.
    pub fn cancel_sign_in(&self) {
        self.happened(Event::CancelSignIn);
    }

    /// Opens the page of the sign-in under way once more.
    pub fn open_browser_again(&self) {
        self.happened(Event::OpenBrowserAgain);
    }

    /// The address of the sign-in under way, for the person's clipboard and for nothing else.
    pub async fn sign_in_link(&self) -> Option<Url> {
        let (answer, link) = oneshot::channel();
        self.inputs.send(Input::SignInLink(answer)).ok()?;
        link.await.ok().flatten()
    }

    /// Renews the session now.
    pub fn renew(&self) {
        self.happened(Event::Renew);
    }

    /// Signs out: here at once, then in the browser.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn sign_out(&self) -> Result<(), Problem> {
        let entropy = entropy::draw()?;
        self.happened(Event::SignOut { entropy });
        Ok(())
    }

    /// Tries the keychain again.
    pub fn retry(&self) {
        self.happened(Event::Retry);
    }

    /// Goes on where there is no keychain: the session ends with the program. For a person to agree to.
    pub fn go_on_without_keychain(&self) {
        self.happened(Event::GoOnWithoutKeychain);
    }

    /// Takes the present problem away: the person has read it.
    pub fn dismiss(&self) {
        self.happened(Event::Dismiss);
    }

    /// Hands in a link this program was opened with, by whomever. Of a flood the surplus is dropped.
    pub fn link(&self, link: Zeroizing<Vec<u8>>) {
        if link.len() > callback::LONGEST {
            return;
        }
        if let Ok(room) = Arc::clone(&self.links).try_acquire_owned() {
            let _ = self.inputs.send(Input::Link(link, room));
        }
    }

    /// Says that the desktop gives this program's links to another one, by its name, or does not.
    pub fn links_go_to(&self, other: Option<String>) {
        self.happened(Event::LinksGoTo(other));
    }

    /// Says that times may be better: the person is back, the computer woke up, the network changed.
    pub fn nudge(&self) {
        self.happened(Event::Nudged);
    }

    /// An access token that lasts a while, renewed first if need be. However many ask, the session is
    /// renewed once. For the Rust side only: it is a secret.
    ///
    /// # Errors
    /// When nobody is signed in, or the session cannot be renewed now.
    pub async fn access_token(&self) -> Result<Secret, NoAccessToken> {
        self.access_token_instead_of(None).await
    }

    /// Sends a request with the access token (RFC 6750 §2.1). If the service refuses the token, the
    /// session is renewed and the request sent once more, and no more than that. The token is sent
    /// to the environment and to the services of the configuration, in a header, and nowhere else;
    /// a redirect is an answer and is not followed.
    ///
    /// # Errors
    /// When the address is none of those, there is no access token, or no complete answer.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<HttpAnswer, NotSent> {
        let token = self.access_token().await?;
        self.check_destination(request.uri())?;
        let answer = self.http.send(with_token(request.clone(), &token)?).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let token = self.access_token_instead_of(Some(token)).await?;
        Ok(self.http.send(with_token(request, &token)?).await?)
    }

    /// OAuth 2.1 §5.1: a token is for its services, and whoever else gets it can use it there.
    fn check_destination(&self, uri: &http::Uri) -> Result<(), NotSent> {
        let url = Url::parse(&uri.to_string()).ok();
        let configuration = self.configuration.borrow();
        let trusted = url
            .as_ref()
            .zip(configuration.as_ref())
            .is_some_and(|(url, configuration)| configuration.trusts(url));
        if trusted {
            return Ok(());
        }
        let origin = url.map_or_else(String::new, |url| url.origin().ascii_serialization());
        Err(NotSent::NotAService { origin })
    }

    async fn access_token_instead_of(
        &self,
        refused: Option<Secret>,
    ) -> Result<Secret, NoAccessToken> {
        let (answer, token) = oneshot::channel();
        let _ = self.inputs.send(Input::AccessToken(refused, answer));
        // Without its task the session is over, and so is the program.
        token.await.unwrap_or(Err(NoAccessToken::NotSignedIn))
    }

    /// Waits until nothing is between being sent and being kept, and everything that was to be
    /// written has been.
    pub async fn written(&self) {
        let (answer, written) = oneshot::channel();
        if self.inputs.send(Input::Written(answer)).is_ok() {
            let _ = written.await;
        }
    }

    fn happened(&self, event: Event) {
        // The task ends only with its last handle, or with the whole program.
        let _ = self.inputs.send(Input::Event(Box::new(event)));
    }
}

impl SessionTask {
    /// Runs the session.
    ///
    /// # Errors
    /// When a fault in the program has stopped it. The session is then kept as after a crash.
    pub async fn run(mut self) -> Result<(), Fault> {
        let (happened, mut events) = mpsc::unbounded_channel();
        let happened = Happened(happened);
        let (work, to_do) = mpsc::unbounded_channel();
        let mut keychain = Keep { work, locks: HashMap::new() };
        tokio::spawn(keep(Arc::clone(&self.hands), to_do, happened.clone()));
        let mut networks = Networks::watch();
        loop {
            tokio::select! {
                Some(happening) = events.recv() => {
                    let event = keychain.take_in(happening)?;
                    self.step(event, &mut keychain, &happened);
                }
                input = self.inputs.recv() => match input {
                    Some(Input::Event(event)) => self.step(*event, &mut keychain, &happened),
                    Some(Input::Link(link, _room)) => {
                        self.step(Event::Link(link), &mut keychain, &happened);
                    }
                    Some(Input::SignInLink(answer)) => {
                        let _ = answer.send(self.machine.sign_in_link());
                    }
                    Some(Input::AccessToken(refused, answer)) => {
                        self.calls += 1;
                        let caller = Caller(self.calls);
                        self.callers.insert(caller, answer);
                        let event = Event::AccessTokenWanted { caller, instead_of: refused };
                        self.step(event, &mut keychain, &happened);
                    }
                    Some(Input::Written(answer)) => {
                        self.waiting.push(answer);
                        self.answer_waiting(&keychain);
                    }
                    None => return Ok(()),
                },
                () = wake(self.wakes_at) => self.step(Event::Woke, &mut keychain, &happened),
                () = networks.changed() => self.step(Event::Nudged, &mut keychain, &happened),
            }
        }
    }

    fn step(&mut self, event: Event, keychain: &mut Keep, happened: &Happened) {
        if matches!(event, Event::Renew) {
            fail_point::reached(FailPoint::Wished);
        }
        if let Event::Configured(configuration) = &event {
            self.configuration.clone_from(configuration);
            let _ = self.configured.send(configuration.clone());
        }
        for effect in self.machine.step(event, clock::now()) {
            self.perform(effect, keychain, happened);
        }
        self.answer_waiting(keychain);
    }

    fn answer_waiting(&mut self, keychain: &Keep) {
        if self.machine.is_at_rest() {
            for answer in self.waiting.drain(..) {
                keychain.does(KeychainWork::Written(answer));
            }
        }
    }

    fn perform(&mut self, effect: Effect, keychain: &mut Keep, happened: &Happened) {
        match effect {
            Effect::Send(operation, request) => {
                let (http, happened) = (self.hands.http.clone(), happened.clone());
                let is_token = request.uri().path().ends_with("/token");
                tokio::spawn(async move {
                    let answered = Event::Answered(operation, http.send(request).await);
                    if is_token {
                        fail_point::reached(FailPoint::Answered);
                    }
                    happened.say(answered);
                });
            }
            Effect::OpenBrowser(operation, url) => {
                let (browser, happened) = (Arc::clone(&self.hands.browser), happened.clone());
                tokio::task::spawn_blocking(move || {
                    let outcome = browser.open(&url).map_err(|failure| failure.to_string());
                    happened.say(Event::BrowserOpened(operation, outcome));
                });
            }
            Effect::Lock(operation) => self.ask_for_lock(operation, happened),
            Effect::Unlock(operation) => keychain.release(operation),
            Effect::Load(operation, slot) => {
                self.keep(keychain, slot, |entry| KeychainWork::Load(operation, entry));
            }
            Effect::Store(operation, slot, bytes) => {
                self.keep(keychain, slot, |entry| KeychainWork::Store(operation, entry, bytes));
            }
            Effect::Append(operation, slot, line) => {
                self.keep(keychain, slot, |entry| KeychainWork::Append(operation, entry, line));
            }
            Effect::Clear(operation, slot) => {
                self.keep(keychain, slot, |entry| KeychainWork::Clear(operation, entry));
            }
            Effect::GiveAccessToken(caller, answer) => {
                if let Some(waiting) = self.callers.remove(&caller) {
                    let _ = waiting.send(answer);
                }
            }
            Effect::FetchPicture(operation, address) => {
                let (http, happened) = (self.hands.http.clone(), happened.clone());
                let local = self
                    .configuration
                    .as_ref()
                    .is_some_and(|configuration| configuration.environment.is_loopback());
                tokio::spawn(async move {
                    let picture = fetch_picture(&http, &address, local).await;
                    happened.say(Event::PictureFetched(operation, picture));
                });
            }
            Effect::WakeAt(at) => self.wakes_at = at,
            Effect::BringToFront => (self.hands.bring_to_front)(),
            Effect::Publish(view) => {
                let _ = self.views.send(view);
            }
        }
    }

    /// The entry's name is decided now: settings that change meanwhile must not lead the work to
    /// another environment's entry.
    fn keep(&self, keychain: &Keep, slot: Slot, work: impl FnOnce(Entry) -> KeychainWork) {
        if let Some(configuration) = &self.configuration {
            let entry = Entry { name: slot.name(configuration), secret: slot.is_secret() };
            keychain.does(work(entry));
        }
    }

    fn ask_for_lock(&self, operation: Operation, happened: &Happened) {
        let Some(configuration) = &self.configuration else { return };
        let name = format!("{}.lock", Slot::Session.name(configuration));
        let happened = happened.clone();
        lock(&self.hands.files.path(&name), move |outcome| {
            let _ = happened.0.send(Happening::Locked(operation, outcome));
        });
    }
}

/// Why a protected service has not answered.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// There is no access token.
    #[error(transparent)]
    NoAccessToken(#[from] NoAccessToken),
    /// The request is for somebody who gets no access token. Nothing was sent.
    #[error(
        "The access token is not sent to {origin}: it is neither the environment nor among the services of the configuration. Add its origin there if it is one."
    )]
    NotAService {
        /// Who.
        origin: String,
    },
    /// There is no complete answer.
    #[error("{0}")]
    NoAnswer(HttpFailure),
}

impl From<HttpFailure> for NotSent {
    fn from(failure: HttpFailure) -> Self {
        Self::NoAnswer(failure)
    }
}

fn with_token(
    mut request: http::Request<Vec<u8>>,
    token: &Secret,
) -> Result<http::Request<Vec<u8>>, HttpFailure> {
    let value = Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = http::HeaderValue::from_str(&value)
        .map_err(|_| HttpFailure::Unreachable("The access token fits into no header".to_owned()))?;
    value.set_sensitive(true);
    request.headers_mut().insert(http::header::AUTHORIZATION, value);
    Ok(request)
}

/// A fault in the program has stopped the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fault in the program has stopped the session")]
pub struct Fault;

#[expect(clippy::large_enum_variant, reason = "moved once each, and never many at a time")]
enum Happening {
    Event(Box<Event>),
    Locked(Operation, io::Result<HeldLock>),
    Fault,
}

/// Where those who work for the session say what came of it.
#[derive(Clone)]
struct Happened(mpsc::UnboundedSender<Happening>);

impl Happened {
    fn say(&self, event: Event) {
        let _ = self.0.send(Happening::Event(Box::new(event)));
    }
}

impl Drop for Happened {
    /// Whoever panics says nothing more, and the session would wait for it for good.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.0.send(Happening::Fault);
        }
    }
}

/// The way to the keychain's queue, and the locks that are given back through it.
struct Keep {
    work: mpsc::UnboundedSender<KeychainWork>,
    locks: HashMap<Operation, HeldLock>,
}

impl Keep {
    fn does(&self, work: KeychainWork) {
        let _ = self.work.send(work);
    }

    fn take_in(&mut self, happening: Happening) -> Result<Event, Fault> {
        match happening {
            Happening::Event(event) => Ok(*event),
            Happening::Locked(operation, outcome) => {
                if let Err(why) = &outcome {
                    tracing::warn!(%why, "there is no lock to be had: this process goes on as if it were alone");
                }
                let outcome = outcome.map(|held| drop(self.locks.insert(operation, held)));
                Ok(Event::Locked(operation, outcome.map_err(|why| why.to_string())))
            }
            Happening::Fault => Err(Fault),
        }
    }

    fn release(&mut self, operation: Operation) {
        if let Some(held) = self.locks.remove(&operation) {
            self.does(KeychainWork::Release(held));
        }
    }
}

impl Drop for Keep {
    /// However the session's task ends, what is still to be written is written before another process
    /// may go on.
    fn drop(&mut self) {
        let operations: Vec<Operation> = self.locks.keys().copied().collect();
        operations.into_iter().for_each(|operation| self.release(operation));
    }
}

#[expect(clippy::large_enum_variant, reason = "moved once each, and never many at a time")]
enum Input {
    Event(Box<Event>),
    /// A link, and its place among those that wait.
    Link(Zeroizing<Vec<u8>>, OwnedSemaphorePermit),
    SignInLink(oneshot::Sender<Option<Url>>),
    AccessToken(Option<Secret>, oneshot::Sender<Result<Secret, NoAccessToken>>),
    Written(oneshot::Sender<()>),
}

enum KeychainWork {
    Load(Operation, Entry),
    Store(Operation, Entry, Zeroizing<Vec<u8>>),
    Append(Operation, Entry, Vec<u8>),
    Clear(Operation, Entry),
    Written(oneshot::Sender<()>),
    Release(HeldLock),
}

/// Where something is kept.
struct Entry {
    name: String,
    secret: bool,
}

/// Does the keychain's work in its order. It goes on when the session's task has ended, until
/// everything that was to be written is.
async fn keep(
    hands: Arc<Hands>,
    mut work: mpsc::UnboundedReceiver<KeychainWork>,
    happened: Happened,
) {
    while let Some(work) = work.recv().await {
        let event = match work {
            KeychainWork::Load(operation, entry) => {
                Event::Loaded(operation, load(&hands, entry).await)
            }
            KeychainWork::Store(operation, entry, bytes) => {
                Event::Stored(operation, store(&hands, entry, bytes).await)
            }
            KeychainWork::Append(operation, entry, line) => {
                let appended = on_disk(&hands, move |files| files.append(&entry.name, &line)).await;
                Event::Stored(operation, appended)
            }
            KeychainWork::Clear(operation, entry) => {
                Event::Cleared(operation, clear(&hands, entry).await)
            }
            KeychainWork::Release(held) => {
                drop(held);
                continue;
            }
            KeychainWork::Written(answer) => {
                let _ = answer.send(());
                continue;
            }
        };
        happened.say(event);
    }
}

async fn load(hands: &Hands, entry: Entry) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure> {
    if entry.secret {
        return hands.keychain.load(&entry.name).await;
    }
    on_disk(hands, move |files| files.load(&entry.name)).await
}

async fn store(
    hands: &Hands,
    entry: Entry,
    bytes: Zeroizing<Vec<u8>>,
) -> Result<(), KeychainFailure> {
    if entry.secret {
        fail_point::reached(FailPoint::Storing);
        let stored = hands.keychain.store(&entry.name, bytes).await;
        fail_point::reached(FailPoint::Stored);
        return stored;
    }
    let stored = on_disk(hands, move |files| files.store(&entry.name, &bytes)).await;
    fail_point::reached(FailPoint::Noted);
    stored
}

async fn clear(hands: &Hands, entry: Entry) -> Result<(), KeychainFailure> {
    if entry.secret {
        return hands.keychain.clear(&entry.name).await;
    }
    on_disk(hands, move |files| files.remove(&entry.name)).await
}

async fn on_disk<T: Send + 'static>(
    hands: &Hands,
    work: impl FnOnce(&Files) -> Result<T, KeychainFailure> + Send + 'static,
) -> Result<T, KeychainFailure> {
    let files = hands.files.clone();
    tokio::task::spawn_blocking(move || work(&files))
        .await
        .unwrap_or_else(|why| Err(KeychainFailure::Failed(why.to_string())))
}

async fn wake(at: Option<Monotonic>) {
    match at {
        Some(at) => clock::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
