//! Everything around the machine that can go wrong, and the order in which it does.

mod acts;
mod wire;

use scalekit_auth::{
    journal::Journal,
    machine::{Caller, Effect, Event, Operation},
    record::Slot,
    secret::Secret,
    view::{SessionView, SignInIntent},
};
use zeroize::Zeroizing;

use crate::{
    desk::{Desk, Process, Work, kept_token},
    plan::Machines,
    rules::Rules,
    server::{Policy, Server},
    tokens::{DRAWS, entropy},
};
use wire::{Page, Request};

/// What is kept: two entries of the keychain and three files. One computer, one person.
#[derive(Default)]
pub struct Kept {
    pub session: Option<Vec<u8>>,
    sign_in: Option<Vec<u8>>,
    journal: Option<Vec<u8>>,
    ended: Option<Vec<u8>>,
    endpoints: Option<Vec<u8>>,
}

/// How the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Good,
    Down,
    Flaky,
    /// Somebody else answers: a hotel, a proxy.
    Portal,
}

/// How the keychain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    Locked,
    /// It does what it is asked, and nobody hears of it in time.
    Slow,
}

/// All of it.
pub struct World<'a> {
    machines: &'a Machines,
    pub chance: fastrand::Rng,
    /// Milliseconds since the schedule began.
    pub now: u64,
    pub server: Server,
    pub kept: Kept,
    pub lock: Option<(usize, Operation)>,
    pub waiters: Vec<(usize, Operation)>,
    pub desks: [Desk; 2],
    requests: Vec<Request>,
    pages: Vec<Page>,
    network: Network,
    mood: Mood,
    calm: bool,
    pub rules: Rules,
    pub steps: u64,
    pub faults: u64,
    pub trace: Option<Vec<String>>,
    draws: u8,
    calls: u64,
}

/// The wall clock of a computer whose clock is right.
pub fn wall(milliseconds: u64) -> i64 {
    1_800_000_000_000 + i64::try_from(milliseconds).unwrap_or(i64::MAX)
}

