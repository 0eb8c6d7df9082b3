//! A program without a window: the session with its real platform, a browser that reports the pages it is to open, and
//! a keychain in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use scalekit_auth::{
    ClientId, Configuration, EnvironmentUrl, RedirectUris, RefreshPolicy, SessionView, SignInIntent,
};
use scalekit_auth_native::{
    Browser, BrowserError, CredentialStore, Files, HttpClient, Keychain, KeychainError, Platform,
    Session, english_loopback_text, session,
};
use tempfile::TempDir;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use url::Url;
use zeroize::Zeroizing;

/// Longer than any operation.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// A running program.
pub struct Program {
    /// Its session.
    pub session: Session,
    pages: mpsc::UnboundedReceiver<Url>,
    task: JoinHandle<()>,
    _folder: TempDir,
}

impl Program {
    /// Starts a program that is configured for this environment.
    ///
    /// # Errors
    /// When no folder can be created for it, or the environment's URL is invalid.
    pub fn start(
        environment: &str,
        client_id: &str,
        http: HttpClient,
        refresh: RefreshPolicy,
    ) -> Result<Self> {
        let folder = TempDir::new()?;
        let (opened, pages) = mpsc::unbounded_channel();
        let entries = Entries::default();
        let (session, task) = session(Platform {
            http,
            keychain: Keychain::with_entries(move || Box::new(entries.clone())),
            files: Files::new(folder.path()),
            browser: Arc::new(Opened(opened)),
            loopback_texts: Arc::new(english_loopback_text),
            bring_to_front: Box::new(|| {}),
        });
        let configuration = Configuration::new(
            EnvironmentUrl::parse(environment).map_err(|why| anyhow::anyhow!(why.message))?,
            ClientId::parse(client_id).map_err(|why| anyhow::anyhow!(why.message))?,
            RedirectUris::with_scheme("io.latchkey.desktop")?,
        );
        session.configure(Some(Configuration { refresh, ..configuration }));
        // A panic ends the task, and with it the channel of views, so that waiting callers get an error.
        let task = tokio::spawn(async move {
            let _ = task.run().await;
        });
        Ok(Self { session, pages, task, _folder: folder })
    }

    /// The page that the browser is opened at for a sign-in.
    ///
    /// # Errors
    /// When none is opened.
    pub async fn sign_in_page(&mut self) -> Result<Url> {
        self.shows(|view| matches!(view, SessionView::SignedOut { .. })).await?;
        self.session.sign_in(SignInIntent::SignIn).map_err(|why| anyhow::anyhow!(why.message))?;
        timeout(TIMEOUT, self.pages.recv()).await?.context("no page was opened")
    }

    /// Delivers the redirect's link, and waits until a user is signed in.
    ///
    /// # Errors
    /// When the sign-in fails.
    pub async fn callback(&self, link: &str) -> Result<()> {
        self.session.link(Zeroizing::new(link.as_bytes().to_vec()));
        self.shows(|view| matches!(view, SessionView::SignedIn { .. })).await
    }

    /// Waits for a view.
    ///
    /// # Errors
    /// When it is not shown before the timeout.
    pub async fn shows(&self, wanted: impl Fn(&SessionView) -> bool) -> Result<()> {
        let mut views = self.session.views();
        timeout(TIMEOUT, views.wait_for(|view| wanted(view))).await??;
        Ok(())
    }

    /// Ends the program as closing its window does.
    pub async fn end(self) {
        self.session.flush().await;
        drop(self.session);
        let _ = self.task.await;
    }
}

/// A keychain in memory.
#[derive(Clone, Default)]
struct Entries(Arc<Mutex<BTreeMap<String, Zeroizing<Vec<u8>>>>>);

impl CredentialStore for Entries {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(name.to_owned(), Zeroizing::new(value.to_vec()));
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

struct Opened(mpsc::UnboundedSender<Url>);

impl Browser for Opened {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        self.0.send(page.clone()).map_err(|_| BrowserError::NotFound)
    }
}
