//! A desktop: the state machine, its stored entries, and its events of the day.

use std::time::Duration;

use scalekit_auth::{
    Configuration, Effect, Entropy, Event, Machine, Monotonic, Now, Operation, RecordKind,
    RefreshPolicy, RefreshView, RequestPurpose, SessionView, SignInIntent, StorageKey,
    TokenRequestId, Wall,
    testing::{Interpreter, configuration, parameter},
};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    day::{self, MINUTE, SECOND},
    environment::{Environment, ResponseKind, wall},
    queue::{DesktopEvent, Queue},
};

/// The reasons for being offline, as bits: asleep.
pub const ASLEEP: u8 = 1;
/// Its own network failed.
pub const DISCONNECTED: u8 = 2;
/// Its site's network failed.
pub const SITE: u8 = 4;

/// The number of different sign-ins: each has its own `nonce`, for which an ID token is signed.
const DRAWS: u8 = 16;

/// The scheme of the application.
const SCHEME: &str = "io.latchkey.desktop";

/// The state of a session as its user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No sign-in yet.
    Before,
    /// Fresh, or being refreshed.
    Fresh,
    /// A refresh has failed, at this time.
    Delayed(u64),
    /// The session ended.
    Lost,
}

/// A desktop.
pub struct Desktop {
    machine: Machine,
    /// The entries that are loaded again: session, sign-in, journal and tombstones.
    stored: [Option<Vec<u8>>; 4],
    /// The random numbers of its day.
    pub rng: fastrand::Rng,
    /// The reasons for being offline; 0 when it is awake and connected.
    pub offline: u8,
    /// The time since which it has been online, if it is.
    pub online_since: u64,
    /// The time at which it wakes up, while it is asleep.
    pub wakes_at: u64,
    timer: Option<u64>,
    /// The time of the timer's entry in the queue.
    queued: Option<u64>,
    /// `state` and `nonce` of the sign-in in the browser.
    in_browser: Option<Box<(String, String)>>,
    /// The state of the session.
    pub status: Status,
    calls: u32,
    /// The number of requests it has sent.
    pub requests: u32,
    /// The number of refresh tokens it has sent.
    pub refreshes: u32,
}

impl Desktop {
    /// A desktop that has not been started.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        Self {
            machine: Machine::new(rng.u64(..)),
            stored: Default::default(),
            rng,
            offline: 0,
            online_since: 0,
            wakes_at: 0,
            timer: None,
            queued: None,
            in_browser: None,
            status: Status::Before,
            calls: 0,
            requests: 0,
            refreshes: 0,
        }
    }

    /// An exponentially distributed duration with this mean, in milliseconds.
    pub fn exponential(&mut self, seconds: f64) -> u64 {
        let drawn = -(1.0 - self.rng.f64()).ln() * seconds * 1000.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, at most a day"
        )]
        let drawn = drawn.min(86_400_000.0) as u64;
        drawn.max(1)
    }

    /// Whether it is awake.
    #[must_use]
    pub fn is_awake(&self) -> bool {
        self.offline & ASLEEP == 0
    }

    /// Whether a queued timer at this time is the current one.
    #[must_use]
    pub fn timer_is(&self, at: u64) -> bool {
        self.timer == Some(at)
    }

    /// The state machine alone, so that its memory can be counted.
    #[must_use]
    pub fn into_machine(self) -> Machine {
        self.machine
    }
}

/// A desktop with the rest of the simulation, at one time.
pub struct Step<'a> {
    /// Its number, by which the environment identifies it.
    pub number: u32,
    /// The desktop.
    pub desktop: &'a mut Desktop,
    /// The pending events.
    pub queue: &'a mut Queue,
    /// The environment.
    pub environment: &'a mut Environment,
    /// The current time.
    pub at: u64,
    /// The numbers of callers that got an access token, and that did not.
    pub served: &'a mut [u64; 2],
}

