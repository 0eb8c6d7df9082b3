//! Panics in the tasks of a session.

use std::sync::Arc;

use scalekit_auth_native::{
    Browser, BrowserError, CredentialStore, Files, HttpClient, Keychain, KeychainError, Platform,
    session,
};
use tokio::sync::oneshot;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    environment,
    program::{configuration, within_timeout},
};

struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &Url) -> Result<(), BrowserError> {
        Ok(())
    }
}

/// A keychain that panics.
struct Faulty;

impl CredentialStore for Faulty {
    fn get(&mut self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        panic!("told to panic")
    }

    fn set(&mut self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
        panic!("told to panic")
    }

    fn remove(&mut self, _: &str) -> Result<(), KeychainError> {
        panic!("told to panic")
    }
}

#[tokio::test]
async fn keychain_thread_panic_stops_session_and_is_reported() {
    let (environment, folder) = (environment().await, tempfile::tempdir().unwrap());
    let (session, task) = session(Platform {
        http: HttpClient::new("Latchkey-tests/0"),
        keychain: Keychain::with_entries(|| Box::new(Faulty)),
        files: Files::new(folder.path()),
        browser: Arc::new(NoBrowser),
        loopback_texts: Arc::new(scalekit_auth_native::english_loopback_text),
        bring_to_front: Box::new(|| {}),
    });
    let (tell, told) = oneshot::channel();
    let running = tokio::spawn(task.run_supervised(move || tell.send(()).unwrap()));
    session.configure(Some(configuration(&environment)));
    within_timeout(told).await.unwrap();
    within_timeout(running).await.unwrap();
}
