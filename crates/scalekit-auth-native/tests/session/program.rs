//! A program without a window: the session with its real platform, a browser that only records the pages
//! that it is to open, and a keychain in memory that outlives the program.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use scalekit_auth::{
    ClientId, Configuration, EnvironmentUrl, Problem, RedirectUris, SessionView, SignInIntent,
    SignInStep,
};
use scalekit_auth_native::{
    Browser, BrowserError, CredentialStore, Files, HttpClient, Keychain, KeychainError, Platform,
    Session, SessionTaskPanicked, session,
};
use scalekit_dev::Environment;
use tempfile::TempDir;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use url::Url;
use zeroize::Zeroizing;

pub use scalekit_dev::ADA;

/// Longer than any operation. `cargo xtask written-mutants`, where tests are expected to fail, uses a shorter one.
const TEST_TIMEOUT: Duration =
    Duration::from_secs(if option_env!("LATCHKEY_TEST_SHORT_TIMEOUTS").is_some() { 8 } else { 60 });

/// The result, which must be there before the timeout.
pub async fn within_timeout<T>(what: impl Future<Output = T>) -> T {
    timeout(TEST_TIMEOUT, what).await.expect("it does not come")
}

/// The id of the organization that the user is signed in to.
pub fn organization_of(view: &SessionView) -> Option<String> {
    match view {
        SessionView::SignedIn { profile, .. } => {
            profile.organization.as_ref().map(|one| one.id.clone())
        }
        _ => None,
    }
}

/// A running program.
pub struct Program {
    pub session: Session,
    pub fronts: Arc<AtomicUsize>,
    pages: mpsc::UnboundedReceiver<Url>,
    task: JoinHandle<Result<(), SessionTaskPanicked>>,
}

/// The persistent storage of a computer.
#[derive(Clone, Default)]
pub struct Memory {
    entries: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    folder: Arc<OnceLock<TempDir>>,
    failure: Arc<Mutex<Option<KeychainError>>>,
}

struct Noting(mpsc::UnboundedSender<Url>);

impl Program {
    /// Starts a program that is not configured yet.
    pub fn start(memory: &Memory) -> Self {
        Self::start_with(memory, HttpClient::new("Latchkey-tests/0"))
    }

    /// Starts a program that uses this client for the environment.
    pub fn start_with(memory: &Memory, http: HttpClient) -> Self {
        let (opened, pages) = mpsc::unbounded_channel();
        let fronts = Arc::new(AtomicUsize::new(0));
        let raised = Arc::clone(&fronts);
        let entries = memory.clone();
        let (session, task) = session(Platform {
            http,
            keychain: Keychain::with_entries(move || Box::new(entries.clone())),
            files: Files::new(memory.folder()),
            browser: Arc::new(Noting(opened)),
            loopback_texts: Arc::new(scalekit_auth_native::english_loopback_text),
            bring_to_front: Box::new(move || {
                raised.fetch_add(1, Ordering::SeqCst);
            }),
        });
        Self { session, fronts, pages, task: tokio::spawn(task.run()) }
    }

    /// Starts a program that is configured for this environment.
    pub fn at(environment: &Environment, memory: &Memory) -> Self {
        let program = Self::start(memory);
        program.session.configure(Some(configuration(environment)));
        program
    }

    /// Requests a sign-in as soon as the session is loaded.
    pub async fn requests(&self, intent: SignInIntent) {
        self.shows(|view| (!matches!(view, SessionView::Starting)).then_some(())).await;
        self.session.sign_in(intent).unwrap();
    }

    /// Begins a sign-in; returns the page that the browser was opened at.
    pub async fn begins(&mut self) -> Url {
        self.requests(SignInIntent::SignIn).await;
        self.page().await
    }

    /// The next page that the browser was opened at.
    pub async fn page(&mut self) -> Url {
        timeout(TEST_TIMEOUT, self.pages.recv()).await.expect("the browser is opened").unwrap()
    }

    /// Delivers a link to the program.
    pub fn follows(&self, link: &str) {
        self.session.link(Zeroizing::new(link.as_bytes().to_vec()));
    }

    /// Signs Ada in.
    pub async fn signs_in(&mut self, environment: &Environment) {
        let page = self.begins().await;
        self.follows(&environment.sign_in_as(ADA, page.as_str()).unwrap());
        assert_eq!(self.user().await, "Ada Lovelace");
    }

    /// Waits for a view.
    pub async fn shows<T>(&self, mut wanted: impl FnMut(&SessionView) -> Option<T>) -> T {
        let mut views = self.session.views();
        let found = timeout(TEST_TIMEOUT, async {
            loop {
                if let Some(found) = wanted(&views.borrow_and_update()) {
                    return found;
                }
                views.changed().await.unwrap();
            }
        });
        found
            .await
            .unwrap_or_else(|_| panic!("it still shows {:?}", *self.session.views().borrow()))
    }

    /// Waits until the user is invited; returns the question's number and the organization's id.
    pub async fn invited(&self) -> (u32, Option<String>) {
        self.shows(|view| match view {
            SessionView::Invited { question, organization, .. } => {
                Some((*question, organization.as_ref().map(|one| one.id.clone())))
            }
            _ => None,
        })
        .await
    }

    /// Waits until a user is signed in; returns the name.
    pub async fn user(&self) -> String {
        self.shows(|view| match view {
            SessionView::SignedIn { profile, .. } => profile.name.clone(),
            _ => None,
        })
        .await
    }

    /// Waits until no user is signed in; returns the problem, if one is shown.
    pub async fn nobody(&self) -> Option<Problem> {
        self.shows(|view| match view {
            SessionView::SignedOut { problem, .. } => Some(problem.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the sign-in waits for the browser.
    pub async fn waits(&self) {
        self.shows(|view| match view {
            SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. } => Some(()),
            _ => None,
        })
        .await;
    }

    /// Ends the program as closing its window does.
    pub async fn ends(self) {
        self.session.flush().await;
        drop(self.session);
        self.task.await.unwrap().unwrap();
    }

    /// Ends the program as killing it does.
    pub async fn dies(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// The configuration for this environment.
pub fn configuration(environment: &Environment) -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse(environment.url()).unwrap(),
        ClientId::parse(&environment.client_id()).unwrap(),
        RedirectUris::with_scheme("io.latchkey.desktop").unwrap(),
    )
}

impl Memory {
    /// The directory of the files.
    pub fn folder(&self) -> &Path {
        self.folder.get_or_init(|| TempDir::new().unwrap()).path()
    }

    /// Makes each operation of the keychain fail from now on, or none.
    pub fn fails_with(&self, failure: Option<KeychainError>) {
        *self.failure.lock().unwrap() = failure;
    }

    fn entries(&self) -> Result<MutexGuard<'_, BTreeMap<String, Vec<u8>>>, KeychainError> {
        match &*self.failure.lock().unwrap() {
            Some(failure) => Err(failure.clone()),
            None => Ok(self.entries.lock().unwrap()),
        }
    }

    /// The stored refresh token.
    pub fn refresh_token(&self) -> Option<String> {
        let entries = self.entries.lock().unwrap();
        let records = entries
            .values()
            .filter_map(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok());
        let mut tokens =
            records.filter_map(|record| record["refresh_token"].as_str().map(str::to_owned));
        tokens.next()
    }
}

impl CredentialStore for Memory {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(self.entries()?.get(name).cloned().map(Zeroizing::new))
    }

    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
        self.entries()?.insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
        self.entries()?.remove(name);
        Ok(())
    }
}

impl Browser for Noting {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        self.0.send(page.clone()).map_err(|_| BrowserError::NotFound)
    }
}
