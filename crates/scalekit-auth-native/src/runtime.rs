//! Runs the session machine: performs what it asks for, and tells it what happened.
//!
//! One task owns the machine, so everything that happens to a session happens one after the other.
//! What takes time is done by tasks of its own, which no closed window and no dropped call can stop.

use std::sync::Arc;

use scalekit_auth::{
    authorization::Entropy,
    callback,
    configuration::{Configuration, EnvironmentUrl},
    machine::{Effect, Event, Machine, Operation},
    metadata,
    problem::{Problem, ProblemCode},
    time::Monotonic,
    view::{SessionView, SignInIntent},
};
use tokio::sync::{mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    browser::Browser, clock, entropy, http::HttpClient, keychain::Keychain, picture::fetch_picture,
};

/// What a session reaches the world with.
pub struct Hands {
    /// Towards the environment.
    pub http: HttpClient,
    /// Where the session is kept.
    pub keychain: Keychain,
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
    http: HttpClient,
}

/// The task behind a [`Session`]. It runs until the last clone of that is gone.
pub struct SessionTask {
    machine: Machine,
    hands: Arc<Hands>,
    configuration: Option<Configuration>,
    inputs: mpsc::UnboundedReceiver<Input>,
    views: watch::Sender<SessionView>,
    wakes_at: Option<Monotonic>,
}

/// A session, and its task, which does nothing until [`Session::configure`] is called.
#[must_use]
pub fn session(hands: Hands) -> (Session, SessionTask) {
    let (sender, inputs) = mpsc::unbounded_channel();
    let (views, shown) = watch::channel(SessionView::Starting);
    let mut seed = [0; 8];
    // Without chance the renewals of many desktops are spread less well; nothing else depends on it.
    let _ = entropy::fill(&mut seed);
    let session = Session { inputs: sender, views: shown, http: hands.http.clone() };
    let task = SessionTask {
        machine: Machine::new(u64::from_ne_bytes(seed)),
        hands: Arc::new(hands),
        configuration: None,
        inputs,
        views,
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
        let entropy = draw()?;
        self.happened(Event::SignIn { intent, entropy });
        Ok(())
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
        let entropy = draw()?;
        self.happened(Event::SignOut { entropy });
        Ok(())
    }

    /// Tries the keychain again.
    pub fn retry(&self) {
        self.happened(Event::Retry);
    }

    /// Takes the present problem away: the person has read it.
    pub fn dismiss(&self) {
        self.happened(Event::Dismiss);
    }

    /// Hands in a link this program was opened with, by whomever.
    pub fn link(&self, link: Zeroizing<Vec<u8>>) {
        if link.len() <= callback::LONGEST {
            self.happened(Event::Link(link));
        }
    }

    /// Waits until everything that was to be written to the keychain so far has been.
    pub async fn written(&self) {
        let (answer, written) = oneshot::channel();
        if self.inputs.send(Input::Written(answer)).is_ok() {
            let _ = written.await;
        }
    }

    fn happened(&self, event: Event) {
        // The task ends only with its last handle, or with the whole program.
        let _ = self.inputs.send(Input::Event(event));
    }
}

impl SessionTask {
    /// Runs the session.
    pub async fn run(mut self) {
        let (happened, mut events) = mpsc::unbounded_channel();
        let (keychain, work) = mpsc::unbounded_channel();
        tokio::spawn(keep(Arc::clone(&self.hands), work, happened.clone()));
        loop {
            tokio::select! {
                Some(event) = events.recv() => self.step(event, &keychain, &happened),
                input = self.inputs.recv() => match input {
                    Some(Input::Event(event)) => self.step(event, &keychain, &happened),
                    Some(Input::SignInLink(answer)) => {
                        let _ = answer.send(self.machine.sign_in_link());
                    }
                    Some(Input::Written(answer)) => {
                        let _ = keychain.send(KeychainWork::Written(answer));
                    }
                    None => return,
                },
                () = wake(self.wakes_at) => self.step(Event::Woke, &keychain, &happened),
            }
        }
    }

