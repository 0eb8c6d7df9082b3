//! A process with a session and no window: real HTTP, keychain, lock and journal. A line on its standard input is
//! a command; it prints its views.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    io::{BufRead, stdin},
    sync::Arc,
};

use anyhow::{Context, Result};
use scalekit_auth::{
    ClientId, Configuration, EnvironmentUrl, RedirectUris, RefreshView, SessionView, SignInIntent,
};
use scalekit_auth_native::{
    Browser, BrowserError, Files, HttpClient, Keychain, Platform, Session, harden, now, session,
};
use url::Url;
use zeroize::Zeroizing;

const SCHEME: &str = "io.latchkey.desktop";

#[tokio::main]
async fn main() -> Result<()> {
    harden();
    let variable = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
    // Another build of the program, such as a preview, has another identifier.
    let identifier = variable("HEADLESS_IDENTIFIER").unwrap_or_else(|_| SCHEME.to_owned());
    let configuration = Configuration::new(
        EnvironmentUrl::parse(&variable("SCALEKIT_ENVIRONMENT_URL")?)?,
        ClientId::parse(&variable("SCALEKIT_CLIENT_ID")?)?,
        RedirectUris::with_scheme(SCHEME)?,
    );
    let (session, task) = session(Platform {
        http: HttpClient::new("Latchkey-headless/0"),
        keychain: Keychain::system(&identifier),
        files: Files::new(format!("{}/{identifier}", variable("XDG_DATA_HOME")?)),
        browser: Arc::new(PrintingBrowser),
        loopback_texts: Arc::new(scalekit_auth_native::english_loopback_text),
        bring_to_front: Box::new(|| {}),
    });
    tokio::spawn(task.run_supervised(|| {
        println!("fault");
        std::process::exit(1);
    }));
    session.configure(Some(configuration));
    let refreshes_on = std::env::args().any(|argument| argument == "--refreshing");
    tokio::spawn(print_views(session.clone(), refreshes_on));
    run_commands(&session).await
}

/// Prints every view as a line. With `refreshes_on`, a refreshed session is refreshed again.
async fn print_views(session: Session, refreshes_on: bool) {
    let mut views = session.views();
    loop {
        let line = line(&views.borrow_and_update());
        if !line.is_empty() {
            println!("{line}");
        }
        if refreshes_on && line == "fresh" {
            session.refresh();
        }
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// A view in a few words; empty for a transient one.
fn line(view: &SessionView) -> String {
    match view {
        SessionView::SignedIn { refresh: RefreshView::Scheduled { .. }, problem: None, .. } => {
            "fresh".to_owned()
        }
        SessionView::SignedIn { refresh: RefreshView::Delayed { problem, retry_at }, .. } => {
            let next = retry_at.map_or_else(
                || "when there is a network".to_owned(),
                |at| format!("in {:.1} s", (at - now().wall.for_view()) / 1000.0),
            );
            format!("delayed {:?}, next try {next}", problem.code)
        }
        SessionView::SignedIn { .. } => "refreshing".to_owned(),
        SessionView::SignedOut { problem, .. } => {
            let code = problem.as_ref().map(|problem| format!(" {:?}", problem.code));
            format!("signed out{}", code.unwrap_or_default())
        }
        SessionView::KeychainUnavailable { problem } => {
            format!("unavailable {:?}", problem.code)
        }
        SessionView::NotConfigured
        | SessionView::Starting
        | SessionView::Invited { .. }
        | SessionView::SigningIn { .. }
        | SessionView::SigningOut => String::new(),
    }
}

/// Refreshes the session and prints the result.
async fn refresh_and_print(session: &Session) {
    session.refresh();
    // The task processes commands in order, so after this one the view includes the refresh.
    session.sign_in_link().await;
    let mut views = session.views();
    if let Ok(view) = views.wait_for(|view| !matches!(&*line(view), "" | "refreshing")).await {
        println!("result: {}", line(&view));
    }
}

async fn run_commands(session: &Session) -> Result<()> {
    let (sender, mut commands) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(command) = commands.recv().await {
        match command.split_once(' ').unwrap_or((&command, "")) {
            ("sign-in", _) => session.sign_in(SignInIntent::SignIn)?,
            ("link", link) => session.link(Zeroizing::new(link.as_bytes().to_vec())),
            ("refresh", _) => session.refresh(),
            ("refresh-and-print", _) => refresh_and_print(session).await,
            ("sign-out", _) => session.sign_out(scalekit_auth::SignOutScope::SharedSession)?,
            ("written", _) => {
                session.flush().await;
                println!("written");
            }
            ("retry", _) => session.retry(),
            ("retry_hint", _) => session.retry_hint(),
            (other, _) => eprintln!("unknown command {other:?}"),
        }
    }
    session.flush().await;
    Ok(())
}

/// A browser that only prints the page's URL.
struct PrintingBrowser;

impl Browser for PrintingBrowser {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        println!("opened {page}");
        Ok(())
    }
}
