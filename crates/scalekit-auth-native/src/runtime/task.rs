//! The task that owns the state machine.

use std::sync::Arc;

use scalekit_auth::{
    Effect, Event, IssuedToken, Machine, Monotonic, OpenBrowserError, Secret, SessionView,
    TokenUnavailable,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use url::Url;
use zeroize::Zeroizing;

use super::{
    event::{SessionTaskPanicked, TaskEvent, TaskEventSender},
    listeners::Listeners,
    lock_table::LockTable,
    platform::Platform,
    storage_queue::{StorageJob, StorageQueue},
    token_cache::{TokenCache, TokenPublisher},
    waiting_callers::WaitingCallers,
};
use crate::{
    clock, entropy, fail_point::fail_point, network::NetworkMonitor, picture::fetch_picture,
};

/// The limit of commands that are processed in one iteration of the loop.
const MAX_COMMANDS_PER_ITERATION: usize = 256;

/// The task of a [`Session`](super::Session). It runs until the last clone of that is dropped.
pub struct SessionTask {
    machine: Machine,
    platform: Arc<Platform>,
    inputs: mpsc::UnboundedReceiver<Command>,
    views: watch::Sender<SessionView>,
    callers: WaitingCallers,
    tokens: TokenPublisher,
    /// Callers that wait until everything is stored.
    waiting: Vec<oneshot::Sender<()>>,
    wakes_at: Option<Monotonic>,
}

impl SessionTask {
    pub(super) fn new(
        platform: Platform,
        inputs: mpsc::UnboundedReceiver<Command>,
        views: watch::Sender<SessionView>,
        tokens: Arc<TokenCache>,
    ) -> Self {
        let mut seed = [0; 8];
        // Without a random seed the refreshes of many desktops are spread less evenly; nothing else depends on it.
        let _ = entropy::fill(&mut seed);
        Self {
            machine: Machine::new(u64::from_ne_bytes(seed)),
            platform: Arc::new(platform),
            inputs,
            views,
            callers: WaitingCallers::default(),
            tokens: TokenPublisher(tokens),
            waiting: Vec::new(),
            wakes_at: None,
        }
    }

    /// Runs the session.
    ///
    /// # Errors
    /// When a panic has stopped it. The stored session is then as after a crash.
    pub async fn run(mut self) -> Result<(), SessionTaskPanicked> {
        let (events_out, mut events) = TaskEventSender::new();
        let storage = StorageQueue::start(Arc::clone(&self.platform), events_out.clone());
        let mut workers = Workers {
            locks: LockTable::new(storage.clone()),
            storage,
            listeners: Listeners::default(),
            events_out,
        };
        let mut networks = NetworkMonitor::watch();
        loop {
            tokio::select! {
                Some(event) = events.recv() => match event {
                    TaskEvent::Event(event) => self.step(*event, &mut workers),
                    TaskEvent::Locked(operation, outcome) => {
                        let event = workers.locks.granted(operation, outcome);
                        self.step(event, &mut workers);
                    }
                    TaskEvent::Panicked => return Err(SessionTaskPanicked),
                },
                input = self.inputs.recv() => match input {
                    Some(command) => {
                        self.carry_out(command, &mut workers);
                        self.carry_out_waiting(&mut workers);
                    }
                    None => return Ok(()),
                },
                () = wake(self.wakes_at) => self.step(Event::TimerFired, &mut workers),
                network = networks.changed() => {
                    self.step(Event::NetworkChanged(network), &mut workers);
                }
            }
        }
    }

    /// Runs the session, and calls `on_crash` when a panic has stopped it.
    pub async fn run_supervised(self, on_crash: impl FnOnce()) {
        match tokio::spawn(self.run()).await {
            Ok(Ok(())) => {}
            // Cancelled with the runtime, at the end of the program.
            Err(why) if why.is_cancelled() => {}
            Ok(Err(SessionTaskPanicked)) | Err(_) => on_crash(),
        }
    }

    /// Processes queued commands: each iteration of the loop sets a timer, which takes longer than a caller.
    fn carry_out_waiting(&mut self, workers: &mut Workers) {
        for _ in 0..MAX_COMMANDS_PER_ITERATION {
            let Ok(command) = self.inputs.try_recv() else { return };
            self.carry_out(command, workers);
        }
    }

    fn carry_out(&mut self, command: Command, workers: &mut Workers) {
        match command {
            Command::Event(event) => self.step(*event, workers),
            Command::Link(link, _room) => self.step(Event::Link(link), workers),
            Command::SignInLink(reply) => {
                let _ = reply.send(self.machine.sign_in_link());
            }
            Command::AccessToken(rejected_token, reply) => {
                let now = clock::monotonic();
                if let Some(caller) = self.callers.add(reply, rejected_token.as_ref(), now) {
                    self.step(Event::AccessTokenRequested { caller, rejected_token }, workers);
                }
            }
            Command::Flush(reply) => {
                self.waiting.push(reply);
                self.complete_flushes(&workers.storage);
            }
        }
        self.tokens.0.command_done();
    }

    fn step(&mut self, event: Event, workers: &mut Workers) {
        fail_point!(RefreshRequested if matches!(event, Event::Refresh));
        if matches!(event, Event::SignIn { .. } | Event::AcceptInvitation { .. } | Event::Retry) {
            self.platform.keychain.allow_prompt();
        }
        for effect in self.machine.step(event, clock::now()) {
            self.perform(effect, workers);
        }
        self.tokens.0.publish(self.machine.cached_access_token());
        self.complete_flushes(&workers.storage);
    }

    fn complete_flushes(&mut self, storage: &StorageQueue) {
        if self.machine.is_quiescent() {
            for reply in self.waiting.drain(..) {
                storage.enqueue(StorageJob::Flush(reply));
            }
        }
    }

    fn perform(&mut self, effect: Effect, workers: &mut Workers) {
        let Workers { storage, locks, listeners, events_out } = workers;
        match effect {
            Effect::Send(operation, purpose, request) => {
                tracing::trace!(?operation, ?purpose, "a request is sent");
                let (http, events_out) = (self.platform.http.clone(), events_out.clone());
                tokio::spawn(async move {
                    let completed = Event::HttpCompleted(operation, http.send(request).await);
                    fail_point!(
                        ResponseReceived if matches!(
                            purpose,
                            scalekit_auth::RequestPurpose::CodeExchange
                                | scalekit_auth::RequestPurpose::Refresh
                        )
                    );
                    events_out.send(completed);
                });
            }
            Effect::OpenBrowser(operation, url) => {
                let (browser, events_out) =
                    (Arc::clone(&self.platform.browser), events_out.clone());
                tokio::task::spawn_blocking(move || {
                    let outcome =
                        browser.open(&url).map_err(|failure| OpenBrowserError(failure.to_string()));
                    events_out.send(Event::BrowserOpened(operation, outcome));
                });
            }
            Effect::Lock(operation, account) => {
                LockTable::request(&self.platform.files, operation, account, events_out.clone());
            }
            Effect::Unlock(operation) => locks.release(operation),
            Effect::Load(operation, entry) => storage.enqueue(StorageJob::Load(operation, entry)),
            Effect::Store(operation, entry, bytes) => {
                storage.enqueue(StorageJob::Store(operation, entry, bytes));
            }
            Effect::Append(operation, entry, line) => {
                storage.enqueue(StorageJob::Append(operation, entry, line));
            }
            Effect::Delete(operation, entry, only) => {
                storage.enqueue(StorageJob::Delete(operation, entry, only));
            }
            Effect::CompleteTokenRequest(caller, reply) => {
                self.callers.complete(caller, &reply);
            }
            Effect::FetchPicture(operation, address, is_local) => {
                let (http, events_out) = (self.platform.http.clone(), events_out.clone());
                tokio::spawn(async move {
                    let picture = fetch_picture(&http, &address, is_local).await;
                    events_out.send(Event::PictureFetched(operation, picture));
                });
            }
            Effect::Listen(operation, port, state) => {
                let texts = Arc::clone(&self.platform.loopback_texts);
                listeners.start(operation, port, state, texts, events_out.clone());
            }
            Effect::StopListening(operation) => listeners.stop(operation),
            Effect::SetTimer(at) => self.wakes_at = at,
            Effect::BringToFront => (self.platform.bring_to_front)(),
            Effect::PublishView(view) => {
                let is_signed_in =
                    |view: &SessionView| matches!(view, SessionView::SignedIn { .. });
                if is_signed_in(&view) && !is_signed_in(&self.views.borrow()) {
                    tracing::debug!("the session is signed in");
                }
                let _ = self.views.send(view);
            }
        }
    }
}

/// The parts that perform effects outside of the task.
struct Workers {
    storage: StorageQueue,
    locks: LockTable,
    listeners: Listeners,
    events_out: TaskEventSender,
}

/// A command of the session's handles.
pub(super) enum Command {
    Event(Box<Event>),
    /// A link, and its permit in the queue.
    Link(Zeroizing<Vec<u8>>, OwnedSemaphorePermit),
    SignInLink(oneshot::Sender<Option<Url>>),
    AccessToken(Option<Secret>, oneshot::Sender<Result<IssuedToken, TokenUnavailable>>),
    Flush(oneshot::Sender<()>),
}

async fn wake(at: Option<Monotonic>) {
    match at {
        Some(at) => clock::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
