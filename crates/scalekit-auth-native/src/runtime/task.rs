//! The one task that owns the machine.

use std::{collections::HashMap, io, sync::Arc};

use scalekit_auth::{
    machine::{Effect, Event, IssuedToken, Machine, Operation, TokenRequestId, TokenUnavailable},
    record::{AccountKey, RecordKind, StorageKey},
    secret::Secret,
    time::Monotonic,
    view::SessionView,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Platform,
    keep::{Keep, StorageJob},
};
use crate::{
    clock, entropy,
    fail_point::{self, FailPoint},
    lock::{HeldLock, lock},
    network::NetworkMonitor,
    picture::fetch_picture,
};

/// The task behind a [`Session`](super::Session). It runs until the last clone of that is gone.
pub struct SessionTask {
    machine: Machine,
    hands: Arc<Platform>,
    inputs: mpsc::UnboundedReceiver<Input>,
    views: watch::Sender<SessionView>,
    callers: HashMap<TokenRequestId, oneshot::Sender<Result<IssuedToken, TokenUnavailable>>>,
    calls: u64,
    /// Those who wait until everything is kept.
    waiting: Vec<oneshot::Sender<()>>,
    wakes_at: Option<Monotonic>,
}

impl SessionTask {
    pub(super) fn new(
        hands: Platform,
        inputs: mpsc::UnboundedReceiver<Input>,
        views: watch::Sender<SessionView>,
    ) -> Self {
        let mut seed = [0; 8];
        // Without chance the refreshes of many desktops are spread less well; nothing else depends on it.
        let _ = entropy::fill(&mut seed);
        Self {
            machine: Machine::new(u64::from_ne_bytes(seed)),
            hands: Arc::new(hands),
            inputs,
            views,
            callers: HashMap::new(),
            calls: 0,
            waiting: Vec::new(),
            wakes_at: None,
        }
    }

    /// Runs the session.
    ///
    /// # Errors
    /// When a fault in the program has stopped it. The session is then kept as after a crash.
    pub async fn run(mut self) -> Result<(), Fault> {
        let (happened, mut events) = mpsc::unbounded_channel();
        let happened = TaskEventSender(happened);
        let mut keychain = Keep::start(Arc::clone(&self.hands), happened.clone());
        let mut networks = NetworkMonitor::watch();
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
                        let caller = TokenRequestId(self.calls);
                        self.callers.insert(caller, answer);
                        let event = Event::AccessTokenRequested { caller, rejected_token: refused };
                        self.step(event, &mut keychain, &happened);
                    }
                    Some(Input::Written(answer)) => {
                        self.waiting.push(answer);
                        self.answer_waiting(&keychain);
                    }
                    None => return Ok(()),
                },
                () = wake(self.wakes_at) => self.step(Event::TimerFired, &mut keychain, &happened),
                () = networks.changed() => self.step(Event::RetryHint, &mut keychain, &happened),
            }
        }
    }

    /// Runs the session, and does this when a fault has stopped it, a panic included.
    pub async fn run_or(self, after_fault: impl FnOnce()) {
        match tokio::spawn(self.run()).await {
            Ok(Ok(())) => {}
            // Stopped with the runtime, at the program's end.
            Err(why) if why.is_cancelled() => {}
            Ok(Err(Fault)) | Err(_) => after_fault(),
        }
    }

    fn step(&mut self, event: Event, keychain: &mut Keep, happened: &TaskEventSender) {
        if matches!(event, Event::Refresh) {
            fail_point::reached(FailPoint::Wished);
        }
        if matches!(event, Event::SignIn { .. } | Event::AcceptInvitation { .. } | Event::Retry) {
            self.hands.keychain.user_is_here();
        }
        for effect in self.machine.step(event, clock::now()) {
            self.perform(effect, keychain, happened);
        }
        self.answer_waiting(keychain);
    }

    fn answer_waiting(&mut self, keychain: &Keep) {
        if self.machine.is_quiescent() {
            for answer in self.waiting.drain(..) {
                keychain.does(StorageJob::Written(answer));
            }
        }
    }

    fn perform(&mut self, effect: Effect, keychain: &mut Keep, happened: &TaskEventSender) {
        match effect {
            Effect::Send(operation, request) => {
                let (http, happened) = (self.hands.http.clone(), happened.clone());
                let is_token = request.uri().path().ends_with("/token");
                tokio::spawn(async move {
                    let answered = Event::HttpCompleted(operation, http.send(request).await);
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
            Effect::Lock(operation, account) => self.ask_for_lock(operation, account, happened),
            Effect::Unlock(operation) => keychain.release(operation),
            Effect::Load(operation, entry) => keychain.does(StorageJob::Load(operation, entry)),
            Effect::Store(operation, entry, bytes) => {
                keychain.does(StorageJob::Store(operation, entry, bytes));
            }
            Effect::Append(operation, entry, line) => {
                keychain.does(StorageJob::Append(operation, entry, line));
            }
            Effect::Delete(operation, entry, session) => {
                keychain.does(StorageJob::Clear(operation, entry, session));
            }
            Effect::CompleteTokenRequest(caller, answer) => {
                if let Some(waiting) = self.callers.remove(&caller) {
                    let _ = waiting.send(answer);
                }
            }
            Effect::FetchPicture(operation, address, is_local) => {
                let (http, happened) = (self.hands.http.clone(), happened.clone());
                tokio::spawn(async move {
                    let picture = fetch_picture(&http, &address, is_local).await;
                    happened.say(Event::PictureFetched(operation, picture));
                });
            }
            Effect::SetTimer(at) => self.wakes_at = at,
            Effect::BringToFront => (self.hands.bring_to_front)(),
            Effect::PublishView(view) => {
                let _ = self.views.send(view);
            }
        }
    }

    fn ask_for_lock(&self, operation: Operation, account: AccountKey, happened: &TaskEventSender) {
        let name = format!("{}.lock", StorageKey { account, kind: RecordKind::Session }.name());
        let happened = happened.clone();
        lock(&self.hands.files.path(&name), move |outcome| {
            let _ = happened.0.send(TaskEvent::Locked(operation, outcome));
        });
    }
}

/// A fault in the program has stopped the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fault in the program has stopped the session")]
pub struct Fault;

/// What the session's handles ask for.
pub(super) enum Input {
    Event(Box<Event>),
    /// A link, and its place among those that wait.
    Link(Zeroizing<Vec<u8>>, OwnedSemaphorePermit),
    SignInLink(oneshot::Sender<Option<Url>>),
    AccessToken(Option<Secret>, oneshot::Sender<Result<IssuedToken, TokenUnavailable>>),
    Written(oneshot::Sender<()>),
}

/// What came of something that was under way.
pub(super) enum TaskEvent {
    Event(Box<Event>),
    Locked(Operation, io::Result<HeldLock>),
    Fault,
}

/// Where those who work for the session say what came of it.
#[derive(Clone)]
pub(super) struct TaskEventSender(mpsc::UnboundedSender<TaskEvent>);

impl TaskEventSender {
    pub(super) fn say(&self, event: Event) {
        let _ = self.0.send(TaskEvent::Event(Box::new(event)));
    }
}

impl Drop for TaskEventSender {
    /// Whoever panics says nothing more, and the session would wait for it for good.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.0.send(TaskEvent::Fault);
        }
    }
}

async fn wake(at: Option<Monotonic>) {
    match at {
        Some(at) => clock::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
