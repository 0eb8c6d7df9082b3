//! A prototype of a closed window: this process has the session, the keychain and the network, and no toolkit; the
//! window is a separate process, which ends when it is closed, and receives the view over a local socket. A line on
//! standard input is a command: `open` or `close`.

use std::{
    error::Error,
    io::BufRead,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::Arc,
};

use scalekit_auth::{ClientId, Configuration, EnvironmentUrl, RedirectUris};
use scalekit_auth_native::{
    Files, HttpClient, Keychain, Platform, Session, SystemBrowser, english_loopback_text, harden,
    session,
};
use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
    sync::mpsc::unbounded_channel,
};

/// Latchkey's identifier, so that its session is found.
const IDENTIFIER: &str = "io.latchkey.desktop";

// As in Latchkey: freed memory is wiped, which takes time.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

// One thread, as no task computes for long.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    harden();
    let variable = |name| std::env::var(name);
    let configuration = Configuration::new(
        EnvironmentUrl::parse(&variable("SCALEKIT_ENVIRONMENT_URL")?)?,
        ClientId::parse(&variable("SCALEKIT_CLIENT_ID")?)?,
        RedirectUris::with_scheme(IDENTIFIER)?,
    );
    let (session, task) = session(Platform {
        http: HttpClient::new("Latchkey-bench/0"),
        keychain: Keychain::system(IDENTIFIER),
        files: Files::new(format!("{}/{IDENTIFIER}", variable("XDG_DATA_HOME")?)),
        browser: Arc::new(SystemBrowser),
        loopback_texts: Arc::new(english_loopback_text),
        bring_to_front: Box::new(|| {}),
    });
    tokio::spawn(task.run_supervised(|| std::process::exit(1)));
    session.configure(Some(configuration));
    let socket = PathBuf::from(variable("XDG_RUNTIME_DIR")?).join("latchkey-bench-closed-process");
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket)?;
    let (sender, mut commands) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut window = None::<Child>;
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                tokio::spawn(show(stream, session.clone()));
            }
            Some(command) = commands.recv() => match (&*command, window.take()) {
                ("open", None) => window = Some(open(&socket)?),
                ("close", Some(mut open)) => {
                    open.kill()?;
                    open.wait()?;
                }
                (_, before) => window = before,
            },
            else => return Ok(()),
        }
    }
}

fn open(socket: &Path) -> std::io::Result<Child> {
    let program = std::env::current_exe()?.with_file_name("latchkey-bench-closed-process-window");
    Command::new(program).arg(socket).spawn()
}

/// Sends every view, until the window's process has ended.
async fn show(mut stream: UnixStream, session: Session) {
    let mut views = session.views();
    loop {
        let line = serde_json::to_vec(&*views.borrow_and_update());
        let Ok(mut line) = line else { return };
        line.push(b'\n');
        if stream.write_all(&line).await.is_err() || views.changed().await.is_err() {
            return;
        }
    }
}
