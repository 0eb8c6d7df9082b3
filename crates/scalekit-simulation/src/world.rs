//! The simulated world: the machine's surroundings with fault injection, and the order of events.

mod actions;
mod checks;
mod links;
mod network;
mod recovery;
mod service;
mod storage;
mod trace;
mod user_actions;

use std::collections::BTreeMap;

use scalekit_auth::{
    secret::Secret,
    session::{Effect, Event, Operation, TokenRequestId},
    storage::{
        journal::Journal,
        record::{AccountKey, RecordKind},
    },
    view::SessionView,
};

use crate::{
    device::{Device, End, Process, Work, stored_token},
    events,
    invariants::{Invariant, Invariants},
    plan::Machines,
    server::{AccessKind, Manner, RefreshToken, ReusePolicy, Server},
    settings::{ACCOUNTS, Account, ENVIRONMENTS, Settings},
    tokens::DRAWS,
    transitions,
};
use checks::Before;
use links::{Listener, Page};
use network::Request;
pub use network::{Fate, Network};
use service::Service;
pub use storage::{FileState, Impairment, KeychainState, Storage, StorageState};

/// The state of a schedule.
pub struct Simulation<'a> {
    pub machines: &'a Machines,
    pub rng: fastrand::Rng,
    /// Milliseconds of the computer's monotonic clock.
    pub now: u64,
    pub server: Server,
    /// The saved settings: one computer, one user.
    pub settings: Option<Settings>,
    pub stored: Storage,
    pub locks: [Option<(usize, Operation)>; ACCOUNTS],
    waiters: Vec<(usize, Operation, Account)>,
    pub devices: [Device; 2],
    requests: Vec<Request>,
    pages: Vec<Page>,
    /// The pictures that are being fetched, by process.
    pictures: Vec<(usize, u32, Operation)>,
    /// The listeners at the loopback redirect URI.
    listeners: Vec<Listener>,
    pub network: Network,
    pub services: [Service; ENVIRONMENTS],
    /// The first refresh token that was sent for the same access token as this one, by later ones.
    attempts: BTreeMap<RefreshToken, RefreshToken>,
    /// The milliseconds in which the computer, a virtual machine, was paused: its monotonic clock stood still.
    paused: u64,
    /// Whether one of the clocks was wrong in this schedule.
    pub clock_was_wrong: bool,
    /// Whether the user completes every sign-in in the browser.
    pub agrees: bool,
    /// The latest time that an environment asked a process to wait for.
    pub must_wait_until: u64,
    /// Until the drain phase the environments reject every refresh, with an error that ends no session.
    pub refuses: bool,
    pub storage_state: StorageState,
    /// The impairment of the whole schedule.
    pub standing: Impairment,
    pub drain_phase: bool,
    /// The probability of ready events, in percent.
    haste: u8,
    /// The rate of changed settings, in percent of the user actions.
    pub restless: u8,
    pub invariants: Invariants,
    pub steps: u64,
    pub faults: u64,
    pub trace: Option<Vec<String>>,
    /// The number of refresh requests.
    pub refreshes: u64,
    /// The number of callers that received an access token.
    pub served: u64,
    draws: u8,
    /// The account of each draw's sign-in.
    drawn_for: [Option<Account>; DRAWS as usize],
    /// The organization that the user was shown for a confirmed login initiation.
    agreed_to: BTreeMap<u8, Option<String>>,
    calls: u64,
}

/// The wall clock of a computer with a correct clock.
pub fn wall(milliseconds: u64) -> i64 {
    1_800_000_000_000 + i64::try_from(milliseconds).unwrap_or(i64::MAX)
}