impl Step<'_> {
    /// Starts the program; the user begins a sign-in.
    pub fn sign_in(&mut self, policy: RefreshPolicy) {
        let configuration = Configuration { refresh: policy, ..configuration(SCHEME) };
        self.event(Event::Configured(Some(configuration)));
        let entropy = Entropy([self.desktop.rng.u8(..DRAWS) + 1; 96]);
        self.event(Event::SignIn { request: SignInIntent::SignIn.into(), entropy });
    }

    /// Delivers the redirect of the sign-in.
    pub fn callback(&mut self) {
        let Some(pending) = self.desktop.in_browser.take() else { return };
        let (state, nonce) = *pending;
        // The environment learns the nonce from the authorization request; here the code contains it.
        let link = format!("{SCHEME}://callback?code={nonce}&state={state}");
        self.event(Event::Link(Zeroizing::new(link.into_bytes())));
    }

    /// Shows the window, with a request for an access token, or hides it.
    pub fn use_window(&mut self, in_use: bool) {
        self.event(Event::InUse(in_use));
        if in_use {
            self.event(Event::UserReturned);
            self.desktop.calls += 1;
            let caller = TokenRequestId(self.desktop.calls.into());
            self.event(Event::AccessTokenRequested { caller, rejected_token: None });
        }
    }

    /// Delivers a response, or its loss.
    pub fn response(&mut self, operation: Operation, kind: ResponseKind) {
        let is_lost = self.desktop.offline != 0 && kind != ResponseKind::Unreached;
        if !self.desktop.is_awake() {
            // The computer is asleep while the response is on its way.
            let at = self.desktop.wakes_at + SECOND;
            let lost = self.lost(kind);
            self.queue.push(at, self.number, DesktopEvent::Response(operation, lost));
            return;
        }
        let kind = if is_lost { self.lost(kind) } else { kind };
        let outcome = self.environment.response(self.number, kind, self.at);
        self.event(Event::HttpCompleted(operation, outcome));
    }

    fn lost(&mut self, kind: ResponseKind) -> ResponseKind {
        if matches!(kind, ResponseKind::Tokens(..)) {
            self.environment.lose(self.number);
        }
        if kind == ResponseKind::Unreached { kind } else { ResponseKind::Lost }
    }

    /// Processes an event and everything that follows from it at the same time.
    pub fn event(&mut self, event: Event) {
        self.run(event);
        let timer = self.desktop.timer;
        if let Some(at) = timer
            && timer != self.desktop.queued
        {
            self.queue.push(at.max(self.at), self.number, DesktopEvent::Timer);
        }
        self.desktop.queued = timer;
    }

    fn send(
        &mut self,
        operation: Operation,
        purpose: RequestPurpose,
        request: &http::Request<Vec<u8>>,
    ) {
        self.desktop.requests += 1;
        self.desktop.refreshes += u32::from(purpose == RequestPurpose::Refresh);
        let (kind, takes) = if self.desktop.offline == 0 {
            let kind = self.environment.receive(self.number, purpose, request, self.at);
            (kind, self.desktop.rng.u64(60..240))
        } else {
            (ResponseKind::Unreached, self.desktop.rng.u64(5..50))
        };
        let has_response = !matches!(purpose, RequestPurpose::Revocation);
        if has_response {
            self.queue.push(self.at + takes, self.number, DesktopEvent::Response(operation, kind));
        }
    }

    fn open(&mut self, url: &Url) {
        let (Some(state), Some(nonce)) = (parameter(url, "state"), parameter(url, "nonce")) else {
            return;
        };
        self.desktop.in_browser = Some(Box::new((state, nonce)));
        let takes = self.desktop.rng.u64(15 * SECOND..2 * MINUTE);
        self.queue.push(self.at + takes, self.number, DesktopEvent::Callback);
    }

    fn show(&mut self, view: &SessionView) {
        let was = self.desktop.status;
        self.desktop.status = match view {
            SessionView::SignedIn { refresh, .. } => match (refresh, was) {
                (RefreshView::Delayed { .. }, Status::Delayed(since)) => Status::Delayed(since),
                (RefreshView::Delayed { .. }, _) => Status::Delayed(self.at),
                // During a retry the status is unchanged.
                (RefreshView::Refreshing, _) => was,
                (RefreshView::Scheduled { .. } | RefreshView::Impossible { .. }, _) => {
                    Status::Fresh
                }
            },
            SessionView::NotConfigured
            | SessionView::Starting
            | SessionView::SignedOut { .. }
            | SessionView::Invited { .. }
            | SessionView::SigningIn { .. }
            | SessionView::SigningOut
            | SessionView::KeychainUnavailable { .. } => match was {
                Status::Before => Status::Before,
                Status::Fresh | Status::Delayed(_) | Status::Lost => Status::Lost,
            },
        };
    }

    fn entry(&mut self, entry: &StorageKey) -> Option<&mut Option<Vec<u8>>> {
        let at = match entry.kind {
            RecordKind::Session => 0,
            RecordKind::SignIn => 1,
            RecordKind::Journal => 2,
            RecordKind::Ended => 3,
            // Loaded at a start only, and no desktop starts twice.
            RecordKind::Endpoints => return None,
        };
        Some(&mut self.desktop.stored[at])
    }
}