    fn step(&mut self, event: Event, keychain: &Keep, happened: &Happened) {
        if let Event::Configured(configuration) = &event {
            self.configuration.clone_from(configuration);
        }
        for effect in self.machine.step(event, clock::now()) {
            self.perform(effect, keychain, happened);
        }
    }

    fn perform(&mut self, effect: Effect, keychain: &Keep, happened: &Happened) {
        match effect {
            Effect::Send(operation, request) => {
                let (http, happened) = (self.hands.http.clone(), happened.clone());
                tokio::spawn(async move {
                    let _ = happened.send(Event::Answered(operation, http.send(request).await));
                });
            }
            Effect::OpenBrowser(operation, url) => {
                let (browser, happened) = (Arc::clone(&self.hands.browser), happened.clone());
                tokio::task::spawn_blocking(move || {
                    let outcome = browser.open(&url).map_err(|failure| failure.to_string());
                    let _ = happened.send(Event::BrowserOpened(operation, outcome));
                });
            }
            Effect::Load(operation, slot) => self.keep(keychain, |configuration| {
                KeychainWork::Load(operation, slot.name(configuration))
            }),
            Effect::Store(operation, slot, bytes) => self.keep(keychain, |configuration| {
                KeychainWork::Store(operation, slot.name(configuration), bytes)
            }),
            Effect::Clear(operation, slot) => self.keep(keychain, |configuration| {
                KeychainWork::Clear(operation, slot.name(configuration))
            }),
            Effect::FetchPicture(operation, address) => {
                let (http, happened) = (self.hands.http.clone(), happened.clone());
                let local = self
                    .configuration
                    .as_ref()
                    .is_some_and(|configuration| configuration.environment.is_loopback());
                tokio::spawn(async move {
                    let picture = fetch_picture(&http, &address, local).await;
                    let _ = happened.send(Event::PictureFetched(operation, picture));
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
    fn keep(&self, keychain: &Keep, work: impl FnOnce(&Configuration) -> KeychainWork) {
        if let Some(configuration) = &self.configuration {
            let _ = keychain.send(work(configuration));
        }
    }
}

type Keep = mpsc::UnboundedSender<KeychainWork>;
type Happened = mpsc::UnboundedSender<Event>;

#[expect(clippy::large_enum_variant, reason = "nearly all of them are events")]
enum Input {
    Event(Event),
    SignInLink(oneshot::Sender<Option<Url>>),
    Written(oneshot::Sender<()>),
}

enum KeychainWork {
    Load(Operation, String),
    Store(Operation, String, Zeroizing<Vec<u8>>),
    Clear(Operation, String),
    Written(oneshot::Sender<()>),
}

/// Does the keychain's work in its order. It goes on when the session's task has ended, until
/// everything that was to be written is.
async fn keep(
    hands: Arc<Hands>,
    mut work: mpsc::UnboundedReceiver<KeychainWork>,
    happened: Happened,
) {
    let keychain = &hands.keychain;
    while let Some(work) = work.recv().await {
        let event = match work {
            KeychainWork::Load(operation, name) => {
                Event::Loaded(operation, keychain.load(&name).await)
            }
            KeychainWork::Store(operation, name, bytes) => {
                Event::Stored(operation, keychain.store(&name, bytes).await)
            }
            KeychainWork::Clear(operation, name) => {
                Event::Cleared(operation, keychain.clear(&name).await)
            }
            KeychainWork::Written(answer) => {
                let _ = answer.send(());
                continue;
            }
        };
        let _ = happened.send(event);
    }
}

async fn wake(at: Option<Monotonic>) {
    match at {
        Some(at) => clock::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn draw() -> Result<Entropy, Problem> {
    let mut entropy = Entropy([0; 96]);
    entropy::fill(&mut entropy.0).map_err(|why| {
        Problem::new(
            ProblemCode::ServiceTrouble,
            "This computer gives no random numbers, and without them a sign-in is not safe. Restart it, then try again.",
        )
        .with_detail(why.to_string())
    })?;
    Ok(entropy)
}
