//! The state of the model, small enough to be copied at every branch.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

use scalekit_auth::{
    problem::ProblemCode,
    session::{Machine, Operation, Projection, coarse, describe_stored},
    storage::{
        delete_only::DeleteOnly,
        record::{AccountKey, RecordKind, SessionRecord, StorageKey},
    },
    time::Monotonic,
    view::{RefreshView, SessionView},
};

use super::{
    bench::{Bench, Settings, Token, now},
    invariants::Invariants,
    server::Server,
};

/// The remaining number of actions that the machine does not cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    pub sign_ins: u8,
    pub sign_outs: u8,
    pub refreshes: u8,
    /// Callers that request an access token, and those that report a rejected one.
    pub callers: u8,
    pub refused: u8,
    /// Changes to other settings and back, or to another preference.
    pub settings: u8,
    pub crashes: u8,
    /// Lost responses, failures of the environment, the keychain and files, another program with the lock.
    pub faults: u8,
    /// Advances of time to the next deadline.
    pub times: u8,
    /// Periods of sleep of the computer for hours.
    pub sleeps: u8,
    pub administrators: u8,
    /// Responses about another user.
    pub another: u8,
    /// Requests for the loopback redirect URI.
    pub loopbacks: u8,
    /// Reported losses of the network.
    pub absences: u8,
}

/// The properties of the computer for the whole search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computer {
    pub keychain: bool,
    pub locks: bool,
}

/// The holder of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Process(usize, Operation),
    /// Another program of this kind, which only holds the lock.
    OtherProgram,
}

/// The state of the model.
#[derive(Clone)]
pub struct Model {
    /// Milliseconds.
    pub now: u64,
    pub computer: Computer,
    pub server: Server,
    pub stored: BTreeMap<StorageKey, Storage>,
    pub locks: BTreeMap<AccountKey, Holder>,
    pub waiters: Vec<(usize, Operation, AccountKey)>,
    pub processes: [Option<Process>; 2],
    /// The number of starts of each process.
    pub lives: [u8; 2],
    pub requests: Vec<Request>,
    pub pages: Vec<Page>,
    pub listeners: Vec<Listener>,
    /// The processes have received the report that there is no network.
    pub absent: bool,
    pub budget: Budget,
    pub invariants: Invariants,
    pub draws: u8,
    pub calls: u64,
    /// No further faults are injected.
    pub drain_phase: bool,
}

/// A stored entry, and the properties that are computed once.
#[derive(Clone)]
pub struct Storage {
    pub bytes: Rc<[u8]>,
    pub token: Option<Token>,
    what: Rc<str>,
    since: u64,
}

/// A running process, and the observations for the rules.
#[derive(Clone)]
pub struct Process {
    pub machine: Rc<Machine>,
    pub settings: Settings,
    pub work: VecDeque<(u64, Work)>,
    pub wakes_at: Option<Monotonic>,
    pub view: SessionView,
    /// The session of the present settings.
    pub session: Option<u8>,
    pub holding: Option<Token>,
    /// All its sessions, including those of left accounts.
    pub sessions: BTreeSet<u8>,
    pub newest: BTreeMap<u8, Token>,
    /// The session with a pending sign-out.
    pub leaving: Option<u8>,
    /// A session that had ended when it was read.
    pub read_after_its_end: Option<u8>,
    /// Tokens whose responses were lost in this process.
    pub saw_lost: BTreeSet<Token>,
    pub refused: Option<Token>,
    /// The newest refresh token could not be stored, and the machine has received the error.
    pub unsaved: bool,
    /// The tombstone of a session is not written, and the machine has received the error.
    pub unwritten: bool,
    pub callers: Vec<Waiting>,
    /// The time of the last refresh for a rejected access token, unless that has failed.
    pub refreshed_for_refused: Option<u64>,
}

/// A caller of a process.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    pub caller: u64,
    pub since: u64,
    pub refused: bool,
}

/// An operation on the stored entries.
#[derive(Clone)]
pub enum Work {
    Load(Operation, StorageKey),
    Store(Operation, StorageKey, Rc<[u8]>),
    Append(Operation, StorageKey, Rc<[u8]>),
    Clear(Operation, StorageKey, DeleteOnly),
    Release(Operation, AccountKey),
}

/// A request until its response is delivered.
#[derive(Clone)]
pub struct Request {
    pub process: usize,
    pub life: u8,
    pub operation: Operation,
    pub kind: Kind,
    pub sent: u64,
    pub reply: Option<Reply>,
}

/// The content of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    Discovery,
    Keys,
    Code(String),
    Refresh(Token),
}

