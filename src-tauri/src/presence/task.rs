//! Updates tray and notification with the session's views, and performs the user's actions there. The task starts when
//! the window has been shown, and nothing waits for it: a desktop whose bus hangs has no tray.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use scalekit_auth::{SessionView, SignInIntent, SignOutScope};
use tauri::{AppHandle, Manager, Runtime, async_runtime::spawn};
use tauri_plugin_scalekit::{ScalekitExt, Session, bring_to_front};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    time::timeout,
};
use zbus::{Connection, connection};

use crate::{
    preferences::{file::PreferencesFile, window_language},
    presence::{
        content::{Action, Announcer, Change, TrayView},
        notifications::{self, Command},
        tray, tray_texts, user_return,
    },
    texts::wording::Wording,
};

/// The timeout of a call on the bus, which may first have to start a notification daemon.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a start without a window waits for a tray: a panel may start after the programs of the session.
const TRAY_TIMEOUT: Duration = Duration::from_secs(15);

/// The connection between the presence task and the rest of the application.
pub struct Presence {
    /// Whether there is a tray; none while that is unknown.
    is_there: watch::Sender<Option<bool>>,
    /// Whether the window is in front.
    in_front: watch::Sender<bool>,
    /// Counts the changes of the preferences.
    preferences: watch::Sender<u32>,
    /// Whether the window starts hidden. Taken when the page has first loaded.
    in_background: Mutex<Option<bool>>,
}

impl Presence {
    /// The state before the page has loaded. In the background the window stays hidden where there is a tray.
    pub fn new(in_background: bool) -> Self {
        Self {
            is_there: watch::Sender::new(None),
            in_front: watch::Sender::new(false),
            preferences: watch::Sender::new(0),
            in_background: Mutex::new(Some(in_background)),
        }
    }

    /// Whether there is a tray.
    pub fn has_tray(&self) -> bool {
        *self.is_there.borrow() == Some(true)
    }

    /// Reports that the window has come to the front, or no longer is.
    pub fn focused(&self, in_front: bool) {
        self.in_front.send_replace(in_front);
    }