impl<'a> Simulation<'a> {
    pub fn new(machines: &'a Machines, seed: u64, traced: bool) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let manners = [manner(&mut rng), manner(&mut rng)];
        let skews = [0, 0, 0, 0, 600_000, -600_000, 600_000, -600_000, 86_400_000, -86_400_000];
        let skew = skews[rng.usize(..skews.len())];
        let standing = Impairment::some(&mut rng);
        let haste = [40, 70, 70, 90][rng.usize(..4)];
        let refuses = rng.u8(..8) == 0;
        let restless = if rng.u8(..8) == 0 { 25 } else { 6 };
        let account = Account(rng.usize(..ACCOUNTS));
        let settings = Settings::some(account, &mut rng);
        let mut world = Self {
            machines,
            rng,
            now: 1_000_000,
            server: Server::new(manners),
            settings: Some(settings),
            stored: Storage::default(),
            locks: [None; ACCOUNTS],
            waiters: Vec::new(),
            devices: [Device { skew, ..Device::default() }, Device { skew, ..Device::default() }],
            requests: Vec::new(),
            pages: Vec::new(),
            pictures: Vec::new(),
            listeners: Vec::new(),
            network: Network::Good,
            services: Default::default(),
            attempts: BTreeMap::new(),
            paused: 0,
            must_wait_until: 0,
            agrees: false,
            clock_was_wrong: false,
            refuses,
            storage_state: StorageState::of(standing),
            standing,
            drain_phase: false,
            haste,
            restless,
            invariants: Invariants::default(),
            steps: 0,
            faults: 0,
            trace: traced.then(Vec::new),
            refreshes: 0,
            served: 0,
            draws: 0,
            drawn_for: [None; DRAWS as usize],
            agreed_to: BTreeMap::new(),
            calls: 0,
        };
        world.note(|| format!("{manners:?}, a clock off by {skew} ms, {standing:?}"));
        world
    }

    /// Milliseconds of the environments' clocks, which never stand still.
    pub fn true_time(&self) -> u64 {
        self.now + self.paused
    }

    pub fn start(&mut self, device: usize) {
        self.note(|| format!("process {device} starts"));
        self.devices[device].starts += 1;
        let seed = self.rng.u64(..);
        self.devices[device].process = Some(Process::new(self.machines.machine(seed)));
        // The application has read its settings, or an event precedes them.
        if !self.drain_phase && self.rng.u8(..4) == 0 {
            for _ in 0..self.rng.u8(1..4) {
                self.anything(device);
            }
        }
        // The user closes the window before the settings are read.
        if !self.drain_phase && self.rng.u8(..64) == 0 {
            self.close(device);
        }
        self.configure(device, self.settings);
        if self.network == Network::Down && self.rng.bool() {
            self.report_network(device, false);
        }
    }

    /// Configures a process.
    pub fn configure(&mut self, device: usize, settings: Option<Settings>) {
        if self.devices[device].process.is_none() {
            return;
        }
        // A process that ends takes no settings any more.
        if self.is_closed(device) {
            return;
        }
        let configuration =
            settings.and_then(|settings| self.machines.choices.configuration(settings)).cloned();
        self.note(|| format!("process {device} gets {settings:?}"));
        self.happens_with(device, Event::Configured(configuration), |process| {
            let next = settings.map(|one| one.account);
            if next != process.account() {
                process.rates.switched();
                if let (Some(left), SessionView::Starting) = (process.account(), &process.view) {
                    process.of(left).left_while_reading = true;
                    process.of(left).read_after_its_end = None;
                }
            }
            if let Some(next) = next {
                process.of(next).left_while_reading = false;
            }
            process.settings = settings;
            // A pending sign-in from before may be read again.
            process.requested = None;
        });
    }

    /// The user closes the program. The process ends a moment after it is quiescent.
    pub fn close(&mut self, device: usize) {
        let Some(process) = &mut self.devices[device].process else { return };
        match process.end {
            End::None => {
                process.end = End::Requested;
                self.happens(device, Event::Exit);
            }
            End::Requested => {}
            End::Permitted => self.crash(device),
        }
    }

    /// Whether the program runs and the user has not closed it.
    pub fn is_open(&self, device: usize) -> bool {
        self.devices[device].process.is_some() && !self.is_closed(device)
    }

    /// Whether the user has closed the program.
    pub fn is_closed(&self, device: usize) -> bool {
        self.devices[device].process.as_ref().is_some_and(|process| process.end != End::None)
    }