impl<'a> World<'a> {
    pub fn new(machines: &'a Machines, seed: u64, traced: bool) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let policies = [Policy::Strict, Policy::EndsTheSession, Policy::Forgives(30_000)];
        let policy = policies[chance.usize(..policies.len())];
        let skews = [0, 0, 0, 0, 600_000, -600_000, 600_000, -600_000, 86_400_000, -86_400_000];
        let skew = skews[chance.usize(..skews.len())];
        let mut world = Self {
            machines,
            chance,
            now: 1_000_000,
            server: Server::new(policy),
            kept: Kept::default(),
            lock: None,
            waiters: Vec::new(),
            desks: [Desk { skew, ..Desk::default() }, Desk { skew, ..Desk::default() }],
            requests: Vec::new(),
            pages: Vec::new(),
            network: Network::Good,
            mood: Mood::Good,
            calm: false,
            rules: Rules::default(),
            steps: 0,
            faults: 0,
            trace: traced.then(Vec::new),
            draws: 0,
            calls: 0,
        };
        world.note(|| format!("an environment that is {policy:?}, a clock off by {skew} ms"));
        world.start(0);
        world
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        let (now, steps) = (self.now, self.steps);
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{steps:>5} {:>9.3} s  {}", millis(now), line()));
        }
    }

    fn start(&mut self, desk: usize) {
        self.note(|| format!("process {desk} starts"));
        self.desks[desk].starts += 1;
        let seed = self.chance.u64(..);
        self.desks[desk].process = Some(Process::new(self.machines.machine(seed)));
        let configuration = self.machines.tokens.configuration.clone();
        self.happens(desk, Event::Configured(Some(configuration)));
    }

    /// The process is gone, with all it had in hand.
    fn crash(&mut self, desk: usize) {
        self.look_into_hand(desk);
        let Some(process) = self.desks[desk].process.take() else { return };
        self.note(|| format!("process {desk} crashes"));
        self.faults += 1;
        if self.lock.is_some_and(|(holder, _)| holder == desk) {
            self.lock = None;
        }
        self.waiters.retain(|(waiter, _)| *waiter != desk);
        if let Some(token) = process.refused {
            self.rules.lost(token, true);
        }
        let kept = self.kept.session.as_deref().and_then(kept_token);
        let journal = Journal::read(self.kept.journal.as_deref());
        for token in process.newest.into_values() {
            if let Some(kept) = kept.filter(|kept| kept.session == token.session)
                && kept.number < token.number
            {
                self.rules.lost(kept, true);
            }
            if journal.lost(&Secret::new(token.to_string())) > 0 {
                self.rules.noted(token);
            }
        }
        self.requests_lost(desk);
    }

    /// Something happens to a process; what it asks for is begun, unless it crashes before.
    fn happens(&mut self, desk: usize, event: Event) {
        let now = self.desks[desk].now(self.now);
        if let Some(process) = &self.desks[desk].process {
            let before = process.view.clone();
            self.note(|| format!("process {desk}: {}", what(&event)));
            let Some(process) = &mut self.desks[desk].process else { return };
            for effect in process.step(event, now) {
                if !self.calm && self.chance.u16(..300) == 0 {
                    self.crash(desk);
                    return;
                }
                self.perform(desk, effect);
            }
            self.check_view(desk, &before);
            self.look_into_hand(desk);
        }
    }

    fn perform(&mut self, desk: usize, effect: Effect) {
        self.note(|| format!("  → {}", asked(&effect)));
        let Some(process) = &mut self.desks[desk].process else { return };
        match effect {
            Effect::Send(operation, request) => self.send(desk, operation, &request),
            Effect::OpenBrowser(operation, url) => self.open_page(desk, operation, &url),
            Effect::Lock(operation, _) => self.waiters.push((desk, operation)),
            Effect::Unlock(operation) => process.work.push_back(Work::Release(operation)),
            Effect::Load(operation, entry) => {
                process.work.push_back(Work::Load(operation, entry.slot));
            }
            Effect::Store(operation, entry, bytes) => {
                process.work.push_back(Work::Store(operation, entry.slot, bytes));
            }
            Effect::Append(operation, entry, line) => {
                process.work.push_back(Work::Append(operation, entry.slot, line));
            }
            Effect::Clear(operation, entry, session) => {
                process.work.push_back(Work::Clear(operation, entry.slot, session));
            }
            Effect::GiveAccessToken(Caller(caller), answer) => {
                process.callers_waiting.retain(|one| *one != caller);
                if let Ok(given) = answer {
                    self.check_given(desk, given.token.expose());
                }
            }
            Effect::FetchPicture(..) | Effect::BringToFront => {}
            Effect::WakeAt(at) => process.wakes_at = at,
            Effect::Publish(view) => {
                self.rules.shown(&view);
                process.view = view;
            }
        }
    }

    fn look_into_hand(&mut self, desk: usize) {
        let Some(process) = &mut self.desks[desk].process else { return };
        let (session, token) = self.server.named(process.machine.in_hand());
        if let (Some(before), Some(now)) = (process.session, session)
            && before != now
        {
            // Whoever signs in anew is done with the session before.
            self.rules.signed_out.insert(before);
        }
        if token != process.holding {
            process.unsaved = false;
        }
        process.session = session;
        process.holding = token;
        process.newest.extend(token.map(|token| (token.session, token)));
    }

    /// A wish of the person at this desk, of those that make sense there.
    fn wishes(&mut self, desk: usize) {
        let Some(process) = &self.desks[desk].process else { return };
        let pick = self.chance.u8(..100);
        let event = match &process.view {
            SessionView::SignedOut { .. } if pick < 80 => self.wants_to_sign_in(),
            SessionView::SigningIn { .. } if pick < 5 => Event::CancelSignIn,
            SessionView::SigningIn { .. } if pick < 10 => Event::OpenBrowserAgain,
            SessionView::KeychainUnavailable { .. } => Event::Retry,
            SessionView::SignedIn { .. } => match pick {
                0..40 => Event::Renew,
                40..65 => {
                    self.calls += 1;
                    let caller = self.calls;
                    if let Some(process) = &mut self.desks[desk].process {
                        process.callers_waiting.push(caller);
                    }
                    Event::AccessTokenWanted { caller: Caller(caller), instead_of: None }
                }
                65..75 => {
                    self.rules.signed_out.extend(process.session);
                    let session = process.session;
                    if let Some(process) = &mut self.desks[desk].process {
                        process.leaving = session;
                    }
                    Event::SignOut { entropy: entropy(self.draw()) }
                }
                75..82 => self.wants_to_sign_in(),
                82..88 => Event::Retry,
                88..92 => Event::Dismiss,
                _ => Event::Nudged,
            },
            _ => Event::Nudged,
        };
        self.happens(desk, event);
    }

    fn wants_to_sign_in(&mut self) -> Event {
        Event::SignIn { intent: SignInIntent::SignIn, entropy: entropy(self.draw()) }
    }

    fn draw(&mut self) -> u8 {
        self.draws = (self.draws + 1) % DRAWS;
        self.draws
    }
}

impl Kept {
    fn entry(&mut self, slot: Slot) -> &mut Option<Vec<u8>> {
        match slot {
            Slot::Session => &mut self.session,
            Slot::SignIn => &mut self.sign_in,
            Slot::Journal => &mut self.journal,
            Slot::Ended => &mut self.ended,
            Slot::Endpoints => &mut self.endpoints,
        }
    }

    fn read(&mut self, slot: Slot) -> Option<Zeroizing<Vec<u8>>> {
        self.entry(slot).clone().map(Zeroizing::new)
    }
}

#[expect(clippy::cast_precision_loss, reason = "for reading only")]
fn millis(now: u64) -> f64 {
    now as f64 / 1000.0
}

/// For a trace: no secrets, not even simulated ones.
fn what(event: &Event) -> String {
    match event {
        Event::Configured(_) => "is told its settings".to_owned(),
        other => format!("{other:?}").chars().take(160).collect(),
    }
}

fn asked(effect: &Effect) -> String {
    match effect {
        Effect::Send(operation, request) => format!("sends {} {operation:?}", request.uri().path()),
        Effect::OpenBrowser(operation, url) => format!("opens {} {operation:?}", url.path()),
        other => format!("{other:?}").chars().take(160).collect(),
    }
}
