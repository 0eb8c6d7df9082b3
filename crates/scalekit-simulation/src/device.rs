//! A device: a process of the application and its pending operations.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use scalekit_auth::{
    ProblemCode,
    session::{Effect, Event, Machine, Operation},
    storage::{
        delete_only::DeleteOnly,
        record::{RecordKind, SessionRecord},
    },
    time::{Monotonic, Now, Wall},
    view::{SessionView, Stored},
};
use zeroize::Zeroizing;

use crate::{
    rates::Rates,
    server::{HeldSession, RefreshToken},
    settings::{ACCOUNTS, Account, Settings},
};

/// A computer's user account, in which a process runs. It may be started many times.
#[derive(Default)]
pub struct Device {
    pub process: Option<Process>,
    pub starts: u32,
    /// The error of this computer's wall clock, in milliseconds.
    pub skew: i64,
}

/// A running process.
pub struct Process {
    pub machine: Machine,
    pub wakes_at: Option<Monotonic>,
    pub view: SessionView,
    /// The last configuration of the process.
    pub settings: Option<Settings>,
    /// The queue of operations on the keychain and the files.
    pub work: VecDeque<Work>,
    /// The machine's session and refresh token, for the current and the left accounts.
    pub held: BTreeMap<Account, HeldSession>,
    /// The last refresh token that it had of each session.
    pub newest: BTreeMap<usize, RefreshToken>,
    /// Sessions with a pending sign-out, by the draw of their `state`.
    pub signing_out: BTreeMap<u8, usize>,
    pub of_account: [OfAccount; ACCOUNTS],
    /// Callers that wait for an access token, and the time of their request.
    pub callers: BTreeMap<u64, u64>,
    pub last_given: Option<String>,
    pub rates: Rates,
    /// Whether it was last reported to be in use.
    pub in_use: bool,
    /// Whether its exit was requested, and has been quiescent since.
    pub end: End,
    /// Whether the user is visiting a hosted page.
    pub visits: bool,
    /// The organization of the pending sign-in's first request, if this process began it.
    pub requested: Option<Option<u8>>,
    /// Sessions that it has replaced in the keychain and whose tombstones are not written yet.
    pub replaced: BTreeSet<usize>,
    /// The session whose end was announced last.
    pub announced: Option<usize>,
    /// The user and the end that the environment has announced, as it was shown last, in milliseconds.
    pub announced_end: Option<(String, f64)>,
    /// The cached access token that was checked last, and the settings it was checked with.
    pub checked_cached: Option<(String, Option<Settings>)>,
    /// The observations of the present step.
    pub step: InStep,
}

/// The end of a process that the user closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    None,
    /// It completes what it has begun.
    Requested,
    /// It has reported to be quiescent: it may end at any moment.
    Permitted,
}

/// The observations of one account in a process.
#[derive(Default, Clone)]
pub struct OfAccount {
    /// Sessions that had ended when the stored entries were read.
    pub over_when_read: BTreeSet<usize>,
    /// A session that had ended when it was read.
    pub read_after_its_end: Option<usize>,
    /// The account was left while its stored entries were read: what is read of them is dropped.
    pub left_while_reading: bool,
    /// A refresh token whose rejection was received, until the session is deleted.
    pub refused: Option<RefreshToken>,
    /// The newest refresh token could not be stored, and the machine has received the error.
    pub unsaved: bool,
    /// The newest refresh token could not be stored without a keyring, and the machine has received the error.
    pub no_keyring: bool,
    /// The user has agreed that the session is not stored.
    pub in_memory: bool,
    /// The pending sign-ins that it has stored or read, by their draws of entropy.
    pub sign_ins: BTreeSet<u8>,
    /// Whether use, a caller, the user or the policy has requested a refresh since the last token response.
    pub called_for: bool,
    /// Whether the user has returned from a hosted page while a refresh was on its way: another one follows.
    called_again: bool,
    /// A response to the present refresh token was lost, which a retry may recover.
    pub response_lost: bool,
    /// The number of unusable refresh responses since the last token response.
    pub useless_responses: u32,
}

/// The effects of a step, for rules about the whole step.
#[derive(Default)]
pub struct InStep {
    pub read_session: bool,
    pub unlocked: Vec<Account>,
}

/// An operation on the stored entries.
#[derive(Debug)]
pub enum Work {
    Load(Operation, Account, RecordKind),
    Store(Operation, Account, RecordKind, Zeroizing<Vec<u8>>),
    Append(Operation, Account, RecordKind, Vec<u8>),
    Clear(Operation, Account, RecordKind, DeleteOnly),
    Release(Operation),
}