    /// Crashes the process: its pending operations are lost.
    pub fn crash(&mut self, device: usize) {
        self.observe_held(device);
        let Some(process) = self.devices[device].process.take() else { return };
        self.note(|| format!("process {device} crashes"));
        self.faults += 1;
        for lock in &mut self.locks {
            lock.take_if(|(holder, _)| *holder == device);
        }
        self.waiters.retain(|(waiter, ..)| *waiter != device);
        self.invariants.unnoted.extend(process.replaced);
        for of_account in &process.of_account {
            if let Some(token) = of_account.refused {
                self.invariants.lost(token, true);
            }
        }
        let journals: Vec<_> =
            Account::all().map(|one| Journal::read(self.stored.journal(one))).collect();
        for token in process.newest.into_values() {
            let Some(account) = self.server.account(token.session) else { continue };
            if let Some(stored) =
                self.stored.token(account).filter(|one| one.session == token.session)
                && stored.number < token.number
            {
                self.invariants.lost(stored, true);
            }
            if journals[account.0].lost_responses(&Secret::new(token.to_string())) > 0 {
                self.invariants.noted(token);
            }
        }
        self.requests_lost(device);
        self.forget_dead_listeners();
    }

    /// Passes an event to a process and begins its effects, unless it crashes before.
    pub fn happens(&mut self, device: usize, event: Event) {
        self.happens_with(device, event, |_| ());
    }

    fn happens_with(&mut self, device: usize, event: Event, and: impl FnOnce(&mut Process)) {
        let now = self.devices[device].now(self.now, self.true_time());
        let Some(process) = &mut self.devices[device].process else { return };
        let before = Before::of(process, &event);
        self.machines.coverage.borrow_mut().saw(process, self.storage_state, &event);
        and(process);
        self.note(|| format!("process {device}: {}", trace::what(&event)));
        let Some(process) = &mut self.devices[device].process else { return };
        let (name, situations) =
            (events::name(&event), process.machine.situations().collect::<Vec<_>>());
        let effects = process.step(event, now);
        let transitions = &mut self.machines.coverage.borrow_mut().transitions;
        transitions::count(transitions, name, &situations, process.machine.situations());
        if process.end == End::Requested && process.machine.is_quiescent() {
            process.end = End::Permitted;
        }
        if process.machine.is_in_memory()
            && let Some(account) = process.account()
            && !std::mem::replace(&mut process.of(account).in_memory, true)
        {
            // The stored record gets a tombstone.
            self.invariants.in_memory.extend(process.held().map(|held| held.session));
        }
        for effect in effects {
            if !self.drain_phase && self.rng.u16(..300) == 0 {
                self.crash(device);
                return;
            }
            self.perform(device, effect);
        }
        self.observe_held(device);
        self.check_step(device, &before);
    }

    fn perform(&mut self, device: usize, effect: Effect) {
        self.note(|| format!("  → {}", trace::requested(&effect)));
        match effect {
            Effect::Send(operation, _, request) => self.send(device, operation, &request),
            Effect::OpenBrowser(operation, url) => self.open_page(device, operation, &url),
            Effect::Lock(operation, key) => {
                if let Some(account) = self.named(&key) {
                    self.waiters.push((device, operation, account));
                }
            }
            Effect::Unlock(operation) => self.unlock(device, operation),
            Effect::Load(operation, entry) => {
                if let Some(account) = self.named(&entry.account) {
                    self.queue(device, Work::Load(operation, account, entry.kind));
                }
            }
            Effect::Store(operation, entry, bytes) => {
                if let Some(account) = self.named(&entry.account) {
                    // Also of a session that ends in the same step.
                    if let (RecordKind::Session, Some(token), Some(process)) =
                        (entry.kind, stored_token(&bytes), &mut self.devices[device].process)
                    {
                        process.newest.insert(token.session, token);
                    }
                    self.queue(device, Work::Store(operation, account, entry.kind, bytes));
                }
            }
            Effect::Append(operation, entry, line) => {
                if let Some(account) = self.named(&entry.account) {
                    self.queue(device, Work::Append(operation, account, entry.kind, line));
                }
            }
            Effect::Delete(operation, entry, only) => {
                if let Some(account) = self.named(&entry.account) {
                    self.queue(device, Work::Clear(operation, account, entry.kind, only));
                }
            }
            Effect::CompleteTokenRequest(TokenRequestId(caller), response) => {
                self.given(device, caller, response)
            }
            Effect::FetchPicture(operation, ..) => {
                let start = self.devices[device].starts;
                self.pictures.push((device, start, operation));
            }
            Effect::Listen(operation, ..) => {
                let start = self.devices[device].starts;
                self.listeners.push(Listener { device, start, operation, port: None });
            }
            Effect::StopListening(operation) => {
                self.listeners.retain(|one| (one.device, one.operation) != (device, operation));
            }
            Effect::BringToFront => {}
            Effect::SetTimer(at) => {
                if let Some(process) = &mut self.devices[device].process {
                    process.wakes_at = at;
                }
            }
            Effect::PublishView(view) => {
                self.invariants.shown(&view);
                if let Some(process) = &mut self.devices[device].process {
                    process.view = view;
                }
            }
        }
    }