impl Interpreter for Step<'_> {
    fn step(&mut self, event: Event) -> Vec<Effect> {
        let monotonic = Monotonic(Duration::from_millis(self.at));
        self.desktop.machine.step(event, Now { monotonic, wall: Wall(wall(self.at)) })
    }

    fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Send(operation, purpose, request) => {
                self.send(operation, purpose, &request);
                None
            }
            Effect::OpenBrowser(operation, url) => {
                self.open(&url);
                Some(Event::BrowserOpened(operation, Ok(())))
            }
            Effect::Lock(operation, _) => Some(Event::Locked(operation, Ok(()))),
            Effect::Load(operation, entry) => {
                let found = self.entry(&entry).and_then(|entry| entry.clone()).map(Zeroizing::new);
                Some(Event::Loaded(operation, Ok(found)))
            }
            Effect::Store(operation, entry, bytes) => {
                if let Some(entry) = self.entry(&entry) {
                    *entry = Some(bytes.to_vec());
                }
                Some(Event::Stored(operation, Ok(())))
            }
            Effect::Append(operation, entry, line) => {
                if let Some(entry) = self.entry(&entry) {
                    entry.get_or_insert_default().extend(line);
                }
                Some(Event::Stored(operation, Ok(())))
            }
            Effect::Delete(operation, entry, _) => {
                if let Some(entry) = self.entry(&entry) {
                    *entry = None;
                }
                Some(Event::Deleted(operation, Ok(())))
            }
            Effect::CompleteTokenRequest(_, outcome) => {
                self.served[usize::from(outcome.is_err())] += 1;
                None
            }
            Effect::FetchPicture(operation, ..) => Some(Event::PictureFetched(operation, None)),
            Effect::SetTimer(at) => {
                let millis = |at: Monotonic| {
                    u64::try_from(at.0.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
                };
                self.desktop.timer = at.map(millis);
                None
            }
            Effect::PublishView(view) => {
                self.show(&view);
                None
            }
            Effect::Unlock(_)
            | Effect::BringToFront
            | Effect::Listen(..)
            | Effect::StopListening(_) => None,
        }
    }
}

/// The time of a user's sign-in: around nine.
pub fn sign_in_time(rng: &mut fastrand::Rng) -> u64 {
    // The sum of twelve uniform numbers is nearly normal, with a standard deviation of one.
    let normal = (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day are exact in a double")]
    let offset = (normal * day::SIGN_INS_SPREAD as f64).clamp(-3_600_000.0, 3_600_000.0);
    #[expect(clippy::cast_possible_truncation, reason = "an hour at most")]
    day::SIGN_INS.saturating_add_signed(offset as i64)
}