/// The response of the environment to a request that changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    Tokens(Token, Option<u8>),
    /// The same, with an access token about another user.
    Another(Token),
    Refused,
}

/// A page in the browser.
#[derive(Clone)]
pub struct Page {
    pub process: usize,
    pub life: u8,
    pub operation: Operation,
    pub opened: bool,
    /// For a sign-in: its `state`, and the draw of its nonce.
    pub sign_in: Option<(String, u8)>,
    /// Its redirect URI is a loopback one.
    pub by_loopback: bool,
}

/// A listener at a loopback redirect URI, running or being started.
#[derive(Debug, Clone)]
pub struct Listener {
    pub process: usize,
    pub operation: Operation,
    pub listens: bool,
}

impl Model {
    pub fn new(server: Server, computer: Computer) -> Self {
        Self {
            now: 1_000_000,
            computer,
            server,
            stored: BTreeMap::new(),
            locks: BTreeMap::new(),
            waiters: Vec::new(),
            processes: [None, None],
            lives: [0, 0],
            requests: Vec::new(),
            pages: Vec::new(),
            listeners: Vec::new(),
            absent: false,
            budget: Budget::default(),
            invariants: Invariants::default(),
            draws: 0,
            calls: 0,
            drain_phase: true,
        }
    }

    /// States with the same key behave alike, except for durations within the same projected step.
    pub fn key(&self) -> u128 {
        let text = self.projection();
        let half = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            text.hash(&mut hasher);
            hasher.finish()
        };
        u128::from(half(1)) << 64 | u128::from(half(2))
    }

    fn projection(&self) -> String {
        use std::fmt::Write;
        let mut text = String::with_capacity(4096);
        let now = now(self.now);
        let age = |since: u64| coarse(u128::from(self.now.saturating_sub(since)));
        let mut names: Vec<Vec<Operation>> = Vec::new();
        // Writing to a string cannot fail.
        for process in &self.processes {
            let mut known = Vec::new();
            if let Some(process) = process {
                let mut name = |operation: Operation| named(&mut known, operation);
                let mut onto = Projection::new(now, &mut name);
                process.machine.project(&mut onto);
                text.push_str(&onto.into_text());
                process.describe(&mut text, &mut known, now, age);
            }
            text.push('|');
            names.push(known);
        }
        for (entry, stored) in &self.stored {
            let _ = write!(text, "{entry:?}={} {} ", stored.what, age(stored.since));
        }
        for (account, holder) in &self.locks {
            let holder = match holder {
                Holder::Process(process, operation) => {
                    format!("{process}#{}", known_as(&names[*process], *operation))
                }
                Holder::OtherProgram => "other program".to_owned(),
            };
            let _ = write!(text, "{account:?}:{holder} ");
        }
        let mut lines: Vec<String> = Vec::new();
        for (process, operation, account) in &self.waiters {
            lines
                .push(format!("w{process}#{} {account:?}", known_as(&names[*process], *operation)));
        }
        for one in &self.requests {
            let orphan = self.lives[one.process] != one.life;
            let name =
                if orphan { usize::MAX } else { known_as(&names[one.process], one.operation) };
            let (kind, reply, age) = (&one.kind, one.reply, age(one.sent));
            lines.push(format!("r{}{orphan}#{name}{kind:?}{reply:?}{age}", one.process));
        }
        for one in &self.pages {
            let orphan = self.lives[one.process] != one.life;
            let name =
                if orphan { usize::MAX } else { known_as(&names[one.process], one.operation) };
            let draw = one.sign_in.as_ref().map(|(_, draw)| *draw);
            let (opened, by_loopback) = (one.opened, one.by_loopback);
            lines.push(format!("p{}{orphan}#{name}{opened}{draw:?}{by_loopback}", one.process));
        }
        for one in &self.listeners {
            let name = known_as(&names[one.process], one.operation);
            lines.push(format!("l{}#{name}{}", one.process, one.listens));
        }
        lines.sort_unstable();
        let _ = write!(
            text,
            "{lines:?}{:?}{:?}{:?}{}{}",
            self.server.sessions, self.budget, self.invariants, self.draws, self.absent
        );
        text
    }

    /// The stored refresh token of these settings.
    pub fn stored_token(&self, bench: &Bench<'_>, settings: Settings) -> Option<Token> {
        let entry = StorageKey { account: bench.account(settings), kind: RecordKind::Session };
        self.stored.get(&entry)?.token
    }

    /// Stores an entry.
    pub fn keep(&mut self, entry: StorageKey, bytes: Rc<[u8]>) {
        let token = if entry.kind == RecordKind::Session { stored_token(&bytes) } else { None };
        let what = describe_stored(entry.kind, Some(&bytes), now(0)).into();
        self.stored.insert(entry, Storage { bytes, token, what, since: self.now });
    }
}