    fn named(&mut self, key: &AccountKey) -> Option<Account> {
        let account = self.machines.choices.named(key);
        if account.is_none() {
            self.invariants.breaks("an entry has nobody's name");
        }
        account
    }

    fn queue(&mut self, device: usize, work: Work) {
        let Some(process) = &mut self.devices[device].process else { return };
        if let Work::Load(_, account, RecordKind::Session) = work {
            process.step.read_session = true;
            process.of(account).in_memory = false;
        }
        process.work.push_back(work);
    }

    fn unlock(&mut self, device: usize, operation: Operation) {
        let holds = |lock: &Option<(usize, Operation)>| *lock == Some((device, operation));
        let account = self.locks.iter().position(holds).map(Account);
        let Some(process) = &mut self.devices[device].process else { return };
        process.step.unlocked.extend(account);
        process.work.push_back(Work::Release(operation));
    }

    fn observe_held(&mut self, device: usize) {
        let Some(process) = &mut self.devices[device].process else { return };
        let debug_ids =
            process.machine.debug_ids().into_iter().chain(process.machine.left_debug_ids());
        let debug_ids: Vec<_> = debug_ids.filter_map(|one| self.server.named(&one)).collect();
        let mut by_account = BTreeMap::new();
        for held in debug_ids {
            let Some(account) = self.server.account(held.session) else { continue };
            by_account.insert(account, held);
            self.invariants.held.insert(held.session);
            process.newest.extend(held.token.map(|token| (token.session, token)));
            let before = process.held.get(&account);
            if before.is_none_or(|before| before.session != held.session) {
                let (requested, of) = self.server.organizations(held.session);
                self.invariants.check(
                    Invariant::OrganizationIsTheRequestedOne,
                    requested.is_none_or(|one| Some(one) == of),
                    || {
                        format!(
                            "session {} is of {of:?}, and {requested:?} was asked for",
                            held.session
                        )
                    },
                );
            }
            // A new sign-in ends the session before.
            self.invariants
                .signed_out
                .extend(before.map(|one| one.session).filter(|one| *one != held.session));
            if before.and_then(|one| one.token) != held.token {
                process.of(account).unsaved = false;
            }
        }
        process.held = by_account;
    }

    fn draw(&mut self, account: Option<Account>) -> u8 {
        self.draws = (self.draws + 1) % DRAWS;
        self.drawn_for[usize::from(self.draws)] = account;
        self.agreed_to.remove(&self.draws);
        self.draws
    }
}

fn manner(rng: &mut fastrand::Rng) -> Manner {
    let policies = [
        ReusePolicy::Strict,
        ReusePolicy::Strict,
        ReusePolicy::EndsTheSession,
        ReusePolicy::EndsTheSession,
        ReusePolicy::Forgives(30_000),
        ReusePolicy::Forgives(30_000),
        ReusePolicy::Stays,
    ];
    let kinds = [
        AccessKind::Opaque,
        AccessKind::Opaque,
        AccessKind::Repeated,
        AccessKind::Jwt,
        AccessKind::Jwt,
        AccessKind::Pairwise,
    ];
    Manner {
        policy: policies[rng.usize(..policies.len())],
        access: kinds[rng.usize(..kinds.len())],
        refreshable: rng.u8(..16) > 0,
    }
}