impl Process {
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            wakes_at: None,
            view: SessionView::Starting,
            settings: None,
            work: VecDeque::new(),
            held: BTreeMap::new(),
            newest: BTreeMap::new(),
            signing_out: BTreeMap::new(),
            of_account: Default::default(),
            callers: BTreeMap::new(),
            last_given: None,
            rates: Rates::default(),
            in_use: false,
            end: End::None,
            visits: false,
            requested: None,
            replaced: BTreeSet::new(),
            announced: None,
            announced_end: None,
            checked_cached: None,
            step: InStep::default(),
        }
    }

    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.step = InStep::default();
        self.calls_for_refresh(&event);
        self.machine.step(event, now)
    }

    /// Records events that request a refresh, where none is scheduled.
    fn calls_for_refresh(&mut self, event: &Event) {
        if let Event::InUse(in_use) = event {
            self.in_use = *in_use;
        }
        let requested = matches!(
            event,
            Event::Refresh
                | Event::Retry
                | Event::ContinueWithoutKeychain
                | Event::AccessTokenRequested { .. }
        );
        let returns = matches!(event, Event::UserReturned) && self.visits;
        let by_itself = self.settings.is_some_and(|settings| !settings.while_in_use());
        // A refresh whose response was lost was requested when it began, and is repeated.
        let is_repeated = || {
            let is_lost = self.account().is_some_and(|one| self.of_account[one.0].response_lost);
            let mut situations = self.machine.situations();
            is_lost && situations.next().is_some_and(|one| one.session == "SignedIn.Delayed")
        };
        if (requested
            || returns
            || by_itself
            || self.in_use
            || !self.callers.is_empty()
            || is_repeated())
            && let Some(account) = self.account()
        {
            let of = self.of(account);
            of.called_for = true;
            of.called_again |= returns;
        }
    }

    /// A response was lost in an earlier process, which causes a refresh.
    pub fn reads_lost_response(&mut self, account: Account) {
        let of = self.of(account);
        of.called_for = true;
        of.response_lost = true;
    }

    /// New tokens of this account were received. The process rejects them if their key is not verifiable.
    pub fn refreshed(&mut self, account: Account, is_verifiable: bool) {
        let of = self.of(account);
        if is_verifiable {
            of.useless_responses = 0;
        }
        of.called_for = std::mem::take(&mut of.called_again);
    }

    /// Whether the session is not refreshed until the application is in use.
    pub fn is_idle(&self) -> bool {
        !self.in_use && self.settings.is_some_and(Settings::while_in_use)
    }

    pub fn account(&self) -> Option<Account> {
        self.settings.map(|settings| settings.account)
    }

    /// The session and token of the current account.
    pub fn held(&self) -> Option<HeldSession> {
        self.held.get(&self.account()?).copied()
    }

    pub fn of(&mut self, account: Account) -> &mut OfAccount {
        &mut self.of_account[account.0]
    }
}

impl Device {
    /// Whether the current session is not stored because there is no keyring.
    pub fn wants_a_keyring(&self) -> bool {
        self.is_not_saved()
            && self.process.as_ref().is_some_and(|process| {
                process.account().is_some_and(|account| process.of_account[account.0].no_keyring)
            })
    }

    /// Whether the keychain has refused the current session.
    pub fn is_not_saved(&self) -> bool {
        self.process.as_ref().is_some_and(|process| {
            let of = process.account().map(|account| &process.of_account[account.0]);
            let is_reported = match &process.view {
                SessionView::SignedIn { stored: Stored::No, .. } => true,
                // Another write is under way, and may wait for a prompt.
                SessionView::SignedIn {
                    stored: Stored::Saving, problem: Some(problem), ..
                } => {
                    matches!(problem.code, ProblemCode::NotSaved | ProblemCode::KeychainNotSetUp)
                }
                _ => false,
            };
            is_reported && of.is_some_and(|of| of.unsaved)
        })
    }

    /// The time by this computer's clocks, both in milliseconds.
    pub fn now(&self, monotonic: u64, true_time: u64) -> Now {
        Now {
            monotonic: Monotonic(std::time::Duration::from_millis(monotonic)),
            wall: Wall(crate::world::wall(true_time) + self.skew),
        }
    }
}

/// The refresh token of a stored session.
pub fn stored_token(bytes: &[u8]) -> Option<RefreshToken> {
    let record = SessionRecord::decode(bytes).ok()?;
    RefreshToken::parse(record.refresh_token?.expose())
}