impl Process {
    pub fn new(machine: Machine) -> Self {
        Self {
            machine: Rc::new(machine),
            settings: Settings::First,
            work: VecDeque::new(),
            wakes_at: None,
            view: SessionView::Starting,
            session: None,
            holding: None,
            sessions: BTreeSet::new(),
            newest: BTreeMap::new(),
            leaving: None,
            read_after_its_end: None,
            saw_lost: BTreeSet::new(),
            refused: None,
            unsaved: false,
            unwritten: false,
            callers: Vec::new(),
            refreshed_for_refused: None,
        }
    }

    fn situation(&self) -> &'static str {
        self.machine.situations().next().map_or("", |one| one.session)
    }

    pub fn is_idle(&self) -> bool {
        self.situation() == "SignedIn.Scheduled"
    }

    /// Whether the session will be refreshed at a time, or when there is a network.
    pub fn waits_for_network_or_time(&self) -> bool {
        let SessionView::SignedIn { refresh, .. } = &self.view else { return false };
        match refresh {
            RefreshView::Scheduled { .. } => true,
            RefreshView::Delayed { problem, .. } => problem.code == ProblemCode::RefreshOffline,
            RefreshView::Refreshing | RefreshView::Impossible { .. } => false,
        }
    }

    /// Whether a refresh is in progress.
    pub fn is_refreshing(&self) -> bool {
        let situation = self.situation();
        situation.starts_with("SignedIn.AwaitingLock")
            || ["SignedIn.AwaitingMetadata", "SignedIn.Journaling", "SignedIn.Requested"]
                .contains(&situation)
    }

    fn describe(
        &self,
        text: &mut String,
        known: &mut Vec<Operation>,
        now: scalekit_auth::time::Now,
        age: impl Fn(u64) -> usize,
    ) {
        use std::fmt::Write;
        let _ = write!(text, "{:?}", self.settings);
        for (_, work) in &self.work {
            let mut one = |what: &str, operation: Operation, entry: &StorageKey, more: String| {
                let name = named(known, operation);
                let _ = write!(text, " {what}#{name} {:?}{:?}{more}", entry.account, entry.kind);
            };
            match work {
                Work::Load(operation, entry) => one("load", *operation, entry, String::new()),
                Work::Store(operation, entry, bytes) => {
                    one("store", *operation, entry, describe_stored(entry.kind, Some(bytes), now));
                }
                Work::Append(operation, entry, line) => {
                    one("append", *operation, entry, describe_stored(entry.kind, Some(line), now));
                }
                Work::Clear(operation, entry, only) => {
                    one("clear", *operation, entry, format!("{only:?}"));
                }
                Work::Release(operation, account) => {
                    let name = named(known, *operation);
                    let _ = write!(text, " release#{name} {account:?}");
                }
            }
        }
        let callers: Vec<_> =
            self.callers.iter().map(|one| (age(one.since), one.refused)).collect();
        let _ = write!(
            text,
            " {:?}{:?}{:?}{:?}{:?}{:?}{callers:?}{:?}{:?}",
            self.newest,
            self.leaving,
            self.read_after_its_end,
            self.saw_lost,
            self.refused,
            self.sessions,
            self.refreshed_for_refused.map(&age),
            (self.unsaved, self.unwritten)
        );
    }
}

/// The number of an operation, in the order of occurrence.
fn named(known: &mut Vec<Operation>, operation: Operation) -> usize {
    known.iter().position(|one| *one == operation).unwrap_or_else(|| {
        known.push(operation);
        known.len() - 1
    })
}

/// An operation that is no longer pending has no number.
fn known_as(known: &[Operation], operation: Operation) -> usize {
    known.iter().position(|one| *one == operation).unwrap_or(usize::MAX)
}

/// The refresh token of a stored session.
pub fn stored_token(bytes: &[u8]) -> Option<Token> {
    let record = SessionRecord::decode(bytes).ok()?;
    Token::parse(record.refresh_token?.expose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{exhaustive::scenarios::SCENARIOS, plan::Machines};

    #[test]
    fn simulation_state_key_is_stable_and_without_secrets() {
        let machines = Machines::sound().unwrap();
        let bench = Bench::new(&machines).unwrap();
        for scenario in SCENARIOS {
            let world = scenario.begin(&bench);
            let text = world.projection();
            for secret in ["rt-", "at-", "code-", "eyJ"] {
                assert!(!text.contains(secret), "{text}");
            }
            assert_eq!(world.key(), scenario.begin(&bench).key());
        }
    }
}
