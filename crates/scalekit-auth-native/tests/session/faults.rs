//! Panics in the tasks of a session.

use std::sync::Arc;

use scalekit_auth::{SessionView, SignInIntent, SignInStep};
use scalekit_auth_native::{
    Browser, BrowserError, CredentialStore, Files, HttpClient, Keychain, KeychainError, Platform,
    session,
};
use tempfile::TempDir;
use tokio::sync::oneshot;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    environment,
    program::{ADA, Memory, configuration, within_timeout},
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
        panic!("panics on request")
    }

    fn set(&mut self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
        panic!("panics on request")
    }

    fn remove(&mut self, _: &str) -> Result<(), KeychainError> {
        panic!("panics on request")
    }
}

/// A platform with this keychain.
fn platform(folder: &TempDir, keychain: Keychain) -> Platform {
    Platform {
        http: HttpClient::new("Latchkey-tests/0"),
        keychain,
        files: Files::new(folder.path()),
        browser: Arc::new(NoBrowser),
        loopback_texts: Arc::new(scalekit_auth_native::english_loopback_text),
        bring_to_front: Box::new(|| {}),
    }
}

#[tokio::test]
async fn keychain_thread_panic_stops_session_and_is_reported() {
    let (environment, folder) = (environment().await, tempfile::tempdir().unwrap());
    let (session, task) = session(platform(&folder, Keychain::with_entries(|| Box::new(Faulty))));
    let (report, reported) = oneshot::channel();
    let running = tokio::spawn(task.run_supervised(move || report.send(()).unwrap()));
    session.configure(Some(configuration(&environment)));
    within_timeout(reported).await.unwrap();
    within_timeout(running).await.unwrap();
}

#[tokio::test]
async fn session_task_panic_is_reported() {
    let (environment, folder, memory) =
        (environment().await, tempfile::tempdir().unwrap(), Memory::default());
    let (session, task) = session(Platform {
        // It is called by the task itself.
        bring_to_front: Box::new(|| panic!("panics on request")),
        ..platform(&folder, Keychain::with_entries(move || Box::new(memory.clone())))
    });
    let (report, reported) = oneshot::channel();
    let running = tokio::spawn(task.run_supervised(move || report.send(()).unwrap()));
    session.configure(Some(configuration(&environment)));
    let mut views = session.views();
    let is_signed_out = |view: &SessionView| matches!(view, SessionView::SignedOut { .. });
    within_timeout(views.wait_for(is_signed_out)).await.unwrap();
    session.sign_in(SignInIntent::SignIn).unwrap();
    let is_waiting = |view: &SessionView| {
        matches!(view, SessionView::SigningIn { step: SignInStep::WaitingForBrowser, .. })
    };
    within_timeout(views.wait_for(is_waiting)).await.unwrap();
    let page = session.sign_in_link().await.unwrap();
    let link = environment.sign_in_as(ADA, page.as_str()).unwrap();
    session.link(Zeroizing::new(link.into_bytes()));
    within_timeout(reported).await.unwrap();
    within_timeout(running).await.unwrap();
}

/// A named pipe in place of a file: its reader waits until another process opens it, as on a file system that hangs.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hanging_file_is_reported_and_session_restored_after_it() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use scalekit_auth::ProblemCode;

    use crate::program::Program;

    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.refresh();
    within_timeout(environment.wait_for("/oauth/token", 2)).await;
    program.ends().await;
    let files = std::fs::read_dir(memory.folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_journal = |path: &std::path::PathBuf| path.display().to_string().contains("/journal-");
    let journal = files.into_iter().find(is_journal).expect("there is no journal");
    std::fs::remove_file(&journal).unwrap();
    mknodat(CWD, &journal, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();

    let program = Program::at(&environment, &memory);
    let problem = |view: &SessionView| match view {
        SessionView::KeychainUnavailable { problem } => Some(problem.clone()),
        _ => None,
    };
    let problem = program.shows(problem).await;
    // Before any assertion, as a failed one would wait for the blocked read.
    let opened = std::fs::File::options().read(true).write(true).open(&journal).unwrap();
    std::fs::remove_file(&journal).unwrap();
    drop(opened);
    assert_eq!(problem.code, ProblemCode::SessionFiles);
    assert!(problem.detail.as_ref().is_some_and(|detail| detail.contains("did not respond")));
    assert_eq!(program.user().await, "Ada Lovelace");
    program.ends().await;
}