    /// Reports that the preferences have changed.
    pub fn preferences_changed(&self) {
        self.preferences.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whether the window starts hidden.
    #[must_use]
    pub fn starts_hidden(&self) -> bool {
        *self.in_background.lock().unwrap_or_else(PoisonError::into_inner) == Some(true)
    }

    /// Reports that the page has loaded, possibly again. The first time, the tray is created.
    pub fn page_loaded<R: Runtime>(&self, window: &tauri::Window<R>) {
        let mut start = self.in_background.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(in_background) = start.take() else { return };
        let app = window.app_handle().clone();
        if in_background {
            spawn(show_without_tray(app.clone()));
        }
        spawn(run(app));
    }
}

/// Shows a window that was started hidden if there is no tray.
async fn show_without_tray<R: Runtime>(app: AppHandle<R>) {
    let mut is_there = app.state::<Presence>().is_there.subscribe();
    let found = is_there.wait_for(|is_there| *is_there == Some(true));
    let has_tray = timeout(TRAY_TIMEOUT, found).await.is_ok_and(|found| found.is_ok());
    if !has_tray {
        tracing::info!("the window is shown, as there is no tray");
        for window in app.webview_windows().values() {
            let _ = window.show();
        }
    }
}

async fn run<R: Runtime>(app: AppHandle<R>) {
    let (sender, actions) = unbounded_channel();
    let (commands, to_notifier) = unbounded_channel();
    let (show, shown) = watch::channel(current(&app, &app.scalekit().session().views().borrow()));
    let on_bus = app.clone();
    spawn(async move {
        let presence = on_bus.state::<Presence>();
        let is_there = &presence.is_there;
        if let Err(why) =
            serve(shown, to_notifier, &sender, is_there, on_bus.scalekit().session()).await
        {
            tracing::debug!(%why, "the session bus shows no tray and no notifications");
        }
        is_there.send_replace(Some(false));
    });
    attend(app, actions, &commands, &show).await;
}

/// Runs everything that needs the session bus until the connection is lost.
async fn serve(
    shown: watch::Receiver<tray::Shown>,
    commands: UnboundedReceiver<Command>,
    actions: &UnboundedSender<Action>,
    is_there: &watch::Sender<Option<bool>>,
    session: &Session,
) -> zbus::Result<()> {
    let bus = connect().await?;
    tokio::select! {
        ended = tray::serve(&bus, shown, actions.clone(), is_there) => ended,
        ended = notifications::serve(&bus, commands, actions) => ended,
        ended = user_return::serve(&bus, session) => ended,
    }
}

async fn connect() -> zbus::Result<Connection> {
    connection::Builder::session()?.method_timeout(CALL_TIMEOUT).build().await
}

/// Updates tray and notification, and performs the user's actions in order.
async fn attend<R: Runtime>(
    app: AppHandle<R>,
    mut actions: UnboundedReceiver<Action>,
    commands: &UnboundedSender<Command>,
    show: &watch::Sender<tray::Shown>,
) {
    let presence = app.state::<Presence>();
    let (mut in_front, mut preferences) =
        (presence.in_front.subscribe(), presence.preferences.subscribe());
    let mut views = app.scalekit().session().views();
    let mut announcer = Announcer::default();
    // A second click before the session's next view must not open a second browser tab.
    let mut signs_in = false;
    loop {
        let view = views.borrow_and_update().clone();
        show.send_if_modified(|shown| {
            let next = current(&app, &view);
            let is_other = *shown != next;
            *shown = next;
            is_other
        });
        let is_in_front = *in_front.borrow_and_update();
        if let Some(change) = announcer.next(&view, is_in_front) {
            tracing::debug!(?change, "what becomes of the notification");
            let _ = commands.send(command(&app, change, &view));
        }
        tokio::select! {
            changed = views.changed() => {
                signs_in = false;
                if changed.is_err() {
                    return;
                }
            }
            Ok(()) = in_front.changed() => {}
            Ok(()) = preferences.changed() => {}
            // The channel is closed where there is no bus.
            Some(action) = actions.recv() => match action {
                Action::NoticeClosed => announcer.closed(),
                Action::SignIn | Action::SignInFromNotice => {
                    if can_sign_in(&view) && !std::mem::replace(&mut signs_in, true) {
                        sign_in(app.scalekit().session());
                    }
                }
                Action::SignOut => sign_out(app.scalekit().session()),
                Action::Open { token } => bring_to_front(&app, token),
                Action::Quit => app.exit(0),
            },
        }
    }
}

fn can_sign_in(view: &SessionView) -> bool {
    matches!(view, SessionView::SignedOut { .. } | SessionView::SignedIn { .. })
}

fn sign_in(session: &Session) {
    if let Err(why) = session.sign_in(SignInIntent::SignIn) {
        tracing::warn!(why = why.message, "the sign-in could not begin");
    }
}

fn sign_out(session: &Session) {
    if let Err(why) = session.sign_out(SignOutScope::default()) {
        tracing::warn!(why = why.message, "the sign-out could not begin");
    }
}

fn command<R: Runtime>(app: &AppHandle<R>, change: Change, view: &SessionView) -> Command {
    let texts =
        |notice| tray_texts::notice(wording(app), notice, TrayView::of(view).name.as_deref());
    match change {
        Change::Show(notice) => Command::Show(texts(notice)),
        Change::Replace(notice) => Command::Replace(texts(notice)),
        Change::Close => Command::Close,
    }
}

fn current<R: Runtime>(app: &AppHandle<R>, view: &SessionView) -> tray::Shown {
    let (view, wording) = (TrayView::of(view), wording(app));
    tray::Shown {
        icon: view.state.icon(),
        menu: tray_texts::menu(wording, &view),
        is_rtl: wording.language.is_rtl(),
    }
}

fn wording<R: Runtime>(app: &AppHandle<R>) -> Wording<'_> {
    let language = window_language::of(Some(app.state::<PreferencesFile>().inner()));
    Wording { language, app: &app.package_info().name }
}
