//! The one task that owns the machine.

use std::{collections::HashMap, io, sync::Arc};

use scalekit_auth::{
    AccountKey, Effect, Event, IssuedToken, Machine, Monotonic, Operation, RecordKind, Secret,
    SessionView, StorageKey, TokenRequestId, TokenUnavailable,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Platform,
    storage_queue::{StorageJob, StorageQueue},
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
    platform: Arc<Platform>,
    inputs: mpsc::UnboundedReceiver<Command>,
    views: watch::Sender<SessionView>,
    callers: HashMap<TokenRequestId, oneshot::Sender<Result<IssuedToken, TokenUnavailable>>>,
    calls: u64,
    /// Those who wait until everything is kept.
    waiting: Vec<oneshot::Sender<()>>,
    wakes_at: Option<Monotonic>,
}

impl SessionTask {
    pub(super) fn new(
        platform: Platform,
        inputs: mpsc::UnboundedReceiver<Command>,
        views: watch::Sender<SessionView>,
    ) -> Self {
        let mut seed = [0; 8];
        // Without chance the refreshes of many desktops are spread less well; nothing else depends on it.
        let _ = entropy::fill(&mut seed);
        Self {
            machine: Machine::new(u64::from_ne_bytes(seed)),
            platform: Arc::new(platform),
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
    pub async fn run(mut self) -> Result<(), SessionTaskPanicked> {
        let (events_out, mut events) = mpsc::unbounded_channel();
        let events_out = TaskEventSender(events_out);
        let mut storage = StorageQueue::start(Arc::clone(&self.platform), events_out.clone());
        let mut networks = NetworkMonitor::watch();
        loop {
            tokio::select! {
                Some(happening) = events.recv() => {
                    let event = storage.take_in(happening)?;
                    self.step(event, &mut storage, &events_out);
                }
                input = self.inputs.recv() => match input {
                    Some(Command::Event(event)) => self.step(*event, &mut storage, &events_out),
                    Some(Command::Link(link, _room)) => {
                        self.step(Event::Link(link), &mut storage, &events_out);
                    }
                    Some(Command::SignInLink(answer)) => {
                        let _ = answer.send(self.machine.sign_in_link());
                    }
                    Some(Command::AccessToken(refused, answer)) => {
                        self.calls += 1;
                        let caller = TokenRequestId(self.calls);
                        self.callers.insert(caller, answer);
                        let event = Event::AccessTokenRequested { caller, rejected_token: refused };
                        self.step(event, &mut storage, &events_out);
                    }
                    Some(Command::Flush(answer)) => {
                        self.waiting.push(answer);
                        self.complete_flushes(&storage);
                    }
                    None => return Ok(()),
                },
                () = wake(self.wakes_at) => self.step(Event::TimerFired, &mut storage, &events_out),
                () = networks.changed() => self.step(Event::RetryHint, &mut storage, &events_out),
            }
        }
    }

    /// Runs the session, and does this when a fault has stopped it, a panic included.
    pub async fn run_supervised(self, on_crash: impl FnOnce()) {
        match tokio::spawn(self.run()).await {
            Ok(Ok(())) => {}
            // Stopped with the runtime, at the program's end.
            Err(why) if why.is_cancelled() => {}
            Ok(Err(SessionTaskPanicked)) | Err(_) => on_crash(),
        }
    }

    fn step(&mut self, event: Event, storage: &mut StorageQueue, events_out: &TaskEventSender) {
        if matches!(event, Event::Refresh) {
            fail_point::reached(FailPoint::RefreshRequested);
        }
        if matches!(event, Event::SignIn { .. } | Event::AcceptInvitation { .. } | Event::Retry) {
            self.platform.keychain.user_is_here();
        }
        for effect in self.machine.step(event, clock::now()) {
            self.perform(effect, storage, events_out);
        }
        self.complete_flushes(storage);
    }

    fn complete_flushes(&mut self, storage: &StorageQueue) {
        if self.machine.is_quiescent() {
            for answer in self.waiting.drain(..) {
                storage.enqueue(StorageJob::Flush(answer));
            }
        }
    }

    fn perform(
        &mut self,
        effect: Effect,
        storage: &mut StorageQueue,
        events_out: &TaskEventSender,
    ) {
        match effect {
            Effect::Send(operation, request) => {
                let (http, events_out) = (self.platform.http.clone(), events_out.clone());
                let is_token = request.uri().path().ends_with("/token");
                tokio::spawn(async move {
                    let answered = Event::HttpCompleted(operation, http.send(request).await);
                    if is_token {
                        fail_point::reached(FailPoint::ResponseReceived);
                    }
                    events_out.send(answered);
                });
            }
            Effect::OpenBrowser(operation, url) => {
                let (browser, events_out) =
                    (Arc::clone(&self.platform.browser), events_out.clone());
                tokio::task::spawn_blocking(move || {
                    let outcome = browser.open(&url).map_err(|failure| failure.to_string());
                    events_out.send(Event::BrowserOpened(operation, outcome));
                });
            }
            Effect::Lock(operation, account) => self.ask_for_lock(operation, account, events_out),
            Effect::Unlock(operation) => storage.release(operation),
            Effect::Load(operation, entry) => storage.enqueue(StorageJob::Load(operation, entry)),
            Effect::Store(operation, entry, bytes) => {
                storage.enqueue(StorageJob::Store(operation, entry, bytes));
            }
            Effect::Append(operation, entry, line) => {
                storage.enqueue(StorageJob::Append(operation, entry, line));
            }
            Effect::Delete(operation, entry, session) => {
                storage.enqueue(StorageJob::Clear(operation, entry, session));
            }
            Effect::CompleteTokenRequest(caller, answer) => {
                if let Some(waiting) = self.callers.remove(&caller) {
                    let _ = waiting.send(answer);
                }
            }
            Effect::FetchPicture(operation, address, is_local) => {
                let (http, events_out) = (self.platform.http.clone(), events_out.clone());
                tokio::spawn(async move {
                    let picture = fetch_picture(&http, &address, is_local).await;
                    events_out.send(Event::PictureFetched(operation, picture));
                });
            }
            Effect::SetTimer(at) => self.wakes_at = at,
            Effect::BringToFront => (self.platform.bring_to_front)(),
            Effect::PublishView(view) => {
                let _ = self.views.send(view);
            }
        }
    }

    fn ask_for_lock(
        &self,
        operation: Operation,
        account: AccountKey,
        events_out: &TaskEventSender,
    ) {
        let name = format!("{}.lock", StorageKey { account, kind: RecordKind::Session }.name());
        let events_out = events_out.clone();
        lock(&self.platform.files.path(&name), move |outcome| {
            let _ = events_out.0.send(TaskEvent::Locked(operation, outcome));
        });
    }
}

/// A fault in the program has stopped the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fault in the program has stopped the session")]
pub struct SessionTaskPanicked;

/// What the session's handles ask for.
pub(super) enum Command {
    Event(Box<Event>),
    /// A link, and its place among those that wait.
    Link(Zeroizing<Vec<u8>>, OwnedSemaphorePermit),
    SignInLink(oneshot::Sender<Option<Url>>),
    AccessToken(Option<Secret>, oneshot::Sender<Result<IssuedToken, TokenUnavailable>>),
    Flush(oneshot::Sender<()>),
}

/// What came of something that was under way.
pub(super) enum TaskEvent {
    Event(Box<Event>),
    Locked(Operation, io::Result<HeldLock>),
    Panicked,
}

/// Where those who work for the session say what came of it.
#[derive(Clone)]
pub(super) struct TaskEventSender(mpsc::UnboundedSender<TaskEvent>);

impl TaskEventSender {
    pub(super) fn send(&self, event: Event) {
        let _ = self.0.send(TaskEvent::Event(Box::new(event)));
    }
}

impl Drop for TaskEventSender {
    /// Whoever panics says nothing more, and the session would wait for it for good.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.0.send(TaskEvent::Panicked);
        }
    }
}

async fn wake(at: Option<Monotonic>) {
    match at {
        Some(at) => clock::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
