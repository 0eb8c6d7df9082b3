//! The harness: the machine, a clock that the target advances, a keychain in memory, and an environment with
//! the responses of the target.

use std::{collections::HashMap, time::Duration};

use scalekit_auth::{
    configuration::Configuration,
    protocol::{authorization_request::Entropy, http_response::HttpOutcome},
    session::{Effect, Event, ListenError, Machine, Operation},
    storage::record::{RecordKind, StorageKey},
    testing::{self, Interpreter, discovery},
    time::{Monotonic, Now, Wall},
    view::{SessionView, SignInIntent},
};
use url::Url;
use zeroize::Zeroizing;

use crate::http_response::http_response;

pub(crate) use scalekit_auth::testing::ISSUER;

/// The redirect URI of the application at the harness.
pub(crate) const CALLBACK: &str = "com.example.app://callback";

pub(crate) struct Harness {
    machine: Machine,
    pub(crate) now: Now,
    pub(crate) keychain: HashMap<RecordKind, Vec<u8>>,
    /// Entries that were written or deleted, in order.
    pub(crate) touched: Vec<RecordKind>,
    pub(crate) requests: Vec<(Operation, http::Request<Vec<u8>>)>,
    pub(crate) opened: Vec<Url>,
    pub(crate) view: SessionView,
    /// The number of effects so far.
    pub(crate) effects: usize,
    wakes_at: Option<Monotonic>,
}

impl Interpreter for Harness {
    fn step(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.machine.step(event, self.now);
        self.effects += effects.len();
        effects
    }

    fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Send(operation, _, request) => self.requests.push((operation, request)),
            Effect::OpenBrowser(operation, url) => {
                self.opened.push(url);
                return Some(Event::BrowserOpened(operation, Ok(())));
            }
            Effect::Lock(operation, _) => return Some(Event::Locked(operation, Ok(()))),
            Effect::Load(operation, StorageKey { kind, .. }) => {
                let found = self.keychain.get(&kind).cloned().map(Zeroizing::new);
                return Some(Event::Loaded(operation, Ok(found)));
            }
            Effect::Store(operation, StorageKey { kind, .. }, bytes) => {
                self.touched.push(kind);
                self.keychain.insert(kind, bytes.to_vec());
                return Some(Event::Stored(operation, Ok(())));
            }
            Effect::Append(operation, StorageKey { kind, .. }, line) => {
                self.touched.push(kind);
                self.keychain.entry(kind).or_default().extend(line);
                return Some(Event::Stored(operation, Ok(())));
            }
            Effect::Delete(operation, StorageKey { kind, .. }, _) => {
                self.touched.push(kind);
                self.keychain.remove(&kind);
                return Some(Event::Deleted(operation, Ok(())));
            }
            Effect::SetTimer(at) => self.wakes_at = at,
            Effect::PublishView(view) => self.view = view,
            Effect::Listen(operation, ..) => {
                return Some(Event::Listening(operation, Err(ListenError(String::new()))));
            }
            Effect::Unlock(_)
            | Effect::StopListening(_)
            | Effect::CompleteTokenRequest(..)
            | Effect::FetchPicture(..)
            | Effect::BringToFront => {}
        }
        None
    }
}

impl Harness {
    /// The application has just started, with this content of the keychain.
    pub(crate) fn with(keychain: impl IntoIterator<Item = (RecordKind, Vec<u8>)>) -> Self {
        let mut harness = Self {
            machine: Machine::new(7),
            now: Now {
                monotonic: Monotonic(Duration::from_secs(1000)),
                wall: Wall(1_800_000_000_000),
            },
            keychain: keychain.into_iter().collect(),
            touched: Vec::new(),
            requests: Vec::new(),
            opened: Vec::new(),
            view: SessionView::Starting,
            effects: 0,
            wakes_at: None,
        };
        harness.happens(Event::Configured(Some(configuration())));
        harness
    }

    /// A sign-in is pending in the browser.
    pub(crate) fn in_the_browser(mut self) -> Self {
        let intent = SignInIntent::SignIn;
        self.happens(Event::SignIn { request: intent.into(), entropy: Entropy([1; 96]) });
        self.answers_discovery();
        assert_eq!(self.opened.len(), 1, "the browser is open");
        self
    }

    pub(crate) fn happens(&mut self, event: Event) {
        self.run(event);
    }

    /// Advances the clock to the machine's timer, if it is set.
    pub(crate) fn sleeps_until_woken(&mut self) {
        let Some(at) = self.wakes_at else { return };
        let at = at.max(self.now.monotonic);
        self.now.wall = self.now.wall_at(at);
        self.now.monotonic = at;
        self.happens(Event::TimerFired);
        assert_ne!(self.wakes_at, Some(at), "the machine would spin");
    }

    pub(crate) fn follows(&mut self, link: &[u8]) {
        self.happens(Event::Link(Zeroizing::new(link.to_vec())));
    }

    pub(crate) fn requests_to(&self, path: &str) -> usize {
        testing::requests_to(&self.requests, path)
    }

    /// Completes the oldest request to this path, which must exist.
    pub(crate) fn responds(&mut self, path: &str, outcome: HttpOutcome) {
        let operation = testing::take_request(&mut self.requests, path).expect("no such request");
        self.happens(Event::HttpCompleted(operation, outcome));
    }

    pub(crate) fn answers_discovery(&mut self) {
        let text = format!("200 application/json\n\n{}", discovery());
        self.responds(testing::DISCOVERY, Ok(http_response(text.as_bytes())));
    }

    /// A parameter of the authorization request.
    pub(crate) fn sent_parameter(&self, name: &str) -> String {
        let url = self.opened.last().expect("no browser was opened");
        testing::parameter(url, name).expect("not sent")
    }
}

pub(crate) fn configuration() -> Configuration {
    testing::configuration("com.example.app")
}
